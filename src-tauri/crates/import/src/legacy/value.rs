//! Old values, assets and pointers in today's form.

use std::collections::BTreeMap;

use hindcast_model::legacy::{OldContent, OldHandle, Translated};
use hindcast_model::{
    Asset, AssetEntry, AssetId, BlobKey, ExecutionId, ExecutionRef, Extra, Json, Reference, RunId,
    Value, legacy,
};
use serde_json::{Number, json};

use super::form::{OldAsset, OldId, OldRef, OldReference, OldValue};
use super::numbers::Numbers;
use crate::compact;

/// What ids stand for, as one run sees it.
pub(crate) struct Ids<'i> {
    pub(crate) numbers: &'i Numbers,
    /// Runs that calls of this run became, by their root: the execution of this run whose result they
    /// are. The handle that a caller holds is one on that.
    pub(crate) spawned: BTreeMap<(RunId, String), ExecutionId>,
}

impl Ids<'_> {
    pub(crate) fn execution(&self, of: &OldRef) -> ExecutionId {
        let spawned = || self.spawned.get(&(of.run_id.clone(), of.step_id.clone()));
        match (of.attempt, spawned()) {
            (1, Some(spawned)) => spawned.clone(),
            _ => self.numbers.execution(of),
        }
    }

    pub(crate) fn execution_ref(&self, of: &OldRef) -> ExecutionRef {
        let (module, target) = (of.module.clone(), of.target.clone());
        ExecutionRef { execution_id: self.execution(of), module, target, extra: Extra::NONE }
    }

    /// A value, and a blob that its server does not have, where it needs one.
    pub(crate) fn value(&self, old: &OldValue) -> Result<Translated, String> {
        if let Some(content) = old_content(old) {
            let placeholders = old.placeholders.iter().flatten();
            let value = legacy::OldValue {
                content,
                format: old.format.clone().unwrap_or_else(|| "json".to_owned()),
                placeholders: placeholders
                    .map(|(number, of)| Ok((*number, self.reference(of)?)))
                    .collect::<Result<_, String>>()?,
            };
            return value.translate().map_err(|error| error.to_string());
        }
        let references = old.references.iter().flatten();
        let references = references.map(|of| self.reference(of)).collect::<Result<_, _>>()?;
        let mut value = match (old.kind.as_str(), old.key, old.size) {
            // serde reads `"data": null` as absent.
            ("raw", ..) if old.references.is_some() => {
                Value::raw(old.data.clone().unwrap_or_else(Json::null), references)
            }
            ("blob", Some(key), Some(size)) => Value::blob(key, size, references),
            (kind, ..) => return Err(format!("a value of type {kind:?} that is not complete")),
        };
        compact::value(&mut value);
        Ok(Translated { value, blob: None })
    }

    fn reference(&self, old: &OldReference) -> Result<Reference, String> {
        Ok(match old {
            OldReference::Execution { execution, .. } if execution.attempt == 0 => {
                return Err("a handle on an attempt 0".to_owned());
            }
            OldReference::Execution { execution, .. } => {
                let ExecutionRef { execution_id, module, target, .. } =
                    self.execution_ref(execution);
                Reference::Execution { execution_id, module, target, extra: Extra::NONE }
            }
            OldReference::Asset { asset_id, asset } => {
                let asset_id = today(asset_id, asset)?;
                Reference::Asset { asset_id, asset: asset.today()?, extra: Extra::NONE }
            }
            OldReference::Fragment { format, blob_key, size, metadata } => Reference::Fragment {
                format: format.clone(),
                blob_key: *blob_key,
                size: *size,
                metadata: metadata.clone(),
                extra: Extra::NONE,
            },
        })
    }
}

