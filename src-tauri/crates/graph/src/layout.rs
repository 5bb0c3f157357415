//! Where everything of a run is drawn: callers to the left, what they call to the right in call
//! order, groups in frames, large fan-outs folded.
//!
//! A run is nearly a call tree with ordered children, so one walk through it places every node, in
//! time linear in what is drawn. All lengths are CSS pixels from the top left corner.

use std::collections::HashMap;

use hindcast_model::{ExecutionId, StepId, StepNumber};
use serde::Serialize;
use ts_rs::TS;

use crate::folding::{Arrangement, What};
use crate::placement::{Placement, place};
use crate::routes::routes;
use crate::{Folding, PinnedBy, PlaceId, PlaceKind, RunGraph, State, StateCount};

/// A run, drawn.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Layout {
    /// Steps and calls, callers before what they call.
    pub nodes: Vec<PlacedNode>,
    /// Folded fan-outs.
    pub folds: Vec<PlacedFold>,
    /// Lines between them.
    pub edges: Vec<PlacedEdge>,
    /// Frames around calls made in a group.
    pub groups: Vec<GroupFrame>,
    /// Width of the whole.
    pub width: f64,
    /// Height of the whole.
    pub height: f64,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TS)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Rect {
    /// The right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// The lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Half way down.
    pub fn middle(&self) -> f64 {
        self.y + self.height / 2.0
    }
}

/// A step or call, drawn.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlacedNode {
    /// Its identity; a step answers several callers at several places.
    pub id: PlaceId,
    /// The caller's.
    pub parent: Option<PlaceId>,
    /// The step; none for a call that has none.
    #[ts(type = "string | null")]
    pub step: Option<StepId>,
    /// What is shown.
    pub shows: Shows,
    /// Where.
    #[serde(flatten)]
    pub rect: Rect,
    /// The fold it is part of when folded, for folding it again.
    pub fold: Option<PlaceId>,
    /// Whether only an older attempt of the caller made the call.
    pub superseded: bool,
}

/// What a node stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Shows {
    /// A step that the call made.
    Called,
    /// The execution that answered the call without running.
    Pinned {
        /// Which.
        #[ts(type = "string")]
        execution: ExecutionId,
        /// By which rule.
        by: PinnedBy,
    },
    /// A value that a person gave.
    Mocked {
        /// The execution that carries it.
        #[ts(type = "string")]
        execution: ExecutionId,
    },
    /// A call that would run and may not.
    Blocked {
        /// What was called.
        #[ts(type = "string")]
        target: hindcast_model::Target,
        /// The caller.
        #[ts(type = "string")]
        caller: ExecutionId,
        /// Which of its calls.
        ordinal: u32,
        /// Whether it waits no more.
        refused: bool,
    },
    /// A call of a step that the export does not hold.
    Missing,
}

impl From<&PlaceKind> for Shows {
    fn from(kind: &PlaceKind) -> Self {
        match kind.clone() {
            PlaceKind::Called => Self::Called,
            PlaceKind::Pinned { execution, by } => Self::Pinned { execution, by },
            PlaceKind::Mocked { execution } => Self::Mocked { execution },
            PlaceKind::Blocked { target, caller, ordinal, refused } => {
                Self::Blocked { target, caller, ordinal, refused }
            }
            PlaceKind::Missing => Self::Missing,
        }
    }
}

/// A folded fan-out, drawn.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlacedFold {
    /// Its identity; what [`Folding::unfolded`] takes.
    pub id: PlaceId,
    /// The caller's.
    pub parent: Option<PlaceId>,
    /// What all of it calls.
    #[ts(type = "string")]
    pub target: hindcast_model::Target,
    /// How many calls are folded.
    pub calls: u32,
    /// The steps of the calls, and of all that is called below them: first and last numbers of
    /// stretches, ascending.
    #[serde(skip)]
    #[ts(skip)]
    pub steps: Vec<(StepNumber, StepNumber)>,
    /// How many of them were pinned.
    pub pinned: u32,
    /// How many steps failed among these calls and all that is called below them.
    pub failing: u32,
    /// The calls by state.
    pub counts: Vec<StateCount>,
    /// Where.
    #[serde(flatten)]
    pub rect: Rect,
}

/// What a line stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum EdgeKind {
    /// From the caller to what it called.
    Call,
    /// From the caller to the place of the step that answered without running.
    Memo,
    /// From a step to one that consumed its result or a handle on it.
    Data,
}

/// A line, drawn.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlacedEdge {
    /// The node or fold it starts at.
    pub from: PlaceId,
    /// The node or fold it ends at.
    pub to: PlaceId,
    /// What it stands for.
    pub kind: EdgeKind,
    /// Its corners: x, y, x, y, …; all lines between are horizontal or vertical.
    pub points: Vec<f64>,
}

/// A frame around the calls of a group.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GroupFrame {
    /// Its identity.
    pub id: String,
    /// The place of the caller.
    pub parent: PlaceId,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// How many calls were made in it.
    pub calls: u32,
    /// What they call, if all call the same.
    #[ts(type = "string | null")]
    pub target: Option<hindcast_model::Target>,
    /// The calls by state.
    pub counts: Vec<StateCount>,
    /// Where.
    #[serde(flatten)]
    pub rect: Rect,
}

