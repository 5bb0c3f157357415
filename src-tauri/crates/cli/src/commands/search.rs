//! `hindcast search`

use clap::Args;
use hindcast_api::Api;
use hindcast_api::calls::{GetTree, Search as Ask};
use hindcast_api::view::{NodeState, SearchView};

use crate::arguments::{From, Json};
use crate::exit::{Done, Exit, Failure};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::words::count;

/// `hindcast search`
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Run id.
    pub(crate) run: String,
    /// Words that must all be there, in target, id, arguments, result, error or logs; "what is in
    /// quotes" is one word.
    #[arg(default_value = "")]
    pub(crate) text: String,
    #[command(flatten)]
    pub(crate) from: From,
    /// Only steps in this state: failed, "timed out", …
    #[arg(long = "state", value_name = "STATE")]
    pub(crate) states: Vec<String>,
    /// Only calls of this target (module:function).
    #[arg(long = "target", value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    /// Only steps whose newest attempt happened in this environment.
    #[arg(long = "in", value_name = "ENV")]
    pub(crate) environments: Vec<String>,
    /// Only calls made in a group of this name.
    #[arg(long = "group", value_name = "NAME")]
    pub(crate) groups: Vec<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}

pub(crate) async fn run(api: &Api, screen: &mut Screen, search: Search) -> Done {
    let states = search.states.iter().map(|word| state(word)).collect::<Result<_, _>>()?;
    let run = search.run.clone();
    let tree = api.ask(GetTree { run, environment: search.from.environment }).await?;
    let asked = Ask {
        run: search.run,
        environment: tree.environment,
        text: search.text,
        states,
        targets: search.targets,
        environments: search.environments,
        groups: search.groups,
    };
    let found = api.ask(asked).await?;
    if search.json.json {
        screen.json(&found)?;
    } else {
        print(screen, &found)?;
    }
    Ok(Exit::Well)
}

fn print(screen: &mut Screen, found: &SearchView) -> std::io::Result<()> {
    let head = format!("{} in {}", count(found.steps.len(), "step"), found.environment);
    screen.line(&screen.ink(Ink::Bold, &head))?;
    if found.hits.is_empty() {
        let ids = found.steps.iter().map(|number| format!("{}:{number}", found.run));
        return ids.into_iter().try_for_each(|id| screen.line(&screen.ink(Ink::Plain, &id)));
    }
    let rows = found.hits.iter().map(|hit| {
        vec![
            (Ink::Plain, hit.step.clone()),
            (Ink::Plain, hit.target.clone()),
            (Ink::Faint, hit.place.clone()),
            (Ink::Plain, hit.excerpt.clone()),
        ]
    });
    table::print(screen, &rows.collect::<Vec<_>>())?;
    let more = found.steps.len() - found.hits.len();
    if more > 0 {
        screen.line(&screen.ink(Ink::Faint, &format!("{more} more")))?;
    }
    Ok(())
}

/// The state of that word.
fn state(word: &str) -> Result<NodeState, Failure> {
    let mut parts = word.split([' ', '-', '_']);
    let first = parts.next().unwrap_or_default().to_lowercase();
    let rest = parts.map(|part| {
        let mut letters = part.chars();
        letters
            .next()
            .map(|letter| letter.to_ascii_uppercase())
            .into_iter()
            .chain(letters)
            .collect()
    });
    let name: String = std::iter::once(first).chain(rest).collect();
    serde_json::from_value(name.into())
        .map_err(|_| Failure::Usage(format!("--state {word}: no state of a step")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_known_by_its_word() {
        for (word, expected) in [("failed", NodeState::Failed), ("timed out", NodeState::TimedOut)]
        {
            assert_eq!(state(word).ok(), Some(expected));
        }
        assert_eq!(state("timed-out").ok(), Some(NodeState::TimedOut));
        assert!(state("tired").is_err());
    }
}
