//! `hindcast why`

use hindcast_api::Api;
use hindcast_api::calls::GetWhy;
use hindcast_api::view::WhyCall;

use crate::arguments::Why;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::words;

pub(crate) async fn run(api: &Api, screen: &mut Screen, why: Why) -> Done {
    let report = api.ask(GetWhy { id: why.id, environment: why.from.environment }).await?;
    if why.json.json {
        screen.json(&report)?;
        return Ok(Exit::Well);
    }
    let head = format!("{} {} in {}", report.step, report.target, report.environment);
    screen.line(&screen.ink(Ink::Bold, &head))?;
    if let Some(execution) = &report.execution {
        let because = report.because.clone().unwrap_or_default();
        let edited = match report.edited.as_slice() {
            [] => String::new(),
            edited => format!(", edited: {}", edited.join(", ")),
        };
        let text = format!("{execution}: {because}{edited}");
        screen.line(&screen.ink(Ink::Plain, &text))?;
    }
    if let Some(counterpart) = &report.counterpart {
        let text = format!("the ancestor's same call: {counterpart}");
        screen.line(&screen.ink(Ink::Faint, &text))?;
    }
    for one in &report.why {
        let call = screen.ink(Ink::of_call(one.answer), words::call(one.answer));
        let text = format!("for {} ({}): {}", one.caller, one.caller_target, one.reason);
        screen.line(&format!("{call} {}", screen.ink(Ink::Plain, &text)))?;
    }
    if report.why.is_empty() {
        screen.line(&screen.ink(Ink::Faint, "no call made here led to it"))?;
    }
    if !report.calls.is_empty() {
        screen.line(&screen.ink(Ink::Plain, "it called"))?;
    }
    for call in &report.calls {
        print(screen, call)?;
    }
    Ok(Exit::Well)
}

fn print(screen: &mut Screen, call: &WhyCall) -> std::io::Result<()> {
    let word = screen.ink(Ink::of_call(call.answer), words::call(call.answer));
    let target = screen.ink(Ink::Plain, &format!("{} {}", call.ordinal, call.target));
    let reason = screen.ink(Ink::Faint, &call.reason);
    screen.line(&format!("  {word} {target}: {reason}"))?;
    let differences = call.miss.iter().flat_map(|miss| &miss.differences);
    for difference in differences {
        let key = if difference.in_key { " (in the memo key)" } else { "" };
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
        let text = format!(
            "      {}{}{key}: {} there, {} here",
            words::argument(difference.name.as_deref(), difference.index),
            difference.path,
            side(&difference.ancestor),
            side(&difference.local)
        );
        screen.line(&screen.ink(Ink::Notice, &text))?;
    }
    Ok(())
}
