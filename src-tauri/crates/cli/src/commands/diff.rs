//! `hindcast diff`

use hindcast_api::Api;
use hindcast_api::calls::{Compare, CompareStep, GetTree};
use hindcast_api::view::{AlignedStep, Comparison, Divergence};

use super::step_diff;
use crate::arguments::Diff;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::words;

pub(crate) async fn run(api: &Api, screen: &mut Screen, diff: Diff) -> Done {
    let run = diff.id.split_once(':').map_or(diff.id.as_str(), |(run, _)| run).to_owned();
    let tree = api.ask(GetTree { run: run.clone(), environment: diff.environment }).await?;
    let mut compared = api.ask(Compare { run, environment: tree.environment }).await?;
    if diff.id.contains(':') {
        narrow(&mut compared, &diff.id);
    }
    if diff.id.contains(':') && !diff.json.json {
        let (step, environment) = (diff.id, compared.environment);
        let asked = CompareStep { step, environment, ancestor: None, local: None };
        step_diff::print(screen, &api.ask(asked).await?)?;
    } else if diff.json.json {
        screen.json(&compared)?;
    } else {
        print(screen, &compared)?;
    }
    Ok(Exit::Well)
}

/// Leaves only one step.
fn narrow(compared: &mut Comparison, step: &str) {
    let first = compared.first_divergence.take();
    let first = first.and_then(|first| compared.steps.get(first as usize)).cloned();
    let of_step = |execution: &Option<String>| {
        let execution = execution.as_deref().and_then(|execution| execution.rsplit_once(':'));
        execution.is_some_and(|(of, _)| of == step)
    };
    compared.steps.retain(|one| of_step(&one.ancestor) || of_step(&one.local));
    let index = compared.steps.iter().position(|one| {
        first
            .as_ref()
            .is_some_and(|first| one.local == first.local && one.ancestor == first.ancestor)
    });
    compared.first_divergence = index.and_then(|index| u32::try_from(index).ok());
}

fn print(screen: &mut Screen, compared: &Comparison) -> std::io::Result<()> {
    let head = format!("{}: {} against {}", compared.run, compared.environment, compared.ancestor);
    screen.line(&screen.ink(Ink::Bold, &head))?;
    let first = compared.first_divergence.map(|first| first as usize);
    let told = compared
        .steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.divergence != Divergence::Equal || compared.steps.len() == 1);
    let mut equal = compared.steps.len();
    for (index, step) in told {
        equal -= 1;
        print_step(screen, step, first == Some(index))?;
    }
    if equal > 0 {
        let text = format!("{} the same", words::count(equal, "call"));
        screen.line(&screen.ink(Ink::Faint, &text))?;
    }
    Ok(())
}

fn print_step(screen: &mut Screen, step: &AlignedStep, first: bool) -> std::io::Result<()> {
    let mark = if first { "first divergence" } else { "" };
    let row = [
        (Ink::of_divergence(step.divergence), words::divergence(step.divergence).to_owned()),
        (Ink::Plain, step.target.clone()),
        (Ink::Faint, step.ancestor.clone().unwrap_or_else(|| "–".to_owned())),
        (Ink::Faint, step.local.clone().unwrap_or_else(|| "–".to_owned())),
        (Ink::Notice, mark.to_owned()),
    ];
    screen.line(&table::line(screen, &row, &[13, 24, 12, 12]))?;
    if step.differences.is_empty() && !step.note.is_empty() {
        screen.line(&screen.ink(Ink::Plain, &format!("    {}", step.note)))?;
    }
    step_diff::differences(screen, &step.differences)
}
