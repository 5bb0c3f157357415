//! Other arguments than those recorded, and many recorded ones at once.

use clap::Args;

use super::Json;

/// Arguments in place of the recorded ones.
#[derive(Debug, Clone, Args)]
pub(crate) struct Edited {
    /// Use this argument in place of the recorded one: its number from 1 or its parameter's name, and
    /// the value as a Python literal. Only with one step.
    #[arg(long, value_name = "N|NAME=TEXT", conflicts_with = "all_alike")]
    pub(crate) argument: Vec<String>,
    /// The same, the value as JSON.
    #[arg(long, value_name = "N|NAME=JSON", conflicts_with = "all_alike")]
    pub(crate) argument_json: Vec<String>,
}

/// `hindcast outcomes`
#[derive(Debug, Args)]
pub(crate) struct Outcomes {
    /// The re-run: its number, an execution it asked for, or a run for its last one; `last` for the
    /// last of all.
    #[arg(default_value = "last", value_name = "RERUN")]
    pub(crate) rerun: String,
    #[command(flatten)]
    pub(crate) json: Json,
}
