//! The window on a large run, in Chromium over the optimised core. Measured by
//! `ui/tests/window.measure.ts`, here made into a table.

use std::fs;
use std::path::Path;

use crate::command::{command, run};
use crate::setup::{debian, node};
use crate::{Failure, Result, paths};

/// Of how many steps the run is.
const STEPS: &str = "10000";

/// Measures and prints. `make` is the program that makes exports.
///
/// # Errors
/// When something cannot be installed, built or run.
pub(super) fn measure(folder: &Path, make: &Path) -> Result {
    debian::ensure(&[debian::CHROMIUM])?;
    node::ensure_modules()?;
    node::ensure_built()?;
    crate::setup::python::ensure(&hindcast_demo::Sdk::NEWEST)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let words = ["build", "--release", "--package=hindcast-api", "--features=twin"];
    run(command(cargo, words).arg("--bin=hindcast-twin"))?;

    let export = folder.join("window.json");
    run(command(make, ["make"]).arg(&export).arg(STEPS))?;
    let measured = folder.join("window.txt");
    run(node::npm_run("test:chromium")
        .env("CARGO_TARGET_DIR", paths::target())
        .env("HINDCAST_TWIN_PROGRAM", paths::target().join("release/hindcast-twin"))
        .env("HINDCAST_LARGE", &export)
        .env("HINDCAST_MEASURED", &measured))?;
    let said = fs::read_to_string(&measured).map_err(Failure::io("read", &measured))?;

    println!("\nthe window on a run of {STEPS} steps, in Chromium\n");
    println!("{:<44} {:>9} {:>9} {:>9}   wanted", "", "median", "95 %", "most");
    for (what, name, wanted) in [
        ("open", "open it anew, to the drawn graph, ms", "1000 ms"),
        ("select", "select a step, to the inspector, ms", "50 ms"),
        ("folded", "pan as it opens, script a frame, ms", "8 ms"),
        ("pan, unfolded", "pan with every step shown, ms", "8 ms"),
        ("zoom, unfolded", "zoom from all of it, ms", "8 ms"),
        ("core", "the core's memory, MB", "500 MB with"),
        ("page", "the page's memory, MB", "the core's"),
    ] {
        let [median, late, most] = of(&said, what)
            .ok_or_else(|| Failure::new(format!("{} lacks {what}", measured.display())))?;
        println!("{name:<44} {median:>9.1} {late:>9.1} {most:>9.1}   {wanted}");
    }
    Ok(())
}

/// The median, the 95th percentile and the most of a line `WHAT: NUMBER NUMBER …`.
fn of(said: &str, what: &str) -> Option<[f64; 3]> {
    let line = said.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(": "))?;
    let mut all = line.split(' ').map(str::parse).collect::<Result<Vec<f64>, _>>().ok()?;
    all.sort_by(f64::total_cmp);
    let last = all.len().checked_sub(1)?;
    Some([all[all.len() / 2], all[last * 95 / 100], all[last]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_by_name() {
        let said = "pan: 3 1 2\npan, unfolded: 9\n";
        assert_eq!(of(said, "pan"), Some([2.0, 2.0, 3.0]));
        assert_eq!(of(said, "pan, unfolded"), Some([9.0; 3]));
        assert_eq!(of(said, "zoom"), None);
        assert_eq!(of("pan: fast", "pan"), None);
    }
}
