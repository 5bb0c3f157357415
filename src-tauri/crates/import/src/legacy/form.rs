//! A run as servers of 0.2 to 0.8 have it: read from their run topic, or filled from their database.
//!
//! Source of the form: the server's `topics/run.ex` and `topic_utils.ex` at the tags 0.2.3 to 0.8.1, and
//! exports recorded with 0.3.0. One form for all: what only some versions have is optional.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use hindcast_model::record::TargetKind;
use hindcast_model::{
    Attempt, BlobKey, CacheConfig, Failure, Json, Key, Retries, RunId, Timestamp,
};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Unexpected, Visitor};
use serde_json::{Map, Number, Value as Any};

/// A run, and where it was read.
#[derive(Debug)]
pub(crate) struct OldRun {
    /// The file (and entry), for messages.
    pub(crate) source: String,
    /// What it was read from.
    pub(crate) form: Form,
    /// Its id; an export does not hold it.
    pub(crate) id: Option<RunId>,
    pub(crate) created_at: Timestamp,
    /// Whether its steps run again and again; until 0.5.
    pub(crate) recurrent: Option<bool>,
    pub(crate) parent: Option<OldRef>,
    pub(crate) steps: BTreeMap<String, OldStep>,
    /// The name of its environment, where only the database's path tells (0.2).
    pub(crate) environment: Option<String>,
}

/// What a run was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) kind: FormKind,
    pub(crate) era: Era,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormKind {
    Topic,
    Database,
}

/// The versions that have one form. They are told by the fields or columns that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Era {
    /// One database and one topic an environment; values with placeholders; keys made by the SDK.
    V2,
    /// Environments with a base.
    V3,
    /// Tags, suspension; keys made by the server.
    V4,
    /// Values with references; logs among the runs.
    V5,
    /// Keys in the topic; workflows that are called become runs.
    V6,
    /// Modules, workspaces, groups.
    V7,
    /// Spaces; assets of several files.
    V8,
}

/// A step.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OldStep {
    #[serde(alias = "repository")]
    pub(crate) module: String,
    pub(crate) target: String,
    pub(crate) parent_id: Option<OldId>,
    /// Until 0.5.
    pub(crate) is_memoised: Option<bool>,
    /// From 0.6.
    pub(crate) cache_config: Option<CacheConfig>,
    pub(crate) cache_key: Option<Key>,
    pub(crate) memo_key: Option<Key>,
    pub(crate) created_at: Timestamp,
    pub(crate) arguments: Vec<OldValue>,
    /// From 0.4.
    pub(crate) requires: Option<Any>,
    #[serde(deserialize_with = "each_once")]
    pub(crate) executions: BTreeMap<Attempt, OldExecution>,
    /// Of databases only.
    #[serde(skip)]
    pub(crate) retries: Option<Retries>,
    /// Of databases only.
    #[serde(skip)]
    pub(crate) declared: Option<OldDeclared>,
}

/// What a database holds of a step besides.
#[derive(Debug)]
pub(crate) struct OldDeclared {
    pub(crate) kind: TargetKind,
    pub(crate) defer_key: Option<Key>,
    /// Arguments whose executions must have ended before it starts: a bit each.
    pub(crate) wait_for: u64,
}

/// An attempt at a step.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OldExecution {
    pub(crate) execution_id: OldId,
    /// From 0.3.
    pub(crate) environment_id: Option<OldId>,
    /// From 0.7, instead.
    pub(crate) workspace_id: Option<OldId>,
    /// From 0.8, instead.
    pub(crate) space_id: Option<OldId>,
    pub(crate) created_at: Timestamp,
    pub(crate) execute_after: Option<Number>,
    pub(crate) assigned_at: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
    #[serde(default)]
    pub(crate) groups: BTreeMap<u32, Option<String>>,
    #[serde(default, deserialize_with = "each_once")]
    pub(crate) assets: BTreeMap<String, OldAsset>,
    #[serde(default, deserialize_with = "each_once")]
    pub(crate) dependencies: BTreeMap<OldId, OldDependency>,
    /// From 0.6, of databases only: assets consumed.
    #[serde(skip)]
    pub(crate) consumed: BTreeMap<String, OldAsset>,
    #[serde(default)]
    pub(crate) children: Vec<OldChild>,
    pub(crate) result: Option<OldOutcome>,
    /// Until 0.4, of executions that were made while the topic was open: always null.
    #[serde(default, deserialize_with = "there")]
    pub(crate) reference: bool,
    /// From 0.5: how many log lines there are; they stand elsewhere.
    #[serde(default, deserialize_with = "there")]
    pub(crate) log_count: bool,
    /// Arguments of its newest checkpoint; of databases only.
    #[serde(skip)]
    pub(crate) checkpoint: Option<Vec<OldValue>>,
}

