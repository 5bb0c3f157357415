//! What else a re-run can be asked for: a debugger, other arguments, all steps that are alike.

use std::io::Write as _;

use hindcast_api::Api;
use hindcast_api::calls::{GetAlike, GetOutcomes};
use hindcast_api::choice::{ArgumentChoice, DebugChoice, TextForm};
use hindcast_api::view::{RerunStarted, TryResult};

use super::step_diff;
use crate::arguments::Debugger;
use crate::exit::Failure;
use crate::screen::{Ink, Screen};
use crate::{table, words};

/// How wide the table's columns are: the step, how it stands, how it compares.
const WIDTHS: [usize; 3] = [10, 10, 10];

/// The debugger as the api has it.
pub(super) fn choice(debug: &Debugger) -> Option<DebugChoice> {
    debug.debug.then_some(DebugChoice {
        port: debug.debug_port,
        at_raise: debug.at_raise,
        install: debug.install_debugpy,
        launch: debug.launch_json,
    })
}

/// The edited arguments as the api has them.
pub(super) fn arguments(
    python: &[String],
    json: &[String],
) -> Result<Vec<ArgumentChoice>, Failure> {
    let read = |flag: &str, text: &String, form| {
        let (argument, value) = text
            .split_once('=')
            .ok_or_else(|| Failure::Usage(format!("{flag} {text}: not N=VALUE or NAME=VALUE")))?;
        Ok(ArgumentChoice {
            argument: argument.to_owned(),
            value: value.to_owned(),
            form: Some(form),
        })
    };
    let python = python.iter().map(|text| read("--argument", text, TextForm::Python));
    let json = json.iter().map(|text| read("--argument-json", text, TextForm::Json));
    python.chain(json).collect()
}

/// All steps that are like the given one.
pub(super) async fn alike(api: &Api, steps: Vec<String>) -> Result<Vec<String>, Failure> {
    let count = steps.len();
    let Ok([step]) = <[String; 1]>::try_from(steps) else {
        return Err(Failure::Usage(format!("--all-alike takes one step, not {count}")));
    };
    Ok(api.ask(GetAlike { step }).await?)
}

/// What came of executions, differences first.
pub(super) async fn outcomes(
    api: &Api,
    executions: &[String],
    environment: &str,
) -> Result<Vec<TryResult>, Failure> {
    let (executions, environment) = (executions.to_vec(), environment.to_owned());
    Ok(api.ask(GetOutcomes { executions, environment }).await?)
}

/// Prints them, a line each, with what differs below.
pub(super) async fn table(
    api: &Api,
    screen: &mut Screen,
    executions: &[String],
    environment: &str,
) -> Result<(), Failure> {
    let results = outcomes(api, executions, environment).await?;
    screen.line("")?;
    for result in &results {
        let (ink, word) = result.ancestor.as_ref().map_or((Ink::Faint, ""), |side| {
            (Ink::of_divergence(side.divergence), words::divergence(side.divergence))
        });
        let row = [
            (Ink::Bold, result.step.clone()),
            (Ink::of(result.state), words::state(result.state).to_owned()),
            (ink, word.to_owned()),
            (Ink::Plain, result.outcome.clone()),
        ];
        screen.line(&table::line(screen, &row, &WIDTHS))?;
        if let Some(side) = &result.ancestor {
            if !word.is_empty() && side.outcome != result.outcome {
                let there = format!("    there: {}", side.outcome);
                screen.line(&screen.ink(Ink::Faint, &there))?;
            }
            step_diff::differences(screen, &side.result)?;
        }
    }
    Ok(())
}

/// Says how to attach a debugger: on standard error where JSON is printed, so that whoever reads that
/// can attach meanwhile.
pub(super) fn announce(
    started: &RerunStarted,
    json: bool,
    screen: &mut Screen,
) -> Result<(), Failure> {
    for waiting in &started.debug {
        let head =
            format!("{} waits for a debugger on {}:{}", waiting.step, waiting.host, waiting.port);
        if json {
            writeln!(std::io::stderr(), "{head}")?;
            continue;
        }
        screen.line(&screen.ink(Ink::Bold, &head))?;
        screen.line(&screen.ink(Ink::Faint, "VS Code, in .vscode/launch.json:"))?;
        screen.line(&waiting.vscode)?;
        screen.line(&format!("{} {}", screen.ink(Ink::Faint, "PyCharm:"), waiting.pycharm))?;
        screen.line(&format!("{} {}", screen.ink(Ink::Faint, "Neovim:"), waiting.neovim))?;
    }
    Ok(())
}
