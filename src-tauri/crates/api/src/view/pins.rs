use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ValueTree;

/// What a person set by hand in a local environment.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PinsView {
    /// The environment.
    pub environment: String,
    /// Pins and mocks, by step.
    pub steps: Vec<PinView>,
    /// Matching rules, by target.
    pub rules: Vec<MatchingView>,
    /// Targets that were renamed.
    pub renamed: Vec<RenamedView>,
    /// What undoing would take back, in words; none if there is nothing.
    pub undo: Option<String>,
    /// What redoing would do again, in words; none if there is nothing.
    pub redo: Option<String>,
    /// The file beside the code that it is saved to and loaded from, absolute; none while no project
    /// is chosen.
    pub file: Option<String>,
}

/// What is set for a step.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PinView {
    /// Step id. Its pin is about the call that made it, whichever number that gets when edited code
    /// makes it again.
    pub step: String,
    /// `module:function`; empty where the store does not hold the step.
    pub target: String,
    /// What is set.
    pub state: PinState,
    /// For `pinned`: the execution it is pinned to.
    pub execution: Option<String>,
    /// For `mocked`: the name of the mock in use.
    pub mock: Option<String>,
    /// The value or error it answers with, as Python would write it, shortened; empty where it
    /// runs.
    pub result: String,
    /// Why it cannot be used, where it cannot: part of the value is missing or damaged.
    pub problem: Option<String>,
    /// Every mock it has, by name.
    pub mocks: Vec<MockView>,
}

/// What is set for a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PinState {
    /// An execution answers its call.
    Pinned,
    /// Nothing recorded answers its call: its body runs.
    Unpinned,
    /// A value that a person gave answers its call.
    Mocked,
    /// It has mocks, and none is in use.
    Unused,
}

/// A value that a step can be mocked with.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MockView {
    /// Its name.
    pub name: String,
    /// Whether it is in use.
    pub active: bool,
    /// The value.
    pub value: ValueTree,
}

/// How calls of a target are matched, in place of its memo key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MatchingView {
    /// `module:function`.
    pub target: String,
    /// The positions of the only parameters that count, from 0; none for all.
    pub only: Option<Vec<u32>>,
    /// The positions of parameters that do not count.
    pub ignore: Vec<u32>,
    /// Parameters of which only a part counts.
    pub parts: Vec<PartView>,
}

/// A part of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PartView {
    /// The parameter's position, from 0.
    pub parameter: u32,
    /// Where in it, as Python would write it: `['order']['id']`, `[0].price`.
    pub path: String,
}

/// A target that was renamed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RenamedView {
    /// What the code calls it now: `module:function`.
    pub target: String,
    /// What the ancestor called it.
    pub old: String,
}

/// What was saved to, or loaded from, a file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PinsFileView {
    /// The file.
    pub path: String,
    /// What is set now.
    pub pins: PinsView,
}

/// What a text that a person types as a value comes to.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum ValueCheck {
    /// It is a value.
    Value {
        /// As Python would write it.
        text: String,
    },
    /// It is none.
    Wrong {
        /// What is wrong.
        message: String,
        /// The line, from 1.
        line: u32,
        /// The column in characters, from 1.
        column: u32,
    },
}

/// A value as a text that a person can edit.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EditText {
    /// As Python would write it. What has no literal stands in `<…>`, and can be kept or left out.
    pub text: String,
    /// Why it cannot be edited, where it cannot.
    pub problem: Option<String>,
}
