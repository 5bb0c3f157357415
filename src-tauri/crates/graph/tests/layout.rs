//! Where things are drawn.
#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "this is a test")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use hindcast_graph::{Folding, Layout, Rect, RunGraph};
use hindcast_model::{Extra, Run};
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
    fn a_further_call_moves_only_what_comes_after_it_and_no_further_than_it_needs(
        run in any_run(),
        caller in any::<prop::sample::Index>(),
        group in prop::option::of(0..3u32),
    ) {
        let caller = u32::try_from(caller.index(run.steps.len())).unwrap() + 1;
        let longer = with_a_call(&run, caller, group);
        let added = u32::try_from(longer.steps.len()).unwrap();
        let (before, after) = (layout(&run, &unfold_all()), layout(&longer, &unfold_all()));
        let (before, after) = (boxes(&before), boxes(&after));
        let new = after[longer.step_id(added).to_string().as_str()];
        for (place, was) in before {
            let is = after[place];
            prop_assert_eq!(was.x, is.x, "{} moved aside", place);
            prop_assert!(was.y == is.y || is.y > new.y, "{} moved from {} to {}", place, was.y, is.y);
            prop_assert!((0.0..=MOST_MOVED).contains(&(is.y - was.y)), "{} moved too far", place);
        }
    }
}

/// A node with the gap below it, in a frame of its own.
const MOST_MOVED: f64 = 48.0 + 16.0 + 38.0 + 14.0;

/// The run, with one more step called by `caller`.
fn with_a_call(run: &Run, caller: u32, group: Option<u32>) -> Run {
    let mut callers: Vec<u32> =
        run.steps.values().filter_map(|step| Some(step.parent_id.as_ref()?.step.number)).collect();
    callers.push(caller);
    let mut longer = synthetic(&callers);
    let added = u32::try_from(callers.len()).unwrap() + 1;
    for (number, step) in &run.steps {
        let mut children = step.executions[&1].children.clone();
        if *number == caller {
            let step_id = longer.step_id(added);
            children.push(hindcast_model::Child {
                step_id,
                attempt: 1,
                group_id: group,
                extra: Extra::NONE,
            });
        }
        longer.steps.get_mut(number).unwrap().executions.get_mut(&1).unwrap().children = children;
    }
    longer
}

fn unfold_all() -> Folding {
    Folding { all: true, ..Folding::default() }
}

#[test]
fn a_failure_that_its_caller_survived_is_seen_though_it_is_folded_away() {
    // The root calls twenty of `t2`, the seventh of which calls something that fails.
    let mut callers: Vec<u32> = vec![1; 100];
    callers.push(37);
    let mut run = synthetic(&callers);
    let failed = run.steps.get_mut(&102).unwrap().executions.get_mut(&1).unwrap();
    failed.result = Some(error());
    let layout = layout(&run, &Folding::default());
    let drawn: Vec<_> = layout.nodes.iter().map(|node| node.id.as_str()).collect();
    assert_eq!(drawn, ["Rtest:1", "Rtest:37", "Rtest:102"]);
    assert!(layout.folds.iter().all(|fold| fold.failing == 0));

    // More than a few are counted: of each target all but three, and the one below.
    for number in 2..=102 {
        run.steps.get_mut(&number).unwrap().executions.get_mut(&1).unwrap().result = Some(error());
    }
    let layout = self::layout(&run, &Folding::default());
    let failing: Vec<_> = layout.folds.iter().map(|fold| fold.failing).collect();
    assert_eq!(failing, [18, 17, 17, 17, 17]);
}

fn error() -> hindcast_model::Outcome {
    serde_json::from_value(serde_json::json!({
        "type": "error", "createdBy": null, "retryId": null,
        "error": {"type": "builtins.KeyError", "message": "'CH'", "frames": []},
    }))
    .unwrap()
}
