//! Which modules of a project hold workflows and tasks. Reads files, and runs nothing.

use std::collections::BTreeSet;
use std::path::Path;

use super::ProjectError;
use super::configuration::worker;

/// How deep folders are looked into.
const DEEPEST: usize = 8;

/// How many files are looked at.
const MOST_FILES: usize = 5_000;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// Folders that hold no code of the project's own.
const FOREIGN: [&str; 4] = ["__pycache__", "node_modules", "site-packages", "build"];

/// The modules of a project that use Coflux, by their names: those of `worker.modules` in
/// `coflux.toml`, as Coflux's own worker has it; else those whose text imports it.
///
/// # Errors
/// If `coflux.toml` cannot be read.
pub(crate) fn find(folder: &Path) -> Result<Vec<String>, ProjectError> {
    if let Some(named) = worker(folder)?.modules.filter(|named| !named.is_empty()) {
        return Ok(named);
    }
    let mut search = Search { found: BTreeSet::new(), left: MOST_FILES };
    search.look_into(folder, &mut Vec::new());
    Ok(search.found.into_iter().collect())
}

struct Search {
    found: BTreeSet<String>,
    /// How many more files are looked at.
    left: usize,
}

impl Search {
    fn look_into(&mut self, folder: &Path, package: &mut Vec<String>) {
        // What cannot be read holds nothing that could be run.
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut entries: Vec<_> = entries.flatten().collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let (Some(name), Ok(kind)) = (name.to_str(), entry.file_type()) else { continue };
            if kind.is_dir() {
                self.look_into_package(&entry.path(), name, package);
            } else if let Some(module) = name.strip_suffix(".py").filter(|name| is_name(name)) {
                self.look_at(&entry.path(), module, package);
            }
        }
    }

    fn look_into_package(&mut self, path: &Path, name: &str, package: &mut Vec<String>) {
        let own = is_name(name) && !FOREIGN.contains(&name) && !path.join("pyvenv.cfg").exists();
        if !own || package.len() >= DEEPEST {
            return;
        }
        // A folder that is only where the code is, is no part of the name.
        let layout = package.is_empty() && name == "src" && !path.join("__init__.py").exists();
        if layout {
            return self.look_into(path, package);
        }
        package.push(name.to_owned());
        self.look_into(path, package);
        package.pop();
    }

    fn look_at(&mut self, path: &Path, module: &str, package: &[String]) {
        if self.left == 0 || path.metadata().is_ok_and(|file| file.len() > LONGEST) {
            return;
        }
        self.left -= 1;
        let Ok(text) = std::fs::read_to_string(path) else { return };
        let own = (module != "__init__").then(|| module.to_owned());
        let words: Vec<String> = package.iter().cloned().chain(own).collect();
        if !words.is_empty() && text.lines().any(imports_coflux) {
            self.found.insert(words.join("."));
        }
    }
}

/// Whether a line begins to import Coflux.
fn imports_coflux(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let first = words.next();
    let what = words.next().map(|word| word.trim_end_matches(','));
    matches!(first, Some("import" | "from"))
        && what.is_some_and(|what| what == "coflux" || what.starts_with("coflux."))
}

/// Whether a module can be called so.
fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        find(folder.path()).unwrap()
    }

    #[test]
    fn modules_that_import_coflux_are_found_and_no_others() {
        let uses = "import os\nimport coflux as cf\n";
        assert_eq!(
            found(&[
                ("flow.py", uses),
                ("setup.py", "import os\n# import coflux\n"),
                ("my-script.py", uses),
                ("shop/__init__.py", "from coflux import task\n"),
                ("shop/deep/orders.py", "    from coflux.models import X\n"),
                ("src/app/jobs.py", uses),
                ("venv/pyvenv.cfg", ""),
                ("venv/lib/x.py", uses),
                (".hidden/x.py", uses),
                ("cofluxish.py", "import cofluxish\n"),
            ]),
            ["app.jobs", "flow", "shop", "shop.deep.orders"]
        );
    }

    #[test]
    fn what_coflux_toml_names_goes_before() {
        let toml = "[worker]\nmodules = [\"shop\", \"jobs.daily\"]\n";
        assert_eq!(
            found(&[("coflux.toml", toml), ("flow.py", "import coflux\n")]),
            ["shop", "jobs.daily"]
        );
        assert_eq!(found(&[]), [] as [String; 0]);
    }
}
