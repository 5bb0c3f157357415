//! Where things are drawn.
#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "this is a test")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use hindcast_graph::{Folding, Layout, Rect, RunGraph};
use hindcast_model::Run;
use insta::assert_snapshot;
use proptest::prelude::*;
use support::{PRODUCTION, environments, run, synthetic};

fn layout(run: &Run, folding: &Folding) -> Layout {
    RunGraph::build(run, &environments(run), PRODUCTION).layout(folding)
}

/// Every name with its rectangle, from top to bottom within each column.
fn draw(layout: &Layout) -> String {
    let mut lines: Vec<(Rect, String)> = Vec::new();
    lines.extend(layout.nodes.iter().map(|node| (node.rect, node.id.to_string())));
    lines.extend(layout.folds.iter().map(|fold| {
        let counts: Vec<_> =
            fold.counts.iter().map(|count| format!("{} {:?}", count.count, count.state)).collect();
        (fold.rect, format!("{}: {} folded, {}", fold.id, fold.calls, counts.join(", ")))
    }));
    lines.extend(layout.groups.iter().map(|group| {
        let target = group.target.as_ref().map_or("?", |target| &*target.name);
        (group.rect, format!("frame {} {:?}: {} of {target}", group.id, group.name, group.calls))
    }));
    lines.sort_by(|(a, _), (b, _)| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let mut text = String::new();
    for (Rect { x, y, width, height }, what) in lines {
        writeln!(text, "{x:>5} {y:>5} {width:>4} x{height:>5}  {what}").unwrap();
    }
    writeln!(text, "{} x {}", layout.width, layout.height).unwrap();
    text
}

fn unfold(ids: &[&str]) -> Folding {
    let unfolded = ids.iter().map(|&id| id.to_owned()).collect();
    Folding { unfolded, ..Folding::default() }
}

#[test]
fn shop_folded() {
    assert_snapshot!(draw(&layout(&run("shop/R6Lf.json"), &Folding::default())));
}

#[test]
fn shop_unfolded() {
    let folding = unfold(&["R6Lf:1[0]shop.workflows:fulfil_order"]);
    let layout = layout(&run("shop/R6Lf.json"), &folding);
    assert!(layout.folds.is_empty());
    assert_snapshot!(draw(&layout));
    let lines: Vec<String> = layout
        .edges
        .iter()
        .filter(|edge| {
            edge.kind != hindcast_graph::EdgeKind::Call || edge.from.as_str() == "R6Lf:20"
        })
        .map(|edge| format!("{:?} {} to {}: {:?}", edge.kind, edge.from, edge.to, edge.points))
        .collect();
    assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_large_fan_out_folds_and_unfolds() {
    let run = run("conformance/fanout-200/before.json");
    let folded = layout(&run, &Folding::default());
    assert_snapshot!(draw(&folded));
    let ids: Vec<&str> = folded.folds.iter().map(|fold| fold.id.as_str()).collect();
    let unfolded = layout(&run, &unfold(&ids));
    assert!(unfolded.folds.is_empty());
    assert_eq!(unfolded.nodes.len(), 205);
}

#[test]
fn a_kept_step_is_drawn_with_its_callers() {
    let keep = BTreeSet::from([18]);
    let folding = Folding { keep, ..Folding::default() };
    let layout = layout(&run("shop/R6Lf.json"), &folding);
    let drawn: BTreeSet<_> = layout.nodes.iter().map(|node| node.id.as_str()).collect();
    assert!(drawn.contains("R6Lf:18") && drawn.contains("R6Lf:4"), "{drawn:?}");
    assert_eq!(layout.folds[0].calls, 10);
}

#[test]
fn a_chain_of_a_hundred_thousand_calls_fits_the_stack() {
    let callers: Vec<u32> = (1..100_000).collect();
    let layout = layout(&synthetic(&callers), &Folding::default());
    assert_eq!(layout.nodes.len(), 100_000);
    assert_eq!(layout.edges.len(), 99_999);
}

/// A tree of calls, each by an earlier step, in groups or not.
fn any_run() -> impl Strategy<Value = Run> {
    prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(0..3u32)), 0..60)
        .prop_map(|calls| {
            let callers: Vec<u32> = (1u32..)
                .zip(&calls)
                .map(|(made, (caller, _))| u32::try_from(caller.index(made as usize)).unwrap() + 1)
                .collect();
            let mut run = synthetic(&callers);
            for (step, (_, group)) in (2u32..).zip(&calls) {
                put_into_group(&mut run, step, *group);
            }
            run
        })
}

