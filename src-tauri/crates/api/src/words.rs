//! Why a call was answered as it was, and what is odd about a run, in words.

use hindcast_graph::Finding;
use hindcast_model::record::{
    Allowed, Answer, ArgumentDifference, KeyDiffers, Miss, MissReason, PinRule, Policy,
};
use hindcast_model::{ExecutionId, Params};

use crate::view::{ArgumentDifferenceView, CallState};

/// What the call was.
pub(crate) fn call_state(answer: &Answer) -> CallState {
    match answer {
        Answer::Pinned { .. } => CallState::Pinned,
        Answer::Mocked { .. } => CallState::Mocked,
        Answer::Run { .. } => CallState::Run,
        Answer::Blocked { .. } => CallState::Blocked,
        Answer::Refused { .. } => CallState::Refused,
    }
}

/// Why, in a sentence without its full stop.
pub(crate) fn reason(answer: &Answer) -> String {
    match answer {
        Answer::Pinned { execution, rule } => format!("pinned to {execution}: {}", pinned(rule)),
        Answer::Mocked { name: Some(name), .. } => format!("a value given by a person: {name}"),
        Answer::Mocked { name: None, .. } => "a value given by a person".to_owned(),
        Answer::Run { allowed, miss, .. } => format!("ran, {}", run(allowed, miss.as_ref())),
        Answer::Blocked { miss } => format!("waits at the guard: {}", missed(miss)),
        Answer::Refused { miss } => format!("stopped at the guard: {}", missed(miss)),
    }
}

/// Why a call runs, whether it did yet or not: by what it may, and why nothing answered it.
pub(crate) fn run(allowed: &Allowed, miss: Option<&Miss>) -> String {
    let allowed = allowed_by(allowed);
    miss.map_or_else(|| allowed.to_owned(), |miss| format!("{allowed}: {}", missed(miss)))
}

/// Why a call was never answered, as [`reason`].
pub(crate) fn left_open(miss: &Miss) -> String {
    format!("stopped at the guard, and its caller ended unanswered: {}", missed(miss))
}

fn pinned(rule: &PinRule) -> String {
    match rule {
        PinRule::Key => "memoised, and the memo key is the same".to_owned(),
        PinRule::Values(cause) => {
            format!(
                "memoised, and the values are the same, though the memo key differs: {}",
                key_differs(*cause)
            )
        }
        PinRule::ChildRun => {
            "memoised, with the same values, in the run that the ancestor's workflow call became"
                .to_owned()
        }
        PinRule::Hand => "a pin set by hand".to_owned(),
        PinRule::Rule => "the same by the matching rule of its target".to_owned(),
        PinRule::Isolate => "isolate: the ancestor's execution of the same call".to_owned(),
        PinRule::Nearest(miss) => {
            format!("the nearest call of the ancestor, as asked, though {}", missed(miss))
        }
    }
}

/// Why two calls with the same values have different memo keys.
pub(crate) fn key_differs(cause: KeyDiffers) -> &'static str {
    match cause {
        KeyDiffers::Handle => "an argument is a handle on another execution of the same result",
        KeyDiffers::Threshold => "one side is a blob, the other is not",
        KeyDiffers::Default => "one side sends an argument that the other leaves at its default",
        KeyDiffers::Pickle => "the same content, pickled to other bytes",
        KeyDiffers::Spelling => "the same content in another order or spelling",
        KeyDiffers::Renamed => "the target was renamed",
        KeyDiffers::Function => "the function that makes the key gives another one now",
        KeyDiffers::Unknown => "the export holds only part of the key",
    }
}

/// Why no execution answers a call.
pub(crate) fn missed(miss: &Miss) -> String {
    let reason = miss_reason(miss.reason);
    match &miss.nearest {
        Some(nearest) => format!("{reason}; the nearest call is {}", nearest.execution),
        None => reason.to_owned(),
    }
}

