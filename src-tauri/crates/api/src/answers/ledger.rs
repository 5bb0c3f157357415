//! Which bodies really ran.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use hindcast_model::RunId;
use hindcast_model::record::LedgerEntry;

use crate::api::Answered;
use crate::calls::GetLedger;
use crate::edited::{edited, labels};
use crate::loaded::LoadedRun;
use crate::names::Names;
use crate::view::{LedgerLine, LedgerView};
use crate::words::{self, allowed_by};
use crate::{Api, ApiError};

impl Answered for GetLedger {
    async fn answer(self, api: &Api) -> Result<LedgerView, ApiError> {
        let loaded = api.loaded().clone();
        let names = Names::of(api.project_folder().await?.as_deref());
        api.read(move |store| {
            let run = self.run.as_deref().map(str::parse::<RunId>).transpose()?;
            let entries = store.ledger(run.as_ref())?;
            // Few of them were edited, and only for those is their run read, once.
            let mut runs: HashMap<&RunId, LoadedRun> = HashMap::new();
            let lines = entries.iter().map(|entry| {
                let id = &entry.execution;
                if !store.was_edited(id)? {
                    return Ok(line(entry, Vec::new()));
                }
                let run = match runs.entry(id.run()) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(place) => place.insert(loaded.run(store, id.run())?),
                };
                let places = edited(&run.stored, id);
                Ok(line(entry, labels(&names.known(&entry.target), &places)))
            });
            Ok(LedgerView { lines: lines.collect::<Result<_, ApiError>>()? })
        })
        .await
    }
}

fn line(entry: &LedgerEntry, edited: Vec<String>) -> LedgerLine {
    LedgerLine {
        execution: entry.execution.to_string(),
        target: entry.target.to_string(),
        at: entry.at.0,
        allowed_by: allowed_by(&entry.allowed_by).to_owned(),
        arguments: entry.arguments_hash.clone(),
        edited,
        code: entry.code.clone(),
        policy: entry.policy.map(|policy| words::policy(policy).to_owned()),
    }
}
