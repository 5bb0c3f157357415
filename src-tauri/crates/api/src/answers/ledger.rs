//! Which bodies really ran.

use hindcast_model::RunId;
use hindcast_model::record::LedgerEntry;

use crate::api::Answered;
use crate::calls::GetLedger;
use crate::edited::{edited, labels};
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
            let lines = entries.iter().map(|entry| {
                let id = &entry.execution;
                // Of a run that was deleted, the ledger is all there is.
                let stored = loaded.run(store, id.run()).ok();
                let places = stored.map_or_else(Vec::new, |run| edited(&run.stored, id));
                let edited = if places.is_empty() {
                    Vec::new()
                } else {
                    labels(&names.known(&entry.target), &places)
                };
                line(entry, edited)
            });
            Ok(LedgerView { lines: lines.collect() })
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
