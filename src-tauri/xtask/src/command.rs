//! Running other programs, saying which.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::paths;
use crate::{Failure, Result};

/// A command started in the checkout's top folder.
pub(crate) fn command<A: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = A>,
) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(paths::root());
    command
}

/// Says the command, runs it with our own output, and fails when it does.
pub(crate) fn run(command: &mut Command) -> Result {
    println!("$ {}", said(command));
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("{} failed: {status}", said(command))))
    }
}

/// Says the command and runs it, and passes on what it says only when it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result {
    println!("$ {}", said(command));
    let output = command.output().map_err(|error| not_started(command, &error))?;
    if output.status.success() {
        return Ok(());
    }
    let complained = String::from_utf8_lossy(&output.stderr);
    println!("{}\n{complained}", String::from_utf8_lossy(&output.stdout));
    Err(Failure::new(format!("{} failed: {}", said(command), output.status)))
}

/// What a command said on its standard output; `None` when it failed or is not there.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// What a command that was followed said, and its exit status, if it was not killed.
pub(crate) struct Followed {
    pub(crate) said: String,
    pub(crate) status: Option<i32>,
}

impl Followed {
    pub(crate) fn well(&self) -> bool {
        self.status == Some(0)
    }
}

/// Says the command, runs it, passes its standard output on line by line, and keeps it.
pub(crate) fn follow(command: &mut Command) -> Result<Followed> {
    println!("$ {}", said(command));
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(command, &error))?;
    let mut kept = String::new();
    for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).split(b'\n')) {
        let line = line.map_err(|error| not_started(command, &error))?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        kept.push_str(&line);
        kept.push('\n');
    }
    let status = child.wait().map_err(|error| not_started(command, &error))?;
    Ok(Followed { said: kept, status: status.code() })
}

/// Whether a program of this name can be started.
pub(crate) fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot run {}: {error}", said(command)))
}

/// The command as one would type it in the checkout's top folder.
pub(crate) fn said(command: &Command) -> String {
    let mut line = String::new();
    if let Some(folder) = command.get_current_dir().filter(|folder| *folder != paths::root()) {
        let _ = write!(line, "cd {} && ", shown(folder.as_os_str()));
    }
    line.push_str(&shown(command.get_program()));
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&shown(argument));
    }
    line
}

fn shown(word: &OsStr) -> String {
    let path = Path::new(word);
    let word = path.strip_prefix(paths::root()).unwrap_or(path).to_string_lossy();
    if word.is_empty() || word.contains([' ', '"', '$', '{']) {
        format!("'{word}'")
    } else {
        word.into_owned()
    }
}
