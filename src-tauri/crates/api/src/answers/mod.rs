//! An answer to each call, one file a subject.

mod activity;
mod assets;
mod compare;
mod content;
mod deletion;
mod dispatch;
mod document;
mod editor;
mod encoding;
mod export;
mod import;
mod incoming;
mod ledger;
mod logs;
mod metrics;
mod overview;
mod pins;
mod plan;
mod project;
mod project_settings;
mod rerun;
mod result;
mod run;
mod search;
mod servers;
mod settings;
mod step;
mod step_comparison;
mod targets;
mod value;
mod waits;

pub use import::Imports;
pub use result::StepResult;
