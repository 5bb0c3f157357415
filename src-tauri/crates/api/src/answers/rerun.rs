//! Running steps again, and everything a person says about what is under way.

use std::sync::Arc;

use hindcast_engine::codec::Declaration;
use hindcast_engine::{Handle, Project, Rerun as Wish, Submission};
use hindcast_model::record::{InputResponse, TargetKind};
use hindcast_model::{Environment, ExecutionId, InputId, Json, RunId, StepId, Target, Timestamp};
use hindcast_orchestrator::message::Submit as Options;
use hindcast_orchestrator::{Code, Decision, OnMiss, Rules};

use crate::api::Answered;
use crate::calls::{Cancel, Decide, Rerun, Respond, Submit};
use crate::choice::{DecisionKind, MissChoice, PolicyChoice, TextForm};
use crate::given::{given_as, submitted_as};
use crate::local::{fresh_environment, local_environment};
use crate::note::Notes;
use crate::planned::Asked;
use crate::view::{ApiEvent, PlanView, RerunStarted};
use crate::{Api, ApiError, ErrorCode};

impl Answered for Rerun {
    async fn answer(self, api: &Api) -> Result<RerunStarted, ApiError> {
        Ok(api.rerun(self).await?.0)
    }
}

impl Answered for Submit {
    async fn answer(self, api: &Api) -> Result<RerunStarted, ApiError> {
        Ok(api.submit(self).await?.0)
    }
}

impl Api {
    /// Runs steps again, and tells what happens until they have ended.
    ///
    /// # Errors
    /// If the project is not trusted, the steps are not of one run, or the rules refuse it.
    pub async fn rerun(&self, rerun: Rerun) -> Result<(RerunStarted, Notes), ApiError> {
        let steps: Vec<StepId> =
            rerun.steps.iter().map(|step| step.parse()).collect::<Result<_, _>>()?;
        let run = run_of(&steps)?;
        let mut rules = rules(rerun.policy, rerun.on_miss, &rerun.allow)?;
        let project = self.trusted_project().await?;
        let asked = Asked {
            steps: steps.clone(),
            environment: rerun.environment,
            policy: rerun.policy,
            on_miss: rerun.on_miss,
            allow: rules.allow.clone(),
            mocks: rerun.mocks,
            arguments: rerun.arguments,
        };
        let wanted = rerun.locked;
        let (watched, folder) = (project.is_watched(), project.folder().to_owned());
        let loaded = self.loaded().clone();
        let (environment, planned, number) = self
            .with_store(move |store| {
                let environment = local_environment(store, &run, asked.environment.as_deref())?;
                let mut planned = asked.plan(store, &loaded, now(), Some(&folder))?;
                lock(&mut planned.view, wanted, watched);
                let kept = serde_json::to_string(&planned.view)
                    .map_err(|error| ApiError::internal("a plan has no JSON form", error))?;
                let number = store.transaction(|transaction| {
                    transaction.keep_plan(environment.id, &run, now(), &kept)
                })?;
                Ok((environment, planned, number))
            })
            .await?;
        let is_locked = planned.view.locked;
        let project = if is_locked { locked(project)? } else { project };
        self.check_steps(&project, &steps).await?;
        let project = match rerun.debug {
            Some(choice) => self.under_debugger(project, &steps, choice).await?,
            None => project,
        };
        let project = Arc::new(project);
        rules.by_hand = Arc::new(planned.by_hand);
        let engine = self.engine().await?;
        let receiver = self.following().listen();
        let id = environment.id;
        let edited_arguments = planned.edited_arguments;
        let wish = Wish { steps, environment: id, rules, edited_arguments };
        let executions = engine.rerun(wish, project).await?;
        let notes = Notes::of(receiver, &executions);
        let begun = executions.clone();
        self.with_store(move |store| {
            Ok(store.transaction(|transaction| transaction.plan_begun(number, &begun))?)
        })
        .await?;
        let mut started = self.begun(&environment, &executions);
        started.rerun = u32::try_from(number).ok();
        started.locked = is_locked;
        Ok((started, notes))
    }

