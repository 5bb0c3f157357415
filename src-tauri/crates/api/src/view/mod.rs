//! What the shells show: plain data, ids as text, values as bounded trees.

mod activity;
mod import;
mod overview;
mod run;
mod step;
mod value;

pub use activity::{
    Activity, ActivityItem, CallState, GuardCard, GuardNearest, LedgerLine, LedgerView, PlanCall,
    PlanView, RerunStarted,
};
pub use import::{FileDrop, FileDropItem, Finding, ImportReport, ImportedRun, Progress};
pub use overview::{EnvironmentView, Overview, ProjectView, RunSummary};
pub use run::{
    AlignedStep, Comparison, Divergence, EdgeKind, GraphEdge, GraphFold, GraphGroup, GraphNode,
    NodeState, RunView, StateCount,
};
pub use step::{
    ArgumentView, AttemptView, CallView, DifferenceLine, ErrorView, FrameView, LogLine, LogPage,
    OutcomeView, StepView, WhyView,
};
pub use value::{ValuePage, ValueTree};

/// Something changed; the window asks again for what it shows.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum ApiEvent {
    /// Environments, runs, project or settings changed.
    OverviewChanged,
    /// Steps, executions or calls of a run changed.
    RunChanged {
        /// Which run.
        run: String,
    },
    /// Log lines were written.
    LogsWritten {
        /// In which run.
        run: String,
    },
    /// What is going on changed: executions started or ended, the guard asks or was answered.
    ActivityChanged,
    /// Something takes its time.
    Progress(Progress),
    /// A re-run ended.
    RerunEnded {
        /// The run.
        run: String,
        /// The steps.
        steps: Vec<String>,
        /// Whether every chosen step ended with a value.
        succeeded: bool,
    },
}
