//! Opening a frame of a traceback in the editor.

use std::path::Path;
use std::process::Stdio;

use crate::api::Answered;
use crate::calls::{GetSetting, OpenInEditor};
use crate::frame::local_file;
use crate::{Api, ApiError, ErrorCode, shell_words};

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
        let command = api.ask(GetSetting { key: EDITOR.to_owned() }).await?;
        open(command.as_deref(), &project.join(file), self.line)
    }
}

/// The setting that holds the person's own editor command, if they named one.
const EDITOR: &str = "editor";

/// The words of the person's own editor command, with the file and the line in place; where the
/// command says neither, the file comes last.
fn own(command: &str, file: &str, line: u32) -> Result<Vec<String>, ApiError> {
    let mut words = shell_words(command).map_err(|reason| {
        let message = format!("the editor command {command}: {reason}; see the settings");
        ApiError::new(ErrorCode::BadRequest, message)
    })?;
    let placed = words.iter().any(|word| word.contains("{file}"));
    for word in &mut words {
        *word = word.replace("{file}", file).replace("{line}", &line.to_string());
    }
    if !placed {
        words.push(file.to_owned());
    }
    Ok(words)
}

fn open(own_command: Option<&str>, file: &Path, line: u32) -> Result<(), ApiError> {
    let path = file.to_string_lossy();
    if let Some(command) = own_command.filter(|command| !command.trim().is_empty()) {
        let words = own(command, &path, line)?;
        let Some((program, arguments)) = words.split_first() else { return Ok(()) };
        return start(program, arguments).map_err(|error| {
            let message = format!("the editor {program} cannot be started: {error}");
            ApiError::new(ErrorCode::BadRequest, message)
                .with_detail("The editor command stands in the settings.")
        });
    }
    for (program, arguments) in EDITORS {
        match start(program, &arguments(&path, line)) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(ApiError::internal(&format!("cannot start {program}"), error));
            }
        }
    }
    let message = format!("no editor was found to open {path}; name yours in the settings");
    Err(ApiError::new(ErrorCode::NotFound, message))
}

fn start(program: &str, arguments: &[String]) -> std::io::Result<()> {
    let mut command = tokio::process::Command::new(program);
    command.args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_editor_is_told_the_file_and_the_line() {
        for (command, expected) in [
            ("code --goto {file}:{line}", vec!["code", "--goto", "/a b/x.py:7"]),
            ("'my editor' +{line} {file}", vec!["my editor", "+7", "/a b/x.py"]),
            ("gedit", vec!["gedit", "/a b/x.py"]),
        ] {
            assert_eq!(own(command, "/a b/x.py", 7).unwrap(), expected);
        }
        assert!(own("'open", "x.py", 1).unwrap_err().message.contains("a quote is not closed"));
    }
}