    /// Starts a run here, and tells what happens until it has ended.
    ///
    /// # Errors
    /// If the project is not trusted, an argument is not JSON, or the rules refuse it.
    pub async fn submit(&self, submit: Submit) -> Result<(RerunStarted, Notes), ApiError> {
        let target: Target = submit.target.parse()?;
        let project = Arc::new(self.trusted_project().await?);
        self.check_targets(&project, [target.clone()]).await?;
        let blobs = self.blobs().clone();
        let (arguments, environment) = self
            .with_store(move |store| {
                let form = submit.form.unwrap_or(TextForm::Json);
                let values = submit.arguments.iter().enumerate().map(|(index, text)| {
                    submitted_as(text, form, &blobs).map_err(|error| {
                        let message = format!("argument {}: {}", index + 1, error.message);
                        ApiError { message, ..error }
                    })
                });
                let environment = fresh_environment(store, submit.environment.as_deref())?;
                Ok((values.collect::<Result<Vec<_>, _>>()?, environment))
            })
            .await?;
        let engine = self.engine().await?;
        let receiver = self.following().listen();
        let declared = declared(&engine, &project, &target).await?;
        let submission = Submission {
            options: declared.options,
            target,
            arguments,
            environment: environment.id,
            memo: declared.memo,
            rules: rules(PolicyChoice::Memo, MissChoice::Run, &[])?,
        };
        let execution = engine.submit(submission, project).await?;
        let executions = [execution];
        let notes = Notes::of(receiver, &executions);
        Ok((self.begun(&environment, &executions), notes))
    }

    fn begun(&self, environment: &Environment, executions: &[ExecutionId]) -> RerunStarted {
        let run = executions.first().map(|execution| execution.run().to_string());
        let started = RerunStarted {
            environment: environment.name.to_string(),
            run: run.unwrap_or_default(),
            steps: executions.iter().map(|execution| execution.step.to_string()).collect(),
            executions: executions.iter().map(ToString::to_string).collect(),
            rerun: None,
            locked: false,
        };
        self.following().recent().name_rerun(&started);
        self.tell(ApiEvent::ActivityChanged);
        started
    }
}

/// Whether a re-run is locked: as a person wants it, else as the plan has it, where it can be.
fn lock(plan: &mut PlanView, wanted: Option<bool>, watched: bool) {
    match wanted {
        Some(locked) => {
            plan.locked = locked;
            "as asked for".clone_into(&mut plan.locked_because);
        }
        None if plan.locked && !watched => {
            plan.locked = false;
            "the project's command cannot be watched".clone_into(&mut plan.locked_because);
        }
        None => {}
    }
}

fn locked(project: Project) -> Result<Project, ApiError> {
    project.locked().map_err(|error| ApiError::new(ErrorCode::BadRequest, error.to_string()))
}

/// The run that all these steps are of.
pub(crate) fn run_of(steps: &[StepId]) -> Result<RunId, ApiError> {
    let bad = |message: &str| ApiError::new(ErrorCode::BadRequest, message);
    let first = steps.first().ok_or_else(|| bad("no step is chosen"))?;
    if steps.iter().any(|step| step.run != first.run) {
        return Err(bad("the chosen steps are of several runs; choose steps of one"));
    }
    Ok(first.run.clone())
}

fn rules(policy: PolicyChoice, miss: MissChoice, allow: &[String]) -> Result<Rules, ApiError> {
    Ok(Rules {
        policy: policy.into(),
        on_miss: match miss {
            MissChoice::Ask => OnMiss::Ask,
            MissChoice::Fail => OnMiss::Fail,
            MissChoice::Run => OnMiss::Run,
            MissChoice::Pin => OnMiss::Pin,
        },
        allow: allow.iter().map(|target| target.parse()).collect::<Result<_, _>>()?,
        by_hand: Arc::default(),
        // The engine says which, once it holds it.
        code: Code::default(),
    })
}

/// What the target's code declares. A command that is not Coflux's own need not be able to tell;
/// then nothing is declared.
async fn declared(
    engine: &Handle,
    project: &Arc<Project>,
    target: &Target,
) -> Result<Declaration, ApiError> {
    let coflux = project.adapter().arguments.ends_with(&["-m".into(), "coflux".into()]);
    let found = match engine.discover(Arc::clone(project), &target.module).await {
        Err(_) if !coflux => return Ok(undeclared(target)),
        found => found?,
    };
    let found = found.into_iter().find(|declaration| declaration.options.target == *target);
    found.ok_or_else(|| {
        let message = format!("{} declares no workflow or task {}", target.module, target.name);
        ApiError::new(ErrorCode::NotFound, message)
    })
}

