//! How two values differ.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use similar::{Algorithm, DiffOp, capture_diff_slices_by_key};

use crate::BlobKey;
use crate::data::{Content, Data, Fragment};
use crate::fingerprint::{Fingerprint, Fingerprints, Known};

/// How long a side of a difference is written at most, in characters.
const SHORT: usize = 100;

/// Where two values differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where, as Python would write it after the value's name: `['lines'][0].price`; empty for the
    /// value itself. Positions are the local value's, for what was removed the ancestor's.
    pub path: String,
    /// How.
    pub kind: DifferenceKind,
    /// What the ancestor has there, as Python would write it, shortened; none if added.
    pub ancestor: Option<String>,
    /// What the local value has there; none if removed.
    pub local: Option<String>,
}

/// How two values differ at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// Only the local value has it.
    Added,
    /// Only the ancestor has it.
    Removed,
    /// Both have it, and it is not the same.
    Changed,
    /// One side is missing or broken, so that nobody can say.
    Unreadable,
}

/// Where two values differ, in order. Empty exactly if they are the same; see [`Fingerprint`].
/// An element inserted into a list is one difference, not one for every element behind it.
pub fn difference(ancestor: &Data, local: &Data) -> Vec<Difference> {
    difference_with(ancestor, local, &Known::only(&nothing()))
}

/// As [`difference`], with what is known: handles on executions of the same result are no
/// difference, and those of another result differ where the results do.
pub fn difference_with(ancestor: &Data, local: &Data, known: &Known<'_>) -> Vec<Difference> {
    let mut walk = Walk { known: *known, prints: Fingerprints::new(*known), found: Vec::new() };
    walk.compare("", ancestor, local);
    walk.found
}

fn nothing() -> HashMap<BlobKey, Arc<[u8]>> {
    HashMap::new()
}

struct Walk<'known> {
    known: Known<'known>,
    prints: Fingerprints<'known>,
    found: Vec<Difference>,
}

impl Walk<'_> {
    fn same(&mut self, a: &Data, b: &Data) -> bool {
        self.prints.of(a).is_some_and(|a| self.prints.of(b) == Some(a))
    }

    fn compare(&mut self, path: &str, ancestor: &Data, local: &Data) {
        if self.same(ancestor, local) {
            return;
        }
        match (ancestor, local) {
            (Data::List(a), Data::List(b)) | (Data::Tuple(a), Data::Tuple(b)) => {
                self.sequences(path, a, b);
            }
            (Data::Dict(a), Data::Dict(b)) => self.dicts(path, a, b),
            (Data::Set(a), Data::Set(b)) => self.sets(path, a, b),
            (Data::Fragment(a), Data::Fragment(b)) => self.fragments(path, a, b),
            (Data::Execution { id: a, .. }, Data::Execution { id: b, .. }) => {
                match ((self.known.handles)(a), (self.known.handles)(b)) {
                    (Some(a), Some(b)) => self.compare(&format!("{path}.result()"), &a, &b),
                    _ => self.changed(path, ancestor, local),
                }
            }
            _ => self.changed(path, ancestor, local),
        }
    }

    fn changed(&mut self, path: &str, ancestor: &Data, local: &Data) {
        let readable = ancestor.is_readable() && local.is_readable();
        let kind = if readable { DifferenceKind::Changed } else { DifferenceKind::Unreadable };
        let (ancestor, local) = sides(ancestor, local);
        self.add(path.to_owned(), kind, Some(ancestor), Some(local));
    }

    fn added(&mut self, path: String, local: &Data) {
        self.add(path, DifferenceKind::Added, None, Some(local.python(SHORT)));
    }

    fn removed(&mut self, path: String, ancestor: &Data) {
        self.add(path, DifferenceKind::Removed, Some(ancestor.python(SHORT)), None);
    }

    fn add(
        &mut self,
        path: String,
        kind: DifferenceKind,
        ancestor: Option<String>,
        local: Option<String>,
    ) {
        self.found.push(Difference { path, kind, ancestor, local });
    }

    fn sequences(&mut self, path: &str, ancestor: &[Data], local: &[Data]) {
        let (a, b) = (self.each(ancestor), self.each(local));
        for Block { ancestor: mut from, local: mut to } in blocks(&a, &b) {
            // What stands in the same place is compared; the rest of the longer side is new, or gone.
            for _ in 0..from.len().min(to.len()) {
                if let (Some(i), Some(j)) = (from.next(), to.next()) {
                    self.compare(&format!("{path}[{j}]"), &ancestor[i], &local[j]);
                }
            }
            for i in from {
                self.removed(format!("{path}[{i}]"), &ancestor[i]);
            }
            for j in to {
                self.added(format!("{path}[{j}]"), &local[j]);
            }
        }
    }

    fn each<'data>(
        &mut self,
        items: impl IntoIterator<Item = &'data Data>,
    ) -> Vec<Option<Fingerprint>> {
        items.into_iter().map(|item| self.prints.of(item)).collect()
    }

    fn dicts(&mut self, path: &str, ancestor: &[(Data, Data)], local: &[(Data, Data)]) {
        let a = self.each(ancestor.iter().map(|(key, _)| key));
        let b = self.each(local.iter().map(|(key, _)| key));
        let places = places(&b);
        for ((key, value), print) in ancestor.iter().zip(&a) {
            let path = format!("{path}[{}]", key.python(SHORT));
            match print.and_then(|print| places.get(&print)) {
                Some(&place) => self.compare(&path, value, &local[place].1),
                None => self.removed(path, value),
            }
        }
        for (_, (key, value)) in only_here(&b, local, &a) {
            self.added(format!("{path}[{}]", key.python(SHORT)), value);
        }
    }

    fn sets(&mut self, path: &str, ancestor: &[Data], local: &[Data]) {
        let (a, b) = (self.each(ancestor), self.each(local));
        for (_, item) in only_here(&a, ancestor, &b) {
            self.removed(path.to_owned(), item);
        }
        for (_, item) in only_here(&b, local, &a) {
            self.added(path.to_owned(), item);
        }
    }

    /// Models of one class differ by field; anything else as a whole.
    fn fragments(&mut self, path: &str, ancestor: &Fragment, local: &Fragment) {
        let (Some(a), Some(b)) = (fields(ancestor), fields(local)) else {
            return self.whole_fragments(path, ancestor, local);
        };
        if ancestor.class() != local.class() {
            return self.whole_fragments(path, ancestor, local);
        }
        for (name, value) in &a {
            let path = format!("{path}.{name}");
            match b.iter().find(|(other, _)| other == name) {
                Some((_, other)) => self.compare(&path, value, other),
                None => self.removed(path, value),
            }
        }
        for (name, value) in &b {
            if !a.iter().any(|(other, _)| other == name) {
                self.added(format!("{path}.{name}"), value);
            }
        }
    }

    fn whole_fragments(&mut self, path: &str, ancestor: &Fragment, local: &Fragment) {
        self.changed(path, &Data::Fragment(ancestor.clone()), &Data::Fragment(local.clone()));
    }
}

