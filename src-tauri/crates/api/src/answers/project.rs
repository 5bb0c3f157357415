//! The project folder.

use crate::api::Answered;
use crate::calls::{SetProject, TrustProject};
use crate::view::{ApiEvent, ProjectView};
use crate::{Api, ApiError};

impl Answered for SetProject {
    async fn answer(self, api: &Api) -> Result<ProjectView, ApiError> {
        let project = api.choose_project(&self.path).await?;
        api.configure_engine().await?;
        api.tell(ApiEvent::OverviewChanged);
        Ok(project)
    }
}

impl Answered for TrustProject {
    async fn answer(self, api: &Api) -> Result<ProjectView, ApiError> {
        let project = api.trust_project(&self.path).await?;
        api.configure_engine().await?;
        api.tell(ApiEvent::OverviewChanged);
        Ok(project)
    }
}
