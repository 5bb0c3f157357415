//! Memo, cache and defer keys, byte for byte as Coflux's server makes them.
//!
//! ```text
//! key = SHA256( namespace 00 version [ 00 ARGUMENT ]* )
//! ARGUMENT  raw: 01 json   blob: 02 <blob key>   then: count-of-references REFERENCE*
//! REFERENCE fragment:  01 <format> <blob key> ( <metadata key> <metadata json> )*
//!           execution: 02 <id>   asset: 03 <id>
//! ```
//!
//! `json` is Jason's text of what Go delivered. Source: the server's own recipe, the same in 0.9,
//! 0.10 and 0.11; the tests hold it against every key in the recorded runs.
//!
//! Where the real server crashes, we have an encoding of our own, of which no real key is made:
//! an input handle is `04 <id>`; an argument that is part of the key and was not sent (left at its
//! default) is the single byte `03`; more than 255 references are counted as `FF FF` and eight bytes.

use std::cell::Cell;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::depth::deep;
use crate::normalise::{NotJson, finite, go_text, is_integer, sorted};
use crate::tree::Tree;
use crate::{CacheConfig, Key, Numbers, Params, Reference, Target, Value, number};

/// A key that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("argument {index} has no key: {problem}")]
pub struct KeyError {
    /// The argument's position, from 0.
    pub index: usize,
    /// What is wrong with it.
    #[source]
    pub problem: NoKey,
}

/// Why an argument has no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// What is in it cannot be written as the server writes it.
    #[error(transparent)]
    NotJson(#[from] NotJson),
    /// How the server makes a key of what it refers to is not known.
    #[error("it refers to something of an unknown kind: {0:?}")]
    UnknownReference(String),
}

/// The key by which a memoised call finds an execution of its run.
///
/// # Errors
/// If an argument's data holds a number that no float64 is, or is nested too deep; or if it refers to
/// something of a kind we do not know.
pub fn memo_key(target: &Target, arguments: &[Value], params: &Params) -> Result<Key, KeyError> {
    preimage(&target.to_string(), "", arguments, params).map(|bytes| digest(&bytes))
}

/// The key by which a cached step finds an execution of any run.
///
/// # Errors
/// As [`memo_key`].
pub fn cache_key(
    target: &Target,
    arguments: &[Value],
    cache: &CacheConfig,
) -> Result<Key, KeyError> {
    let namespace = cache.namespace.clone().unwrap_or_else(|| target.to_string());
    let version = cache.version.as_deref().unwrap_or_default();
    preimage(&namespace, version, arguments, &cache.params).map(|bytes| digest(&bytes))
}

/// The key by which a later identical call takes the place of one that waits.
///
/// # Errors
/// As [`memo_key`].
pub fn defer_key(target: &Target, arguments: &[Value], params: &Params) -> Result<Key, KeyError> {
    memo_key(target, arguments, params)
}

/// The bytes whose SHA-256 a key is.
///
/// # Errors
/// As [`memo_key`].
pub fn preimage(
    namespace: &str,
    version: &str,
    arguments: &[Value],
    params: &Params,
) -> Result<Vec<u8>, KeyError> {
    let mut bytes = [namespace.as_bytes(), b"\0", version.as_bytes()].concat();
    let mut add = |index: usize| {
        bytes.push(0);
        bytes.extend(argument_bytes(index, arguments.get(index))?);
        Ok(())
    };
    match params {
        Params::All => (0..arguments.len()).try_for_each(&mut add)?,
        Params::Only(indexes) => indexes.iter().copied().try_for_each(&mut add)?,
    }
    Ok(bytes)
}

fn digest(preimage: &[u8]) -> Key {
    Key::whole(&Sha256::digest(preimage).into())
}

/// An argument's part of the preimage.
fn argument_bytes(index: usize, argument: Option<&Value>) -> Result<Vec<u8>, KeyError> {
    let Some(value) = argument else {
        return Ok(vec![3]);
    };
    value_bytes(value).map_err(|problem| KeyError { index, problem })
}

/// A value's part of the preimage: equal exactly if Coflux takes two values for the same.
pub(crate) fn value_bytes(value: &Value) -> Result<Vec<u8>, NoKey> {
    let mut bytes = match value {
        Value::Raw { data, .. } => {
            let mut text = String::from("\u{1}");
            add_jason(data.text(), &mut text)?;
            text.into_bytes()
        }
        Value::Blob { key, .. } => format!("\u{2}{key}").into_bytes(),
    };
    let count = value.references().len();
    if let Ok(count) = u8::try_from(count) {
        bytes.push(count);
    } else {
        bytes.extend([0xFF, 0xFF]);
        bytes.extend((count as u64).to_be_bytes());
    }
    for reference in value.references() {
        bytes.extend(reference_text(reference)?.into_bytes());
    }
    Ok(bytes)
}

fn reference_text(reference: &Reference) -> Result<String, NoKey> {
    Ok(match reference {
        Reference::Fragment { format, blob_key, metadata, .. } => {
            let mut text = format!("\u{1}{format}{blob_key}");
            // The map itself may keep the order it was read in.
            let mut entries: Vec<_> = metadata.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            for (key, value) in entries {
                text.push_str(key);
                // Metadata comes through Go too.
                let metadata = Tree::parse(&value.to_string()).map_err(NotJson::from)?;
                add_jason(&go_text(&metadata, Numbers::RoundTrip)?, &mut text)?;
            }
            text
        }
        Reference::Execution { execution_id, .. } => format!("\u{2}{execution_id}"),
        Reference::Asset { asset_id, .. } => format!("\u{3}{asset_id}"),
        Reference::Input { input_id, .. } => format!("\u{4}{input_id}"),
        Reference::Other { kind, .. } => return Err(NoKey::UnknownReference(kind.clone())),
    })
}

