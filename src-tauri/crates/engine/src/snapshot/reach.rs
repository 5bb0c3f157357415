//! Which files of a project the code of some modules can reach, by what its text imports.
//!
//! Python decides what is imported while it runs; a text can only be read with care. So this leans to
//! the safe side: what looks like an import counts as one, and where code imports by a name that it
//! makes up, everything is reached.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use hindcast_model::BlobKey;

/// Words of code that imports what its text does not name.
const BY_NAME: [&str; 6] = ["import_module", "__import__", "importlib", "runpy", "exec(", "stub("];

/// The files that modules reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Nobody can say: every file may be.
    Everything,
    /// These, below the project's folder.
    Files(BTreeSet<String>),
}

impl Reach {
    /// Whether a file is reached.
    pub fn holds(&self, file: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Files(files) => files.contains(file),
        }
    }
}

/// What the text of a file imports.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Imports {
    /// Modules that the text does not name.
    ByName,
    /// These.
    Modules(BTreeSet<String>),
}

impl Imports {
    /// What this file of a project imports.
    pub(super) fn of(file: &str, text: &str) -> Self {
        if BY_NAME.iter().any(|word| text.contains(word)) {
            return Self::ByName;
        }
        Self::Modules(imports(text, &package(file)))
    }
}

/// What files of a project import, kept from one look to the next: only what was saved since is read.
#[derive(Debug, Default)]
pub struct Imported(HashMap<String, (BlobKey, Arc<Imports>)>);

impl Imported {
    /// What a file of this content imports; `read` gives its text.
    pub(super) fn of(
        &mut self,
        file: &str,
        content: BlobKey,
        read: impl FnOnce() -> Option<String>,
    ) -> Option<Arc<Imports>> {
        if let Some((_, imports)) = self.0.get(file).filter(|(known, _)| *known == content) {
            return Some(Arc::clone(imports));
        }
        let imports = Arc::new(Imports::of(file, &read()?));
        self.0.insert(file.to_owned(), (content, Arc::clone(&imports)));
        Some(imports)
    }
}

/// A project's files.
pub(super) struct Files<'a> {
    /// Every file's path, with `/`.
    names: BTreeSet<&'a str>,
    /// The same by the last part of the module they are.
    modules: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Files<'a> {
    /// Those of these names.
    pub(super) fn new(names: impl Iterator<Item = &'a str>) -> Self {
        let names: BTreeSet<&str> = names.collect();
        let mut modules: HashMap<&str, Vec<&str>> = HashMap::new();
        for name in &names {
            modules.entry(last_part(name)).or_default().push(name);
        }
        Self { names, modules }
    }

    /// What these modules reach; `read` tells what a file imports.
    pub(super) fn reach<'m>(
        &self,
        modules: impl IntoIterator<Item = &'m str>,
        mut read: impl FnMut(&str) -> Option<Arc<Imports>>,
    ) -> Reach {
        let mut reached: BTreeSet<String> = BTreeSet::new();
        let mut looked_for: HashSet<String> = HashSet::new();
        let mut pending = Vec::new();
        for module in modules {
            let files = self.files(module);
            if files.is_empty() {
                return Reach::Everything;
            }
            pending.extend(files);
        }
        while let Some(file) = pending.pop() {
            if !reached.insert(file.clone()) {
                continue;
            }
            let Some(imports) = read(&file) else { return Reach::Everything };
            let Imports::Modules(imported) = &*imports else { return Reach::Everything };
            for module in imported {
                if looked_for.insert(module.clone()) {
                    pending.extend(self.files(module));
                }
            }
        }
        Reach::Files(reached)
    }

    /// The files that importing a module runs, wherever in the project it may stand: with its
    /// packages' own. None if it is none of the project's.
    fn files(&self, module: &str) -> Vec<String> {
        let path = module.replace('.', "/");
        let ends = [format!("{path}.py"), format!("{path}/__init__.py")];
        let last = path.rsplit('/').next().unwrap_or_default();
        let mut found = Vec::new();
        for name in self.modules.get(last).into_iter().flatten() {
            let Some(root) = ends.iter().find_map(|end| name.strip_suffix(end.as_str())) else {
                continue;
            };
            if root.is_empty() || root.ends_with('/') {
                found.push((*name).to_owned());
                found.extend(self.packages(root, &path));
            }
        }
        found
    }

    /// The `__init__.py` of every package that holds this path.
    fn packages(&self, root: &str, path: &str) -> impl Iterator<Item = String> {
        let ends = path.match_indices('/').map(|(at, _)| at);
        ends.map(move |end| format!("{root}{}/__init__.py", &path[..end]))
            .filter(|name| self.names.contains(name.as_str()))
    }
}

/// The last part of the name of the module that a file is.
fn last_part(file: &str) -> &str {
    let module = file.strip_suffix(".py").unwrap_or(file);
    let module = module.strip_suffix("/__init__").unwrap_or(module);
    module.rsplit('/').next().unwrap_or_default()
}

/// The package a file's relative imports are of, as its parts.
fn package(file: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    parts
}

/// The modules that a text imports, in and out of functions. `from a import b` may be of a module
/// `a.b`, so both are named.
fn imports(text: &str, package: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for statement in statements(text) {
        if let Some(names) = statement.strip_prefix("import ") {
            found.extend(names.split(',').filter_map(first_word).map(str::to_owned));
        } else if let Some(rest) = statement.strip_prefix("from ") {
            let Some((from, names)) = rest.split_once(" import") else { continue };
            let Some(module) = absolute(from.trim(), package) else { continue };
            let names = names.trim().trim_start_matches('(').trim_end_matches(')');
            let within = names.split(',').filter_map(first_word);
            let dot = if module.is_empty() { "" } else { "." };
            found.extend(within.map(|name| format!("{module}{dot}{name}")));
            found.insert(module);
        }
    }
    found.remove("");
    found
}

