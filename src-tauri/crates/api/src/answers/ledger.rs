//! Which bodies really ran.

use hindcast_model::RunId;
use hindcast_model::record::LedgerEntry;

use crate::api::Answered;
use crate::calls::GetLedger;
use crate::view::{LedgerLine, LedgerView};
use crate::words::{self, allowed_by};
use crate::{Api, ApiError};

impl Answered for GetLedger {
    async fn answer(self, api: &Api) -> Result<LedgerView, ApiError> {
        api.read(move |store| {
            let run = self.run.as_deref().map(str::parse::<RunId>).transpose()?;
            let lines = store.ledger(run.as_ref())?.iter().map(line).collect();
            Ok(LedgerView { lines })
        })
        .await
    }
}

fn line(entry: &LedgerEntry) -> LedgerLine {
    LedgerLine {
        execution: entry.execution.to_string(),
        target: entry.target.to_string(),
        at: entry.at.0,
        allowed_by: allowed_by(&entry.allowed_by).to_owned(),
        arguments: entry.arguments_hash.clone(),
        code: entry.code.clone(),
        policy: entry.policy.map(|policy| words::policy(policy).to_owned()),
    }
}
