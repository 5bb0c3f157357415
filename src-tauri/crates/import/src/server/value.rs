//! Values, what they refer to, assets, tags and people in a server's database.

use hindcast_model::{
    Asset, AssetEntry, AssetId, BlobKey, ExecutionId, ExecutionRef, Extra, InputId, Json,
    Reference, RunId, StepId, Value,
};
use rusqlite::Row;
use serde_json::{Map, Value as Any, json};

use crate::ImportError;
use crate::server::database::{Database, RowError, id, json as read_json, number};

/// Columns of an execution by its ids: run, step, attempt.
pub(crate) fn execution(row: &Row<'_>, from: usize) -> Result<ExecutionId, RowError> {
    let run: RunId = id(row, from)?;
    Ok(StepId::new(run, number(row, from + 1)?).attempt(number(row, from + 2)?))
}

/// Metadata tables hold a row a field.
type Metadata = Map<String, Any>;

/// A fragment, an execution, an asset or an input.
type ReferenceColumns = [Option<i64>; 4];

impl Database {
    pub(crate) fn value(&self, row: i64) -> Result<Value, ImportError> {
        let sql = "SELECT v.content, b.key, b.size
                   FROM values_ v LEFT JOIN blobs b ON b.id = v.blob_id WHERE v.id = ?";
        let references = self.references(row)?;
        self.one(sql, row, |row| {
            let references = references.clone();
            match row.get::<_, Option<Vec<u8>>>(0)? {
                Some(content) => {
                    let text = String::from_utf8(content).map_err(RowError::new)?;
                    let data = Json::parse(text).map_err(RowError::new)?;
                    Ok(Value::raw(data, references))
                }
                None => Ok(Value::blob(id(row, 1)?, row.get(2)?, references)),
            }
        })
    }

