//! The sentinel: sees what a body does outside of itself, and refuses it where a person said so.
//!
//! Where a project is run with a plain `python … -m coflux`, its processes are started so that an
//! audit hook (PEP 578) is in place before anything of the project is imported. Neither the code nor
//! its environment is touched. It sees what Python code does; it is no sandbox, as native code does
//! what it likes unseen.

mod report;

use std::ffi::{OsStr, OsString};
use std::path::Path;

use hindcast_model::ExecutionId;
use serde_json::json;

use crate::project::Adapter;
pub(crate) use report::{Reports, to_the_line};

/// What runs in the executor before the SDK does.
const SOURCE: &str = include_str!("sentinel/sentinel.py");

/// The name its frames have in tracebacks.
const FILE: &str = "<hindcast>";

/// Runs the first argument under that name, and gives it the rest.
const START: &str = "import sys; \
    exec(compile(sys.argv.pop(1), '<hindcast>', 'exec'), {'__name__': 'hindcast'})";

/// The method of its lines.
pub(crate) const METHOD: &str = "hindcast_effect";

/// Whether the sentinel can stand before this command: one that ends in `python -m coflux`.
pub(crate) fn fits(adapter: &Adapter) -> bool {
    python(adapter).is_some()
}

/// The words before `-m coflux`, if the last of all words before that is a Python.
fn python(adapter: &Adapter) -> Option<&[OsString]> {
    let [first @ .., option, module] = adapter.arguments.as_slice() else { return None };
    let program = first.last().unwrap_or(&adapter.program);
    let name = Path::new(program).file_name().and_then(OsStr::to_str)?;
    (option == "-m" && module == "coflux" && name.starts_with("python")).then_some(first)
}

/// The arguments that start the adapter with the sentinel before it; none where it does not fit.
pub(crate) fn arguments(
    adapter: &Adapter,
    execution: &ExecutionId,
    scratch: &Path,
    locked: bool,
) -> Option<Vec<OsString>> {
    let first = python(adapter)?;
    let scratch = scratch.to_string_lossy();
    let options = json!({"execution": execution, "scratch": scratch, "locked": locked});
    let own = ["-c", START, SOURCE, &options.to_string()].map(OsString::from);
    Some(first.iter().cloned().chain(own).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_before_a_plain_python_and_before_nothing_else() {
        let table = [
            ("/p/.venv/bin/python -m coflux", true),
            ("python3.12 -m coflux", true),
            ("uv run --with coflux python -m coflux", true),
            ("python -X dev -m coflux", false),
            ("just run", false),
            ("node -m coflux", false),
            ("python -m other", false),
        ];
        for (line, expected) in table {
            let mut words = line.split(' ').map(OsString::from);
            let program = words.next().unwrap();
            let adapter = Adapter { program, arguments: words.collect() };
            assert_eq!(fits(&adapter), expected, "{line}");
        }
    }

    #[test]
    fn its_frames_have_the_name_they_are_known_by() {
        assert!(START.contains(FILE));
        assert!(SOURCE.contains(METHOD));
    }
}
