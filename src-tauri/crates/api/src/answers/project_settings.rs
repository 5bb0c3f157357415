//! How a project's steps are run, as a person set it.

use crate::api::Answered;
use crate::calls::{GetProjectSettings, SetProjectSettings, UntrustProject};
use crate::view::{ApiEvent, ProjectSettings, ProjectView};
use crate::{Api, ApiError};

impl Answered for GetProjectSettings {
    async fn answer(self, api: &Api) -> Result<ProjectSettings, ApiError> {
        api.project_settings(&self.path).await
    }
}

impl Answered for SetProjectSettings {
    async fn answer(self, api: &Api) -> Result<ProjectView, ApiError> {
        let project = api.set_project_settings(&self.path, self.settings).await?;
        api.tell(ApiEvent::OverviewChanged);
        Ok(project)
    }
}

impl Answered for UntrustProject {
    async fn answer(self, api: &Api) -> Result<ProjectView, ApiError> {
        let project = api.untrust_project(&self.path).await?;
        api.tell(ApiEvent::OverviewChanged);
        Ok(project)
    }
}
