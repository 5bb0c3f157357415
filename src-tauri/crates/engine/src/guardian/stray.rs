//! Ends a process with everything below it.

use std::path::Path;
use std::time::Duration;

use nix::sys::signal::{Signal, kill as signal, killpg};
use nix::unistd::Pid;

/// The environment variable that marks an executor and whatever it starts.
pub(crate) const MARK: &str = "HINDCAST_EXECUTION";

/// What that variable holds for those that have this scratch directory: its name.
pub(crate) fn mark_of(scratch: &Path) -> String {
    scratch.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// How often strays are looked for: a process may start another while it is being ended, and on a
/// machine with much to do one that is killed is not gone at once.
const ROUNDS: u32 = 20;

/// How much longer each round waits than the one before: a fifth of a second in all.
const PAUSE: Duration = Duration::from_millis(1);

/// Kills the process group that `pid` leads, and every process that carries `mark`, also where it
/// has left the group. Nothing can refuse.
pub(crate) fn kill(pid: i32, mark: &str) {
    // The group may be gone already; that is what we want.
    let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
    for round in 0..ROUNDS {
        let strays = carriers(mark);
        if strays.is_empty() {
            return;
        }
        for stray in strays {
            // As above.
            let _ = signal(Pid::from_raw(stray), Signal::SIGKILL);
        }
        std::thread::sleep(PAUSE * round);
    }
}

/// The processes of ours whose environment carries the mark. Only Linux shows it; elsewhere a
/// process that leaves its group escapes.
fn carriers(mark: &str) -> Vec<i32> {
    let wanted = format!("{MARK}={mark}");
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &i32| {
        std::fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
            environment.split(|byte| *byte == 0).any(|pair| pair == wanted.as_bytes())
        })
    })
    .collect()
}
