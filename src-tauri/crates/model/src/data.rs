//! A value, decoded: what Python sees.

use std::sync::Arc;

use crate::depth::deep;
use crate::tree::Tree;
use crate::{
    Asset, AssetId, BlobKey, Blobs, ExecutionId, InputId, Json, Reference, Target, Value, legacy,
    number,
};

/// The largest blob that is decoded, in bytes. A tree of it takes some ten times as much memory.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// The largest `bytes` fragment that is read along with its value, in bytes: enough to be shown.
/// Whether two are the same is known from their keys.
const LARGEST_BYTES: u64 = 64 * 1024;

/// How deep values may stand in each other.
const DEEPEST: usize = 500;

/// A value in Python's terms.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// An `int` that fits.
    Int(i64),
    /// An `int` that does not: its decimal digits, with a `-` before them if it is negative.
    BigInt(String),
    /// `float`; NaN and infinities only from blobs that the SDK wrote itself.
    Float(f64),
    /// `str`
    Str(String),
    /// `list`
    List(Vec<Data>),
    /// `tuple`
    Tuple(Vec<Data>),
    /// `set`; `frozenset` too, which Coflux does not tell from it.
    Set(Vec<Data>),
    /// `dict`, in the order stored. Also a plain JSON object, as inputs are answered with.
    Dict(Vec<(Data, Data)>),
    /// `datetime.datetime`, as ISO 8601.
    DateTime(String),
    /// `datetime.date`, as ISO 8601.
    Date(String),
    /// `datetime.time`, as ISO 8601.
    Time(String),
    /// `datetime.timedelta`, in seconds.
    Duration(f64),
    /// `decimal.Decimal`, as `str` writes it.
    Decimal(String),
    /// `uuid.UUID`, as `str` writes it.
    Uuid(String),
    /// Bytes, a pydantic model, or a pickle.
    Fragment(Fragment),
    /// A handle on an execution.
    Execution {
        /// Which.
        id: ExecutionId,
        /// What it calls, if known.
        target: Option<Target>,
    },
    /// A handle on an asset.
    Asset {
        /// Which.
        id: AssetId,
        /// What is known of it.
        asset: Asset,
    },
    /// A handle on an input.
    Input(InputId),
    /// A handle on a stream (0.12).
    Stream {
        /// Which, as `RUN:STEP_INDEX`.
        id: String,
        /// Which items of it, if not all.
        stride: Option<Stride>,
    },
    /// A wrapper of a kind we do not know; Python gets its fields as a dict, not decoded.
    Unknown {
        /// Its `type`.
        kind: String,
        /// Its other fields.
        fields: Vec<(String, Data)>,
    },
    /// Its blob is not here.
    Missing {
        /// Which blob.
        key: BlobKey,
        /// Its size in bytes.
        size: u64,
        /// What the value refers to, in its own order.
        references: Vec<Data>,
    },
    /// It cannot be decoded.
    Broken {
        /// Why, for a person.
        reason: String,
    },
}

/// Part of a stream, as Python's `slice` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stride {
    /// The first item.
    pub start: i64,
    /// The item after the last, if it ends before the stream.
    pub stop: Option<i64>,
    /// Every how-manieth.
    pub step: i64,
}

/// Bytes in a blob of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Fragment {
    /// `bytes`, `json` or `pickle`.
    pub format: String,
    /// The blob that holds it.
    pub key: BlobKey,
    /// Its size in bytes.
    pub size: u64,
    /// `{"model": "mod.Class"}` for pydantic, `{"type": "Class"}` for a pickle.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// What is in it, as far as it was read.
    pub content: Content,
}

/// What is in a fragment.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Not read: a pickle, which is never opened, or bytes too many to show.
    Unread,
    /// Its blob is not here.
    Missing,
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A pydantic model's fields, or plain JSON. Shared: a value may refer to a fragment many times.
    Json(Arc<Data>),
    /// It should be JSON and cannot be decoded.
    Broken(String),
}

