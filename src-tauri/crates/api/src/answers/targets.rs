//! What a project's code declares.

use std::sync::Arc;

use hindcast_engine::codec::{Declaration, Parameter};
use hindcast_engine::{EngineError, Handle, Project};
use hindcast_model::record::TargetKind;
use tokio::task::JoinSet;

use crate::api::Answered;
use crate::calls::GetTargets;
use crate::view::{ModuleProblem, ParameterView, TargetKindView, TargetView, TargetsView};
use crate::{Api, ApiError, ErrorCode};

/// How many modules are asked at once: each is imported in a process of its own.
const AT_ONCE: usize = 2;

impl Answered for GetTargets {
    async fn answer(self, api: &Api) -> Result<TargetsView, ApiError> {
        let project = Arc::new(api.trusted_project().await?);
        let modules = if self.modules.is_empty() { found(&project)? } else { self.modules };
        let engine = api.engine().await?;
        let mut asked = ask(&engine, &project, modules).await;
        asked.sort_by_key(|(place, ..)| *place);
        let mut view = TargetsView { targets: Vec::new(), problems: Vec::new() };
        for (_, module, answer) in asked {
            match answer {
                Ok(declared) => {
                    let mut targets: Vec<TargetView> = declared.into_iter().map(target).collect();
                    targets.sort_by_key(|target| target.kind);
                    // A package also tells what its modules declare.
                    targets.retain(|new| !view.targets.iter().any(|t| t.target == new.target));
                    view.targets.extend(targets);
                }
                Err(error) => {
                    view.problems.push(ModuleProblem { module, message: error.to_string() });
                }
            }
        }
        Ok(view)
    }
}

fn found(project: &Project) -> Result<Vec<String>, ApiError> {
    project.modules().map_err(|error| ApiError::new(ErrorCode::BadRequest, error.to_string()))
}

/// Each module's place in the order, its name, and what it declares.
async fn ask(
    engine: &Handle,
    project: &Arc<Project>,
    modules: Vec<String>,
) -> Vec<(usize, String, Result<Vec<Declaration>, EngineError>)> {
    let mut answers = Vec::new();
    let mut under_way = JoinSet::new();
    for (place, module) in modules.into_iter().enumerate() {
        if under_way.len() >= AT_ONCE {
            answers.extend(under_way.join_next().await.and_then(Result::ok));
        }
        let (engine, project) = (engine.clone(), Arc::clone(project));
        under_way.spawn(async move {
            let answer = engine.discover(project, &module).await;
            (place, module, answer)
        });
    }
    answers.extend(under_way.join_all().await);
    answers
}

fn target(declaration: Declaration) -> TargetView {
    let Declaration { parameters, memo, options } = declaration;
    TargetView {
        target: options.target.to_string(),
        module: options.target.module.to_string(),
        name: options.target.name.to_string(),
        kind: match options.kind {
            TargetKind::Workflow => TargetKindView::Workflow,
            TargetKind::Task => TargetKindView::Task,
        },
        parameters: parameters.into_iter().map(parameter).collect(),
        memoised: memo || options.memo.is_some(),
    }
}

fn parameter(Parameter { name, annotation, default }: Parameter) -> ParameterView {
    ParameterView { name, annotation, default }
}
