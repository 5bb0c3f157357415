//! What is under way here: executions from the moment they are asked for until their process is
//! gone. Nothing of it is left once a run has ended.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use hindcast_model::StepId;
use hindcast_model::record::{Allowed, Miss};
use hindcast_model::{EnvironmentId, ExecutionId, Key, Params, StreamId, Target, Timestamp};

use crate::event::{InquiryId, Question, Rules};
use crate::message::{Handle, Reply, RequestId, Select, Submit};
use crate::streams::Streams;

/// Everything under way here.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Live {
    executions: BTreeMap<ExecutionId, Running>,
    sessions: BTreeMap<SessionId, Session>,
    /// Not due yet, or due and not looked at yet.
    due: BTreeSet<(Turn, ExecutionId)>,
    /// May start as soon as a slot is free.
    ready: BTreeSet<(Turn, ExecutionId)>,
    /// Requests that are answered, whose executions go on as soon as a slot is free.
    granted: VecDeque<(ExecutionId, RequestId)>,
    /// Executions that hold a slot: their process runs and waits for nothing.
    busy: BTreeSet<ExecutionId>,
    waiters: BTreeMap<Handle, BTreeSet<Waiter>>,
    deferrable: HashMap<DeferGroup, BTreeSet<(Turn, ExecutionId)>>,
    pub(crate) streams: Streams,
    next_number: u64,
    next_session: u64,
}

/// Executions of which only the last starts.
pub(crate) type DeferGroup = (Target, EnvironmentId, Key);

/// The order in which executions start: due first, made first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    pub(crate) due: Timestamp,
    pub(crate) created: Timestamp,
    pub(crate) number: u64,
}

/// What a command started, and everything below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SessionId(u64);

/// What holds for everything a command started.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Session {
    pub(crate) rules: Rules,
    /// When it began.
    pub(crate) began: Timestamp,
    /// Targets a person allowed at the guard until the session ends.
    pub(crate) always: BTreeSet<Target>,
    /// Modules whose code was asked what it declares, each with the question while it is open.
    asked: BTreeMap<String, Option<InquiryId>>,
    executions: usize,
}

/// An execution under way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Running {
    pub(crate) session: SessionId,
    pub(crate) environment: EnvironmentId,
    pub(crate) allowed: Allowed,
    pub(crate) phase: Phase,
    pub(crate) turn: Turn,
    pub(crate) defer: Option<DeferGroup>,
    /// What must be resolved before it starts.
    pub(crate) after: Vec<Handle>,
    /// How many calls it made.
    pub(crate) calls: u32,
    /// How many of each target.
    pub(crate) made: BTreeMap<Target, u32>,
    /// Steps whose pin or mock stood for one of its calls, by that call's ordinal.
    pub(crate) stood_for: BTreeMap<StepId, u32>,
    /// Requests that wait for their answer.
    pub(crate) asked: BTreeMap<RequestId, Asked>,
    /// What it is registered with as a waiter, while it has not started.
    pub(crate) held_by: Vec<Handle>,
}

/// How far an execution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is not due yet.
    Scheduled,
    /// It is due and waits for others to be resolved.
    Held,
    /// It may start and waits for a slot.
    Ready,
    /// Its process runs.
    Started(Timestamp),
    /// Its outcome is known, and its process runs on: it has streams that have not ended.
    Draining(Timestamp),
    /// It has ended; its process is about to.
    Leaving,
}

/// A request that waits for its answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    pub(crate) what: Wait,
    /// What it is registered with as a waiter.
    pub(crate) held_by: Vec<Handle>,
}

/// What a request waits for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wait {
    /// One of several to be resolved.
    Select(Select),
    /// Arguments to be resolved, so that the call can be compared by its values.
    Compare(Box<PendingCall>),
    /// The code's word on what it declares.
    Declared(Box<PendingCall>),
    /// A person's decision.
    Decision(Box<PendingCall>, Miss),
    /// A slot: this is the answer.
    Slot(Reply),
}

