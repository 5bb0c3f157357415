//! What this process and all below it take while something goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep};
use std::time::Duration;

/// The most that was seen at once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Footprint {
    /// Processes below this one.
    pub(super) processes: usize,
    /// Their memory and our own, in MB; what they share is counted once.
    pub(super) memory: f64,
    /// Files and pipes that this process has open.
    pub(super) descriptors: usize,
}

/// Looks again and again until it is asked.
pub(super) struct Looking {
    done: Arc<AtomicBool>,
    thread: JoinHandle<Footprint>,
}

impl Looking {
    pub(super) fn begin() -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&done);
        let thread = std::thread::spawn(move || {
            let mut most = Footprint::default();
            while !end.load(Ordering::Relaxed) {
                let now = look();
                most.processes = most.processes.max(now.processes);
                most.memory = most.memory.max(now.memory);
                most.descriptors = most.descriptors.max(now.descriptors);
                sleep(Duration::from_millis(20));
            }
            most
        });
        Self { done, thread }
    }

    /// The most that was seen; nothing if nobody could look.
    pub(super) fn end(self) -> Footprint {
        self.done.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

fn look() -> Footprint {
    let own = std::process::id();
    let mut below = BTreeSet::from([own]);
    let parents = parents();
    // A process is mostly younger than the one that started it; once more for those that are not.
    for _ in 0..2 {
        for (process, parent) in &parents {
            if below.contains(parent) {
                below.insert(*process);
            }
        }
    }
    Footprint {
        processes: below.len() - 1,
        memory: below.iter().map(|process| memory(*process)).sum(),
        descriptors: fs::read_dir("/proc/self/fd").map_or(0, Iterator::count),
    }
}

/// Each process with the one that started it.
fn parents() -> BTreeMap<u32, u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let parent = |process: u32| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // After the name, which may hold anything, come the state and the parent.
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
    };
    numbers.filter_map(|process| Some((process, parent(process)?))).collect()
}

/// A process's share of memory, in MB.
fn memory(process: u32) -> f64 {
    let told = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
    kib.unwrap_or(0.0) * 1024.0 / 1_000_000.0
}
