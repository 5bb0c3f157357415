//! What is going on and what went on lately, kept up from the journal.

mod deleted;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use hindcast_graph::State;
use hindcast_model::record::{
    Answer, Because, Call, Input, LedgerEntry, NewExecution, NewStep, Record,
};
use hindcast_model::{
    Debugger, DebuggerState, Ended, EnvironmentId, ExecutionId, InputId, Outcome, Resolved, RunId,
    SideEffect, StepId, Target, Timestamp,
};

use crate::debugging;
use crate::effects::describe;
use crate::note::{CallNote, DoneNote, EndNote, Note, SavedNote};
use crate::outcome;
use crate::view::{Activity, ActivityItem, ApiEvent, CallState, NodeState, RerunStarted};
use crate::words;

pub(crate) use deleted::Here;

/// How many items are shown at most.
const SHOWN: usize = 500;

/// A place in the list: an execution of its own, or a call that none stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Step(StepId),
    Call(ExecutionId, u32),
}

/// What is going on and what went on lately.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    items: Vec<(Key, ActivityItem)>,
    places: HashMap<Key, usize>,
    targets: HashMap<StepId, Target>,
    started: HashMap<ExecutionId, Timestamp>,
    questions: BTreeMap<(ExecutionId, u32), Call>,
    inputs: BTreeMap<InputId, Input>,
    chosen: Vec<Chosen>,
    /// What has ended: a mock or a cached result has before its call is answered by it.
    gone: HashSet<ExecutionId>,
    /// The execution that spawned a run, where one did.
    spawned: HashMap<RunId, ExecutionId>,
    rerun: Option<RerunStarted>,
    /// Where that happens.
    place: Option<EnvironmentId>,
    debuggers: BTreeMap<ExecutionId, Debugger>,
}

/// Steps that a person chose together.
#[derive(Debug)]
struct Chosen {
    run: RunId,
    at: Timestamp,
    steps: BTreeSet<StepId>,
    /// The attempts they now depend on.
    pending: BTreeSet<ExecutionId>,
    /// Everything that belongs to them: their attempts, what those called, and so on.
    members: BTreeSet<ExecutionId>,
    /// Those of them that have not ended.
    under_way: BTreeSet<ExecutionId>,
    /// Whether it was told that all has ended.
    told: bool,
    ended: Vec<ExecutionId>,
    succeeded: bool,
}

/// What follows from a batch of facts: told once the batch is taken in.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) notes: Vec<Note>,
    pub(crate) ended: Vec<ApiEvent>,
    runs: BTreeSet<RunId>,
    logs: BTreeSet<RunId>,
    pub(crate) overview: bool,
    pub(crate) activity: bool,
}

impl Told {
    /// The events, the most general first.
    pub(crate) fn events(self) -> Vec<ApiEvent> {
        let mut events = Vec::new();
        events.extend(self.overview.then_some(ApiEvent::OverviewChanged));
        let run = |run: RunId| ApiEvent::RunChanged { run: run.to_string() };
        events.extend(self.runs.into_iter().map(run));
        let logs = |run: RunId| ApiEvent::LogsWritten { run: run.to_string() };
        events.extend(self.logs.into_iter().map(logs));
        events.extend(self.activity.then_some(ApiEvent::ActivityChanged));
        events.extend(self.ended);
        events
    }
}

