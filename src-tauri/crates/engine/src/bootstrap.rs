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

use serde_json::{Value, json};

use crate::Project;
use crate::codec::Start;
use crate::project::Adapter;
use crate::{bridge, debug, examine, locals, preview, sentinel, snapshot, warm};

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

impl Part {
    fn value(&self) -> Value {
        json!({"name": self.source.name, "options": self.options})
    }
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

impl Description {
    /// What the process of an execution is to do. Whoever has something to add to executors adds
    /// its part here.
    pub(crate) fn of(project: &Project, start: &Start, scratch: &Path) -> Self {
        let (execution, scratch) = (&start.execution, scratch.to_string_lossy());
        let folder = project.folder().to_string_lossy();
        let mut description = Self::bare(project);
        if let Some(options) = project.debug_options(&execution.step, &start.target) {
            // Before the main part, and after the sentinel, between whose lines it speaks.
            let main = description.parts.len() - 1;
            let attached = Part { source: debug::ATTACHED, options: json!({}) };
            description.parts.insert(main, attached);
            // Before all others: what it does for itself is nobody's doing.
            description.parts.insert(0, Part { source: debug::SOURCE, options });
        }
        description.execution = json!({"id": execution, "scratch": scratch, "project": folder});
        description
    }

    /// The parts of a usual execution, which is not known yet.
    fn bare(project: &Project) -> Self {
        let live = || json!({"index": null});
        let code = project.snapshot().map_or_else(live, |snapshot| snapshot.options());
        let mut parts = vec![
            // First, so that it notes all that comes after.
            Part { source: warm::LOADED, options: json!({}) },
            Part { source: snapshot::SOURCE, options: code },
            Part { source: sentinel::SOURCE, options: json!({"locked": project.is_locked()}) },
            Part { source: locals::SOURCE, options: json!({}) },
            Part { source: debug::BREAKPOINT, options: json!({}) },
        ];
        parts.extend(bridge::main_parts(project.sdk_at_hand()));
        Self { execution: Value::Null, parts, words: vec!["execute".to_owned()] }
    }

    /// How the process that lists a module's targets is started, and what it is to do: none where
    /// the SDK does so itself, with nothing of ours in it. It is locked where the project is.
    pub(crate) fn to_discover(
        project: &Project,
        scratch: &Path,
        module: &str,
    ) -> Option<(Vec<OsString>, Self)> {
        let main = bridge::main_parts(project.sdk_at_hand());
        let locked = project.is_locked();
        let is_ours = locked || main.iter().any(|part| part.source.name != SDK.name);
        let arguments = arguments(project.adapter()).filter(|_| is_ours)?;
        let (scratch, folder) = (scratch.to_string_lossy(), project.folder().to_string_lossy());
        let execution = json!({"id": "", "scratch": scratch, "project": folder});
        let words = vec!["discover".to_owned(), module.to_owned()];
        let sentinel =
            locked.then(|| Part { source: sentinel::SOURCE, options: json!({"locked": true}) });
        let parts = sentinel.into_iter().chain(main).collect();
        Some((arguments, Self { execution, parts, words }))
    }

    /// What the process that looks at an object is to do: it is locked, whatever the project is.
    pub(crate) fn to_preview(project: &Project, scratch: &Path, options: Value) -> Self {
        let (scratch, folder) = (scratch.to_string_lossy(), project.folder().to_string_lossy());
        let execution = json!({"id": "", "scratch": scratch, "project": folder});
        let parts = vec![
            Part { source: sentinel::SOURCE, options: json!({"locked": true}) },
            Part { source: preview::SOURCE, options },
        ];
        Self { execution, parts, words: Vec::new() }
    }

    /// What the process that looks at modules is to do, or that imports them; locked where the
    /// project is.
    pub(crate) fn to_examine(
        project: &Project,
        scratch: &Path,
        options: Value,
        word: &str,
    ) -> Self {
        let (scratch, folder) = (scratch.to_string_lossy(), project.folder().to_string_lossy());
        let execution = json!({"id": "", "scratch": scratch, "project": folder});
        let sentinel = Part { source: sentinel::SOURCE, options: json!({"locked": true}) };
        let sentinel = project.is_locked().then_some(sentinel);
        let parts =
            sentinel.into_iter().chain([Part { source: examine::SOURCE, options }]).collect();
        Self { execution, parts, words: vec![word.to_owned()] }
    }

    /// The first line of a process of its own.
    pub(crate) fn line(&self) -> String {
        let mut line = self.value();
        line["start"] = json!(START_PY);
        line["sources"] = json!(self.sources());
        format!("{line}\n")
    }

    /// What a warm Python of this project has at hand: the parts of a usual execution.
    pub(crate) fn warm(project: &Project) -> Self {
        Self::bare(project)
    }

    /// The first line of a warm Python, which is told `options`.
    pub(crate) fn warm_line(&self, options: &Value) -> String {
        let mut sources = self.sources();
        sources.insert(warm::SOURCE.name, warm::SOURCE.text);
        format!("{}\n", json!({"start": START_PY, "sources": sources, "warm": options}))
    }

    /// What a warm Python is told to do in a child.
    pub(crate) fn value(&self) -> Value {
        let parts: Vec<Value> = self.parts.iter().map(Part::value).collect();
        json!({"execution": self.execution, "parts": parts, "words": self.words})
    }

    /// The names of its parts.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.parts.iter().map(|part| part.source.name).collect()
    }

    /// The parts that are not among these.
    pub(crate) fn sources_beyond(&self, names: &[&str]) -> BTreeMap<&'static str, &'static str> {
        let mut sources = self.sources();
        sources.retain(|name, _| !names.contains(name));
        sources
    }

    fn sources(&self) -> BTreeMap<&'static str, &'static str> {
        self.parts.iter().map(|part| (part.source.name, part.source.text)).collect()
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
    let name = Path::new(program).file_name().and_then(OsStr::to_str);
    let is_named_so = name.is_some_and(|name| name.starts_with("python"));
    let is_python = is_named_so || (adapter.is_python && first.is_empty());
    (option == "-m" && module == "coflux" && is_python).then_some(first)
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
            let mut adapter = Adapter { program, arguments: words.collect(), is_python: false };
            assert_eq!(fits(&adapter), expected, "{line}");
            adapter.is_python = true;
            assert_eq!(fits(&adapter), expected || line.starts_with("node"), "{line}");
        }
    }
}
