//! What the file system tells of a save, and which files are being written meanwhile.

use std::collections::BTreeSet;
use std::path::PathBuf;

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RenameMode};
use notify::{Event, EventKind};

/// A notice after which Python files may be others than they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Notice {
    /// These are being written: they are closed when that is done. (Where the system tells of that.)
    Written(Vec<PathBuf>),
    /// These stand in their places now, whole, or are gone.
    Whole(Vec<PathBuf>),
    /// Something else.
    Other,
}

impl Notice {
    /// What an event tells, if it can have to do with code. Reading files changes nothing.
    pub(super) fn of(event: &Event) -> Option<Self> {
        if event.need_rescan() {
            // There was more than the system could tell of.
            return Some(Self::Other);
        }
        let is_code = |path: &&PathBuf| {
            let is_python = path.extension().is_some_and(|extension| extension == "py");
            // A folder that comes or goes takes its files with it.
            is_python || path.extension().is_none()
        };
        let paths: Vec<PathBuf> = event.paths.iter().filter(is_code).cloned().collect();
        if paths.is_empty() {
            return None;
        }
        match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write))
            | EventKind::Remove(_)
            | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) => {
                Some(Self::Whole(paths))
            }
            EventKind::Access(_) => None,
            EventKind::Create(CreateKind::File) | EventKind::Modify(ModifyKind::Data(_)) => {
                Some(Self::Written(paths))
            }
            _ => Some(Self::Other),
        }
    }
}

/// The files that are being written, as far as is known.
#[derive(Debug, Default)]
pub(super) struct Written {
    open: BTreeSet<PathBuf>,
    /// Something was heard of which no end is told.
    unsure: bool,
}

impl Written {
    pub(super) fn heard(&mut self, notice: Notice) {
        match notice {
            Notice::Written(paths) => self.open.extend(paths),
            Notice::Whole(paths) => paths.iter().for_each(|path| {
                self.open.remove(path);
            }),
            Notice::Other => self.unsure = true,
        }
    }

    /// Whether all that was written has been closed.
    pub(super) fn is_closed(&self) -> bool {
        self.open.is_empty() && !self.unsure
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::DataChange;

    fn event(kind: EventKind, path: &str) -> Event {
        Event::new(kind).add_path(path.into())
    }

    #[test]
    fn a_file_is_open_from_its_first_change_until_it_is_closed() {
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        let closed = EventKind::Access(AccessKind::Close(AccessMode::Write));
        let put = EventKind::Modify(ModifyKind::Name(RenameMode::To));
        let away = EventKind::Modify(ModifyKind::Name(RenameMode::From));
        let script = [
            (written, "/p/a.py", false),
            (written, "/p/b.py", false),
            (closed, "/p/a.py", false),
            (closed, "/p/b.py", true),
            (put, "/p/a.py", true),
            // Another may be put there, or not.
            (away, "/p/a.py", false),
        ];
        let mut known = Written::default();
        for (kind, path, expected) in script {
            known.heard(Notice::of(&event(kind, path)).unwrap());
            assert_eq!(known.is_closed(), expected, "{kind:?} {path}");
        }
        assert_eq!(Notice::of(&event(written, "/p/notes.txt")), None);
        let read = EventKind::Access(AccessKind::Open(AccessMode::Any));
        assert_eq!(Notice::of(&event(read, "/p/a.py")), None);
        // The system lost some.
        let lost = Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan);
        assert_eq!(Notice::of(&lost), Some(Notice::Other));
    }
}
