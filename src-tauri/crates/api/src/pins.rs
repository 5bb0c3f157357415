//! What a person sets by hand: finding its environment, checking it, and telling it.

use std::collections::BTreeSet;

use hindcast_model::{
    AnswerByHand, Blobs, ByHand, Environment, ExecutionId, MatchingRule, Reference, Run, RunId,
    Setting, StepByHand, StepId, Subject, Target, Value, ValuePath,
};
use hindcast_store::{BlobStore, Store};

use crate::handle::ValueHandle;
use crate::loaded::Loaded;
use crate::local::{Local, find_local, fresh_environment, local_environment};
use crate::outcome::follow;
use crate::tree::tree;
use crate::view::{MatchingView, MockView, PartView, PinState, PinView, PinsView, RenamedView};
use crate::{ApiError, ErrorCode};

/// How long a result is written at most, in characters.
const SHORT: usize = 200;

/// Where settings are looked for: those of a run's local environment, or of a named one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    pub(crate) run: Option<RunId>,
    pub(crate) environment: Option<String>,
}

impl Place {
    /// The place as a call names it.
    pub(crate) fn named(run: Option<&str>, environment: Option<String>) -> Result<Self, ApiError> {
        Ok(Self { run: run.map(str::parse).transpose()?, environment })
    }

    /// The place of a step's settings.
    pub(crate) fn of(step: &StepId, environment: Option<String>) -> Self {
        Self { run: Some(step.run.clone()), environment }
    }

    /// The environment; made where there is none.
    pub(crate) fn make(&self, store: &Store) -> Result<Environment, ApiError> {
        let name = self.environment.as_deref();
        match &self.run {
            Some(run) => local_environment(store, run, name),
            None => match self.find(store)? {
                Some(environment) => Ok(environment),
                None => fresh_environment(store, name),
            },
        }
    }

    /// The environment, if there is one.
    pub(crate) fn find(&self, store: &Store) -> Result<Option<Environment>, ApiError> {
        let environments = store.environments()?;
        if let Some(run) = &self.run {
            let run = store.load(run)?.run;
            let local = find_local(store, &environments, &run, self.environment.as_deref())?;
            return Ok(match local {
                Local::There(environment) => Some(environment),
                Local::ToMake { .. } => None,
            });
        }
        let local = |one: &&Environment| one.origin == hindcast_model::Origin::Local;
        if let Some(name) = &self.environment {
            let found = crate::seen::named(&environments, name)?;
            if !local(&found) {
                let message = format!("{name} is imported, and nothing is set by hand in it");
                return Err(ApiError::new(ErrorCode::Refused, message));
            }
            return Ok(Some(found.clone()));
        }
        let mut all = environments.iter().filter(local);
        match (all.next(), all.next()) {
            (Some(only), None) => Ok(Some(only.clone())),
            (None, _) => Ok(None),
            (Some(one), Some(other)) => {
                let message = format!(
                    "there are several local environments ({}, {}, …): name one, or a run",
                    one.name, other.name
                );
                Err(ApiError::new(ErrorCode::BadRequest, message))
            }
        }
    }
}

/// Whether every byte of what an execution ended with is here; else what is not. Its value, the
/// fragments of that, and the files of its assets are read and checked against their SHA-256.
pub(crate) fn whole(
    store: &Store,
    run: &Run,
    execution: &ExecutionId,
) -> Result<Result<(), String>, ApiError> {
    let Some(known) = run.execution(execution) else {
        return Ok(Err(format!("there is no execution {execution}")));
    };
    let Some(followed) = follow(run, known) else {
        return Ok(Err(format!("{execution} has no result")));
    };
    match followed.outcome.value() {
        Some(value) => whole_value(store, value),
        None => Ok(Ok(())),
    }
}

/// Whether every byte of a value is here; else what is not.
pub(crate) fn whole_value(store: &Store, value: &Value) -> Result<Result<(), String>, ApiError> {
    let mut wanted: BTreeSet<_> = value.blobs().map(|(key, _)| key).collect();
    for reference in value.references() {
        let (asset_id, asset) = match reference {
            Reference::Asset { asset_id, asset, .. } => (asset_id, asset),
            Reference::Other { kind, .. } => {
                return Ok(Err(format!("it refers to something of an unknown kind: {kind:?}")));
            }
            _ => continue,
        };
        let entries = store.asset_entries(asset_id)?;
        let listed = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        if listed < asset.total_count && asset.total_count > 1 {
            let missing = format!("not all files of asset {asset_id} are listed in the store");
            return Ok(Err(missing));
        }
        wanted.extend(entries.into_iter().map(|entry| entry.blob_key));
    }
    for key in wanted {
        match store.blobs().read(&key) {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(Err(format!("blob {key} of the value is not in the store"))),
            Err(error) => return Ok(Err(error.to_string())),
        }
    }
    Ok(Ok(()))
}

/// The setting of a step as it is.
pub(crate) fn step_setting(by_hand: &ByHand, step: &StepId) -> StepByHand {
    match by_hand.get(&Subject::Step(step.clone())) {
        Setting::Step(_, Some(setting)) => setting,
        _ => StepByHand::default(),
    }
}

