//! Watching a project's code: a save becomes one change, told once, with the files it is in.
//!
//! The file system's notices only say when to look. What changed is found by comparing content with
//! a snapshot, so that touching a file, or saving what was there, is no change.

mod notice;
mod settle;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::snapshot::Snapshot;
use notice::{Notice, Written};
use settle::Settle;

/// Where the system gives no notices (a network folder), we look this often.
const LOOK: Duration = Duration::from_secs(1);

/// What was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The files that are not what they were, below the project's folder: saved, removed or new.
    pub files: BTreeSet<String>,
}

/// Watches the Python files beneath a project's folder.
#[derive(Debug)]
pub struct Watch {
    notices: mpsc::UnboundedReceiver<Notice>,
    settle: Settle,
    written: Written,
    begun: Instant,
    /// Gives notices as long as it lives. Without one, we look now and then.
    watcher: Option<RecommendedWatcher>,
}

impl Watch {
    /// Begins to watch this folder.
    #[must_use]
    pub fn begin(folder: &Path) -> Self {
        let (sender, notices) = mpsc::unbounded_channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if let Some(notice) = event.ok().and_then(|event| Notice::of(&event)) {
                // Nobody listens any more: the watch ends.
                let _ = sender.send(notice);
            }
        });
        let watcher = watcher.ok().and_then(|mut watcher| {
            watcher.watch(folder, RecursiveMode::Recursive).ok().map(|()| watcher)
        });
        let (settle, written) = (Settle::default(), Written::default());
        Self { notices, settle, written, begun: Instant::now(), watcher }
    }

    /// Whether the system gives notices; else a change is seen within a second.
    #[must_use]
    pub fn is_noticed(&self) -> bool {
        self.watcher.is_some()
    }

    /// Waits until the code is another than in `last`, and whole. May be dropped and asked again.
    pub async fn changed(&mut self, last: &Arc<Snapshot>) -> Change {
        loop {
            self.wait().await;
            let snapshot = Arc::clone(last);
            let looked = spawn_blocking(move || {
                let files = snapshot.changed();
                let half = files.iter().any(|name| looks_half(&snapshot.folder().join(name)));
                (files, half)
            });
            let Ok((files, half)) = looked.await else { continue };
            if self.settle.is_whole(self.begun.elapsed(), half) {
                self.written = Written::default();
                if !files.is_empty() {
                    return Change { files };
                }
            }
        }
    }

    /// Waits until it is time to look.
    async fn wait(&mut self) {
        loop {
            let due = self.settle.due().map(|due| due.saturating_sub(self.begun.elapsed()));
            let pause = match due {
                Some(due) => due,
                None if self.watcher.is_none() => LOOK,
                None => Duration::MAX,
            };
            tokio::select! {
                notice = self.notices.recv(), if self.watcher.is_some() => match notice {
                    Some(notice) => {
                        self.written.heard(notice);
                        self.settle.heard(self.begun.elapsed(), self.written.is_closed());
                    }
                    None => self.watcher = None,
                },
                () = tokio::time::sleep(pause) => return,
            }
        }
    }
}

/// Whether a file looks as if somebody were in the middle of saving it.
fn looks_half(path: &Path) -> bool {
    path.metadata().map_or(true, |data| data.len() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Snapshots;
    use std::fs;

    /// A way to save.
    type Save = fn(&Path);

    /// How editors save, and the files that are others then.
    const SAVES: [(Save, &[&str]); 4] = [
        (|folder| fs::write(folder.join("a.py"), "A = 2\n").unwrap(), &["a.py"]),
        (
            |folder| {
                fs::rename(folder.join("a.py"), folder.join("a.py~")).unwrap();
                fs::write(folder.join(".a.tmp"), "A = 3\n").unwrap();
                fs::rename(folder.join(".a.tmp"), folder.join("a.py")).unwrap();
            },
            &["a.py"],
        ),
        (
            |folder| {
                fs::write(folder.join("a.py"), "A = 4\n").unwrap();
                fs::write(folder.join("b.py"), "B = 1\n").unwrap();
            },
            &["a.py", "b.py"],
        ),
        (|folder| fs::remove_file(folder.join("b.py")).unwrap(), &["b.py"]),
    ];

    #[tokio::test]
    async fn each_way_to_save_is_one_change() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("project");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.py"), "A = 1\n").unwrap();
        let snapshots = Snapshots::new(place.path().join("kept"));
        let mut watch = Watch::begin(&folder);
        assert!(watch.is_noticed());
        for (number, (save, files)) in SAVES.into_iter().enumerate() {
            let last = Arc::new(snapshots.take(&folder).unwrap());
            // The same content again is no change, and not taken for one with the next.
            fs::write(folder.join("a.py"), fs::read(folder.join("a.py")).unwrap()).unwrap();
            save(&folder);
            let change = watch.changed(&last).await;
            assert_eq!(Vec::from_iter(&change.files), files, "save {number}");
        }
    }
}