impl OldExecution {
    /// Where it happened.
    pub(crate) fn environment(&self) -> Option<&OldId> {
        self.environment_id.as_ref().or(self.workspace_id.as_ref()).or(self.space_id.as_ref())
    }
}

/// A pointer to an execution.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OldRef {
    pub(crate) run_id: RunId,
    pub(crate) step_id: String,
    pub(crate) attempt: Attempt,
    #[serde(alias = "repository")]
    pub(crate) module: Option<String>,
    pub(crate) target: Option<String>,
}

/// What an execution consumed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OldDependency {
    /// From 0.6.
    execution: Option<OldRef>,
    run_id: Option<RunId>,
    step_id: Option<String>,
    attempt: Option<Attempt>,
    #[serde(alias = "repository")]
    module: Option<String>,
    target: Option<String>,
    /// Until 0.5: those consumed that the execution made.
    #[serde(default, deserialize_with = "each_once")]
    pub(crate) assets: BTreeMap<String, OldAsset>,
}

impl OldDependency {
    pub(crate) fn on(execution: OldRef) -> Self {
        Self {
            execution: Some(execution),
            run_id: None,
            step_id: None,
            attempt: None,
            module: None,
            target: None,
            assets: BTreeMap::new(),
        }
    }

    /// The execution whose result was taken.
    pub(crate) fn execution(&self) -> Option<OldRef> {
        self.execution.clone().or_else(|| {
            Some(OldRef {
                run_id: self.run_id.clone()?,
                step_id: self.step_id.clone()?,
                attempt: self.attempt?,
                module: self.module.clone(),
                target: self.target.clone(),
            })
        })
    }
}

/// A call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "a child that is neither a step's id nor an attempt nor another run")]
pub(crate) enum OldChild {
    /// Until 0.5, of the same run: the step, whichever its attempt.
    Step(String),
    /// Until 0.5: the root step of a run that the call became.
    #[serde(rename_all = "camelCase")]
    Run {
        run_id: RunId,
        step_id: String,
        /// The execution; in cold exports the step's row instead, by a mistake of the server.
        execution_id: Option<OldId>,
        #[serde(alias = "repository")]
        module: String,
        target: String,
        created_at: Timestamp,
    },
    /// From 0.6.
    #[serde(rename_all = "camelCase")]
    Execution {
        step_id: String,
        attempt: Attempt,
        #[serde(default)]
        group_id: Option<u32>,
    },
    /// Of databases until 0.5: the step, and when the attempt that the call got was made.
    #[serde(skip)]
    Called { step_id: String, made_at: Timestamp },
}

/// A file or folder that was persisted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OldAsset {
    /// Until 0.7: 0 a file, 1 a zipped folder.
    #[serde(rename = "type")]
    pub(crate) kind: Option<i64>,
    pub(crate) path: Option<String>,
    pub(crate) blob_key: Option<BlobKey>,
    pub(crate) size: Option<u64>,
    #[serde(default)]
    pub(crate) metadata: Map<String, Any>,
    /// From 0.8.
    pub(crate) name: Option<String>,
    pub(crate) total_count: Option<u64>,
    pub(crate) total_size: Option<Number>,
    pub(crate) entry: Option<hindcast_model::AssetEntry>,
    /// Of databases of 0.8 only: all of its files.
    #[serde(skip)]
    pub(crate) entries: Vec<hindcast_model::AssetEntry>,
}

