//! The window.

mod arguments;
mod call;
mod choose;
mod failure;
mod front;
mod links;
mod notice;
mod place;
mod single;
mod window;
mod wishes;
mod zoom;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    hindcast_engine::guardian::main_if_asked();
    match window::open(&arguments::Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("hindcast-desktop: {failure}");
            ExitCode::from(2)
        }
    }
}
