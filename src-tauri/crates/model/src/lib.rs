//! What a run is: plain types, and the rules that need nothing but them.
//!
//! Nothing here reads a file, a clock, a database or a process. The words are those of the design:
//! environment, run, step, execution, memoised, pinned, mocked.

mod blobs;
mod document;
mod environment;
mod found;
mod id;
mod json;
mod outcome;
pub mod record;
mod run;
mod value;

pub use blobs::Blobs;
pub use document::RunDocument;
pub use environment::{Environment, EnvironmentId, Environments, Origin};
pub use found::{BlobSource, Finding, Found, FoundRun, FoundWorkspace};
pub use id::{
    AssetId, Attempt, BlobKey, EnvironmentName, ExecutionId, IdError, InputId, RunId, StepId,
    StepNumber, Target, Timestamp, WorkspaceId,
};
pub use json::{Json, JsonError};
pub use outcome::{Ended, Failure, Frame, Outcome, Resolved};
pub use run::{
    Asset, AssetEntry, CacheConfig, Child, Dependency, Execution, ExecutionRef, InputStatus,
    InputSummary, Key, MetricDefinition, Params, Retries, Run, Step, TypedDependency,
};
pub use value::{Reference, Value};
