//! What a re-run would do. Starts nothing.

use crate::answers::rerun::now;
use crate::answers::warm::code_now;
use crate::api::Answered;
use crate::calls::GetPlan;
use crate::choice::MissChoice;
use crate::planned::Asked;
use crate::view::PlanView;
use crate::{Api, ApiError};

impl Answered for GetPlan {
    async fn answer(self, api: &Api) -> Result<PlanView, ApiError> {
        let project = api.project_folder().await?;
        let loaded = api.loaded().clone();
        let planned = api
            .read(move |store| {
                let asked = Asked {
                    steps: self.steps.iter().map(|step| step.parse()).collect::<Result<_, _>>()?,
                    environment: self.environment,
                    policy: self.policy,
                    on_miss: self.on_miss.unwrap_or(MissChoice::Fail),
                    allow: self
                        .allow
                        .iter()
                        .map(|target| target.parse())
                        .collect::<Result<_, _>>()?,
                    mocks: self.mocks,
                    arguments: self.arguments,
                };
                Ok(asked.plan(store, &loaded, now(), project.as_deref())?.view)
            })
            .await;
        // Without a project that may be read there is a plan, but no code to it.
        let code = code_now(api).await.ok();
        planned.map(|view| PlanView { code, ..view })
    }
}