/// A call that is not answered yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PendingCall {
    pub(crate) ordinal: u32,
    /// How many calls of its target its caller made before.
    pub(crate) nth: u32,
    pub(crate) submit: Submit,
    /// Over which arguments it is memoised, be it by itself or by its run.
    pub(crate) memo: Option<Params>,
    pub(crate) memo_key: Option<Key>,
}

/// Who is woken when something is resolved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Waiter {
    /// A request.
    Request(ExecutionId, RequestId),
    /// An execution that has not started.
    Start(ExecutionId),
    /// An execution that has ended by pointing on, and whose final outcome is still to be kept.
    Outcome(ExecutionId),
}

impl Live {
    pub(crate) fn get(&self, id: &ExecutionId) -> Option<&Running> {
        self.executions.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &ExecutionId) -> Option<&mut Running> {
        self.executions.get_mut(id)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &ExecutionId> {
        self.executions.keys()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.executions.is_empty()
    }

    /// An execution whose process runs and that has not ended.
    pub(crate) fn started(&self, id: &ExecutionId) -> Option<(&Running, Timestamp)> {
        let running = self.get(id)?;
        match running.phase {
            Phase::Started(at) => Some((running, at)),
            _ => None,
        }
    }

    /// An execution whose process runs and is listened to, and since when.
    pub(crate) fn speaks(&self, id: &ExecutionId) -> Option<Timestamp> {
        match self.get(id)?.phase {
            Phase::Started(at) | Phase::Draining(at) => Some(at),
            _ => None,
        }
    }

    pub(crate) fn is_draining(&self, id: &ExecutionId) -> bool {
        self.get(id).is_some_and(|running| matches!(running.phase, Phase::Draining(_)))
    }

    /// Its outcome is known, and its streams go on.
    pub(crate) fn drain(&mut self, id: &ExecutionId) {
        if let Some((_, at)) = self.started(id) {
            self.set_phase(id, Phase::Draining(at));
            self.attend(id);
        }
    }

    /// Gives an execution its slot or takes it back, after a stream of it changed. One that goes on
    /// because of a stream goes on at once, be there a slot or not: what it waited for is with it
    /// already.
    pub(crate) fn attend(&mut self, id: &ExecutionId) {
        let Some(running) = self.executions.get(id) else { return };
        let waits = match running.phase {
            Phase::Started(_) => self.streams.hungry(id),
            Phase::Draining(_) => self.streams.starved(id),
            _ => return,
        };
        if waits || !running.asked.is_empty() {
            self.busy.remove(id);
        } else {
            self.busy.insert(id.clone());
        }
    }

    /// Executions of which nothing is left but streams that nobody reads, in sessions of which
    /// nothing else is.
    pub(crate) fn stranded(&self) -> Vec<ExecutionId> {
        let ends = |running: &Running| matches!(running.phase, Phase::Draining(_) | Phase::Leaving);
        let alone = |session: SessionId| {
            self.executions.values().filter(|other| other.session == session).all(ends)
        };
        let producers = self.streams.producers().into_iter();
        let stranded = producers.filter(|id| {
            let running = self.executions.get(id).filter(|_| self.is_draining(id));
            running.is_some_and(|running| {
                running.asked.is_empty() && self.streams.unread(id) && alone(running.session)
            })
        });
        stranded.collect()
    }

    /// What is waited for of a stream.
    pub(crate) fn waited_of(&self, stream: &StreamId) -> Vec<Handle> {
        let all = Handle::Stream(stream.clone(), 0)..=Handle::Stream(stream.clone(), u64::MAX);
        self.waiters.range(all).map(|(handle, _)| handle.clone()).collect()
    }

    pub(crate) fn open_session(&mut self, rules: Rules, began: Timestamp) -> SessionId {
        let id = SessionId(self.next_session);
        self.next_session += 1;
        let session = Session {
            rules,
            began,
            always: BTreeSet::new(),
            asked: BTreeMap::new(),
            executions: 0,
        };
        self.sessions.insert(id, session);
        id
    }

    /// Whether nothing that a command started goes on.
    pub(crate) fn has_no_session(&self) -> bool {
        self.sessions.is_empty()
    }

    /// The code of every session.
    pub(crate) fn codes(&self) -> impl Iterator<Item = u64> {
        self.sessions.values().map(|session| session.rules.code.number)
    }

    /// Ends a session that started nothing.
    pub(crate) fn close_if_unused(&mut self, id: SessionId) {
        if self.sessions.get(&id).is_some_and(|session| session.executions == 0) {
            self.sessions.remove(&id);
        }
    }

    pub(crate) fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(&id)
    }

