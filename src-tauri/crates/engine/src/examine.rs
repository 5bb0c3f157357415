//! Whether a project's code can run at all, before anything of it does: its interpreter, the SDK, the
//! modules that are wanted of it. What cannot is told in one sentence, with the command that would
//! mend it.

mod interpreter;
mod known;
mod remedy;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::bootstrap::{Description, Source, arguments};
use crate::guardian::Guardian;
use crate::snapshot::{Snapshot, Snapshots};
use crate::throw_away::{Said, ask, ask_fork};
use crate::warm::Stable;
use crate::{Project, ProjectError};
pub use interpreter::Interpreter;
use known::Known;
use remedy::Means;
pub use trouble::{Place, Trouble, Version};

/// The part that looks at modules, or imports them.
pub(crate) const SOURCE: Source =
    Source { name: "modules", text: include_str!("examine/modules.py") };

/// How long reading the text of modules may take.
const LOOK: Duration = Duration::from_secs(20);

/// How long importing modules may take.
const IMPORT: Duration = Duration::from_secs(60);

/// The folder of a store in which is kept what was found in order.
const FOLDER: &str = "examined";

/// What is wanted of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Modules, with the targets that are to be in each.
    pub modules: BTreeMap<String, BTreeSet<String>>,
    /// Files that Python is to be able to read, below the project's folder.
    pub files: BTreeSet<String>,
    /// Whether to look however little has changed, and to import the modules whatever their text
    /// says.
    pub thoroughly: bool,
}

/// A file that Python cannot read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Fault {
    /// The file, below the project's folder.
    pub file: String,
    /// What Python calls it: `SyntaxError`, `IndentationError`, …
    pub kind: String,
    /// What Python says.
    pub message: String,
    /// The line, from 1, if it is in one.
    pub line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
    /// The line's text.
    pub text: Option<String>,
}

/// A trouble, with the command that would mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mendable {
    /// What is wrong.
    pub trouble: Trouble,
    /// The command, if there is one.
    pub command: Option<String>,
}

impl Mendable {
    /// What keeps a folder from being a project at all.
    pub fn of_project(error: ProjectError, folder: &Path) -> Self {
        let trouble = Trouble::from(error);
        let command = Means::without_command(folder).command(&trouble);
        Self { trouble, command }
    }