/// A text as Elixir's Jason writes it after reading it.
fn add_jason(text: &str, out: &mut String) -> Result<(), NotJson> {
    write_jason(&Tree::parse(text)?, out)
}

/// A document as Elixir's Jason writes it after reading it.
fn write_jason(tree: &Tree, out: &mut String) -> Result<(), NotJson> {
    match tree {
        Tree::Null => out.push_str("null"),
        Tree::Bool(true) => out.push_str("true"),
        Tree::Bool(false) => out.push_str("false"),
        Tree::Number(text) => out.push_str(&jason_number(text)?),
        Tree::NotFinite(float) => {
            let number = number::python(*float);
            return Err(NotJson::NotFinite { path: String::new(), number });
        }
        Tree::String(text) => write_jason_string(text, out),
        Tree::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                deep(|| write_jason(item, out))?;
            }
            out.push(']');
        }
        Tree::Object(fields) => {
            // Erlang's maps are in byte order up to 32 keys; the SDK's wrappers have at most three.
            out.push('{');
            for (index, (key, value)) in sorted(fields).into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_jason_string(key, out);
                out.push(':');
                deep(|| write_jason(value, out))?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// Whole numbers are integers of any size there; only a point or an exponent makes a float.
fn jason_number(text: &str) -> Result<String, NotJson> {
    if is_integer(text) {
        return Ok(if text == "-0" { "0".to_owned() } else { text.to_owned() });
    }
    let float = finite(text).ok_or_else(|| {
        let number = text.chars().take(20).collect::<String>() + "…";
        NotJson::TooLarge { path: String::new(), number }
    })?;
    Ok(number::erlang(float))
}

pub(crate) fn write_jason_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// The most arguments of which every subset is tried.
const ALL_SUBSETS: usize = 12;
/// The most arguments of which all pairs are tried.
const ALL_PAIRS: usize = 200;
/// How many bytes are hashed in trying, at most.
const MOST_HASHED: usize = 64 << 20;
/// The largest subset of which every order is tried.
const ALL_ORDERS: usize = 4;

/// Which arguments a key is over, found by trying: exports do not say. All of them first, then
/// subsets, smaller ones first and each in ascending order before any other (the order is the
/// decorator's). With more than twelve arguments, only singles and pairs; with very many, or very long
/// ones, fewer still: whoever made the export chose how many there are.
///
/// Arguments with equal values cannot be told apart by this; the first that fits is given.
pub fn find_params(key: &Key, target: &Target, arguments: &[Value]) -> Option<Params> {
    let mut parts = Vec::with_capacity(arguments.len());
    for (index, argument) in arguments.iter().enumerate() {
        parts.push(argument_bytes(index, Some(argument)).ok()?);
    }
    let namespace = format!("{target}\0");
    let left = Cell::new(MOST_HASHED);
    let fits = |indexes: &[usize]| {
        let bytes =
            indexes.iter().map(|&index| parts[index].len()).sum::<usize>() + namespace.len();
        left.set(left.get().saturating_sub(bytes));
        if left.get() == 0 {
            return false;
        }
        let mut hash = Sha256::new_with_prefix(namespace.as_bytes());
        for &index in indexes {
            hash.update([0]);
            hash.update(&parts[index]);
        }
        Key::whole(&hash.finalize().into()).agrees(key)
    };
    if fits(&(0..parts.len()).collect::<Vec<_>>()) {
        return Some(Params::All);
    }
    let largest = match parts.len() {
        few if few <= ALL_SUBSETS => few,
        more if more <= ALL_PAIRS => 2,
        _ => 1,
    };
    (0..=largest).find_map(|size| subset_that_fits(parts.len(), size, &fits)).map(Params::Only)
}

/// The first subset of `size` among `count` that fits, in ascending order or, if small, in any.
fn subset_that_fits(
    count: usize,
    size: usize,
    fits: &impl Fn(&[usize]) -> bool,
) -> Option<Vec<usize>> {
    let mut subset: Vec<usize> = (0..size).collect();
    loop {
        if fits(&subset) {
            return Some(subset);
        }
        if (2..=ALL_ORDERS).contains(&size)
            && let Some(order) = order_that_fits(&mut subset.clone(), 0, fits)
        {
            return Some(order);
        }
        // The next subset: move the last index that can move, and pack the rest behind it.
        let place = (0..size).rev().find(|&place| subset[place] < count - size + place)?;
        subset[place] += 1;
        for behind in place + 1..size {
            subset[behind] = subset[behind - 1] + 1;
        }
    }
}

/// The first order of `indexes[from..]` that fits.
fn order_that_fits(
    indexes: &mut [usize],
    from: usize,
    fits: &impl Fn(&[usize]) -> bool,
) -> Option<Vec<usize>> {
    if from == indexes.len() {
        return fits(indexes).then(|| indexes.to_vec());
    }
    for other in from..indexes.len() {
        indexes.swap(from, other);
        let found = order_that_fits(indexes, from + 1, fits);
        indexes.swap(from, other);
        if found.is_some() {
            return found;
        }
    }
    None
}
