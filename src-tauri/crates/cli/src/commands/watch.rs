//! `hindcast rerun --watch`

use hindcast_api::calls::Rerun as Wish;
use hindcast_api::view::{TryDifference, TryResult, TryState, TryView};
use hindcast_api::{Api, Note, WatchNote};

use super::{rerun, result, step_diff};
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::time::duration;
use crate::words;

/// Runs steps again at every save until Ctrl+C, and tells of each try.
pub(crate) async fn run(api: &Api, screen: &mut Screen, wish: Wish, json: bool) -> Done {
    let mut watch = api.watch(wish).await?;
    let mut last = None;
    loop {
        let note = tokio::select! {
            note = watch.next() => note,
            _ = tokio::signal::ctrl_c() => None,
        };
        match note {
            None => return Ok(exit(last)),
            Some(WatchNote::Try(one)) => {
                last = Some(one.state);
                if json {
                    screen.json_line(&*one)?;
                } else {
                    print(api, screen, &one).await?;
                }
            }
            Some(WatchNote::Note(note)) if !json => print_note(api, screen, note).await?,
            Some(WatchNote::Beside(files)) if !json => {
                let named: Vec<String> = files.into_iter().collect();
                let text = format!("{} saved; the chosen steps do not reach it", named.join(", "));
                screen.line(&screen.ink(Ink::Faint, &text))?;
            }
            Some(WatchNote::Note(_) | WatchNote::Beside(_)) => {}
        }
    }
}

/// How the last try ended that did.
fn exit(last: Option<TryState>) -> Exit {
    match last {
        Some(TryState::Failed) => Exit::StepFailed,
        Some(TryState::Faulty | TryState::Refused) => Exit::BadInput,
        Some(TryState::Running) => Exit::Interrupted,
        None | Some(TryState::Succeeded | TryState::Overtaken) => Exit::Well,
    }
}

async fn print_note(api: &Api, screen: &mut Screen, note: Note) -> std::io::Result<()> {
    match note {
        Note::Called(mut call) => {
            // A call whose parameters cannot be named is told by their positions.
            let _ = api.name_arguments(&mut call).await;
            rerun::print_call(screen, &call)
        }
        Note::Ended(end) => rerun::print_ended(screen, &end),
        Note::Reached(effect) => rerun::print_effect(screen, &effect),
        // Told with the try that they lead to, or end. A watch has no debugger.
        Note::Saved(_) | Note::Debugger(_) | Note::Done(_) | Note::Lost(_) => Ok(()),
    }
}

async fn print(api: &Api, screen: &mut Screen, one: &TryView) -> std::io::Result<()> {
    let took = one.took_ms.map(duration).unwrap_or_default();
    if one.state == TryState::Overtaken {
        let text = format!("try {} cancelled: its code was saved again", one.number);
        return screen.line(&screen.ink(Ink::Faint, &text));
    }
    // One that started was announced when it did.
    if one.state == TryState::Running || one.started.is_none() {
        let saved = if one.saved.is_empty() {
            String::new()
        } else {
            format!(": {} saved", one.saved.join(", "))
        };
        screen.line("")?;
        screen.line(&screen.ink(Ink::Bold, &format!("try {}{saved}", one.number)))?;
    }
    for fault in &one.faults {
        let line = fault.line.map(|line| format!(":{line}")).unwrap_or_default();
        let text = format!("  {}{line}  {}", fault.file, fault.message);
        screen.line(&screen.ink(Ink::Bad, &text))?;
        if let Some(text) = &fault.text {
            screen.line(&screen.ink(Ink::Plain, &format!("    {}", text.trim())))?;
        }
    }
    if let Some(message) = &one.message {
        screen.line(&screen.ink(Ink::Bad, &format!("  {message}")))?;
    }
    if one.state == TryState::Faulty {
        screen.line(&screen.ink(Ink::Faint, "  nothing was started"))?;
    }
    let environment = one.started.as_ref().map(|started| started.environment.clone());
    for result in &one.results {
        print_result(api, screen, result, environment.clone()).await?;
    }
    if one.state == TryState::Running {
        return Ok(());
    }
    screen.line(&screen.ink(Ink::Faint, &format!("  {took}; waiting for a save, Ctrl+C ends")))
}

async fn print_result(
    api: &Api,
    screen: &mut Screen,
    result: &TryResult,
    environment: Option<String>,
) -> std::io::Result<()> {
    let state = screen.ink(Ink::of(result.state), words::state(result.state));
    let head = screen.ink(Ink::Bold, &format!("  {} {}", result.execution, result.target));
    screen.line(&format!("{head} {state}"))?;
    // Where it raised is what is looked for. One that was deleted meanwhile has its outcome left.
    let whole = api.result(&result.execution, environment).await.ok();
    match whole.and_then(|whole| whole.error) {
        Some(error) => result::print_error(screen, &error, false)?,
        None => screen.line(&format!("    {}", result.outcome))?,
    }
    let sides = [("the try before", &result.previous), ("the ancestor", &result.ancestor)];
    for (name, side) in sides {
        if let Some(side) = side {
            print_side(screen, name, side)?;
        }
    }
    Ok(())
}

fn print_side(screen: &mut Screen, name: &str, side: &TryDifference) -> std::io::Result<()> {
    let word = screen.ink(Ink::of_divergence(side.divergence), words::divergence(side.divergence));
    let other = screen.ink(Ink::Faint, &format!("{} {}", side.execution, side.outcome));
    screen.line(&format!("    beside {name}: {word}  {other}"))?;
    step_diff::differences(screen, &side.result)
}
