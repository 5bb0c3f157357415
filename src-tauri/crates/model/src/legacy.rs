//! What only servers and SDKs of 0.2 to 0.8 know, in today's model.
//!
//! Their runs are kept in today's form. What that form has no field for stands in the field `legacy`
//! of a run, a step and an execution, and goes out again with them:
//!
//! | of | field | is |
//! | --- | --- | --- |
//! | run | `form`, `findings`, `parent` | what it was read from, what that did not hold, and its caller where that could not be found |
//! | step | `stepId` | the server's own text id |
//! | step | `isMemoised` | true where it is memoised and the export does not hold the key |
//! | step | `keyOverAll` | 0.2 and 0.3, besides `isMemoised`: the key that it has if it is declared `memo=True` |
//! | execution | `executionId` | the server's integer id, which old keys over handles contain |
//!
//! # Numbers
//!
//! Old servers number executions through a whole project and steps not at all. Here a step has the
//! number that its first execution has when those of its run's root are counted from 1: the root is 1,
//! the order is the order in which steps were made, and every export of a run gives the same numbers,
//! whichever environments it shows.
//!
//! # Checkpoints
//!
//! `checkpoint(*arguments)` of old SDKs replaces the arguments of the step's next attempt, whichever its
//! environment. Such a checkpoint is kept as today's are, under the positions `"0"`, `"1"`, …
//!
//! # Memo keys
//!
//! | SDK, server | made by | in [`crate::Step::memo_key`] |
//! | --- | --- | --- |
//! | 0.2, 0.3 | the SDK, maybe by a function of its user | whole from a database, else unknown ([`crate::Step::key_over_all`]) |
//! | 0.4, 0.5 | the server | whole from a database, else unknown |
//! | 0.6 to 0.8 | the server | whole from a database, else the first ten digits |
//!
//! They are the recorded keys, verbatim. Those over handles contain integer ids: see
//! [`crate::Execution::old_id`].

mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Any};
use sha2::{Digest, Sha256};

use crate::data::{Data, read_plain};
use crate::tree::Tree;
use crate::{
    AssetId, BlobKey, Blobs, Execution, ExecutionId, Extra, Json, Key, Reference, RunId, Step,
    StepNumber, Target, Value, WorkspaceId,
};

/// The field that holds it, of a run, a step or an execution.
pub const FIELD: &str = "legacy";

/// The format of a fragment that is the whole of a value as 0.2 to 0.4 wrote it into a blob: plain
/// JSON, in which `"{N}"` stands for a handle. Its metadata has `placeholders`: from `N` to the
/// handle's index among the value's references.
pub const OLD_JSON: &str = "legacy-json";

/// What only old servers know of a step; see the [module](self).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OldStep {
    /// The server's own id of it, a text.
    pub step_id: String,
    /// Whether it is memoised by a key that is not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_memoised: bool,
    /// The key it has if it is declared `memo=True`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_over_all: Option<Key>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OldExecution {
    execution_id: u64,
}

impl Step {
    /// What only an old server knows of it; none if it is of 0.9 or later.
    pub fn old(&self) -> Option<OldStep> {
        serde_json::from_value(self.extra.get(FIELD)?.clone()).ok()
    }

    /// The key it has if it is declared `memo=True`: known of memoised steps in exports of 0.2 and 0.3,
    /// which do not hold the key itself. Where a call's key is another, it may still be this step's: by
    /// a function of its user.
    pub fn key_over_all(&self) -> Option<Key> {
        self.old()?.key_over_all
    }

    /// Keeps what only an old server knows of it.
    pub fn set_old(&mut self, old: &OldStep) {
        if let Ok(old) = serde_json::to_value(old) {
            self.extra.insert(FIELD.to_owned(), old);
        }
    }

    /// Whether it is memoised by a key that its export does not hold.
    pub(crate) fn has_unknown_key(&self) -> bool {
        let old = self.extra.get(FIELD);
        old.and_then(|old| old.get("isMemoised")).is_some_and(|said| *said == Any::Bool(true))
    }
}

impl Execution {
    /// The integer by which its server, and SDKs of 0.2 to 0.8, know it; none if it is of 0.9 or later.
    pub fn old_id(&self) -> Option<u64> {
        let old: OldExecution = serde_json::from_value(self.extra.get(FIELD)?.clone()).ok()?;
        Some(old.execution_id)
    }

    /// Keeps the integer by which its server knows it.
    pub fn set_old_id(&mut self, execution_id: u64) {
        if let Ok(old) = serde_json::to_value(OldExecution { execution_id }) {
            self.extra.insert(FIELD.to_owned(), old);
        }
    }
}

