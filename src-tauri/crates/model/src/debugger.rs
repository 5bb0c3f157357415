//! How a local execution stands with its debugger.

use serde::{Deserialize, Serialize};

/// A debugger's place beside an execution that was asked to wait for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debugger {
    /// The port of 127.0.0.1 that it is waited for on.
    pub port: u16,
    /// How it stands.
    pub state: DebuggerState,
}

/// Whether a debugger is attached to an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DebuggerState {
    /// None is yet: nothing of the body has begun.
    Waits,
    /// One is.
    Attached,
    /// One was: the body goes on by itself. Another may attach.
    Detached,
}
