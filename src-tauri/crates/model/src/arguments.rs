//! How the arguments of two calls differ, and why their keys may although the values do not.

use crate::compare::{Difference, difference_with, fields};
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

fn positions(ancestor: &[Value], local: &[Value]) -> std::ops::Range<usize> {
    0..ancestor.len().max(local.len())
}

/// Whether two values contribute the same bytes to a key.
fn is_encoded_alike(a: &Value, b: &Value) -> bool {
    a == b || value_bytes(a).is_ok_and(|a| value_bytes(b).is_ok_and(|b| a == b))
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

fn is_default(index: usize, sent: &Value, known: &Known<'_>) -> bool {
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

/// How far apart the arguments of two calls are: less is nearer. First by what the memo key is of,
/// then by the rest. In millionths of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Distance {
    /// Over the arguments that the memo key is of.
    pub in_key: u64,
    /// Over the others.
    pub others: u64,
}

/// How far apart the arguments of two calls are.
pub fn distance(
    ancestor: &[Value],
    local: &[Value],
    params: &Params,
    known: &Known<'_>,
) -> Distance {
    let mut distance = Distance::default();
    let mut prints = Fingerprints::new(*known);
    for index in positions(ancestor, local) {
        let apart = match (ancestor.get(index), local.get(index)) {
            (Some(a), Some(b)) if is_encoded_alike(a, b) => 0.0,
            (Some(a), Some(b)) => {
                apart(&a.decode(known.blobs), &b.decode(known.blobs), known, &mut prints)
            }
            (Some(sent), None) | (None, Some(sent)) if is_default(index, sent, known) => 0.0,
            _ => 1.0,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 1"
        )]
        let apart = (apart * 1e6).round() as u64;
        if params.covers(index) {
            distance.in_key += apart;
        } else {
            distance.others += apart;
        }
    }
    distance
}

/// How far apart two values are: 0 if the same, 1 if they have nothing in common.
fn apart(a: &Data, b: &Data, known: &Known<'_>, prints: &mut Fingerprints<'_>) -> f64 {
    let (print_a, print_b) = (prints.of(a), prints.of(b));
    if print_a.is_some() && print_a == print_b {
        return 0.0;
    }
    match (a, b) {
        (Data::Str(a), Data::Str(b)) => texts_apart(a, b),
        (Data::List(a), Data::List(b)) | (Data::Tuple(a), Data::Tuple(b)) => {
            let pairs = a.iter().zip(b).map(|(a, b)| apart(a, b, known, prints)).sum::<f64>();
            share(pairs + count(a.len().abs_diff(b.len())), a.len().max(b.len()))
        }
        (Data::Dict(a), Data::Dict(b)) => {
            let a = a.iter().map(|(key, value)| (prints.of(key), value)).collect::<Vec<_>>();
            let b = b.iter().map(|(key, value)| (prints.of(key), value)).collect::<Vec<_>>();
            fields_apart(&a, &b, known, prints)
        }
        (Data::Fragment(a), Data::Fragment(b)) if a.class() == b.class() => {
            match (fields(a), fields(b)) {
                (Some(a), Some(b)) => fields_apart(&a, &b, known, prints),
                _ => 1.0,
            }
        }
        (Data::Execution { id: a, .. }, Data::Execution { id: b, .. }) => {
            match ((known.handles)(a), (known.handles)(b)) {
                (Some(a), Some(b)) => apart(&a, &b, known, prints),
                _ => 1.0,
            }
        }
        _ => match (a.as_float(), b.as_float()) {
            (Some(a), Some(b)) => numbers_apart(a, b),
            _ => 1.0,
        },
    }
}

fn fields_apart<Name: PartialEq + Ord + Copy>(
    a: &[(Name, &Data)],
    b: &[(Name, &Data)],
    known: &Known<'_>,
    prints: &mut Fingerprints<'_>,
) -> f64 {
    let others: std::collections::BTreeMap<Name, &Data> = b.iter().copied().collect();
    let both: Vec<_> =
        a.iter().filter_map(|(name, value)| Some((*value, *others.get(name)?))).collect();
    let all = a.len() + b.len() - both.len();
    let only_one_has = count(all - both.len());
    let pairs = both.into_iter().map(|(a, b)| apart(a, b, known, prints)).sum::<f64>();
    share(pairs + only_one_has, all)
}

/// Two texts that differ are at least half apart; how far they begin and end alike says the rest.
fn texts_apart(a: &str, b: &str) -> f64 {
    let longer = a.chars().count().max(b.chars().count());
    let shorter = a.chars().count().min(b.chars().count());
    let start = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let end = a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b).count();
    1.0 - share(count((start + end).min(shorter)), longer) / 2.0
}

/// Two numbers that differ are at least half apart; how much of the larger they are apart says the
/// rest.
fn numbers_apart(a: f64, b: f64) -> f64 {
    let ratio = (a - b).abs() / a.abs().max(b.abs());
    if ratio.is_finite() { 0.5 + ratio.min(1.0) / 2.0 } else { 1.0 }
}

fn share(part: f64, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { (part / count(whole)).clamp(0.0, 1.0) }
}

#[expect(clippy::cast_precision_loss, reason = "counts of elements are far below 2^53")]
fn count(number: usize) -> f64 {
    number as f64
}