/// A model's fields, if it is one and was read.
pub(crate) fn fields<'fragment>(
    fragment: &'fragment Fragment,
) -> Option<Vec<(&'fragment str, &'fragment Data)>> {
    fragment.class()?;
    let Content::Json(data) = &fragment.content else {
        return None;
    };
    let Data::Dict(pairs) = &**data else {
        return None;
    };
    let field = |(key, value): &'fragment (Data, Data)| match key {
        Data::Str(name) => Some((name.as_str(), value)),
        _ => None,
    };
    pairs.iter().map(field).collect()
}

/// Where each fingerprint stands; the last place of one that stands in several.
fn places(prints: &[Option<Fingerprint>]) -> HashMap<Fingerprint, usize> {
    let places = prints.iter().enumerate();
    places.filter_map(|(place, print)| Some(((*print)?, place))).collect()
}

/// The items whose fingerprint is not among the other side's.
fn only_here<'items, Item>(
    prints: &[Option<Fingerprint>],
    items: &'items [Item],
    others: &[Option<Fingerprint>],
) -> Vec<(usize, &'items Item)> {
    let others: HashSet<Fingerprint> = others.iter().copied().flatten().collect();
    let here = |print: &Option<Fingerprint>| !print.is_some_and(|print| others.contains(&print));
    items
        .iter()
        .enumerate()
        .zip(prints)
        .filter(|(_, print)| here(print))
        .map(|(it, _)| it)
        .collect()
}

/// Both sides in short. Long texts are cut on the left too, so that both show where they part.
fn sides(ancestor: &Data, local: &Data) -> (String, String) {
    /// Characters of what both have in common that are shown before they part.
    const BEFORE: usize = 20;
    if let (Data::Str(a), Data::Str(b)) = (ancestor, local) {
        let common = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
        if common > SHORT / 2 {
            let from = |text: &str| {
                let rest: String = text.chars().skip(common - BEFORE).take(SHORT).collect();
                format!("…{}", Data::Str(rest).python(SHORT - 1))
            };
            return (from(a), from(b));
        }
    }
    (ancestor.python(SHORT), local.python(SHORT))
}

