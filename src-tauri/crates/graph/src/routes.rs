//! The lines between what is drawn, with corners at right angles.

use std::collections::HashSet;

use petgraph::visit::EdgeRef;

use crate::folding::Arrangement;
use crate::layout::{EdgeKind, PlacedEdge, Rect};
use crate::{Edge, RunGraph};

/// How far from a caller a line to what it called turns.
const TURN: f64 = 20.0;
/// How far beside a column other lines run.
const ASIDE: f64 = 10.0;

/// All lines: calls first, then memo references, then data.
pub(crate) fn routes(
    graph: &RunGraph,
    arrangement: &Arrangement,
    rects: &[Rect],
) -> Vec<PlacedEdge> {
    let items = &arrangement.items;
    let mut drawn: HashSet<(usize, usize)> = HashSet::new();
    let mut edges = Vec::new();
    let mut draw = |from: usize, to: usize, kind, points| {
        let (from, to) = (items[from].id.clone(), items[to].id.clone());
        edges.push(PlacedEdge { from, to, kind, points });
    };
    for (to, item) in items.iter().enumerate() {
        if let Some(from) = item.parent {
            drawn.insert((from, to));
            draw(
                from,
                to,
                EdgeKind::Call,
                to_the_right(&rects[from], &rects[to], rects[from].right() + TURN),
            );
        }
    }
    for edge in &graph.tree().memo_edges {
        let (from, to) = (arrangement.item_of[edge.from], arrangement.item_of[edge.to]);
        if from != to && drawn.insert((from, to)) {
            draw(from, to, EdgeKind::Memo, aside(&rects[from], &rects[to]));
        }
    }
    for (consumer, producer) in data(graph) {
        let (from, to) = (arrangement.item_of[producer], arrangement.item_of[consumer]);
        // A caller's line to what it called already says that it takes the result.
        if from != to && !drawn.contains(&(to, from)) && drawn.insert((from, to)) {
            draw(from, to, EdgeKind::Data, aside(&rects[from], &rects[to]));
        }
    }
    edges
}

/// Pairs of places: who consumed something, and what produced it. Only what newest attempts did.
fn data(graph: &RunGraph) -> impl Iterator<Item = (usize, usize)> {
    let inner = graph.graph();
    inner.edge_references().filter_map(move |edge| {
        let consumer = &inner[edge.source()];
        let counts = match *edge.weight() {
            Edge::Argument => true,
            Edge::Result { attempt } => {
                consumer.newest.as_ref().is_some_and(|newest| newest.attempt == attempt)
            }
            Edge::Call { .. } | Edge::Memo { .. } => false,
        };
        let producer = &inner[edge.target()];
        counts.then_some(())?;
        let consumer = graph.tree().place_of(consumer.number)?;
        let beside = graph.tree().sibling(consumer, producer.number);
        Some((consumer, beside.or_else(|| graph.tree().place_of(producer.number))?))
    })
}

fn to_the_right(from: &Rect, to: &Rect, turn: f64) -> Vec<f64> {
    let (start, end) = (from.middle(), to.middle());
    if (start - end).abs() < f64::EPSILON {
        vec![from.right(), start, to.x, end]
    } else {
        vec![from.right(), start, turn, start, turn, end, to.x, end]
    }
}

/// A line between two that are not next to each other: into the left of what is further right, else
/// round the right side.
fn aside(from: &Rect, to: &Rect) -> Vec<f64> {
    if to.x > from.right() {
        return to_the_right(from, to, to.x - ASIDE);
    }
    let turn = from.right().max(to.right()) + ASIDE;
    vec![
        from.right(),
        from.middle(),
        turn,
        from.middle(),
        turn,
        to.middle(),
        to.right(),
        to.middle(),
    ]
}
