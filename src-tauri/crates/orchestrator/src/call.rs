//! Calls: each is answered by an execution that exists, by a new step, or with an error.

use hindcast_model::record::{Allowed, Answer, Because, Call, Miss, NewExecution, PinRule, Record};
use hindcast_model::{Ended, ExecutionId, Key, Params, StepId, Value};

use crate::attempt::NewAttempt;
use crate::begin;
use crate::finish::Process;
use crate::guard::Verdict;
use crate::handling::Handling;
use crate::live::{PendingCall, Wait};
use crate::message::{Reply, RequestId, Submit};

impl Handling<'_> {
    /// An execution calls a target.
    pub(crate) fn submit(&mut self, caller: &ExecutionId, request: RequestId, submit: Submit) {
        let Some(submit) = self.knowing_keys(caller, request, submit) else { return };
        let memo = self.world.memo_of(caller, &submit);
        let keys = begin::keys(&submit, memo.as_ref());
        let (memo_key, wrong) = match keys {
            Ok(keys) => (keys.memo, None),
            Err(reason) => (None, Some(reason)),
        };
        let Some(call) = self.pending(caller, submit, memo, memo_key) else { return };
        match wrong {
            None => self.consider(caller, request, call),
            Some(reason) => self.fail_request(caller, request, "submit_error", reason),
        }
    }

    /// A call as it is counted: the caller's next, and its next of this target.
    pub(crate) fn pending(
        &mut self,
        caller: &ExecutionId,
        submit: Submit,
        memo: Option<Params>,
        memo_key: Option<Key>,
    ) -> Option<PendingCall> {
        let running = self.live.get_mut(caller)?;
        let ordinal = running.calls;
        running.calls += 1;
        let nth = running.made.entry(submit.target.clone()).or_default();
        *nth += 1;
        let nth = *nth - 1;
        Some(PendingCall { ordinal, nth, submit, memo, memo_key })
    }

    /// Answers a call, or has it wait for what decides it.
    pub(crate) fn consider(&mut self, caller: &ExecutionId, request: RequestId, call: PendingCall) {
        match self.judge(caller, &call) {
            Verdict::Pinned(execution, rule) => self.pin(caller, request, &call, &execution, rule),
            Verdict::Runs(allowed, miss) => self.run_call(caller, request, &call, allowed, miss),
            Verdict::Shares(shared) => self.share(caller, request, &call, &shared),
            Verdict::DependsOn(handles) => {
                self.live.ask(caller, request, Wait::Compare(Box::new(call)));
                self.live.request_waits(caller, request, handles);
            }
            Verdict::Undeclared => self.inquire(caller, request, call),
            Verdict::Missed(miss) => self.missed(caller, request, call, miss),
            Verdict::Mocked(value, name) => self.mock(caller, request, &call, value, Some(name)),
            Verdict::Refused(miss, why) => self.refuse_by_hand(caller, request, &call, miss, &why),
        }
    }

    /// Answers a call by an execution that exists; nothing runs. One of another run is shared as a
    /// cached result is, by a step that carries it.
    pub(crate) fn pin(
        &mut self,
        caller: &ExecutionId,
        request: RequestId,
        call: &PendingCall,
        execution: &ExecutionId,
        rule: PinRule,
    ) {
        let carrier;
        let execution = if execution.run() == caller.run() {
            execution
        } else {
            let there = self.carried(caller, call, execution);
            let Some(made) = there.or_else(|| self.carry(caller, call, execution)) else { return };
            carrier = made;
            &carrier
        };
        self.record_call(caller, call, Answer::Pinned { execution: execution.clone(), rule });
        self.submitted(caller, request, execution.clone(), call);
    }

    /// Answers a call by a new step, which runs.
    pub(crate) fn run_call(
        &mut self,
        caller: &ExecutionId,
        request: RequestId,
        call: &PendingCall,
        allowed: Allowed,
        miss: Option<Miss>,
    ) {
        if let Some(execution) = self.make_execution(caller, call, allowed.clone()) {
            self.answer_by_new(caller, request, call, execution, allowed, miss);
        }
    }

    /// Answers a call by a new step that shares a result that is in the cache; nothing runs.
    fn share(
        &mut self,
        caller: &ExecutionId,
        request: RequestId,
        call: &PendingCall,
        shared: &ExecutionId,
    ) {
        let Some(execution) = self.carry(caller, call, shared) else { return };
        self.answer_by_new(caller, request, call, execution, Allowed::Plan, None);
    }

    /// A step of the caller's run that carries this execution's result for the same memoised call.
    fn carried(
        &self,
        caller: &ExecutionId,
        call: &PendingCall,
        shared: &ExecutionId,
    ) -> Option<ExecutionId> {
        let (run, key) = (self.world.run(caller.run())?, call.memo_key.as_ref()?);
        let environment = self.live.get(caller)?.environment;
        let numbers = self.world.calls_of(caller.run(), &call.submit.target).iter();
        let steps = numbers.filter_map(|number| run.run.steps.get(number));
        let same = steps.filter(|step| step.memo_key.as_ref() == Some(key));
        let mut executions = same.flat_map(|step| step.executions.values());
        let found = executions.find(|execution| {
            let ended = execution.result.as_ref().map(|outcome| &outcome.ended);
            self.world.environment_of(&execution.workspace_id) == Some(environment)
                && matches!(ended, Some(Ended::Cached(other)) if other.execution_id == *shared)
        });
        found.map(|execution| execution.execution_id.clone())
    }

    /// A new step that shares an execution's result, and never runs.
    fn carry(
        &mut self,
        caller: &ExecutionId,
        call: &PendingCall,
        shared: &ExecutionId,
    ) -> Option<ExecutionId> {
        let execution = self.make_execution(caller, call, Allowed::Plan)?;
        let shared = self.world.reference(shared);
        self.finish(&execution, Ended::Cached(shared), Process::Leaves);
        Some(execution)
    }

    fn make_execution(
        &mut self,
        caller: &ExecutionId,
        call: &PendingCall,
        allowed: Allowed,
    ) -> Option<ExecutionId> {
        let step = self.create_step(caller, call)?;
        let running = self.live.get(caller)?;
        let delay = call.submit.delay;
        let new = NewAttempt {
            step,
            environment: running.environment,
            because: Because::Called,
            session: running.session,
            allowed,
            execute_after: (delay > 0).then(|| self.now.after(delay)),
            after: Vec::new(),
            edited: None,
        };
        self.attempt(new)
    }

    fn answer_by_new(
        &mut self,
        caller: &ExecutionId,
        request: RequestId,
        call: &PendingCall,
        execution: ExecutionId,
        allowed: Allowed,
        miss: Option<Miss>,
    ) {
        self.record_call(caller, call, Answer::Run { execution: execution.clone(), allowed, miss });
        self.submitted(caller, request, execution, call);
    }

    /// Answers a call by a value that a person gives: a step that carries it, and never runs.
    pub(crate) fn mock(
        &mut self,
        caller: &ExecutionId,
        request: RequestId,
        call: &PendingCall,
        value: Value,
        name: Option<String>,
    ) {
        let Some(environment) = self.live.get(caller).map(|running| running.environment) else {
            return;
        };
        let Some(workspace) = self.workspace(environment) else { return };
        let Some(step) = self.create_step(caller, call) else { return };
        let execution = step.attempt(1);
        self.record(Record::ExecutionCreated(NewExecution {
            id: execution.clone(),
            environment,
            workspace,
            created_at: self.now,
            execute_after: None,
            because: Because::Called,
            edited_arguments: None,
        }));
        self.finish(&execution, Ended::Value(value), Process::Leaves);
        let answer = Answer::Mocked { execution: execution.clone(), name };
        self.record_call(caller, call, answer);
        self.submitted(caller, request, execution, call);
    }

    fn create_step(&mut self, caller: &ExecutionId, call: &PendingCall) -> Option<StepId> {
        let number = self.world.known(caller.run())?.next_step();
        let id = StepId::new(caller.run().clone(), number);
        // The keys were made when the call came in: they cannot fail now.
        let keys = begin::keys(&call.submit, call.memo.as_ref()).ok()?;
        let submit = Submit { memo: call.memo.clone(), ..call.submit.clone() };
        let step = self.new_step(id.clone(), Some(caller.clone()), submit, keys);
        self.record(Record::StepCreated(step));
        Some(id)
    }

    pub(crate) fn record_call(&mut self, caller: &ExecutionId, call: &PendingCall, answer: Answer) {
        self.record(Record::CallAnswered(Call {
            caller: caller.clone(),
            ordinal: call.ordinal,
            at: self.now,
            target: call.submit.target.clone(),
            arguments: call.submit.arguments.clone(),
            group: call.submit.group,
            memo: call.memo.clone(),
            memo_key: call.memo_key.clone(),
            answer,
        }));
    }

    fn submitted(
        &mut self,
        caller: &ExecutionId,
        request: RequestId,
        execution: ExecutionId,
        call: &PendingCall,
    ) {
        let target = call.submit.target.clone();
        self.answer(caller, request, Reply::Submitted { execution, target });
    }
}
