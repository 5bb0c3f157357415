//! A run in the export's own form.

use hindcast_model::RunId;

use crate::seen::Seen;
use crate::{Api, ApiError};

impl Api {
    /// The run as `coflux runs inspect` would print it for that environment, as JSON; see
    /// [`crate::calls::GetTree`] for what no environment means.
    ///
    /// # Errors
    /// If there is no such run or environment.
    pub async fn document(
        &self,
        run: &str,
        environment: Option<String>,
    ) -> Result<serde_json::Value, ApiError> {
        let run: RunId = run.parse()?;
        let loaded = self.loaded().clone();
        self.read(move |store| {
            let seen = Seen::load_from(store, &loaded, &run, environment.as_deref())?;
            let exported = store.export_run(&run, seen.viewpoint.id)?;
            serde_json::to_value(exported.document())
                .map_err(|error| ApiError::internal("the run has no JSON form", error))
        })
        .await
    }
}