/// Why no execution answers a call, without the nearest that would have.
pub(crate) fn miss_reason(reason: MissReason) -> &'static str {
    match reason {
        MissReason::NeverCalled => "the ancestor never called this target",
        MissReason::ArgumentsDiffer => "the ancestor called it with other arguments",
        MissReason::NotAValue => "the ancestor called it so, and got no value",
        MissReason::BecameRun => {
            "the ancestor called it so, and that became a run of its own, which answers no other call"
        }
        MissReason::NeverFinished => {
            "the ancestor called it so, and had no result when it was exported"
        }
        MissReason::ValueMissing => "a value to compare with is not in the store",
        MissReason::PinBroken => {
            "it is pinned or mocked by hand, and part of that value is missing or damaged"
        }
        MissReason::MemoDiffers => {
            "the ancestor called it so, but only one of the two calls is memoised"
        }
    }
}

/// A policy in a word.
pub(crate) fn policy(policy: Policy) -> &'static str {
    match policy {
        Policy::Memo => "memo",
        Policy::Isolate => "isolate",
        Policy::Open => "open",
    }
}

/// What allowed a body to run.
pub(crate) fn allowed_by(allowed: &Allowed) -> &'static str {
    match allowed {
        Allowed::Chosen => "chosen",
        Allowed::Plan => "allowed by the plan",
        Allowed::Flag => "allowed by a flag",
        Allowed::Guard => "allowed at the guard",
        Allowed::FreshRun => "in a run that began here",
        Allowed::Hand => "unpinned by hand",
        Allowed::Continued => "going on from an attempt before",
    }
}

/// The arguments that differ, as a view.
pub(crate) fn differences(miss: &Miss) -> Vec<ArgumentDifferenceView> {
    let nearest = miss.nearest.iter();
    nearest.flat_map(|nearest| &nearest.differences).map(difference).collect()
}

fn difference(difference: &ArgumentDifference) -> ArgumentDifferenceView {
    ArgumentDifferenceView {
        index: u32::try_from(difference.index).unwrap_or(u32::MAX),
        name: None,
        path: difference.path.clone(),
        ancestor: difference.ancestor.clone(),
        local: difference.local.clone(),
        in_key: difference.in_key,
    }
}

/// Why no execution answered a call, if none did.
pub(crate) fn miss(answer: &Answer) -> Option<&Miss> {
    match answer {
        Answer::Run { miss, .. } => miss.as_ref(),
        Answer::Blocked { miss } | Answer::Refused { miss } => Some(miss),
        Answer::Pinned { rule: PinRule::Nearest(miss), .. } => Some(miss),
        Answer::Pinned { .. } | Answer::Mocked { .. } => None,
    }
}

/// Whether the memo key is over the argument at `index`.
pub(crate) fn in_key(params: Option<&Params>, index: usize) -> bool {
    match params {
        None => false,
        Some(Params::All) => true,
        Some(Params::Only(indexes)) => indexes.contains(&index),
    }
}

/// The execution that answered a call, if one did.
pub(crate) fn answered_by(answer: &Answer) -> Option<&ExecutionId> {
    match answer {
        Answer::Pinned { execution, .. }
        | Answer::Mocked { execution, .. }
        | Answer::Run { execution, .. } => Some(execution),
        Answer::Blocked { .. } | Answer::Refused { .. } => None,
    }
}

/// What is odd about a run, in a sentence.
pub(crate) fn finding(finding: &Finding) -> String {
    match finding {
        Finding::NoRoot => "no step without a caller is visible".to_owned(),
        Finding::SecondRoot { step } => {
            format!("{step} has no caller either; the first is the root")
        }
        Finding::CallerMissing { step, caller } => {
            format!("{step} was called by {caller}, which is not visible from here")
        }
        Finding::StepMissing { caller, step } => {
            format!("{caller} refers to {step}, which is not visible from here")
        }
        Finding::ForeignChild { caller, step } => {
            format!("{caller} names {step} of another run as its child")
        }
        Finding::Circle { steps } => {
            let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
            format!("{} call or consume each other in a circle", steps.join(", "))
        }
    }
}
