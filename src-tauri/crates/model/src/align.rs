//! Which elements of two lists belong together.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices_by_key};

use crate::fingerprint::Fingerprint;

/// A stretch of two lists between elements that are the same.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) ancestor: Range<usize>,
    pub(crate) local: Range<usize>,
}

/// The stretches in which two lists differ, most of the rest being the same.
pub(crate) fn blocks(
    ancestor: &[Option<Fingerprint>],
    local: &[Option<Fingerprint>],
) -> Vec<Block> {
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

/// An element of either list, or one of each that are compared.
pub(crate) type Pair = (Option<usize>, Option<usize>);

/// The order-keeping pairing of rows with columns that costs least.
pub(crate) fn cheapest(costs: &[Vec<f64>], rows: usize, columns: usize) -> Vec<Pair> {
    /// What an element without a partner costs: more than half, so that any pair is better than
    /// none.
    const ALONE: f64 = 0.6;
    // The least cost of what is left from row and column on.
    let mut least = vec![vec![0.0; columns + 1]; rows + 1];
    let step = |least: &[Vec<f64>], row: usize, column: usize| {
        let skip_row = (row < rows).then(|| (ALONE + least[row + 1][column], (Some(row), None)));
        let skip_column =
            (column < columns).then(|| (ALONE + least[row][column + 1], (None, Some(column))));
        let pair = (row < rows && column < columns)
            .then(|| (costs[row][column] + least[row + 1][column + 1], (Some(row), Some(column))));
        let choices = [pair, skip_row, skip_column].into_iter().flatten();
        choices.min_by(|(a, _), (b, _)| a.total_cmp(b))
    };
    for row in (0..=rows).rev() {
        for column in (0..=columns).rev() {
            if let Some((cost, _)) = step(&least, row, column) {
                least[row][column] = cost;
            }
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut pairs = Vec::new();
    while let Some((_, pair)) = step(&least, row, column) {
        row += usize::from(pair.0.is_some());
        column += usize::from(pair.1.is_some());
        pairs.push(pair);
    }
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