fn first_word(name: &str) -> Option<&str> {
    name.split_whitespace().next()
}

/// A module's name in full. Of a relative one, its place in the project is named.
fn absolute(from: &str, package: &[&str]) -> Option<String> {
    let name = from.trim_start_matches('.');
    let up = from.len() - name.len();
    if up == 0 {
        return Some(name.to_owned());
    }
    let kept = package.len().checked_sub(up - 1)?;
    let parts =
        package.iter().take(kept).copied().chain(Some(name).filter(|name| !name.is_empty()));
    Some(parts.collect::<Vec<_>>().join("."))
}

/// The statements that begin with `import` or `from`, each on one line, without comments.
fn statements(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines().map(without_comment);
    while let Some(line) = lines.next() {
        for part in line.split([';', ':']) {
            let part = part.trim();
            if !(part.starts_with("import ") || part.starts_with("from ")) {
                continue;
            }
            let mut statement = part.to_owned();
            while statement.ends_with('\\') || (statement.contains('(') && !statement.contains(')'))
            {
                let Some(next) = lines.next() else { break };
                statement = format!("{} {}", statement.trim_end_matches('\\'), next.trim());
            }
            found.push(statement);
        }
    }
    found
}

fn without_comment(line: &str) -> &str {
    line.split_once('#').map_or(line, |(code, _)| code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn reach(files: &[(&str, &str)], modules: &[&str]) -> Reach {
        let texts: BTreeMap<&str, &str> = files.iter().copied().collect();
        let read = |name: &str| Some(Arc::new(Imports::of(name, texts.get(name)?)));
        Files::new(texts.keys().copied()).reach(modules.iter().copied(), read)
    }

    #[test]
    fn what_a_text_imports_is_reached_and_nothing_else_of_the_project() {
        let shop = [
            ("shop/__init__.py", ""),
            (
                "shop/flows.py",
                "import json, shop.prices as p\nfrom .outside import (\n  mail,\n)\n",
            ),
            ("shop/prices.py", "def f():\n    from shop import vat  # later\n"),
            ("shop/vat.py", "'''from shop import nothing'''"),
            ("shop/outside.py", "if True: from ..lib.net import send\n"),
            ("lib/net.py", "from \\\n  . import deep\n"),
            ("lib/deep/__init__.py", "from .. import other\n"),
            ("shop/tools.py", ""),
            ("tests/test_flows.py", "import shop.flows"),
        ];
        let Reach::Files(files) = reach(&shop, &["shop.flows"]) else { panic!("all") };
        let expected = [
            "lib/deep/__init__.py",
            "lib/net.py",
            "shop/__init__.py",
            "shop/flows.py",
            "shop/outside.py",
            "shop/prices.py",
            "shop/vat.py",
        ];
        assert_eq!(Vec::from_iter(files), expected);
    }

    #[test]
    fn where_nobody_can_say_everything_is_reached() {
        let by_name = [("a.py", "import importlib\nimportlib.import_module('b')\n"), ("b.py", "")];
        assert_eq!(reach(&by_name, &["a"]), Reach::Everything);
        assert_eq!(reach(&[("a.py", "")], &["not.there"]), Reach::Everything);
    }

    #[test]
    fn a_project_may_keep_its_code_in_a_folder_of_its_own() {
        let files =
            [("src/app/__init__.py", ""), ("src/app/a.py", "import app.b"), ("src/app/b.py", "")];
        let found = reach(&files, &["app.a"]);
        assert!(found.holds("src/app/b.py") && found.holds("src/app/__init__.py"), "{found:?}");
    }

    #[test]
    fn only_what_was_saved_is_read_again() {
        let (mut imported, reads) = (Imported::default(), std::cell::Cell::new(0));
        let mut of = |file: &str, text: &str| {
            let read = || {
                reads.set(reads.get() + 1);
                Some(text.to_owned())
            };
            let found = imported.of(file, BlobKey::of(text.as_bytes()), read).unwrap();
            let Imports::Modules(modules) = &*found else { panic!("{found:?}") };
            modules.iter().cloned().collect::<Vec<_>>()
        };
        assert_eq!(of("a/b.py", "from . import c"), ["a", "a.c"]);
        // The same text is of another package.
        assert_eq!(of("d/b.py", "from . import c"), ["d", "d.c"]);
        assert_eq!(of("a/b.py", "from . import c"), ["a", "a.c"]);
        assert_eq!(reads.get(), 2);
        assert_eq!(of("a/b.py", "import e"), ["e"]);
    }

    #[test]
    fn a_large_project_is_looked_at_once_for_each_module() {
        let count = 3_000;
        let files: Vec<(String, String)> = (0..count)
            .map(|n| {
                let imports = (1..=20).map(|k| format!("from p import m{}\n", (n + k) % count));
                (format!("p/m{n}.py"), imports.collect())
            })
            .collect();
        let index = Files::new(files.iter().map(|(name, _)| name.as_str()));
        // However often and from wherever it is imported, only its namesakes are compared with it.
        assert!(index.modules.values().all(|namesakes| namesakes.len() == 1));
        let texts: BTreeMap<&str, &str> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let read = |name: &str| Some(Arc::new(Imports::of(name, texts.get(name)?)));
        let Reach::Files(found) = index.reach(["p.m0"], read) else { panic!("all") };
        assert_eq!(found.len(), count);
    }
}
