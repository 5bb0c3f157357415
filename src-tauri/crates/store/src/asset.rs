//! Files of assets.

use std::collections::BTreeMap;

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

    /// All files of every asset, by path.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn assets(&self) -> Result<BTreeMap<AssetId, Vec<AssetEntry>>> {
        let sql = "SELECT asset, document FROM asset_entries ORDER BY asset, path";
        let rows = row::all(self.connection.prepare_cached(sql)?, [], |row| {
            let asset: String = row.get(0)?;
            let entry =
                row::document(&row.get::<_, String>(1)?, format_args!("a file of asset {asset}"))?;
            Ok((row::id(&asset)?, entry))
        })?;
        let mut assets: BTreeMap<AssetId, Vec<AssetEntry>> = BTreeMap::new();
        for (asset, entry) in rows {
            assets.entry(asset).or_default().push(entry);
        }
        Ok(assets)
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
