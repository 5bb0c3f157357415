//! What a re-run is asked for, and the plan that is made of it: shown, kept with the re-run, and what
//! it then goes by.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use hindcast_graph::{Plan, PlannedCall, PlannedState, Rerun, Why};
use hindcast_model::record::{Answer, Call, MissReason, PinRule};
use hindcast_model::{
    AnswerByHand, ByHand, Environment, EnvironmentId, Environments, ExecutionId, Origin, Run,
    RunId, StepId, StepNumber, Target, Timestamp, Value,
};
use hindcast_store::{Purity, Store};

use crate::answers::alike;
use crate::arguments::edited_arguments;
use crate::choice::{ArgumentChoice, MissChoice, MockChoice, PolicyChoice, TextForm};
use crate::given::given_as;
use crate::loaded::Loaded;
use crate::local::{Local, find_local};
use crate::pins::step_setting;
use crate::view::{CallState, PlanCall, PlanView};
use crate::{ApiError, ErrorCode, command, words};

/// The name of a mock that is given with a command.
pub(crate) const FLAG: &str = "--mock";

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) steps: Vec<StepId>,
    pub(crate) environment: Option<String>,
    pub(crate) policy: PolicyChoice,
    pub(crate) on_miss: MissChoice,
    pub(crate) allow: Vec<Target>,
    pub(crate) mocks: Vec<MockChoice>,
    pub(crate) arguments: Vec<ArgumentChoice>,
}

/// What was made of it.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) view: PlanView,
    /// What is set by hand, with what the command itself gives.
    pub(crate) by_hand: ByHand,
    /// What the chosen step is called with, if a person edited that.
    pub(crate) edited_arguments: Option<Vec<Value>>,
}

impl Asked {
    /// The run that the steps are of.
    pub(crate) fn run(&self) -> Result<RunId, ApiError> {
        crate::answers::run_of(&self.steps)
    }

