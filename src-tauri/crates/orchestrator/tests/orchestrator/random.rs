//! Random programs under random timing: what must hold whatever happens.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use hindcast_model::record::{Allowed, Answer, Call, InputResponse, PinRule, Record, StoredRun};
use hindcast_model::{
    BlobKey, Execution, ExecutionId, InputId, Json, Outcome, Params, Target, Timestamp, Value,
};
use hindcast_orchestrator::message::{
    Handle, Message, Reply, Request, RequestId, Select, SubmitInput,
};
use hindcast_orchestrator::{
    Command, Decision, Effect, Event, InquiryId, OnMiss, Orchestrator, Policy, Question, Settings,
    TimerId, World,
};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::program::{End, RecordedEnd, Scenario, Start, Word, level, scenario, target};
use crate::script::{DEVELOPMENT, environments, failure, record_in_production, value};

/// Bodies may run at once.
const SLOTS: usize = 2;
/// After so many words in all, bodies only end.
const WORDS: usize = 100;
/// After so many attempts at a step, it neither suspends nor returns nothing.
const ATTEMPTS: u32 = 3;

fn cases() -> u32 {
    let cases = std::env::var("HINDCAST_PROPTEST_CASES").ok();
    cases.and_then(|cases| cases.parse().ok()).unwrap_or(256)
}

proptest! {
    #![proptest_config(Config { cases: cases(), ..Config::default() })]

    #[test]
    fn whatever_happens_the_rules_hold(scenario in scenario()) {
        let said = Machine::new(&scenario).run();
        // One in eight once more: the same events have the same effects.
        if scenario.choices.len() % 8 == 0 {
            prop_assert_eq!(said, Machine::new(&scenario).run());
        }
    }
}

/// An executor's process.
struct Process {
    target: Target,
    /// The next word of its body.
    at: usize,
    /// What it called: execution and level.
    called: Vec<(String, usize)>,
    requests: u64,
    open: Option<RequestId>,
    /// It said its last word, or is being killed.
    leaving: bool,
}

/// What is known of an execution, kept the naive way.
#[derive(Debug, Clone)]
struct Fact {
    id: ExecutionId,
    local: bool,
    created: Timestamp,
    /// Its memo key, as text.
    memo: Option<String>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Open,
    Value,
    Other,
}

struct Machine<'a> {
    scenario: &'a Scenario,
    orchestrator: Orchestrator,
    before: Vec<Execution>,
    now: i64,
    choices: std::slice::Iter<'a, u16>,
    words: usize,
    processes: BTreeMap<ExecutionId, Process>,
    timers: BTreeSet<(Timestamp, TimerId)>,
    questions: Vec<Question>,
    inputs: Vec<InputId>,
    /// Questions to the code.
    inquiries: Vec<InquiryId>,
    /// Targets that a person allowed at the guard, ever.
    decided: BTreeSet<Target>,
    /// Memo keys of steps, as text, and whether they are memoised.
    keys: HashMap<String, Option<String>>,
    facts: Vec<Fact>,
    started: BTreeSet<ExecutionId>,
    chosen: BTreeSet<ExecutionId>,
    memoised_runs: BTreeSet<String>,
    said: Vec<Effect>,
    blobs: HashMap<BlobKey, Arc<[u8]>>,
}

/// What can happen next.
enum Next {
    Speak(ExecutionId),
    Leave(ExecutionId),
    Timer,
    Kill(ExecutionId),
    Cancel(ExecutionId),
    Rerun(ExecutionId),
    Decide(usize),
    Respond(usize),
    Declare(usize),
}