impl Recent {
    /// Takes in facts in the order they were recorded. `target` finds what a step calls that was
    /// there before.
    pub(crate) fn take(
        &mut self,
        records: &[Record],
        target: &mut dyn FnMut(&StepId) -> Option<Target>,
    ) -> Told {
        let mut told = Told::default();
        for record in records {
            match record {
                Record::RunCreated(run) => {
                    if let Some(parent) = &run.parent {
                        self.spawned.insert(run.id.clone(), parent.execution_id.clone());
                    }
                    told.overview = true;
                    told.runs.insert(run.id.clone());
                }
                Record::StepCreated(step) => self.step(step, &mut told),
                Record::ExecutionCreated(new) => {
                    if !self.targets.contains_key(&new.id.step)
                        && let Some(target) = target(&new.id.step)
                    {
                        self.targets.insert(new.id.step.clone(), target);
                    }
                    self.execution(new, &mut told);
                }
                Record::BodyStarted(entry) => self.body(entry, &mut told),
                Record::ExecutionFinished { execution, at, outcome } => {
                    self.finished(execution, *at, outcome, &mut told);
                }
                Record::Resolved { execution, outcome } => {
                    self.settle(execution, outcome, &mut told);
                    told.runs.insert(execution.run().clone());
                }
                Record::CallAnswered(call) => self.call(call, &mut told),
                Record::Logged(entry) => drop(told.logs.insert(entry.execution.run().clone())),
                Record::InputSubmitted { input, .. } => {
                    self.inputs.insert(input.id.clone(), input.clone());
                    self.inputs.retain(|_, input| input.response.is_none());
                    told.activity = true;
                }
                Record::InputAnswered { input, .. } => {
                    self.inputs.remove(input);
                    told.activity = true;
                }
                Record::EffectSeen(SideEffect { execution, act, count, .. }) => {
                    told.runs.insert(execution.run().clone());
                    told.notes.push(Note::Reached(describe(execution, act, *count)));
                }
                Record::CodeSaved { run, files, .. } => {
                    let (run, files) = (run.to_string(), files.clone());
                    told.ended.push(ApiEvent::CodeSaved { run: run.clone(), files: files.clone() });
                    told.notes.push(Note::Saved(SavedNote { run, files }));
                }
                Record::Debugger { execution, debugger, .. } => {
                    // What has ended has none, whatever is still said of it.
                    if !self.gone.contains(execution) {
                        self.debuggers.insert(execution.clone(), *debugger);
                        told.notes.push(Note::Debugger(debugging::view(execution, *debugger)));
                        told.activity = true;
                    }
                }
                Record::GroupRegistered { execution, .. }
                | Record::Depended { execution, .. }
                | Record::MetricDefined { execution, .. }
                | Record::Measured { execution, .. }
                | Record::AssetPersisted { execution, .. }
                | Record::Watched { execution, .. }
                | Record::CheckpointsChanged { execution, .. } => {
                    told.runs.insert(execution.run().clone());
                }
                Record::StreamRegistered { stream, .. } | Record::StreamClosed { stream, .. } => {
                    told.runs.insert(stream.step.run.clone());
                }
                // No view holds items, nor keys.
                Record::StreamAppended { .. } | Record::OwnKeysMade(_) => {}
            }
        }
        told
    }

    fn step(&mut self, step: &NewStep, told: &mut Told) {
        self.targets.insert(step.id.clone(), step.target.clone());
        told.runs.insert(step.id.run.clone());
    }

    fn execution(&mut self, new: &NewExecution, told: &mut Told) {
        told.runs.insert(new.id.run().clone());
        told.activity = true;
        let spawned = self.spawned.get(new.id.run()).cloned();
        let first = new.because == Because::Called && new.id.step.number == 1;
        if let Some(parent) = spawned.as_ref().filter(|_| first) {
            self.belongs(parent, &new.id);
        }
        let root = first && spawned.is_none();
        if new.because == Because::Rerun || root {
            told.overview = true;
            self.choose(new);
        }
        let key = Key::Step(new.id.step.clone());
        let call = if root || new.because == Because::Rerun { "chosen" } else { "" };
        let item = self.item(key, new.created_at, &new.id.step);
        item.execution = Some(new.id.to_string());
        item.state = NodeState::Queued;
        call.clone_into(&mut item.note);
        item.duration_ms = None;
    }

    /// Steps asked for in one go belong together: what one event brings has one time.
    fn choose(&mut self, new: &NewExecution) {
        let step = new.id.step.clone();
        let (run, at) = (new.id.run(), new.created_at);
        let known = self.chosen.iter().position(|one| one.run == *run && one.at == at);
        // Who asked for it may have said more of it already.
        let id = new.id.to_string();
        let named = self.rerun.as_ref().is_some_and(|rerun| rerun.executions.contains(&id));
        let index = known.unwrap_or_else(|| {
            if self.chosen.iter().all(|chosen| chosen.told) {
                self.forget();
            }
            self.chosen.push(Chosen {
                run: new.id.run().clone(),
                at: new.created_at,
                steps: BTreeSet::new(),
                pending: BTreeSet::new(),
                members: BTreeSet::new(),
                under_way: BTreeSet::new(),
                told: false,
                ended: Vec::new(),
                succeeded: true,
            });
            self.place = Some(new.environment);
            if !named {
                self.rerun = Some(RerunStarted {
                    environment: String::new(),
                    run: new.id.run().to_string(),
                    steps: Vec::new(),
                    executions: Vec::new(),
                    rerun: None,
                    locked: false,
                });
            }
            self.chosen.len() - 1
        });
        if let Some(rerun) = self.rerun.as_mut().filter(|_| !named) {
            rerun.steps.push(step.to_string());
            rerun.executions.push(id);
        }
        let chosen = &mut self.chosen[index];
        chosen.steps.insert(step);
        chosen.pending.insert(new.id.clone());
        chosen.members.insert(new.id.clone());
        chosen.under_way.insert(new.id.clone());
    }

