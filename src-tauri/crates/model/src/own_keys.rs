//! Keys that SDKs 0.2 and 0.3 make themselves, maybe by a function of their user.
//!
//! A server's database holds them; its run topic holds only that a step is memoised. There they are
//! made here, once, by the project's own code on the recorded arguments, and kept.

use serde::{Deserialize, Serialize};

use crate::{Key, Run, legacy};

/// The keys of a recorded call as the project's code makes them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnKeys {
    /// By which it is found in its run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memo: Option<Key>,
    /// By which it is found in the cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<Key>,
    /// Why one could not be made, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Run {
    /// Whether it comes from an export that holds no keys, though its steps had some: the topics of
    /// 0.2 to 0.5.
    pub fn lacks_keys(&self) -> bool {
        let findings = self.extra.get(legacy::FIELD).and_then(|old| old.get("findings"));
        let lacking = findings.and_then(serde_json::Value::as_array).into_iter().flatten();
        lacking.filter_map(|what| what.as_str()).any(|what| what.starts_with("memo and cache keys"))
    }
}