    /// The plan. Starts nothing; writes nothing but the contents of values that are given.
    pub(crate) fn plan(
        &self,
        store: &Store,
        loaded: &Loaded,
        now: Timestamp,
        project: Option<&Path>,
    ) -> Result<Planned, ApiError> {
        let run = self.run()?;
        let loaded = loaded.run(store, &run)?;
        let stored = loaded.stored;
        let pinned_at_guard = loaded.calls.iter().filter_map(pinned_at_guard).collect();
        let chosen: Vec<StepNumber> = self.steps.iter().map(|step| step.number).collect();
        let known: HashSet<&StepNumber> = stored.run.steps.keys().collect();
        if let Some(step) = self.steps.iter().find(|step| !known.contains(&step.number)) {
            return Err(ApiError::not_found("step", step));
        }
        let (environments, environment) =
            imagined(store, &stored.run, self.environment.as_deref())?;
        let by_hand = self.by_hand(store, &stored.run, environment)?;
        let edited =
            edited_arguments(&stored.run, &self.steps, &self.arguments, project, store.blobs())?;
        let calls = Plan::of(&Rerun {
            run: &stored.run,
            environments: &environments,
            environment,
            chosen: &chosen,
            policy: self.policy.into(),
            allow: &self.allow,
            by_hand: &by_hand,
            blobs: store.blobs(),
            encoding: store.encoding(environment)?,
            edited_arguments: &stored.edited_arguments,
            edited: edited.as_deref(),
            pinned_at_guard: &pinned_at_guard,
            now,
        })
        .calls;
        let name = environments.get(environment).map(|one| one.name.to_string());
        let lock = self.lock(store, &calls)?;
        let count = |state| {
            let count = calls.iter().filter(|call| call.state == state).count();
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        let view = PlanView {
            pinned: count(PlannedState::Pinned),
            run: count(PlannedState::Run),
            blocked: count(PlannedState::Blocked),
            mocked: count(PlannedState::Mocked),
            unknown: count(PlannedState::Unknown),
            calls: calls.iter().map(|call| view(call, &by_hand)).collect(),
            command: self.command(&stored.run, &environments, name.as_deref(), project),
            environment: name.unwrap_or_default(),
            locked: lock.is_ok(),
            locked_because: lock.unwrap_or_else(|why| why),
            code: None,
        };
        Ok(Planned { view, by_hand, edited_arguments: edited })
    }

    /// What is set by hand in the environment, and over it what the command gives.
    fn by_hand(
        &self,
        store: &Store,
        run: &Run,
        environment: EnvironmentId,
    ) -> Result<ByHand, ApiError> {
        let mut by_hand = store.by_hand(environment)?;
        let mut given = BTreeSet::new();
        for mock in &self.mocks {
            let bad = |what: String| {
                ApiError::new(ErrorCode::BadRequest, format!("--mock {}: {what}", mock.step))
            };
            let step: StepId = mock.step.parse().map_err(|error| bad(format!("{error}")))?;
            if step.run != run.id || !run.steps.contains_key(&step.number) {
                return Err(bad(format!("it is no step of run {}", run.id)));
            }
            if !given.insert(step.clone()) {
                return Err(bad("it is given twice".to_owned()));
            }
            let form = mock.form.unwrap_or(TextForm::Json);
            let value = given_as(&mock.value, form, None, store.blobs())
                .map_err(|error| bad(error.message))?;
            let mut setting = step_setting(&by_hand, &step);
            setting.mocks.insert(FLAG.to_owned(), value);
            setting.answer = Some(AnswerByHand::Mock(FLAG.to_owned()));
            by_hand.steps.insert(step, setting);
        }
        Ok(by_hand)
    }

    /// Whether only pinned and pure steps run; in words why, or why not.
    fn lock(
        &self,
        store: &Store,
        calls: &[PlannedCall],
    ) -> Result<Result<String, String>, ApiError> {
        let may_run_blocked = matches!(self.on_miss, MissChoice::Run | MissChoice::Ask)
            || self.policy == PolicyChoice::Open;
        let mut pure = BTreeSet::new();
        for call in calls {
            let open = match call.state {
                PlannedState::Blocked if !may_run_blocked => continue,
                PlannedState::Pinned | PlannedState::Mocked => continue,
                PlannedState::Unknown => Some("what it calls is not all known".to_owned()),
                PlannedState::Blocked => {
                    let target = call.target.as_ref().map(ToString::to_string);
                    Some(format!("{} may run after all", target.unwrap_or_default()))
                }
                PlannedState::Run => match &call.target {
                    Some(target) if pure.contains(target) => None,
                    Some(target) => match store.purity(target)? {
                        Purity::Pure => {
                            pure.insert(target.clone());
                            None
                        }
                        Purity::HasEffects => {
                            Some(format!("{target} was seen to do something outside of itself"))
                        }
                        Purity::Unwatched => {
                            Some(format!("{target} was not watched while it ran here yet"))
                        }
                    },
                    None => Some("a step that runs is not known".to_owned()),
                },
            };
            if let Some(why) = open {
                return Ok(Err(why));
            }
        }
        Ok(Ok("only pinned and pure steps run".to_owned()))
    }

    fn command(
        &self,
        run: &Run,
        environments: &Environments,
        environment: Option<&str>,
        project: Option<&Path>,
    ) -> String {
        let all_alike = self.are_all_alike(run, environments);
        let named = if all_alike { &self.steps[..1] } else { &self.steps[..] };
        let steps: Vec<String> = named.iter().map(ToString::to_string).collect();
        let mut text = command::rerun(&steps, environment, project);
        if all_alike {
            text.push_str(" --all-alike");
        }
        let mut add = |flag: &str, value: &str| {
            text.push(' ');
            text.push_str(flag);
            text.push(' ');
            text.push_str(&command::quoted(value));
        };
        match self.policy {
            PolicyChoice::Memo => {}
            PolicyChoice::Isolate => add("--policy", "isolate"),
            PolicyChoice::Open => add("--policy", "open"),
        }
        match self.on_miss {
            // What asks is the window; on the command line a flag answers.
            MissChoice::Ask | MissChoice::Fail => {}
            MissChoice::Run => add("--on-miss", "run"),
            MissChoice::Pin => add("--on-miss", "pin"),
        }
        for target in &self.allow {
            add("--allow", &target.to_string());
        }
        for mock in &self.mocks {
            let flag = match mock.form {
                Some(TextForm::Python) => "--mock-python",
                Some(TextForm::Json) | None => "--mock",
            };
            add(flag, &format!("{}={}", mock.step, mock.value));
        }
        for argument in &self.arguments {
            let flag = match argument.form {
                Some(TextForm::Json) => "--argument-json",
                Some(TextForm::Python) | None => "--argument",
            };
            add(flag, &format!("{}={}", argument.argument, argument.value));
        }
        text
    }

    /// Whether these are several steps, and all that are like the first.
    fn are_all_alike(&self, run: &Run, environments: &Environments) -> bool {
        let [first, _, ..] = &self.steps[..] else { return false };
        let mut steps: Vec<StepNumber> = self.steps.iter().map(|step| step.number).collect();
        steps.sort_unstable();
        steps == alike(run, environments, first.number)
    }
}

/// A call that a person pinned at the guard: its caller, the step that answered, and why it missed.
fn pinned_at_guard(call: &Call) -> Option<((ExecutionId, StepNumber), MissReason)> {
    match &call.answer {
        Answer::Pinned { execution, rule: PinRule::Nearest(miss) } => {
            Some(((call.caller.clone(), execution.step.number), miss.reason))
        }
        _ => None,
    }
}

/// The environments as they would be: the local one is added in thought where it is not made yet.
fn imagined(
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
            let made =
                Environment { id, name, base, origin: Origin::Local, workspaces: Vec::new() };
            let all = environments.iter().cloned().chain([made]).collect();
            Ok((Environments::new(all), id))
        }
    }
}

fn view(call: &PlannedCall, by_hand: &ByHand) -> PlanCall {
    let execution = match &call.why {
        Why::MemoKey { execution }
        | Why::Cache { execution }
        | Why::Isolate { execution }
        | Why::ByHand { execution }
        | Why::Rule { execution }
        | Why::Values { execution, .. } => Some(execution.to_string()),
        _ => None,
    };
    let mock = match &call.why {
        Why::Mock { name } => Some(name.clone()),
        _ => None,
    };
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
        reason: format!(
            "{}{}{}",
            reason(&call.why),
            match call.edited {
                true if call.depth == 0 => ", with edited arguments",
                true => "; called with what is edited",
                false => "",
            },
            now_called(call.target.as_ref(), by_hand)
        ),
        execution,
        mock,
        edited: call.edited,
    }
}

fn now_called(target: Option<&Target>, by_hand: &ByHand) -> String {
    let mut renamed = by_hand.renamed.iter();
    let new = target.and_then(|target| renamed.find(|(_, old)| *old == target));
    new.map(|(new, _)| format!("; the code calls it {new} now")).unwrap_or_default()
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
        Why::Mock { name } if name == FLAG => "mocked with the command".to_owned(),
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
        Why::Edited => "takes what its caller makes of the edited arguments".to_owned(),
        Why::Stopped => "the attempt that is known stopped here".to_owned(),
        Why::OtherRun { run } => format!("becomes a run of its own, as {run} before"),
        Why::NotHere => "the export does not hold the step".to_owned(),
    }
}