    pub(crate) fn session_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.sessions.get_mut(&id)
    }

    pub(crate) fn allow_always(&mut self, id: SessionId, target: Target) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.always.insert(target);
        }
    }

    /// Whether a session's code has been asked what a module declares, and has answered.
    pub(crate) fn is_answered(&self, id: SessionId, module: &str) -> bool {
        let asked = self.sessions.get(&id).and_then(|session| session.asked.get(module));
        asked.is_some_and(Option::is_none)
    }

    /// Notes a question to a session's code; none if it is asked already.
    pub(crate) fn inquire(&mut self, id: SessionId, module: &str) -> Option<InquiryId> {
        let session = self.sessions.get_mut(&id)?;
        if session.asked.contains_key(module) {
            return None;
        }
        self.next_number += 1;
        let inquiry = InquiryId(self.next_number);
        session.asked.insert(module.to_owned(), Some(inquiry));
        Some(inquiry)
    }

    /// Takes note that a question is answered; none if nobody waits for the answer any more.
    pub(crate) fn answered(&mut self, inquiry: InquiryId) -> Option<(SessionId, String)> {
        self.sessions.iter_mut().find_map(|(id, session)| {
            let mut asked = session.asked.iter_mut();
            let (module, open) = asked.find(|(_, open)| **open == Some(inquiry))?;
            *open = None;
            Some((*id, module.clone()))
        })
    }

    /// A session's calls that wait for what the code declares.
    pub(crate) fn undeclared(
        &self,
        id: SessionId,
    ) -> impl Iterator<Item = (&ExecutionId, RequestId, &PendingCall)> {
        let executions = self.executions.iter().filter(move |(_, one)| one.session == id);
        executions.flat_map(|(caller, running)| {
            running.asked.iter().filter_map(move |(request, asked)| match &asked.what {
                Wait::Declared(call) => Some((caller, *request, &**call)),
                _ => None,
            })
        })
    }

    /// The place of the next execution in the order of starting.
    pub(crate) fn next_turn(&mut self, due: Timestamp, created: Timestamp) -> Turn {
        self.next_number += 1;
        Turn { due, created, number: self.next_number }
    }

    /// Takes an execution in.
    pub(crate) fn schedule(&mut self, id: ExecutionId, running: Running) {
        if let Some(session) = self.sessions.get_mut(&running.session) {
            session.executions += 1;
        }
        self.due.insert((running.turn, id.clone()));
        if let Some(group) = &running.defer {
            let group = self.deferrable.entry(group.clone()).or_default();
            group.insert((running.turn, id.clone()));
        }
        self.executions.insert(id, running);
    }

    /// Those of a group that make place for its last.
    pub(crate) fn superseded(&self, group: &DeferGroup) -> (Vec<ExecutionId>, Option<ExecutionId>) {
        let mut ids: Vec<_> = self.deferrable.get(group).into_iter().flatten().cloned().collect();
        let last = ids.pop().map(|(_, id)| id);
        (ids.into_iter().map(|(_, id)| id).collect(), last)
    }

    /// The next execution that is due, taken off the list.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<ExecutionId> {
        let (turn, _) = self.due.first()?;
        if turn.due > now {
            return None;
        }
        self.due.pop_first().map(|(_, id)| id)
    }

    pub(crate) fn hold(&mut self, id: &ExecutionId) {
        self.set_phase(id, Phase::Held);
    }

    pub(crate) fn make_ready(&mut self, id: &ExecutionId) {
        if let Some(running) = self.executions.get_mut(id) {
            running.phase = Phase::Ready;
            self.ready.insert((running.turn, id.clone()));
        }
    }

    pub(crate) fn take_ready(&mut self) -> Option<ExecutionId> {
        self.ready.pop_first().map(|(_, id)| id)
    }

    pub(crate) fn start(&mut self, id: &ExecutionId, at: Timestamp) {
        self.leave_group(id);
        self.set_phase(id, Phase::Started(at));
        self.busy.insert(id.clone());
    }

    pub(crate) fn busy(&self) -> usize {
        self.busy.len()
    }

    fn set_phase(&mut self, id: &ExecutionId, phase: Phase) {
        if let Some(running) = self.executions.get_mut(id) {
            running.phase = phase;
        }
    }

    fn leave_group(&mut self, id: &ExecutionId) {
        let Some(running) = self.executions.get_mut(id) else { return };
        let Some(key) = running.defer.take() else { return };
        if let Some(group) = self.deferrable.get_mut(&key) {
            group.remove(&(running.turn, id.clone()));
            if group.is_empty() {
                self.deferrable.remove(&key);
            }
        }
    }

    /// A request waits; its execution gives its slot back.
    pub(crate) fn ask(&mut self, id: &ExecutionId, request: RequestId, what: Wait) {
        self.forget_request(id, request);
        if let Some(running) = self.executions.get_mut(id) {
            running.asked.insert(request, Asked { what, held_by: Vec::new() });
            self.busy.remove(id);
        }
    }

    /// A request is answered; the answer goes out as soon as there is a slot for what comes then.
    pub(crate) fn grant(&mut self, id: &ExecutionId, request: RequestId, reply: Reply) {
        self.ask(id, request, Wait::Slot(reply));
        self.granted.push_back((id.clone(), request));
    }

    /// The next answer that goes out, its execution holding a slot again.
    pub(crate) fn take_granted(&mut self) -> Option<(ExecutionId, RequestId, Reply)> {
        let (id, request) = self.granted.pop_front()?;
        let running = self.executions.get_mut(&id)?;
        let asked = running.asked.remove(&request)?;
        if running.asked.is_empty() {
            self.attend(&id);
        }
        match asked.what {
            Wait::Slot(reply) => Some((id, request, reply)),
            _ => None,
        }
    }

    /// Registers a request with what can answer it.
    pub(crate) fn request_waits(&mut self, id: &ExecutionId, request: RequestId, on: Vec<Handle>) {
        self.register(&on, &Waiter::Request(id.clone(), request));
        let running = self.executions.get_mut(id);
        if let Some(asked) = running.and_then(|running| running.asked.get_mut(&request)) {
            asked.held_by = on;
        }
    }

    /// Registers an execution with what it starts after.
    pub(crate) fn start_waits(&mut self, id: &ExecutionId, on: Vec<Handle>) {
        self.register(&on, &Waiter::Start(id.clone()));
        if let Some(running) = self.executions.get_mut(id) {
            running.held_by = on;
        }
    }

    /// Registers an outcome that points on with what it points to.
    pub(crate) fn outcome_waits(&mut self, id: &ExecutionId, on: Handle) {
        self.register(&[on], &Waiter::Outcome(id.clone()));
    }

    fn register(&mut self, on: &[Handle], waiter: &Waiter) {
        for handle in on {
            self.waiters.entry(handle.clone()).or_default().insert(waiter.clone());
        }
    }

    fn unregister(&mut self, from: &[Handle], waiter: &Waiter) {
        for handle in from {
            if let Some(waiters) = self.waiters.get_mut(handle) {
                waiters.remove(waiter);
                if waiters.is_empty() {
                    self.waiters.remove(handle);
                }
            }
        }
    }

    /// Everybody who waits for this.
    pub(crate) fn take_waiters(&mut self, handle: &Handle) -> BTreeSet<Waiter> {
        self.waiters.remove(handle).unwrap_or_default()
    }

    /// Takes back a request's registrations, before it registers anew or is answered.
    pub(crate) fn forget_request(&mut self, id: &ExecutionId, request: RequestId) {
        let running = self.executions.get_mut(id);
        let asked = running.and_then(|running| running.asked.get_mut(&request));
        let from = asked.map(|asked| std::mem::take(&mut asked.held_by)).unwrap_or_default();
        self.unregister(&from, &Waiter::Request(id.clone(), request));
    }

    /// Takes back an unstarted execution's registrations.
    pub(crate) fn forget_start(&mut self, id: &ExecutionId) {
        let running = self.executions.get_mut(id);
        let from = running.map(|running| std::mem::take(&mut running.held_by)).unwrap_or_default();
        self.unregister(&from, &Waiter::Start(id.clone()));
    }

    /// An execution has ended. Tells whether it has a process that is still to go.
    pub(crate) fn end(&mut self, id: &ExecutionId) -> bool {
        let Some(running) = self.executions.get(id) else { return false };
        let (turn, phase) = (running.turn, running.phase);
        let requests: Vec<RequestId> = running.asked.keys().copied().collect();
        for request in requests {
            self.forget_request(id, request);
        }
        self.forget_start(id);
        self.leave_group(id);
        self.due.remove(&(turn, id.clone()));
        self.ready.remove(&(turn, id.clone()));
        self.granted.retain(|(other, _)| other != id);
        self.busy.remove(id);
        self.streams.forget(id);
        match phase {
            Phase::Started(_) | Phase::Draining(_) => {
                if let Some(running) = self.executions.get_mut(id) {
                    running.phase = Phase::Leaving;
                    running.asked.clear();
                }
                true
            }
            Phase::Leaving => false,
            Phase::Scheduled | Phase::Held | Phase::Ready => {
                self.remove(id);
                false
            }
        }
    }

    /// An execution is gone.
    pub(crate) fn remove(&mut self, id: &ExecutionId) {
        let Some(running) = self.executions.remove(id) else { return };
        if let Some(session) = self.sessions.get_mut(&running.session) {
            session.executions -= 1;
        }
        self.close_if_unused(running.session);
    }

    /// Calls that wait at the guard.
    pub(crate) fn questions(&self) -> impl Iterator<Item = Question> + '_ {
        self.executions.iter().flat_map(|(caller, running)| {
            running.asked.values().filter_map(move |asked| match &asked.what {
                Wait::Decision(call, miss) => Some(Question {
                    caller: caller.clone(),
                    ordinal: call.ordinal,
                    target: call.submit.target.clone(),
                    arguments: call.submit.arguments.clone(),
                    miss: miss.clone(),
                }),
                _ => None,
            })
        })
    }

    /// The request of an execution that waits for a decision on its call.
    pub(crate) fn undecided(&self, caller: &ExecutionId, ordinal: u32) -> Option<RequestId> {
        let asked = self.get(caller)?.asked.iter();
        asked.into_iter().find_map(|(request, asked)| match &asked.what {
            Wait::Decision(call, _) if call.ordinal == ordinal => Some(*request),
            _ => None,
        })
    }

    /// Whether nothing is left of anything, registrations included.
    pub(crate) fn is_clean(&self) -> bool {
        self.executions.is_empty()
            && self.sessions.is_empty()
            && self.due.is_empty()
            && self.ready.is_empty()
            && self.granted.is_empty()
            && self.busy.is_empty()
            && self.waiters.is_empty()
            && self.deferrable.is_empty()
            && self.streams.is_empty()
    }
}