    /// Notes that `execution` exists because of `because_of`.
    fn belongs(&mut self, because_of: &ExecutionId, execution: &ExecutionId) {
        for chosen in self.chosen.iter_mut().filter(|one| one.members.contains(because_of)) {
            chosen.members.insert(execution.clone());
            if !self.gone.contains(execution) {
                chosen.under_way.insert(execution.clone());
            }
        }
    }

    fn forget(&mut self) {
        self.items.clear();
        self.places.clear();
        self.chosen.clear();
        self.started.clear();
        self.gone.clear();
        self.spawned.clear();
    }

    fn item(&mut self, key: Key, at: Timestamp, step: &StepId) -> &mut ActivityItem {
        let index = *self.places.entry(key.clone()).or_insert_with(|| {
            let target = self.targets.get(step);
            let item = ActivityItem {
                run: step.run.to_string(),
                step: Some(step.to_string()),
                execution: None,
                target: target.map(|target| target.name.to_string()).unwrap_or_default(),
                call: CallState::Run,
                state: NodeState::Queued,
                note: String::new(),
                at: at.0,
                duration_ms: None,
            };
            self.items.push((key, item));
            self.items.len() - 1
        });
        &mut self.items[index].1
    }

    /// Takes out an item that another stands for from now on.
    fn drop_item(&mut self, key: &Key) {
        let Some(index) = self.places.remove(key) else { return };
        self.items.remove(index);
        for place in self.places.values_mut().filter(|place| **place > index) {
            *place -= 1;
        }
    }

    fn body(&mut self, entry: &LedgerEntry, told: &mut Told) {
        self.started.insert(entry.execution.clone(), entry.at);
        self.targets.insert(entry.execution.step.clone(), entry.target.clone());
        let step = entry.execution.step.clone();
        let item = self.item(Key::Step(step.clone()), entry.at, &step);
        item.execution = Some(entry.execution.to_string());
        item.state = NodeState::Running;
        item.target = entry.target.name.to_string();
        told.runs.insert(entry.execution.run().clone());
        told.activity = true;
    }

    fn finished(&mut self, id: &ExecutionId, at: Timestamp, outcome: &Outcome, told: &mut Told) {
        told.overview = true;
        told.activity = true;
        told.runs.insert(id.run().clone());
        self.questions.retain(|(caller, _), _| caller != id);
        self.debuggers.remove(id);
        let duration_ms = self.started.get(id).map(|start| at.0.saturating_sub(start.0));
        let state = NodeState::from(State::of_outcome(outcome));
        let note = match &outcome.ended {
            Ended::Value(_) => String::new(),
            _ => outcome::words(outcome),
        };
        let target = self.targets.get(&id.step).map(ToString::to_string).unwrap_or_default();
        let execution = id.to_string();
        let end = EndNote { execution, target, state, note: note.clone(), duration_ms };
        told.notes.push(Note::Ended(end));
        let item = self.item(Key::Step(id.step.clone()), at, &id.step);
        if item.execution.as_deref().is_none_or(|execution| execution == id.to_string()) {
            item.state = state;
            item.duration_ms = duration_ms;
            if !note.is_empty() {
                item.note = note;
            }
        }
        self.gone.insert(id.clone());
        if let Some(attempt) = outcome.successor() {
            self.belongs(id, &id.step.attempt(attempt));
        }
        self.settle(id, outcome, told);
        for chosen in &mut self.chosen {
            chosen.under_way.remove(id);
            chosen.tell(told);
        }
    }

    /// Goes on with whatever the chosen steps depend on now.
    fn settle(&mut self, id: &ExecutionId, outcome: &Outcome, told: &mut Told) {
        for chosen in self.chosen.iter_mut().filter(|chosen| chosen.pending.contains(id)) {
            let resolved = match &outcome.resolved {
                Resolved::Known(last) => Some(&**last),
                Resolved::Absent | Resolved::Pending => None,
            };
            let goes_on = outcome.successor().filter(|_| resolved.is_none());
            let elsewhere = outcome.shared_with().is_some() && resolved.is_none();
            if elsewhere {
                continue;
            }
            chosen.pending.remove(id);
            if let Some(attempt) = goes_on {
                chosen.pending.insert(id.step.attempt(attempt));
                continue;
            }
            chosen.ended.push(id.clone());
            chosen.succeeded &= resolved.unwrap_or(outcome).value().is_some();
            chosen.tell(told);
        }
    }

