//! Random programs under random timing: what must hold whatever happens.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use hindcast_model::record::{Allowed, Answer, Call, InputResponse, PinRule, Record, StoredRun};
use hindcast_model::{
    AnswerByHand, BlobKey, ByHand, Execution, ExecutionId, InputId, Json, Outcome, Params,
    StreamEnd, StreamId, Target, Timestamp, Value,
};
use hindcast_orchestrator::message::{
    Handle, Message, Notice, Reply, Request, RequestId, Select, SubmitInput, Subscribe,
};
use hindcast_orchestrator::{
    Command, Decision, Effect, Event, InquiryId, OnMiss, Orchestrator, Policy, Question, Rules,
    Settings, TimerId, World,
};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::handled::handle;
use crate::program::{
    End, Hand, OnStep, RecordedEnd, Scenario, Start, Word, level, scenario, target,
};
use crate::recorded::OnDemand;
use crate::script::{DEVELOPMENT, environments, failure, record_in_production, value};

/// Bodies may run at once.
const SLOTS: usize = 2;
/// After so many words in all, bodies only end.
const WORDS: usize = 100;
/// After so many attempts at a step, it neither suspends nor returns nothing.
const ATTEMPTS: u32 = 3;
/// How many items a stream has at most.
const ITEMS: u64 = 5;

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
    /// Its result is said, and its streams go on.
    draining: bool,
    /// The buffer of the stream it registers, if that has one.
    registers: Option<u64>,
    produces: Vec<Produces>,
    reads: Option<Reads>,
    /// It said its last word, or is being killed.
    leaving: bool,
}

/// A stream of a process.
#[derive(Debug)]
struct Produces {
    index: u32,
    /// How many items it may have; none for any number.
    granted: Option<u64>,
    /// How many it has.
    length: u64,
    open: bool,
}

/// A stream that a process reads.
#[derive(Debug)]
struct Reads {
    subscription: u64,
    prefetch: u64,
    /// Places of items that came and are not worked off.
    unread: Vec<u64>,
    /// The place of the next item.
    next: u64,
    /// How many are worked off.
    done: u64,
    closed: bool,
}

impl Process {
    /// Whether there is a stream that can have another item.
    fn can_yield(&self) -> Option<usize> {
        self.produces.iter().position(|stream| {
            stream.open && stream.granted.is_none_or(|granted| stream.length < granted)
        })
    }

    /// Whether it can say something now.
    fn speaks(&self) -> bool {
        if self.leaving || self.open.is_some() {
            return false;
        }
        match &self.reads {
            Some(reads) => reads.closed || !reads.unread.is_empty(),
            None => !self.draining || self.can_yield().is_some(),
        }
    }
}

impl Process {
    /// What it says of streams, if that comes first: it works off what it reads, and yields.
    fn stream_message(&mut self, words: usize) -> Option<Message> {
        if let Some(reads) = &mut self.reads {
            let Some(sequence) = reads.unread.first().copied() else {
                // Its end came: it goes on with something else.
                self.reads = None;
                return self.stream_message(words);
            };
            reads.unread.remove(0);
            reads.done += 1;
            let (subscription, count) = (reads.subscription, reads.done);
            return Some(Message::Acked { subscription, count, sequence });
        }
        let place = self.can_yield().filter(|_| self.draining || words.is_multiple_of(3))?;
        let stream = &mut self.produces[place];
        let index = stream.index;
        if stream.length >= ITEMS || words > WORDS {
            stream.open = false;
            self.leaving = self.draining && !self.produces.iter().any(|stream| stream.open);
            return Some(Message::Close { index, error: None });
        }
        stream.length += 1;
        let (sequence, value) = (stream.length - 1, value("1"));
        Some(Message::Append { index, sequence, value })
    }

    fn read(&mut self, stream: StreamId, stop: Option<u64>, prefetch: u64) -> Message {
        self.requests += 1;
        let subscription = self.requests;
        let (unread, next, done) = (Vec::new(), 0, 0);
        self.reads = Some(Reads { subscription, prefetch, unread, next, done, closed: false });
        Message::Subscribe(Subscribe { subscription, stream, start: 0, stop, step: 1, prefetch })
    }
}