impl AssetId {
    /// Today's id of an asset that an old server knows by an integer. It holds the integer, and part of
    /// the hash of what the asset is, since every old project counts from 1.
    pub fn of_old(id: u64, kind: i64, path: &str, blob: &BlobKey) -> Self {
        let hash = BlobKey(Sha256::digest(format!("{kind}\0{path}\0{blob}")).into()).to_string();
        Self::made(&format!("A{id}x{}", &hash[..12]))
    }

    /// The integer by which SDKs of 0.2 to 0.7 know it, where [`Self::of_old`] made it.
    pub fn old_id(&self) -> Option<u64> {
        let (id, hash) = self.as_str().strip_prefix('A')?.split_once('x')?;
        if hash.len() == 12 { id.parse().ok() } else { None }
    }
}

impl WorkspaceId {
    /// The workspace of a run whose export does not say where it ran (0.2). Each such run has one of its
    /// own; what environment that stands for is up to whoever imports it.
    pub fn of_old_run(run: &RunId) -> Self {
        Self::made(&format!("W0{:.60}", run.as_str()))
    }
}

/// From here on, numbers stand for steps of other runs that are known by their text id only.
const FIRST_UNKNOWN: StepNumber = 1 << 31;

/// The number that stands for a step of a run that is not here, known by its text id only.
pub fn number_of_unknown(run: &str, step: &str) -> StepNumber {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(format!("{run}\0{step}")).into();
    FIRST_UNKNOWN | StepNumber::from_be_bytes([a, b, c, d])
}

/// Whether an execution's step was known by its text id only when it was read.
pub fn is_unknown(execution: &ExecutionId) -> bool {
    execution.step.number >= FIRST_UNKNOWN
}

/// A value as SDKs of 0.2 to 0.4 encode it.
#[derive(Debug, Clone, PartialEq)]
pub struct OldValue {
    /// What is encoded.
    pub content: OldContent,
    /// `json` or `pickle`.
    pub format: String,
    /// What `"{N}"` stands for in it, by `N`.
    pub placeholders: BTreeMap<u32, Reference>,
}

/// Where an old value's encoding is.
#[derive(Debug, Clone, PartialEq)]
pub enum OldContent {
    /// Here.
    Raw(String),
    /// In a blob.
    Blob {
        /// Which.
        key: BlobKey,
        /// Its size in bytes.
        size: u64,
    },
}

/// An old value in today's form.
#[derive(Debug, Clone, PartialEq)]
pub struct Translated {
    /// The value.
    pub value: Value,
    /// A blob that it needs and that its server does not have: what today's form cannot hold itself.
    pub blob: Option<(BlobKey, Vec<u8>)>,
}

/// An old value that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a value that is not JSON: {0}")]
pub struct NotOldJson(String);

