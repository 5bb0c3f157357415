//! Long texts and bytes page by page, a search in a value, and values as files.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use hindcast_model::{Blobs, Content, Data};

use super::assets::{extension, shown};
use crate::api::Answered;
use crate::calls::{FindInValue, GetBytes, GetText, SaveValue};
use crate::choice::SaveForm;
use crate::find::find;
use crate::handle::ValueHandle;
use crate::json::plain_json;
use crate::tree::at;
use crate::view::{BytesPage, TextPage, ValueMatches, WrittenFile};
use crate::{Api, ApiError, ErrorCode};

/// How long a page of text is at most, in characters.
const TEXT_PAGE: u32 = 100_000;
/// How long a page of bytes is at most.
const BYTES_PAGE: u32 = 8192;
/// How many files of one name are looked at before giving up.
const MOST_NAMES: u32 = 1000;

impl Answered for GetText {
    async fn answer(self, api: &Api) -> Result<TextPage, ApiError> {
        self.look(api, |call, node, _| match node {
            Data::Str(text) => {
                let limit = call.limit.min(TEXT_PAGE) as usize;
                let page = text.chars().skip(call.offset as usize).take(limit).collect();
                let count = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
                Ok(TextPage { offset: call.offset, count, text: page })
            }
            _ => Err(ApiError::new(ErrorCode::BadRequest, "what stands there is no text")),
        })
        .await
    }
}

impl Answered for GetBytes {
    async fn answer(self, api: &Api) -> Result<BytesPage, ApiError> {
        self.look(api, |call, node, blobs| {
            let bytes = bytes(node, blobs)?;
            let from = bytes.len().min(call.offset as usize);
            let to = bytes.len().min(from + call.limit.min(BYTES_PAGE) as usize);
            let hex =
                bytes.get(from..to).unwrap_or_default().iter().map(|byte| format!("{byte:02x}"));
            Ok(BytesPage {
                offset: call.offset,
                count: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                hex: hex.collect(),
                shows: (call.offset == 0).then(|| shown(&bytes)),
            })
        })
        .await
    }
}

impl Answered for FindInValue {
    async fn answer(self, api: &Api) -> Result<ValueMatches, ApiError> {
        if self.text.is_empty() {
            return Ok(ValueMatches { matches: Vec::new(), more: false });
        }
        self.look(api, |call, node, _| Ok(find(node, &call.text))).await
    }
}

impl Answered for SaveValue {
    async fn answer(self, api: &Api) -> Result<WrittenFile, ApiError> {
        self.look(api, |call, node, blobs| {
            let (bytes, extension) = match call.form {
                SaveForm::Python => (node.python(usize::MAX).into_bytes(), "py"),
                SaveForm::Json => (format!("{:#}\n", plain_json(node)).into_bytes(), "json"),
                SaveForm::Raw => raw(node, blobs)?,
            };
            write(Path::new(&call.folder), &file_name(&call.handle), extension, &bytes)
        })
        .await
    }
}

/// A call about one node of a value.
trait About: Send + 'static {
    fn handle(&self) -> &str;
    fn path(&self) -> &[u32];

    async fn look<T: Send + 'static>(
        self,
        api: &Api,
        look: impl FnOnce(&Self, &Data, &dyn Blobs) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        Self: Sized,
    {
        let (blobs, loaded) = (api.blobs().clone(), api.loaded().clone());
        api.read(move |store| {
            let handle: ValueHandle = self.handle().parse()?;
            let data = handle.find(store, &loaded)?.decode(&blobs);
            let node = at(&data, self.path()).ok_or_else(super::value::no_node)?;
            look(&self, node, &blobs)
        })
        .await
    }
}

macro_rules! about {
    ($($call:ty),*) => {
        $(impl About for $call {
            fn handle(&self) -> &str {
                &self.handle
            }
            fn path(&self) -> &[u32] {
                &self.path
            }
        })*
    };
}

about!(GetText, GetBytes, FindInValue, SaveValue);

/// The bytes of a fragment: a pickle's too, which nobody opens.
fn bytes(node: &Data, blobs: &dyn Blobs) -> Result<std::sync::Arc<[u8]>, ApiError> {
    match node {
        Data::Fragment(fragment) => match &fragment.content {
            Content::Bytes(bytes) => Ok(bytes.clone()),
            _ => blobs.get(&fragment.key).ok_or_else(|| {
                let message = format!("its blob {} is not in the store", fragment.key);
                ApiError::new(ErrorCode::NotFound, message)
            }),
        },
        _ => Err(ApiError::new(ErrorCode::BadRequest, "what stands there is not kept as bytes")),
    }
}

/// The content as it is, with the ending its file is to have.
fn raw(node: &Data, blobs: &dyn Blobs) -> Result<(Vec<u8>, &'static str), ApiError> {
    if let Data::Str(text) = node {
        return Ok((text.clone().into_bytes(), "txt"));
    }
    let bytes = bytes(node, blobs)?;
    let extension = match node {
        Data::Fragment(fragment) if fragment.format == "pickle" => "pickle",
        Data::Fragment(fragment) if fragment.format == "parquet" => "parquet",
        Data::Fragment(fragment) if fragment.format == "json" => "json",
        _ => extension(&bytes),
    };
    Ok((bytes.to_vec(), extension))
}

/// A name for the file of a value: `result-R6Lf-36-2`.
fn file_name(handle: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    handle.chars().map(plain).collect()
}

/// Writes a new file into the folder, numbered where there is one of that name; overwrites nothing.
fn write(
    folder: &Path,
    name: &str,
    extension: &str,
    bytes: &[u8],
) -> Result<WrittenFile, ApiError> {
    if !folder.is_absolute() {
        let message = format!("{}: the path of the folder is not absolute", folder.display());
        return Err(ApiError::new(ErrorCode::BadRequest, message));
    }
    let failed = |path: &Path, error: std::io::Error| {
        ApiError::internal(&format!("cannot write {}", path.display()), error)
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    for number in 1..=MOST_NAMES {
        let numbered = if number == 1 { String::new() } else { format!("-{number}") };
        let path: PathBuf = folder.join(format!("{name}{numbered}.{extension}"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(bytes).map_err(|error| failed(&path, error))?;
                return Ok(WrittenFile {
                    path: path.to_string_lossy().into_owned(),
                    size: bytes.len() as u64,
                });
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(&path, error)),
        }
    }
    let message = format!("{} holds {MOST_NAMES} files of that name", folder.display());
    Err(ApiError::new(ErrorCode::BadRequest, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_beside_those_there() {
        let folder = tempfile::tempdir().unwrap();
        let name = file_name("result/R6Lf:36:2");
        for (content, expected) in
            [("one", "result-R6Lf-36-2.json"), ("two", "result-R6Lf-36-2-2.json")]
        {
            let written = write(folder.path(), &name, "json", content.as_bytes()).unwrap();
            assert_eq!(Path::new(&written.path).file_name().unwrap(), expected);
            assert_eq!(std::fs::read_to_string(written.path).unwrap(), content);
        }
        assert!(write(Path::new("here"), &name, "json", b"").is_err());
    }
}