    fn call(&mut self, call: &Call, told: &mut Told) {
        told.activity = true;
        told.runs.insert(call.caller.run().clone());
        told.notes.push(Note::Called(CallNote::of(call)));
        let place = (call.caller.clone(), call.ordinal);
        if matches!(call.answer, Answer::Blocked { .. }) {
            self.questions.insert(place.clone(), call.clone());
        } else {
            self.questions.remove(&place);
        }
        let ran = match &call.answer {
            Answer::Run { execution, .. } | Answer::Mocked { execution, .. } => Some(execution),
            Answer::Pinned { .. } | Answer::Blocked { .. } | Answer::Refused { .. } => None,
        };
        if let Some(execution) = ran {
            self.belongs(&call.caller, execution);
        }
        let own = Key::Call(place.0, place.1);
        let key = ran.map_or(own.clone(), |execution| Key::Step(execution.step.clone()));
        // What was stopped and may run now is shown as what runs, and only as that.
        if ran.is_some() {
            self.drop_item(&own);
        }
        let step = ran.map_or(&call.caller.step, |execution| &execution.step);
        let new = !self.places.contains_key(&key);
        let item = self.item(key, call.at, step);
        item.target = call.target.name.to_string();
        item.call = words::call_state(&call.answer);
        if item.note.is_empty() || new || ran.is_none() {
            item.note = match &call.answer {
                // Whether it ran yet stands beside it.
                Answer::Run { allowed, miss, .. } => words::run(allowed, miss.as_ref()),
                answer => words::reason(answer),
            };
        }
        if ran.is_none() {
            let execution = words::answered_by(&call.answer);
            item.execution = execution.map(ToString::to_string);
            item.step = execution.map(|execution| execution.step.to_string());
            item.state = match item.call {
                CallState::Blocked | CallState::Refused => NodeState::Blocked,
                _ => NodeState::Succeeded,
            };
        }
    }

    /// The environment of the last re-run, which its facts do not name.
    pub(crate) fn name_rerun(&mut self, started: &RerunStarted) {
        self.rerun = Some(started.clone());
    }

    /// Where the last re-run happens, if that is not named yet: of one that another process asked for.
    pub(crate) fn unnamed_place(&self) -> Option<EnvironmentId> {
        self.place.filter(|_| self.rerun.as_ref().is_some_and(|rerun| rerun.environment.is_empty()))
    }

    /// What the window shows.
    pub(crate) fn activity(&self) -> Activity {
        let count = |test: &dyn Fn(&ActivityItem) -> bool| {
            let count = self.items.iter().filter(|(_, item)| test(item)).count();
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        let stopped =
            |item: &ActivityItem| matches!(item.call, CallState::Blocked | CallState::Refused);
        let begun = |(key, _): &&(Key, ActivityItem)| match key {
            Key::Step(step) => self.started.keys().any(|execution| execution.step == *step),
            Key::Call(..) => false,
        };
        let ran = self.items.iter().filter(begun).count();
        let asks = |item: &ActivityItem| {
            let mut callers = self.questions.keys().map(|(caller, _)| caller.to_string());
            item.execution.as_ref().is_some_and(|id| callers.any(|caller| caller == *id))
        };
        let unattached = |item: &ActivityItem| {
            let mut waiting = self
                .debuggers
                .iter()
                .filter(|(_, debugger)| debugger.state == DebuggerState::Waits);
            item.execution.as_ref().is_some_and(|id| waiting.any(|(one, _)| one.to_string() == *id))
        };
        let shown = |(_, item): &(Key, ActivityItem)| {
            let waits = item.state == NodeState::Running && (asks(item) || unattached(item));
            let state = if waits { NodeState::Waiting } else { item.state };
            ActivityItem { state, ..item.clone() }
        };
        Activity {
            items: self.items.iter().rev().take(SHOWN).map(shown).collect(),
            running: count(&|item| item.state == NodeState::Running),
            pinned: count(&|item| item.call == CallState::Pinned),
            ran: u32::try_from(ran).unwrap_or(u32::MAX),
            stopped: count(&stopped),
            rerun: self.rerun.clone(),
            debug: self.debuggers.iter().map(|(id, one)| debugging::view(id, *one)).collect(),
        }
    }

    /// Executions that wait for a debugger or have one.
    pub(crate) fn debuggers(&self) -> BTreeMap<ExecutionId, Debugger> {
        self.debuggers.clone()
    }

    /// Calls that wait at the guard.
    pub(crate) fn questions(&self) -> Vec<Call> {
        self.questions.values().cloned().collect()
    }

    /// Inputs that are not answered.
    pub(crate) fn inputs(&self) -> Vec<Input> {
        self.inputs.values().cloned().collect()
    }
}

impl Chosen {
    /// Tells, once, that all has ended.
    fn tell(&mut self, told: &mut Told) {
        if self.told || !self.pending.is_empty() || !self.under_way.is_empty() {
            return;
        }
        self.told = true;
        let steps = self.steps.iter().map(ToString::to_string).collect();
        let (run, succeeded) = (self.run.to_string(), self.succeeded);
        told.ended.push(ApiEvent::RerunEnded { run, steps, succeeded, at: self.at.0 });
        let executions = self.ended.clone();
        told.notes.push(Note::Done(DoneNote { executions, succeeded }));
    }
}

#[cfg(test)]
mod tests {
    use hindcast_model::record::{Allowed, Declared, Miss, MissReason, PinRule, TargetKind};
    use hindcast_model::{Json, Outcome, Value};

