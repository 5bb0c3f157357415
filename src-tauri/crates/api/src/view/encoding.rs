use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How values are written in an environment. Both settings change memo keys: they should be as the
/// workers of production had them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EncodingView {
    /// The environment.
    pub environment: String,
    /// The longest JSON, in bytes, that stays in the value itself; anything longer becomes a blob.
    pub blob_threshold: u32,
    /// Whether numbers pass through a float64, as in Coflux's own worker.
    pub number_round_trip: bool,
    /// The threshold, if it is set for this environment; else it is as in its base.
    pub own_blob_threshold: Option<u32>,
    /// What is set of numbers for this environment; else they are as in its base.
    pub own_number_round_trip: Option<bool>,
}
