//! The window.

mod arguments;
mod call;
mod choose;
mod failure;
mod front;
mod links;
mod notice;
mod place;
mod refusal;
mod single;
mod window;
mod wishes;
mod zoom;

use std::process::ExitCode;

use clap::Parser;

use crate::failure::Failure;

fn main() -> ExitCode {
    hindcast_engine::guardian::main_if_asked();
    match window::open(&arguments::Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("hindcast-desktop: {failure}");
            if !matches!(failure, Failure::Window(_)) {
                refusal::show(&failure, tauri::generate_context!());
            }
            ExitCode::from(2)
        }
    }
}
