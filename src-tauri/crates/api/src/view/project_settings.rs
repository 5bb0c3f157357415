use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How a project's steps are run, as a person set it; kept per folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct ProjectSettings {
    /// The Python with the Coflux SDK; none for the one that Coflux's own worker would find.
    pub python: Option<String>,
    /// The command that speaks the SDK's protocol, in place of `python -m coflux`; words are split
    /// as a shell would.
    pub adapter: Option<String>,
    /// Environment variables for the steps, over those of the project's `.env`.
    pub variables: Vec<Variable>,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}
