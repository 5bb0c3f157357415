//! How the arguments of two calls differ, and why their keys may although the values do not.

use crate::compare::{Difference, difference_with};
use crate::data::Data;
use crate::fingerprint::{Fingerprints, Known};
use crate::key::value_bytes;
use crate::record::{ArgumentDifference, KeyDiffers};
use crate::{Params, Value};

impl Params {
    /// Whether the argument at this position counts.
    pub fn covers(&self, index: usize) -> bool {
        match self {
            Self::All => true,
            Self::Only(indexes) => indexes.contains(&index),
        }
    }
}

/// Why two calls have different keys although the values that count are the same; none if the
/// values differ, or if it cannot be known that they do not (a blob is missing).
///
/// An argument that only one side sends is the same only where it equals the target's default.
/// Where all encoded arguments are equal, the keys cannot differ by them: then it is `Unknown`.
pub fn key_differs(
    ancestor: &[Value],
    local: &[Value],
    params: &Params,
    known: &Known<'_>,
) -> Option<KeyDiffers> {
    let mut cause = None;
    for index in positions(ancestor, local).filter(|index| params.covers(*index)) {
        let here = match (ancestor.get(index), local.get(index)) {
            (Some(a), Some(b)) if is_encoded_alike(a, b) => continue,
            (Some(a), Some(b)) => why_same(a, b, known)?,
            (Some(sent), None) | (None, Some(sent)) => {
                is_default(index, sent, known).then_some(KeyDiffers::Default)?
            }
            (None, None) => continue,
        };
        cause = cause.or(Some(here));
    }
    cause.or(Some(KeyDiffers::Unknown))
}

pub(crate) fn positions(ancestor: &[Value], local: &[Value]) -> std::ops::Range<usize> {
    0..ancestor.len().max(local.len())
}

/// Whether two values contribute the same bytes to a key.
pub(crate) fn is_encoded_alike(a: &Value, b: &Value) -> bool {
    a.known_equals(b) || value_bytes(a).is_ok_and(|a| value_bytes(b).is_ok_and(|b| a == b))
}

/// Why two values that are encoded differently are the same; none if they are not.
fn why_same(a: &Value, b: &Value, known: &Known<'_>) -> Option<KeyDiffers> {
    let (data_a, data_b) = (a.decode(known.blobs), b.decode(known.blobs));
    if !is_same(&data_a, &data_b, known) {
        return None;
    }
    // The same with all that is known: what are they not the same without?
    let plain = Known::only(known.blobs);
    if !is_same(&data_a, &data_b, &Known { handles: plain.handles, ..*known }) {
        return Some(KeyDiffers::Handle);
    }
    if !is_same(&data_a, &data_b, &Known { pickles: plain.pickles, ..*known }) {
        return Some(KeyDiffers::Pickle);
    }
    Some(match (a, b) {
        (Value::Raw { .. }, Value::Blob { .. }) | (Value::Blob { .. }, Value::Raw { .. }) => {
            KeyDiffers::Threshold
        }
        _ => KeyDiffers::Spelling,
    })
}

fn is_same(a: &Data, b: &Data, known: &Known<'_>) -> bool {
    let mut prints = Fingerprints::new(*known);
    prints.of(a).is_some_and(|a| prints.of(b) == Some(a))
}

pub(crate) fn is_default(index: usize, sent: &Value, known: &Known<'_>) -> bool {
    let default = known.defaults.get(index).and_then(Option::as_ref);
    default.is_some_and(|default| is_same(default, &sent.decode(known.blobs), known))
}

/// What differs between the arguments of two calls, by position and place. What is the same as a
/// value is no difference, however it is encoded. `params` says what the memo key is of.
pub fn argument_differences(
    ancestor: &[Value],
    local: &[Value],
    params: &Params,
    known: &Known<'_>,
) -> Vec<ArgumentDifference> {
    let mut found = Vec::new();
    for index in positions(ancestor, local) {
        let in_key = params.covers(index);
        let differences = match (ancestor.get(index), local.get(index)) {
            (Some(a), Some(b)) if is_encoded_alike(a, b) => continue,
            (Some(a), Some(b)) => {
                difference_with(&a.decode(known.blobs), &b.decode(known.blobs), known)
            }
            (Some(sent), None) | (None, Some(sent)) if is_default(index, sent, known) => continue,
            (a, b) => {
                let text = |value: &Value| value.decode(known.blobs).python(100);
                let (ancestor, local) = (a.map(text), b.map(text));
                let path = String::new();
                found.push(ArgumentDifference { index, path, ancestor, local, in_key });
                continue;
            }
        };
        found.extend(differences.into_iter().map(
            |Difference { path, ancestor, local, .. }| ArgumentDifference {
                index,
                path,
                ancestor,
                local,
                in_key,
            },
        ));
    }
    found
}