    /// What keeps a project from running, as far as files tell: asks no process.
    pub fn at_first_sight(project: &Project) -> Option<Self> {
        let trouble = interpreter::at_first_sight(project)?;
        let command = Means::of(project, None).command(&trouble);
        Some(Self { trouble, command })
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examined {
    /// What the interpreter says of itself, if it was asked and answered.
    pub interpreter: Option<Interpreter>,
    /// What is wrong, the worst first.
    pub troubles: Vec<Mendable>,
    /// Files that Python cannot read, of those that were wanted and those that modules import.
    pub faults: Vec<Fault>,
}

impl Examined {
    /// Why nothing can run, if so.
    pub fn hindrance(&self) -> Option<&Mendable> {
        self.troubles.iter().find(|mendable| mendable.trouble.hinders())
    }
}

/// Examines projects with what is kept in a store.
#[derive(Debug, Clone)]
pub(crate) struct Examiner {
    pub(crate) guardian: Arc<Guardian>,
    pub(crate) warm: Arc<Stable>,
    pub(crate) snapshots: Arc<Snapshots>,
    /// The store's folder.
    pub(crate) store: std::path::PathBuf,
}

impl Examiner {
    /// What keeps the wanted code from running. Asks nothing again that was found in order and has not
    /// changed since. Runs nothing of the project, unless its text leaves doubts: then the modules
    /// are imported, in a process that is gone when this returns.
    pub(crate) async fn examine(&self, project: &Project, wanted: &Wanted) -> Examined {
        let mut examined = Examined::default();
        let found = self.find(project, wanted, &mut examined).await;
        let broken = interpreter::broken_environment(project);
        // That is why another was found in its place.
        let broken = broken.filter(|_| found.iter().any(Trouble::hinders));
        let means = Means::of(project, examined.interpreter.as_ref());
        let mendable = |trouble: Trouble| Mendable { command: means.command(&trouble), trouble };
        examined.troubles = broken.into_iter().chain(found).map(mendable).collect();
        examined
    }

    async fn find(
        &self,
        project: &Project,
        wanted: &Wanted,
        examined: &mut Examined,
    ) -> Vec<Trouble> {
        if !project.folder().is_dir() {
            return vec![Trouble::FolderGone { folder: project.folder().to_owned() }];
        }
        if let Some(trouble) = interpreter::at_first_sight(project) {
            return vec![trouble];
        }
        // What another command runs is its own affair.
        if !project.is_watched() {
            return Vec::new();
        }
        let file = Known::file(&self.store.join(FOLDER), project);
        let mut known = if wanted.thoroughly { Known::default() } else { Known::read(&file) };
        let mut troubles = Vec::new();
        if !known.has_environment() {
            match interpreter::ask_it(project, &self.guardian).await {
                Err(trouble) => return vec![trouble],
                Ok(said) => {
                    troubles.extend(said.trouble(project));
                    known.environment_is(project, &said.folders);
                    examined.interpreter = Some(said);
                }
            }
            if troubles.iter().any(Trouble::hinders) {
                return troubles;
            }
        }
        let code = block_in_place(|| self.snapshots.take(project.folder())).ok();
        let key = code.as_ref().map(Snapshot::key);
        if wanted.files.is_empty() && key.is_some_and(|key| known.has(wanted, key)) {
            return troubles;
        }
        let of_modules = self.modules(project, wanted, code.as_ref(), &mut known, examined).await;
        if of_modules.is_empty() && examined.faults.is_empty() {
            if let Some(key) = key {
                known.code_is(wanted, key);
            }
            // A hint that cannot be kept is found again.
            let _ = known.write(&file);
        } else if examined.interpreter.is_none() && !of_modules.is_empty() {
            // What would mend it depends on it.
            examined.interpreter = interpreter::ask_it(project, &self.guardian).await.ok();
        }
        troubles.extend(of_modules);
        troubles
    }

    /// What is wrong with the modules.
    async fn modules(
        &self,
        project: &Project,
        wanted: &Wanted,
        code: Option<&Snapshot>,
        known: &mut Known,
        examined: &mut Examined,
    ) -> Vec<Trouble> {
        if wanted.modules.is_empty() && wanted.files.is_empty() {
            return Vec::new();
        }
        let looked = self.look(project, wanted).await;
        let doubts: BTreeSet<String> = match looked {
            Some(looked) => {
                examined.faults = looked.faults;
                looked.doubts.difference(&known.cleared).cloned().collect()
            }
            // Then only importing them tells.
            None => wanted.modules.keys().cloned().collect(),
        };
        // What cannot be read is told as it is, where files were asked about.
        let told = !examined.faults.is_empty() && !wanted.files.is_empty();
        if told || (doubts.is_empty() && !wanted.thoroughly) {
            return Vec::new();
        }
        let troubles = self.import(project, wanted, code).await;
        if troubles.is_empty() {
            known.cleared.extend(doubts);
        }
        troubles
    }

    /// Reads the text of what would be imported: in a fork of a warm Python where one is at hand, for
    /// that is how it would run, else in a process of its own.
    async fn look(&self, project: &Project, wanted: &Wanted) -> Option<Looked> {
        let looked = |said: Said| serde_json::from_value(said.answer("hindcast_looked")?).ok();
        if let Some(looked) = self.ask_fork(project, wanted).await.and_then(looked) {
            return Some(looked);
        }
        self.ask(project, wanted, "look", LOOK).await.and_then(looked)
    }

    async fn ask_fork(&self, project: &Project, wanted: &Wanted) -> Option<Said> {
        let server = self.warm.at_hand(project)?;
        let scratch = self.guardian.scratch().ok()?;
        let description = Description::to_examine(project, scratch.path(), options(wanted), "look");
        ask_fork(&server, &self.guardian, &scratch, &description, LOOK).await
    }

    /// Imports modules.
    async fn import(
        &self,
        project: &Project,
        wanted: &Wanted,
        code: Option<&Snapshot>,
    ) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        let mut left = wanted.modules.clone();
        while !left.is_empty() {
            let these = Wanted { modules: left.clone(), ..Wanted::default() };
            let said = self.ask(project, &these, "import", IMPORT).await;
            for one in said.iter().flat_map(|said| said.answers("hindcast_imported")) {
                let Ok(one) = serde_json::from_value::<Imported>(one) else { continue };
                left.remove(&one.module);
                troubles.extend(one.troubles(code));
            }
            if left.is_empty() {
                break;
            }
            let Some(said) = said else {
                // One that takes its time may still come to its end where nobody is in a hurry.
                let slow = left.into_keys().next().filter(|_| wanted.thoroughly);
                let how = format!("took more than {} s", IMPORT.as_secs());
                troubles.extend(slow.map(|module| Trouble::ImportEnds { module, how }));
                break;
            };
            // It ended with the module that was begun last.
            let begun = said.answer("hindcast_imports");
            let begun = begun.as_ref().and_then(|module| module.as_str());
            let Some((module, _)) = begun.and_then(|module| left.remove_entry(module)) else {
                break;
            };
            troubles.push(Trouble::ImportEnds { module, how: ends(&said) });
        }
        troubles
    }

    async fn ask(
        &self,
        project: &Project,
        wanted: &Wanted,
        word: &str,
        patience: Duration,
    ) -> Option<Said> {
        let arguments = arguments(project.adapter())?;
        let scratch = self.guardian.scratch().ok()?;
        let description = Description::to_examine(project, scratch.path(), options(wanted), word);
        ask(project, &self.guardian, &scratch, arguments, &[], Some(&description), patience)
            .await
            .ok()?
    }
}

fn options(wanted: &Wanted) -> Value {
    json!({"modules": wanted.modules, "files": wanted.files})
}

fn ends(said: &Said) -> String {
    let how = said.ended.map(|status| status.to_string()).unwrap_or_default();
    let words = said.complaint();
    match words.lines().last() {
        Some(last) => format!("ends the process ({how}): {last}"),
        None => format!("ends the process ({how})"),
    }
}

/// What the text of modules tells.
#[derive(Debug, Deserialize)]
struct Looked {
    faults: Vec<Fault>,
    doubts: BTreeSet<String>,
}

/// What came of importing a module.
#[derive(Debug, Deserialize)]
struct Imported {
    module: String,
    error: Option<ImportError>,
    missing: Vec<String>,
    targets: Vec<String>,
}

/// What Python raised.
#[derive(Debug, Deserialize)]
struct ImportError {
    kind: String,
    message: String,
    file: Option<String>,
    line: Option<u32>,
    text: Option<String>,
    missing: Option<String>,
    variable: Option<String>,
    /// Whether it is Python that cannot read a file.
    syntax: bool,
    /// Where Python looks for modules.
    path: Vec<String>,
}

impl Imported {
    fn troubles(self, code: Option<&Snapshot>) -> Vec<Trouble> {
        let Self { module, error, missing, targets } = self;
        if let Some(error) = error {
            return vec![error.trouble(module, code)];
        }
        let missing = missing.into_iter();
        let none = |name| Trouble::NoTarget { module: module.clone(), name, has: targets.clone() };
        missing.map(none).collect()
    }
}

impl ImportError {
    fn trouble(self, module: String, code: Option<&Snapshot>) -> Trouble {
        let Self { kind, message, file, line, text, missing, variable, syntax, path } = self;
        let place = file.map(|file| Place { file, line });
        match (missing, variable, place) {
            (Some(missing), _, place) => missing_module(module, missing, place, &path, code),
            (_, Some(name), place) => Trouble::MissingVariable { module, name, place },
            (_, _, Some(place)) if syntax => Trouble::Syntax { module, place, kind, message, text },
            (_, _, place) => {
                let message = message.lines().next().unwrap_or_default().to_owned();
                Trouble::ImportFails { module, kind, message, place }
            }
        }
    }
}

/// A module that is not there: one of the project's own, or a package that is not installed.
fn missing_module(
    module: String,
    missing: String,
    place: Option<Place>,
    path: &[String],
    code: Option<&Snapshot>,
) -> Trouble {
    let first = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let find = |name: &str| code?.find(&name.replace('.', "/"));
    let elsewhere = find(&missing);
    let is_own = first(&missing) == first(&module)
        || elsewhere.is_some()
        || find(&first(&missing)).is_some();
    if !is_own {
        return Trouble::MissingPackage { module, missing, place };
    }
    // Python's own library is no place for it.
    let library = |entry: &&String| {
        let archive = Path::new(entry).extension().is_some_and(|ending| ending == "zip");
        entry.ends_with("-packages") || !(archive || entry.contains("/lib/python"))
    };
    let looked = path.iter().filter(library).cloned().collect();
    Trouble::MissingModule { module, missing, place, looked, elsewhere }
}
