//! How the command line ends.

use std::fmt;
use std::process::ExitCode;

use hindcast_api::{ApiError, ErrorCode};

/// How a command ended. The numbers are what scripts go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: all is well.
    Well,
    /// 1: a step failed.
    StepFailed,
    /// 2: bad usage or input.
    BadInput,
    /// 3: a call was stopped at the guard.
    Guard,
    /// 130: a person interrupted it (128 and the number of the signal, as shells have it).
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Well => 0,
            Exit::StepFailed => 1,
            Exit::BadInput => 2,
            Exit::Guard => 3,
            Exit::Interrupted => 130,
        })
    }
}

/// Why a command could not do what it should.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The api says no.
    Api(ApiError),
    /// What was said makes no sense.
    Usage(String),
    /// The output cannot be written.
    Output(std::io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => match (&error.detail, error.code) {
                (_, ErrorCode::NoProject | ErrorCode::Untrusted) => {
                    write!(f, "{}; name it with --project DIR to run its code", error.message)
                }
                (Some(detail), _) if !error.message.contains(detail.as_str()) => {
                    write!(f, "{}\n{detail}", error.message)
                }
                _ => f.write_str(&error.message),
            },
            Self::Usage(message) => f.write_str(message),
            Self::Output(error) => write!(f, "cannot write: {error}"),
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

/// What a command gives.
pub(crate) type Done = Result<Exit, Failure>;
