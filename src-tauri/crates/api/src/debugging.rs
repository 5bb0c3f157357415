//! Re-runs under a debugger: ports, and the texts that attach an editor.

mod debugpy;
mod launch;
mod launch_file;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use hindcast_engine::Project;
use hindcast_engine::debug::{Debug, HOST};
use hindcast_model::{Debugger, DebuggerState, ExecutionId, StepId};

use crate::choice::DebugChoice;
use crate::view::{DebugState, DebugView};
use crate::{Api, ApiError, ErrorCode};

/// The port that debuggers of Python are asked for by default.
const USUAL: u16 = 5678;

/// What the configuration is called.
const NAME: &str = "Hindcast";

impl Api {
    /// The project with these steps under a debugger. Installs a copy of debugpy into the store's folder
    /// if that is asked for and there is none.
    pub(crate) async fn under_debugger(
        &self,
        project: Project,
        steps: &[StepId],
        choice: DebugChoice,
    ) -> Result<Project, ApiError> {
        let (asked, steps) = (Arc::new(project.clone()), steps.to_vec());
        let packages = debugpy::packages(self, &asked, choice.install).await?;
        let prepared =
            tokio::task::spawn_blocking(move || prepare(project, &steps, &choice, packages)).await;
        prepared.map_err(|error| ApiError::internal("the debugger was given up", error))?
    }
}

fn prepare(
    project: Project,
    steps: &[StepId],
    choice: &DebugChoice,
    packages: Option<PathBuf>,
) -> Result<Project, ApiError> {
    let calls = choice.calls.iter().map(|target| target.parse()).collect::<Result<_, _>>()?;
    let mut ports = BTreeMap::new();
    // Held until all are chosen, so that no two are the same.
    let mut held = Vec::new();
    for step in steps.iter().filter(|_| !choice.calls_only) {
        let wanted = choice.port.filter(|_| held.is_empty());
        let listener = free(wanted)?;
        let port = listener.local_addr().map_err(|error| bad(&error))?.port();
        held.push(listener);
        ports.insert(step.clone(), port);
    }
    if choice.launch {
        for (step, port) in &ports {
            launch_file::write(project.folder(), &name(step, ports.len()), *port)?;
        }
    }
    Ok(project.debugged(Debug { ports, calls, at_raise: choice.at_raise, packages }))
}

/// What the configuration for a step is called, where so many are debugged.
fn name(step: &StepId, debugged: usize) -> String {
    if debugged > 1 { format!("{NAME} {step}") } else { NAME.to_owned() }
}

/// A port that is free now: the wanted one; else the usual one, else any.
fn free(wanted: Option<u16>) -> Result<TcpListener, ApiError> {
    let bind = |port| TcpListener::bind((HOST, port));
    let bound = match wanted {
        Some(port) => bind(port),
        None => bind(USUAL).or_else(|_| bind(0)),
    };
    bound.map_err(|error| {
        let port = wanted.map_or_else(|| "a port".to_owned(), |port| format!("port {port}"));
        bad(&format!("{port} of {HOST} cannot be had for the debugger: {error}"))
    })
}

fn bad(error: &dyn std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, error.to_string())
}

/// How an execution stands with its debugger, and how to attach one.
pub(crate) fn view(execution: &ExecutionId, debugger: Debugger) -> DebugView {
    let port = debugger.port;
    let neovim = format!(
        ":lua require('dap').run({{ type = 'python', request = 'attach', name = '{NAME}', connect = \
         {{ host = '{HOST}', port = {port} }} }})"
    );
    DebugView {
        execution: execution.to_string(),
        step: execution.step.to_string(),
        state: match debugger.state {
            DebuggerState::Waits => DebugState::Waits,
            DebuggerState::Attached => DebugState::Attached,
            DebuggerState::Detached => DebugState::Detached,
        },
        host: HOST.to_owned(),
        port,
        vscode: launch::Configuration::new(NAME, port).text(),
        pycharm: format!(
            "Run > Edit Configurations > + > Attach to DAP: host {HOST}, port {port}, type debugpy"
        ),
        neovim,
    }
}
