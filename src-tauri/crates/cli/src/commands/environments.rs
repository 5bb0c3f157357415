//! `hindcast environments`

use hindcast_api::Api;
use hindcast_api::calls::{GetEncodings, GetOverview, SetEncoding};
use hindcast_api::view::{EncodingView, EnvironmentView};
use serde_json::{Value, json};

use crate::arguments::{Environments, EnvironmentsCommand, Json, OnOff, SetEnvironment};
use crate::exit::{Done, Exit, Failure};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::words::count;

pub(crate) async fn run(api: &Api, screen: &mut Screen, environments: Environments) -> Done {
    match environments.command {
        None => list(api, screen, environments.json).await,
        Some(EnvironmentsCommand::List(json)) => list(api, screen, json).await,
        Some(EnvironmentsCommand::Set(wish)) => set(api, screen, wish).await,
    }
}

async fn list(api: &Api, screen: &mut Screen, json: Json) -> Done {
    let environments = api.ask(GetOverview {}).await?.environments;
    let encodings = api.ask(GetEncodings {}).await?;
    let both: Vec<_> = environments
        .iter()
        .filter_map(|one| Some((one, encodings.iter().find(|e| e.environment == one.name)?)))
        .collect();
    if json.json {
        let all: Vec<Value> = both.iter().map(|(one, encoding)| document(one, encoding)).collect();
        screen.json(&all)?;
    } else if both.is_empty() {
        screen.line("No environments yet. Bring a run in with: hindcast import FILE")?;
    } else {
        table::print(screen, &both.iter().map(|(one, e)| row(one, e)).collect::<Vec<_>>())?;
    }
    Ok(Exit::Well)
}

fn document(environment: &EnvironmentView, encoding: &EncodingView) -> Value {
    json!({
        "name": environment.name,
        "base": environment.base,
        "imported": environment.imported,
        "runs": environment.runs,
        "blobThreshold": encoding.blob_threshold,
        "numberRoundTrip": encoding.number_round_trip,
        "ownBlobThreshold": encoding.own_blob_threshold,
        "ownNumberRoundTrip": encoding.own_number_round_trip,
    })
}

fn row(environment: &EnvironmentView, encoding: &EncodingView) -> Vec<table::Cell> {
    let base = environment.base.as_ref().map(|base| format!("on {base}")).unwrap_or_default();
    let origin = if environment.imported { "imported" } else { "local" };
    vec![
        (Ink::Bold, environment.name.clone()),
        (Ink::Plain, origin.to_owned()),
        (Ink::Plain, base),
        (Ink::Plain, count(environment.runs as usize, "run")),
        (Ink::Faint, words(encoding)),
    ]
}

fn words(encoding: &EncodingView) -> String {
    let set = |own: bool| if own { " (set here)" } else { "" };
    let numbers = if encoding.number_round_trip { "as float64" } else { "as sent" };
    format!(
        "blobs above {} bytes{}, numbers {numbers}{}",
        encoding.blob_threshold,
        set(encoding.own_blob_threshold.is_some()),
        set(encoding.own_number_round_trip.is_some()),
    )
}

async fn set(api: &Api, screen: &mut Screen, wish: SetEnvironment) -> Done {
    let known = api.ask(GetEncodings {}).await?;
    let before = known.into_iter().find(|encoding| encoding.environment == wish.environment);
    let before = before
        .ok_or_else(|| Failure::Usage(format!("there is no environment {}", wish.environment)))?;
    let blob_threshold = match wish.blob_threshold.as_deref() {
        None => before.own_blob_threshold,
        Some("base") => None,
        Some(bytes) => Some(bytes.parse().map_err(|_| {
            Failure::Usage(format!(
                "--blob-threshold {bytes}: neither a number of bytes nor `base`"
            ))
        })?),
    };
    let number_round_trip = match wish.number_round_trip {
        None => before.own_number_round_trip,
        Some(OnOff::Base) => None,
        Some(choice) => Some(choice == OnOff::On),
    };
    let environment = wish.environment;
    let set = api.ask(SetEncoding { environment, blob_threshold, number_round_trip }).await?;
    if wish.json.json {
        screen.json(&set)?;
    } else {
        screen.line(&format!("{}: {}", set.environment, words(&set)))?;
    }
    Ok(Exit::Well)
}