/// A value. Until 0.4 a content, which stands for handles by placeholders; from 0.5 data as today's,
/// with references.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OldValue {
    /// `raw` or `blob`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) content: Option<String>,
    pub(crate) format: Option<String>,
    #[serde(default, deserialize_with = "each_once_or_null")]
    pub(crate) placeholders: Option<BTreeMap<u32, OldReference>>,
    pub(crate) metadata: Option<Map<String, Any>>,
    pub(crate) key: Option<BlobKey>,
    pub(crate) size: Option<u64>,
    pub(crate) data: Option<Json>,
    pub(crate) references: Option<Vec<OldReference>>,
}

/// What a value refers to.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub(crate) enum OldReference {
    Execution {
        execution_id: OldId,
        execution: OldRef,
    },
    Asset {
        asset_id: OldId,
        asset: OldAsset,
    },
    Fragment {
        #[serde(alias = "serialiser")]
        format: String,
        blob_key: BlobKey,
        size: u64,
        #[serde(default)]
        metadata: Map<String, Any>,
    },
}

/// How an execution ended.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OldOutcome {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) value: Option<OldValue>,
    pub(crate) error: Option<Failure>,
    /// Until 0.5, the execution that goes on.
    #[serde(alias = "successorId")]
    pub(crate) retry_id: Option<OldId>,
    /// From 0.6, the attempt that goes on.
    #[serde(alias = "successor")]
    pub(crate) retry: Option<Attempt>,
    /// Until 0.5, with `execution`.
    pub(crate) execution_id: Option<OldId>,
    pub(crate) execution: Option<OldRef>,
    /// From 0.6: how `execution` ended.
    pub(crate) result: Option<Box<OldOutcome>>,
}

/// A server's id: an integer, or the same as text. Assets of 0.8 have a word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum OldId {
    Integer(u64),
    Word(String),
}

impl OldId {
    pub(crate) fn integer(&self) -> Option<u64> {
        match self {
            Self::Integer(id) => Some(*id),
            Self::Word(_) => None,
        }
    }
}

impl fmt::Display for OldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(id) => write!(f, "{id}"),
            Self::Word(id) => f.write_str(id),
        }
    }
}

impl From<&str> for OldId {
    fn from(text: &str) -> Self {
        let integer = text.parse().ok().filter(|id: &u64| id.to_string() == text);
        integer.map_or_else(|| Self::Word(text.to_owned()), Self::Integer)
    }
}

impl<'de> Deserialize<'de> for OldId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Id;
        impl Visitor<'_> for Id {
            type Value = OldId;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id: an integer, or a text of letters and digits")
            }
            fn visit_u64<E: Error>(self, id: u64) -> Result<OldId, E> {
                Ok(OldId::Integer(id))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<OldId, E> {
                if is_word(text) {
                    Ok(text.into())
                } else {
                    Err(E::invalid_value(Unexpected::Str(text), &self))
                }
            }
        }
        deserializer.deserialize_any(Id)
    }
}

/// Whether a text may be an id of an old server.
pub(crate) fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether the field is there, whatever it holds.
fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// A map in which no key comes twice.
fn each_once<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord + fmt::Debug + Clone,
    V: Deserialize<'de>,
{
    struct Once<K, V>(PhantomData<(K, V)>);
    impl<'de, K, V> Visitor<'de> for Once<K, V>
    where
        K: Deserialize<'de> + Ord + fmt::Debug + Clone,
        V: Deserialize<'de>,
    {
        type Value = BTreeMap<K, V>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut all = BTreeMap::new();
            while let Some(key) = map.next_key::<K>()? {
                let value = map.next_value()?;
                if all.insert(key.clone(), value).is_some() {
                    return Err(A::Error::custom(format!("{key:?} is there twice")));
                }
            }
            Ok(all)
        }
    }
    deserializer.deserialize_map(Once(PhantomData))
}

fn each_once_or_null<'de, D, K, V>(deserializer: D) -> Result<Option<BTreeMap<K, V>>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord + fmt::Debug + Clone,
    V: Deserialize<'de>,
{
    each_once(deserializer).map(Some)
}
