//! Opening a frame of a traceback in the editor.

use std::path::Path;
use std::process::Stdio;

use crate::api::Answered;
use crate::calls::OpenInEditor;
use crate::frame::local_file;
use crate::{Api, ApiError, ErrorCode};

/// The words that tell an editor the file and the line.
type Arguments = fn(&str, u32) -> Vec<String>;

/// Editors that can be told a line, in the order they are tried; then whatever the desktop opens
/// such a file with. Never a command that a file or an export names.
const EDITORS: [(&str, Arguments); 4] = [
    ("code", |file, line| vec!["--goto".into(), format!("{file}:{line}")]),
    ("zed", |file, line| vec![format!("{file}:{line}")]),
    ("subl", |file, line| vec![format!("{file}:{line}")]),
    ("xdg-open", |file, _| vec![file.into()]),
];

impl Answered for OpenInEditor {
    async fn answer(self, api: &Api) -> Result<(), ApiError> {
        let Some(project) = api.project_folder().await? else {
            let message = "no project folder is chosen, so there is no file to open";
            return Err(ApiError::new(ErrorCode::NoProject, message));
        };
        let Some(file) = local_file(&project, &self.file) else {
            let message = format!("{} is not in the project {}", self.file, project.display());
            return Err(ApiError::new(ErrorCode::NotFound, message));
        };
        open(&project.join(file), self.line)
    }
}

fn open(file: &Path, line: u32) -> Result<(), ApiError> {
    let path = file.to_string_lossy();
    for (program, arguments) in EDITORS {
        let mut command = tokio::process::Command::new(program);
        command.args(arguments(&path, line));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.spawn() {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(ApiError::internal(&format!("cannot start {program}"), error));
            }
        }
    }
    let message = format!("no editor was found to open {path}");
    Err(ApiError::new(ErrorCode::NotFound, message))
}