impl Fragment {
    /// The class of the model or the pickled object: `mod.Class`, or only `Class`.
    pub fn class(&self) -> Option<&str> {
        ["model", "type"].iter().find_map(|name| self.metadata.get(*name)?.as_str())
    }

    /// Reads what is in it: JSON decoded, bytes whatever their size, a pickle never.
    pub fn read(&self, blobs: &dyn Blobs) -> Content {
        match self.format.as_str() {
            "bytes" => blobs.get(&self.key).map_or(Content::Missing, Content::Bytes),
            // SDK 0.5 calls it so.
            "json" | "pydantic" => match read_json(&self.key, self.size, blobs) {
                Ok(None) => Content::Missing,
                Ok(Some(tree)) => Content::Json(Arc::new(decode_plain(&tree, 0))),
                Err(reason) => Content::Broken(reason),
            },
            _ => Content::Unread,
        }
    }
}

impl Value {
    /// The value as Python sees it. Never fails as a whole: what is not here is
    /// [`Data::Missing`], what cannot be decoded is [`Data::Broken`], in its place.
    pub fn decode(&self, blobs: &dyn Blobs) -> Data {
        let references = || decode_references(self.references(), blobs);
        let tree = match self {
            Self::Raw { data, .. } => match Tree::parse(data.text()) {
                Ok(tree) => tree,
                Err(fault) => return broken(format!("not JSON: {fault}")),
            },
            Self::Blob { key, size, .. } => match read_json(key, *size, blobs) {
                Ok(Some(tree)) => tree,
                Ok(None) => {
                    return Data::Missing { key: *key, size: *size, references: references() };
                }
                Err(reason) => return broken(reason),
            },
        };
        decode(&tree, &references(), 0)
    }
}

impl Data {
    /// Plain JSON as Python's `json.loads` sees it: parameter defaults, answers to inputs.
    pub fn of_json(json: &Json) -> Self {
        match Tree::parse(json.text()) {
            Ok(tree) => decode_plain(&tree, 0),
            Err(fault) => broken(format!("not JSON: {fault}")),
        }
    }

    /// Whether all of it is here and decoded. A pickle counts as read, since its key is all that is
    /// ever looked at.
    pub fn is_readable(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::Broken { .. } => false,
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => {
                items.iter().all(Self::is_readable)
            }
            Self::Dict(pairs) => {
                pairs.iter().all(|(key, value)| key.is_readable() && value.is_readable())
            }
            Self::Fragment(fragment) => match &fragment.content {
                Content::Missing | Content::Broken(_) => false,
                Content::Json(data) => data.is_readable(),
                Content::Unread | Content::Bytes(_) => true,
            },
            _ => true,
        }
    }
}

fn broken(reason: impl Into<String>) -> Data {
    Data::Broken { reason: reason.into() }
}

/// The document in a blob; none if the blob is not here.
fn read_json(key: &BlobKey, size: u64, blobs: &dyn Blobs) -> Result<Option<Tree>, String> {
    let too_large = |size: u64| format!("{size} bytes; at most {LARGEST} are decoded");
    if size > LARGEST {
        return Err(too_large(size));
    }
    let Some(bytes) = blobs.get(key) else {
        return Ok(None);
    };
    // What the export says of the size is not to be trusted.
    if bytes.len() as u64 > LARGEST {
        return Err(too_large(bytes.len() as u64));
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| format!("not UTF-8: {error}"))?;
    Tree::parse(text).map(Some).map_err(|fault| format!("not JSON: {fault}"))
}

fn decode_references(references: &[Reference], blobs: &dyn Blobs) -> Vec<Data> {
    let alone: Vec<Data> = references.iter().map(|one| decode_reference(one, blobs)).collect();
    let all = references.iter().zip(&alone).map(|(reference, decoded)| match reference {
        // What is in it refers to the others.
        Reference::Fragment { format, blob_key, size, metadata, .. }
            if format == legacy::OLD_JSON =>
        {
            legacy::decode((blob_key, *size), metadata, &alone, blobs)
        }
        _ => decoded.clone(),
    });
    all.collect()
}

