//! Re-runs under a debugger: ports, debugpy, and the texts that attach an editor.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use hindcast_engine::Project;
use hindcast_engine::debug::{Debug, Debugpy, HOST};
use hindcast_model::StepId;
use serde_json::json;

use crate::choice::DebugChoice;
use crate::launch::with_configuration;
use crate::view::DebugView;
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
    ) -> Result<(Project, Vec<DebugView>), ApiError> {
        let (folder, steps) = (self.folder().to_owned(), steps.to_vec());
        let prepared =
            tokio::task::spawn_blocking(move || prepare(project, &steps, &choice, &folder)).await;
        prepared.map_err(|error| ApiError::internal("the debugger was given up", error))?
    }
}

fn prepare(
    project: Project,
    steps: &[StepId],
    choice: &DebugChoice,
    store: &Path,
) -> Result<(Project, Vec<DebugView>), ApiError> {
    let packages = packages(&project, store, choice.install)?;
    let mut ports = BTreeMap::new();
    // Held until all are chosen, so that no two are the same.
    let mut held = Vec::new();
    for step in steps {
        let wanted = choice.port.filter(|_| held.is_empty());
        let listener = free(wanted)?;
        let port = listener.local_addr().map_err(|error| bad(&error))?.port();
        held.push(listener);
        ports.insert(step.clone(), port);
    }
    if choice.launch {
        for (index, port) in ports.values().enumerate() {
            let name = if index == 0 { NAME.to_owned() } else { format!("{NAME} {}", index + 1) };
            write_launch(project.folder(), &name, *port)?;
        }
    }
    let views = ports.iter().map(|(step, port)| view(step, *port)).collect();
    Ok((project.debugged(Debug { ports, at_raise: choice.at_raise, packages }), views))
}

/// The folder of a copy of debugpy; none where the project's environment has it.
fn packages(project: &Project, store: &Path, install: bool) -> Result<Option<PathBuf>, ApiError> {
    let Debugpy::Missing { python } = project.find_debugpy().map_err(|error| bad(&error))? else {
        return Ok(None);
    };
    let copy = store.join(format!("debugpy/{python}"));
    if !copy.join("debugpy/__init__.py").is_file() {
        if !install {
            let mend = project.debugpy_mend().map_err(|error| bad(&error))?;
            let message = format!(
                "the project's Python has no debugpy: install it with `{mend}`, or let Hindcast \
                 keep a copy of its own with --install-debugpy"
            );
            return Err(ApiError::new(ErrorCode::BadRequest, message));
        }
        project.install_debugpy(&copy).map_err(|error| bad(&error))?;
    }
    Ok(Some(copy))
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

/// What VS Code keeps in `configurations`.
fn configuration(name: &str, port: u16) -> serde_json::Value {
    json!({
        "name": name,
        "type": "debugpy",
        "request": "attach",
        "connect": {"host": HOST, "port": port},
        "justMyCode": true,
    })
}

fn view(step: &StepId, port: u16) -> DebugView {
    let neovim = format!(
        ":lua require('dap').run({{ type = 'python', request = 'attach', name = '{NAME}', connect = \
         {{ host = '{HOST}', port = {port} }} }})"
    );
    DebugView {
        step: step.to_string(),
        host: HOST.to_owned(),
        port,
        vscode: format!("{:#}", configuration(NAME, port)),
        pycharm: format!(
            "Run > Edit Configurations > + > Attach to DAP: host {HOST}, port {port}, type debugpy"
        ),
        neovim,
    }
}

/// Puts a configuration into `.vscode/launch.json`, which is replaced as a whole or not at all.
fn write_launch(project: &Path, name: &str, port: u16) -> Result<(), ApiError> {
    let folder = project.join(".vscode");
    let file = folder.join("launch.json");
    let failed = |error: &dyn std::fmt::Display| {
        bad(&format!("{} cannot be written: {error}", file.display()))
    };
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(&error)),
    };
    let own = format!("{:#}", configuration(name, port));
    let new = with_configuration(text.as_deref(), name, &own).map_err(|error| failed(&error))?;
    if text.as_deref() == Some(&*new) {
        return Ok(());
    }
    std::fs::create_dir_all(&folder).map_err(|error| failed(&error))?;
    let fresh = folder.join(format!("launch.json.{}", std::process::id()));
    std::fs::write(&fresh, new).map_err(|error| failed(&error))?;
    std::fs::rename(&fresh, &file).map_err(|error| failed(&error))
}
