//! Writing the files of assets. Their paths come from whoever ran the code: a path is taken only if
//! it stays below the folder, and nothing that is there already is touched.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use hindcast_model::{AssetEntry, AssetId};
use hindcast_store::BlobStore;

use crate::view::{AssetsReport, MissingFile, WrittenFile};
use crate::{ApiError, ErrorCode};

/// An asset to write.
pub(super) struct Listed {
    pub(super) id: AssetId,
    /// How many files it has.
    pub(super) count: u64,
    /// Those that are known.
    pub(super) files: Vec<AssetEntry>,
}

/// Writes every asset into a new folder of its own below `folder`.
pub(super) fn write(
    blobs: &BlobStore,
    assets: &[Listed],
    folder: &Path,
) -> Result<AssetsReport, ApiError> {
    // Before the first file is written, so that a bad path leaves nothing behind.
    for asset in assets {
        for file in &asset.files {
            check(&file.path)
                .map_err(|why| refused(&asset.id, &format!("{:?}", file.path), why))?;
        }
        let own = folder.join(asset.id.as_str());
        if own.symlink_metadata().is_ok() {
            return Err(refused(&asset.id, &own.display().to_string(), "is there already"));
        }
    }
    let mut report = AssetsReport {
        folder: folder.display().to_string(),
        written: Vec::new(),
        missing: Vec::new(),
        unlisted: 0,
    };
    for asset in assets {
        let unlisted = asset.count.saturating_sub(asset.files.len() as u64);
        report.unlisted = report.unlisted.saturating_add(unlisted);
        write_asset(blobs, asset, folder, &mut report)?;
    }
    Ok(report)
}

/// Writes an asset, under another name first, so that no half asset ever stands there.
fn write_asset(
    blobs: &BlobStore,
    asset: &Listed,
    folder: &Path,
    report: &mut AssetsReport,
) -> Result<(), ApiError> {
    let id = &asset.id;
    if !asset.files.iter().any(|file| blobs.has(&file.blob_key)) {
        report.missing.extend(asset.files.iter().map(|file| missing(id, file)));
        return Ok(());
    }
    let (begun, own) = (folder.join(format!("{id}.part")), folder.join(id.as_str()));
    let failed = |path: &Path, error: io::Error| {
        refused(id, &path.display().to_string(), &error.to_string())
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    fs::create_dir(&begun).map_err(|error| failed(&begun, error))?;
    let written = asset.files.iter().try_for_each(|file| {
        let Some(bytes) = blobs.read(&file.blob_key)? else {
            report.missing.push(missing(id, file));
            return Ok(());
        };
        let path = begun.join(&file.path);
        write_new(&path, &bytes).map_err(|error| failed(&path, error))?;
        let path = own.join(&file.path).display().to_string();
        report.written.push(WrittenFile { path, size: bytes.len() as u64 });
        Ok(())
    });
    let written =
        written.and_then(|()| fs::rename(&begun, &own).map_err(|error| failed(&own, error)));
    if written.is_err() {
        // The error is told; a leftover would only be in the way.
        let _ = fs::remove_dir_all(&begun);
    }
    written
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create_new(path)?.write_all(bytes)
}

fn missing(id: &AssetId, file: &AssetEntry) -> MissingFile {
    MissingFile { asset: id.to_string(), path: file.path.clone() }
}

fn refused(id: &AssetId, place: &str, why: &str) -> ApiError {
    ApiError::new(ErrorCode::Refused, format!("asset {id} is not written: {place}: {why}"))
}

/// Whether a path stays below the folder it is put into; else, why not.
fn check(path: &str) -> Result<(), &'static str> {
    let drive = matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if path.starts_with(['/', '\\']) || drive {
        return Err("a path from the root leads out of the folder");
    }
    if path.contains('\0') {
        return Err("no file's path has a NUL in it");
    }
    // A Windows path's separator, whatever system the asset comes from.
    for part in path.split(['/', '\\']) {
        match part {
            ".." => return Err("a path with .. in it leads out of the folder"),
            "" | "." => return Err("a path with an empty part names no file"),
            _ if cfg!(windows) && !fits_windows(part) => return Err("no such name on Windows"),
            _ => {}
        }
    }
    Ok(())
}

/// Whether Windows takes a name for what it says: not for a device, a stream, or another name.
fn fits_windows(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_uppercase();
    let numbered = |name: &str| {
        let number = stem.strip_prefix(name).map(|rest| rest.chars().collect::<Vec<_>>());
        matches!(number.as_deref(), Some(['0'..='9' | '¹' | '²' | '³']))
    };
    let device = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str());
    !device
        && !numbered("COM")
        && !numbered("LPT")
        && !part.ends_with(['.', ' '])
        && !part.contains(|c: char| c.is_control() || "<>:\"|?*".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_may_lead_out_is_refused_on_every_system() {
        for path in [
            "",
            "/",
            "/etc/passwd",
            "//host/share",
            "..",
            "../a",
            "a/../../b",
            "a/..",
            "./a",
            "a//b",
            "a/",
            "C:\\a",
            "c:a",
            "C:/a",
            "\\a",
            "\\\\host\\a",
            "a\\..\\..\\b",
            "a\0",
            "a/\0/b",
        ] {
            assert!(check(path).is_err(), "{path:?}");
        }
        for path in ["a", "a/b.csv", "a b/ü.txt", "..a", "a..", ".hidden", "...", "C/a"] {
            assert!(cfg!(windows) || check(path).is_ok(), "{path:?}");
        }
    }

    #[test]
    fn names_that_mean_something_else_on_windows_are_known() {
        for name in
            ["NUL", "con.txt", "Com1", "LPT9.log", "a.", ".. ", "a:b", "a?", "COM¹", "nul .a"]
        {
            assert!(!fits_windows(name), "{name:?}");
        }
        for name in ["null", "com", "com10", "console.log", "a.b", "ü"] {
            assert!(fits_windows(name), "{name:?}");
        }
    }
}
