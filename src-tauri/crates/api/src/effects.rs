//! What bodies did outside of themselves, as views show it.

use std::collections::{BTreeMap, BTreeSet};

use hindcast_model::{Act, ExecutionId, Origin, RunId, StepId, StepNumber, Target};
use hindcast_store::{SeenEffect, Store};

use crate::ApiError;
use crate::seen::Seen;
use crate::view::{EffectView, PlaceView, Sentinel};

/// How many acts of a target are shown where it is about to run.
const OF_TARGET: usize = 5;

/// How many reports are looked through for them.
const LOOKED_THROUGH: u32 = 200;

/// What bodies of a run did outside of themselves, and which of them were watched.
pub(crate) struct Effects {
    seen: Vec<SeenEffect>,
    /// Whether they were locked, by execution.
    watched: BTreeMap<ExecutionId, bool>,
}

impl Effects {
    pub(crate) fn load(store: &Store, run: &RunId) -> Result<Self, ApiError> {
        let watched = store.watched(run)?.into_iter().map(|one| (one.execution, one.locked));
        Ok(Self { seen: store.effects(run)?, watched: watched.collect() })
    }

    /// The same of one step alone.
    pub(crate) fn load_step(store: &Store, step: &StepId) -> Result<Self, ApiError> {
        let watched = store.watched_of_step(step)?.into_iter();
        let watched = watched.map(|one| (one.execution, one.locked));
        Ok(Self { seen: store.effects_of_step(step)?, watched: watched.collect() })
    }

    /// What attempts at a step did that can be seen, each act once: as the newest attempt did it.
    pub(crate) fn of_step(&self, seen: &Seen, step: StepNumber) -> Vec<EffectView> {
        let of_step = |one: &&SeenEffect| one.execution.step.number == step;
        newest_of_each(self.visible(seen).filter(of_step))
    }

    /// Whether the newest body of a step that ran here was watched; none if none ran here.
    pub(crate) fn sentinel(&self, seen: &Seen, step: StepNumber) -> Option<Sentinel> {
        let mut attempts = seen.attempts(step);
        attempts.retain(|(execution, environment)| {
            environment.origin == Origin::Local && execution.assigned_at.is_some()
        });
        let (newest, _) = attempts.pop()?;
        Some(match self.watched.get(&newest.execution_id) {
            Some(true) => Sentinel::Locked,
            Some(false) => Sentinel::Watching,
            None => Sentinel::Absent,
        })
    }

    /// Unmemoised steps that were seen to do something outside of themselves: candidates for
    /// `memo=True`, so that a re-run above them need not do it again.
    pub(crate) fn memo_candidates(&self, seen: &Seen) -> BTreeSet<StepNumber> {
        let numbers = self.visible(seen).map(|one| one.execution.step.number);
        let unmemoised = |number: &StepNumber| {
            seen.run().steps.get(number).is_some_and(|step| !step.is_memoised())
        };
        numbers.filter(unmemoised).collect()
    }

    fn visible<'a>(&'a self, seen: &'a Seen) -> impl Iterator<Item = &'a SeenEffect> {
        self.seen.iter().filter(|one| {
            let execution = seen.run().execution(&one.execution);
            execution.is_some_and(|execution| seen.environment(execution).is_some())
        })
    }
}

/// What bodies of a target did here before, the latest first.
pub(crate) fn of_target(store: &Store, target: &Target) -> Result<Vec<EffectView>, ApiError> {
    let effects = store.effects_of_target(target, LOOKED_THROUGH)?;
    let mut told = BTreeSet::new();
    let new = |one: &&SeenEffect| told.insert((one.act.infinitive(), one.act.place.clone()));
    Ok(effects.iter().filter(new).take(OF_TARGET).map(view).collect())
}

fn newest_of_each<'a>(seen: impl Iterator<Item = &'a SeenEffect>) -> Vec<EffectView> {
    let mut newest: Vec<&SeenEffect> = Vec::new();
    let mut places: BTreeMap<&Act, usize> = BTreeMap::new();
    for one in seen {
        if let Some(place) = places.get(&one.act) {
            if newest[*place].execution.attempt < one.execution.attempt {
                newest[*place] = one;
            }
        } else {
            places.insert(&one.act, newest.len());
            newest.push(one);
        }
    }
    newest.into_iter().map(view).collect()
}

fn view(seen: &SeenEffect) -> EffectView {
    describe(&seen.execution, &seen.act, seen.count)
}

/// An act as a view.
pub(crate) fn describe(execution: &ExecutionId, act: &Act, count: u64) -> EffectView {
    EffectView {
        what: act.words(),
        does: act.infinitive(),
        detail: act.detail.clone(),
        place: act.place.as_ref().map(|place| PlaceView {
            file: place.file.clone(),
            line: place.line,
            function: place.function.clone(),
        }),
        count,
        refused: act.refused,
        execution: execution.to_string(),
    }
}
