use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ImportReport, Progress};
use crate::ApiError;

/// Something changed; the window asks again for what it shows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
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
    /// What is going on changed: executions started or ended, the guard or an input asks or was
    /// answered.
    ActivityChanged,
    /// Something takes its time.
    Progress(Progress),
    /// Files were imported, also those named on the command line.
    Imported {
        /// What came in.
        report: ImportReport,
    },
    /// Something nobody waits for an answer to failed, such as the import of a file named on the
    /// command line.
    Failed {
        /// Why.
        error: ApiError,
    },
    /// Files of the project were saved while a re-run goes on with the code they held before; what
    /// they hold now belongs to the next one.
    CodeSaved {
        /// The run.
        run: String,
        /// Which, below the project's folder.
        files: Vec<String>,
    },
    /// The watch began, ended, or has another try.
    WatchChanged,
    /// A re-run ended.
    RerunEnded {
        /// The run.
        run: String,
        /// The steps.
        steps: Vec<String>,
        /// Whether every chosen step ended with a value.
        succeeded: bool,
        /// When they were chosen, Unix ms.
        at: i64,
    },
}
