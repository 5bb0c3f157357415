//! `hindcast plan`

use hindcast_api::Api;
use hindcast_api::calls::{GetActual, GetPlan};
use hindcast_api::view::{ActualCall, ActualView, PlanCall};

use super::rerun::{mocks, on_miss, policy};
use super::{outcomes, project};
use crate::arguments::Plan;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::words;

pub(crate) async fn run(api: &Api, screen: &mut Screen, plan: Plan) -> Done {
    if let Some(of) = plan.of {
        let rerun = (of != "last").then_some(of);
        let view = api.ask(GetActual { rerun }).await?;
        return actual(screen, &view, plan.json.json);
    }
    project::choose(api, plan.project.clone())?;
    let Plan {
        steps,
        environment,
        policy: chosen,
        on_miss: miss,
        allow,
        mocks: given,
        edited: arguments,
        all_alike,
        json,
        ..
    } = plan;
    let view = api
        .ask(GetPlan {
            steps: outcomes::steps(api, steps, all_alike).await?,
            environment,
            policy: policy(chosen),
            on_miss: Some(on_miss(miss)),
            allow,
            mocks: mocks(&given)?,
            arguments: outcomes::edited(&arguments)?,
        })
        .await?;
    if json.json {
        screen.json(&view)?;
        return Ok(Exit::Well);
    }
    table::print(screen, &view.calls.iter().map(row).collect::<Vec<_>>())?;
    let mut summary =
        format!("{} would run, {} pinned, {} stop", view.run, view.pinned, view.blocked);
    for (count, word) in [(view.mocked, "mocked"), (view.unknown, "unknown")] {
        if count > 0 {
            summary = format!("{summary}, {count} {word}");
        }
    }
    screen.line(&screen.ink(Ink::Faint, &summary))?;
    if let Some(code) = &view.code {
        let text = match (&code.snapshot, &code.reason) {
            (Some(key), _) => {
                format!("code: {} Python files, held as {}", code.files, &key[..key.len().min(12)])
            }
            (None, reason) => {
                format!("code: not held, {}", reason.as_deref().unwrap_or("it is not known why"))
            }
        };
        screen.line(&screen.ink(Ink::Faint, &text))?;
    }
    let locked = if view.locked { "locked" } else { "not locked" };
    screen.line(&screen.ink(Ink::Faint, &format!("{locked}: {}", view.locked_because)))?;
    Ok(Exit::Well)
}

fn row(call: &PlanCall) -> Vec<table::Cell> {
    vec![
        (Ink::Plain, indented(call.depth, &call.target)),
        (Ink::Faint, call.step.clone().unwrap_or_default()),
        (Ink::of_call(call.call), words::call(call.call).to_owned()),
        (Ink::Faint, call.reason.clone()),
    ]
}

fn indented(depth: u32, target: &str) -> String {
    format!("{}{target}", "  ".repeat(depth.min(40) as usize))
}

fn actual(screen: &mut Screen, view: &ActualView, json: bool) -> Done {
    if json {
        screen.json(view)?;
        return Ok(Exit::Well);
    }
    let head = format!("re-run {} of {} in {}", view.rerun, view.run, view.environment);
    screen.line(&screen.ink(Ink::Bold, &head))?;
    table::print(screen, &view.calls.iter().map(beside).collect::<Vec<_>>())?;
    let otherwise = view.calls.iter().filter(|call| !call.as_planned).count();
    let ended = if view.ended { "" } else { "; it has not ended" };
    let summary = format!(
        "{} as planned, {otherwise} otherwise, {} ran beyond the plan{ended}",
        view.calls.len() - otherwise,
        view.beyond_plan
    );
    screen.line(&screen.ink(Ink::Faint, &summary))?;
    Ok(Exit::Well)
}

fn beside(call: &ActualCall) -> Vec<table::Cell> {
    let planned = call.planned.map_or("not planned", words::call);
    let ink = if call.as_planned { Ink::Faint } else { Ink::Notice };
    vec![
        (Ink::Plain, indented(call.depth, &call.target)),
        (Ink::Faint, call.step.clone().unwrap_or_default()),
        (ink, planned.to_owned()),
        (Ink::of_call(call.actual), words::call(call.actual).to_owned()),
        (Ink::Faint, call.execution.clone().unwrap_or_default()),
        (Ink::Faint, call.reason.clone()),
    ]
}