/// The plain JSON in a blob, with what `replace` gives for parts of it in their place.
pub(crate) fn read_plain(
    key: &BlobKey,
    size: u64,
    blobs: &dyn Blobs,
    replace: &dyn Fn(&Tree) -> Option<Data>,
) -> Data {
    match read_json(key, size, blobs) {
        Ok(Some(tree)) => decode_plain_with(&tree, 0, replace),
        Ok(None) => Data::Missing { key: *key, size, references: Vec::new() },
        Err(reason) => broken(reason),
    }
}

fn decode_reference(reference: &Reference, blobs: &dyn Blobs) -> Data {
    match reference {
        Reference::Fragment { format, blob_key, size, metadata, .. } => {
            let mut fragment = Fragment {
                format: format.clone(),
                key: *blob_key,
                size: *size,
                metadata: metadata.clone(),
                content: Content::Unread,
            };
            if format != "bytes" || *size <= LARGEST_BYTES {
                fragment.content = fragment.read(blobs);
            }
            Data::Fragment(fragment)
        }
        Reference::Execution { execution_id, module, target, .. } => {
            let target = module.as_deref().zip(target.as_deref());
            Data::Execution {
                id: execution_id.clone(),
                target: target.map(|(module, name)| Target::new(module, name)),
            }
        }
        Reference::Asset { asset_id, asset, .. } => {
            Data::Asset { id: asset_id.clone(), asset: asset.clone() }
        }
        Reference::Input { input_id, .. } => Data::Input(input_id.clone()),
        Reference::Other { kind, .. } => broken(format!("something of an unknown kind: {kind:?}")),
    }
}

/// Decodes part of a value that refers to nothing.
pub(crate) fn decode_alone(tree: &Tree) -> Data {
    decode(tree, &[], 0)
}

/// Decodes the SDK's wrappers; the inverse of its `serialize_value`.
fn decode(tree: &Tree, references: &[Data], depth: usize) -> Data {
    if depth >= DEEPEST {
        return too_deep();
    }
    let inner = |tree: &Tree| deep(|| decode(tree, references, depth + 1));
    match tree {
        Tree::Array(items) => Data::List(items.iter().map(inner).collect()),
        Tree::Object(_) => match tree.field("type").and_then(Tree::as_str) {
            Some(kind) => decode_wrapper(kind, tree, references, &inner)
                .unwrap_or_else(|| broken(format!("a {kind:?} without what belongs to it"))),
            None => decode_plain(tree, depth),
        },
        _ => decode_plain(tree, depth),
    }
}

fn too_deep() -> Data {
    broken(format!("nested deeper than {DEEPEST} levels"))
}

/// Decodes an object that has a `type`; none if what the type needs is not there.
fn decode_wrapper(
    kind: &str,
    wrapper: &Tree,
    references: &[Data],
    inner: &impl Fn(&Tree) -> Data,
) -> Option<Data> {
    let items = || {
        let items = wrapper.field("items")?.as_array()?;
        Some(items.iter().map(inner).collect::<Vec<_>>())
    };
    let text = || wrapper.field("value")?.as_str().map(str::to_owned);
    Some(match kind {
        "dict" => Data::Dict(pairs(items()?)?),
        "set" => Data::Set(items()?),
        "tuple" => Data::Tuple(items()?),
        "datetime" => Data::DateTime(text()?),
        "date" => Data::Date(text()?),
        "time" => Data::Time(text()?),
        "decimal" => Data::Decimal(text()?),
        "uuid" => Data::Uuid(text()?),
        "duration" => match wrapper.field("value")? {
            Tree::Number(seconds) => Data::Duration(seconds.parse().ok()?),
            _ => return None,
        },
        "ref" => {
            let index = usize::try_from(integer(wrapper.field("index")?)?).ok()?;
            references.get(index)?.clone()
        }
        "stream" => Data::Stream {
            id: wrapper.field("id")?.as_str()?.to_owned(),
            stride: match wrapper.field("stride") {
                None | Some(Tree::Null) => None,
                Some(stride) => Some(decode_stride(stride)?),
            },
        },
        _ => unknown(kind, wrapper),
    })
}