    use super::*;

    fn target(name: &str) -> Target {
        Target::new("shop", name)
    }

    fn execution(id: &str, because: Because, at: i64) -> Record {
        Record::ExecutionCreated(NewExecution {
            id: id.parse().unwrap(),
            environment: EnvironmentId(2),
            workspace: "Wdev".parse().unwrap(),
            created_at: Timestamp(at),
            execute_after: None,
            because,
            edited_arguments: None,
        })
    }

    fn body(id: &str, at: i64) -> Record {
        Record::BodyStarted(LedgerEntry {
            execution: id.parse().unwrap(),
            target: target("body"),
            arguments_hash: String::new(),
            at: Timestamp(at),
            allowed_by: Allowed::Chosen,
            code: None,
            policy: None,
        })
    }

    fn step(id: &str, parent: &str) -> Record {
        Record::StepCreated(NewStep {
            id: id.parse().unwrap(),
            target: target("child"),
            parent: Some(parent.parse().unwrap()),
            created_at: Timestamp(2),
            arguments: Vec::new(),
            memo_key: None,
            cache: None,
            cache_key: None,
            retries: None,
            recurrent: false,
            timeout: 0,
            requires: serde_json::json!({}),
            declared: Declared {
                kind: TargetKind::Task,
                memo: None,
                defer: None,
                defer_key: None,
                wait_for: Vec::new(),
                delay: 0,
                streams: None,
            },
        })
    }

    fn call(caller: &str, ordinal: u32, answer: Answer) -> Record {
        Record::CallAnswered(Call {
            caller: caller.parse().unwrap(),
            ordinal,
            at: Timestamp(3),
            target: target("child"),
            arguments: Vec::new(),
            group: None,
            memo: None,
            memo_key: None,
            answer,
        })
    }

    fn ended(id: &str, at: i64) -> Record {
        let value = Value::raw(Json::null(), Vec::new());
        let outcome = Outcome::of(Ended::Value(value));
        Record::ExecutionFinished { execution: id.parse().unwrap(), at: Timestamp(at), outcome }
    }

    fn is_done(told: &Told) -> bool {
        told.notes.iter().any(|note| matches!(note, Note::Done(done) if done.succeeded))
    }

    #[test]
    fn a_rerun_has_ended_when_everything_it_called_has() {
        let mut recent = Recent::default();
        let mut take = |records: &[Record]| recent.take(records, &mut |_| Some(target("root")));
        let run = Answer::Run {
            execution: "R1:2:1".parse().unwrap(),
            allowed: Allowed::Plan,
            miss: None,
        };
        take(&[execution("R1:1:2", Because::Rerun, 1), body("R1:1:2", 1)]);
        take(&[
            step("R1:2", "R1:1:2"),
            execution("R1:2:1", Because::Called, 2),
            call("R1:1:2", 0, run),
        ]);
        assert!(!is_done(&take(&[ended("R1:1:2", 5)])), "a step it called is under way");
        let told = take(&[body("R1:2:1", 6), ended("R1:2:1", 9)]);
        assert!(is_done(&told));
        let again = take(&[ended("R1:2:1", 9)]);
        assert!(!is_done(&again), "it is told once");
    }

