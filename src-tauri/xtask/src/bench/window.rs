//! The window on a large run, in Chromium over the optimised core. Measured by
//! `ui/tests/window.measure.ts`, here made into a table.

use std::fs;
use std::path::Path;

use super::optimised;
use super::rows::{Row, of, print};
use super::run::STEPS;
use crate::command::{command, run};
use crate::setup::{debian, node};
use crate::{Failure, Result, paths};

/// The most memory that core and page may have together, in MB.
const MEMORY: f64 = 500.0;

/// Measures and prints. `make` is the program that makes exports.
///
/// # Errors
/// When something cannot be installed, built or run.
pub(super) fn measure(folder: &Path, make: &Path) -> Result {
    debian::ensure(&[debian::CHROMIUM])?;
    node::ensure_modules()?;
    node::ensure_built()?;
    crate::setup::python::ensure(&hindcast_demo::Sdk::NEWEST)?;
    let words = ["--package=hindcast-api", "--features=twin", "--bin=hindcast-twin"];
    let twin = optimised(&words, "hindcast-twin")?;

    let export = folder.join("window.json");
    run(command(make, ["make"]).arg(&export).arg(STEPS))?;
    let measured = folder.join("window.txt");
    run(node::npm_run("test:chromium")
        .env("CARGO_TARGET_DIR", paths::target())
        .env("HINDCAST_TWIN_PROGRAM", twin)
        .env("HINDCAST_LARGE", &export)
        .env("HINDCAST_MEASURED", &measured))?;
    let said = fs::read_to_string(&measured).map_err(Failure::io("read", &measured))?;

    println!("\nthe window on a run of {STEPS} steps, in Chromium\n");
    let rows = [
        Row::ms("import", "drop the export, to the drawn graph", None),
        Row::ms("open", "open it anew, to the drawn graph", Some(1000.0)),
        Row::ms("select", "select a step, to the inspector", Some(50.0)),
        Row::ms("held", "a frame while the arrow key is held", Some(50.0)),
        Row::ms("search", "search, to what was found", Some(500.0)),
        Row::ms("unfold", "the core's answer to unfolding", Some(500.0)),
        Row::ms("timeline", "to the timeline", Some(500.0)),
        Row::ms("list", "to the list", Some(500.0)),
        Row::ms("graph", "to the graph", Some(500.0)),
        Row::ms("folded", "pan as it opens, script a frame", Some(8.0)),
        Row::ms("pan, unfolded", "pan with every step shown", Some(8.0)),
        Row::ms("zoom, unfolded", "zoom from all of it", Some(8.0)),
        Row::mb("core", "the core's memory"),
        Row::mb("page", "the page's memory"),
    ];
    print(&said, &rows)?;
    let most = |what| of(&said, what).map_or(f64::NAN, |[.., most]| most);
    let both = most("core") + most("page");
    println!("core and page together: {both:.0} MB (wanted: less than {MEMORY:.0})");
    Ok(())
}
