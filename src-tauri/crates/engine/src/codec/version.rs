//! SDK versions, as `ready` tells them apart.

use std::fmt;

/// A protocol version that we speak. Ordered by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SdkVersion {
    /// 0.2 to 0.8, by the bridge: as the newest, with numbers of executions and keys made by the SDK.
    Bridged,
    /// `resolve_reference` without a `suspend` flag.
    V0_9,
    /// `resolve_reference` with it; metrics; timeouts.
    V0_10,
    /// `select`; inputs.
    V0_11,
    /// Checkpoints, flush, streams; asset paths as a map.
    V0_12,
}

/// A protocol version that we do not speak.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the project's Coflux SDK speaks protocol {0:?}; known are 0.9, 0.10, 0.11 and 0.12. Install one of these in the project's Python environment"
)]
pub struct UnknownVersion(pub String);

impl SdkVersion {
    /// The version that `ready` names. An SDK that is not installed as a distribution says `dev`;
    /// it is taken for the newest.
    ///
    /// # Errors
    /// If we do not speak it.
    pub fn from_ready(version: &str) -> Result<Self, UnknownVersion> {
        match version {
            "bridge" => Ok(Self::Bridged),
            "0.9" => Ok(Self::V0_9),
            "0.10" => Ok(Self::V0_10),
            "0.11" => Ok(Self::V0_11),
            "0.12" | "dev" => Ok(Self::V0_12),
            _ => Err(UnknownVersion(version.chars().take(40).collect())),
        }
    }
}

impl fmt::Display for SdkVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bridged => "0.2 to 0.8, by the bridge",
            Self::V0_9 => "0.9",
            Self::V0_10 => "0.10",
            Self::V0_11 => "0.11",
            Self::V0_12 => "0.12",
        })
    }
}
