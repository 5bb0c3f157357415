//! Files that an executor persists as an asset.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use hindcast_model::{AssetEntry, Extra};
use serde::Deserialize;
use serde_json::{Map, Value as Any, json};

use super::value::{ValueError, Values};

/// `persist_asset.paths`: a list of absolute paths up to 0.11, a map by path in the asset from 0.12.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum WirePaths {
    List(Vec<PathBuf>),
    Map(BTreeMap<String, PathBuf>),
}

impl WirePaths {
    /// The files by their path in the asset. A list does not say what its paths are relative to:
    /// the working directory where they are in it, else the folder they have in common, so that
    /// sub-directories are kept.
    pub(super) fn by_name(self, working_dir: &Path) -> BTreeMap<String, PathBuf> {
        match self {
            Self::Map(map) => map,
            Self::List(paths) => {
                let base = base(&paths, working_dir);
                paths.into_iter().map(|path| (name(&path, &base), path)).collect()
            }
        }
    }
}

fn base(paths: &[PathBuf], working_dir: &Path) -> PathBuf {
    if paths.iter().all(|path| path.starts_with(working_dir)) {
        return working_dir.to_owned();
    }
    let mut folders = paths.iter().filter_map(|path| path.parent());
    let first = folders.next().unwrap_or(Path::new("")).to_owned();
    folders.fold(first, |common, folder| {
        common
            .components()
            .zip(folder.components())
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a)
            .collect()
    })
}

fn name(path: &Path, base: &Path) -> String {
    let relative = path.strip_prefix(base).unwrap_or(path);
    let parts = relative.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

impl Values {
    /// Keeps an asset's files.
    pub(super) fn take_files(
        &self,
        files: BTreeMap<String, PathBuf>,
    ) -> Result<Vec<AssetEntry>, ValueError> {
        let entry = |(path, file): (String, PathBuf)| {
            let (blob_key, size) = self.keep_file(&file)?;
            let metadata = media_type(&path).map(|kind| ("type".to_owned(), json!(kind)));
            Ok(AssetEntry {
                path,
                blob_key,
                size,
                metadata: metadata.into_iter().collect(),
                extra: Extra::NONE,
            })
        };
        files.into_iter().map(entry).collect()
    }
}

/// A file that the store has already: `[blob_key, size, metadata]`.
pub(super) type WireEntry = (String, u64, Option<Map<String, Any>>);

/// Files that the store has already, by their path.
pub(super) fn known_entries(
    entries: BTreeMap<String, WireEntry>,
) -> Result<Vec<AssetEntry>, ValueError> {
    let entry = |(path, (key, size, metadata)): (String, WireEntry)| {
        let blob_key =
            key.parse().map_err(|_| ValueError::Malformed(format!("the blob key {key:?}")))?;
        Ok(AssetEntry {
            path,
            blob_key,
            size,
            metadata: metadata.unwrap_or_default(),
            extra: Extra::NONE,
        })
    };
    entries.into_iter().map(entry).collect()
}

/// The media type Coflux's worker notes by the file's extension.
fn media_type(path: &str) -> Option<&'static str> {
    let extension = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
    Some(match extension.as_str() {
        "avif" => "image/avif",
        "css" => "text/css; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "gif" => "image/gif",
        "htm" | "html" => "text/html; charset=utf-8",
        "jpeg" | "jpg" => "image/jpeg",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "md" => "text/markdown; charset=utf-8",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webp" => "image/webp",
        "xml" => "text/xml; charset=utf-8",
        "zip" => "application/zip",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_paths_keeps_its_sub_directories() {
        let table: [(&[&str], &[&str]); 4] = [
            (&["/scratch/data/a.csv", "/scratch/b.csv"], &["b.csv", "data/a.csv"]),
            (&["/out/x/a.csv", "/out/y/a.csv"], &["x/a.csv", "y/a.csv"]),
            (&["/out/x/a.csv"], &["a.csv"]),
            (&["/out/a.csv", "/scratch/b.csv"], &["out/a.csv", "scratch/b.csv"]),
        ];
        for (paths, expected) in table {
            let list = WirePaths::List(paths.iter().map(PathBuf::from).collect());
            let names: Vec<String> = list.by_name(Path::new("/scratch")).into_keys().collect();
            assert_eq!(names, expected);
        }
    }
}
