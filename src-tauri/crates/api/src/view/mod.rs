//! What the shells show: plain data, ids as text, values as bounded trees.

mod activity;
mod actual;
mod asset;
mod comparison;
mod content;
mod debug;
mod deletion;
mod effect;
mod encoding;
mod event;
mod import;
mod incoming;
mod input;
mod metric;
mod outcomes;
mod overview;
mod pins;
mod project_settings;
mod run;
mod search;
mod step;
mod stream;
mod target;
mod trouble;
mod value;
mod warm;
mod watch;
mod why;

pub use activity::{
    Activity, ActivityItem, ArgumentDifferenceView, CallState, GuardCard, GuardNearest, LedgerLine,
    LedgerView, PlanCall, PlanView, RerunStarted,
};
pub use actual::{ActualCall, ActualView};
pub use asset::{AssetFile, AssetPreview, AssetView, AssetsReport, MissingFile, WrittenFile};
pub use comparison::{
    ComparedArgument, ComparedSide, DifferenceChange, StepComparison, TextChangeView, TextLineView,
    TextPartView,
};
pub use content::{BytesPage, ObjectPreview, TablePreview, TextPage, ValueMatch, ValueMatches};
pub use debug::{DebugState, DebugView, DebugpyPlace, DebugpyView, LaunchDone, LaunchView};
pub use deletion::{DeleteTarget, DeletionView, PurgedView, RenamedEnvironment, RestoredView};
pub use effect::{EffectView, PlaceView, Sentinel};
pub use encoding::EncodingView;
pub use event::ApiEvent;
pub use import::{
    ExportReport, FileDrop, FileDropItem, Finding, ImportReport, ImportedRun, Progress,
};
pub use incoming::{
    ConnectionView, FoundRunView, FoundView, GivenToken, RemovedView, ServerRunView,
    ServerRunsView, ServerView, ServerWorkflowView, ServerWorkspaceView, TokenPlace,
};
pub use input::InputView;
pub use metric::{MetricView, SeriesView};
pub use outcomes::{OutcomeRow, OutcomesView};
pub use overview::{EnvironmentView, Overview, ProjectView, RunSummary};
pub use pins::{
    EditText, MatchingView, MockView, PartView, PinState, PinView, PinsFileView, PinsView,
    RenamedView, ValueCheck,
};
pub use project_settings::{ProjectSettings, Variable};
pub use run::{
    AlignedStep, Comparison, Divergence, EarlierAttempt, EdgeKind, GraphEdge, GraphFold,
    GraphGroup, GraphNode, NodeState, RunView, StateCount, StoppedCall, TreeLine, TreeView,
};
pub use search::{FacetCount, FacetsView, SearchHit, SearchView};
pub use step::{
    ArgumentView, AttemptView, CallView, CallerView, ChainedView, DifferenceLine, ErrorView,
    FrameView, Level, LocalView, LogLine, LogPage, OutcomeView, StepView, WhyView,
};
pub use stream::{StreamItem, StreamPage, StreamView};
pub use target::{ModuleProblem, ParameterView, TargetKindView, TargetView, TargetsView};
pub use trouble::{ExaminationView, TroubleKind, TroubleView};
pub use value::{ValueKind, ValuePage, ValueTree};
pub use warm::{CodeView, PreloadedView, WarmStateView, WarmView};
pub use watch::{FaultView, TryDifference, TryResult, TryState, TryView, WatchView};
pub use why::{MissView, RuleName, WhyCall, WhyReport};