/// Everything set by hand in an environment, as a view.
pub(crate) fn view(
    store: &Store,
    loaded: &Loaded,
    blobs: &BlobStore,
    environment: &Environment,
    file: Option<String>,
) -> Result<PinsView, ApiError> {
    let by_hand = store.by_hand(environment.id)?;
    let history = store.by_hand_history(environment.id)?;
    let mut steps = Vec::new();
    for (step, setting) in &by_hand.steps {
        steps.push(pin(store, loaded, blobs, environment, step, setting)?);
    }
    Ok(PinsView {
        environment: environment.name.to_string(),
        steps,
        rules: by_hand.rules.iter().map(|(target, rule)| rule_view(target, rule)).collect(),
        renamed: by_hand
            .renamed
            .iter()
            .map(|(target, old)| RenamedView { target: target.to_string(), old: old.to_string() })
            .collect(),
        undo: history.undo,
        redo: history.redo,
        file,
    })
}

fn pin(
    store: &Store,
    loaded: &Loaded,
    blobs: &BlobStore,
    environment: &Environment,
    id: &StepId,
    setting: &StepByHand,
) -> Result<PinView, ApiError> {
    let run = loaded.run(store, &id.run).map(|loaded| loaded.stored).ok();
    let step = run.as_ref().and_then(|run| run.run.steps.get(&id.number));
    let mut view = PinView {
        step: id.to_string(),
        target: step.map(|step| step.target().to_string()).unwrap_or_default(),
        state: PinState::Unused,
        execution: None,
        mock: None,
        result: String::new(),
        problem: None,
        mocks: Vec::new(),
    };
    match (&setting.answer, &run) {
        (Some(AnswerByHand::Pin(execution)), run) => {
            view.state = PinState::Pinned;
            view.execution = Some(execution.to_string());
            match run {
                Some(run) => {
                    view.result = result(&run.run, execution, blobs);
                    view.problem = whole(store, &run.run, execution)?.err();
                }
                None => view.problem = Some(format!("run {} is not in the store", id.run)),
            }
        }
        (Some(AnswerByHand::Unpinned), _) => view.state = PinState::Unpinned,
        (Some(AnswerByHand::Mock(name)), _) => {
            view.state = PinState::Mocked;
            view.mock = Some(name.clone());
            match setting.mocks.get(name) {
                Some(value) => {
                    view.result = value.decode(blobs).python(SHORT);
                    view.problem = whole_value(store, value)?.err();
                }
                None => view.problem = Some(format!("there is no mock {name}")),
            }
        }
        (None, _) => {}
    }
    for (name, value) in &setting.mocks {
        let handle =
            ValueHandle::Mock { environment: environment.id, step: id.clone(), name: name.clone() };
        view.mocks.push(MockView {
            name: name.clone(),
            active: view.mock.as_ref() == Some(name),
            value: tree(&handle, &value.decode(blobs)),
        });
    }
    Ok(view)
}

/// What an execution ended with, as Python would write it, shortened.
pub(crate) fn result(run: &Run, id: &ExecutionId, blobs: &dyn Blobs) -> String {
    let followed = run.execution(id).and_then(|execution| follow(run, execution));
    let Some(followed) = followed else { return String::new() };
    match (&followed.outcome.ended, followed.outcome.value()) {
        (_, Some(value)) => value.decode(blobs).python(SHORT),
        (hindcast_model::Ended::Error { error, .. }, None) => {
            format!("raised {}: {}", error.kind, error.message).chars().take(SHORT).collect()
        }
        _ => String::new(),
    }
}

/// A matching rule as a view.
pub(crate) fn rule_view(target: &Target, rule: &MatchingRule) -> MatchingView {
    let number = |index: &usize| u32::try_from(*index).unwrap_or(u32::MAX);
    MatchingView {
        target: target.to_string(),
        only: rule.only.as_ref().map(|only| only.iter().map(number).collect()),
        ignore: rule.ignore.iter().map(number).collect(),
        parts: rule
            .parts
            .iter()
            .flat_map(|(index, paths)| {
                paths
                    .iter()
                    .map(move |path| PartView { parameter: number(index), path: path.to_string() })
            })
            .collect(),
    }
}

/// A matching rule as a person wants it.
pub(crate) fn rule_of(
    only: Option<&[u32]>,
    ignore: &[u32],
    parts: &[PartView],
) -> Result<MatchingRule, ApiError> {
    let bad = |message: String| ApiError::new(ErrorCode::BadRequest, message);
    let place = |index: &u32| match usize::try_from(*index) {
        Ok(index) if index < 1000 => Ok(index),
        _ => Err(bad(format!("{index} is no position of a parameter"))),
    };
    let all = |indexes: &[u32]| indexes.iter().map(place).collect::<Result<BTreeSet<_>, _>>();
    let mut rule = MatchingRule {
        only: only.map(all).transpose()?,
        ignore: all(ignore)?,
        parts: std::collections::BTreeMap::new(),
    };
    for PartView { parameter, path } in parts {
        let path: ValuePath = path.parse()?;
        rule.parts.entry(place(parameter)?).or_default().push(path);
    }
    if rule == MatchingRule::default() {
        return Err(bad(
            "the rule says nothing: name parameters to compare or to ignore, or a part of one"
                .to_owned(),
        ));
    }
    Ok(rule)
}
