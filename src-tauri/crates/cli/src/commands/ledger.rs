//! `hindcast ledger`

use hindcast_api::Api;
use hindcast_api::calls::GetLedger;

use crate::arguments::Ledger;
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::table;
use crate::time::moment;

pub(crate) async fn run(api: &Api, screen: &mut Screen, ledger: Ledger) -> Done {
    let view = api.ask(GetLedger { run: ledger.run }).await?;
    if ledger.json.json {
        screen.json(&view)?;
        return Ok(Exit::Well);
    }
    let rows: Vec<_> = view
        .lines
        .into_iter()
        .map(|line| {
            vec![
                (Ink::Faint, moment(line.at)),
                (Ink::Plain, line.execution),
                (Ink::Plain, line.target),
                (Ink::Faint, line.policy.unwrap_or_default()),
                (Ink::Faint, line.allowed_by),
                (Ink::Faint, format!("arguments {}", start(&line.arguments))),
                (
                    Ink::Notice,
                    match line.edited.as_slice() {
                        [] => String::new(),
                        edited => format!("edited: {}", edited.join(", ")),
                    },
                ),
                (
                    Ink::Faint,
                    line.code.map(|code| format!("code {}", start(&code))).unwrap_or_default(),
                ),
            ]
        })
        .collect();
    table::print(screen, &rows)?;
    Ok(Exit::Well)
}

/// Enough of a hash to tell it from others by eye.
fn start(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
