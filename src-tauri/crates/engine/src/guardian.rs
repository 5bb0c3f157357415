//! A process that outlives us by a moment: however we end, it ends what we started.
//!
//! The engine starts its own binary again as `PROGRAM __guardian` and holds a pipe to it. It tells
//! the guardian each executor before that executor is told what to run. When the pipe closes (also
//! because we were killed), the guardian kills every executor it knows of with everything below it,
//! and removes their scratch directories.

mod home;
mod stray;

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use home::Home;
pub(crate) use stray::{MARK, kill, mark_of};

/// The word that makes a binary the guardian.
const WORD: &str = "__guardian";

/// How scratch directories begin; the guardian removes no other.
const SCRATCH: &str = "hindcast-exec-";

/// Something to end.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Ward {
    /// The process, which leads its group.
    pid: i32,
    /// What its environment is marked with, and that of everything below it.
    mark: String,
    /// Its scratch directory.
    scratch: PathBuf,
}

/// What the guardian is told, one JSON line each.
#[derive(Debug, Serialize, Deserialize)]
enum Word {
    Watch(Ward),
    Forget(i32),
    /// Where all scratch directories are.
    Home(PathBuf),
}

/// Serves as the guardian and does not return, if this process was started as one. To be called
/// first thing in `main` of every binary that runs an engine.
pub fn main_if_asked() {
    if std::env::args_os().nth(1).is_some_and(|word| word == WORD) {
        watch(io::stdin().lock());
        std::process::exit(0);
    }
}

/// Listens until the engine is gone, then ends what is left.
fn watch(from: impl BufRead) {
    let mut wards = BTreeMap::new();
    let mut homes = Vec::new();
    for line in from.lines() {
        let Ok(line) = line else { break };
        match serde_json::from_str(&line) {
            Ok(Word::Watch(ward)) => {
                wards.insert(ward.pid, ward);
            }
            Ok(Word::Forget(pid)) => {
                wards.remove(&pid);
            }
            Ok(Word::Home(home)) => homes.push(home),
            Err(_) => {}
        }
    }
    for ward in wards.values() {
        kill(ward.pid, &ward.mark);
        remove(&ward.scratch);
    }
    // Also what was made a moment before it was told.
    for home in homes {
        home::remove(&home);
    }
}

/// Removes a scratch directory, and nothing that is not one.
fn remove(scratch: &Path) {
    let name = scratch.file_name().and_then(|name| name.to_str());
    if name.is_some_and(|name| name.starts_with(SCRATCH)) {
        // What cannot be removed stays for the system's own cleaning of temporary files.
        let _ = std::fs::remove_dir_all(scratch);
    }
}

/// The engine's end of the pipe.
#[derive(Debug)]
pub struct Guardian {
    program: PathBuf,
    state: Mutex<State>,
    home: Home,
}

#[derive(Debug)]
struct State {
    process: Child,
    pipe: Option<ChildStdin>,
    wards: BTreeMap<i32, Ward>,
}

/// While this is held, the guardian watches a process.
#[derive(Debug)]
pub(crate) struct Watch {
    guardian: Arc<Guardian>,
    pid: i32,
}

impl Guardian {
    /// Starts `program` (which calls [`main_if_asked`]) as guardian.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(program: &Path) -> io::Result<Self> {
        let place = Home::place(&std::env::temp_dir());
        let (process, pipe) = spawn(program)?;
        let mut state = State { process, pipe, wards: BTreeMap::new() };
        // Before it is there, so that there is no moment in which it would be left.
        state.say(&Word::Home(place.clone()))?;
        let home = Home::make(place)?;
        Ok(Self { program: program.to_owned(), state: Mutex::new(state), home })
    }

    /// A fresh scratch directory. It is gone with its holder, with the guardian, or, if both were
    /// killed, when the next engine starts.
    pub(crate) fn scratch(&self) -> io::Result<TempDir> {
        tempfile::Builder::new().prefix(SCRATCH).tempdir_in(self.home.path())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a process watched. Call it before the process can have started others.
    ///
    /// # Errors
    /// If the guardian is gone and cannot be started again.
    pub(crate) fn watch(
        self: &Arc<Self>,
        pid: i32,
        mark: &str,
        scratch: &Path,
    ) -> io::Result<Watch> {
        let ward = Ward { pid, mark: mark.to_owned(), scratch: scratch.to_owned() };
        let mut state = self.state();
        state.wards.insert(pid, ward.clone());
        if state.say(&Word::Watch(ward)).is_err() {
            self.start_again(&mut state)?;
        }
        drop(state);
        Ok(Watch { guardian: Arc::clone(self), pid })
    }

    /// Somebody ended the guardian: another takes its place.
    fn start_again(&self, state: &mut State) -> io::Result<()> {
        let (process, pipe) = spawn(&self.program)?;
        let mut old = std::mem::replace(&mut state.process, process);
        old.wait()?;
        state.pipe = pipe;
        state.say(&Word::Home(self.home.path().to_owned()))?;
        let wards: Vec<Ward> = state.wards.values().cloned().collect();
        wards.into_iter().try_for_each(|ward| state.say(&Word::Watch(ward)))
    }
}

impl State {
    fn say(&mut self, word: &Word) -> io::Result<()> {
        let mut line = serde_json::to_string(word)?;
        line.push('\n');
        let pipe = self.pipe.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        pipe.write_all(line.as_bytes())
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        let mut state = self.state();
        state.pipe = None;
        // It ends as soon as its pipe is closed; there is nothing to do if it is gone already.
        let _ = state.process.wait();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut state = self.guardian.state();
        state.wards.remove(&self.pid);
        // A guardian that is gone has forgotten already.
        let _ = state.say(&Word::Forget(self.pid));
    }
}

/// In a process group of its own, so that what interrupts us at the terminal does not reach it.
fn spawn(program: &Path) -> io::Result<(Child, Option<ChildStdin>)> {
    let mut command = Command::new(program);
    command.arg(WORD).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = command.process_group(0).spawn()?;
    let pipe = process.stdin.take();
    Ok((process, pipe))
}
