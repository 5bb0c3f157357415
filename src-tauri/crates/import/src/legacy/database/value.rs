//! Values and assets in an old database.

use std::collections::BTreeMap;

use hindcast_model::{AssetEntry, BlobKey, Extra, Json};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::{Old, metadata};
use crate::ImportError;
use crate::legacy::form::{Era, OldAsset, OldId, OldReference, OldValue};
use crate::server::database::{RowError, id};

/// A fragment, an execution or an asset.
type ReferenceColumns = [Option<i64>; 3];

impl Old<'_> {
    /// Values by position, of a step or a checkpoint.
    pub(super) fn arguments(
        &self,
        table: &str,
        column: &str,
        row: i64,
    ) -> Result<Vec<OldValue>, ImportError> {
        let sql = format!("SELECT value_id FROM {table} WHERE {column} = ? ORDER BY position");
        let rows: Vec<i64> = self.database.all(&sql, [row], |row| Ok(row.get(0)?))?;
        rows.into_iter().map(|row| self.value(row)).collect()
    }

    pub(super) fn value(&self, row: i64) -> Result<OldValue, ImportError> {
        if self.era < Era::V5 { self.content(row) } else { self.data(row) }
    }

    fn content(&self, row: i64) -> Result<OldValue, ImportError> {
        let sql = "SELECT placeholder, NULL, execution_id, asset_id FROM value_placeholders
                   WHERE value_id = ?";
        let rows: Vec<(u32, ReferenceColumns)> = self
            .database
            .all(sql, [row], |row| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?])))?;
        let mut placeholders = BTreeMap::new();
        for (number, columns) in rows {
            placeholders.insert(number, self.referred("value_placeholders", columns)?);
        }
        let sql = "SELECT v.format, v.content, v.blob_id, b.blob_key
                   FROM values_ v LEFT JOIN blobs b ON b.id = v.blob_id WHERE v.id = ?";
        let (mut value, blob) = self.database.one(sql, row, |row| {
            let content = text(row, 1)?;
            let key = row.get::<_, Option<i64>>(2)?.map(|_| id::<BlobKey>(row, 3)).transpose()?;
            let value = OldValue {
                kind: if content.is_some() { "raw" } else { "blob" }.to_owned(),
                content,
                format: Some(row.get(0)?),
                placeholders: Some(placeholders.clone()),
                metadata: None,
                key,
                size: None,
                data: None,
                references: None,
            };
            Ok((value, row.get::<_, Option<i64>>(2)?))
        })?;
        if let Some(blob) = blob {
            let sql = "SELECT key, value FROM blob_metadata WHERE blob_id = ?";
            value.metadata = Some(metadata(self.database, sql, blob)?);
        }
        Ok(value)
    }

    fn data(&self, row: i64) -> Result<OldValue, ImportError> {
        let sql = "SELECT fragment_id, execution_id, asset_id FROM value_references
                   WHERE value_id = ? ORDER BY position";
        let rows: Vec<ReferenceColumns> =
            self.database.all(sql, [row], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
        let references = rows.into_iter().map(|columns| self.referred("value_references", columns));
        let references: Vec<OldReference> = references.collect::<Result<_, _>>()?;
        let sql = "SELECT v.content, v.blob_id, b.key, b.size
                   FROM values_ v LEFT JOIN blobs b ON b.id = v.blob_id WHERE v.id = ?";
        self.database.one(sql, row, |row| {
            let data = text(row, 0)?.map(Json::parse).transpose().map_err(RowError::new)?;
            let key = row.get::<_, Option<i64>>(1)?.map(|_| id::<BlobKey>(row, 2)).transpose()?;
            Ok(OldValue {
                kind: if data.is_some() { "raw" } else { "blob" }.to_owned(),
                content: None,
                format: None,
                placeholders: None,
                metadata: None,
                key,
                size: row.get(3)?,
                data,
                references: Some(references.clone()),
            })
        })
    }

    fn referred(
        &self,
        table: &str,
        columns: ReferenceColumns,
    ) -> Result<OldReference, ImportError> {
        match columns {
            [Some(fragment), ..] => self.fragment(fragment),
            [_, Some(execution), _] => Ok(OldReference::Execution {
                execution_id: OldId::Integer(execution.cast_unsigned()),
                execution: self.reference(execution)?,
            }),
            [_, _, Some(asset)] => {
                let (asset_id, asset, _) = self.asset(asset)?;
                Ok(OldReference::Asset { asset_id, asset })
            }
            [None, None, None] => {
                Err(ImportError::at(&self.database.name, table, "a row that refers to nothing"))
            }
        }
    }

    fn fragment(&self, row: i64) -> Result<OldReference, ImportError> {
        let sql = if self.era < Era::V6 {
            "SELECT n.name, b.key, b.size FROM fragments f
             JOIN serialisers n ON n.id = f.serialiser_id JOIN blobs b ON b.id = f.blob_id
             WHERE f.id = ?"
        } else {
            "SELECT n.name, b.key, b.size FROM fragments f
             JOIN fragment_formats n ON n.id = f.format_id JOIN blobs b ON b.id = f.blob_id
             WHERE f.id = ?"
        };
        let about = "SELECT key, value FROM fragment_metadata WHERE fragment_id = ?";
        let metadata = metadata(self.database, about, row)?;
        self.database.one(sql, row, |row| {
            Ok(OldReference::Fragment {
                format: row.get(0)?,
                blob_key: id(row, 1)?,
                size: row.get(2)?,
                metadata: metadata.clone(),
            })
        })
    }

    /// An asset by its row, with its id and the execution that made it, where only one did (until 0.5).
    pub(super) fn asset(&self, row: i64) -> Result<(OldId, OldAsset, Option<i64>), ImportError> {
        let database = self.database;
        if self.era >= Era::V8 {
            return self.asset_of_files(row);
        }
        let sql = match self.era {
            Era::V2 | Era::V3 | Era::V4 => {
                "SELECT a.type, a.path, b.blob_key, NULL, a.execution_id, a.blob_id
                 FROM assets a JOIN blobs b ON b.id = a.blob_id WHERE a.id = ?"
            }
            Era::V5 => {
                "SELECT a.type, a.path, b.key, b.size, a.execution_id, a.id
                 FROM assets a JOIN blobs b ON b.id = a.blob_id WHERE a.id = ?"
            }
            _ => {
                "SELECT a.type, a.path, b.key, b.size, NULL, a.id
                 FROM assets a JOIN blobs b ON b.id = a.blob_id WHERE a.id = ?"
            }
        };
        let (mut asset, producer, about) = database.one(sql, row, |row| {
            let asset = OldAsset {
                kind: Some(row.get(0)?),
                path: Some(row.get(1)?),
                blob_key: Some(id(row, 2)?),
                size: row.get(3)?,
                ..OldAsset::default()
            };
            Ok((asset, row.get::<_, Option<i64>>(4)?, row.get::<_, i64>(5)?))
        })?;
        let sql = if self.era < Era::V5 {
            "SELECT key, value FROM blob_metadata WHERE blob_id = ?"
        } else {
            "SELECT key, value FROM asset_metadata WHERE asset_id = ?"
        };
        asset.metadata = metadata(database, sql, about)?;
        Ok((OldId::Integer(row.cast_unsigned()), asset, producer))
    }

    fn asset_of_files(&self, row: i64) -> Result<(OldId, OldAsset, Option<i64>), ImportError> {
        let sql = "SELECT e.entry_id, e.path, b.key, b.size
                   FROM asset_entries e JOIN blobs b ON b.id = e.blob_id
                   WHERE e.asset_id = ? ORDER BY e.path";
        let rows: Vec<(i64, String, BlobKey, u64)> = self
            .database
            .all(sql, [row], |row| Ok((row.get(0)?, row.get(1)?, id(row, 2)?, row.get(3)?)))?;
        let mut entries = Vec::new();
        for (row, path, blob_key, size) in rows {
            let sql = "SELECT key, value FROM asset_entry_metadata WHERE asset_entry_id = ?";
            let metadata = metadata(self.database, sql, row)?;
            entries.push(AssetEntry { path, blob_key, size, metadata, extra: Extra::NONE });
        }
        let sql = "SELECT external_id, name FROM assets WHERE id = ?";
        let (asset_id, name): (String, Option<String>) =
            self.database.one(sql, row, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let asset = OldAsset { name, entries, ..OldAsset::default() };
        Ok((OldId::Word(asset_id), asset, None))
    }
}

/// Text, whichever type the column has.
fn text(row: &Row<'_>, column: usize) -> Result<Option<String>, RowError> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            String::from_utf8(bytes.to_vec()).map(Some).map_err(RowError::new)
        }
        ValueRef::Integer(_) | ValueRef::Real(_) => {
            Err(RowError::new("a content that is a number"))
        }
    }
}