/// A stretch of two lists between elements that are the same.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    ancestor: Range<usize>,
    local: Range<usize>,
}

/// The stretches in which two lists differ, most of the rest being the same.
fn blocks(ancestor: &[Option<Fingerprint>], local: &[Option<Fingerprint>]) -> Vec<Block> {
    let (mut i, mut j) = (0, 0);
    let mut blocks = Vec::new();
    let ends = (ancestor.len(), local.len());
    for (next_i, next_j) in matches(ancestor, local).into_iter().chain([ends]) {
        if next_i > i || next_j > j {
            blocks.push(Block { ancestor: i..next_i, local: j..next_j });
        }
        (i, j) = (next_i + 1, next_j + 1);
    }
    blocks
}

/// Pairs of places, ascending on both sides, at which two lists have the same element.
fn matches(a: &[Option<Fingerprint>], b: &[Option<Fingerprint>]) -> Vec<(usize, usize)> {
    /// How many steps the exact search may take; a list put in another order needs the most.
    const STEPS: usize = 4_000_000;
    let same = |(a, b): &(&Option<Fingerprint>, &Option<Fingerprint>)| a.is_some() && a == b;
    let start = a.iter().zip(b).take_while(same).count();
    let (a_rest, b_rest) = (&a[start..], &b[start..]);
    let end = a_rest.iter().rev().zip(b_rest.iter().rev()).take_while(same).count();
    let middle_a = shared(&a_rest[..a_rest.len() - end], b_rest, start);
    let middle_b = shared(&b_rest[..b_rest.len() - end], a_rest, start);

    let mut pairs: Vec<(usize, usize)> = (0..start).map(|place| (place, place)).collect();
    pairs.extend(if middle_a.len().saturating_mul(middle_b.len()) <= STEPS {
        longest(&middle_a, &middle_b)
    } else {
        ascending(&middle_a, &middle_b)
    });
    pairs.extend((0..end).rev().map(|back| (a.len() - 1 - back, b.len() - 1 - back)));
    pairs
}

type Placed = (Fingerprint, usize);

/// The elements that the other side has too, with their places.
fn shared(
    items: &[Option<Fingerprint>],
    others: &[Option<Fingerprint>],
    offset: usize,
) -> Vec<Placed> {
    let others: HashSet<Fingerprint> = others.iter().copied().flatten().collect();
    let placed = items.iter().enumerate();
    placed
        .filter_map(|(place, print)| Some(((*print)?, place + offset)))
        .filter(|(print, _)| others.contains(print))
        .collect()
}

/// A longest common subsequence.
fn longest(a: &[Placed], b: &[Placed]) -> Vec<(usize, usize)> {
    let ops = capture_diff_slices_by_key(Algorithm::Myers, a, b, |(print, _)| *print);
    let equal = ops.into_iter().filter_map(|op| match op {
        DiffOp::Equal { old_index, new_index, len } => Some((old_index, new_index, len)),
        _ => None,
    });
    equal
        .flat_map(|(old, new, len)| (0..len).map(move |step| (a[old + step].1, b[new + step].1)))
        .collect()
}

/// A long common subsequence in little time: of the elements that stand once on either side, the
/// longest run whose places ascend on both.
fn ascending(a: &[Placed], b: &[Placed]) -> Vec<(usize, usize)> {
    let once = |items: &[Placed]| {
        let mut counts: HashMap<Fingerprint, (usize, usize)> = HashMap::new();
        for (print, place) in items {
            counts.entry(*print).or_insert((0, *place)).0 += 1;
        }
        counts
    };
    let (once_a, once_b) = (once(a), once(b));
    let candidates: Vec<(usize, usize)> = a
        .iter()
        .filter(|(print, _)| once_a.get(print).is_some_and(|(count, _)| *count == 1))
        .filter_map(|(print, place)| match once_b.get(print) {
            Some((1, other)) => Some((*place, *other)),
            _ => None,
        })
        .collect();
    // Of all ascending runs of one length, the candidate that ends lowest; and who comes before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(candidates.len());
    for (index, (_, other)) in candidates.iter().enumerate() {
        let length = ends.partition_point(|end| candidates[*end].1 < *other);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut run: Vec<(usize, usize)> = Vec::with_capacity(ends.len());
    let mut last = ends.last().copied();
    while let Some(index) = last {
        run.push(candidates[index]);
        last = before[index];
    }
    run.reverse();
    run
}
