//! What a target that the ancestor never called may have been called before it was renamed.

use std::collections::BTreeSet;

use hindcast_model::record::{Call, MissReason};
use hindcast_model::{Run, Step, Target, Value};

use crate::words;

/// How many are offered.
const MOST: usize = 5;

/// The targets that a call's own caller called when it was recorded and does not call any more, the
/// likeliest first: those called with the same arguments, then those with as many.
pub(crate) fn renamed_from(run: &Run, calls: &[Call], call: &Call) -> Vec<String> {
    if words::miss(&call.answer).is_none_or(|miss| miss.reason != MissReason::NeverCalled) {
        return Vec::new();
    }
    let Some(caller) = run.steps.get(&call.caller.step.number).map(Step::target) else {
        return Vec::new();
    };
    let still: BTreeSet<&Target> = calls
        .iter()
        .filter(|other| other.caller == call.caller)
        .map(|other| &other.target)
        .collect();
    let mut found: Vec<((bool, bool, bool), Target)> = Vec::new();
    for step in run.steps.values() {
        let by = step.parent_id.as_ref().and_then(|by| run.steps.get(&by.step.number));
        let target = step.target();
        if by.map(Step::target).as_ref() != Some(&caller) || still.contains(&target) {
            continue;
        }
        let unlike = (
            !step.arguments.iter().map(Value::known).eq(call.arguments.iter().map(Value::known)),
            step.arguments.len() != call.arguments.len(),
            target.module != call.target.module,
        );
        match found.iter_mut().find(|(_, known)| *known == target) {
            Some((known, _)) => *known = (*known).min(unlike),
            None => found.push((unlike, target)),
        }
    }
    found.sort();
    found.into_iter().take(MOST).map(|(_, target)| target.to_string()).collect()
}
