//! `hindcast inspect`

use hindcast_api::Api;
use hindcast_api::calls::{GetStep, GetTree};
use hindcast_api::view::{Sentinel, StepView};
use serde_json::json;

use crate::arguments::Inspect;
use crate::commands::effects;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::tree;
use crate::words;

pub(crate) async fn run(api: &Api, screen: &mut Screen, inspect: Inspect) -> Done {
    if inspect.id.contains(':') {
        return step(api, screen, inspect).await;
    }
    let environment = inspect.from.environment;
    if inspect.json.json {
        screen.json(&api.document(&inspect.id, environment).await?)?;
        return Ok(Exit::Well);
    }
    let seen = api.ask(GetTree { run: inspect.id, environment }).await?;
    let head = format!("{} in {}", seen.run, seen.environment);
    screen.line(&screen.ink(Ink::Bold, &head))?;
    tree::print(screen, &seen)?;
    Ok(Exit::Well)
}

async fn step(api: &Api, screen: &mut Screen, inspect: Inspect) -> Done {
    let run = inspect.id.split(':').next().unwrap_or_default().to_owned();
    let seen = api.ask(GetTree { run, environment: inspect.from.environment }).await?;
    let step = api.ask(GetStep { step: inspect.id, environment: seen.environment }).await?;
    if inspect.json.json {
        screen.json(&json!({
            "step": step.step,
            "environment": step.environment,
            "module": step.module,
            "target": step.target,
            "memoised": step.memoised,
            "memoCandidate": step.memo_candidate,
            "sentinel": step.sentinel,
            "effects": step.effects,
        }))?;
    } else {
        print(screen, &step)?;
    }
    Ok(Exit::Well)
}

fn print(screen: &mut Screen, step: &StepView) -> std::io::Result<()> {
    let memoised = if step.memoised { ", memoised" } else { "" };
    let head = format!("{} {} in {}{memoised}", step.step, step.target, step.environment);
    screen.line(&screen.ink(Ink::Bold, &head))?;
    for attempt in &step.attempts {
        let state = screen.ink(Ink::of(attempt.state), words::state(attempt.state));
        let environment = screen.ink(Ink::Faint, &attempt.environment);
        screen.line(&format!("  {}  {state}  {environment}", attempt.execution))?;
    }
    screen.line("side effects seen")?;
    for effect in &step.effects {
        screen.line(&format!("  {}", effects::line(screen, effect)))?;
    }
    if step.effects.is_empty() {
        screen.line(&screen.ink(Ink::Faint, &format!("  {}", nothing_seen(step.sentinel))))?;
    }
    if step.memo_candidate {
        let text =
            "  It is not memoised: with memo=True a re-run above it would not do this again.";
        screen.line(&screen.ink(Ink::Notice, text))?;
    }
    Ok(())
}

/// What it means that nothing was seen.
fn nothing_seen(sentinel: Option<Sentinel>) -> &'static str {
    match sentinel {
        Some(Sentinel::Watching | Sentinel::Locked) => "none",
        Some(Sentinel::Absent) => {
            "not watched: the project is run by a command of its own, not by `python -m coflux`"
        }
        None => "its body did not run here",
    }
}
