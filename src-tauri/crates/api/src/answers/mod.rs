//! An answer to each call, one file a subject.

mod activity;
mod compare;
mod dispatch;
mod editor;
mod export;
mod import;
mod ledger;
mod logs;
mod overview;
mod project;
mod rerun;
mod run;
mod settings;
mod step;
mod value;

pub use import::Imports;
