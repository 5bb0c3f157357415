//! The one surface that both shells call, window and command line: typed questions and answers,
//! events, errors. The TypeScript types are generated from here.

mod answers;
mod api;
pub mod calls;
pub mod choice;
mod command;
mod compare;
mod effects;
mod error;
mod facts;
mod find;
mod folder;
mod follow;
mod frame;
mod given;
mod handle;
mod incoming;
mod interpreter;
mod json;
mod loaded;
mod local;
mod names;
mod note;
mod outcome;
mod pins;
mod pins_file;
mod planned;
mod project;
mod raised;
mod recent;
mod renamed;
mod seen;
mod shell_words;
mod state;
mod template;
mod tree;
#[cfg(feature = "twin")]
pub mod twin;
pub mod typescript;
pub mod view;
mod watching;
mod words;
mod work;

pub use answers::{Imports, StepResult};
pub use api::{Answered, Api};
pub use calls::{Call, CallVisitor, each_call};
pub use error::{ApiError, ErrorCode};
pub use folder::store_folder;
pub use hindcast_engine::ChosenAdapter as Adapter;
pub use json::plain_json;
pub use note::{CallNote, DoneNote, EndNote, Note, Notes, SavedNote};
pub use project::ProjectChoice;
pub use shell_words::shell_words;
pub use watching::{Watch, WatchNote};
