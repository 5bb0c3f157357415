//! Which places are drawn one by one, and which are folded into one node.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hindcast_model::{StepNumber, Target};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{GroupKey, Place, PlaceId, PlaceKind, RunGraph, State};

/// More calls of one target than this, by one caller in one group, fold into one node.
pub const MOST_UNFOLDED: usize = 8;

/// This many of the calls in a fold that failed, or led to a failure, are drawn beside it.
const MOST_FAILING: usize = 3;

/// What a person unfolded, and what must be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct Folding {
    /// Folds that are drawn unfolded, by their place's id.
    pub unfolded: BTreeSet<String>,
    /// Whether everything is drawn unfolded.
    pub all: bool,
    /// Steps that are drawn whatever is folded, such as the selected one; their callers too.
    pub keep: BTreeSet<StepNumber>,
}

/// How many places are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StateCount {
    /// The state.
    pub state: State,
    /// How many.
    pub count: u32,
}

/// What is drawn as one node.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: PlaceId,
    pub(crate) what: What,
    pub(crate) group: Option<GroupKey>,
    /// The fan-out it is part of, folded or not.
    pub(crate) fan_out: Option<PlaceId>,
    pub(crate) parent: Option<usize>,
    pub(crate) children: Vec<usize>,
}

#[derive(Debug)]
pub(crate) enum What {
    /// The place of this index.
    Place(usize),
    /// These places, which call the same target.
    Fold { target: Target, places: Vec<usize> },
}

/// The nodes to draw. Callers come before what they call.
#[derive(Debug, Default)]
pub(crate) struct Arrangement {
    pub(crate) items: Vec<Item>,
    pub(crate) roots: Vec<usize>,
    /// The item that each place is drawn as or folded into.
    pub(crate) item_of: Vec<usize>,
}

impl Arrangement {
    pub(crate) fn of(graph: &RunGraph, folding: &Folding) -> Self {
        let places = &graph.tree().places;
        let shown = Shown::of(graph, folding);
        let mut all = Self { item_of: vec![0; places.len()], ..Self::default() };
        let mut stack: Vec<usize> = Vec::new();
        for &root in &graph.tree().roots {
            let item = all.add(None, None, None, places[root].id.clone(), What::Place(root));
            all.roots.push(item);
            stack.push(item);
        }
        while let Some(parent) = stack.pop() {
            let What::Place(caller) = all.items[parent].what else { continue };
            for fan_out in fan_outs(graph, caller) {
                all.add_fan_out(graph, folding, &shown, parent, fan_out);
            }
            stack.extend(all.items[parent].children.iter());
        }
        all.inherit_folded(places);
        all
    }

    fn add(
        &mut self,
        parent: Option<usize>,
        group: Option<GroupKey>,
        fan_out: Option<PlaceId>,
        id: PlaceId,
        what: What,
    ) -> usize {
        let index = self.items.len();
        match &what {
            What::Place(place) => self.item_of[*place] = index,
            What::Fold { places, .. } => {
                for &place in places {
                    self.item_of[place] = index;
                }
            }
        }
        if let Some(parent) = parent {
            self.items[parent].children.push(index);
        }
        self.items.push(Item { id, what, group, fan_out, parent, children: Vec::new() });
        index
    }

    fn add_fan_out(
        &mut self,
        graph: &RunGraph,
        folding: &Folding,
        must_show: &Shown,
        parent: usize,
        fan_out: FanOut,
    ) {
        let places = &graph.tree().places;
        let FanOut { group, target, members } = fan_out;
        let fold = target
            .filter(|_| members.len() > MOST_UNFOLDED)
            .map(|target| (fold_id(&self.items[parent].id, &places[members[0]], &target), target));
        let (shown, folded) = match &fold {
            Some((id, _)) if !folding.all && !folding.unfolded.contains(id.as_str()) => {
                must_show.split(&members)
            }
            _ => (members, Vec::new()),
        };
        let fan_out = fold.as_ref().map(|(id, _)| id.clone());
        for place in shown {
            let id = places[place].id.clone();
            self.add(Some(parent), group, fan_out.clone(), id, What::Place(place));
        }
        if let (Some((id, target)), false) = (fold, folded.is_empty()) {
            self.add(Some(parent), group, fan_out, id, What::Fold { target, places: folded });
        }
    }

    /// What folded places called is folded with them.
    fn inherit_folded(&mut self, places: &[Place]) {
        for (index, place) in places.iter().enumerate() {
            let Some(caller) = place.parent else { continue };
            let item = self.item_of[caller];
            if matches!(self.items[item].what, What::Fold { .. }) {
                self.item_of[index] = item;
            }
        }
    }
}

/// Calls of one target by one caller in one group.
struct FanOut {
    group: Option<GroupKey>,
    target: Option<Target>,
    members: Vec<usize>,
}

