//! What a person can choose.

use hindcast_model::record::Policy;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which calls of a re-run are pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PolicyChoice {
    /// Coflux's rule: memoised and cached calls are pinned.
    #[default]
    Memo,
    /// Only chosen steps run.
    Isolate,
    /// Anything may run.
    Open,
}

impl From<PolicyChoice> for Policy {
    fn from(choice: PolicyChoice) -> Self {
        match choice {
            PolicyChoice::Memo => Self::Memo,
            PolicyChoice::Isolate => Self::Isolate,
            PolicyChoice::Open => Self::Open,
        }
    }
}

/// What happens to a call that may not run and that nothing pins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum MissChoice {
    /// It waits, and a person is asked.
    Ask,
    /// It fails.
    #[default]
    Fail,
    /// It runs.
    Run,
    /// It is pinned to the nearest ancestor call that has a value.
    Pin,
}

/// A person's answer at the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum DecisionKind {
    /// Pin it to an execution.
    Pin,
    /// Run it, this once.
    Once,
    /// Run it, and every later call of its target until the session ends.
    Always,
    /// Answer it with a value.
    Give,
    /// Its target was renamed: judge it as a call of what the ancestor called it.
    Map,
    /// Fail it.
    Fail,
}

/// A value that answers the call of a step in one re-run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MockChoice {
    /// Step id.
    pub step: String,
    /// The value as text.
    pub value: String,
    /// How it is written; as JSON if none.
    #[serde(default)]
    #[ts(optional)]
    pub form: Option<TextForm>,
}

/// How calls of a target are matched, in place of its memo key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MatchingChoice {
    /// The positions of the only parameters that count, from 0; none for all.
    pub only: Option<Vec<u32>>,
    /// The positions of parameters that do not count.
    pub ignore: Vec<u32>,
    /// Parameters of which only a part counts.
    pub parts: Vec<crate::view::PartView>,
}

/// How a value is written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TextForm {
    /// As Python would write it.
    Python,
    /// As JSON, where it has such a form.
    Json,
}

/// How a value is written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum SaveForm {
    /// As Python would write it.
    Python,
    /// As JSON, where it has such a form.
    Json,
    /// A text, bytes or a pickle as it is.
    Raw,
}

/// How a re-run waits for a debugger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct DebugChoice {
    /// Whether the chosen steps themselves run without a debugger: only the named calls wait for one.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub calls_only: bool,
    /// Targets (`module:function`) whose calls wait for a debugger as well, where they run below the
    /// chosen steps: each execution on a port of its own.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub calls: Vec<String>,
    /// The port on this machine, for the first chosen step; if none, 5678 if it is free, else any.
    #[serde(default)]
    #[ts(optional)]
    pub port: Option<u16>,
    /// Whether an execution that fails stops where it raised.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub at_raise: bool,
    /// Whether a copy of debugpy may be installed into the store's folder, where the project's Python
    /// has none.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub install: bool,
    /// Whether the configuration that attaches VS Code is written into the project's
    /// `.vscode/launch.json`; what else is there stays.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub launch: bool,
}

/// An argument that is edited for a re-run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArgumentChoice {
    /// Its number, from 1, or its parameter's name in the project's code.
    pub argument: String,
    /// The value, as text.
    pub value: String,
    /// How it is written; as a Python literal if none.
    #[serde(default)]
    #[ts(optional)]
    pub form: Option<TextForm>,
}
