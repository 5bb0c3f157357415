//! A run, laid out.

use std::collections::{BTreeSet, HashMap};

use hindcast_graph::{
    Comparison, EdgeKind as Line, Folding, GroupFrame, Layout, Node, Options, Place, PlacedEdge,
    PlacedFold, PlacedNode, RunGraph, Shows, StateCount as Count,
};
use hindcast_model::{Blobs, Execution, ExecutionId, Origin, RunId, StepId, StepNumber, Value};

use crate::answers::compare::compare;
use crate::answers::metrics::progress;
use crate::answers::waits::waits;
use crate::api::Answered;
use crate::before::before;
use crate::calls::{GetRun, GetTree};
use crate::command;
use crate::edited::edited;
use crate::effects::Effects;
use crate::seen::Seen;
use crate::state::state;
use crate::view::{
    Divergence, EarlierAttempt, EdgeKind, GraphEdge, GraphFold, GraphGroup, GraphNode, NodeState,
    RunView, StateCount, StoppedCall, TreeLine, TreeView,
};
use crate::words;
use crate::{Api, ApiError};

impl Answered for GetRun {
    async fn answer(self, api: &Api) -> Result<RunView, ApiError> {
        let blobs = api.blobs().clone();
        let loaded = api.loaded().clone();
        api.read(move |store| {
            let run: RunId = self.run.parse()?;
            let seen = Seen::load(store, &loaded, &run, &self.environment)?;
            let unfolded = self.unfolded.into_iter().collect();
            let candidates = Effects::load(store, &run)?.memo_candidates(&seen);
            let keep = self.keep.into_iter().collect();
            let folding = Folding { unfolded, all: self.whole, keep };
            let progress = progress(store, &seen)?;
            Ok(draw(&seen, candidates, progress, folding, &blobs))
        })
        .await
    }
}

/// The graph of a run as it is seen.
pub(crate) fn graph(seen: &Seen) -> &RunGraph {
    seen.view.graph.get_or_init(|| {
        let options = Options { include_superseded: false, calls: &seen.calls };
        RunGraph::build_with(seen.run(), &seen.environments, seen.viewpoint.id, &options)
    })
}

fn draw(
    seen: &Seen,
    memo_candidates: BTreeSet<StepNumber>,
    progress: HashMap<ExecutionId, f64>,
    folding: Folding,
    blobs: &dyn Blobs,
) -> RunView {
    let graph = graph(seen);
    let compared = compared(seen, blobs);
    let first = compared.and_then(first_divergence);
    // Where it first came out differently is drawn, as what failed is.
    let kept = first.map(|step| step.number);
    let folding = &Folding { keep: folding.keep.iter().copied().chain(kept).collect(), ..folding };
    let Layout { nodes, folds, edges, groups, width, height } = graph.layout(folding);
    let divergences = divergences(seen, compared);
    let whole = folding.all;
    let folds = folds.iter().map(|folded| fold(folded, &divergences)).collect();
    let drawing = Drawing { seen, graph, divergences, memo_candidates, progress, whole };
    let nodes: Vec<GraphNode> = nodes.into_iter().map(|node| drawing.node(node)).collect();
    RunView {
        run: seen.run().id.to_string(),
        environment: seen.viewpoint.name.to_string(),
        ancestor: seen.ancestor().map(|ancestor| ancestor.name.to_string()),
        first_divergence: first.map(ToString::to_string),
        nodes,
        edges: edges.into_iter().filter(|_| !whole).map(edge).collect(),
        groups: groups.into_iter().filter(|_| !whole).map(group).collect(),
        folds,
        width,
        height,
        findings: graph.findings().iter().map(words::finding).collect(),
        command: command::inspect(seen.run().id.as_str(), seen.viewpoint.name.as_str()),
    }
}

impl Answered for GetTree {
    async fn answer(self, api: &Api) -> Result<TreeView, ApiError> {
        let loaded = api.loaded().clone();
        api.read(move |store| {
            let run: RunId = self.run.parse()?;
            let seen = Seen::load_from(store, &loaded, &run, self.environment.as_deref())?;
            let graph = graph(&seen);
            let drawing = Drawing {
                seen: &seen,
                graph,
                divergences: HashMap::new(),
                memo_candidates: BTreeSet::new(),
                progress: HashMap::new(),
                whole: false,
            };
            let environment = seen.viewpoint.name.to_string();
            Ok(TreeView { run: self.run, environment, lines: drawing.lines() })
        })
        .await
    }
}

/// The run compared with the ancestor's, if anything of it ran here.
fn compared<'seen>(seen: &'seen Seen, blobs: &dyn Blobs) -> Option<&'seen Comparison> {
    let mut steps = seen.run().steps.keys().copied();
    let touched = steps.any(|step| seen.newest(step, Origin::Local).is_some());
    touched.then(|| compare(seen, blobs)).flatten()
}

fn first_divergence(compared: &Comparison) -> Option<&StepId> {
    let call = compared.calls.get(compared.first_divergence? as usize)?;
    Some(&call.local.as_ref()?.step)
}

