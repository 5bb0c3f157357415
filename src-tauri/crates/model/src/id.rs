//! Identifiers. Each is a type of its own, so that none can be taken for another.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is not the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {what}")]
pub struct IdError {
    /// What was expected, with its form.
    pub what: &'static str,
    /// What was found, cut to a printable length.
    pub text: String,
}

impl IdError {
    fn new(what: &'static str, text: &str) -> Self {
        Self { what, text: text.chars().take(80).collect() }
    }
}

/// The longest id we accept; the server's are 4 to 13 characters.
const LONGEST: usize = 64;

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

macro_rules! serde_as_text {
    ($name:ty) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(<$name>::FORM)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }
    };
}

macro_rules! word_id {
    ($(#[$doc:meta])* $name:ident, $form:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            const FORM: &'static str = $form;

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                if is_word(text) { Ok(Self(text.into())) } else { Err(IdError::new($form, text)) }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        serde_as_text!($name);
    };
}

word_id!(
    /// One invocation of a workflow: `RbCd`.
    RunId,
    "a run id (like RbCd)"
);
word_id!(
    /// The server's id of an environment: `WbCd`.
    WorkspaceId,
    "a workspace id (like WbCd)"
);
word_id!(
    /// A persisted asset: `AbCd`.
    AssetId,
    "an asset id (like AbCd)"
);

impl AssetId {
    /// An id that is known to be a word.
    pub(crate) fn made(text: &str) -> Self {
        Self(text.into())
    }
}

impl WorkspaceId {
    /// An id that is known to be a word.
    pub(crate) fn made(text: &str) -> Self {
        Self(text.into())
    }
}

/// A step's number in its run, from 1.
pub type StepNumber = u32;
/// An execution's number in its step, from 1, shared by all environments.
pub type Attempt = u32;

/// A step: `RUN:NUMBER`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId {
    /// The run it belongs to.
    pub run: RunId,
    /// Its number there.
    pub number: StepNumber,
}

impl StepId {
    const FORM: &'static str = "a step id (like RbCd:3)";

    /// The step `number` of `run`.
    pub fn new(run: RunId, number: StepNumber) -> Self {
        Self { run, number }
    }

    /// The id of its attempt `attempt`.
    pub fn attempt(&self, attempt: Attempt) -> ExecutionId {
        ExecutionId { step: self.clone(), attempt }
    }
}

/// Numbers as the server writes them: decimal, no sign, no leading zero.
fn positive(text: &str) -> Option<u32> {
    let plain = !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl FromStr for StepId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let parts = text.split_once(':').and_then(|(run, number)| {
            Some(Self { run: run.parse().ok()?, number: positive(number)? })
        });
        parts.ok_or_else(|| IdError::new(Self::FORM, text))
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.run, self.number)
    }
}

serde_as_text!(StepId);

/// An execution: `RUN:NUMBER:ATTEMPT`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExecutionId {
    /// The step it is an attempt at.
    pub step: StepId,
    /// Which attempt.
    pub attempt: Attempt,
}

impl ExecutionId {
    const FORM: &'static str = "an execution id (like RbCd:3:1)";

    /// The run it belongs to.
    pub fn run(&self) -> &RunId {
        &self.step.run
    }
}

impl FromStr for ExecutionId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let parts = text.rsplit_once(':').and_then(|(step, attempt)| {
            Some(Self { step: step.parse().ok()?, attempt: positive(attempt)? })
        });
        parts.ok_or_else(|| IdError::new(Self::FORM, text))
    }
}

impl fmt::Display for ExecutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.step, self.attempt)
    }
}

serde_as_text!(ExecutionId);

/// An input asked for by a run: `RUN/iNUMBER`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputId {
    /// The run that asked.
    pub run: RunId,
    /// Its number there, from 1.
    pub number: u32,
}

impl InputId {
    const FORM: &'static str = "an input id (like RbCd/i1)";
}

impl FromStr for InputId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let parts = text.split_once("/i").and_then(|(run, number)| {
            Some(Self { run: run.parse().ok()?, number: positive(number)? })
        });
        parts.ok_or_else(|| IdError::new(Self::FORM, text))
    }
}

impl fmt::Display for InputId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/i{}", self.run, self.number)
    }
}

serde_as_text!(InputId);

