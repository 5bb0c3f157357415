//! `hindcast warm`

use clap::Args;
use hindcast_api::Api;
use hindcast_api::calls::GetWarm;
use hindcast_api::view::{WarmStateView, WarmView};

use super::project;
use crate::arguments::{Json, Project};
use crate::exit::{Done, Exit};
use crate::screen::{Ink, Screen};
use crate::table;

/// `hindcast warm`
#[derive(Debug, Args)]
pub(crate) struct Warm {
    #[command(flatten)]
    pub(crate) project: Project,
    #[command(flatten)]
    pub(crate) json: Json,
}

pub(crate) async fn run(api: &Api, screen: &mut Screen, wish: Warm) -> Done {
    project::choose(api, wish.project)?;
    let warm = api.ask(GetWarm { start: true }).await?;
    if wish.json.json {
        screen.json(&warm)?;
    } else {
        print(screen, &warm)?;
    }
    Ok(if warm.state == WarmStateView::Failed { Exit::BadInput } else { Exit::Well })
}

fn print(screen: &mut Screen, warm: &WarmView) -> std::io::Result<()> {
    screen.line(&screen.ink(Ink::Bold, &format!("{} with {}", warm.project, warm.command)))?;
    if warm.state != WarmStateView::Ready {
        let why = warm.reason.as_deref().unwrap_or("it is not warm");
        let text = format!("Every execution is a process of its own: {why}");
        return screen.line(&screen.ink(Ink::Notice, &text));
    }
    let memory = warm.memory / f64::from(1 << 20);
    screen.line(&format!("Executions are forks of a Python with {memory:.0} MiB."))?;
    if warm.preloaded.is_empty() && warm.left.is_empty() {
        screen
            .line("It is not known yet what this project imports: that is learned as it runs.")?;
    }
    let imported = warm.preloaded.iter().map(|module| {
        let with = match module.modules {
            0 | 1 => String::new(),
            modules => format!("with {} others", modules - 1),
        };
        vec![
            (Ink::Good, "imported".to_owned()),
            (Ink::Bold, module.name.clone()),
            (Ink::Plain, format!("{:.0} ms", module.ms)),
            (Ink::Faint, with),
        ]
    });
    let left = warm.left.iter().map(|(name, why)| {
        vec![
            (Ink::Notice, "left".to_owned()),
            (Ink::Bold, name.clone()),
            (Ink::Plain, why.clone()),
            (Ink::Faint, String::new()),
        ]
    });
    table::print(screen, &imported.chain(left).collect::<Vec<_>>())
}
