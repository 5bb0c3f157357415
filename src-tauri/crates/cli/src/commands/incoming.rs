//! What takes its time: shown as it goes on, and ended by Ctrl+C.

use std::future::Future;
use std::io::{IsTerminal, Write};

use hindcast_api::calls::CancelImport;
use hindcast_api::view::ApiEvent;
use hindcast_api::{Api, ApiError};

use crate::arguments::incoming::Server;
use crate::exit::Failure;
use crate::screen::harmless;

/// How wide what is being done is shown.
const WIDTH: usize = 60;

/// Waits for `work`, showing how far it is where a person can see it. Ctrl+C ends it; it then fails
/// as cancelled.
pub(crate) async fn watched<T>(
    api: &Api,
    work: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, Failure> {
    let mut events = api.subscribe();
    let mut line = Line { is_seen: std::io::stderr().is_terminal(), is_drawn: false };
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => {
                line.clear();
                return Ok(done?);
            }
            _ = tokio::signal::ctrl_c() => api.ask(CancelImport {}).await?,
            event = events.recv() => {
                if let Ok(ApiEvent::Progress(progress)) = event {
                    line.show(&progress.what, progress.done, progress.total);
                }
            }
        }
    }
}

/// A line on the terminal that is drawn again and again.
struct Line {
    is_seen: bool,
    is_drawn: bool,
}

impl Line {
    fn show(&mut self, what: &str, done: u32, total: Option<u32>) {
        if !self.is_seen {
            return;
        }
        let what = harmless(what);
        let from = what.char_indices().rev().nth(WIDTH - 1).map_or(0, |(at, _)| at);
        let part = match total {
            Some(total) => u64::from(done) * 100 / u64::from(total.max(1)),
            None => 0,
        };
        // Whoever cannot be shown it misses nothing.
        let _ = write!(std::io::stderr(), "\r\x1b[K{part:>3} %  {}", &what[from..]);
        self.is_drawn = true;
    }

    fn clear(&mut self) {
        if self.is_drawn {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// A server and one of its workspaces.
pub(crate) struct At {
    pub(crate) address: String,
    pub(crate) project: Option<String>,
    pub(crate) workspace: String,
}

/// Where the command line points to, if it is to a server. A workspace has to be named then.
pub(crate) fn at(server: Server) -> Result<Option<At>, Failure> {
    let Server { address, project, workspace } = server;
    match (address, workspace) {
        (None, _) => Ok(None),
        (Some(address), Some(workspace)) => Ok(Some(At { address, project, workspace })),
        (Some(address), None) => Err(Failure::Usage(format!(
            "say which workspace with --workspace NAME; `hindcast runs --server {address}` lists them"
        ))),
    }
}
