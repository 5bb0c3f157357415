//! `hindcast pin`, `unpin`, `mock`, `pins`, `match` and `map`

use std::path::{Path, PathBuf};

use hindcast_api::calls::{
    ClearPin, GetPins, LoadPins, RedoPins, RemoveMock, SavePins, SetMatching, SetMock, SetPin,
    SetRenamed, UndoPins, Unpin as UnpinStep, UseMock,
};
use hindcast_api::choice::{MatchingChoice, TextForm};
use hindcast_api::view::{MatchingView, PartView, PinState, PinView, PinsView};
use hindcast_api::{Api, ApiError, ErrorCode};

use super::absolute;
use crate::arguments::pins::{File, Map, Match, Mock, Pin, Pins, PinsCommand, Unpin};
use crate::exit::{Done, Exit, Failure};
use crate::screen::{Ink, Screen};
use crate::table;

pub(crate) async fn pin(api: &Api, screen: &mut Screen, pin: Pin) -> Done {
    let step = pin.step.clone();
    let environment = pin.place.environment;
    let call = SetPin { step: pin.step, execution: pin.execution, environment };
    one(screen, &api.ask(call).await?, &step, pin.json.json)
}

pub(crate) async fn unpin(api: &Api, screen: &mut Screen, unpin: Unpin) -> Done {
    let step = unpin.step.clone();
    let call = UnpinStep { step: unpin.step, environment: unpin.place.environment };
    one(screen, &api.ask(call).await?, &step, unpin.json.json)
}