impl RunGraph {
    /// Where everything is drawn.
    pub fn layout(&self, folding: &Folding) -> Layout {
        let arrangement = Arrangement::of(self, folding);
        let placement = place(&arrangement);
        let edges = routes(self, &arrangement, &placement.rects);
        let (nodes, folds) = self.draw_items(&arrangement, &placement);
        let groups = self.draw_groups(&arrangement, &placement);
        Layout { nodes, folds, edges, groups, width: placement.width, height: placement.height }
    }

    fn draw_items(
        &self,
        arrangement: &Arrangement,
        placement: &Placement,
    ) -> (Vec<PlacedNode>, Vec<PlacedFold>) {
        let mut nodes = Vec::new();
        let mut folds = Vec::new();
        let mut folded = self.folded(arrangement);
        for (index, (item, &rect)) in arrangement.items.iter().zip(&placement.rects).enumerate() {
            let id = item.id.clone();
            let parent = item.parent.map(|parent| arrangement.items[parent].id.clone());
            match &item.what {
                What::Place(index) => {
                    let place = &self.tree().places[*index];
                    nodes.push(PlacedNode {
                        id,
                        parent,
                        step: place.step.and_then(|step| Some(self.node(step)?.step.clone())),
                        shows: (&place.kind).into(),
                        rect,
                        fold: item.fan_out.clone(),
                        superseded: place.superseded,
                    });
                }
                What::Fold { target, places } => {
                    let steps = folded.remove(&index).unwrap_or_default();
                    let failing =
                        |&&step: &&StepNumber| self.node(step).is_some_and(crate::Node::is_failing);
                    folds.push(PlacedFold {
                        id,
                        parent,
                        target: target.clone(),
                        calls: count(places.len()),
                        failing: count(steps.iter().filter(failing).count()),
                        steps: stretches(steps),
                        pinned: self.count_pinned(places),
                        counts: self.count_states(places),
                        rect,
                    });
                }
            }
        }
        (nodes, folds)
    }

    /// The steps in each folded item, by its index.
    fn folded(&self, arrangement: &Arrangement) -> HashMap<usize, Vec<StepNumber>> {
        let mut folded: HashMap<usize, Vec<StepNumber>> = HashMap::new();
        for (place, &item) in self.tree().places.iter().zip(&arrangement.item_of) {
            let is_fold = matches!(arrangement.items[item].what, What::Fold { .. });
            if let (true, Some(step)) = (is_fold, place.step) {
                folded.entry(item).or_default().push(step);
            }
        }
        folded
    }

    fn draw_groups(&self, arrangement: &Arrangement, placement: &Placement) -> Vec<GroupFrame> {
        let draw = |frame: &crate::placement::Frame| {
            let caller = &arrangement.items[frame.caller];
            let What::Place(place) = caller.what else { return None };
            let members: Vec<usize> = self.tree().places[place]
                .children
                .iter()
                .copied()
                .filter(|&child| self.tree().places[child].group == Some(frame.group))
                .collect();
            let attempt = frame.group.attempt;
            Some(GroupFrame {
                id: format!("{}[{attempt}.{}]", caller.id, frame.group.number),
                parent: caller.id.clone(),
                name: self.tree().group_names.get(&frame.group).cloned(),
                calls: count(members.len()),
                target: self.common_target(&members),
                counts: self.count_states(&members),
                rect: frame.rect,
            })
        };
        placement.frames.iter().filter_map(draw).collect()
    }

    /// What is called at a place, where that is known.
    pub(crate) fn target_of(&self, place: usize) -> Option<hindcast_model::Target> {
        let place = &self.tree().places[place];
        match (&place.kind, place.step) {
            (PlaceKind::Blocked { target, .. }, _) => Some(target.clone()),
            (_, Some(step)) => self.node(step)?.target.clone(),
            (_, None) => None,
        }
    }

    pub(crate) fn is_failing(&self, place: usize) -> bool {
        let place = &self.tree().places[place];
        place.step.and_then(|step| self.node(step)).is_some_and(crate::Node::is_failing)
    }

    fn state_of(&self, place: usize) -> State {
        let place = &self.tree().places[place];
        match (&place.kind, place.step.and_then(|step| self.node(step))) {
            (PlaceKind::Blocked { .. }, _) => State::Blocked,
            (_, Some(node)) => node.state,
            (_, None) => State::Unknown,
        }
    }

    fn count_states(&self, places: &[usize]) -> Vec<StateCount> {
        let mut counts = std::collections::BTreeMap::new();
        for &place in places {
            *counts.entry(self.state_of(place)).or_default() += 1;
        }
        counts.into_iter().map(|(state, count)| StateCount { state, count }).collect()
    }

    fn count_pinned(&self, places: &[usize]) -> u32 {
        let pinned =
            |&&place: &&usize| matches!(self.tree().places[place].kind, PlaceKind::Pinned { .. });
        count(places.iter().filter(pinned).count())
    }

    fn common_target(&self, places: &[usize]) -> Option<hindcast_model::Target> {
        let (first, rest) = places.split_first()?;
        let target = self.target_of(*first)?;
        rest.iter().all(|&place| self.target_of(place).as_ref() == Some(&target)).then_some(target)
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Numbers as stretches of successive ones.
fn stretches(mut numbers: Vec<StepNumber>) -> Vec<(StepNumber, StepNumber)> {
    numbers.sort_unstable();
    let mut stretches: Vec<(StepNumber, StepNumber)> = Vec::new();
    for number in numbers {
        match stretches.last_mut() {
            Some((_, last)) if number <= last.saturating_add(1) => *last = number,
            _ => stretches.push((number, number)),
        }
    }
    stretches
}
