//! `hindcast why`

use hindcast_api::Api;
use hindcast_api::calls::{GetStep, GetTree};
use serde_json::json;

use crate::arguments::Why;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::words;

pub(crate) async fn run(api: &Api, screen: &mut Screen, why: Why) -> Done {
    let run = why.step.split_once(':').map_or(why.step.as_str(), |(run, _)| run).to_owned();
    let tree = api.ask(GetTree { run, environment: why.from.environment }).await?;
    let step = api.ask(GetStep { step: why.step, environment: tree.environment }).await?;
    if why.json.json {
        screen.json(&json!({ "step": step.step, "calledBy": step.called_by, "why": step.why }))?;
        return Ok(Exit::Well);
    }
    let head = format!("{} {} in {}", step.step, step.target, step.environment);
    screen.line(&screen.ink(Ink::Bold, &head))?;
    if let Some(newest) = step.attempts.last() {
        let because = newest.because.clone().unwrap_or_default();
        let text = format!("{} in {}: {because}", newest.execution, newest.environment);
        screen.line(&screen.ink(Ink::Plain, &text))?;
    }
    for one in &step.why {
        let call = screen.ink(Ink::of_call(one.answer), words::call(one.answer));
        let text = format!("for {} ({}): {}", one.caller, one.caller_target, one.reason);
        screen.line(&format!("{call} {}", screen.ink(Ink::Plain, &text)))?;
    }
    if step.why.is_empty() {
        screen.line(&screen.ink(Ink::Faint, "no call made here led to it"))?;
    }
    Ok(Exit::Well)
}
