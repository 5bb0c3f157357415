//! Deleting runs and local environments, bringing them back, purging.

use hindcast_store::{Deletion, Doomed};

use crate::api::Answered;
use crate::calls::{Delete, GetDeletion, GetDeletions, Purge, Restore};
use crate::view::{
    ApiEvent, DeleteTarget, DeletionView, PurgedView, RenamedEnvironment, RestoredView,
};
use crate::{Api, ApiError};

impl Answered for GetDeletion {
    async fn answer(self, api: &Api) -> Result<DeletionView, ApiError> {
        let what = doomed(&self.what)?;
        api.with_store(move |store| Ok(view(store.would_delete(&what)?))).await
    }
}

impl Answered for Delete {
    async fn answer(self, api: &Api) -> Result<DeletionView, ApiError> {
        let what = doomed(&self.what)?;
        let at = super::rerun::now();
        let deleted = api.with_store(move |store| Ok(store.delete(&what, at)?)).await?;
        told(api);
        Ok(view(deleted))
    }
}

impl Answered for GetDeletions {
    async fn answer(self, api: &Api) -> Result<Vec<DeletionView>, ApiError> {
        api.read(|store| Ok(store.deletions()?.into_iter().map(view).collect())).await
    }
}

impl Answered for Restore {
    async fn answer(self, api: &Api) -> Result<RestoredView, ApiError> {
        let restored = api.with_store(move |store| Ok(store.restore(self.deletion)?)).await?;
        told(api);
        let renamed = restored.renamed.into_iter();
        let renamed = renamed
            .map(|(from, to)| RenamedEnvironment { from: from.to_string(), to: to.to_string() });
        let deletion = DeletionView { id: None, at: None, ..view(restored.deletion) };
        Ok(RestoredView { deletion, renamed: renamed.collect() })
    }
}

impl Answered for Purge {
    async fn answer(self, api: &Api) -> Result<PurgedView, ApiError> {
        let purged = api.with_store(move |store| Ok(store.purge(self.deletion)?)).await?;
        told(api);
        Ok(PurgedView { deletions: purged.deletions, blobs: purged.blobs, bytes: purged.bytes })
    }
}

fn told(api: &Api) {
    api.loaded().forget();
    api.tell(ApiEvent::OverviewChanged);
    api.tell(ApiEvent::ActivityChanged);
}

fn doomed(what: &DeleteTarget) -> Result<Doomed, ApiError> {
    Ok(match what {
        DeleteTarget::Run(id) => Doomed::Run(id.parse()?),
        DeleteTarget::Environment(name) => Doomed::Environment(name.parse()?),
    })
}

fn view(deletion: Deletion) -> DeletionView {
    DeletionView {
        id: (deletion.id != 0).then_some(deletion.id),
        at: (deletion.id != 0).then_some(deletion.at.0),
        what: match deletion.what {
            Doomed::Run(id) => DeleteTarget::Run(id.to_string()),
            Doomed::Environment(name) => DeleteTarget::Environment(name.to_string()),
        },
        runs: deletion.runs.iter().map(ToString::to_string).collect(),
        environments: deletion.environments.iter().map(ToString::to_string).collect(),
        steps: deletion.steps,
        executions: deletion.executions,
        local_executions: deletion.local_executions,
        logs: deletion.logs,
    }
}