fn put_into_group(run: &mut Run, step: u32, group: Option<u32>) {
    let caller = run.steps[&step].parent_id.clone().unwrap().step.number;
    let execution = run.steps.get_mut(&caller).unwrap().executions.get_mut(&1).unwrap();
    let child = execution.children.iter_mut().find(|child| child.step_id.number == step).unwrap();
    child.group_id = group;
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

fn within(inner: &Rect, outer: &Rect) -> bool {
    inner.x >= outer.x
        && inner.y >= outer.y
        && inner.right() <= outer.right()
        && inner.bottom() <= outer.bottom()
}

/// Rectangles of nodes and folds by id.
fn boxes(layout: &Layout) -> BTreeMap<&str, Rect> {
    let nodes = layout.nodes.iter().map(|node| (node.id.as_str(), node.rect));
    nodes.chain(layout.folds.iter().map(|fold| (fold.id.as_str(), fold.rect))).collect()
}

proptest! {
    #[test]
    fn nothing_overlaps(run in any_run()) {
        let layout = layout(&run, &Folding::default());
        let boxes = boxes(&layout);
        let all: Vec<_> = boxes.iter().collect();
        for (index, (a, rect)) in all.iter().enumerate() {
            for (b, other) in &all[index + 1..] {
                prop_assert!(!overlap(rect, other), "{a} {rect:?} lies on {b} {other:?}");
            }
            for frame in &layout.groups {
                let apart = !overlap(rect, &frame.rect);
                prop_assert!(apart || within(rect, &frame.rect), "{a} {rect:?} crosses {frame:?}");
            }
            let whole = Rect { x: 0.0, y: 0.0, width: layout.width, height: layout.height };
            prop_assert!(within(rect, &whole), "{a} is drawn outside");
        }
        for (index, a) in layout.groups.iter().enumerate() {
            for b in &layout.groups[index + 1..] {
                let (a, b) = (&a.rect, &b.rect);
                prop_assert!(!overlap(a, b) || within(a, b) || within(b, a), "{a:?} crosses {b:?}");
            }
        }
    }

    #[test]
    fn a_frame_holds_its_calls_and_no_others(run in any_run()) {
        let layout = layout(&run, &unfold_all());
        let graph = RunGraph::build(&run, &environments(&run), PRODUCTION);
        let boxes = boxes(&layout);
        for frame in &layout.groups {
            for place in &graph.tree().places {
                let Some(caller) = place.parent.map(|parent| &graph.tree().places[parent]) else {
                    continue;
                };
                if caller.id != frame.parent {
                    continue;
                }
                let number = place.group.map(|group| format!("{}[1.{}]", caller.id, group.number));
                let inside = within(&boxes[place.id.as_str()], &frame.rect);
                prop_assert_eq!(inside, number.as_ref() == Some(&frame.id), "{:?}", place);
            }
        }
    }

    #[test]
    fn every_edge_ends_at_what_it_names(run in any_run()) {
        let layout = layout(&run, &Folding::default());
        let boxes = boxes(&layout);
        prop_assert_eq!(layout.edges.len(), boxes.len() - 1);
        for edge in &layout.edges {
            let (from, to) = (&boxes[edge.from.as_str()], &boxes[edge.to.as_str()]);
            prop_assert_eq!(&edge.points[..2], &[from.right(), from.middle()]);
            prop_assert_eq!(&edge.points[edge.points.len() - 2..], &[to.x, to.middle()]);
            for line in edge.points.windows(4).step_by(2) {
                prop_assert!(line[0] == line[2] || line[1] == line[3], "slanted: {line:?}");
            }
        }
    }

    #[test]
    fn nothing_placed_before_moves_when_a_call_is_added(
        run in any_run(),
        caller in any::<prop::sample::Index>(),
    ) {
        let mut callers: Vec<u32> =
            run.steps.values().filter_map(|step| Some(step.parent_id.as_ref()?.step.number)).collect();
        let caller = u32::try_from(caller.index(run.steps.len())).unwrap() + 1;
        callers.push(caller);
        let mut longer = synthetic(&callers);
        for (number, step) in &run.steps {
            let execution = step.executions[&1].clone();
            let mut children = execution.children;
            if *number == caller {
                let added = u32::try_from(run.steps.len()).unwrap() + 1;
                let step_id = longer.step_id(added);
                children.push(hindcast_model::Child { step_id, attempt: 1, group_id: None });
            }
            longer.steps.get_mut(number).unwrap().executions.get_mut(&1).unwrap().children = children;
        }
        let graph = RunGraph::build(&run, &environments(&run), PRODUCTION);
        let (before, after) = (layout(&run, &unfold_all()), layout(&longer, &unfold_all()));
        let (before, after) = (boxes(&before), boxes(&after));
        for place in placed_before(&graph, caller) {
            prop_assert_eq!(before[place.as_str()], after[place.as_str()], "{} moved", place);
        }
    }
}

fn unfold_all() -> Folding {
    Folding { all: true, ..Folding::default() }
}

/// What comes before a further call of `caller`: everything but what it and its callers called later.
/// It and they stand level with what they called first, so they stay only if that is there.
fn placed_before(graph: &RunGraph, caller: u32) -> Vec<hindcast_graph::PlaceId> {
    let tree = graph.tree();
    let mut before = BTreeSet::new();
    let mut at = tree.place_of(caller).unwrap();
    let mut open: Vec<usize> = tree.places[at].children.clone();
    let stays = !open.is_empty();
    if stays {
        before.insert(tree.places[at].id.clone());
    }
    while let Some(parent) = tree.places[at].parent {
        if stays {
            before.insert(tree.places[parent].id.clone());
        }
        let children = drawn_order(tree, parent);
        let position = children.iter().position(|&child| child == at).unwrap();
        open.extend(&children[..position]);
        at = parent;
    }
    while let Some(index) = open.pop() {
        before.insert(tree.places[index].id.clone());
        open.extend(&tree.places[index].children);
    }
    before.into_iter().collect()
}

/// A caller's calls with each group together.
fn drawn_order(tree: &hindcast_graph::CallTree, caller: usize) -> Vec<usize> {
    let children = &tree.places[caller].children;
    let first = |child: usize| match tree.places[child].group {
        None => child,
        group => *children.iter().find(|&&other| tree.places[other].group == group).unwrap(),
    };
    let mut ordered = children.clone();
    ordered.sort_by_key(|&child| (children.iter().position(|&other| other == first(child)), child));
    ordered
}
