//! `--no-wait`: the work goes on in a process of its own, which says what it started and is then
//! left alone.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use hindcast_api::view::RerunStarted;
use hindcast_api::{Note, Notes};

use crate::exit::{Done, Exit, Failure};
use crate::screen::Screen;

/// Tells the process that does the work that it is the one.
const MARK: &str = "HINDCAST_IN_BACKGROUND";

/// Whether this process was started to do the work.
pub(crate) fn is_here() -> bool {
    std::env::var_os(MARK).is_some()
}

/// Starts this same command line in the background, and says what it started.
pub(crate) fn start(screen: &mut Screen, json: bool) -> Done {
    let program = std::env::current_exe().map_err(Failure::Output)?;
    let mut child = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(MARK, "1")
        // A press of Ctrl+C here is not meant for it.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Failure::Output)?;
    let mut said = String::new();
    if let Some(output) = child.stdout.take() {
        BufReader::new(output).read_line(&mut said).map_err(Failure::Output)?;
    }
    let Ok(started) = serde_json::from_str::<RerunStarted>(&said) else {
        return Err(Failure::Usage(why_it_ended(&mut child)));
    };
    if json {
        screen.json(&started).map_err(Failure::Output)?;
    } else {
        let what = started.executions.join(", ");
        screen.line(&format!("{what} in {}", started.environment)).map_err(Failure::Output)?;
    }
    Ok(Exit::Well)
}

/// What a process complained of that ended before it started anything.
fn why_it_ended(child: &mut std::process::Child) -> String {
    let mut said = String::new();
    if let Some(mut errors) = child.stderr.take() {
        // What could be read is what there is to tell.
        let _ = errors.read_to_string(&mut said);
    }
    let said = said.trim().trim_start_matches("hindcast: ");
    if said.is_empty() { "the work could not be started".to_owned() } else { said.to_owned() }
}

/// Says what was started, then does the work without another word.
pub(crate) async fn work(started: &RerunStarted, mut notes: Notes) -> Done {
    let line = serde_json::to_string(started).map_err(|error| Failure::Output(error.into()))?;
    writeln!(std::io::stdout(), "{line}").map_err(Failure::Output)?;
    while let Some(note) = notes.next().await {
        match note {
            Note::Done(done) => {
                return Ok(if done.succeeded { Exit::Well } else { Exit::StepFailed });
            }
            Note::Lost(error) => return Err(error.into()),
            _ => {}
        }
    }
    Ok(Exit::StepFailed)
}