/// How the steps compare that something ran of here.
fn divergences(seen: &Seen, compared: Option<&Comparison>) -> HashMap<StepNumber, Divergence> {
    let by_step = compared.map(Comparison::by_step).unwrap_or_default();
    let ran = |step: StepNumber| seen.newest(step, Origin::Local).is_some();
    by_step
        .into_iter()
        .filter(|(step, _)| ran(*step))
        .map(|(step, divergence)| (step, divergence.into()))
        .collect()
}

struct Drawing<'a> {
    seen: &'a Seen,
    graph: &'a RunGraph,
    divergences: HashMap<StepNumber, Divergence>,
    memo_candidates: BTreeSet<StepNumber>,
    progress: HashMap<ExecutionId, f64>,
    /// Whether the whole was asked for.
    whole: bool,
}

impl Drawing<'_> {
    /// Every place, callers before what they call.
    fn lines(&self) -> Vec<TreeLine> {
        let places = &self.graph.tree().places;
        let mut lines = Vec::with_capacity(places.len());
        let mut waiting: Vec<(usize, u32)> =
            self.graph.tree().roots.iter().rev().map(|&root| (root, 0)).collect();
        while let Some((index, depth)) = waiting.pop() {
            let place = &places[index];
            lines.push(self.line(place, depth));
            waiting.extend(place.children.iter().rev().map(|&child| (child, depth + 1)));
        }
        lines
    }

    fn line(&self, place: &Place, depth: u32) -> TreeLine {
        let shows = Shows::from(&place.kind);
        let node = place.step.and_then(|step| self.graph.node(step));
        let environment = node.and_then(|node| node.environment);
        let environment = environment.and_then(|id| self.seen.environments.get(id));
        let blocked = matches!(shows, Shows::Blocked { .. });
        TreeLine {
            id: place.id.to_string(),
            depth,
            step: node.map(|node| node.step.to_string()),
            target: target(&shows, node).1,
            state: match node {
                _ if blocked => NodeState::Blocked,
                Some(node) => node.state.into(),
                None => NodeState::Unknown,
            },
            attempt: node.and_then(|node| node.newest.as_ref()).map(|newest| newest.attempt),
            environment: environment.map(|environment| environment.name.to_string()),
            pinned: matches!(shows, Shows::Pinned { .. }),
            memoised: node.is_some_and(|node| node.memoised),
            note: self.note(&shows, node),
            created_at: node.and_then(|node| node.created_at).map(|at| at.0),
            duration_ms: node.and_then(Node::duration).and_then(|ms| i64::try_from(ms).ok()),
        }
    }

    fn node(&self, placed: PlacedNode) -> GraphNode {
        let number = placed.step.as_ref().map(|step| step.number);
        let node = number.and_then(|number| self.graph.node(number));
        let stopped = stopped(&placed.shows);
        let (module, target) = target(&placed.shows, node);
        let environment = node.and_then(|node| node.environment);
        let environment = environment.and_then(|id| self.seen.environments.get(id));
        let state = match (&stopped, node) {
            (Some(_), _) => NodeState::Blocked,
            (None, Some(node)) => node.state.into(),
            (None, None) => NodeState::Unknown,
        };
        GraphNode {
            note: self.note(&placed.shows, node),
            id: placed.id.to_string(),
            step: placed.step.map(|step| step.to_string()),
            number,
            parent: placed.parent.map(|parent| parent.to_string()),
            fold: placed.fold.filter(|_| !self.whole).map(|fold| fold.to_string()),
            stopped,
            target,
            module,
            x: placed.rect.x,
            y: placed.rect.y,
            width: placed.rect.width,
            height: placed.rect.height,
            state,
            attempt: node.and_then(|node| node.newest.as_ref()).map(|newest| newest.attempt),
            attempts: node.map_or(0, |node| u32::try_from(node.attempts.len()).unwrap_or(u32::MAX)),
            environment: environment.map(|environment| environment.name.to_string()),
            memoised: node.is_some_and(|node| node.memoised),
            memo_candidate: number.is_some_and(|number| self.memo_candidates.contains(&number)),
            pinned: matches!(placed.shows, Shows::Pinned { .. }),
            mocked: matches!(placed.shows, Shows::Mocked { .. }),
            edited: node
                .and_then(|node| node.newest.as_ref())
                .is_some_and(|newest| !edited(&self.seen.stored, newest).is_empty()),
            divergence: number.and_then(|number| self.divergences.get(&number).copied()),
            created_at: node.and_then(|node| node.created_at).map(|at| at.0),
            started_at: node.and_then(|node| node.started_at).map(|at| at.0),
            completed_at: node.and_then(|node| node.completed_at).map(|at| at.0),
            duration_ms: node.and_then(Node::duration).and_then(|ms| i64::try_from(ms).ok()),
            waits: node.filter(|_| self.whole).map_or_else(Vec::new, |node| self.waits(node)),
            earlier: node.filter(|_| self.whole).map_or_else(Vec::new, |node| self.earlier(node)),
            progress: node
                .and_then(|node| node.newest.as_ref())
                .and_then(|newest| self.progress.get(newest).copied()),
        }
    }

    fn waits(&self, node: &Node) -> Vec<(i64, i64)> {
        let run = self.seen.run();
        let newest = node.newest.as_ref().and_then(|newest| run.execution(newest));
        newest.map_or_else(Vec::new, |newest| waits(run, newest))
    }

    fn earlier(&self, node: &Node) -> Vec<EarlierAttempt> {
        let run = self.seen.run();
        let newest = node.newest.as_ref().and_then(|newest| run.execution(newest));
        let Some((step, newest)) = run.steps.get(&node.number).zip(newest) else {
            return Vec::new();
        };
        let view = |execution: &Execution| {
            let origin = self.seen.environment(execution)?.origin;
            Some(EarlierAttempt {
                attempt: execution.execution_id.attempt,
                state: state(run, execution, origin),
                created_at: execution.created_at.0,
                started_at: execution.assigned_at.map(|at| at.0),
                completed_at: execution.completed_at.map(|at| at.0),
            })
        };
        before(step, newest).into_iter().rev().filter_map(view).collect()
    }

    /// What the node says in small: what went wrong, else the first argument that is short.
    fn note(&self, shows: &Shows, node: Option<&Node>) -> String {
        match shows {
            Shows::Blocked { refused: true, .. } => return "stopped at the guard".to_owned(),
            Shows::Blocked { refused: false, .. } => return "waits for you".to_owned(),
            Shows::Missing => return "not in the export".to_owned(),
            Shows::Called | Shows::Pinned { .. } | Shows::Mocked { .. } => {}
        }
        let Some(node) = node else { return String::new() };
        if let Some(error) = &node.error {
            return error.clone();
        }
        let step = self.seen.run().steps.get(&node.number);
        step.and_then(|step| step.arguments.iter().find_map(short)).unwrap_or_default()
    }
}

