//! What is odd about a run, without keeping it from being shown.

use hindcast_model::{ExecutionId, StepId};
use serde::Serialize;
use ts_rs::TS;

/// Something odd in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Finding {
    /// No step without a caller is visible.
    NoRoot,
    /// More than one step has no caller; the first is taken as the root.
    SecondRoot {
        /// The other one.
        #[ts(type = "string")]
        step: StepId,
    },
    /// The execution that called a step is not in the run, as when an environment was left out of
    /// the export. The step is shown beside the root.
    CallerMissing {
        /// The step.
        #[ts(type = "string")]
        step: StepId,
        /// Its caller.
        #[ts(type = "string")]
        caller: ExecutionId,
    },
    /// An execution called, or refers to, a step that is not in the run or not visible.
    StepMissing {
        /// The execution.
        #[ts(type = "string")]
        caller: ExecutionId,
        /// The step.
        #[ts(type = "string")]
        step: StepId,
    },
    /// An execution names a child of another run, which cannot be.
    ForeignChild {
        /// The execution.
        #[ts(type = "string")]
        caller: ExecutionId,
        /// The step.
        #[ts(type = "string")]
        step: StepId,
    },
    /// These steps call or consume each other in a circle. Where the circle cannot be reached from
    /// the root, they are not shown.
    Circle {
        /// The steps.
        #[ts(type = "Array<string>")]
        steps: Vec<StepId>,
    },
}
