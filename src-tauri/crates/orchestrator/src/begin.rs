//! Runs that begin here: submitted by a person, or spawned by a workflow's call.

use hindcast_model::record::{Allowed, Because, Declared, NewRun, NewStep, Record, TargetKind};
use hindcast_model::{
    CacheConfig, Ended, EnvironmentId, ExecutionId, Key, Params, RunId, Step, StepId, Target, Value,
};

use crate::attempt::NewAttempt;
use crate::derive;
use crate::event::Rules;
use crate::finish::Process;
use crate::handling::Handling;
use crate::live::SessionId;
use crate::message::Submit;

/// A run that a person wants.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Begin {
    pub(crate) run: RunId,
    pub(crate) target: Target,
    pub(crate) arguments: Vec<Value>,
    pub(crate) environment: EnvironmentId,
    pub(crate) memo: bool,
    pub(crate) options: Submit,
    pub(crate) rules: Rules,
}

/// The keys a step can be found by.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Keys {
    pub(crate) memo: Option<Key>,
    pub(crate) cache: Option<Key>,
    pub(crate) defer: Option<Key>,
}

impl Handling<'_> {
    /// Begins a run that a person wants.
    pub(crate) fn begin(&mut self, begin: Begin) {
        let Begin { run, target, arguments, environment, memo, options, rules } = begin;
        let options = Submit { target, arguments, ..options };
        if let Err(reason) = self.may_run_in(environment) {
            return self.reject(reason);
        }
        if self.world.knows_run(&run) {
            return self.reject(format!("there is a run {run} already"));
        }
        let keys = match keys(&options, memo.then_some(&Params::All)) {
            Ok(keys) => keys,
            Err(reason) => return self.reject(reason),
        };
        let session = self.open_session(rules);
        let root = StepId::new(run.clone(), 1);
        self.record(Record::RunCreated(NewRun {
            id: run,
            created_at: self.now,
            parent: None,
            memo,
            requires: options.requires.clone(),
        }));
        let delay = options.delay;
        self.record(Record::StepCreated(self.new_step(root.clone(), None, options, keys)));
        self.attempt(NewAttempt {
            step: root,
            environment,
            because: Because::Called,
            session,
            allowed: Allowed::FreshRun,
            execute_after: (delay > 0).then(|| self.now.after(delay)),
            after: Vec::new(),
            edited: None,
        });
    }

    /// A step as a call asks for it.
    pub(crate) fn new_step(
        &self,
        id: StepId,
        parent: Option<ExecutionId>,
        submit: Submit,
        keys: Keys,
    ) -> NewStep {
        NewStep {
            id,
            target: submit.target,
            parent,
            created_at: self.now,
            arguments: submit.arguments,
            memo_key: keys.memo,
            cache: submit.cache,
            cache_key: keys.cache,
            retries: submit.retries,
            recurrent: submit.recurrent,
            timeout: submit.timeout,
            requires: submit.requires,
            declared: Declared {
                kind: submit.kind,
                memo: submit.memo,
                defer: submit.defer,
                defer_key: keys.defer,
                wait_for: submit.wait_for,
                delay: submit.delay,
                streams: submit.streams,
            },
        }
    }

    /// A workflow called from a run becomes a run of its own.
    pub(crate) fn spawn(&mut self, id: &ExecutionId) {
        let known = |run: &RunId| self.world.knows_run(run);
        let Some(run) = derive::run(id, known) else { return };
        let Some(step) = self.world.step(&id.step).cloned() else { return };
        let Some(running) = self.live.get(id) else { return };
        let (environment, session) = (running.environment, running.session);
        let allowed = running.allowed.clone();
        let arguments = self.world.arguments(id).unwrap_or_default().to_vec();
        self.record(Record::RunCreated(NewRun {
            id: run.clone(),
            created_at: self.now,
            parent: Some(self.world.reference(id)),
            memo: false,
            requires: step.requires.clone().unwrap_or_default(),
        }));
        let root = StepId::new(run, 1);
        self.record(Record::StepCreated(self.spawned_root(root.clone(), step, arguments)));
        if let Some(execution) = self.first_attempt(root, environment, session, allowed) {
            let shared = self.world.reference(&execution);
            self.finish(id, Ended::Spawned(shared), Process::Leaves);
        }
    }

    fn first_attempt(
        &mut self,
        step: StepId,
        environment: EnvironmentId,
        session: SessionId,
        allowed: Allowed,
    ) -> Option<ExecutionId> {
        self.attempt(NewAttempt {
            step,
            environment,
            because: Because::Called,
            session,
            allowed,
            execute_after: None,
            after: Vec::new(),
            edited: None,
        })
    }

    /// Of the options of the call, the server gives a spawned run only cache, retries and requires.
    fn spawned_root(&self, id: StepId, step: Step, arguments: Vec<Value>) -> NewStep {
        NewStep {
            id,
            target: step.target(),
            parent: None,
            created_at: self.now,
            arguments,
            memo_key: None,
            cache: step.cache_config,
            cache_key: step.cache_key.filter(Key::is_whole),
            retries: step.retries,
            recurrent: false,
            timeout: 0,
            requires: step.requires.unwrap_or_default(),
            declared: Declared {
                kind: TargetKind::Workflow,
                memo: None,
                defer: None,
                defer_key: None,
                wait_for: Vec::new(),
                delay: 0,
                streams: None,
            },
        }
    }
}

/// The keys of a call; why it can have none, for a person.
pub(crate) fn keys(submit: &Submit, memo: Option<&Params>) -> Result<Keys, String> {
    if let Some(given) = &submit.given_keys {
        let (memo, cache, defer) = (given.memo.clone(), given.cache.clone(), given.defer.clone());
        return Ok(Keys { memo, cache, defer });
    }
    let (target, arguments) = (&submit.target, submit.arguments.as_slice());
    let of = |params: &Params| hindcast_model::memo_key(target, arguments, params);
    let cached = |cache: &CacheConfig| hindcast_model::cache_key(target, arguments, cache);
    let made = || {
        Ok::<_, hindcast_model::KeyError>(Keys {
            memo: memo.map(of).transpose()?,
            cache: submit.cache.as_ref().map(cached).transpose()?,
            defer: submit.defer.as_ref().map(of).transpose()?,
        })
    };
    made().map_err(|problem| format!("{target} cannot be called so: {problem}"))
}
