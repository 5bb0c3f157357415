//! An answer to each call, one file a subject.

mod activity;
mod assets;
mod compare;
mod dispatch;
mod document;
mod editor;
mod encoding;
mod export;
mod import;
mod ledger;
mod logs;
mod metrics;
mod overview;
mod plan;
mod project;
mod rerun;
mod result;
mod run;
mod settings;
mod step;
mod value;

pub use import::Imports;
pub use result::StepResult;