/// What is encoded, if it is by a version before 0.5.
pub(crate) fn old_content(old: &OldValue) -> Option<OldContent> {
    match (old.kind.as_str(), &old.content, old.key) {
        ("raw", Some(text), _) => Some(OldContent::Raw(text.clone())),
        ("blob", _, Some(key)) if old.format.is_some() => {
            let size = old.metadata.as_ref().and_then(|fields| fields.get("size")?.as_u64());
            Some(OldContent::Blob { key, size: size.or(old.size).unwrap_or(0) })
        }
        _ => None,
    }
}

/// The integers behind an old value's placeholders.
pub(crate) fn handles(old: &OldValue) -> Option<BTreeMap<u32, OldHandle>> {
    let handle = |of: &OldReference| match of {
        OldReference::Execution { execution_id, .. } => {
            execution_id.integer().map(OldHandle::Execution)
        }
        OldReference::Asset { asset_id, .. } => asset_id.integer().map(OldHandle::Asset),
        OldReference::Fragment { .. } => None,
    };
    let placeholders = old.placeholders.iter().flatten();
    placeholders.map(|(number, of)| Some((*number, handle(of)?))).collect()
}

/// Today's id of an asset.
pub(crate) fn today(id: &OldId, asset: &OldAsset) -> Result<AssetId, String> {
    match (id, asset.kind, &asset.path, &asset.blob_key) {
        (OldId::Integer(id), Some(kind), Some(path), Some(blob)) => {
            Ok(AssetId::of_old(*id, kind, path, blob))
        }
        (OldId::Word(id), ..) => {
            id.parse().map_err(|error: hindcast_model::IdError| error.to_string())
        }
        (OldId::Integer(id), ..) => {
            // A word of 0.8 may be made of digits only.
            let is_of_files = asset.total_count.is_some();
            let parsed = id.to_string().parse().ok().filter(|_| is_of_files);
            parsed.ok_or_else(|| format!("asset {id} without its type, path or blob"))
        }
    }
}

impl OldAsset {
    /// The asset as exports of today show it: with its file, if it is the only one.
    pub(crate) fn today(&self) -> Result<Asset, String> {
        let files = self.files()?;
        let sizes = || files.iter().map(|file| file.size).fold(0, u64::saturating_add);
        Ok(Asset {
            name: self.name.clone(),
            total_count: self.total_count.unwrap_or(files.len() as u64),
            total_size: self.total_size.clone().unwrap_or_else(|| Number::from(sizes())),
            entry: files.first().filter(|_| files.len() == 1).cloned(),
            extra: Extra::NONE,
        })
    }

    /// Its files, as far as they are known. Until 0.7 there is one; a folder is one zip archive, and its
    /// metadata says so.
    pub(crate) fn files(&self) -> Result<Vec<AssetEntry>, String> {
        let Some(kind) = self.kind else {
            let entry = self.entry.iter().cloned().collect();
            return Ok(if self.entries.is_empty() { entry } else { self.entries.clone() });
        };
        let (Some(path), Some(blob_key)) = (&self.path, self.blob_key) else {
            return Err("an asset without its path or blob".to_owned());
        };
        let mut metadata = self.metadata.clone();
        let known = ["size", "totalSize"].iter().find_map(|name| metadata.get(*name)?.as_u64());
        let size = self.size.or(known).unwrap_or(0);
        if kind != 0 {
            metadata.insert(legacy::FIELD.to_owned(), json!({"type": kind}));
        }
        metadata.remove("size");
        Ok(vec![AssetEntry { path: path.clone(), blob_key, size, metadata, extra: Extra::NONE }])
    }
}

/// The blob that a value needs and that is kept for it.
pub(crate) type Kept = (BlobKey, Vec<u8>);

impl Ids<'_> {
    /// The execution itself, also where it is the root of a run that a call of this run became.
    pub(crate) fn numbers_ref(&self, of: &OldRef) -> ExecutionRef {
        let (module, target) = (of.module.clone(), of.target.clone());
        ExecutionRef {
            execution_id: self.numbers.execution(of),
            module,
            target,
            extra: Extra::NONE,
        }
    }
}
