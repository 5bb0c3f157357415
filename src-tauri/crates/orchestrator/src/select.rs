//! Waiting for executions and inputs.

use hindcast_model::record::{InputResponse, Record};
use hindcast_model::{Dependency, ExecutionId, Extra, TypedDependency};

use crate::event::TimerId;
use crate::handling::Handling;
use crate::live::Wait;
use crate::message::{Handle, Reply, RequestId, Select, Status};
use crate::resolve::Resolution;

/// What a wait has come to.
enum Found {
    /// This one ended so.
    Won(usize, Status),
    /// Nothing ended; it goes on when one of these does.
    Waits(Vec<Handle>),
    /// It can never end: why, for a person.
    Never(String),
}

impl Handling<'_> {
    /// An execution waits for the first of several.
    pub(crate) fn select(&mut self, id: &ExecutionId, request: RequestId, select: Select) {
        for handle in &select.handles {
            self.depend(id, handle);
        }
        match self.first_ended(&select) {
            Found::Won(winner, status) => {
                if select.cancel_remaining {
                    self.cancel_others(id, &select, winner, true);
                }
                self.selected(id, request, winner, status);
            }
            Found::Never(reason) => self.fail_request(id, request, "select_error", reason),
            Found::Waits(_) if select.timeout == Some(0) => self.give_up(id, request, select),
            Found::Waits(on) => {
                if let Some(timeout) = select.timeout {
                    let timer = TimerId::Select(id.clone(), request);
                    self.arm(timer, self.now.after(timeout));
                }
                self.live.ask(id, request, Wait::Select(select));
                self.live.request_waits(id, request, on);
            }
        }
    }

    /// Something a request waits for has ended, or gone on.
    pub(crate) fn try_again(&mut self, id: &ExecutionId, request: RequestId) {
        self.live.forget_request(id, request);
        let asked = self.live.get(id).and_then(|running| running.asked.get(&request));
        match asked.map(|asked| asked.what.clone()) {
            Some(Wait::Select(select)) => self.select_again(id, request, &select),
            Some(Wait::Compare(call)) => self.consider(id, request, *call),
            Some(Wait::Declared(_) | Wait::Decision(..) | Wait::Slot(_)) | None => {}
        }
    }

    fn select_again(&mut self, id: &ExecutionId, request: RequestId, select: &Select) {
        match self.first_ended(select) {
            Found::Won(winner, status) => {
                if select.cancel_remaining {
                    // Having waited, the server cancels executions only.
                    self.cancel_others(id, select, winner, false);
                }
                self.selected(id, request, winner, status);
            }
            Found::Never(reason) => self.fail_request(id, request, "select_error", reason),
            Found::Waits(on) => self.live.request_waits(id, request, on),
        }
    }

    /// Answers, unless the caller itself was among those cancelled.
    fn selected(&mut self, id: &ExecutionId, request: RequestId, winner: usize, status: Status) {
        if self.live.speaks(id).is_some() {
            self.answer(id, request, Reply::Selected { winner, status });
        }
    }

    /// The lowest that has ended.
    fn first_ended(&self, select: &Select) -> Found {
        let mut waits = Vec::new();
        let mut never = None;
        for (index, handle) in select.handles.iter().enumerate() {
            match self.world.resolve(handle) {
                Resolution::Ended(status) => return Found::Won(index, status),
                Resolution::Pending(at) => waits.push(at),
                Resolution::Never(at) => {
                    never = Some(format!(
                        "{at} had no result when it was exported, and can never have one here"
                    ));
                }
                Resolution::Unknown(at) => {
                    let name = match &at {
                        Handle::Execution(id) => format!("execution {id}"),
                        Handle::Input(id) => format!("input {id}"),
                        Handle::Stream(id, _) => format!("stream {id}"),
                    };
                    never = Some(format!("{name} is not in the store: import its run"));
                }
            }
        }
        match never {
            Some(reason) if waits.is_empty() => Found::Never(reason),
            _ => Found::Waits(waits),
        }
    }

    /// The time is up.
    pub(crate) fn select_timed_out(&mut self, id: &ExecutionId, request: RequestId) {
        let asked = self.live.get(id).and_then(|running| running.asked.get(&request));
        if let Some(Wait::Select(select)) = asked.map(|asked| asked.what.clone()) {
            self.give_up(id, request, select);
        }
    }

    fn give_up(&mut self, id: &ExecutionId, request: RequestId, select: Select) {
        if select.suspend {
            self.suspend(id, None, select.handles);
        } else {
            self.answer(id, request, Reply::NothingYet);
        }
    }

    /// What is waited for is a dependency, resolved or not.
    fn depend(&mut self, id: &ExecutionId, handle: &Handle) {
        let (key, dependency) = match handle {
            Handle::Execution(other) => {
                let execution = self.world.reference(other);
                (other.to_string(), TypedDependency::Result { execution, extra: Extra::NONE })
            }
            Handle::Input(input_id) => {
                let input = self.world.input(input_id);
                let dependency = TypedDependency::Input {
                    input_id: input_id.clone(),
                    title: input.and_then(|input| input.title.clone()),
                    status: input
                        .and_then(|input| input.response.as_ref())
                        .map(crate::inputs::status),
                    extra: Extra::NONE,
                };
                (input_id.to_string(), dependency)
            }
            Handle::Stream(..) => return,
        };
        self.depend_on(id, key, dependency);
    }

    pub(crate) fn depend_on(&mut self, id: &ExecutionId, key: String, dependency: TypedDependency) {
        let known = self.world.execution(id);
        if known.is_some_and(|execution| !execution.dependencies.contains_key(&key)) {
            let dependency = Dependency::Typed(dependency);
            self.record(Record::Depended { execution: id.clone(), id: key, dependency });
        }
    }

    fn cancel_others(&mut self, id: &ExecutionId, select: &Select, winner: usize, inputs: bool) {
        let Some(environment) = self.live.get(id).map(|running| running.environment) else {
            return;
        };
        for (index, handle) in select.handles.iter().enumerate() {
            match handle {
                _ if index == winner => {}
                Handle::Execution(other) => self.cancel(other, environment),
                Handle::Input(input) if inputs => {
                    self.answer_input(input, InputResponse::Cancelled { at: self.now });
                }
                Handle::Input(_) | Handle::Stream(..) => {}
            }
        }
    }
}
