//! `hindcast outcomes`: what came of a re-run's chosen steps, a row each.

use hindcast_api::Api;
use hindcast_api::calls::{GetAlike, GetOutcomes};
use hindcast_api::choice::{ArgumentChoice, TextForm};
use hindcast_api::view::{Divergence, OutcomeRow, OutcomesView};

use super::step_diff;
use crate::arguments::edited::{Edited, Outcomes};
use crate::exit::{Done, Exit, Failure};
use crate::screen::{Ink, Screen};
use crate::time::duration;
use crate::{table, words};

/// How long an argument is written in a row, in characters.
const SHORT: usize = 40;

pub(crate) async fn run(api: &Api, screen: &mut Screen, wish: Outcomes) -> Done {
    let rerun = (wish.rerun != "last").then_some(wish.rerun);
    let view = of(api, rerun).await?;
    if wish.json.json {
        screen.json(&view)?;
        return Ok(Exit::Well);
    }
    let head = format!("re-run {} of {} in {}", view.rerun, view.run, view.environment);
    screen.line(&screen.ink(Ink::Bold, &head))?;
    print(screen, &view)?;
    Ok(Exit::Well)
}

/// What came of a re-run.
pub(super) async fn of(api: &Api, rerun: Option<String>) -> Result<OutcomesView, Failure> {
    Ok(api.ask(GetOutcomes { rerun, differences: true }).await?)
}

/// The edited arguments as the api has them.
pub(super) fn edited(edited: &Edited) -> Result<Vec<ArgumentChoice>, Failure> {
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
    let python = edited.argument.iter().map(|text| read("--argument", text, TextForm::Python));
    let json = edited.argument_json.iter();
    let json = json.map(|text| read("--argument-json", text, TextForm::Json));
    python.chain(json).collect()
}

/// The steps that are meant: with `all_alike`, all that are like the given one.
pub(super) async fn steps(
    api: &Api,
    steps: Vec<String>,
    all_alike: bool,
) -> Result<Vec<String>, Failure> {
    if !all_alike {
        return Ok(steps);
    }
    let count = steps.len();
    let Ok([step]) = <[String; 1]>::try_from(steps) else {
        return Err(Failure::Usage(format!("--all-alike takes one step, not {count}")));
    };
    Ok(api.ask(GetAlike { step }).await?)
}

/// Prints a line for each step, with what differs below it.
pub(super) fn print(screen: &mut Screen, view: &OutcomesView) -> std::io::Result<()> {
    let rows: Vec<Vec<table::Cell>> =
        view.rows.iter().map(|row| cells(row, &view.arguments)).collect();
    let widths = table::widths(&rows);
    for (row, cells) in view.rows.iter().zip(&rows) {
        screen.line(&table::line(screen, cells, &widths))?;
        let Some(side) = &row.ancestor else { continue };
        if side.outcome != row.outcome && !row.outcome.is_empty() {
            let there = format!("    there: {}", side.outcome);
            screen.line(&screen.ink(Ink::Faint, &there))?;
        }
        step_diff::differences(screen, &side.result)?;
    }
    let same = |row: &&OutcomeRow| {
        row.ancestor.as_ref().is_some_and(|side| side.divergence == Divergence::Equal)
    };
    let same = view.rows.iter().filter(same).count();
    let went_on = if view.ended { "" } else { "; it has not ended" };
    let summary = format!(
        "{}, {same} the same as the ancestor's{went_on}",
        words::count(view.rows.len(), "outcome")
    );
    screen.line(&screen.ink(Ink::Faint, &summary))
}

fn divergence(row: &OutcomeRow) -> &'static str {
    row.ancestor.as_ref().map_or("", |side| words::divergence(side.divergence))
}

fn cells(row: &OutcomeRow, names: &[String]) -> Vec<table::Cell> {
    let ink = row.ancestor.as_ref().map_or(Ink::Faint, |side| Ink::of_divergence(side.divergence));
    let mut cells = vec![
        (Ink::Bold, row.step.clone()),
        (Ink::of(row.state), words::state(row.state).to_owned()),
        (ink, divergence(row).to_owned()),
        (Ink::Faint, row.duration_ms.map(duration).unwrap_or_default()),
    ];
    let arguments = names.iter().zip(&row.arguments);
    cells.extend(arguments.map(|(name, text)| (Ink::Plain, format!("{name}={}", shortened(text)))));
    cells.push((Ink::Plain, row.outcome.clone()));
    cells
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= SHORT {
        return text.to_owned();
    }
    text.chars().take(SHORT - 1).chain(['…']).collect()
}
