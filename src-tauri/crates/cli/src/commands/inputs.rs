//! `hindcast inputs`

use hindcast_api::Api;
use hindcast_api::calls::{GetInputs, Respond};

use crate::arguments::{Inputs, InputsCommand};
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::table;

pub(crate) async fn run(api: &Api, screen: &mut Screen, inputs: Inputs) -> Done {
    match inputs.command {
        InputsCommand::List(json) => {
            let waiting = api.ask(GetInputs {}).await?;
            if json.json {
                screen.json(&waiting)?;
                return Ok(Exit::Well);
            }
            let rows: Vec<_> = waiting
                .into_iter()
                .map(|input| {
                    let title = input.title.unwrap_or_default();
                    vec![(Ink::Bold, input.input), (Ink::Plain, title), (Ink::Plain, input.prompt)]
                })
                .collect();
            table::print(screen, &rows)?;
        }
        InputsCommand::Respond { input, value } => {
            api.ask(Respond { input, value: Some(value) }).await?;
        }
        InputsCommand::Dismiss { input } => api.ask(Respond { input, value: None }).await?,
    }
    Ok(Exit::Well)
}
