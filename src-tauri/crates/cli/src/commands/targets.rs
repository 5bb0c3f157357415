//! `hindcast targets`

use hindcast_api::Api;
use hindcast_api::calls::GetTargets;
use hindcast_api::view::{ParameterView, TargetKindView, TargetView};

use super::project;
use crate::arguments::Targets;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::table;

pub(crate) async fn run(api: &Api, screen: &mut Screen, wish: Targets) -> Done {
    project::choose(api, wish.project)?;
    let found = api.ask(GetTargets { modules: wish.modules }).await?;
    if wish.json.json {
        screen.json(&found)?;
    } else {
        table::print(screen, &found.targets.iter().map(row).collect::<Vec<_>>())?;
        for problem in &found.problems {
            screen.line(&screen.ink(Ink::Bad, &problem.message))?;
        }
        if found.targets.is_empty() && found.problems.is_empty() {
            screen.line("No module of the project imports coflux.")?;
        }
    }
    Ok(if found.problems.is_empty() { Exit::Well } else { Exit::BadInput })
}

fn row(target: &TargetView) -> Vec<table::Cell> {
    let kind = match target.kind {
        TargetKindView::Workflow => "workflow",
        TargetKindView::Task => "task",
    };
    let parameters: Vec<String> = target.parameters.iter().map(parameter).collect();
    let memo = if target.memoised { "memoised" } else { "" };
    vec![
        (Ink::Bold, target.target.clone()),
        (Ink::Plain, kind.to_owned()),
        (Ink::Plain, format!("({})", parameters.join(", "))),
        (Ink::Faint, memo.to_owned()),
    ]
}

fn parameter(parameter: &ParameterView) -> String {
    let name = &parameter.name;
    let annotated = match &parameter.annotation {
        Some(annotation) => format!("{name}: {annotation}"),
        None => name.clone(),
    };
    match &parameter.default {
        Some(default) => format!("{annotated} = {default}"),
        None => annotated,
    }
}