    fn references(&self, value: i64) -> Result<Vec<Reference>, ImportError> {
        let input = if self.version >= 3 { "input_id" } else { "NULL" };
        let sql = format!(
            "SELECT fragment_id, execution_ref_id, asset_id, {input} FROM value_references
             WHERE value_id = ? ORDER BY position"
        );
        let rows: Vec<ReferenceColumns> = self
            .all(&sql, [value], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
        let reference = |columns: ReferenceColumns| match columns {
            [Some(fragment), ..] => self.fragment(fragment),
            [_, Some(execution), ..] => {
                let ExecutionRef { execution_id, module, target, .. } =
                    self.execution_ref(execution)?;
                Ok(Reference::Execution { execution_id, module, target, extra: Extra::NONE })
            }
            [_, _, Some(asset), _] => {
                let (asset_id, asset) = self.asset(asset)?;
                Ok(Reference::Asset { asset_id, asset, extra: Extra::NONE })
            }
            [_, _, _, Some(input)] => {
                Ok(Reference::Input { input_id: self.input_id(input)?, extra: Extra::NONE })
            }
            _ => {
                Err(ImportError::at(&self.name, "value_references", "a row that refers to nothing"))
            }
        };
        rows.into_iter().map(reference).collect()
    }

    fn fragment(&self, row: i64) -> Result<Reference, ImportError> {
        let sql = "SELECT ff.name, b.key, b.size FROM fragments f
                   JOIN fragment_formats ff ON ff.id = f.format_id JOIN blobs b ON b.id = f.blob_id
                   WHERE f.id = ?";
        let metadata =
            self.metadata("SELECT key, value FROM fragment_metadata WHERE fragment_id = ?", row)?;
        self.one(sql, row, |row| {
            Ok(Reference::Fragment {
                format: row.get(0)?,
                blob_key: id(row, 1)?,
                size: row.get(2)?,
                metadata: metadata.clone(),
                extra: Extra::NONE,
            })
        })
    }

    fn metadata(&self, sql: &str, row: i64) -> Result<Metadata, ImportError> {
        let fields = self.all(sql, [row], |row| Ok((row.get(0)?, read_json(row, 1)?)))?;
        Ok(fields.into_iter().collect())
    }

    pub(crate) fn execution_ref(&self, row: i64) -> Result<ExecutionRef, ImportError> {
        let sql = "SELECT run_external_id, step_number, attempt, module, target
                   FROM execution_refs WHERE id = ?";
        self.one(sql, row, |row| {
            let execution_id = execution(row, 0)?;
            Ok(ExecutionRef {
                execution_id,
                module: row.get(3)?,
                target: row.get(4)?,
                extra: Extra::NONE,
            })
        })
    }

    pub(crate) fn input_id(&self, row: i64) -> Result<InputId, ImportError> {
        let sql = "SELECT r.external_id, i.number FROM inputs i JOIN runs r ON r.id = i.run_id
                   WHERE i.id = ?";
        self.one(sql, row, |row| Ok(InputId { run: id(row, 0)?, number: number(row, 1)? }))
    }

    pub(crate) fn asset_entries(&self, asset: i64) -> Result<Vec<AssetEntry>, ImportError> {
        let sql = "SELECT ae.entry_id, ae.path, b.key, b.size
                   FROM asset_entries ae JOIN blobs b ON b.id = ae.blob_id
                   WHERE ae.asset_id = ? ORDER BY ae.path";
        let rows: Vec<(i64, String, BlobKey, u64)> =
            self.all(sql, [asset], |row| Ok((row.get(0)?, row.get(1)?, id(row, 2)?, row.get(3)?)))?;
        let entry = |(row, path, blob_key, size)| {
            let sql = "SELECT key, value FROM asset_entry_metadata WHERE asset_entry_id = ?";
            Ok(AssetEntry {
                path,
                blob_key,
                size,
                metadata: self.metadata(sql, row)?,
                extra: Extra::NONE,
            })
        };
        rows.into_iter().map(entry).collect()
    }

    /// An asset as exports show it: with its file if it is the only one.
    pub(crate) fn asset(&self, row: i64) -> Result<(AssetId, Asset), ImportError> {
        let mut entries = self.asset_entries(row)?;
        let total_count = entries.len() as u64;
        let total_size = entries.iter().map(|entry| entry.size).fold(0, u64::saturating_add);
        let entry = entries.pop().filter(|_| total_count == 1);
        self.one("SELECT external_id, name FROM assets WHERE id = ?", row, |row| {
            let name = row.get(1)?;
            let total_size = total_size.into();
            Ok((
                id(row, 0)?,
                Asset { name, total_count, total_size, entry: entry.clone(), extra: Extra::NONE },
            ))
        })
    }

    /// A set of tags: values by key.
    pub(crate) fn tags(&self, set: Option<i64>) -> Result<Any, ImportError> {
        let mut tags: Map<String, Any> = Map::new();
        let Some(set) = set else { return Ok(Any::Object(tags)) };
        let sql = "SELECT key, value FROM tag_set_items WHERE tag_set_id = ? ORDER BY rowid";
        let items: Vec<(String, String)> =
            self.all(sql, [set], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for (key, value) in items {
            let values = tags.entry(key).or_insert_with(|| json!([]));
            // The server keeps an empty list as one empty text.
            if let (Any::Array(values), false) = (values, value.is_empty()) {
                values.push(value.into());
            }
        }
        Ok(Any::Object(tags))
    }

    /// Who did something, as exports show it.
    pub(crate) fn principal(&self, row: Option<i64>) -> Result<Any, ImportError> {
        let Some(row) = row else { return Ok(Any::Null) };
        let sql = "SELECT p.user_external_id, t.external_id
                   FROM principals p LEFT JOIN tokens t ON t.id = p.token_id WHERE p.id = ?";
        self.one(sql, row, |row| {
            let user: Option<String> = row.get(0)?;
            let token: Option<String> = row.get(1)?;
            Ok(match (user, token) {
                (Some(user), _) => json!({"type": "user", "externalId": user}),
                (None, Some(token)) => json!({"type": "token", "externalId": token}),
                (None, None) => Any::Null,
            })
        })
    }
}
