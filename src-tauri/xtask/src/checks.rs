//! `cargo xtask test`: everything that checks the project, part by part.

use std::process::Command;
use std::time::{Duration, Instant};

use hindcast_demo::Sdk;

use crate::command::{answer, command, follow};
use crate::setup::{debian, node, python};
use crate::{Failure, Result, paths};

/// The crates whose tests need a display and the built window; they are a part of their own.
const WINDOW: &str = "hindcast-desktop";

/// How a part ended.
struct Part {
    name: &'static str,
    passed: u32,
    failed: u32,
    took: Duration,
    why: Option<Failure>,
}

/// What a part does.
type Check = fn() -> Result<Count>;

/// How many checks of a part passed and failed.
struct Count {
    passed: u32,
    failed: u32,
}

/// Runs every part with `word` in its name, also when one before it failed.
///
/// # Errors
/// When any part failed, or no part is called that.
pub(crate) fn test(word: &str) -> Result {
    let parts: &[(&'static str, Check)] = &[
        ("setup", || once(setup())),
        ("formatting", || once(check(cargo(["fmt", "--all", "--check"])))),
        ("the fuzzers' lock file", || once(fuzz_lock())),
        ("window content builds", || once(node::ensure_built())),
        ("lints", || once(check(cargo(CLIPPY)))),
        ("Rust tests", rust_tests),
        ("steps as forks and as processes", both_ways),
        ("types of the window content", || once(check(node::npm_run("check")))),
        ("lints of the window content", || once(check(node::npm_run("lint")))),
        ("tests of the window content", window_content_tests),
        ("the whole window in Chromium", chromium_tests),
        ("the command line links no desktop library", || once(no_desktop_library())),
        ("tests in the real window", window_tests),
    ];
    let mut done = Vec::new();
    for (name, run) in parts.iter().filter(|(name, _)| name.contains(word)) {
        println!("\n=== {name}");
        done.push(part(name, *run));
    }
    if done.is_empty() {
        return Err(Failure::new(format!("no part of the test is called {word}")));
    }
    report(&done)
}

const CLIPPY: [&str; 6] = ["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"];

fn part(name: &'static str, run: Check) -> Part {
    let begun = Instant::now();
    let (count, why) = match run() {
        Ok(count) => (count, None),
        Err(failure) => (Count { passed: 0, failed: 1 }, Some(failure)),
    };
    let part =
        Part { name, passed: count.passed, failed: count.failed, took: begun.elapsed(), why };
    println!("{}", line(&part));
    part
}

fn report(parts: &[Part]) -> Result {
    println!("\n=== result");
    for part in parts {
        println!("{}", line(part));
    }
    let passed: u32 = parts.iter().map(|part| part.passed).sum();
    let failed: u32 = parts.iter().map(|part| part.failed).sum();
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { Err(Failure::new("not everything passed")) }
}

fn line(part: &Part) -> String {
    let mark = if part.failed == 0 { "ok  " } else { "FAIL" };
    let counts = format!("{} passed, {} failed", part.passed, part.failed);
    let why = part.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    format!("{mark} {:<42} {counts:<24} {:>6.1} s{why}", part.name, part.took.as_secs_f32())
}

fn setup() -> Result {
    debian::ensure(&[
        debian::BUILD,
        debian::DISPLAY,
        debian::IMPORT_TESTS,
        debian::WINDOW_TESTS,
        debian::CHROMIUM,
    ])?;
    node::ensure_modules()?;
    Sdk::ALL.iter().try_for_each(python::ensure)?;
    python::ensure_debugpy()?;
    Sdk::OLD.iter().try_for_each(python::ensure_if_possible)
}

/// The fuzzers are a workspace of their own, which nothing here builds: what they need stands in their
/// own lock file.
fn fuzz_lock() -> Result {
    let words = ["metadata", "--locked", "--format-version=1"];
    let mut asked = cargo(words);
    asked.args(["--manifest-path", "src-tauri/fuzz/Cargo.toml"]);
    let known = answer(&mut asked);
    known.map(drop).ok_or_else(|| {
        Failure::new(
            "src-tauri/fuzz/Cargo.lock is not what the manifests ask for: run cargo metadata there",
        )
    })
}

fn rust_tests() -> Result<Count> {
    cargo_tests(cargo(["test", "--workspace", "--no-fail-fast", "--exclude", WINDOW]))
}

/// The same scenarios whether an execution is a fork of a warm Python or a process of its own. (The
/// tests above have both, as it comes.)
fn both_ways() -> Result<Count> {
    let (mut passed, mut failed) = (0, 0);
    for (mode, tests) in [("always", &["shop", "sdks", "streams"][..]), ("off", &["shop", "sdks"])]
    {
        let mut own = cargo(["test", "--no-fail-fast", "--package", "hindcast-engine"]);
        own.args(tests.iter().flat_map(|test| ["--test", *test])).env("HINDCAST_WARM", mode);
        let count = cargo_tests(own)?;
        passed += count.passed;
        failed += count.failed;
    }
    Ok(Count { passed, failed })
}

fn window_tests() -> Result<Count> {
    // One at a time: each has a display, a driver and a window, and two cores are soon busy.
    let arguments = ["test", "--no-fail-fast", "--package", WINDOW, "--", "--test-threads=1"];
    cargo_tests(cargo(arguments))
}

fn cargo_tests(mut tests: Command) -> Result<Count> {
    tests.env("HINDCAST_PROPTEST_CASES", "10000");
    for sdk in Sdk::ALL.iter().chain(&Sdk::OLD) {
        let python = sdk.interpreter(&paths::target());
        if python.is_file() {
            tests.env(sdk.variable, python);
        }
    }
    let followed = follow(&mut tests)?;
    counted(followed.well(), cargo_count(&followed.said))
}

fn window_content_tests() -> Result<Count> {
    let followed = follow(node::npm_run("test").env("NO_COLOR", "1"))?;
    counted(followed.well(), vitest_count(&followed.said))
}

/// The built window over the real core, which there listens on a local address.
fn chromium_tests() -> Result<Count> {
    node::ensure_built()?;
    check(cargo(TWIN))?;
    let mut tests = node::npm_run("test:chromium");
    tests
        .env("NO_COLOR", "1")
        .env("CARGO_TARGET_DIR", paths::target())
        .env(Sdk::NEWEST.variable, Sdk::NEWEST.interpreter(&paths::target()));
    let followed = follow(&mut tests)?;
    counted(followed.well(), vitest_count(&followed.said))
}

const TWIN: [&str; 7] =
    ["build", "--package", "hindcast-api", "--features", "twin", "--bin", "hindcast-twin"];

/// Tests that ended badly without any of them failing, or that were none, did not pass.
fn counted(well: bool, count: Count) -> Result<Count> {
    match count {
        Count { failed: 0, .. } if !well => Err(Failure::new("did not come to its end")),
        Count { passed: 0, failed: 0 } => Err(Failure::new("no test ran")),
        count => Ok(count),
    }
}

/// Adds up lines like `test result: ok. 3 passed; 0 failed; …`.
fn cargo_count(said: &str) -> Count {
    let results = said.lines().filter(|line| line.starts_with("test result: "));
    results.fold(Count { passed: 0, failed: 0 }, |sum, line| Count {
        passed: sum.passed + before(line, " passed"),
        failed: sum.failed + before(line, " failed"),
    })
}

/// Reads the line `Tests  1 failed | 3 passed (4)`.
fn vitest_count(said: &str) -> Count {
    let line = said.lines().rfind(|line| line.trim_start().starts_with("Tests ")).unwrap_or("");
    Count { passed: before(line, " passed"), failed: before(line, " failed") }
}

/// The number right before `word`; 0 where there is none.
fn before(line: &str, word: &str) -> u32 {
    let number = line.split(word).next().filter(|before| before.len() < line.len());
    number.and_then(|text| text.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

fn no_desktop_library() -> Result {
    check(cargo(["build", "--package", "hindcast-cli"]))?;
    let program = paths::built("hindcast");
    let libraries = answer(&mut command("ldd", [&program]))
        .ok_or_else(|| Failure::new(format!("ldd cannot read {}", program.display())))?;
    let desktop = ["gtk", "webkit", "gdk", "X11", "wayland", "javascriptcore"];
    match libraries.lines().find(|line| desktop.iter().any(|name| line.contains(name))) {
        Some(line) => Err(Failure::new(format!("hindcast links {}", line.trim()))),
        None => Ok(()),
    }
}

fn once(result: Result) -> Result<Count> {
    result.map(|()| Count { passed: 1, failed: 0 })
}

fn check(mut command: Command) -> Result {
    if follow(&mut command)?.well() { Ok(()) } else { Err(Failure::new("see above")) }
}

fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_the_tools_print_them() {
        let cargo = "running 3 tests\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
            test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        let vitest =
            " Test Files  1 failed | 4 passed (5)\n      Tests  1 failed | 30 passed (31)\n";
        let all_well = "      Tests  7 passed (7)\n";
        for (count, expected) in [
            (cargo_count(cargo), (15, 2)),
            (vitest_count(vitest), (30, 1)),
            (vitest_count(all_well), (7, 0)),
            (cargo_count("error: could not compile"), (0, 0)),
        ] {
            assert_eq!((count.passed, count.failed), expected);
        }
    }

    #[test]
    fn nothing_ran_is_not_a_pass() {
        assert!(counted(true, Count { passed: 0, failed: 0 }).is_err());
        assert!(counted(false, Count { passed: 9, failed: 0 }).is_err());
        assert!(counted(true, Count { passed: 9, failed: 0 }).is_ok());
    }
}
