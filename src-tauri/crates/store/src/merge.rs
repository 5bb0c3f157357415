//! What a newer export of the same run adds to what is known. Nothing is taken away, and what had
//! ended stays as it ended.

use std::collections::BTreeMap;

use hindcast_model::{
    Dependency, Ended, Execution, InputSummary, Outcome, Resolved, Retries, Step, TypedDependency,
    legacy,
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
    old_step(known, newer);
    fill(&mut known.recurrent, newer.recurrent.as_ref());
    fill(&mut known.timeout, newer.timeout.as_ref());
    fill(&mut known.requires, newer.requires.as_ref());
    fields(&mut known.extra, &newer.extra);
}

/// Fields of a step, an execution or an outcome that are unknown to us: what was not there, or null.
fn fields(known: &mut Map<String, Any>, newer: &Map<String, Any>) {
    for (name, field) in newer.iter().filter(|(name, _)| *name != legacy::FIELD) {
        let known = known.entry(name).or_insert(Any::Null);
        if known.is_null() {
            known.clone_from(field);
        }
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
    add(&mut known.groups, newer.groups);
    add(&mut known.assets, newer.assets);
    for (id, dependency) in newer.dependencies {
        match known.dependencies.get_mut(&id) {
            Some(known) => input_status(known, &dependency),
            None => drop(known.dependencies.insert(id, dependency)),
        }
    }
    for child in newer.children {
        if known.children.iter().all(|known| known.execution_id() != child.execution_id()) {
            known.children.push(child);
        }
    }
    for (id, summary) in newer.inputs.unwrap_or_default() {
        let inputs = known.inputs.get_or_insert_default();
        let known = inputs.entry(id).or_insert(InputSummary { title: None, status: None });
        fill(&mut known.title, summary.title.as_ref());
        fill(&mut known.status, summary.status.as_ref());
    }
    if let Some(metrics) = newer.metrics {
        add(known.metrics.get_or_insert_default(), metrics);
    }
    match (&mut known.result, newer.result) {
        (known @ None, newer) => *known = newer,
        (Some(known), Some(newer)) => return outcome(known, newer),
        (Some(_), None) => {}
    }
    false
}

fn input_status(known: &mut Dependency, newer: &Dependency) {
    if let (
        Dependency::Typed(TypedDependency::Input { status, .. }),
        Dependency::Typed(TypedDependency::Input { status: newer, .. }),
    ) = (known, newer)
    {
        fill(status, newer.as_ref());
    }
}

/// Adds what `newer` knows of an outcome. Returns whether it is another one.
fn outcome(known: &mut Outcome, newer: Outcome) -> bool {
    match (&mut known.ended, newer.ended) {
        (
            Ended::Error { error, retry, retryable },
            Ended::Error { error: other, retry: newer_retry, retryable: newer_retryable },
        ) => {
            if *error != other {
                return true;
            }
            fill(retry, newer_retry.as_ref());
            fill(retryable, newer_retryable.as_ref());
        }
        (Ended::Abandoned { retry }, Ended::Abandoned { retry: newer })
        | (Ended::Crashed { retry }, Ended::Crashed { retry: newer })
        | (Ended::Timeout { retry }, Ended::Timeout { retry: newer }) => {
            fill(retry, newer.as_ref());
        }
        (known, newer) if pointed_nowhere(known, &newer) => *known = newer,
        (known, newer) if *known != newer => return true,
        _ => {}
    }
    fields(&mut known.extra, &newer.extra);
    match (&mut known.resolved, newer.resolved) {
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

fn add<K: Ord, V>(known: &mut BTreeMap<K, V>, newer: BTreeMap<K, V>) {
    for (key, value) in newer {
        known.entry(key).or_insert(value);
    }
}