impl<'a> Machine<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let mut facts = Vec::new();
        let runs = record(scenario, &mut facts);
        let before = runs.iter().flat_map(|run| run.run.steps.values());
        let before = before.flat_map(|step| step.executions.values().cloned()).collect();
        let world = World::new(environments(), runs);
        Self {
            scenario,
            orchestrator: Orchestrator::new(world, Settings { slots: SLOTS }),
            before,
            now: 1000,
            choices: scenario.choices.iter(),
            words: 0,
            processes: BTreeMap::new(),
            timers: BTreeSet::new(),
            questions: Vec::new(),
            inputs: Vec::new(),
            inquiries: Vec::new(),
            decided: BTreeSet::new(),
            keys: HashMap::new(),
            facts,
            started: BTreeSet::new(),
            chosen: BTreeSet::new(),
            memoised_runs: BTreeSet::new(),
            said: Vec::new(),
            blobs: HashMap::new(),
        }
    }

    /// Runs everything to its end, and gives all effects.
    fn run(mut self) -> Vec<Effect> {
        let begin = match self.scenario.start {
            Start::Rerun => self.rerun("R1:1:1".parse().unwrap()),
            Start::Submit { memo } => self.submit(memo),
        };
        self.handle(begin);
        while let Some(next) = self.choose() {
            let event = self.event(next);
            self.handle(event);
        }
        self.check_end();
        self.said
    }

    fn rerun(&mut self, execution: ExecutionId) -> Event {
        Event::Command(Command::Rerun {
            steps: vec![execution.step],
            environment: DEVELOPMENT,
            rules: self.scenario.rules.clone(),
            edited_arguments: None,
        })
    }

    fn submit(&mut self, memo: bool) -> Event {
        if memo {
            self.memoised_runs.insert("R5".into());
        }
        Event::Command(Command::Submit {
            run: "R5".parse().unwrap(),
            target: target(0),
            arguments: Vec::new(),
            environment: DEVELOPMENT,
            memo,
            options: Box::new(crate::script::submit(&["t0()"])),
            rules: self.scenario.rules.clone(),
        })
    }

    fn choose(&mut self) -> Option<Next> {
        let mut possible: Vec<Next> = Vec::new();
        for (id, process) in &self.processes {
            if process.leaving {
                possible.push(Next::Leave(id.clone()));
            } else if process.open.is_none() {
                possible.push(Next::Speak(id.clone()));
            }
        }
        if !self.timers.is_empty() {
            possible.push(Next::Timer);
        }
        possible.extend((0..self.questions.len()).map(Next::Decide));
        possible.extend((0..self.inputs.len()).map(Next::Respond));
        possible.extend((0..self.inquiries.len()).map(Next::Declare));
        let Some(choice) = self.choices.next() else {
            return (!possible.is_empty()).then(|| possible.swap_remove(0));
        };
        // Now and then a person or an accident comes in between.
        if choice % 24 == 0 {
            let running = self.processes.iter().filter(|(_, process)| !process.leaving);
            let ids: Vec<&ExecutionId> = running.map(|(id, _)| id).collect();
            if !ids.is_empty() {
                let id = ids[usize::from(choice / 96) % ids.len()].clone();
                return Some(match choice / 24 % 4 {
                    0 => Next::Kill(id),
                    1 | 2 => Next::Cancel(id),
                    _ => Next::Rerun(id),
                });
            }
        }
        let count = possible.len();
        (count > 0).then(|| possible.swap_remove(usize::from(*choice) % count))
    }

    fn event(&mut self, next: Next) -> Event {
        match next {
            Next::Speak(execution) => {
                let message = self.speak(&execution);
                Event::Said { execution, message }
            }
            Next::Leave(execution) => {
                self.processes.remove(&execution);
                Event::Exited { execution, reason: String::new() }
            }
            Next::Kill(execution) => {
                self.processes.remove(&execution);
                Event::Exited { execution, reason: "signal 9".into() }
            }
            Next::Timer => {
                let (at, timer) = self.timers.pop_first().unwrap();
                self.now = self.now.max(at.0);
                Event::Timer(timer)
            }
            Next::Cancel(execution) => Event::Command(Command::Cancel(execution)),
            Next::Rerun(execution) => self.rerun(execution),
            Next::Decide(index) => {
                let question = self.questions.remove(index);
                let caller_lives =
                    self.processes.get(&question.caller).is_some_and(|caller| !caller.leaving);
                if caller_lives {
                    self.decided.insert(question.target.clone());
                }
                Event::Command(Command::Decide {
                    decision: decision(&self.orchestrator, &question),
                    caller: question.caller,
                    ordinal: question.ordinal,
                })
            }
            Next::Declare(index) => {
                let default = Some(value("1").decode(&self.blobs));
                let targets = (0..4).map(|level| (target(level), vec![None, default.clone()]));
                let inquiry = self.inquiries.remove(index);
                Event::Declared { inquiry, defaults: targets.collect() }
            }
            Next::Respond(index) => Event::Command(Command::Respond {
                input: self.inputs.remove(index),
                response: InputResponse::Value {
                    value: Json::parse("true").unwrap(),
                    at: Timestamp(self.now),
                },
            }),
        }
    }

    /// The next word of a body.
    fn speak(&mut self, id: &ExecutionId) -> Message {
        self.words += 1;
        let process = self.processes.get_mut(id).unwrap();
        let level = level(&process.target);
        let body = &self.scenario.bodies[level];
        let talks = self.words < WORDS && level + 1 < self.scenario.bodies.len();
        while let Some(word) = body.words.get(process.at).filter(|_| talks) {
            process.at += 1;
            if let Some(request) = request(word, id, process, level, self.now) {
                process.requests += 1;
                let number = RequestId(process.requests);
                process.open = Some(number);
                return Message::Request(number, request);
            }
        }
        process.leaving = true;
        let last = match body.end {
            End::ReturnsHandle(index) => process.called.get(index).map(|(id, _)| format!("@{id}")),
            End::ReturnsNone if id.attempt < ATTEMPTS => Some("null".into()),
            End::Returns(number) => Some(number.to_string()),
            End::ReturnsNone => Some("7".into()),
            End::Raises => {
                return Message::Failed { error: failure("no"), retryable: None };
            }
        };
        Message::Result(value(&last.unwrap_or_else(|| "8".into())))
    }

    fn handle(&mut self, event: Event) {
        self.now += 1;
        let chosen = matches!(event, Event::Command(Command::Rerun { .. }));
        let effects = self.orchestrator.handle(Timestamp(self.now), event, &self.blobs);
        let mut may_start = BTreeSet::new();
        for effect in &effects {
            self.check(effect, chosen, &mut may_start);
        }
        self.said.extend(effects);
        let busy = self.processes.values();
        let busy = busy.filter(|process| !process.leaving && process.open.is_none()).count();
        assert!(busy <= SLOTS, "{busy} bodies run at once");
    }

    fn check(&mut self, effect: &Effect, chosen: bool, may_start: &mut BTreeSet<ExecutionId>) {
        match effect {
            Effect::Record(record) => self.check_record(record, chosen, may_start),
            Effect::Start { execution, target, .. } => {
                assert!(may_start.remove(execution), "{execution} started outside the ledger");
                assert!(self.started.insert(execution.clone()), "{execution} started twice");
                let fact = self.fact(execution);
                assert!(fact.local && fact.state == State::Open, "{execution} started: {fact:?}");
                let process = Process {
                    target: target.clone(),
                    at: 0,
                    called: Vec::new(),
                    requests: 0,
                    open: None,
                    leaving: false,
                };
                self.processes.insert(execution.clone(), process);
            }
            Effect::Reply { execution, request, reply } => self.reply(execution, *request, reply),
            Effect::Stop { execution } => {
                let process = self.processes.get_mut(execution);
                let process =
                    process.unwrap_or_else(|| panic!("{execution} was not there to stop"));
                assert!(!process.leaving, "{execution} was leaving");
                process.leaving = true;
            }
            Effect::Arm { timer, at } => {
                self.timers.insert((*at, timer.clone()));
            }
            Effect::Ask(question) => self.questions.push(question.clone()),
            Effect::AskInput(input) => self.inputs.push(input.id.clone()),
            Effect::Inquire { inquiry, .. } => self.inquiries.push(*inquiry),
            Effect::Tell { .. } | Effect::Rejected { .. } => {}
        }
    }

    /// Every request is answered once, and only while its process is there to hear it.
    fn reply(&mut self, execution: &ExecutionId, request: RequestId, reply: &Reply) {
        let process = self.processes.get_mut(execution);
        let process = process.unwrap_or_else(|| panic!("{execution} is not there to hear"));
        assert!(!process.leaving, "{execution} is leaving");
        assert_eq!(process.open.take(), Some(request), "{execution} did not ask");
        if let Reply::Submitted { execution, target } = reply {
            process.called.push((execution.to_string(), level(target)));
        }
    }

    fn check_record(
        &mut self,
        record: &Record,
        chosen: bool,
        may_start: &mut BTreeSet<ExecutionId>,
    ) {
        match record {
            Record::StepCreated(step) => {
                let memo = step
                    .memo_key
                    .as_ref()
                    .map(|_| key(&step.target, &step.arguments, step.declared.memo.as_ref()));
                let is_root = step.parent.is_none();
                self.keys.insert(step.id.to_string(), memo.filter(|_| !is_root));
            }
            Record::ExecutionCreated(new) => {
                if chosen {
                    self.chosen.insert(new.id.clone());
                }
                let step = new.id.step.to_string();
                let known = || self.facts.iter().find(|fact| fact.id.step == new.id.step);
                let memo = match self.keys.get(&step) {
                    Some(memo) => memo.clone(),
                    None => known().and_then(|fact| fact.memo.clone()),
                };
                self.facts.push(Fact {
                    id: new.id.clone(),
                    local: true,
                    created: new.created_at,
                    memo,
                    state: State::Open,
                });
            }
            Record::ExecutionFinished { execution, outcome, .. } => self.end(execution, outcome),
            Record::BodyStarted(entry) => {
                may_start.insert(entry.execution.clone());
                self.check_allowed(&entry.execution, &entry.target, &entry.allowed_by);
            }
            Record::CallAnswered(call) => self.check_answer(call),
            _ => {}
        }
    }

    fn end(&mut self, execution: &ExecutionId, outcome: &Outcome) {
        let fact = self.facts.iter_mut().find(|fact| fact.id == *execution).unwrap();
        assert!(fact.local, "{execution} is an ancestor's");
        assert_eq!(fact.state, State::Open, "{execution} ended twice");
        fact.state = if outcome.value().is_some() { State::Value } else { State::Other };
    }

    /// What ran is within what was allowed, judged from what production recorded and was said.
    fn check_allowed(&self, execution: &ExecutionId, target: &Target, allowed: &Allowed) {
        let rules = &self.scenario.rules;
        let guarded = matches!(self.scenario.start, Start::Rerun);
        let fine = match allowed {
            // Also what a chosen workflow became.
            Allowed::Chosen => self.chosen.contains(execution) || execution.step.number == 1,
            Allowed::Plan => rules.policy == Policy::Memo && self.ran_unmemoised(target),
            Allowed::Flag => {
                rules.policy == Policy::Open
                    || rules.on_miss == OnMiss::Run
                    || rules.allow.contains(target)
            }
            Allowed::Guard => self.decided.contains(target),
            Allowed::FreshRun => !guarded,
            Allowed::Hand => false,
            Allowed::Continued => execution.attempt > 1,
        };
        assert!(fine, "{execution} ran by {allowed:?}");
    }

    fn ran_unmemoised(&self, target: &Target) -> bool {
        let recorded = self.scenario.recorded.iter().filter(|call| call.call.memo.is_none());
        recorded.into_iter().any(|call| call.call.submit(0, &[]).target == *target)
            || *target == crate::program::target(0)
    }

    /// Coflux's memo rule, the naive way, agrees.
    fn check_answer(&self, call: &Call) {
        let expected = call.memo.as_ref().and_then(|params| {
            let key = key(&call.target, &call.arguments, Some(params));
            self.naive_hit(call.caller.run().as_str(), &key)
        });
        let hit = match &call.answer {
            Answer::Pinned { execution, rule: PinRule::Key } => Some(execution),
            _ => None,
        };
        // A call at the guard is answered later, when the world may be another.
        let decided = matches!(
            call.answer,
            Answer::Refused { .. } | Answer::Mocked { .. } | Answer::Run { .. }
        ) && self.scenario.rules.on_miss == OnMiss::Ask
            || matches!(call.answer, Answer::Pinned { rule: PinRule::Nearest(_), .. });
        // The call's own new execution is among the facts by now.
        let own = match &call.answer {
            Answer::Run { execution, .. } | Answer::Mocked { execution, .. } => Some(execution),
            _ => None,
        };
        if !decided {
            assert_eq!(hit, expected.as_ref().filter(|hit| Some(*hit) != own), "{call:?}");
        }
    }

    fn naive_hit(&self, run: &str, key: &str) -> Option<ExecutionId> {
        let same = self
            .facts
            .iter()
            .filter(|fact| fact.id.run().as_str() == run && fact.memo.as_deref() == Some(key));
        let usable = same.filter(|fact| match fact.state {
            State::Value => true,
            State::Open => fact.local,
            State::Other => false,
        });
        usable.max_by_key(|fact| (fact.created, fact.id.clone())).map(|fact| fact.id.clone())
    }

    fn fact(&self, id: &ExecutionId) -> &Fact {
        self.facts.iter().find(|fact| fact.id == *id).unwrap()
    }

    /// Nothing is left: every execution has ended, every request was answered or its process is
    /// gone, and the ancestor is what it was.
    fn check_end(&self) {
        let open: Vec<_> =
            self.facts.iter().filter(|fact| fact.local && fact.state == State::Open).collect();
        assert!(open.is_empty(), "never ended: {open:?}; {:#?}", self.said);
        assert!(self.processes.is_empty(), "processes are left");
        assert!(self.orchestrator.is_clean(), "state is left: {:?}", self.orchestrator);
        for execution in &self.before {
            let after = self.orchestrator.world().execution(&execution.execution_id);
            assert_eq!(after, Some(execution));
        }
    }
}

