//! What the command line says of pins, mocks, matching rules and renamed targets.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Json;

/// In which environment.
#[derive(Debug, Clone, Args)]
pub(crate) struct In {
    /// The local environment [default: the one that stands on the run's own; without a run, the only
    /// one there is].
    #[arg(long = "env", value_name = "ENV")]
    pub(crate) environment: Option<String>,
}

/// `hindcast pin`
#[derive(Debug, Args)]
pub(crate) struct Pin {
    /// Step id.
    pub(crate) step: String,
    /// The execution that shall answer its call [default: the newest of the ancestor with a value].
    pub(crate) execution: Option<String>,
    #[command(flatten)]
    pub(crate) place: In,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast unpin`
#[derive(Debug, Args)]
pub(crate) struct Unpin {
    /// Step id.
    pub(crate) step: String,
    #[command(flatten)]
    pub(crate) place: In,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast mock`
#[derive(Debug, Args)]
pub(crate) struct Mock {
    /// The step, and the value as JSON; with --python, --use, --remove or --off the step alone.
    #[arg(value_name = "STEP[=JSON]")]
    pub(crate) step: String,
    /// The value as a Python literal: `{'total': Decimal('1.10'), 'due': datetime.date(2026, 3, 4)}`.
    #[arg(long, value_name = "TEXT", group = "what", allow_hyphen_values = true)]
    pub(crate) python: Option<String>,
    /// Keep the value under this name: a step can have several mocks, one of them in use.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["use", "remove", "off"])]
    pub(crate) name: Option<String>,
    /// Use a mock that is kept.
    #[arg(long, value_name = "NAME", group = "what")]
    pub(crate) r#use: Option<String>,
    /// Remove a mock.
    #[arg(long, value_name = "NAME", group = "what")]
    pub(crate) remove: Option<String>,
    /// Use none; those that are kept stay.
    #[arg(long, group = "what")]
    pub(crate) off: bool,
    #[command(flatten)]
    pub(crate) place: In,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast pins`
#[derive(Debug, Args)]
pub(crate) struct Pins {
    #[command(subcommand)]
    pub(crate) command: Option<PinsCommand>,
    /// Of the local environment of this run.
    #[arg(long, value_name = "RUN", global = true)]
    pub(crate) run: Option<String>,
    /// The local environment [default: the run's, or the only one there is].
    #[arg(long = "env", value_name = "ENV", global = true)]
    pub(crate) environment: Option<String>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What to do with what is set by hand.
#[derive(Debug, Subcommand)]
pub(crate) enum PinsCommand {
    /// List pins, mocks, matching rules and renamed targets [the default].
    List,
    /// Leave a step to the rules again; its mocks stay, unused.
    Clear {
        /// Step id.
        step: String,
    },
    /// Save everything to a text file beside the code.
    Save(File),
    /// Set what a file says, in place of everything that is set.
    Load(File),
    /// Take back the last change.
    Undo,
    /// Make the change again that was taken back last.
    Redo,
}

/// Which file.
#[derive(Debug, Args)]
pub(crate) struct File {
    /// The folder with the code, where the file is `hindcast-pins.toml` [default: the folder chosen
    /// in the window].
    #[arg(long, value_name = "DIR", conflicts_with = "file")]
    pub(crate) project: Option<PathBuf>,
    /// The file.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

/// `hindcast match`
#[derive(Debug, Args)]
pub(crate) struct Match {
    /// The target (module:function) whose calls are matched so, in place of its memo key.
    pub(crate) target: String,
    /// Compare only this parameter, by position from 0; can be said again.
    #[arg(long, value_name = "PARAMETER")]
    pub(crate) only: Vec<u32>,
    /// Do not compare this parameter, such as a timestamp or a temporary path.
    #[arg(long, value_name = "PARAMETER")]
    pub(crate) ignore: Vec<u32>,
    /// Of this parameter compare only this part, as Python would write it:
    /// `0=['order']['id']`.
    #[arg(long, value_name = "PARAMETER=PATH")]
    pub(crate) part: Vec<String>,
    /// Remove the rule.
    #[arg(long, conflicts_with_all = ["only", "ignore", "part"])]
    pub(crate) remove: bool,
    /// Of the local environment of this run.
    #[arg(long, value_name = "RUN")]
    pub(crate) run: Option<String>,
    #[command(flatten)]
    pub(crate) place: In,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast map`
#[derive(Debug, Args)]
pub(crate) struct Map {
    /// What the code calls the target now (module:function).
    pub(crate) new: String,
    /// What the ancestor called it.
    #[arg(required_unless_present = "remove")]
    pub(crate) old: Option<String>,
    /// It was not renamed after all.
    #[arg(long, conflicts_with = "old")]
    pub(crate) remove: bool,
    /// Of the local environment of this run.
    #[arg(long, value_name = "RUN")]
    pub(crate) run: Option<String>,
    #[command(flatten)]
    pub(crate) place: In,
    #[command(flatten)]
    pub(crate) json: Json,
}