/// What is known of an execution, kept the naive way.
#[derive(Debug, Clone)]
struct Fact {
    id: ExecutionId,
    local: bool,
    /// It carries a value that a person gave.
    mocked: bool,
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
    /// Does the same.
    on_demand: OnDemand,
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
    by_hand: Arc<ByHand>,
    /// Since when something is under way without a pause.
    since: Timestamp,
    /// Targets that a person allowed at the guard, ever.
    decided: BTreeSet<Target>,
    /// Memo keys of steps, as text, and whether they are memoised.
    keys: HashMap<String, Option<String>>,
    facts: Vec<Fact>,
    started: BTreeSet<ExecutionId>,
    chosen: BTreeSet<ExecutionId>,
    memoised_runs: BTreeSet<String>,
    /// Streams with the level of who produces them.
    streams: Vec<(StreamId, usize)>,
    /// Those that have ended.
    closed: BTreeSet<StreamId>,
    producers: BTreeMap<StreamId, ExecutionId>,
    /// Executions whose streams did not end well.
    spoiled: BTreeSet<ExecutionId>,
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
        let settings = Settings { slots: SLOTS };
        Self {
            scenario,
            on_demand: OnDemand::new(&environments(), &runs, settings),
            orchestrator: Orchestrator::new(World::new(environments(), runs), settings),
            before,
            now: 1000,
            choices: scenario.choices.iter(),
            words: 0,
            processes: BTreeMap::new(),
            timers: BTreeSet::new(),
            questions: Vec::new(),
            inputs: Vec::new(),
            inquiries: Vec::new(),
            by_hand: Arc::new(by_hand(scenario)),
            since: Timestamp(0),
            decided: BTreeSet::new(),
            keys: HashMap::new(),
            facts,
            started: BTreeSet::new(),
            chosen: BTreeSet::new(),
            memoised_runs: BTreeSet::new(),
            streams: Vec::new(),
            closed: BTreeSet::new(),
            producers: BTreeMap::new(),
            spoiled: BTreeSet::new(),
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

    fn rules(&self) -> Rules {
        Rules { by_hand: Arc::clone(&self.by_hand), ..self.scenario.rules.clone() }
    }

    fn rerun(&mut self, execution: ExecutionId) -> Event {
        Event::Command(Command::Rerun {
            steps: vec![execution.step],
            environment: DEVELOPMENT,
            rules: self.rules(),
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
            rules: self.rules(),
        })
    }

    fn choose(&mut self) -> Option<Next> {
        let mut possible: Vec<Next> = Vec::new();
        for (id, process) in &self.processes {
            if process.leaving {
                possible.push(Next::Leave(id.clone()));
            } else if process.speaks() {
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
        if let Some(message) = process.stream_message(self.words) {
            return message;
        }
        let body = &self.scenario.bodies[level];
        let talks = self.words < WORDS && level + 1 < self.scenario.bodies.len();
        while let Some(word) = body.words.get(process.at).filter(|_| talks) {
            process.at += 1;
            if let Word::Read { stream, items, prefetch } = word {
                let higher = self.streams.iter().filter(|(_, other)| *other > level);
                let Some((stream, _)) = higher.cycle().nth(*stream) else { continue };
                return process.read(stream.clone(), *items, *prefetch);
            }
            if let Some(request) = request(word, id, process, level, self.now) {
                if let Request::RegisterStream { buffer, .. } = &request {
                    process.registers = *buffer;
                }
                process.requests += 1;
                let number = RequestId(process.requests);
                process.open = Some(number);
                return Message::Request(number, request);
            }
        }
        // A body that returns goes when its streams have ended; one that raises goes at once.
        let raises = matches!(body.end, End::Raises);
        process.draining = !raises && process.produces.iter().any(|stream| stream.open);
        process.leaving = !process.draining;
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
        let begins = chosen || matches!(event, Event::Command(Command::Submit { .. }));
        if begins && self.orchestrator.is_idle() {
            self.since = Timestamp(self.now);
        }
        let now = Timestamp(self.now);
        let effects = handle(&mut self.orchestrator, now, event.clone(), &self.blobs);
        self.on_demand.handles(now, event, &self.blobs, &effects);
        let mut may_start = BTreeSet::new();
        for effect in &effects {
            self.check(effect, chosen, &mut may_start);
        }
        self.said.extend(effects);
        let busy = self.processes.values();
        let busy = busy.filter(|process| !process.leaving && process.open.is_none()).count();
        // One that goes on because of a stream goes on at once.
        assert!(busy <= SLOTS || !self.streams.is_empty(), "{busy} bodies run at once");
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
                    draining: false,
                    registers: None,
                    produces: Vec::new(),
                    reads: None,
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
            Effect::Tell { execution, notice } => self.tell(execution, notice),
            Effect::Rejected { .. } => {}
        }
    }

    /// Every request is answered once, and only while its process is there to hear it.
    fn reply(&mut self, execution: &ExecutionId, request: RequestId, reply: &Reply) {
        let process = self.processes.get_mut(execution);
        let process = process.unwrap_or_else(|| panic!("{execution} is not there to hear"));
        assert!(!process.leaving, "{execution} is leaving");
        assert_eq!(process.open.take(), Some(request), "{execution} did not ask");
        match reply {
            Reply::Submitted { execution, target } => {
                process.called.push((execution.to_string(), level(target)));
            }
            Reply::StreamRegistered { stream, length } => {
                let level = level(&process.target);
                let buffer = process.registers.take();
                process.produces.push(Produces {
                    index: stream.index,
                    granted: buffer.map(|_| *length),
                    length: *length,
                    open: true,
                });
                if !self.streams.iter().any(|(known, _)| known == stream) {
                    self.streams.push((stream.clone(), level));
                }
            }
            _ => {}
        }
    }

    /// What a process is told unasked fits what it does.
    fn tell(&mut self, execution: &ExecutionId, notice: &Notice) {
        let process = self.processes.get_mut(execution);
        let process = process.unwrap_or_else(|| panic!("{execution} is not there to hear"));
        assert!(!process.leaving, "{execution} is leaving");
        match notice {
            Notice::Demand { index, more } => {
                let stream = process.produces.iter_mut().find(|stream| stream.index == *index);
                *stream.unwrap().granted.as_mut().unwrap() += more;
            }
            Notice::ForceClose { index, .. } => {
                let stream = process.produces.iter_mut().find(|stream| stream.index == *index);
                stream.unwrap().open = false;
            }
            Notice::Items { subscription, stream, start, step, count } => {
                let length = stream_length(&self.orchestrator, stream);
                let reads = process.reads.as_mut().unwrap();
                assert_eq!((reads.subscription, reads.next, *step), (*subscription, *start, 1));
                assert!(start + count <= length, "{stream} has only {length} items");
                reads.unread.extend(*start..start + count);
                reads.next += count;
                assert!(reads.unread.len() as u64 <= reads.prefetch, "more than it wants");
            }
            Notice::Closed { subscription, .. } => {
                let reads = process.reads.as_mut().unwrap();
                assert_eq!(reads.subscription, *subscription);
                assert!(!reads.closed, "closed twice");
                reads.closed = true;
            }
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
                    mocked: false,
                    created: new.created_at,
                    memo,
                    state: State::Open,
                });
            }
            Record::ExecutionFinished { execution, outcome, .. } => self.end(execution, outcome),
            Record::StreamRegistered { stream, execution, .. } => {
                self.producers.insert(stream.clone(), execution.clone());
            }
            Record::StreamClosed { stream, end, .. } => {
                assert!(self.closed.insert(stream.clone()), "{stream} ended twice");
                // Whatever its result is, it answers no other call.
                // (orchestration-rules, of 0.12: cancelled, stream_errored, stream_timeout.)
                if matches!(end, StreamEnd::Cancelled | StreamEnd::Errored(_) | StreamEnd::Timeout)
                {
                    self.spoiled.insert(self.producers[stream].clone());
                }
            }
            Record::BodyStarted(entry) => {
                may_start.insert(entry.execution.clone());
                self.check_allowed(&entry.execution, &entry.target, &entry.allowed_by);
            }
            Record::CallAnswered(call) => {
                if let Answer::Mocked { execution, .. } = &call.answer {
                    let fact = self.facts.iter_mut().find(|fact| fact.id == *execution);
                    fact.unwrap().mocked = true;
                }
                self.check_set(call);
                if self.by_hand.is_empty() {
                    self.check_answer(call);
                }
            }
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
            Allowed::Plan => {
                let old = self.by_hand.old_name(target);
                rules.policy == Policy::Memo
                    && (self.ran_unmemoised(target) || self.ran_unmemoised(old))
            }
            Allowed::Flag => {
                rules.policy == Policy::Open
                    || rules.on_miss == OnMiss::Run
                    || rules.allow.contains(target)
                    || rules.allow.contains(self.by_hand.old_name(target))
            }
            Allowed::Guard => {
                self.decided.contains(target)
                    || self.decided.contains(self.by_hand.old_name(target))
            }
            Allowed::FreshRun => !guarded,
            Allowed::Hand => self.is_set(target, |answer| *answer == AnswerByHand::Unpinned),
            Allowed::Continued => execution.attempt > 1,
        };
        assert!(fine, "{execution} ran by {allowed:?}");
    }

    /// Whether such an answer is set by hand for a recorded call of a target.
    fn is_set(&self, target: &Target, such: impl Fn(&AnswerByHand) -> bool) -> bool {
        let old = self.by_hand.old_name(target);
        self.by_hand.steps.iter().any(|(step, setting)| {
            let own = self.orchestrator.world().step(step).map(hindcast_model::Step::target);
            own.is_some_and(|own| own == *target || own == *old)
                && setting.answer.as_ref().is_some_and(&such)
        })
    }

    /// What is answered by hand was set so for a call of that target.
    fn check_set(&self, call: &Call) {
        let set = match &call.answer {
            Answer::Pinned { execution, rule: PinRule::Hand } => {
                self.is_set(&call.target, |set| *set == AnswerByHand::Pin(execution.clone()))
            }
            Answer::Mocked { name: Some(name), .. } => {
                self.is_set(&call.target, |set| *set == AnswerByHand::Mock(name.clone()))
            }
            Answer::Pinned { rule: PinRule::Rule, .. } => self.by_hand.rule(&call.target).is_some(),
            _ => true,
        };
        assert!(set, "nobody set that: {call:?}");
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
        // What a person gave holds for the commands under way.
        let same = same.filter(|fact| !fact.mocked || fact.created >= self.since);
        let usable = same.filter(|fact| match fact.state {
            State::Value if self.spoiled.contains(&fact.id) => false,
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
        for (stream, _) in &self.streams {
            assert!(self.closed.contains(stream), "{stream} never ended");
        }
        assert!(self.orchestrator.is_clean(), "state is left: {:?}", self.orchestrator);
        self.on_demand.is_like(&self.orchestrator);
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
        Word::Produce { buffer } if process.produces.len() < 2 => {
            let position = u32::try_from(process.produces.len()).unwrap();
            Request::RegisterStream { position, buffer: *buffer, timeout: None }
        }
        // Reading is no request.
        Word::Produce { .. } | Word::Read { .. } | Word::Suspend { .. } => return None,
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

/// How many items a stream has.
fn stream_length(orchestrator: &Orchestrator, stream: &StreamId) -> u64 {
    let run = orchestrator.world().run(&stream.step.run).unwrap();
    run.streams[&(stream.step.number, stream.index)].length
}

/// A memo key as text, in the words of the rule: the target and the arguments that count.
fn key(target: &Target, arguments: &[Value], params: Option<&Params>) -> String {
    let arguments = arguments.iter().enumerate();
    let counted = arguments.filter(|(index, _)| params.is_none_or(|params| params.covers(*index)));
    let counted: Vec<String> =
        counted.map(|(_, value)| serde_json::to_string(value).unwrap()).collect();
    format!("{target} {counted:?}")
}

/// What a person set by hand.
fn by_hand(scenario: &Scenario) -> ByHand {
    let mut by_hand = ByHand::default();
    for hand in &scenario.by_hand {
        match hand {
            Hand::Step(index, on_step) => {
                let number = u32::try_from(*index).unwrap() + 2;
                let step = hindcast_model::StepId::new("R1".parse().unwrap(), number);
                let setting = by_hand.steps.entry(step.clone()).or_default();
                setting.answer = Some(match on_step {
                    OnStep::Pin => AnswerByHand::Pin(step.attempt(1)),
                    OnStep::Unpin => AnswerByHand::Unpinned,
                    OnStep::Mock => {
                        setting.mocks.insert("mock".into(), value("9"));
                        AnswerByHand::Mock("mock".into())
                    }
                });
            }
            Hand::Ignore(level, index) => {
                by_hand.rules.entry(target(*level)).or_default().ignore.insert(*index);
            }
            Hand::Renamed(new, old) if new != old => {
                by_hand.renamed.insert(target(*new), target(*old));
            }
            Hand::Renamed(..) => {}
        }
    }
    by_hand
}

/// Production's run, and the facts of it.
fn record(scenario: &Scenario, facts: &mut Vec<Fact>) -> Vec<StoredRun> {
    let mut runs = BTreeMap::new();
    record_in_production(&mut runs, "R1:1 t0() -> null");
    let mut note = |number: u32, memo: Option<String>, state: State| {
        let step = hindcast_model::StepId::new("R1".parse().unwrap(), number);
        let created = Timestamp(i64::from(number));
        facts.push(Fact { id: step.attempt(1), local: false, mocked: false, created, memo, state });
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
