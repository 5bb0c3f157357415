//! How two values differ.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::align::{Pair, blocks, cheapest};
use crate::data::{Content, Data, Fragment};
use crate::depth::deep;
use crate::fingerprint::{FOLLOWED, Fingerprint, Fingerprints, Known};
use crate::nearness::apart;
use crate::text::{TextLine, text_difference};
use crate::{BlobKey, ExecutionId};

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
    /// Two texts too long to be written whole: how they differ, line by line.
    pub text: Vec<TextLine>,
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
    let prints = Fingerprints::new(*known);
    let mut walk = Walk { known: *known, prints, compared: HashSet::new(), found: Vec::new() };
    walk.compare("", ancestor, local);
    walk.found
}

fn nothing() -> HashMap<BlobKey, Arc<[u8]>> {
    HashMap::new()
}

struct Walk<'known> {
    known: Known<'known>,
    prints: Fingerprints<'known>,
    /// Executions whose results were compared.
    compared: HashSet<(ExecutionId, ExecutionId)>,
    found: Vec<Difference>,
}

impl Walk<'_> {
    fn same(&mut self, a: &Data, b: &Data) -> bool {
        self.prints.of(a).is_some_and(|a| self.prints.of(b) == Some(a))
    }

    fn compare(&mut self, path: &str, ancestor: &Data, local: &Data) {
        deep(|| {
            if !self.same(ancestor, local) {
                self.differ(path, ancestor, local);
            }
        });
    }

    /// Finds where two values differ that are not the same.
    fn differ(&mut self, path: &str, ancestor: &Data, local: &Data) {
        match (ancestor, local) {
            (Data::List(a), Data::List(b)) | (Data::Tuple(a), Data::Tuple(b)) => {
                self.sequences(path, a, b);
            }
            (Data::Dict(a), Data::Dict(b)) => self.dicts(path, a, b),
            (Data::Set(a), Data::Set(b)) => self.sets(path, a, b),
            (Data::Fragment(a), Data::Fragment(b)) => self.fragments(path, a, b),
            (Data::Execution { id: a, .. }, Data::Execution { id: b, .. }) => {
                let results = || Some(((self.known.handles)(a)?, (self.known.handles)(b)?));
                // Each two are compared once: they may be referred to often, or in a circle.
                let pair = (a.clone(), b.clone());
                match results()
                    .filter(|_| self.compared.len() < FOLLOWED && self.compared.insert(pair))
                {
                    Some((a, b)) => self.compare(&format!("{path}.result()"), &a, &b),
                    None => self.changed(path, ancestor, local),
                }
            }
            _ => self.changed(path, ancestor, local),
        }
    }

    fn changed(&mut self, path: &str, ancestor: &Data, local: &Data) {
        let readable = ancestor.is_readable() && local.is_readable();
        let kind = if readable { DifferenceKind::Changed } else { DifferenceKind::Unreadable };
        let text = match (ancestor, local) {
            (Data::Str(a), Data::Str(b)) if is_long(a) || is_long(b) => text_difference(a, b),
            _ => Vec::new(),
        };
        let (ancestor, local) = sides(ancestor, local);
        let (path, ancestor, local) = (path.to_owned(), Some(ancestor), Some(local));
        self.found.push(Difference { path, kind, ancestor, local, text });
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
        self.found.push(Difference { path, kind, ancestor, local, text: Vec::new() });
    }

    fn sequences(&mut self, path: &str, ancestor: &[Data], local: &[Data]) {
        let (a, b) = (self.each(ancestor), self.each(local));
        for block in blocks(&a, &b) {
            for (i, j) in
                self.pair_up(&ancestor[block.ancestor.clone()], &local[block.local.clone()])
            {
                let i = i.map(|i| i + block.ancestor.start);
                let j = j.map(|j| j + block.local.start);
                match (i, j) {
                    (Some(i), Some(j)) => {
                        self.compare(&format!("{path}[{j}]"), &ancestor[i], &local[j]);
                    }
                    (Some(i), None) => self.removed(format!("{path}[{i}]"), &ancestor[i]),
                    (None, Some(j)) => self.added(format!("{path}[{j}]"), &local[j]),
                    (None, None) => {}
                }
            }
        }
    }

    /// Which elements of two stretches are to be compared with each other, in order; the rest of
    /// the longer one is new, or gone. Those that have most in common go together where the lengths
    /// differ and the search is short; else those in the same place.
    fn pair_up(&mut self, ancestor: &[Data], local: &[Data]) -> Vec<Pair> {
        /// How many pairs are looked at.
        const SEARCHED: usize = 400;
        let (rows, columns) = (ancestor.len(), local.len());
        if rows == columns || rows * columns > SEARCHED {
            let place = |length: usize, place: usize| (place < length).then_some(place);
            return (0..rows.max(columns))
                .map(|at| (place(rows, at), place(columns, at)))
                .collect();
        }
        let mut costs = vec![vec![0.0; columns]; rows];
        for (row, a) in costs.iter_mut().zip(ancestor) {
            for (cost, b) in row.iter_mut().zip(local) {
                *cost = apart(a, b, &self.known, &mut self.prints);
            }
        }
        cheapest(&costs, rows, columns)
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

/// Whether a text is shown better by its lines than in one.
fn is_long(text: &str) -> bool {
    text.len() > SHORT || text.contains('\n')
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
