//! What a newer export of the same run adds to what is known. Nothing is taken away, and what had
//! ended stays as it ended.

use std::collections::BTreeMap;

use hindcast_model::{
    Asset, Dependency, Ended, Execution, ExecutionRef, Extra, Failure, InputSummary, Outcome,
    Reference, Resolved, Retries, Step, TypedDependency, Value, legacy,
};
use serde_json::{Map, Value as Any};

/// Adds fields of a run that are unknown to us. Of what exports of before 0.9 were read from, that
/// counts which held more.
pub(crate) fn run_fields(known: &mut Map<String, Any>, newer: &Map<String, Any>) {
    let lacks = |fields: &Any| fields.get("findings").and_then(Any::as_array).map(Vec::len);
    for (name, field) in newer {
        let known = known.entry(name).or_insert_with(|| field.clone());
        if name == legacy::FIELD && lacks(field) < lacks(known) {
            known.clone_from(field);
        }
    }
}

/// Adds what `newer` knows of a step, its executions aside.
pub(crate) fn step(known: &mut Step, newer: &Step) {
    // A server's database holds whole keys, an export the first digits.
    for (known, newer) in
        [(&mut known.memo_key, &newer.memo_key), (&mut known.cache_key, &newer.cache_key)]
    {
        if let (Some(shown), Some(whole)) = (&known, newer)
            && !shown.is_whole()
            && whole.agrees(shown)
        {
            *known = Some(whole.clone());
        }
    }
    if let (Some(known), Some(newer)) = (&mut known.retries, &newer.retries) {
        retries(known, newer);
    }
    if let (Some(known), Some(newer)) = (&mut known.cache_config, &newer.cache_config) {
        known.extra.fill(&newer.extra);
    }
    for (known, newer) in known.arguments.iter_mut().zip(&newer.arguments) {
        value(known, newer);
    }
    old_step(known, newer);
    fill(&mut known.recurrent, newer.recurrent.as_ref());
    fill(&mut known.timeout, newer.timeout.as_ref());
    fill(&mut known.requires, newer.requires.as_ref());
    fields(&mut known.extra, &newer.extra);
}

/// Fields of a step, an execution or an outcome that are unknown to us: what was not there, or null.
fn fields(known: &mut Extra, newer: &Extra) {
    if newer.contains_key(legacy::FIELD) {
        let newer = newer.iter().filter(|(name, _)| *name != legacy::FIELD);
        known.fill(&newer.map(|(name, field)| (name.to_owned(), field.clone())).collect());
    } else {
        known.fill(newer);
    }
}

/// Adds fields that are unknown to us, if it is the same value.
fn value(known: &mut Value, newer: &Value) {
    if !known.known_equals(newer) {
        return;
    }
    let (
        Value::Raw { references, extra, .. } | Value::Blob { references, extra, .. },
        Value::Raw { references: newer, extra: newer_extra, .. }
        | Value::Blob { references: newer, extra: newer_extra, .. },
    ) = (known, newer);
    extra.fill(newer_extra);
    for (known, newer) in references.iter_mut().zip(newer) {
        match (known, newer) {
            (
                Reference::Asset { asset: known, extra, .. },
                Reference::Asset { asset: newer, extra: newer_extra, .. },
            ) => {
                asset(known, newer);
                extra.fill(newer_extra);
            }
            (Reference::Fragment { extra, .. }, Reference::Fragment { extra: newer, .. })
            | (Reference::Execution { extra, .. }, Reference::Execution { extra: newer, .. })
            | (Reference::Input { extra, .. }, Reference::Input { extra: newer, .. }) => {
                extra.fill(newer);
            }
            _ => {}
        }
    }
}

/// Adds fields that are unknown to us.
fn asset(known: &mut Asset, newer: &Asset) {
    known.extra.fill(&newer.extra);
    if let (Some(known), Some(newer)) = (&mut known.entry, &newer.entry)
        && known.known_equals(newer)
    {
        known.extra.fill(&newer.extra);
    }
}

/// Adds fields that are unknown to us, if it is the same execution.
pub(crate) fn execution_ref(known: &mut ExecutionRef, newer: &ExecutionRef) {
    if known.known_equals(newer) {
        known.extra.fill(&newer.extra);
    }
}

/// Adds fields that are unknown to us to an error that is the same.
fn failure(known: &mut Failure, newer: &Failure) {
    known.extra.fill(&newer.extra);
    for (known, newer) in known.frames.iter_mut().zip(&newer.frames) {
        known.extra.fill(&newer.extra);
    }
}

/// What a topic of a server before 0.9 did not hold, and its database or another topic does.
fn old_step(known: &mut Step, newer: &Step) {
    let (Some(mut old), Some(_)) = (known.old(), newer.old()) else { return };
    fill(&mut known.memo_key, newer.memo_key.as_ref());
    fill(&mut known.cache_key, newer.cache_key.as_ref());
    fill(&mut known.cache_config, newer.cache_config.as_ref());
    fill(&mut known.retries, newer.retries.as_ref());
    if known.arguments.is_empty() {
        known.arguments.clone_from(&newer.arguments);
    }
    if old.is_memoised && known.memo_key.is_some() {
        (old.is_memoised, old.key_over_all) = (false, None);
        known.set_old(&old);
    }
}

/// Live exports may leave the waits out.
fn retries(known: &mut Retries, newer: &Retries) {
    fill(&mut known.backoff_min, newer.backoff_min.as_ref());
    fill(&mut known.backoff_max, newer.backoff_max.as_ref());
    known.extra.fill(&newer.extra);
}

