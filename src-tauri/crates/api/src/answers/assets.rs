//! Assets: listed, shown, written to a folder.

mod write;

use self::write::Listed;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hindcast_model::record::StoredRun;
use hindcast_model::{Asset, AssetEntry, AssetId, Environment, Execution, ExecutionId};
use hindcast_store::{BlobStore, Store};

use crate::api::Answered;
use crate::calls::{ExportAssets, GetAsset, GetAssets};
use crate::seen::Seen;
use crate::view::{AssetFile, AssetPreview, AssetView, AssetsReport};
use crate::{Api, ApiError};

/// How much of a text is shown, in bytes.
const LONGEST_TEXT: usize = 256 << 10;
/// How large a picture is shown, in bytes.
const LARGEST_PICTURE: usize = 4 << 20;
/// A file above this size is not even looked into, in bytes.
const LARGEST: u64 = 64 << 20;

impl Answered for GetAssets {
    async fn answer(self, api: &Api) -> Result<Vec<AssetView>, ApiError> {
        let (blobs, loaded) = (api.blobs().clone(), api.loaded().clone());
        api.read(move |store| {
            let id: ExecutionId = self.execution.parse()?;
            let stored = loaded.run(store, id.run())?.stored;
            let execution = execution(&stored, &id)?;
            let environments = store.environments()?;
            let environment = environments.of_workspace(&execution.workspace_id);
            let environment = environment.ok_or_else(|| ApiError::not_found("execution", &id))?;
            persisted(store, execution, environment, &blobs)
        })
        .await
    }
}

impl Answered for GetAsset {
    async fn answer(self, api: &Api) -> Result<AssetPreview, ApiError> {
        let (blobs, loaded) = (api.blobs().clone(), api.loaded().clone());
        api.read(move |store| {
            let id: ExecutionId = self.execution.parse()?;
            let asset: AssetId = self.asset.parse()?;
            let stored = loaded.run(store, id.run())?.stored;
            let known = execution(&stored, &id)?.assets.get(&asset);
            let known = known.ok_or_else(|| ApiError::not_found("asset", &asset))?;
            let mut files = files(store, &asset, known)?.into_iter();
            let file = files.find(|file| file.path == self.path);
            let file = file.ok_or_else(|| ApiError::not_found("file", &self.path))?;
            preview(&blobs, &file)
        })
        .await
    }
}

impl Answered for ExportAssets {
    async fn answer(self, api: &Api) -> Result<AssetsReport, ApiError> {
        let (blobs, loaded) = (api.blobs().clone(), api.loaded().clone());
        api.read(move |store| {
            let id: ExecutionId = self.execution.parse()?;
            let stored = loaded.run(store, id.run())?.stored;
            let mut listed = Vec::new();
            for (asset, known) in &execution(&stored, &id)?.assets {
                let files = files(store, asset, known)?;
                listed.push(Listed { id: asset.clone(), count: known.total_count, files });
            }
            write::write(&blobs, &listed, self.folder.as_ref())
        })
        .await
    }
}

fn execution<'a>(stored: &'a StoredRun, id: &ExecutionId) -> Result<&'a Execution, ApiError> {
    stored.run.execution(id).ok_or_else(|| ApiError::not_found("execution", id))
}

/// The assets that these executions persisted.
pub(crate) fn assets(
    store: &Store,
    seen: &Seen,
    blobs: &BlobStore,
    executions: &[ExecutionId],
) -> Result<Vec<AssetView>, ApiError> {
    let mut views = Vec::new();
    for id in executions {
        let Some(execution) = seen.run().execution(id) else { continue };
        let Some(environment) = seen.environment(execution) else { continue };
        views.extend(persisted(store, execution, environment, blobs)?);
    }
    Ok(views)
}

fn persisted(
    store: &Store,
    execution: &Execution,
    environment: &Environment,
    blobs: &BlobStore,
) -> Result<Vec<AssetView>, ApiError> {
    let file = |file: AssetEntry| AssetFile {
        here: blobs.has(&file.blob_key),
        media_type: file.metadata.get("type").and_then(|one| one.as_str()).map(str::to_owned),
        path: file.path,
        size: file.size,
    };
    let view = |(asset, known): (&AssetId, &Asset)| -> Result<AssetView, ApiError> {
        Ok(AssetView {
            asset: asset.to_string(),
            execution: execution.execution_id.to_string(),
            environment: environment.name.to_string(),
            name: known.name.clone(),
            count: known.total_count,
            size: known.total_size.as_f64().unwrap_or_default(),
            files: files(store, asset, known)?.into_iter().map(file).collect(),
        })
    };
    execution.assets.iter().map(view).collect()
}