    #[test]
    fn a_mock_that_ended_before_its_call_was_answered_holds_nothing_up() {
        let mut recent = Recent::default();
        let mut take = |records: &[Record]| recent.take(records, &mut |_| Some(target("root")));
        let mocked = Answer::Mocked { execution: "R1:2:1".parse().unwrap(), name: None };
        take(&[execution("R1:1:2", Because::Rerun, 1), body("R1:1:2", 1)]);
        take(&[
            step("R1:2", "R1:1:2"),
            execution("R1:2:1", Because::Called, 2),
            ended("R1:2:1", 2),
            call("R1:1:2", 0, mocked),
        ]);
        assert!(is_done(&take(&[ended("R1:1:2", 5)])));
    }

    #[test]
    fn a_call_that_the_guard_let_run_is_one_item() {
        let mut recent = Recent::default();
        let miss = Miss { reason: MissReason::NeverCalled, nearest: None };
        let blocked = Answer::Blocked { miss: miss.clone() };
        let run = Answer::Run {
            execution: "R1:2:1".parse().unwrap(),
            allowed: Allowed::Guard,
            miss: Some(miss),
        };
        let records = [
            execution("R1:1:2", Because::Rerun, 1),
            call("R1:1:2", 0, blocked),
            call(
                "R1:1:2",
                1,
                Answer::Pinned { execution: "R1:3:1".parse().unwrap(), rule: PinRule::Key },
            ),
            step("R1:2", "R1:1:2"),
            execution("R1:2:1", Because::Called, 4),
            call("R1:1:2", 0, run),
            body("R1:2:1", 5),
            ended("R1:2:1", 6),
        ];
        recent.take(&records, &mut |_| Some(target("root")));
        let items = recent.activity().items;
        let told: Vec<_> = items.iter().map(|item| (item.call, item.state)).collect();
        assert_eq!(
            told,
            [
                (CallState::Run, NodeState::Succeeded),
                (CallState::Pinned, NodeState::Succeeded),
                (CallState::Run, NodeState::Queued),
            ]
        );
    }

    #[test]
    fn what_was_said_of_a_rerun_stays_said_when_its_executions_are_heard_of_later() {
        let mut recent = Recent::default();
        let started = RerunStarted {
            environment: "development".to_owned(),
            run: "R1".to_owned(),
            steps: vec!["R1:1".to_owned()],
            executions: vec!["R1:1:2".to_owned()],
            rerun: Some(7),
            locked: true,
        };
        recent.name_rerun(&started);
        recent.take(&[execution("R1:1:2", Because::Rerun, 1)], &mut |_| Some(target("root")));
        let told = recent.activity().rerun.unwrap();
        assert_eq!(
            (told.environment, told.rerun, told.steps.len()),
            ("development".into(), Some(7), 1)
        );
        assert_eq!(recent.unnamed_place(), None);

        recent.take(&[execution("R1:1:3", Because::Rerun, 20)], &mut |_| Some(target("root")));
        assert_eq!(recent.activity().rerun.unwrap().executions, ["R1:1:3"]);
        assert_eq!(recent.unnamed_place(), Some(EnvironmentId(2)));
    }

    #[test]
    fn a_pinned_call_is_counted_and_what_ran_before_is_forgotten_at_the_next_rerun() {
        let mut recent = Recent::default();
        let pinned = Answer::Pinned { execution: "R1:2:1".parse().unwrap(), rule: PinRule::Key };
        let first = [
            execution("R1:1:2", Because::Rerun, 1),
            body("R1:1:2", 1),
            call("R1:1:2", 0, pinned),
            ended("R1:1:2", 8),
        ];
        recent.take(&first, &mut |_| Some(target("root")));
        let activity = recent.activity();
        assert_eq!((activity.ran, activity.pinned, activity.running), (1, 1, 0));
        assert_eq!(activity.items[1].duration_ms, Some(7));

        let second = [execution("R1:1:3", Because::Rerun, 20), body("R1:1:3", 20)];
        recent.take(&second, &mut |_| Some(target("root")));
        let activity = recent.activity();
        assert_eq!((activity.ran, activity.pinned, activity.running), (1, 0, 1));
    }
}
