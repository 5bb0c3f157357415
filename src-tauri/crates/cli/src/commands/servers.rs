//! `hindcast servers`, and listing what a server has.

use std::io::{BufRead, IsTerminal};

use hindcast_api::Api;
use hindcast_api::calls::{Connect, ForgetServer, GetServerRuns, GetServers};
use hindcast_api::view::{ConnectionView, GivenToken, ServerRunView, TokenPlace};

use super::incoming::watched;
use crate::arguments::incoming::{Runs, Servers, ServersCommand};
use crate::exit::{Done, Exit, Failure};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::time::moment;
use crate::words::count;

pub(crate) async fn run(api: &Api, screen: &mut Screen, servers: Servers) -> Done {
    match servers.command {
        ServersCommand::List(json) => {
            let servers = api.ask(GetServers {}).await?;
            if json.json {
                screen.json(&servers)?;
                return Ok(Exit::Well);
            }
            if servers.is_empty() {
                screen.line("No servers yet. Log in to one with: hindcast servers login URL")?;
            }
            let rows = servers.into_iter().map(|server| {
                vec![(Ink::Bold, server.address), (Ink::Plain, server.project.unwrap_or_default())]
            });
            table::print(screen, &rows.collect::<Vec<_>>())?;
        }
        ServersCommand::Login { address, project, json } => {
            let token = Some(GivenToken::new(token()?));
            let wish = Connect { address, project, token, keep: true };
            let connection = watched(api, api.ask(wish)).await?;
            if json.json {
                screen.json(&connection)?;
            } else {
                tell(screen, &connection)?;
            }
            if !connection.kept {
                return Ok(Exit::BadInput);
            }
        }
        ServersCommand::Logout { address, project } => {
            api.ask(ForgetServer { address, project }).await?;
        }
    }
    Ok(Exit::Well)
}

/// The token, asked for without showing it, or a line of standard input.
fn token() -> Result<String, Failure> {
    let mut token = String::new();
    if std::io::stdin().is_terminal() {
        token = rpassword::prompt_password("Token: ")?;
    } else {
        std::io::stdin().lock().read_line(&mut token)?;
    }
    if token.trim().is_empty() {
        return Err(Failure::Usage("no token was given".to_owned()));
    }
    Ok(token)
}

fn tell(screen: &mut Screen, connection: &ConnectionView) -> std::io::Result<()> {
    let kept = if connection.kept { "; the token is in the keyring" } else { "" };
    let workspaces = count(connection.workspaces.len(), "workspace");
    let address = screen.ink(Ink::Bold, &connection.address);
    screen.line(&format!("{address} ({workspaces}){kept}"))?;
    for notice in &connection.notices {
        screen.line(&screen.ink(Ink::Notice, notice))?;
    }
    Ok(())
}

/// `hindcast runs --server`
pub(crate) async fn list(api: &Api, screen: &mut Screen, address: String, runs: Runs) -> Done {
    let Runs { server, search, json } = runs;
    let project = server.project;
    let Some(workspace) = server.workspace else {
        let wish = Connect { address, project, token: None, keep: false };
        let connection = watched(api, api.ask(wish)).await?;
        if json.json {
            screen.json(&connection.workspaces)?;
            return Ok(Exit::Well);
        }
        if connection.token == TokenPlace::Nowhere {
            screen.line(&screen.ink(Ink::Faint, "without a token"))?;
        }
        let rows = connection.workspaces.into_iter().map(|workspace| {
            let base = workspace.base.map(|base| format!("based on {base}"));
            vec![(Ink::Bold, workspace.name), (Ink::Faint, base.unwrap_or_default())]
        });
        table::print(screen, &rows.collect::<Vec<_>>())?;
        return Ok(Exit::Well);
    };
    let wish = GetServerRuns { address, project, workspace, search };
    let listing = watched(api, api.ask(wish)).await?;
    if json.json {
        screen.json(&listing)?;
        return Ok(Exit::Well);
    }
    if listing.runs.is_empty() {
        let workflows = count(listing.workflows.len(), "workflow");
        screen.line(&format!("No such runs ({workflows}). A run can be found by its id."))?;
    }
    table::print(screen, &listing.runs.iter().map(row).collect::<Vec<_>>())?;
    Ok(Exit::Well)
}

fn row(run: &ServerRunView) -> Vec<table::Cell> {
    vec![
        (Ink::Bold, run.run.clone()),
        (Ink::Plain, run.target.clone()),
        (Ink::Faint, run.module.clone()),
        (Ink::Faint, run.created_at.map(moment).unwrap_or_default()),
        (Ink::Notice, if run.here { "is here already" } else { "" }.to_owned()),
    ]
}
