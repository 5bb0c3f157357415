//! What the core answers about a large run: what the window waits for. Measured by `run_speed` (an
//! example of the api), here made into a table.

use std::path::Path;

use super::optimised;
use super::rows::{Row, print};
use crate::command::{answer, command, run};
use crate::{Failure, Result};

/// Of how many steps the run is.
pub(super) const STEPS: &str = "10000";

/// How often each is done; the median counts.
const TIMES: &str = "20";

/// Measures and prints. `make` is the program that makes exports.
///
/// # Errors
/// When something cannot be built or run.
pub(super) fn measure(folder: &Path, make: &Path) -> Result {
    let words = ["--package=hindcast-api", "--example=run_speed"];
    let program = optimised(&words, "examples/run_speed")?;
    let export = folder.join("window.json");
    run(command(make, ["make"]).arg(&export).arg(STEPS))?;
    let mut measuring = command(program, [&export, &folder.join("run-store")]);
    let said =
        answer(measuring.arg(TIMES)).ok_or_else(|| Failure::new("run_speed gave no answer"))?;
    println!("\nthe core on a run of {STEPS} steps; {TIMES} times\n");
    let rows = [
        Row::ms("layout", "place every step", Some(100.0)),
        Row::ms("plan", "plan a re-run of all of it", Some(50.0)),
        Row::ms("import", "import it", None),
        Row::ms("open", "the graph, for the first time", None),
        Row::kb("open, size", "its size"),
        Row::ms("drawn again", "the graph again", None),
        Row::ms("every step", "every step, for list and timeline", None),
        Row::kb("every step, size", "its size"),
        Row::ms("step", "a step, of 60", None),
        Row::kb("step, size", "its size"),
        Row::ms("search", "search every value, error and log", None),
        Row::ms("filter", "filter by state", None),
        Row::ms("overview", "environments and runs", None),
        Row::mb("memory", "the most memory"),
    ];
    print(&said, &rows)
}
