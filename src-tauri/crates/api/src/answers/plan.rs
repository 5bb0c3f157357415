//! What a re-run would do. Starts nothing, writes nothing.

use std::collections::HashSet;

use hindcast_graph::{Plan, PlannedCall, PlannedState, Policy, Rerun, Why};
use hindcast_model::{
    ByHand, Encoding, Environment, EnvironmentId, Environments, Origin, Run, RunId, StepId,
    StepNumber,
};
use hindcast_store::Store;

use crate::answers::rerun::now;
use crate::api::Answered;
use crate::calls::GetPlan;
use crate::choice::PolicyChoice;
use crate::command;
use crate::loaded::Loaded;
use crate::local::{Local, find_local};
use crate::view::{CallState, PlanCall, PlanView};
use crate::words;
use crate::{Api, ApiError};

impl Answered for GetPlan {
    async fn answer(self, api: &Api) -> Result<PlanView, ApiError> {
        let project = api.project_folder().await?;
        let loaded = api.loaded().clone();
        api.read(move |store| {
            let steps =
                self.steps.iter().map(|step| step.parse()).collect::<Result<Vec<_>, _>>()?;
            let (calls, environment) = plan(store, &loaded, &steps, &self)?;
            let count = |state| {
                let count = calls.iter().filter(|call| call.state == state).count();
                u32::try_from(count).unwrap_or(u32::MAX)
            };
            Ok(PlanView {
                pinned: count(PlannedState::Pinned),
                run: count(PlannedState::Run),
                blocked: count(PlannedState::Blocked),
                calls: calls.iter().map(view).collect(),
                command: command::rerun(&self.steps, environment.as_deref(), project.as_deref()),
            })
        })
        .await
    }
}

fn plan(
    store: &Store,
    loaded: &Loaded,
    steps: &[StepId],
    asked: &GetPlan,
) -> Result<(Vec<PlannedCall>, Option<String>), ApiError> {
    let run: RunId = super::rerun::run_of(steps)?;
    let stored = loaded.run(store, &run)?.stored;
    let chosen: Vec<StepNumber> = steps.iter().map(|step| step.number).collect();
    let known: HashSet<&StepNumber> = stored.run.steps.keys().collect();
    if let Some(step) = steps.iter().find(|step| !known.contains(&step.number)) {
        return Err(ApiError::not_found("step", step));
    }
    let (environments, environment) = world(store, &stored.run, asked.environment.as_deref())?;
    let plan = Plan::of(&Rerun {
        run: &stored.run,
        environments: &environments,
        environment,
        chosen: &chosen,
        policy: match asked.policy {
            PolicyChoice::Memo => Policy::Memo,
            PolicyChoice::Isolate => Policy::Isolate,
            PolicyChoice::Open => Policy::Open,
        },
        allow: &[],
        by_hand: &ByHand::default(),
        blobs: store.blobs(),
        encoding: Encoding::default(),
        edited_arguments: &stored.edited_arguments,
        now: now(),
    });
    let name = environments.get(environment).map(|one| one.name.to_string());
    Ok((plan.calls, name))
}

/// The environments as they would be: the local one is added in thought where it is not made yet.
fn world(
    store: &Store,
    run: &Run,
    name: Option<&str>,
) -> Result<(Environments, EnvironmentId), ApiError> {
    let environments = store.environments()?;
    match find_local(store, &environments, run, name)? {
        Local::There(environment) => Ok((environments, environment.id)),
        Local::ToMake { name, base } => {
            let last = environments.iter().map(|one| one.id.0).max().unwrap_or(0);
            let id = EnvironmentId(last + 1);
            let imagined =
                Environment { id, name, base, origin: Origin::Local, workspaces: Vec::new() };
            let all = environments.iter().cloned().chain([imagined]).collect();
            Ok((Environments::new(all), id))
        }
    }
}

fn view(call: &PlannedCall) -> PlanCall {
    PlanCall {
        depth: call.depth,
        target: call.target.as_ref().map(|target| target.name.to_string()).unwrap_or_default(),
        step: call.step.as_ref().map(ToString::to_string),
        call: match call.state {
            PlannedState::Pinned => CallState::Pinned,
            PlannedState::Mocked => CallState::Mocked,
            PlannedState::Run => CallState::Run,
            PlannedState::Blocked => CallState::Blocked,
            PlannedState::Unknown => CallState::Unknown,
        },
        reason: reason(&call.why),
    }
}

fn reason(why: &Why) -> String {
    match why {
        Why::Chosen => "chosen".to_owned(),
        Why::FreshRun => "the run began here".to_owned(),
        Why::Unmemoised => "not memoised, and the ancestor ran its target too".to_owned(),
        Why::Allowed => "allowed by name or policy".to_owned(),
        Why::MemoKey { execution } => format!("memoised: {execution} has its memo key"),
        Why::Cache { execution } => format!("cached: shares the result of {execution}"),
        Why::Isolate { execution } => format!("isolate: {execution} is the same call"),
        Why::ChosenToo => "memoised, and chosen itself: its new execution answers".to_owned(),
        Why::ByHand { execution } => format!("pinned by hand to {execution}"),
        Why::Mock { name } => format!("mocked by hand: {name}"),
        Why::Unpinned => "unpinned by hand".to_owned(),
        Why::Rule { execution } => {
            format!("{execution} is the same by the matching rule of its target")
        }
        Why::Values { execution, cause } => format!(
            "memoised: {execution} has the same values, though the memo key will differ: {}",
            words::key_differs(*cause)
        ),
        Why::Miss { reason } => words::miss_reason(*reason).to_owned(),
        Why::DependsOn { step } => format!("takes the result of {step}, which runs again"),
        Why::Stopped => "the attempt that is known stopped here".to_owned(),
        Why::OtherRun { run } => format!("becomes a run of its own, as {run} before"),
        Why::NotHere => "the export does not hold the step".to_owned(),
    }
}