/// A short text or number among the arguments: what tells like calls apart.
fn short(value: &Value) -> Option<String> {
    const LONGEST: usize = 40;
    let Value::Raw { data, .. } = value else { return None };
    if data.text().len() > LONGEST {
        return None;
    }
    match serde_json::from_str(data.text()).ok()? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn target(shows: &Shows, node: Option<&Node>) -> (String, String) {
    let target = match shows {
        Shows::Blocked { target, .. } => Some(target),
        _ => node.and_then(|node| node.target.as_ref()),
    };
    target.map(|target| (target.module.to_string(), target.name.to_string())).unwrap_or_default()
}

fn stopped(shows: &Shows) -> Option<StoppedCall> {
    match shows {
        Shows::Blocked { caller, ordinal, refused, .. } => {
            Some(StoppedCall { caller: caller.to_string(), ordinal: *ordinal, refused: *refused })
        }
        _ => None,
    }
}

fn edge(edge: PlacedEdge) -> GraphEdge {
    GraphEdge {
        from: edge.from.to_string(),
        to: edge.to.to_string(),
        kind: match edge.kind {
            Line::Call => EdgeKind::Call,
            Line::Memo => EdgeKind::Memo,
            Line::Data => EdgeKind::Data,
        },
        points: edge.points,
    }
}

fn group(frame: GroupFrame) -> GraphGroup {
    let calls = match &frame.target {
        Some(target) => format!("{} calls of {}", frame.calls, target.name),
        None => format!("{} calls", frame.calls),
    };
    GraphGroup {
        id: frame.id,
        label: frame.name.map_or_else(|| calls.clone(), |name| format!("{name} · {calls}")),
        caller: frame.parent.to_string(),
        x: frame.rect.x,
        y: frame.rect.y,
        width: frame.rect.width,
        height: frame.rect.height,
        counts: counts(&frame.counts),
    }
}

fn fold(fold: &PlacedFold, divergences: &HashMap<StepNumber, Divergence>) -> GraphFold {
    let inside =
        |step: &StepNumber| fold.steps.iter().any(|(first, last)| (first..=last).contains(&step));
    let news =
        |divergence: &Divergence| !matches!(divergence, Divergence::Equal | Divergence::Unfinished);
    let differing =
        divergences.iter().filter(|(step, divergence)| news(divergence) && inside(step));
    let pinned = match fold.pinned {
        0 => String::new(),
        pinned if pinned == fold.calls => ", all pinned".to_owned(),
        pinned => format!(", {pinned} pinned"),
    };
    GraphFold {
        id: fold.id.to_string(),
        label: format!("{} calls of {}{pinned}", fold.calls, fold.target.name),
        x: fold.rect.x,
        y: fold.rect.y,
        width: fold.rect.width,
        height: fold.rect.height,
        counts: counts(&fold.counts),
        failing: fold.failing,
        differing: u32::try_from(differing.count()).unwrap_or(u32::MAX),
        steps: fold.calls,
        numbers: fold.steps.clone(),
        caller: fold.parent.as_ref().map(ToString::to_string),
    }
}

fn counts(counts: &[Count]) -> Vec<StateCount> {
    let counts = counts.iter();
    counts.map(|count| StateCount { state: count.state.into(), count: count.count }).collect()
}
