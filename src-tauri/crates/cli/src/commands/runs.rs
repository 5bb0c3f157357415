//! `hindcast runs`

use hindcast_api::Api;
use hindcast_api::calls::GetOverview;
use hindcast_api::view::{Overview, RunSummary};
use serde_json::json;

use super::servers;
use crate::arguments::incoming::Runs;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::time::{duration, moment};
use crate::words::{self, count};

pub(crate) async fn run(api: &Api, screen: &mut Screen, mut runs: Runs) -> Done {
    if let Some(address) = runs.server.address.take() {
        return servers::list(api, screen, address, runs).await;
    }
    let json = runs.json;
    let overview = api.ask(GetOverview {}).await?;
    if json.json {
        let Overview { environments, runs, .. } = overview;
        screen.json(&json!({ "environments": environments, "runs": runs }))?;
        return Ok(Exit::Well);
    }
    if overview.runs.is_empty() {
        screen.line("No runs yet. Bring one in with: hindcast import FILE")?;
        return Ok(Exit::Well);
    }
    table::print(screen, &overview.runs.iter().map(row).collect::<Vec<_>>())?;
    Ok(Exit::Well)
}

fn row(run: &RunSummary) -> Vec<table::Cell> {
    let mut environments = vec![run.environment.clone()];
    environments.extend(run.local_environments.iter().cloned());
    let failed = if run.failed > 0 { format!(", {} failed", run.failed) } else { String::new() };
    vec![
        (Ink::of(run.state), format!("{} {}", words::sign(run.state), run.id)),
        (Ink::Bold, run.target.clone()),
        (Ink::Plain, environments.join(", ")),
        (Ink::of(run.state), words::state(run.state).to_owned()),
        (Ink::Faint, moment(run.created_at)),
        (Ink::Faint, run.duration_ms.map(duration).unwrap_or_default()),
        (Ink::Faint, format!("{}{failed}", count(run.steps as usize, "step"))),
    ]
}