/// What a caller called: groups together, and within a group a large fan-out together, each where
/// its first call stands; the rest in call order.
fn fan_outs(graph: &RunGraph, caller: usize) -> Vec<FanOut> {
    let places = &graph.tree().places;
    let mut by_group: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut first_of: HashMap<GroupKey, usize> = HashMap::new();
    for (order, &place) in places[caller].children.iter().enumerate() {
        let first = match places[place].group {
            Some(group) => *first_of.entry(group).or_insert(order),
            None => order,
        };
        by_group.entry(first).or_default().push(place);
    }
    // Ungrouped calls stand alone in `by_group`; to fold them, they are counted together.
    let ungrouped: Vec<usize> = places[caller]
        .children
        .iter()
        .copied()
        .filter(|&place| places[place].group.is_none())
        .collect();
    let loose = by_target(graph, &ungrouped);
    let mut result = Vec::new();
    for members in by_group.into_values() {
        match places[members[0]].group {
            Some(_) => result.extend(in_order(graph, &members, &by_target(graph, &members))),
            None => result.extend(in_order(graph, &members, &loose)),
        }
    }
    result
}

/// Like steps, by target and by whether only an older attempt called them.
type ByTarget = HashMap<(Target, bool), Vec<usize>>;

fn by_target(graph: &RunGraph, members: &[usize]) -> ByTarget {
    let mut by_target = ByTarget::new();
    for &place in members {
        if let Some(target) = graph.target_of(place) {
            let superseded = graph.tree().places[place].superseded;
            by_target.entry((target, superseded)).or_default().push(place);
        }
    }
    by_target.retain(|_, members| members.len() > MOST_UNFOLDED);
    by_target
}

/// Each large fan-out where its first call stands, every other call by itself.
fn in_order(graph: &RunGraph, members: &[usize], large: &ByTarget) -> Vec<FanOut> {
    let mut result = Vec::new();
    for &place in members {
        let shown = &graph.tree().places[place];
        let group = shown.group;
        let key = graph.target_of(place).map(|target| (target, shown.superseded));
        match key.and_then(|key| Some((large.get(&key)?, key.0))) {
            Some((fan_out, target)) if fan_out[0] == place => {
                result.push(FanOut { group, target: Some(target), members: fan_out.clone() });
            }
            Some(_) => {}
            None => result.push(FanOut { group, target: None, members: vec![place] }),
        }
    }
    result
}

fn fold_id(caller: &PlaceId, first: &Place, target: &Target) -> PlaceId {
    let group = first.group.map(|group| {
        // The newest attempt's groups keep their id from attempt to attempt.
        let attempt = if first.superseded { format!("{}.", group.attempt) } else { String::new() };
        format!("{attempt}{}", group.number)
    });
    let superseded = if first.superseded { "-" } else { "" };
    PlaceId::fold(format!("{caller}[{}]{superseded}{target}", group.unwrap_or_default()))
}

/// What is drawn though it is in a fold.
struct Shown {
    /// By place: of the steps to keep, of calls that wait at the guard, and callers of such.
    kept: Vec<bool>,
    /// By place: whether it failed.
    fails: Vec<bool>,
    /// By place: whether it or anything below it failed, though its caller may have gone on.
    leads_to_failure: Vec<bool>,
}

impl Shown {
    fn of(graph: &RunGraph, folding: &Folding) -> Self {
        let places = &graph.tree().places;
        let kept = places.iter().map(|place| match place.step {
            Some(step) => folding.keep.contains(&step),
            None => matches!(place.kind, PlaceKind::Blocked { refused: false, .. }),
        });
        let fails: Vec<bool> = (0..places.len()).map(|place| graph.is_failing(place)).collect();
        Self {
            kept: with_callers(places, kept.collect()),
            leads_to_failure: with_callers(places, fails.clone()),
            fails,
        }
    }

    /// What is drawn beside a fold, and what is folded. A fold of one would hide without saving room.
    fn split(&self, members: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let mut failing: Vec<usize> =
            members.iter().copied().filter(|&place| self.leads_to_failure[place]).collect();
        // What failed itself comes before what only called something that did.
        failing.sort_by_key(|&place| !self.fails[place]);
        failing.truncate(MOST_FAILING);
        let (shown, folded): (Vec<usize>, Vec<usize>) =
            members.iter().partition(|&place| self.kept[*place] || failing.contains(place));
        if folded.len() > 1 { (shown, folded) } else { (members.to_vec(), Vec::new()) }
    }
}

/// Those places and all their callers. Callers come first, so this meets every place before its
/// caller.
fn with_callers(places: &[Place], mut marked: Vec<bool>) -> Vec<bool> {
    for index in (0..places.len()).rev() {
        if let (true, Some(caller)) = (marked[index], places[index].parent) {
            marked[caller] = true;
        }
    }
    marked
}