impl OldValue {
    /// The value in today's form.
    ///
    /// A blob stays the blob it is, as a fragment: of [`OLD_JSON`], or of its own format.
    ///
    /// # Errors
    /// If it says that it is JSON and is not.
    pub fn translate(self) -> Result<Translated, NotOldJson> {
        let Self { content, format, placeholders } = self;
        let indexes: BTreeMap<u32, usize> =
            placeholders.keys().enumerate().map(|(index, number)| (*number, index)).collect();
        let mut references: Vec<Reference> = placeholders.into_values().collect();
        let (content, blob) = match content {
            OldContent::Raw(text) if format == "json" => {
                let text = text::translated(&text, &indexes).map_err(NotOldJson)?;
                return Ok(in_place(text, references));
            }
            // No SDK writes such; kept as it is.
            OldContent::Raw(text) => {
                let key = BlobKey::of(text.as_bytes());
                let size = text.len() as u64;
                ((key, size), Some((key, text.into_bytes())))
            }
            OldContent::Blob { key, size } => ((key, size), None),
        };
        let mut metadata = Map::new();
        if !indexes.is_empty() {
            let places =
                indexes.iter().map(|(number, index)| (number.to_string(), Any::from(*index)));
            metadata.insert("placeholders".to_owned(), Any::Object(places.collect()));
        }
        let data = Json::parse(format!(r#"{{"type":"ref","index":{}}}"#, references.len()));
        let data = data.map_err(|error| NotOldJson(error.to_string()))?;
        let format = if format == "json" { OLD_JSON.to_owned() } else { format };
        let (blob_key, size) = content;
        references.push(Reference::Fragment {
            format,
            blob_key,
            size,
            metadata,
            extra: Extra::NONE,
        });
        Ok(Translated { value: Value::raw(data, references), blob })
    }
}

/// The blob that a value of before 0.5 is the whole of, with its size in bytes.
pub fn old_blob(value: &Value) -> Option<(BlobKey, u64)> {
    match value.references().last()? {
        Reference::Fragment { format, blob_key, size, .. } if format == OLD_JSON => {
            Some((*blob_key, *size))
        }
        _ => None,
    }
}

/// A value that is such a blob, with what is in it in its place: for SDKs of 0.9 and later, which do not
/// know the old encoding.
///
/// # Errors
/// If the blob is not the JSON that it should be.
pub fn without_old_blob(value: &Value, bytes: &[u8]) -> Result<Translated, NotOldJson> {
    let mut references = value.references().to_vec();
    let placeholders = match references.pop() {
        Some(Reference::Fragment { metadata, .. }) => metadata.get("placeholders").cloned(),
        _ => None,
    };
    let places = placeholders.as_ref().and_then(Any::as_object).into_iter().flatten();
    let index =
        |index: &Any| usize::try_from(index.as_u64()?).ok().filter(|at| *at < references.len());
    let indexes = places.filter_map(|(number, at)| Some((number.parse().ok()?, index(at)?)));
    let indexes: BTreeMap<u32, usize> = indexes.collect();
    let text = std::str::from_utf8(bytes).map_err(|error| NotOldJson(error.to_string()))?;
    let text = text::translated(text, &indexes).map_err(NotOldJson)?;
    Ok(in_place(text, references))
}

/// The value of this text. Python's `NaN` and infinities are no JSON: such stands in a blob.
fn in_place(text: String, references: Vec<Reference>) -> Translated {
    if let Ok(data) = Json::parse(text.clone()) {
        return Translated { value: Value::raw(data, references), blob: None };
    }
    let key = BlobKey::of(text.as_bytes());
    let value = Value::blob(key, text.len() as u64, references);
    Translated { value, blob: Some((key, text.into_bytes())) }
}

/// The key of a step that is declared `memo=True`, as SDKs 0.2 and 0.3 make it.
///
/// ```text
/// hex(SHA256( "<repository>:<target>" 00 VALUE ( 00 VALUE )* ))
/// VALUE  raw:FORMAT:PLACEHOLDERS:<the content as Python prints bytes>
///        blob:FORMAT:PLACEHOLDERS:<blob key>
/// PLACEHOLDERS  N=<execution>|<asset>, joined by ; with None for the one that is not there
/// ```
pub fn key_over_all(target: &Target, arguments: &[OldArgument<'_>]) -> Key {
    let mut hash = Sha256::new_with_prefix(target.to_string());
    for argument in arguments {
        hash.update([0]);
        hash.update(argument.text());
    }
    if arguments.is_empty() {
        hash.update([0]);
    }
    Key::whole(&hash.finalize().into())
}

/// An argument as an old key sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct OldArgument<'a> {
    /// What is encoded.
    pub content: &'a OldContent,
    /// `json` or `pickle`.
    pub format: &'a str,
    /// The integers of what the placeholders stand for.
    pub placeholders: BTreeMap<u32, OldHandle>,
}

/// What a placeholder stands for, by the server's integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldHandle {
    /// An execution.
    Execution(u64),
    /// An asset.
    Asset(u64),
}

impl OldArgument<'_> {
    fn text(&self) -> String {
        let places: Vec<String> = self
            .placeholders
            .iter()
            .map(|(number, handle)| match handle {
                OldHandle::Execution(id) => format!("{number}={id}|None"),
                OldHandle::Asset(id) => format!("{number}=None|{id}"),
            })
            .collect();
        let places = places.join(";");
        match self.content {
            OldContent::Raw(text) => {
                format!("raw:{}:{places}:{}", self.format, text::as_bytes_in_python(text))
            }
            OldContent::Blob { key, .. } => format!("blob:{}:{places}:{key}", self.format),
        }
    }
}

