//! `hindcast result`

use hindcast_api::view::{ErrorView, FrameView};
use hindcast_api::{Api, StepResult};

use crate::arguments::Outcome;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::words;

pub(crate) async fn run(api: &Api, screen: &mut Screen, outcome: Outcome) -> Done {
    let result = api.result(&outcome.id, outcome.from.environment).await?;
    if outcome.json.json {
        screen.json(&result)?;
    } else {
        print_with(screen, &result, outcome.locals)?;
    }
    Ok(if result.succeeded { Exit::Well } else { Exit::StepFailed })
}

/// Prints what came out of a step.
pub(crate) fn print(screen: &mut Screen, result: &StepResult) -> std::io::Result<()> {
    print_with(screen, result, false)
}

fn print_with(screen: &mut Screen, result: &StepResult, locals: bool) -> std::io::Result<()> {
    let head = format!("{} in {}", result.execution, result.environment);
    let state = screen.ink(Ink::of(result.state), words::state(result.state));
    screen.line(&format!("{} {state}", screen.ink(Ink::Bold, &head)))?;
    if let Some(python) = &result.python {
        screen.line(&screen.ink(Ink::Plain, python))?;
    }
    if let Some(error) = &result.error {
        print_error(screen, error, locals)?;
    }
    if let Some(text) = &result.otherwise {
        screen.line(&screen.ink(Ink::Plain, text))?;
    }
    Ok(())
}

/// As Python prints it: what came first is above.
pub(crate) fn print_error(
    screen: &mut Screen,
    error: &ErrorView,
    locals: bool,
) -> std::io::Result<()> {
    for before in error.chained.iter().rev() {
        print_frames(screen, &before.frames, locals)?;
        print_exception(screen, &before.class, &before.message)?;
        screen.line("")?;
        screen.line(&screen.ink(Ink::Faint, &format!("{}:", words::chained(before.direct))))?;
        screen.line("")?;
    }
    print_frames(screen, &error.frames, locals)?;
    print_exception(screen, &error.class, &error.message)
}

fn print_frames(screen: &mut Screen, frames: &[FrameView], locals: bool) -> std::io::Result<()> {
    for frame in frames {
        let file = frame.local.as_ref().unwrap_or(&frame.file);
        // A text that is no traceback stands in a frame without a place.
        if !file.is_empty() {
            let place = format!("  {file}:{} in {}", frame.line, frame.function);
            screen.line(&screen.ink(Ink::Faint, &place))?;
        }
        // What a process said last is of several lines.
        for line in frame.code.lines() {
            screen.line(&screen.ink(Ink::Plain, &format!("    {line}")))?;
        }
        for local in frame.locals.iter().filter(|_| locals) {
            let text = format!("      {} = {}", local.name, local.text);
            screen.line(&screen.ink(Ink::Faint, &text))?;
        }
        if locals && frame.more_locals > 0 {
            let text = format!("      and {} more", frame.more_locals);
            screen.line(&screen.ink(Ink::Faint, &text))?;
        }
    }
    Ok(())
}

fn print_exception(screen: &mut Screen, class: &str, message: &str) -> std::io::Result<()> {
    let mut lines = message.lines();
    let first = format!("{class}: {}", lines.next().unwrap_or_default());
    screen.line(&screen.ink(Ink::Bad, &first))?;
    lines.try_for_each(|line| screen.line(&screen.ink(Ink::Bad, line)))
}
