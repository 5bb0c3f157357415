//! `hindcast inspect`

use hindcast_api::Api;
use hindcast_api::calls::GetTree;

use crate::arguments::Inspect;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::tree;

pub(crate) async fn run(api: &Api, screen: &mut Screen, inspect: Inspect) -> Done {
    let environment = inspect.from.environment;
    if inspect.json.json {
        screen.json(&api.document(&inspect.run, environment).await?)?;
        return Ok(Exit::Well);
    }
    let seen = api.ask(GetTree { run: inspect.run, environment }).await?;
    let head = format!("{} in {}", seen.run, seen.environment);
    screen.line(&screen.ink(Ink::Bold, &head))?;
    tree::print(screen, &seen)?;
    Ok(Exit::Well)
}