fn request(
    word: &Word,
    id: &ExecutionId,
    process: &Process,
    level: usize,
    now: i64,
) -> Option<Request> {
    let handle = |index: usize| {
        let called = process.called.get(index)?;
        Some(Handle::Execution(called.0.parse().unwrap()))
    };
    Some(match word {
        Word::Call(call) => Request::Submit(Box::new(call.submit(level, &process.called))),
        Word::Wait { calls, timeout, suspend, cancel_remaining } => {
            let handles: Vec<Handle> = calls.iter().filter_map(|index| handle(*index)).collect();
            if handles.is_empty() || *suspend && id.attempt >= ATTEMPTS && timeout.is_some() {
                return None;
            }
            let (suspend, cancel_remaining) = (*suspend, *cancel_remaining);
            Request::Select(Select { handles, suspend, timeout: *timeout, cancel_remaining })
        }
        Word::Cancel(index) => Request::Cancel(vec![handle(*index)?]),
        Word::Suspend { later } if id.attempt < ATTEMPTS => {
            let execute_after = later.then_some(Timestamp(now + 10));
            Request::Suspend { execute_after, stream_wait: None }
        }
        Word::Suspend { .. } => return None,
        Word::Ask { key } => Request::SubmitInput(Box::new(SubmitInput {
            key: Some(key.to_string()),
            template: "sure?".into(),
            placeholders: BTreeMap::new(),
            schema: None,
            initial: None,
            title: None,
            actions: None,
            requires: serde_json::Value::Null,
        })),
        Word::Flush => Request::Flush,
    })
}

