//! What a newcomer types: `cargo xtask demo`, `cargo xtask test`, `cargo xtask bench`.
#![allow(clippy::print_stdout, reason = "saying what it does is what this program is for")]

mod bench;
mod checks;
mod command;
mod demo;
mod display;
mod failure;
mod paths;
mod setup;

use std::process::ExitCode;

use failure::Failure;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  demo    install what is missing, build, import the demo run and open the window on it;
          without a display: a picture of the window, and the story on the command line
  bench   measure what is promised to be fast, as ratios to what people would use instead
          (bench WORD: only the parts with that word in their name: import, loop, children,
          memoised, start, run, window)
  test    install what is missing and run everything that checks the project
          (test WORD: only the parts with that word in their name)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["bench"] => bench::bench(""),
        ["bench", word] => bench::bench(word),
        ["demo"] => demo::demo(),
        ["test"] => checks::test(""),
        ["test", word] => checks::test(word),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

type Result<T = (), E = Failure> = std::result::Result<T, E>;
