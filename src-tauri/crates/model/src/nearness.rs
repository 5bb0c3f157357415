//! How much two values, or the arguments of two calls, have in common.

use std::collections::BTreeMap;

use crate::arguments::{is_default, is_encoded_alike, positions};
use crate::compare::fields;
use crate::data::Data;
use crate::depth::deep;
use crate::fingerprint::{Fingerprints, Known};
use crate::{Params, Value};

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
pub(crate) fn apart(a: &Data, b: &Data, known: &Known<'_>, prints: &mut Fingerprints<'_>) -> f64 {
    let (print_a, print_b) = (prints.of(a), prints.of(b));
    if print_a.is_some() && print_a == print_b {
        return 0.0;
    }
    deep(|| values_apart(a, b, known, prints))
}

/// How far apart two values are that are not the same.
fn values_apart(a: &Data, b: &Data, known: &Known<'_>, prints: &mut Fingerprints<'_>) -> f64 {
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
                (Some(a), Some(b)) => {
                    // Handles in the results are not followed: they may lead on for ever.
                    apart(&a, &b, &Known { handles: &|_| None, ..*known }, prints)
                }
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
    let others: BTreeMap<Name, &Data> = b.iter().copied().collect();
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