pub(crate) async fn mock(api: &Api, screen: &mut Screen, mock: Mock) -> Done {
    let Mock { step: said, python, name, r#use, remove, off, place, json } = mock;
    let environment = place.environment;
    let (step, value) = match said.split_once('=') {
        Some((step, value)) => (step.to_owned(), Some(value.to_owned())),
        None => (said.clone(), None),
    };
    let id = step.clone();
    let named = python.is_some() || r#use.is_some() || remove.is_some() || off;
    let pins = match (value, python, r#use, remove) {
        (Some(_), ..) if named => {
            let message =
                format!("{said}: with --python, --use, --remove or --off name the step alone");
            return Err(Failure::Usage(message));
        }
        (Some(value), ..) => {
            let form = TextForm::Json;
            api.ask(SetMock { step, name, value, form, like: None, environment }).await?
        }
        (None, Some(value), ..) => {
            let form = TextForm::Python;
            api.ask(SetMock { step, name, value, form, like: None, environment }).await?
        }
        (None, None, Some(name), _) => api.ask(UseMock { step, name, environment }).await?,
        (None, None, None, Some(name)) => api.ask(RemoveMock { step, name, environment }).await?,
        (None, None, None, None) if off => api.ask(ClearPin { step, environment }).await?,
        (None, None, None, None) => {
            let message =
                format!("{said}: say its value, as in {said}=JSON or {said} --python TEXT");
            return Err(Failure::Usage(message));
        }
    };
    one(screen, &pins, &id, json.json)
}

pub(crate) async fn pins(api: &Api, screen: &mut Screen, pins: Pins) -> Done {
    let Pins { command, run, environment, json } = pins;
    let view = match command {
        None | Some(PinsCommand::List) => api.ask(GetPins { run, environment }).await?,
        Some(PinsCommand::Clear { step }) => {
            let id = step.clone();
            let view = api.ask(ClearPin { step, environment }).await?;
            return one(screen, &view, &id, json);
        }
        Some(PinsCommand::Undo) => api.ask(UndoPins { run, environment }).await?,
        Some(PinsCommand::Redo) => api.ask(RedoPins { run, environment }).await?,
        Some(PinsCommand::Save(to)) => {
            let path = path(&to)?;
            let saved = named(api.ask(SavePins { path, run, environment }).await)?;
            if json {
                screen.json(&saved)?;
            } else {
                screen.line(&screen.ink(Ink::Plain, &format!("saved to {}", saved.path)))?;
            }
            return Ok(Exit::Well);
        }
        Some(PinsCommand::Load(from)) => {
            let path = path(&from)?;
            named(api.ask(LoadPins { path, run, environment }).await)?.pins
        }
    };
    if json {
        screen.json(&view)?;
    } else {
        print(screen, &view)?;
    }
    Ok(Exit::Well)
}

/// The file that is meant: an absolute path, none for the one in the chosen project.
fn path(file: &File) -> Result<Option<String>, Failure> {
    let File { project, file } = file;
    let beside = |folder: &PathBuf| folder.join("hindcast-pins.toml");
    let path: Option<PathBuf> = file.clone().or_else(|| project.as_ref().map(beside));
    path.as_deref().map(|path: &Path| absolute(path)).transpose()
}

/// Here no code would run, so what to say is another than for a re-run.
fn named<T>(answer: Result<T, ApiError>) -> Result<T, Failure> {
    answer.map_err(|error| match error.code {
        ErrorCode::NoProject => {
            Failure::Usage(format!("{}: name it with --project DIR, or a --file", error.message))
        }
        _ => error.into(),
    })
}

pub(crate) async fn matching(api: &Api, screen: &mut Screen, rule: Match) -> Done {
    let Match { target, only, ignore, part, remove, run, place, json } = rule;
    let parts = part.iter().map(|part| split(part)).collect::<Result<Vec<_>, _>>()?;
    let only = (!only.is_empty()).then_some(only);
    let rule = (!remove).then_some(MatchingChoice { only, ignore, parts });
    let call = SetMatching { target, rule, run, environment: place.environment };
    all(screen, &api.ask(call).await?, json.json)
}

fn split(part: &str) -> Result<PartView, Failure> {
    let bad = || Failure::Usage(format!("--part {part}: not PARAMETER=PATH, as in 0=['id']"));
    let (parameter, path) = part.split_once('=').ok_or_else(bad)?;
    Ok(PartView { parameter: parameter.trim().parse().map_err(|_| bad())?, path: path.to_owned() })
}

pub(crate) async fn map(api: &Api, screen: &mut Screen, map: Map) -> Done {
    let Map { new, old, remove, run, place, json } = map;
    let old = old.filter(|_| !remove);
    let call = SetRenamed { target: new, old, run, environment: place.environment };
    all(screen, &api.ask(call).await?, json.json)
}

fn all(screen: &mut Screen, pins: &PinsView, json: bool) -> Done {
    if json {
        screen.json(pins)?;
    } else {
        print(screen, pins)?;
    }
    Ok(Exit::Well)
}

/// What is set for one step now.
fn one(screen: &mut Screen, pins: &PinsView, step: &str, json: bool) -> Done {
    if json {
        screen.json(pins)?;
        return Ok(Exit::Well);
    }
    if let Some(pin) = pins.steps.iter().find(|pin| pin.step == step) {
        table::print(screen, &rows(pin))?;
    } else {
        let text = format!("{step} is left to the rules in {}", pins.environment);
        screen.line(&screen.ink(Ink::Plain, &text))?;
    }
    Ok(Exit::Well)
}

fn print(screen: &mut Screen, pins: &PinsView) -> std::io::Result<()> {
    screen.line(&screen.ink(Ink::Bold, &format!("set by hand in {}", pins.environment)))?;
    let mut lines: Vec<_> = pins.steps.iter().flat_map(rows).collect();
    lines.extend(pins.rules.iter().map(|rule| {
        vec![
            (Ink::Plain, "match".to_owned()),
            (Ink::Plain, rule.target.clone()),
            (Ink::Faint, String::new()),
            (Ink::Faint, words(rule)),
        ]
    }));
    lines.extend(pins.renamed.iter().map(|renamed| {
        vec![
            (Ink::Plain, "renamed".to_owned()),
            (Ink::Plain, renamed.target.clone()),
            (Ink::Faint, String::new()),
            (Ink::Faint, format!("was {}", renamed.old)),
        ]
    }));
    table::print(screen, &lines)?;
    if lines.is_empty() {
        screen.line(&screen.ink(Ink::Faint, "nothing"))?;
    }
    for (word, what) in [("undo", &pins.undo), ("redo", &pins.redo)] {
        if let Some(what) = what {
            screen.line(&screen.ink(Ink::Faint, &format!("{word}: {what}")))?;
        }
    }
    Ok(())
}

fn rows(pin: &PinView) -> Vec<Vec<table::Cell>> {
    let (word, by) = match pin.state {
        PinState::Pinned => ("pinned", pin.execution.clone()),
        PinState::Unpinned => ("unpinned", None),
        PinState::Mocked => ("mocked", pin.mock.clone()),
        PinState::Unused => ("unused", None),
    };
    let (ink, text) = match &pin.problem {
        Some(problem) => (Ink::Notice, format!("cannot be used: {problem}")),
        None => (Ink::Faint, pin.result.clone()),
    };
    let mut rows = vec![vec![
        (Ink::Plain, word.to_owned()),
        (Ink::Plain, format!("{} {}", pin.step, pin.target)),
        (Ink::Plain, by.unwrap_or_default()),
        (ink, text),
    ]];
    for mock in pin.mocks.iter().filter(|mock| !mock.active) {
        rows.push(vec![
            (Ink::Faint, String::new()),
            (Ink::Faint, "kept mock".to_owned()),
            (Ink::Faint, mock.name.clone()),
            (Ink::Faint, mock.value.text.clone()),
        ]);
    }
    rows
}

/// A matching rule in words.
fn words(rule: &MatchingView) -> String {
    let list =
        |numbers: &[u32]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut parts = Vec::new();
    if let Some(only) = &rule.only {
        parts.push(format!("only parameters {}", list(only)));
    }
    if !rule.ignore.is_empty() {
        parts.push(format!("not parameters {}", list(&rule.ignore)));
    }
    for part in &rule.parts {
        parts.push(format!("of parameter {} only {}", part.parameter, part.path));
    }
    parts.join("; ")
}