/// A workflow that declares nothing.
fn undeclared(target: &Target) -> Declaration {
    let options = Options {
        target: target.clone(),
        kind: TargetKind::Workflow,
        arguments: Vec::new(),
        group: None,
        wait_for: Vec::new(),
        cache: None,
        defer: None,
        memo: None,
        delay: 0,
        retries: None,
        recurrent: false,
        requires: serde_json::json!({}),
        timeout: 0,
        streams: None,
        given_keys: None,
    };
    Declaration { parameters: Vec::new(), memo: false, options }
}

impl Answered for Cancel {
    async fn answer(self, api: &Api) -> Result<(), ApiError> {
        let execution = self.execution.parse()?;
        Ok(api.engine().await?.cancel(execution).await?)
    }
}

impl Answered for Decide {
    async fn answer(self, api: &Api) -> Result<(), ApiError> {
        let caller: ExecutionId = self.caller.parse()?;
        let missing =
            |what: &str| ApiError::new(ErrorCode::BadRequest, format!("{what} is missing"));
        let decision = match self.decision {
            DecisionKind::Once => Decision::RunOnce,
            DecisionKind::Always => Decision::RunAlways,
            DecisionKind::Fail => Decision::Fail,
            DecisionKind::Map => {
                let old = self.old.ok_or_else(|| missing("what the target was called before"))?;
                return api.decide_renamed(caller, self.ordinal, old.parse()?).await;
            }
            DecisionKind::Pin => {
                let execution = self.execution.ok_or_else(|| missing("the execution to pin to"))?;
                Decision::Pin(execution.parse()?)
            }
            DecisionKind::Give => {
                let text = self.value.ok_or_else(|| missing("the value to give"))?;
                let blobs = api.blobs().clone();
                let form = self.form.unwrap_or(TextForm::Json);
                let value = move |_: &_| given_as(&text, form, None, &blobs);
                Decision::Give(api.with_store(value).await?)
            }
        };
        Ok(api.engine().await?.decide(caller, self.ordinal, decision).await?)
    }
}

impl Api {
    /// Decides that a call's target was renamed, and keeps that for the environment.
    async fn decide_renamed(
        &self,
        caller: ExecutionId,
        ordinal: u32,
        old: Target,
    ) -> Result<(), ApiError> {
        let decision = Decision::Map(old.clone());
        self.engine().await?.decide(caller.clone(), ordinal, decision).await?;
        self.with_store(move |store| {
            let run = store.load(caller.run())?.run;
            let environments = store.environments()?;
            let execution = run.execution(&caller);
            let environment = execution
                .and_then(|execution| environments.of_workspace(&execution.workspace_id))
                .ok_or_else(|| ApiError::not_found("execution", &caller))?;
            let calls = store.calls_of(&caller)?;
            let call = calls.into_iter().find(|call| call.ordinal == ordinal);
            let target = call.map(|call| call.target);
            let target = target.ok_or_else(|| ApiError::not_found("call of", &caller))?;
            let label = format!("map {target} to {old}");
            let setting = hindcast_model::Setting::Renamed(target, Some(old));
            Ok(store.transaction(|transaction| {
                transaction.set_by_hand(environment.id, now(), &label, vec![setting])
            })?)
        })
        .await?;
        self.tell(ApiEvent::OverviewChanged);
        Ok(())
    }
}

impl Answered for Respond {
    async fn answer(self, api: &Api) -> Result<(), ApiError> {
        let input: InputId = self.input.parse()?;
        let response = match self.value {
            None => InputResponse::Dismissed { at: now() },
            Some(text) => {
                let value = Json::parse(text).map_err(|error| {
                    ApiError::new(ErrorCode::BadRequest, format!("the answer is {error}"))
                })?;
                InputResponse::Value { value, at: now() }
            }
        };
        Ok(api.engine().await?.respond(input, response).await?)
    }
}

/// The time.
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let ms = since.map(|since| since.as_millis()).unwrap_or_default();
    Timestamp(i64::try_from(ms).unwrap_or(i64::MAX))
}
