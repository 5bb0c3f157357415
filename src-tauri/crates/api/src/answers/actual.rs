//! A plan beside what really happened.

use std::collections::{BTreeMap, HashMap, HashSet};

use hindcast_model::record::Call;
use hindcast_model::{
    BlobKey, Blobs, Data, ExecutionId, Fingerprint, Fingerprints, Known, Run, StepId, Value,
};
use hindcast_store::{BlobStore, KeptRerun, Store};

use crate::api::Answered;
use crate::calls::GetActual;
use crate::outcome::follow;
use crate::seen::Seen;
use crate::state::state;
use crate::view::{ActualCall, ActualView, CallState, NodeState, PlanCall, PlanView};
use crate::words;
use crate::{Api, ApiError, ErrorCode};

impl Answered for GetActual {
    async fn answer(self, api: &Api) -> Result<ActualView, ApiError> {
        let (loaded, blobs) = (api.loaded().clone(), api.blobs().clone());
        api.read(move |store| {
            let kept = find(store, self.rerun.as_deref())?;
            let plan: PlanView = serde_json::from_str(&kept.plan)
                .map_err(|error| ApiError::internal("a kept plan cannot be read", error))?;
            let name = store.environment(kept.environment)?.name.to_string();
            let seen = Seen::load(store, &loaded, &kept.run, &name)?;
            Ok(Beside { seen: &seen, blobs: &blobs, calls: Vec::new() }.view(&kept, plan, name))
        })
        .await
    }
}

/// The re-run that is meant: by its number, an execution it asked for, or a run for its last; else the
/// last of all.
pub(super) fn find(store: &Store, rerun: Option<&str>) -> Result<KeptRerun, ApiError> {
    let number = match rerun {
        None => store.last_rerun(None)?,
        Some(text) => match (text.parse::<i64>(), text.parse::<ExecutionId>()) {
            (Ok(number), _) => Some(number),
            (_, Ok(execution)) => store.rerun_of(&execution)?,
            _ => {
                let run = text.parse().map_err(|_| {
                    let message = format!(
                        "{text:?} is neither the number of a re-run, nor an execution it asked for, nor a run"
                    );
                    ApiError::new(ErrorCode::BadRequest, message)
                })?;
                store.last_rerun(Some(&run))?
            }
        },
    };
    let kept = number.map(|number| store.rerun(number)).transpose()?.flatten();
    kept.ok_or_else(|| match rerun {
        Some(text) => ApiError::not_found("plan of re-run", text),
        None => ApiError::new(ErrorCode::NotFound, "nothing was re-run here yet"),
    })
}

struct Beside<'a> {
    seen: &'a Seen,
    blobs: &'a BlobStore,
    calls: Vec<ActualCall>,
}

/// A planned call with those below it.
struct Node<'plan> {
    call: &'plan PlanCall,
    below: Vec<Node<'plan>>,
}

/// The calls at this depth and below, from the front of a list in call order.
fn nodes<'plan>(calls: &mut &'plan [PlanCall], depth: u32) -> Vec<Node<'plan>> {
    let mut nodes = Vec::new();
    while let [call, rest @ ..] = *calls {
        if call.depth < depth {
            break;
        }
        *calls = rest;
        let below = nodes_below(calls, call.depth);
        nodes.push(Node { call, below });
    }
    nodes
}

fn nodes_below<'plan>(calls: &mut &'plan [PlanCall], depth: u32) -> Vec<Node<'plan>> {
    match *calls {
        [next, ..] if next.depth > depth => nodes(calls, depth + 1),
        _ => Vec::new(),
    }
}

/// The attempt in which an execution finally ended, or is going on.
pub(super) fn last(run: &Run, execution: &ExecutionId) -> ExecutionId {
    let mut at = execution.clone();
    let mut seen = HashSet::new();
    while seen.insert(at.clone()) {
        let outcome = run.execution(&at).and_then(|one| one.result.as_ref());
        match outcome.and_then(hindcast_model::Outcome::successor) {
            Some(attempt) => at = at.step.attempt(attempt),
            None => break,
        }
    }
    at
}

