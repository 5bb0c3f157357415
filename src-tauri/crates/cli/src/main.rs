//! The command line.

mod arguments;
mod commands;
mod exit;
mod screen;
mod table;
mod time;
mod tree;
mod words;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    hindcast_engine::guardian::main_if_asked();
    commands::run(arguments::Arguments::parse())
}
