//! tokio around the orchestrator: executors, timers, blob files.
//!
//! The engine carries out what the orchestrator says: it starts the user's Python with the real
//! Coflux SDK, one process per execution, and stands where the worker and the server stand.

mod blob_files;
mod bootstrap;
mod bridge;
pub mod codec;
pub mod debug;
mod discover;
mod engine;
mod examine;
pub mod executor;
pub mod guardian;
mod locals;
mod preview;
pub mod project;
mod recorded;
mod remembered;
mod sentinel;
pub mod snapshot;
mod throw_away;
pub mod warm;
pub mod watch;

pub use blob_files::BlobFiles;
pub use bridge::{InstalledSdk, ServerNumbers, Speaks};
pub use discover::DiscoverError;
pub use engine::{Config, EngineError, Handle, News, Rerun, Submission};
pub use examine::{Examined, Fault, Interpreter, Mendable, Place, Trouble, Version, Wanted};
pub use preview::{Object, PreviewError};
pub use project::{
    Adapter, ChosenAdapter, FoundBy, Project, ProjectError, Trust, quoted, signature,
};
