//! The api over HTTP on 127.0.0.1, so that the window can be tried in a plain browser.

use std::path::PathBuf;

use clap::Parser;
use hindcast_api::{Api, ProjectChoice, twin};
use tokio::net::TcpListener;

/// Serves the api and the built window on 127.0.0.1. For tests only.
#[derive(Parser)]
struct Arguments {
    /// The port.
    #[arg(long, default_value_t = 4173)]
    port: u16,
    /// The store's folder.
    #[arg(long)]
    store: PathBuf,
    /// The project folder to choose.
    #[arg(long)]
    project: Option<PathBuf>,
    /// Trust that project folder until this ends: its code may run.
    #[arg(long, requires = "project")]
    trust_project: bool,
    /// The folder with the built window.
    #[arg(long, default_value = "ui/dist")]
    ui: PathBuf,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    hindcast_engine::guardian::main_if_asked();
    tokio::runtime::Runtime::new()?.block_on(serve(Arguments::parse()))
}

async fn serve(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let api = Api::open(arguments.store).await?;
    api.stay();
    api.watch_over().await?;
    if let Some(folder) = arguments.project {
        let trusted = arguments.trust_project;
        api.choose_for_session(ProjectChoice {
            folder: Some(folder),
            trusted,
            ..ProjectChoice::default()
        })?;
    }
    let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    eprintln!("http://{}", listener.local_addr()?);
    Ok(twin::serve(listener, api, arguments.ui).await?)
}
