//! `hindcast plan`

use hindcast_api::Api;
use hindcast_api::calls::GetPlan;
use hindcast_api::view::PlanCall;

use super::rerun::policy;
use crate::arguments::Plan;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::words;

pub(crate) async fn run(api: &Api, screen: &mut Screen, plan: Plan) -> Done {
    let Plan { steps, environment, policy: chosen, json } = plan;
    let view = api.ask(GetPlan { steps, environment, policy: policy(chosen) }).await?;
    if json.json {
        screen.json(&view)?;
        return Ok(Exit::Well);
    }
    table::print(screen, &view.calls.iter().map(row).collect::<Vec<_>>())?;
    let summary = format!("{} would run, {} pinned, {} stop", view.run, view.pinned, view.blocked);
    screen.line(&screen.ink(Ink::Faint, &summary))?;
    Ok(Exit::Well)
}

fn row(call: &PlanCall) -> Vec<table::Cell> {
    let indent = "  ".repeat(call.depth.min(40) as usize);
    vec![
        (Ink::Plain, format!("{indent}{}", call.target)),
        (Ink::Faint, call.step.clone().unwrap_or_default()),
        (Ink::of_call(call.call), words::call(call.call).to_owned()),
        (Ink::Faint, call.reason.clone()),
    ]
}
