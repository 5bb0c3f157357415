//! `hindcast diff RUN:STEP`: a step's two executions side by side.

use hindcast_api::view::{
    AlignedStep, ComparedSide, DifferenceLine, Divergence, StepComparison, TextChangeView,
    TextLineView,
};

use crate::screen::{Ink, Screen};
use crate::words;

type Done = std::io::Result<()>;

/// Prints all that differs, and of the rest that it does not.
pub(crate) fn print(screen: &mut Screen, compared: &StepComparison) -> Done {
    let head = format!("{} {}: ", compared.step, compared.target);
    let how =
        screen.ink(Ink::of_divergence(compared.divergence), words::divergence(compared.divergence));
    screen.line(&format!("{}{how}", screen.ink(Ink::Bold, &head)))?;
    side(screen, &compared.ancestor, Ink::Bad, '-')?;
    side(screen, &compared.local, Ink::Good, '+')?;
    let changed = compared.arguments.iter().filter(|one| !one.differences.is_empty());
    for argument in changed {
        let key = if argument.in_key { ", in the memo key" } else { "" };
        let edited = if argument.edited { ", edited" } else { "" };
        let name = words::argument(argument.name.as_deref(), argument.index);
        title(screen, &format!("{name}{edited}{key}"))?;
        differences(screen, &argument.differences)?;
    }
    if !compared.result.is_empty() {
        title(screen, "result")?;
        differences(screen, &compared.result)?;
    }
    for (name, lines) in [("error", &compared.error), ("logs", &compared.logs)] {
        if !lines.is_empty() {
            title(screen, name)?;
            lines.iter().try_for_each(|line| text(screen, line))?;
        }
    }
    let changed = compared.calls.iter().filter(|call| call.divergence != Divergence::Equal);
    let changed: Vec<&AlignedStep> = changed.collect();
    if !changed.is_empty() {
        title(screen, "calls")?;
    }
    changed.into_iter().try_for_each(|call| call_line(screen, call))
}

fn title(screen: &mut Screen, text: &str) -> Done {
    screen.line(&screen.ink(Ink::Bold, text))
}

fn side(screen: &mut Screen, side: &ComparedSide, ink: Ink, sign: char) -> Done {
    let took = side.duration_ms.map(|ms| format!(", {ms} ms")).unwrap_or_default();
    let logs = if side.logs == 0 { String::new() } else { format!(", {} log lines", side.logs) };
    let head = format!(
        "{sign} {} in {}: {}{took}{logs}",
        side.execution,
        side.environment,
        words::state(side.state)
    );
    screen.line(&screen.ink(ink, &head))?;
    screen.line(&screen.ink(Ink::Plain, &format!("    {}", side.outcome)))
}

/// Where two values differ.
pub(crate) fn differences(screen: &mut Screen, lines: &[DifferenceLine]) -> Done {
    lines.iter().try_for_each(|difference| {
        let place = if difference.path.is_empty() { "value" } else { &difference.path };
        if !difference.text.is_empty() {
            screen.line(&screen.ink(Ink::Plain, &format!("  {place}:")))?;
            return difference.text.iter().try_for_each(|line| text(screen, line));
        }
        if let Some(ancestor) = &difference.ancestor {
            screen.line(&screen.ink(Ink::Bad, &format!("  - {place}: {ancestor}")))?;
        }
        if let Some(local) = &difference.local {
            screen.line(&screen.ink(Ink::Good, &format!("  + {place}: {local}")))?;
        }
        Ok(())
    })
}

fn text(screen: &mut Screen, line: &TextLineView) -> Done {
    let said: String = line.parts.iter().map(|part| part.text.as_str()).collect();
    let (ink, sign) = match line.change {
        TextChangeView::Same => (Ink::Faint, ' '),
        TextChangeView::Removed => (Ink::Bad, '-'),
        TextChangeView::Added => (Ink::Good, '+'),
        TextChangeView::LeftOut => {
            let text = format!("    {} the same", words::count(line.left_out as usize, "line"));
            return screen.line(&screen.ink(Ink::Faint, &text));
        }
    };
    screen.line(&screen.ink(ink, &format!("  {sign} {said}")))
}

fn call_line(screen: &mut Screen, call: &AlignedStep) -> Done {
    let how = words::divergence(call.divergence);
    let id = call.local.as_ref().or(call.ancestor.as_ref()).map_or("", String::as_str);
    let line = format!("  {how} {} {id} {}", call.target, call.note);
    screen.line(&screen.ink(Ink::of_divergence(call.divergence), line.trim_end()))
}