/// The content of an [`OLD_JSON`] fragment as Python sees it: handles in the place of placeholders.
pub(crate) fn decode(
    (key, size): (&BlobKey, u64),
    metadata: &Map<String, Any>,
    references: &[Data],
    blobs: &dyn Blobs,
) -> Data {
    let places = metadata.get("placeholders").and_then(Any::as_object);
    let handle = |text: &str| {
        let number = text.strip_prefix('{')?.strip_suffix('}')?;
        let index = usize::try_from(places?.get(number)?.as_u64()?).ok()?;
        references.get(index).cloned()
    };
    read_plain(key, size, blobs, &|tree: &Tree| match tree {
        Tree::String(text) => handle(text),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use super::*;

    fn execution(number: u32) -> Reference {
        let execution_id = format!("R1:{number}:1").parse().unwrap();
        Reference::Execution { execution_id, module: None, target: None, extra: Extra::NONE }
    }

    fn old(text: &str, placeholders: &[(u32, u32)]) -> Translated {
        let placeholders = placeholders.iter().map(|(n, step)| (*n, execution(*step))).collect();
        let content = OldContent::Raw(text.to_owned());
        OldValue { content, format: "json".to_owned(), placeholders }.translate().unwrap()
    }

    #[test]
    fn plain_json_becomes_todays_wrappers() {
        type Row = (&'static str, &'static [(u32, u32)], &'static str);
        let table: [Row; 6] = [
            ("1.0", &[], "1.0"),
            (r#""a \"b\" {0}""#, &[], r#""a \"b\" {0}""#),
            (
                r#"{"a":[1,{"b":null}],"{1}":"{1}"}"#,
                &[(1, 7)],
                r#"{"type":"dict","items":["a",[1,{"type":"dict","items":["b",null]}],"{1}",{"type":"ref","index":0}]}"#,
            ),
            ("{}", &[], r#"{"type":"dict","items":[]}"#),
            (r#"["{0}","{2}","{0}"]"#, &[(2, 7)], r#"["{0}",{"type":"ref","index":0},"{0}"]"#),
            (" [ 1 ,2 ] ", &[], "[1,2]"),
        ];
        for (text, placeholders, expected) in table {
            let Value::Raw { data, .. } = old(text, placeholders).value else { panic!("{text}") };
            assert_eq!(data.text(), expected, "{text}");
        }
        for text in ["", "{", "[1,]", "{\"a\"}", "nul", "[1] 2"] {
            let content = OldContent::Raw(text.to_owned());
            let value = OldValue { content, format: "json".into(), placeholders: BTreeMap::new() };
            assert!(value.translate().is_err(), "{text:?} was read");
        }
    }

    #[test]
    fn what_json_cannot_say_stands_in_a_blob() {
        let translated = old(r#"{"x":NaN}"#, &[]);
        let (key, bytes) = translated.blob.unwrap();
        let blobs = HashMap::from([(key, Arc::<[u8]>::from(bytes))]);
        let Data::Dict(pairs) = translated.value.decode(&blobs) else { panic!("no dict") };
        assert!(matches!(pairs[0].1, Data::Float(x) if x.is_nan()));
    }

    #[test]
    fn an_old_blob_is_decoded_with_its_handles() {
        let bytes = br#"{"type":"x","list":["{1}","{0}"]}"#;
        let key = BlobKey::of(bytes);
        let content = OldContent::Blob { key, size: bytes.len() as u64 };
        let placeholders = BTreeMap::from([(1, execution(7))]);
        let value = OldValue { content, format: "json".into(), placeholders };
        let value = value.translate().unwrap().value;
        assert_eq!(value.blobs().map(|(key, _)| key).collect::<Vec<_>>(), [key]);
        let blobs = HashMap::from([(key, Arc::<[u8]>::from(&bytes[..]))]);
        let handle = Data::Execution { id: "R1:7:1".parse().unwrap(), target: None };
        let text = |text: &str| Data::Str(text.to_owned());
        let expected = Data::Dict(vec![
            (text("type"), text("x")),
            (text("list"), Data::List(vec![handle, text("{0}")])),
        ]);
        assert_eq!(value.decode(&blobs), expected);
        let nothing = HashMap::<BlobKey, Arc<[u8]>>::new();
        assert!(matches!(value.decode(&nothing), Data::Missing { .. }));
        // And an SDK of today is given the same.
        assert_eq!(old_blob(&value), Some((key, bytes.len() as u64)));
        let today = without_old_blob(&value, bytes).unwrap().value;
        assert_eq!((today.decode(&nothing), old_blob(&today)), (expected, None));
    }

    #[test]
    fn ids_of_assets_hold_the_old_ones() {
        let id = AssetId::of_old(12, 0, "report.txt", &BlobKey::of(b"x"));
        assert_eq!(id.old_id(), Some(12));
        assert_eq!(id.as_str().parse::<AssetId>().unwrap(), id);
        assert_eq!("AbCd".parse::<AssetId>().unwrap().old_id(), None);
    }
}
