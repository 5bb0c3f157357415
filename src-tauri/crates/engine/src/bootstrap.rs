//! How an executor's Python is put together.
//!
//! Where a project is run by a plain `python … -m coflux`, its processes start with Hindcast's own
//! parts in them: Python files of one concern each, embedded here, in no package and on no path. The
//! process is started with `-c` and one line that reads the first line of its standard input: the
//! [`Description`] of what to put in place and what to run then. `bootstrap/start.py` says what a
//! part may define.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use hindcast_model::ExecutionId;
use serde::Serialize;
use serde_json::{Value, json};

use crate::Project;
use crate::project::Adapter;
use crate::{bridge, sentinel};

/// Reads the description and does what it says. Nothing comes after it before we heard `ready`, so
/// nothing else can be read ahead.
const START: &str = "import json, sys; line = sys.stdin.buffer.readline(); \
    description = json.loads(line) if line else sys.exit(); \
    exec(compile(description['start'], '<hindcast start>', 'exec'), \
    {'__name__': 'hindcast', 'description': description})";

/// What the first line's code is.
const START_PY: &str = include_str!("bootstrap/start.py");

/// How the file names of our own frames begin, in tracebacks.
const FRAME: &str = "<hindcast";

/// The part that runs the SDK.
pub(crate) const SDK: Source = Source { name: "sdk", text: include_str!("bootstrap/sdk.py") };

/// Whether a traceback's frame is ours.
pub(crate) fn is_own(file: &str) -> bool {
    file.starts_with(FRAME)
}

/// A Python file of ours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Its text.
    pub(crate) text: &'static str,
}

/// A part that is put in place, with what it is to know.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Its code.
    pub(crate) source: Source,
    /// What it is told.
    pub(crate) options: Value,
}

/// What an executor's Python is to do.
#[derive(Debug, Clone)]
pub(crate) struct Description {
    /// The execution, its scratch folder and its project's, as `start.py` has them.
    execution: Value,
    /// Put in place in this order; the last one is run.
    parts: Vec<Part>,
    /// The last words of the command: `execute`.
    words: Vec<String>,
}

/// As it stands on the wire.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<&'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    sources: BTreeMap<&'static str, &'static str>,
    execution: &'a Value,
    parts: Vec<Value>,
    words: &'a [String],
}

impl Description {
    /// What the process of an execution is to do. Whoever has something to add to executors adds
    /// its part here.
    pub(crate) fn of(project: &Project, execution: &ExecutionId, scratch: &Path) -> Self {
        let scratch = scratch.to_string_lossy();
        let folder = project.folder().to_string_lossy();
        let parts = vec![
            Part { source: sentinel::SOURCE, options: json!({"locked": project.is_locked()}) },
            bridge::main_part(project.sdk_at_hand()),
        ];
        let execution = json!({"id": execution, "scratch": scratch, "project": folder});
        Self { execution, parts, words: vec!["execute".to_owned()] }
    }

    /// How the process that lists a module's targets is started, and what it is to do: none where
    /// the SDK does so itself.
    pub(crate) fn to_discover(
        project: &Project,
        scratch: &Path,
        module: &str,
    ) -> Option<(Vec<OsString>, Self)> {
        let main = bridge::main_part(project.sdk_at_hand());
        let arguments = arguments(project.adapter()).filter(|_| main.source.name != SDK.name)?;
        let (scratch, folder) = (scratch.to_string_lossy(), project.folder().to_string_lossy());
        let execution = json!({"id": "", "scratch": scratch, "project": folder});
        let words = vec!["discover".to_owned(), module.to_owned()];
        Some((arguments, Self { execution, parts: vec![main], words }))
    }

    /// The first line of a process of its own.
    pub(crate) fn line(&self) -> String {
        self.text(Some(START_PY), self.sources())
    }

    fn sources(&self) -> BTreeMap<&'static str, &'static str> {
        self.parts.iter().map(|part| (part.source.name, part.source.text)).collect()
    }

    fn text(
        &self,
        start: Option<&'static str>,
        sources: BTreeMap<&'static str, &'static str>,
    ) -> String {
        let part = |part: &Part| json!({"name": part.source.name, "options": part.options});
        let parts = self.parts.iter().map(part).collect();
        let line = Line { start, sources, execution: &self.execution, parts, words: &self.words };
        // Texts and numbers always have a JSON form.
        let mut text = serde_json::to_string(&line).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// Whether our parts can be put into what this command starts: one that ends in `python -m coflux`.
pub(crate) fn fits(adapter: &Adapter) -> bool {
    python(adapter).is_some()
}

/// The words before `-m coflux`, if the last of all words before that is a Python.
pub(crate) fn python(adapter: &Adapter) -> Option<&[OsString]> {
    let [first @ .., option, module] = adapter.arguments.as_slice() else { return None };
    let program = first.last().unwrap_or(&adapter.program);
    let name = Path::new(program).file_name().and_then(OsStr::to_str)?;
    (option == "-m" && module == "coflux" && name.starts_with("python")).then_some(first)
}

/// The arguments that start the adapter's Python so that it reads a description first; none where
/// it does not fit.
pub(crate) fn arguments(adapter: &Adapter) -> Option<Vec<OsString>> {
    let first = python(adapter)?;
    Some(first.iter().cloned().chain(["-c", START].map(OsString::from)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_into_a_plain_python_and_into_nothing_else() {
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
}