fn pairs(items: Vec<Data>) -> Option<Vec<(Data, Data)>> {
    let mut pairs = Vec::with_capacity(items.len() / 2);
    let mut items = items.into_iter();
    while let Some(key) = items.next() {
        pairs.push((key, items.next()?));
    }
    Some(pairs)
}

fn decode_stride(stride: &Tree) -> Option<Stride> {
    let number = |name| match stride.field(name) {
        None | Some(Tree::Null) => Some(None),
        Some(number) => integer(number).map(Some),
    };
    Some(Stride {
        start: number("start")?.unwrap_or(0),
        stop: number("stop")?,
        step: number("step")?.unwrap_or(1),
    })
}

fn integer(tree: &Tree) -> Option<i64> {
    match tree {
        Tree::Number(text) => text.parse().ok(),
        _ => None,
    }
}

fn unknown(kind: &str, wrapper: &Tree) -> Data {
    let Tree::Object(fields) = wrapper else {
        return broken("a wrapper that is not an object");
    };
    let others = fields.iter().filter(|(key, _)| key != "type");
    let fields = others.map(|(key, value)| (key.clone(), decode_plain(value, 0))).collect();
    Data::Unknown { kind: kind.to_owned(), fields }
}

/// Decodes JSON that is not wrapped: every object is a dict.
fn decode_plain(tree: &Tree, depth: usize) -> Data {
    decode_plain_with(tree, depth, &|_| None)
}

fn decode_plain_with(tree: &Tree, depth: usize, replace: &dyn Fn(&Tree) -> Option<Data>) -> Data {
    if depth >= DEEPEST {
        return too_deep();
    }
    if let Some(data) = replace(tree) {
        return data;
    }
    let inner = |tree: &Tree| deep(|| decode_plain_with(tree, depth + 1, replace));
    match tree {
        Tree::Null => Data::None,
        Tree::Bool(bool) => Data::Bool(*bool),
        Tree::Number(text) => decode_number(text),
        Tree::NotFinite(float) => Data::Float(*float),
        Tree::String(text) => Data::Str(text.clone()),
        Tree::Array(items) => Data::List(items.iter().map(inner).collect()),
        Tree::Object(fields) => {
            let mut pairs: Vec<(Data, Data)> = Vec::with_capacity(fields.len());
            let mut places = std::collections::HashMap::new();
            for (key, value) in fields {
                let value = inner(value);
                // Of a key that comes twice Python keeps the first place and the last value.
                if let Some(&place) = places.get(key.as_str()) {
                    let (_, kept): &mut (Data, Data) = &mut pairs[place];
                    *kept = value;
                } else {
                    places.insert(key.as_str(), pairs.len());
                    pairs.push((Data::Str(key.clone()), value));
                }
            }
            Data::Dict(pairs)
        }
    }
}

fn decode_number(text: &str) -> Data {
    if text.contains(['.', 'e', 'E']) {
        // As in Python, what is beyond a float is infinite.
        return text.parse().map_or_else(|_| broken(format!("{text} is no number")), Data::Float);
    }
    match text.parse() {
        Ok(int) => Data::Int(int),
        Err(_) => Data::BigInt(text.to_owned()),
    }
}

impl Data {
    /// The number as a float, if it is a number; nearest where an integer is too long.
    pub(crate) fn as_float(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "nearest is what is asked for")]
            Self::Int(int) => Some(*int as f64),
            Self::BigInt(text) => text.parse().ok(),
            Self::Float(float) => Some(*float),
            _ => None,
        }
    }

    /// An integer's or integral float's exact digits.
    pub(crate) fn as_integer_text(&self) -> Option<String> {
        match self {
            Self::Int(int) => Some(int.to_string()),
            Self::BigInt(text) => Some(text.clone()),
            // Adding zero turns -0.0 into 0.0.
            Self::Float(float) if float.fract() == 0.0 => Some(format!("{:.0}", float + 0.0)),
            Self::Float(float) => Some(number::python(*float)),
            _ => None,
        }
    }
}