fn decision(orchestrator: &Orchestrator, question: &Question) -> Decision {
    match question.ordinal % 5 {
        0 => Decision::RunOnce,
        1 => Decision::RunAlways,
        2 => Decision::Give(value("5")),
        3 => Decision::Fail,
        _ => match &question.miss.nearest {
            Some(nearest) if orchestrator.outcome(&nearest.execution).is_some() => {
                Decision::Pin(nearest.execution.clone())
            }
            _ => Decision::Fail,
        },
    }
}

/// A memo key as text, in the words of the rule: the target and the arguments that count.
fn key(target: &Target, arguments: &[Value], params: Option<&Params>) -> String {
    let arguments = arguments.iter().enumerate();
    let counted = arguments.filter(|(index, _)| params.is_none_or(|params| params.covers(*index)));
    let counted: Vec<String> =
        counted.map(|(_, value)| serde_json::to_string(value).unwrap()).collect();
    format!("{target} {counted:?}")
}

/// Production's run, and the facts of it.
fn record(scenario: &Scenario, facts: &mut Vec<Fact>) -> Vec<StoredRun> {
    let mut runs = BTreeMap::new();
    record_in_production(&mut runs, "R1:1 t0() -> null");
    let mut note = |number: u32, memo: Option<String>, state: State| {
        let step = hindcast_model::StepId::new("R1".parse().unwrap(), number);
        let created = Timestamp(i64::from(number));
        facts.push(Fact { id: step.attempt(1), local: false, created, memo, state });
    };
    note(1, None, State::Value);
    let mut handles = Vec::new();
    for (number, recorded) in (2..).zip(&scenario.recorded) {
        let call = recorded.call.submit(0, &handles);
        handles.push((format!("R1:{number}:1"), level(&call.target)));
        let memo = match &call.memo {
            None => "",
            Some(Params::All) => " memo",
            Some(Params::Only(_)) => " memo=0",
        };
        let (ended, state) = match recorded.ended {
            RecordedEnd::Value(number) => (number.to_string(), State::Value),
            RecordedEnd::Raised => ("raised no".into(), State::Other),
            RecordedEnd::Pending => ("pending".into(), State::Open),
        };
        let name = &call.target.name;
        let arguments = crate::script::arguments_text(&call.arguments);
        let line = format!("R1:{number} {name}({arguments}){memo} by R1:1:1 -> {ended}");
        record_in_production(&mut runs, &line);
        let memo = call.memo.as_ref().map(|memo| key(&call.target, &call.arguments, Some(memo)));
        note(number, memo, state);
    }
    runs.into_values().collect()
}
