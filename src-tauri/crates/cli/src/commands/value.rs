//! `hindcast value`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use hindcast_api::Api;
use hindcast_api::calls::{CopyValue, FindInValue, PreviewValue, SaveValue};
use hindcast_api::choice::{SaveForm, TextForm};
use hindcast_api::view::{ObjectPreview, TablePreview, ValueMatches};

use super::{absolute, project};
use crate::arguments::{From, Json, Project};
use crate::exit::{Done, Exit, Failure};
use crate::screen::{Ink, Screen};
use crate::table;

/// `hindcast value`
#[derive(Debug, Args)]
pub(crate) struct Value {
    /// Step or execution id; of a step its newest attempt.
    #[arg(value_name = "RUN:STEP[:ATTEMPT]")]
    pub(crate) id: String,
    /// Its argument of this number, from 1, in place of its result.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) argument: Option<u32>,
    /// Only this part of it: places from the top, as --find tells them.
    #[arg(long, value_name = "0.2.1", value_delimiter = '.')]
    pub(crate) at: Vec<u32>,
    /// Say where in it a text is.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["preview", "output"])]
    pub(crate) find: Option<String>,
    /// Say what a pickled object or a data frame is: a throw-away Python of the project loads it.
    #[arg(long, conflicts_with = "output")]
    pub(crate) preview: bool,
    /// Write it to a new file in this folder.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) form: Form,
    #[command(flatten)]
    pub(crate) from: From,
    #[command(flatten)]
    pub(crate) project: Project,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Form {
    /// As Python would write it.
    #[default]
    Python,
    /// As JSON, where it has such a form.
    Json,
    /// To a file: a text, bytes or a pickle as it is.
    Raw,
}

pub(crate) async fn run(api: &Api, screen: &mut Screen, value: Value) -> Done {
    let (handle, path) = (handle(api, &value).await?, value.at.clone());
    if let Some(text) = value.find {
        let found = api.ask(FindInValue { handle, path, text }).await?;
        return if value.json.json { json(screen, &found) } else { matches(screen, &found) };
    }
    if value.preview {
        project::choose(api, value.project)?;
        let found = api.ask(PreviewValue { handle, path }).await?;
        return if value.json.json { json(screen, &found) } else { object(screen, &found) };
    }
    if let Some(folder) = &value.output {
        let (form, folder) = (saved(value.form), absolute(folder)?);
        let written = api.ask(SaveValue { handle, path, form, folder }).await?;
        if value.json.json {
            return json(screen, &written);
        }
        screen.line(&screen.ink(Ink::Plain, &written.path))?;
        return Ok(Exit::Well);
    }
    let form = match value.form {
        Form::Python => TextForm::Python,
        Form::Json => TextForm::Json,
        Form::Raw => return Err(Failure::Usage("--form raw needs a folder: -o DIR".to_owned())),
    };
    let text = api.value_text(CopyValue { handle, path, form }).await?;
    text.lines().try_for_each(|line| screen.line(&screen.ink(Ink::Plain, line)))?;
    Ok(Exit::Well)
}

fn saved(form: Form) -> SaveForm {
    match form {
        Form::Python => SaveForm::Python,
        Form::Json => SaveForm::Json,
        Form::Raw => SaveForm::Raw,
    }
}

/// How the api names the value.
async fn handle(api: &Api, value: &Value) -> Result<String, Failure> {
    let result = api.result(&value.id, value.from.environment.clone()).await?;
    let execution = result.execution;
    let step = execution.rsplit_once(':').map_or(execution.as_str(), |(step, _)| step);
    Ok(match value.argument {
        Some(number) => format!("argument/{step}/{}", number - 1),
        None => format!("result/{execution}"),
    })
}

fn json(screen: &mut Screen, what: &impl serde::Serialize) -> Done {
    screen.json(what)?;
    Ok(Exit::Well)
}

fn matches(screen: &mut Screen, found: &ValueMatches) -> Done {
    let rows = found.matches.iter().map(|one| {
        let path: Vec<String> = one.path.iter().map(u32::to_string).collect();
        vec![
            (Ink::Faint, path.join(".")),
            (Ink::Bold, one.place.clone()),
            (Ink::Plain, one.excerpt.clone()),
        ]
    });
    table::print(screen, &rows.collect::<Vec<_>>())?;
    if found.more {
        screen.line(&screen.ink(Ink::Faint, "and more"))?;
    } else if found.matches.is_empty() {
        screen.line(&screen.ink(Ink::Faint, "It is not in it."))?;
    }
    Ok(Exit::Well)
}

fn object(screen: &mut Screen, found: &ObjectPreview) -> Done {
    screen.line(&screen.ink(Ink::Bold, &found.class))?;
    if let Some(rows) = &found.table {
        print_table(screen, rows)?;
    } else {
        for line in found.text.lines() {
            screen.line(&screen.ink(Ink::Plain, line))?;
        }
        let parts = found.parts.iter();
        let parts = parts.map(|(name, text)| {
            vec![(Ink::Faint, format!("  {name}")), (Ink::Plain, text.clone())]
        });
        table::print(screen, &parts.collect::<Vec<_>>())?;
    }
    Ok(Exit::Well)
}

fn print_table(screen: &mut Screen, found: &TablePreview) -> std::io::Result<()> {
    let size = format!("{} rows, {} columns", found.rows, found.width);
    screen.line(&screen.ink(Ink::Faint, &size))?;
    let head = found.columns.iter().map(|name| (Ink::Bold, name.clone())).collect();
    let rows = found
        .head
        .iter()
        .map(|row| row.iter().map(|cell| (Ink::Plain, cell.clone())).collect::<Vec<table::Cell>>());
    table::print(screen, &std::iter::once(head).chain(rows).collect::<Vec<_>>())
}
