//! What handles, and other sessions, ask of the engine.

use std::path::PathBuf;
use std::sync::Arc;

use hindcast_model::record::{Input, InputResponse};
use hindcast_model::{ExecutionId, InputId, Outcome};
use hindcast_orchestrator::{Command, Decision, Question};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::EngineError;
use crate::Project;
use crate::codec::Declaration;
use crate::debug::Debugpy;
use crate::examine::{Examined, Wanted};
use crate::preview::Object;
use crate::warm::{Warm, WarmReport};

/// An answer to come.
pub(super) type Answer<T> = oneshot::Sender<Result<T, EngineError>>;

/// What a handle asks.
pub(super) enum Ask {
    /// Carry out a command. Answered with the executions it made.
    Command { command: Command, project: Option<Arc<Project>>, done: Answer<Vec<ExecutionId>> },
    /// What a module's code declares.
    Discover { project: Arc<Project>, module: String, done: Answer<Vec<Declaration>> },
    /// What an object is.
    Preview { project: Arc<Project>, object: Object, done: Answer<serde_json::Value> },
    /// Whether a project's Python has debugpy.
    FindDebugpy { project: Arc<Project>, done: Answer<Debugpy> },
    /// A copy of debugpy in this folder.
    InstallDebugpy { project: Arc<Project>, packages: PathBuf, done: Answer<()> },
    /// What keeps a project's code from running.
    Examine { project: Arc<Project>, wanted: Wanted, done: Answer<Examined> },
    /// How a project's warm Python is; with `start` it is warmed first.
    Warm { project: Arc<Project>, start: bool, done: Answer<WarmReport> },
    /// How many bodies run at once from now on, and when Pythons are warmed.
    Configure { slots: usize, warm: Warm },
    /// How an execution finally ends.
    Outcome(Waiter),
    /// Calls that wait at the guard here.
    Questions(Answer<Vec<Question>>),
    /// Inputs that were asked for and are not answered.
    Inputs(Answer<Vec<Input>>),
    /// Executions under way here.
    UnderWay(Answer<Vec<ExecutionId>>),
    /// Tell once nothing is under way here.
    Idle(Answer<()>),
    /// End everything.
    Shutdown,
}

/// Somebody who waits for an execution's outcome.
pub(super) struct Waiter {
    pub(super) execution: ExecutionId,
    pub(super) done: Answer<Outcome>,
}

/// What one session asks of another. (As text in the store.)
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    Cancel(ExecutionId),
    Decide { caller: ExecutionId, ordinal: u32, decision: Decision },
    Respond { input: InputId, response: InputResponse },
}

impl Request {
    /// The command as a request to another session, if it is one that another can be asked.
    pub(super) fn of(command: &Command) -> Option<Self> {
        Some(match command.clone() {
            Command::Cancel(execution) => Self::Cancel(execution),
            Command::Decide { caller, ordinal, decision } => {
                Self::Decide { caller, ordinal, decision }
            }
            Command::Respond { input, response } => Self::Respond { input, response },
            Command::Rerun { .. } | Command::Submit { .. } => return None,
        })
    }

    pub(super) fn command(self) -> Command {
        match self {
            Self::Cancel(execution) => Command::Cancel(execution),
            Self::Decide { caller, ordinal, decision } => {
                Command::Decide { caller, ordinal, decision }
            }
            Self::Respond { input, response } => Command::Respond { input, response },
        }
    }
}