/// Adds what `newer` knows of an execution. Returns whether it says that it ended otherwise.
pub(crate) fn execution(known: &mut Execution, newer: Execution) -> bool {
    fill(&mut known.execute_after, newer.execute_after.as_ref());
    fill(&mut known.assigned_at, newer.assigned_at.as_ref());
    fill(&mut known.completed_at, newer.completed_at.as_ref());
    if known.result.is_none() && newer.result.is_some() {
        // What is told of one that goes on is told anew when it has ended.
        known.extra.retain(|name, _| name == legacy::FIELD || !newer.extra.contains_key(name));
    }
    fields(&mut known.extra, &newer.extra);
    add(&mut known.groups, newer.groups, |_, _| {});
    add(&mut known.assets, newer.assets, asset);
    add(&mut known.dependencies, newer.dependencies, dependency);
    for child in newer.children {
        let mut same = known.children.iter_mut();
        match same.find(|known| known.execution_id() == child.execution_id()) {
            Some(known) => known.extra.fill(&child.extra),
            None => known.children.push(child),
        }
    }
    for (id, summary) in newer.inputs.unwrap_or_default() {
        let inputs = known.inputs.get_or_insert_default();
        let nothing = InputSummary { title: None, status: None, extra: Extra::NONE };
        let known = inputs.entry(id).or_insert(nothing);
        fill(&mut known.title, summary.title.as_ref());
        fill(&mut known.status, summary.status.as_ref());
        known.extra.fill(&summary.extra);
    }
    if let Some(metrics) = newer.metrics {
        let known = known.metrics.get_or_insert_default();
        add(known, metrics, |known, newer| known.extra.fill(&newer.extra));
    }
    match (&mut known.result, newer.result) {
        (known @ None, newer) => *known = newer,
        (Some(known), Some(newer)) => return outcome(known, newer),
        (Some(_), None) => {}
    }
    false
}

/// Adds what `newer` knows of something consumed.
fn dependency(known: &mut Dependency, newer: &Dependency) {
    match (known, newer) {
        (
            Dependency::Typed(TypedDependency::Result { execution: known, extra }),
            Dependency::Typed(TypedDependency::Result { execution: newer, extra: newer_extra }),
        )
        | (
            Dependency::Untyped { execution: known, extra },
            Dependency::Untyped { execution: newer, extra: newer_extra },
        ) => {
            execution_ref(known, newer);
            extra.fill(newer_extra);
        }
        (
            Dependency::Typed(TypedDependency::Input { status, extra, .. }),
            Dependency::Typed(TypedDependency::Input { status: newer, extra: newer_extra, .. }),
        ) => {
            fill(status, newer.as_ref());
            extra.fill(newer_extra);
        }
        (
            Dependency::Typed(TypedDependency::Asset { asset: known, extra, .. }),
            Dependency::Typed(TypedDependency::Asset { asset: newer, extra: newer_extra, .. }),
        ) => {
            asset(known, newer);
            extra.fill(newer_extra);
        }
        _ => {}
    }
}

/// Adds what `newer` knows of an outcome. Returns whether it is another one.
fn outcome(known: &mut Outcome, newer: Outcome) -> bool {
    match (&mut known.ended, newer.ended) {
        (
            Ended::Error { error, retry, retryable },
            Ended::Error { error: other, retry: newer_retry, retryable: newer_retryable },
        ) => {
            if !error.known_equals(&other) {
                return true;
            }
            failure(error, &other);
            fill(retry, newer_retry.as_ref());
            fill(retryable, newer_retryable.as_ref());
        }
        (Ended::Abandoned { retry }, Ended::Abandoned { retry: newer })
        | (Ended::Crashed { retry }, Ended::Crashed { retry: newer })
        | (Ended::Timeout { retry }, Ended::Timeout { retry: newer }) => {
            fill(retry, newer.as_ref());
        }
        (known, newer) if pointed_nowhere(known, &newer) => *known = newer,
        (known, newer) if !known.known_equals(&newer) => return true,
        (Ended::Value(known), Ended::Value(newer)) => value(known, &newer),
        (Ended::Deferred(known), Ended::Deferred(newer))
        | (Ended::Cached(known), Ended::Cached(newer))
        | (Ended::Spawned(known), Ended::Spawned(newer)) => execution_ref(known, &newer),
        _ => {}
    }
    fields(&mut known.extra, &newer.extra);
    match (&mut known.resolved, newer.resolved) {
        (Resolved::Known(known), Resolved::Known(newer)) => drop(outcome(known, *newer)),
        (Resolved::Known(_), _) | (_, Resolved::Absent) => {}
        (known, newer) => *known = newer,
    }
    false
}

/// Whether `newer` is the same, but for a step of another run that was not here when `known` was read.
/// (Only exports of before 0.9 name steps otherwise than by their number.)
fn pointed_nowhere(known: &Ended, newer: &Ended) -> bool {
    match (known, newer) {
        (Ended::Cached(known), Ended::Cached(newer))
        | (Ended::Deferred(known), Ended::Deferred(newer))
        | (Ended::Spawned(known), Ended::Spawned(newer)) => {
            let (known, newer) = (&known.execution_id, &newer.execution_id);
            legacy::is_unknown(known)
                && known.run() == newer.run()
                && known.attempt == newer.attempt
        }
        _ => false,
    }
}

fn fill<T: Clone>(known: &mut Option<T>, newer: Option<&T>) {
    if known.is_none() {
        *known = newer.cloned();
    }
}

/// Adds what is not there; of what is, what `merge` adds.
fn add<K: Ord, V>(known: &mut BTreeMap<K, V>, newer: BTreeMap<K, V>, merge: fn(&mut V, &V)) {
    for (key, newer) in newer {
        match known.get_mut(&key) {
            Some(known) => merge(known, &newer),
            None => drop(known.insert(key, newer)),
        }
    }
}
