//! What the command line, or a second start, wants done with the window. It waits until the page
//! listens, which then hears how it went.

use std::sync::{Mutex, PoisonError};

use hindcast_api::Api;
use hindcast_api::calls::Import;
use hindcast_api::view::ApiEvent;
use tauri::async_runtime::spawn;
use tauri::{AppHandle, Emitter, Manager, Runtime, State};

use crate::arguments::Wishes;
use crate::links::LONGEST;

/// The name under which the page hears of a link.
const LINK: &str = "link";

/// What waits; none once the page listens.
#[derive(Debug)]
pub(crate) struct Waiting(Mutex<Option<Wishes>>);

impl Waiting {
    /// These wait for the page.
    pub(crate) fn new(wishes: Wishes) -> Self {
        Self(Mutex::new(Some(wishes)))
    }
}

/// Imports paths and follows links, as soon as the page listens.
pub(crate) fn take<R: Runtime>(app: &AppHandle<R>, wishes: Wishes) {
    let waiting = app.state::<Waiting>();
    let mut waiting = waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
    match &mut *waiting {
        Some(others) => {
            others.paths.extend(wishes.paths);
            others.links.extend(wishes.links);
        }
        None => fulfil(app, wishes),
    }
}

/// The page listens: what was wished for is done now.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "tauri gives commands what they own")]
pub(crate) fn listens<R: Runtime>(app: AppHandle<R>, waiting: State<'_, Waiting>) {
    let wishes = waiting.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    fulfil(&app, wishes.unwrap_or_default());
}

fn fulfil<R: Runtime>(app: &AppHandle<R>, Wishes { paths, links }: Wishes) {
    let (app, api) = (app.clone(), app.state::<Api>().inner().clone());
    spawn(async move {
        // Links may lead into what comes in.
        if !paths.is_empty() {
            import(&api, paths).await;
        }
        for link in links.into_iter().filter(|link| link.len() <= LONGEST) {
            // No page, nobody to tell.
            let _ = app.emit(LINK, link);
        }
    });
}

/// Imports what was named. The page hears how it went.
async fn import(api: &Api, paths: Vec<String>) {
    if let Err(error) = api.ask(Import { paths, environment: None }).await {
        api.tell(ApiEvent::Failed { error });
    }
}
