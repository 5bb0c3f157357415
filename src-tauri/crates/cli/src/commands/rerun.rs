//! `hindcast rerun`

use hindcast_api::calls::{Cancel, Rerun as Wish};
use hindcast_api::choice::{MissChoice, MockChoice, PolicyChoice, TextForm};
use hindcast_api::view::{CallState, EffectView, OutcomeRow, RerunStarted};
use hindcast_api::{Api, CallNote, EndNote, Note, Notes, StepResult};
use serde_json::json;

use super::{background, debug, effects, outcomes, result, watch};
use crate::arguments::{Mocks, OnMiss, Policy, Rerun};
use crate::commands::project;
use crate::exit::{Done, Exit, Failure};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::time::duration;
use crate::words;

/// How wide the columns are: what a call was, what it called, the execution.
const WIDTHS: [usize; 3] = [9, 24, 12];

pub(crate) async fn run(api: &Api, screen: &mut Screen, rerun: Rerun) -> Done {
    if rerun.no_wait && !background::is_here() {
        return background::start(screen, rerun.json.json);
    }
    project::choose(api, rerun.project)?;
    let wish = Wish {
        steps: outcomes::steps(api, rerun.steps, rerun.all_alike).await?,
        environment: rerun.environment,
        policy: policy(rerun.policy),
        on_miss: on_miss(rerun.on_miss),
        allow: rerun.allow,
        locked: (rerun.locked || rerun.unlocked).then_some(rerun.locked),
        mocks: mocks(&rerun.mocks)?,
        arguments: outcomes::edited(&rerun.edited)?,
        debug: debug::choice(&rerun.debug),
    };
    if rerun.watch {
        return watch::run(api, screen, wish, rerun.json.json).await;
    }
    let (started, notes) = api.rerun(wish).await?;
    if background::is_here() {
        return background::work(&started, notes).await;
    }
    let outcomes = if rerun.all_alike { Outcomes::Table } else { Outcomes::Whole };
    follow_to(api, screen, &started, notes, rerun.json.json, outcomes).await
}

/// How it is told what came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcomes {
    /// Each whole.
    Whole,
    /// All in a table, beside the ancestor.
    Table,
}

/// What happens to a miss as the api has it.
pub(crate) fn on_miss(on_miss: OnMiss) -> MissChoice {
    match on_miss {
        OnMiss::Fail => MissChoice::Fail,
        OnMiss::Run => MissChoice::Run,
        OnMiss::Pin => MissChoice::Pin,
    }
}

/// The values that steps are mocked with, in one re-run.
pub(crate) fn mocks(mocks: &Mocks) -> Result<Vec<MockChoice>, Failure> {
    let read = |flag: &str, text: &String, form| {
        let (step, value) = text
            .split_once('=')
            .ok_or_else(|| Failure::Usage(format!("{flag} {text}: not STEP=VALUE")))?;
        Ok(MockChoice { step: step.to_owned(), value: value.to_owned(), form: Some(form) })
    };
    let json = mocks.mock.iter().map(|text| read("--mock", text, TextForm::Json));
    let python = mocks.mock_python.iter().map(|text| read("--mock-python", text, TextForm::Python));
    json.chain(python).collect()
}

/// The policy as the api has it.
pub(crate) fn policy(policy: Policy) -> PolicyChoice {
    match policy {
        Policy::Memo => PolicyChoice::Memo,
        Policy::Isolate => PolicyChoice::Isolate,
        Policy::Open => PolicyChoice::Open,
    }
}

/// What happened.
#[derive(Default)]
struct Heard {
    calls: Vec<CallNote>,
    ended: Vec<EndNote>,
    effects: Vec<EffectView>,
    /// Files that were saved meanwhile.
    saved: Vec<String>,
    executions: Vec<String>,
    succeeded: bool,
    interrupted: bool,
}

/// Tells what happens until the chosen steps have ended, and how they ended.
pub(crate) async fn follow(
    api: &Api,
    screen: &mut Screen,
    started: &RerunStarted,
    notes: Notes,
    json: bool,
) -> Done {
    follow_to(api, screen, started, notes, json, Outcomes::Whole).await
}

async fn follow_to(
    api: &Api,
    screen: &mut Screen,
    started: &RerunStarted,
    notes: Notes,
    json: bool,
    outcomes: Outcomes,
) -> Done {
    if !json {
        let steps = started.steps.join(", ");
        let locked = if started.locked { ", locked" } else { "" };
        let head = format!("{steps} in {}{locked}", started.environment);
        screen.line(&screen.ink(Ink::Bold, &head))?;
    }
    let heard = listen(api, screen, started, notes, json).await?;
    let table = match outcomes {
        Outcomes::Table => {
            let view = super::outcomes::of(api, started.executions.first().cloned()).await?;
            if !json {
                screen.line("")?;
                super::outcomes::print(screen, &view)?;
                return Ok(heard.exit());
            }
            view.rows
        }
        Outcomes::Whole => Vec::new(),
    };
    let mut results = Vec::new();
    for execution in &heard.executions {
        results.push(api.result(execution, Some(started.environment.clone())).await?);
    }
    if json {
        print_json(screen, started, &heard, &results, &table)?;
    } else {
        print_end(screen, &heard, &results)?;
    }
    Ok(heard.exit())
}