/// A stream of a step (0.12): `RUN:STEP_INDEX`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// The step that produces it, whichever its attempt.
    pub step: StepId,
    /// Its index in the step, from 0.
    pub index: u32,
}

impl StreamId {
    const FORM: &'static str = "a stream id (like RbCd:3_0)";
}

impl FromStr for StreamId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let parts = text.rsplit_once('_').and_then(|(step, index)| {
            let index = if index == "0" { 0 } else { positive(index)? };
            Some(Self { step: step.parse().ok()?, index })
        });
        parts.ok_or_else(|| IdError::new(Self::FORM, text))
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.step, self.index)
    }
}

serde_as_text!(StreamId);

/// The name a person gives an environment: `production`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvironmentName(Arc<str>);

impl EnvironmentName {
    const FORM: &'static str =
        "an environment name (1 to 100 characters, no control characters, no space at either end)";

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EnvironmentName {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let fits = !text.is_empty()
            && text.chars().count() <= 100
            && text.trim() == text
            && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.into())) } else { Err(IdError::new(Self::FORM, text)) }
    }
}

impl fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(EnvironmentName);

/// The SHA-256 of a blob's bytes; as text 64 lowercase hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey(pub [u8; 32]);

impl BlobKey {
    const FORM: &'static str = "a blob key (64 lowercase hex digits)";

    /// The key of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest;
        Self(sha2::Sha256::digest(bytes).into())
    }
}

impl FromStr for BlobKey {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let digit = |b: u8| match b {
            b'0'..=b'9' => Some(b - b'0'),
            b'a'..=b'f' => Some(b - b'a' + 10),
            _ => None,
        };
        let parse = || {
            let bytes: &[u8; 64] = text.as_bytes().try_into().ok()?;
            let mut key = [0; 32];
            for (slot, pair) in key.iter_mut().zip(bytes.chunks_exact(2)) {
                *slot = digit(pair[0])? << 4 | digit(pair[1])?;
            }
            Some(Self(key))
        };
        parse().ok_or_else(|| IdError::new(Self::FORM, text))
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

serde_as_text!(BlobKey);

/// What a step calls: `module:function`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The Python module, dotted.
    pub module: Arc<str>,
    /// The function's name in it.
    pub name: Arc<str>,
}

impl Target {
    const FORM: &'static str = "a target (like module:function)";

    /// The function `name` of `module`.
    pub fn new(module: &str, name: &str) -> Self {
        Self { module: module.into(), name: name.into() }
    }
}

impl FromStr for Target {
    type Err = IdError;
    /// Also reads Coflux's own `module/function`.
    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.rsplit_once([':', '/']) {
            Some((module, name)) if !module.is_empty() && !name.is_empty() => {
                Ok(Self::new(module, name))
            }
            _ => Err(IdError::new(Self::FORM, text)),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.module, self.name)
    }
}

serde_as_text!(Target);

/// A moment: milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This moment, `ms` milliseconds later.
    #[must_use]
    pub fn after(self, ms: u64) -> Self {
        Self(self.0.saturating_add_unsigned(ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_as_written() {
        for text in ["R6Lf:36:2", "R1:1:10"] {
            assert_eq!(text.parse::<ExecutionId>().unwrap().to_string(), text);
        }
        for text in ["R6Lf:3_0", "R6Lf:3_12"] {
            assert_eq!(text.parse::<StreamId>().unwrap().to_string(), text);
        }
        assert!("R6Lf:3_01".parse::<StreamId>().is_err());
        assert_eq!("R6Lf/i12".parse::<InputId>().unwrap().number, 12);
        assert_eq!(
            "shop.workflows/price".parse::<Target>().unwrap().to_string(),
            "shop.workflows:price"
        );
        let key = BlobKey::of(b"hello");
        assert_eq!(key.to_string().parse::<BlobKey>().unwrap(), key);
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in
            ["", ":1:1", "R6Lf:0:1", "R6Lf:01:1", "R6Lf:1", "R6Lf:1:-1", "R 6:1:1", "../x:1:1"]
        {
            assert!(text.parse::<ExecutionId>().is_err(), "{text:?} was read");
        }
        assert!("AB".repeat(32).parse::<BlobKey>().is_err(), "uppercase is no blob key");
        assert!(" production".parse::<EnvironmentName>().is_err());
    }
}
