//! Any lines at all from an executor.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_engine::BlobFiles;
use hindcast_engine::codec::{Conversation, SdkVersion, greeting};
use hindcast_model::{BlobKey, Encoding};

/// The lines of a process, to all versions of the protocol.
pub(crate) fn lines(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let execution = "Rfzz:1:1".parse().expect("an execution id");
    for version in [
        SdkVersion::Bridged,
        SdkVersion::V0_9,
        SdkVersion::V0_10,
        SdkVersion::V0_11,
        SdkVersion::V0_12,
    ] {
        let folder = PathBuf::from("/nowhere");
        let blobs = Arc::new(Nothing);
        let mut conversation =
            Conversation::new(version, &execution, folder, blobs, Encoding::default());
        for line in text.lines() {
            drop(greeting(line));
            drop(conversation.hear(line));
            drop(conversation.hear_long(line, line.len() as u64 + 1));
        }
    }
}

/// Keeps nothing and has nothing: lines name files, and a fuzzer names any.
struct Nothing;

impl BlobFiles for Nothing {
    fn keep(&self, bytes: &[u8]) -> io::Result<BlobKey> {
        Ok(BlobKey::of(bytes))
    }

    fn keep_file(&self, _: &Path) -> io::Result<(BlobKey, u64)> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn file(&self, _: &BlobKey) -> Option<PathBuf> {
        None
    }
}
