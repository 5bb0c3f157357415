//! Files that executions persist and list.

use hindcast_model::record::Record;
use hindcast_model::{Asset, AssetEntry, AssetId, ExecutionId, Extra, TypedDependency};

use crate::derive;
use crate::handling::Handling;
use crate::message::{Reply, RequestId};

impl Handling<'_> {
    /// Keeps files under an id that is the same for the same name and content.
    pub(crate) fn persist_asset(
        &mut self,
        execution: &ExecutionId,
        request: RequestId,
        name: Option<String>,
        entries: Vec<AssetEntry>,
    ) {
        let asset = summary(name, &entries);
        let taken_by_other = |id: &AssetId| {
            let known = self.world.asset(id);
            known.is_some_and(|known| {
                let same = |known: &Vec<AssetEntry>| {
                    known.len() == entries.len()
                        && known.iter().zip(&entries).all(|(known, new)| known.known_equals(new))
                };
                known.summary.name != asset.name || !known.entries.as_ref().is_some_and(same)
            })
        };
        let Some(asset_id) = derive::asset(asset.name.as_deref(), &entries, taken_by_other) else {
            return self.fail_request(execution, request, "persist_error", "no id is free for it");
        };
        self.record(Record::AssetPersisted {
            execution: execution.clone(),
            asset_id: asset_id.clone(),
            asset: asset.clone(),
            entries,
        });
        self.answer(execution, request, Reply::AssetPersisted { id: asset_id, asset });
    }

    /// Lists an asset's files.
    pub(crate) fn get_asset(&mut self, execution: &ExecutionId, request: RequestId, id: &AssetId) {
        let Some(known) = self.world.asset(id).cloned() else {
            let message = format!("asset {id} is not in the store");
            return self.fail_request(execution, request, "get_asset_error", message);
        };
        let dependency = TypedDependency::Asset {
            asset_id: id.clone(),
            asset: known.summary.clone(),
            extra: Extra::NONE,
        };
        self.depend_on(execution, id.to_string(), dependency);
        let count = known.summary.total_count;
        let reply = known.entries.map_or_else(|| unlisted(id, count), Reply::AssetEntries);
        self.answer(execution, request, reply);
    }
}

fn unlisted(id: &AssetId, count: u64) -> Reply {
    let message = format!(
        "the export tells that asset {id} has {count} files, but not which: import it from the \
         server or its data directory"
    );
    Reply::Error { code: "get_asset_error", message }
}

fn summary(name: Option<String>, entries: &[AssetEntry]) -> Asset {
    let size: u64 = entries.iter().map(|entry| entry.size).sum();
    Asset {
        name,
        total_count: entries.len() as u64,
        total_size: size.into(),
        entry: if let [only] = entries { Some(only.clone()) } else { None },
        extra: Extra::NONE,
    }
}