impl Beside<'_> {
    fn view(mut self, kept: &KeptRerun, plan: PlanView, environment: String) -> ActualView {
        let mut rest = plan.calls.as_slice();
        let chosen = nodes(&mut rest, 0);
        for node in &chosen {
            let of_step = |execution: &&ExecutionId| {
                node.call.step.as_deref() == Some(execution.step.to_string().as_str())
            };
            match kept.executions.iter().find(of_step) {
                Some(execution) => {
                    let state = self.state(execution);
                    self.say(node.call, CallState::Run, Some(execution), state, String::new());
                    self.below(&node.below, execution, 1);
                }
                None => self.unreached(node, "the re-run never began", CallState::Unreached),
            }
        }
        let ended = kept.executions.iter().all(|execution| {
            let known = self.seen.run().execution(&self.last(execution));
            known.is_some_and(|execution| execution.result.is_some())
        });
        let beyond = self
            .calls
            .iter()
            .filter(|call| call.actual == CallState::Run && call.planned != Some(CallState::Run));
        ActualView {
            rerun: u32::try_from(kept.id).unwrap_or(u32::MAX),
            run: kept.run.to_string(),
            environment,
            at: kept.at.0,
            executions: kept.executions.iter().map(ToString::to_string).collect(),
            beyond_plan: u32::try_from(beyond.count()).unwrap_or(u32::MAX),
            plan,
            calls: self.calls,
            ended,
        }
    }

    fn last(&self, execution: &ExecutionId) -> ExecutionId {
        last(self.seen.run(), execution)
    }

    fn state(&self, execution: &ExecutionId) -> Option<NodeState> {
        let execution = self.seen.run().execution(execution)?;
        let environment = self.seen.environment(execution)?;
        Some(state(self.seen.run(), execution, environment.origin))
    }

    /// What became of the calls planned below an execution, and what else it called.
    fn below(&mut self, planned: &[Node<'_>], execution: &ExecutionId, depth: u32) {
        let caller = self.last(execution);
        let seen = self.seen;
        let calls: Vec<&Call> = seen.calls.iter().filter(|call| call.caller == caller).collect();
        let ended = seen.run().execution(&caller).is_some_and(|one| one.result.is_some());
        let pairs = self.pairs(planned, &calls);
        let mut next = 0;
        let taken: HashSet<usize> = pairs.values().copied().collect();
        for (index, node) in planned.iter().enumerate() {
            match pairs.get(&index) {
                Some(&at) => {
                    while next < at {
                        if !taken.contains(&next) {
                            self.unplanned(calls[next], depth);
                        }
                        next += 1;
                    }
                    next = next.max(at + 1);
                    self.planned(node, calls[at], depth);
                }
                None if node.call.step.is_none() => {}
                None if ended => {
                    self.unreached(node, "the code did not call it", CallState::Unreached);
                }
                None => self.unreached(node, "not called yet", CallState::Unknown),
            }
        }
        for (at, call) in calls.iter().enumerate().skip(next) {
            if !taken.contains(&at) {
                self.unplanned(call, depth);
            }
        }
    }

    fn planned(&mut self, node: &Node<'_>, call: &Call, depth: u32) {
        let answered = words::answered_by(&call.answer);
        let state = answered.and_then(|id| self.state(id));
        let actual = words::call_state(&call.answer);
        self.say(node.call, actual, answered, state, words::reason(&call.answer));
        if let (CallState::Run, Some(execution)) = (actual, answered) {
            self.below(&node.below, execution, depth + 1);
        }
    }

    fn unplanned(&mut self, call: &Call, depth: u32) {
        let answered = words::answered_by(&call.answer);
        let actual = words::call_state(&call.answer);
        self.calls.push(ActualCall {
            depth,
            target: call.target.name.to_string(),
            step: None,
            planned: None,
            actual,
            as_planned: false,
            execution: answered.map(ToString::to_string),
            state: answered.and_then(|id| self.state(id)),
            reason: words::reason(&call.answer),
        });
        if let (CallState::Run, Some(execution)) = (actual, answered) {
            self.below(&[], execution, depth + 1);
        }
    }

    fn say(
        &mut self,
        planned: &PlanCall,
        actual: CallState,
        execution: Option<&ExecutionId>,
        state: Option<NodeState>,
        reason: String,
    ) {
        let same = planned.call == actual
            // A call that was to be stopped was stopped.
            || (planned.call == CallState::Blocked && actual == CallState::Refused)
            // Only running was to tell; but nothing may run that was not planned to.
            || (planned.call == CallState::Unknown && actual != CallState::Run);
        self.calls.push(ActualCall {
            depth: planned.depth,
            target: planned.target.clone(),
            step: planned.step.clone(),
            planned: Some(planned.call),
            actual,
            as_planned: same,
            execution: execution.map(ToString::to_string),
            state,
            reason,
        });
    }

    fn unreached(&mut self, node: &Node<'_>, why: &str, state: CallState) {
        if node.call.step.is_some() {
            self.say(node.call, state, None, None, why.to_owned());
        }
        for below in &node.below {
            self.unreached(below, why, state);
        }
    }

    /// Which planned call became which: by the step that answered, else by target and arguments,
    /// else by target, each in order.
    fn pairs(&self, planned: &[Node<'_>], calls: &[&Call]) -> BTreeMap<usize, usize> {
        let run = self.seen.run();
        let steps: Vec<Option<StepId>> = planned
            .iter()
            .map(|node| node.call.step.as_ref().and_then(|step| step.parse().ok()))
            .collect();
        let mut pairs = Pairs::default();
        pairs.add(
            steps.iter().map(Clone::clone),
            calls.iter().map(|call| words::answered_by(&call.answer).map(|id| id.step.clone())),
        );
        let of_step =
            |step: &Option<StepId>| step.as_ref().and_then(|id| run.steps.get(&id.number));
        let handles = |id: &ExecutionId| -> Option<Data> {
            let execution = run.execution(id)?;
            Some(follow(run, execution)?.outcome.value()?.decode(self.blobs))
        };
        let pickles = |key: &BlobKey| *key;
        let blobs: &dyn Blobs = self.blobs;
        let known = Known { blobs, handles: &handles, pickles: &pickles, defaults: &[] };
        let print = |arguments: &[Value]| -> Vec<Option<Fingerprint>> {
            let mut prints = Fingerprints::new(known);
            arguments.iter().map(|value| prints.of(&value.decode(blobs))).collect()
        };
        if pairs.by_planned.len() < planned.len().min(calls.len()) {
            pairs.add(
                steps
                    .iter()
                    .map(|step| of_step(step).map(|step| (step.target(), print(&step.arguments)))),
                calls.iter().map(|call| Some((call.target.clone(), print(&call.arguments)))),
            );
            pairs.add(
                steps.iter().map(|step| of_step(step).map(hindcast_model::Step::target)),
                calls.iter().map(|call| Some(call.target.clone())),
            );
        }
        pairs.by_planned
    }
}

#[derive(Default)]
struct Pairs {
    by_planned: BTreeMap<usize, usize>,
    taken: HashSet<usize>,
}

impl Pairs {
    /// Pairs what has the same key and no partner yet: the first with the first, and so on.
    fn add<K: std::hash::Hash + Eq>(
        &mut self,
        planned: impl Iterator<Item = Option<K>>,
        calls: impl Iterator<Item = Option<K>>,
    ) {
        let mut waiting: HashMap<K, Vec<usize>> = HashMap::new();
        for (at, key) in calls.enumerate() {
            if let Some(key) = key.filter(|_| !self.taken.contains(&at)) {
                waiting.entry(key).or_default().push(at);
            }
        }
        for list in waiting.values_mut() {
            list.reverse();
        }
        for (index, key) in planned.enumerate() {
            if self.by_planned.contains_key(&index) {
                continue;
            }
            if let Some(at) = key.and_then(|key| waiting.get_mut(&key)?.pop()) {
                self.by_planned.insert(index, at);
                self.taken.insert(at);
            }
        }
    }
}
