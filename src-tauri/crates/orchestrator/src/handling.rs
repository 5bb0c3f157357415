//! One event being handled: everything that changes state while it is, goes through here.

use std::collections::VecDeque;

use hindcast_model::record::Record;
use hindcast_model::{Blobs, ExecutionId, Timestamp};

use crate::event::{Command, Effect, Event, TimerId};
use crate::live::{Live, Waiter};
use crate::message::{Handle, Reply, RequestId};
use crate::prints::Prints;
use crate::world::World;

pub(crate) struct Handling<'a> {
    pub(crate) now: Timestamp,
    pub(crate) world: &'a mut World,
    pub(crate) live: &'a mut Live,
    pub(crate) prints: &'a mut Prints,
    pub(crate) slots: usize,
    pub(crate) blobs: &'a dyn Blobs,
    pub(crate) effects: Vec<Effect>,
    /// What has ended, and those who wait for it do not know yet.
    pub(crate) ended: VecDeque<Handle>,
}

impl Handling<'_> {
    pub(crate) fn event(&mut self, event: Event) {
        match event {
            Event::Command(command) => self.command(command),
            Event::Said { execution, message } => self.said(&execution, message),
            Event::Exited { execution, reason } => self.exited(&execution, &reason),
            Event::Timer(timer) => self.timer(&timer),
            Event::CodeSaved { run, code, files } => {
                let (code, at) = (code.to_string(), self.now);
                self.record(Record::CodeSaved { run, code, files, at });
            }
            Event::Foreign(record) => self.foreign(&record),
            Event::Declared { inquiry, defaults } => self.declared(inquiry, defaults),
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Rerun { steps, environment, rules, edited_arguments } => {
                self.rerun(&steps, environment, rules, edited_arguments.as_deref());
            }
            Command::Submit { run, target, arguments, environment, memo, options, rules } => {
                let options = *options;
                self.begin(crate::begin::Begin {
                    run,
                    target,
                    arguments,
                    environment,
                    memo,
                    options,
                    rules,
                });
            }
            Command::Cancel(execution) => self.cancel_by_hand(&execution),
            Command::Decide { caller, ordinal, decision } => {
                self.decide(&caller, ordinal, decision);
            }
            Command::Respond { input, response } => self.respond(&input, response),
        }
    }

    fn timer(&mut self, timer: &TimerId) {
        match timer {
            // What is due starts when the event is settled, whatever the event.
            TimerId::Due(_) => {}
            TimerId::Timeout(execution) => self.timed_out(execution),
            TimerId::Idle(stream) => self.idle(stream),
            TimerId::Select(execution, request) => self.select_timed_out(execution, *request),
        }
    }

    /// Keeps a fact.
    pub(crate) fn record(&mut self, record: Record) {
        self.world.apply(&record);
        self.effects.push(Effect::Record(Box::new(record)));
    }

    pub(crate) fn arm(&mut self, timer: TimerId, at: Timestamp) {
        self.effects.push(Effect::Arm { timer, at });
    }

    pub(crate) fn reject(&mut self, reason: impl Into<String>) {
        self.effects.push(Effect::Rejected { reason: reason.into() });
    }

    /// Answers a request: at once if it did not wait, else as soon as there is a slot for what its
    /// execution does then.
    pub(crate) fn answer(&mut self, execution: &ExecutionId, request: RequestId, reply: Reply) {
        let running = self.live.get(execution);
        if running.is_some_and(|running| running.asked.contains_key(&request)) {
            self.live.grant(execution, request, reply);
        } else {
            self.reply(execution.clone(), request, reply);
        }
    }

    fn reply(&mut self, execution: ExecutionId, request: RequestId, reply: Reply) {
        self.effects.push(Effect::Reply { execution, request, reply });
    }

    pub(crate) fn fail_request(
        &mut self,
        execution: &ExecutionId,
        request: RequestId,
        code: &'static str,
        message: impl Into<String>,
    ) {
        self.answer(execution, request, Reply::Error { code, message: message.into() });
    }

    /// Does everything that follows from what was said, until nothing more does.
    pub(crate) fn settle(&mut self) {
        loop {
            if let Some(handle) = self.ended.pop_front() {
                self.wake(&handle);
            } else if let Some(stream) = self.live.streams.take_changed() {
                self.demand(&stream);
            } else if let Some(execution) = self.live.take_due(self.now) {
                self.fall_due(&execution);
            } else if self.live.busy() < self.slots {
                if let Some((execution, request, reply)) = self.live.take_granted() {
                    self.reply(execution, request, reply);
                } else if let Some(execution) = self.live.take_ready() {
                    self.start(&execution);
                } else if !self.stop_stranded() {
                    return;
                }
            } else {
                return;
            }
        }
    }

    fn wake(&mut self, handle: &Handle) {
        for waiter in self.live.take_waiters(handle) {
            match waiter {
                Waiter::Request(execution, request) => self.try_again(&execution, request),
                Waiter::Start(execution) => {
                    self.live.forget_start(&execution);
                    self.fall_due(&execution);
                }
                Waiter::Outcome(execution) => self.pass_outcome_on(&execution),
            }
        }
    }
}
