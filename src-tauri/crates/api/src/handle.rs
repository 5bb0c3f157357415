//! Which value: how a view names one, so that more of it can be asked for.

use std::fmt;
use std::str::FromStr;

use hindcast_model::{Ended, EnvironmentId, ExecutionId, RunId, StepId, Value};
use hindcast_store::Store;

use crate::loaded::Loaded;
use crate::{ApiError, ErrorCode};

/// Which value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueHandle {
    /// A step's argument.
    Argument { step: StepId, index: usize },
    /// An argument edited for one execution.
    Edited { execution: ExecutionId, index: usize },
    /// An execution's own value.
    Result(ExecutionId),
    /// An argument of a call that an execution made.
    Call { caller: ExecutionId, ordinal: u32, index: usize },
    /// A value that a person gave for a step.
    Mock { environment: EnvironmentId, step: StepId, name: String },
}

impl fmt::Display for ValueHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument { step, index } => write!(f, "argument/{step}/{index}"),
            Self::Edited { execution, index } => write!(f, "edited/{execution}/{index}"),
            Self::Result(execution) => write!(f, "result/{execution}"),
            Self::Call { caller, ordinal, index } => write!(f, "call/{caller}/{ordinal}/{index}"),
            Self::Mock { environment, step, name } => {
                write!(f, "mock/{}/{step}/{name}", environment.0)
            }
        }
    }
}

impl FromStr for ValueHandle {
    type Err = ApiError;
    fn from_str(text: &str) -> Result<Self, ApiError> {
        let parts: Vec<&str> = text.split('/').collect();
        let handle = match parts[..] {
            ["argument", step, index] => Some(Self::Argument {
                step: step.parse()?,
                index: index.parse().unwrap_or(usize::MAX),
            }),
            ["edited", execution, index] => Some(Self::Edited {
                execution: execution.parse()?,
                index: index.parse().unwrap_or(usize::MAX),
            }),
            ["result", execution] => Some(Self::Result(execution.parse()?)),
            ["call", caller, ordinal, index] => Some(Self::Call {
                caller: caller.parse()?,
                ordinal: ordinal.parse().unwrap_or(u32::MAX),
                index: index.parse().unwrap_or(usize::MAX),
            }),
            ["mock", environment, step, ..] => Some(Self::Mock {
                environment: EnvironmentId(environment.parse().unwrap_or(-1)),
                step: step.parse()?,
                name: parts[3..].join("/"),
            }),
            _ => None,
        };
        handle.ok_or_else(|| {
            ApiError::new(ErrorCode::BadRequest, format!("{text:?} is not the handle of a value"))
        })
    }
}

impl ValueHandle {
    /// The value itself, encoded.
    pub(crate) fn find(&self, store: &Store, loaded: &Loaded) -> Result<Value, ApiError> {
        let found = match self {
            Self::Argument { step, index } => {
                let stored = loaded.run(store, &step.run)?.stored;
                stored
                    .run
                    .steps
                    .get(&step.number)
                    .and_then(|step| step.arguments.get(*index).cloned())
            }
            Self::Edited { execution, index } => {
                let stored = loaded.run(store, execution.run())?.stored;
                let key = (execution.step.number, execution.attempt);
                stored.edited_arguments.get(&key).and_then(|edited| edited.get(*index).cloned())
            }
            Self::Result(execution) => result(store, loaded, execution)?,
            Self::Call { caller, ordinal, index } => {
                let calls = store.calls_of(caller)?;
                let call = calls.into_iter().find(|call| call.ordinal == *ordinal);
                call.and_then(|call| call.arguments.get(*index).cloned())
            }
            Self::Mock { environment, step, name } => {
                let mut steps = store.by_hand(*environment)?.steps;
                steps.remove(step).and_then(|mut step| step.mocks.remove(name))
            }
        };
        found.ok_or_else(|| ApiError::not_found("value", self))
    }
}

fn result(
    store: &Store,
    loaded: &Loaded,
    execution: &ExecutionId,
) -> Result<Option<Value>, ApiError> {
    let run: &RunId = execution.run();
    let stored = loaded.run(store, run)?.stored;
    let outcome = stored.run.execution(execution).and_then(|execution| execution.result.as_ref());
    Ok(outcome.and_then(|outcome| match &outcome.ended {
        Ended::Value(value) => Some(value.clone()),
        _ => None,
    }))
}