async fn listen(
    api: &Api,
    screen: &mut Screen,
    started: &RerunStarted,
    mut notes: Notes,
    json: bool,
) -> Result<Heard, Failure> {
    let mut heard = Heard::default();
    loop {
        let note = tokio::select! {
            note = notes.next() => note,
            _ = tokio::signal::ctrl_c() => {
                // The second time the person will not wait: what is left is killed on the way out.
                if heard.interrupted {
                    return Ok(heard);
                }
                heard.interrupted = true;
                cancel(api, started).await;
                continue;
            }
        };
        match note {
            None => return Ok(heard),
            Some(Note::Called(mut call)) => {
                api.name_arguments(&mut call).await?;
                if !json {
                    print_call(screen, &call)?;
                }
                heard.calls.push(call);
            }
            Some(Note::Ended(end)) => {
                if !json {
                    print_ended(screen, &end)?;
                }
                heard.ended.push(end);
            }
            Some(Note::Reached(effect)) => {
                if effects::add(&mut heard.effects, effect.clone()) && !json {
                    print_effect(screen, &effect)?;
                }
            }
            Some(Note::Debugger(debug)) => debug::announce(&debug, json, screen)?,
            Some(Note::Saved(saved)) => {
                if !json {
                    screen.line(&screen.ink(Ink::Notice, &saved.sentence()))?;
                }
                heard.saved.extend(saved.files);
            }
            Some(Note::Lost(error)) => return Err(error.into()),
            Some(Note::Done(done)) => {
                heard.executions = done.executions.iter().map(ToString::to_string).collect();
                heard.succeeded = done.succeeded;
                return Ok(heard);
            }
        }
    }
}

async fn cancel(api: &Api, started: &RerunStarted) {
    for execution in &started.executions {
        // One that has ended needs no cancelling.
        let _ = api.ask(Cancel { execution: execution.clone() }).await;
    }
}

impl Heard {
    fn count(&self, call: CallState) -> usize {
        self.last_answers().filter(|note| note.call == call).count()
    }

    /// Each call once, with its last answer.
    fn last_answers(&self) -> impl Iterator<Item = &CallNote> {
        let place = |call: &CallNote| (call.caller.clone(), call.ordinal);
        let last: std::collections::HashMap<_, _> =
            self.calls.iter().enumerate().map(|(index, call)| (place(call), index)).collect();
        let calls = self.calls.iter().enumerate();
        calls.filter(move |(index, call)| last[&place(call)] == *index).map(|(_, call)| call)
    }

    fn exit(&self) -> Exit {
        if self.interrupted {
            Exit::Interrupted
        } else if self.succeeded {
            Exit::Well
        } else if self.count(CallState::Refused) > 0 {
            Exit::Guard
        } else {
            Exit::StepFailed
        }
    }
}

pub(crate) fn print_call(screen: &mut Screen, call: &CallNote) -> std::io::Result<()> {
    let row = [
        (Ink::of_call(call.call), words::call(call.call).to_owned()),
        (Ink::Plain, function(&call.target).to_owned()),
        (Ink::Faint, call.execution.clone().unwrap_or_default()),
        (Ink::Faint, call.reason.clone()),
    ];
    screen.line(&format!("  {}", table::line(screen, &row, &WIDTHS)))?;
    for difference in &call.differences {
        let key = if difference.in_key { " (in the memo key)" } else { "" };
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
        let (before, now) = (side(&difference.ancestor), side(&difference.local));
        let text = format!(
            "            {}{}{key}: {before} there, {now} here",
            words::argument(difference.name.as_deref(), difference.index),
            difference.path
        );
        screen.line(&screen.ink(Ink::Notice, &text))?;
    }
    Ok(())
}

pub(crate) fn print_ended(screen: &mut Screen, end: &EndNote) -> std::io::Result<()> {
    let took = end.duration_ms.map(duration).unwrap_or_default();
    let how = if end.note.is_empty() { took } else { format!("{}  {took}", end.note) };
    let row = [
        (Ink::of(end.state), words::state(end.state).to_owned()),
        (Ink::Plain, function(&end.target).to_owned()),
        (Ink::Faint, end.execution.clone()),
        (Ink::Plain, how),
    ];
    screen.line(&format!("  {}", table::line(screen, &row, &WIDTHS)))
}

pub(crate) fn print_effect(screen: &mut Screen, effect: &EffectView) -> std::io::Result<()> {
    let word = if effect.refused { "refused" } else { "effect" };
    let row = [(Ink::Notice, word.to_owned()), (Ink::Faint, effect.execution.clone())];
    let head = table::line(screen, &row, &WIDTHS);
    screen.line(&format!("  {head}  {}", effects::line(screen, effect)))
}

fn function(target: &str) -> &str {
    target.rsplit_once(':').map_or(target, |(_, function)| function)
}

fn print_end(screen: &mut Screen, heard: &Heard, results: &[StepResult]) -> std::io::Result<()> {
    for one in results {
        result::print(screen, one)?;
    }
    let stopped = heard.count(CallState::Refused) + heard.count(CallState::Blocked);
    let (ran, pinned) = (heard.ended.len(), heard.count(CallState::Pinned));
    let summary = match stopped {
        0 => format!("{ran} ran, {pinned} pinned"),
        _ => format!("{ran} ran, {pinned} pinned, {stopped} stopped at the guard"),
    };
    screen.line(&screen.ink(Ink::Faint, &summary))
}

fn print_json(
    screen: &mut Screen,
    started: &RerunStarted,
    heard: &Heard,
    results: &[StepResult],
    outcomes: &[OutcomeRow],
) -> std::io::Result<()> {
    screen.json(&json!({
        "environment": started.environment,
        "run": started.run,
        "steps": started.steps,
        "executions": started.executions,
        "rerun": started.rerun,
        "locked": started.locked,
        "calls": heard.calls,
        "ended": heard.ended,
        "effects": heard.effects,
        "saved": heard.saved,
        "results": results,
        "outcomes": outcomes,
        "pinned": heard.count(CallState::Pinned),
        "ran": heard.ended.len(),
        "stopped": heard.count(CallState::Refused) + heard.count(CallState::Blocked),
        "succeeded": heard.succeeded,
    }))
}
