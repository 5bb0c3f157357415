//! Requests about blobs, which are served without asking anybody.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use hindcast_model::BlobKey;
use serde_json::{Value as Any, json};

use super::MessageError;
use super::incoming::{DownloadBlob, UploadBlob};
use super::value::{ValueError, Values};

impl Values {
    /// Copies a blob, or a range of it, to where the SDK wants it.
    pub(super) fn download(&self, request: &DownloadBlob) -> Result<Any, MessageError> {
        let key: BlobKey = request.blob_key.parse()?;
        let source = self.file(key, request.length.unwrap_or(0))?;
        let target = request.target_path.as_path();
        copy(&source, target, request.offset.unwrap_or(0), request.length)
            .map_err(|source| ValueError::File { path: target.to_owned(), source })?;
        Ok(json!({}))
    }

    /// Keeps a file.
    pub(super) fn upload(&self, request: &UploadBlob) -> Result<Any, MessageError> {
        let (key, _) = self.keep_file(&request.source_path)?;
        Ok(json!({"blob_key": key}))
    }
}

fn copy(source: &Path, target: &Path, offset: u64, length: Option<u64>) -> io::Result<()> {
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut from = File::open(source)?;
    from.seek(SeekFrom::Start(offset))?;
    let mut to = File::create(target)?;
    io::copy(&mut from.take(length.unwrap_or(u64::MAX)), &mut to)?;
    Ok(())
}
