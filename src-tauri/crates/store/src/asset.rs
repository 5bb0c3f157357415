//! Files of assets.

use hindcast_model::{AssetEntry, AssetId};

use crate::{Result, Store, Transaction, row};

impl Store {
    /// All files of an asset by path; empty where they are not known.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn asset_entries(&self, asset: &AssetId) -> Result<Vec<AssetEntry>> {
        let sql = "SELECT document FROM asset_entries WHERE asset = ? ORDER BY path";
        row::all(self.connection.prepare_cached(sql)?, [asset.as_str()], |row| {
            row::document(&row.get::<_, String>(0)?, format_args!("a file of asset {asset}"))
        })
    }
}

impl Transaction<'_> {
    pub(crate) fn add_asset_entries(&self, asset: &AssetId, entries: &[AssetEntry]) -> Result<()> {
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO asset_entries VALUES (?, ?, ?) ON CONFLICT DO NOTHING")?;
        for entry in entries {
            insert.execute([asset.as_str(), &entry.path, &row::json(entry)?])?;
        }
        Ok(())
    }
}
