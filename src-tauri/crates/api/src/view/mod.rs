//! What the shells show: plain data, ids as text, values as bounded trees.

mod activity;
mod asset;
mod effect;
mod encoding;
mod event;
mod import;
mod input;
mod metric;
mod overview;
mod run;
mod step;
mod value;

pub use activity::{
    Activity, ActivityItem, ArgumentDifferenceView, CallState, GuardCard, GuardNearest, LedgerLine,
    LedgerView, PlanCall, PlanView, RerunStarted,
};
pub use asset::{AssetFile, AssetPreview, AssetView, AssetsReport, MissingFile, WrittenFile};
pub use effect::{EffectView, PlaceView, Sentinel};
pub use encoding::EncodingView;
pub use event::ApiEvent;
pub use import::{
    ExportReport, FileDrop, FileDropItem, Finding, ImportReport, ImportedRun, Progress,
};
pub use input::InputView;
pub use metric::{MetricView, SeriesView};
pub use overview::{EnvironmentView, Overview, ProjectView, RunSummary};
pub use run::{
    AlignedStep, Comparison, Divergence, EdgeKind, GraphEdge, GraphFold, GraphGroup, GraphNode,
    NodeState, RunView, StateCount, StoppedCall, TreeLine, TreeView,
};
pub use step::{
    ArgumentView, AttemptView, CallView, CallerView, DifferenceLine, ErrorView, FrameView, Level,
    LogLine, LogPage, OutcomeView, StepView, WhyView,
};
pub use value::{ValueKind, ValuePage, ValueTree};