/// The files of an asset, as far as they are known: an export names the file only of an asset that
/// has exactly one.
fn files(store: &Store, id: &AssetId, asset: &Asset) -> Result<Vec<AssetEntry>, ApiError> {
    let listed = store.asset_entries(id)?;
    Ok(if listed.is_empty() { asset.entry.iter().cloned().collect() } else { listed })
}

fn preview(blobs: &BlobStore, file: &AssetEntry) -> Result<AssetPreview, ApiError> {
    let nothing = |reason: &str| Ok(AssetPreview::Nothing { reason: reason.to_owned() });
    let Ok(found) = blobs.path(&file.blob_key).metadata() else {
        return nothing("its content is not in the store");
    };
    if found.len() > LARGEST {
        return nothing("it is too large to be shown");
    }
    match blobs.read(&file.blob_key)? {
        Some(bytes) => Ok(shown(&bytes)),
        None => nothing("its content is not in the store"),
    }
}

/// What the bytes are, shown as far as it goes.
pub(crate) fn shown(bytes: &[u8]) -> AssetPreview {
    let nothing = |reason: &str| AssetPreview::Nothing { reason: reason.to_owned() };
    match (picture_type(bytes), text(bytes)) {
        (Some(_), _) if bytes.len() > LARGEST_PICTURE => {
            nothing("the picture is too large to be shown")
        }
        (Some(media_type), _) => {
            let content = STANDARD.encode(bytes);
            AssetPreview::Picture { url: format!("data:{media_type};base64,{content}") }
        }
        (None, Some((text, cut))) => AssetPreview::Text { text: text.to_owned(), cut },
        (None, None) => nothing("it is neither text nor a picture that can be shown"),
    }
}

/// The ending that a file of these bytes is to have.
pub(crate) fn extension(bytes: &[u8]) -> &'static str {
    match picture_type(bytes).map(|kind| kind.trim_start_matches("image/")) {
        Some("jpeg") => "jpg",
        Some(kind) => kind,
        None if text(bytes).is_some() => "txt",
        None => "bin",
    }
}

fn picture_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// The text at the beginning, and whether there is more; none if it is none.
fn text(bytes: &[u8]) -> Option<(&str, bool)> {
    let start = bytes.get(..LONGEST_TEXT).unwrap_or(bytes);
    let cut = start.len() < bytes.len();
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        // The cut may go through a character.
        Err(error) if cut && error.error_len().is_none() => {
            std::str::from_utf8(start.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    (!text.contains('\0')).then_some((text, cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8]) -> String {
        match shown(bytes) {
            AssetPreview::Text { text, cut } => format!("text {} {cut}", text.len()),
            AssetPreview::Picture { url } => url,
            AssetPreview::Nothing { reason } => reason,
        }
    }

    #[test]
    fn a_file_is_shown_by_what_is_in_it_and_never_more_than_fits() {
        let cut_through_a_letter = ["a", &"ü".repeat(LONGEST_TEXT)].concat();
        let large = [b"GIF89a".as_slice(), &vec![0; LARGEST_PICTURE]].concat();
        for (bytes, expected) in [
            (b"a,b\n1,2\n".as_slice(), "text 8 false"),
            (b"", "text 0 false"),
            (b"<svg onload='alert(1)'/>", "text 24 false"),
            (cut_through_a_letter.as_bytes(), "text 262143 true"),
            (b"GIF89a", "data:image/gif;base64,R0lGODlh"),
            (b"RIFF\0\0\0\0WEBP", "data:image/webp;base64,UklGRgAAAABXRUJQ"),
            (&large, "the picture is too large to be shown"),
            (b"PK\x03\x04\0\0", "it is neither text nor a picture that can be shown"),
            (b"\xff\xfe\xfd", "it is neither text nor a picture that can be shown"),
        ] {
            assert_eq!(kind(bytes), expected);
        }
    }
}
