//! The command that would mend what is wrong with a project, for the tools the project is kept with.

use std::path::{Path, PathBuf};

use super::interpreter::Interpreter;
use super::trouble::{NEWEST_SDK, OLDEST_PYTHON, Trouble, Version};
use crate::project::interpreter::on_path;
use crate::project::quoted;
use crate::{FoundBy, Project};

/// What is imported by another name than it is installed by.
const OTHERWISE: [(&str, &str); 30] = [
    ("Crypto", "pycryptodome"),
    ("MySQLdb", "mysqlclient"),
    ("OpenSSL", "pyopenssl"),
    ("PIL", "pillow"),
    ("attr", "attrs"),
    ("bs4", "beautifulsoup4"),
    ("cv2", "opencv-python"),
    ("dateutil", "python-dateutil"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("fitz", "pymupdf"),
    ("git", "gitpython"),
    ("github", "pygithub"),
    ("google.protobuf", "protobuf"),
    ("jose", "python-jose"),
    ("jwt", "pyjwt"),
    ("magic", "python-magic"),
    ("multipart", "python-multipart"),
    ("nacl", "pynacl"),
    ("pkg_resources", "setuptools"),
    ("pptx", "python-pptx"),
    ("psycopg2", "psycopg2-binary"),
    ("serial", "pyserial"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("slugify", "python-slugify"),
    ("telegram", "python-telegram-bot"),
    ("usb", "pyusb"),
    ("yaml", "pyyaml"),
    ("zmq", "pyzmq"),
];

/// The newest Python that is looked for by its name, `python3.N`.
const NEWEST_PYTHON: u32 = 14;

/// What can be done about a project.
pub(super) struct Means<'a> {
    folder: &'a Path,
    program: PathBuf,
    found_by: FoundBy,
    /// What its interpreter said of itself, if it did.
    interpreter: Option<&'a Interpreter>,
    /// Whether a program is on the `PATH`.
    has: &'a dyn Fn(&str) -> bool,
}

/// What a project is kept with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeper {
    Uv,
    Poetry,
    Pip,
}

impl<'a> Means<'a> {
    pub(super) fn of(project: &'a Project, interpreter: Option<&'a Interpreter>) -> Self {
        let program = PathBuf::from(&project.adapter().program);
        let (folder, found_by) = (project.folder(), project.found_by());
        Self { folder, program, found_by, interpreter, has: &on_path }
    }

    /// Where not even a command was found.
    pub(super) fn without_command(folder: &'a Path) -> Self {
        let program = PathBuf::new();
        Self { folder, program, found_by: FoundBy::Path, interpreter: None, has: &on_path }
    }

    /// The command that would mend it, if there is one that needs no thought.
    pub(super) fn command(&self, trouble: &Trouble) -> Option<String> {
        match trouble {
            Trouble::NoInterpreter { .. } => Some(get_uv().to_owned()),
            Trouble::InterpreterGone { python, .. } => self.environment_again(python),
            Trouble::NotExecutable { python } if !python.is_dir() => {
                Some(format!("chmod +x {}", quoted(&python.to_string_lossy())))
            }
            Trouble::Crashes { .. } => self.environment_again(&self.program),
            Trouble::CommandGone { program, .. } => self.get(program),
            Trouble::PythonTooOld { needs, .. } => self.newer_python(*needs),
            Trouble::NoSdk { .. } => self.add("coflux"),
            Trouble::SdkTooOld { .. } => self.add("coflux>=0.9"),
            Trouble::SdkNewer { .. } => self.add(&format!("coflux<0.{}", NEWEST_SDK + 1)),
            Trouble::MissingPackage { missing, .. } => {
                let package = distribution(missing);
                self.install_what_is_declared(&package).or_else(|| self.add(&package))
            }
            Trouble::MissingModule { missing, elsewhere, .. } => {
                self.look_there(missing, elsewhere.as_deref()?)
            }
            Trouble::MissingVariable { name, .. } => {
                let line = quoted(&format!("{name}=VALUE"));
                Some(format!("echo {line} >> {}", self.path(".env")))
            }
            _ => None,
        }
    }

    fn keeper(&self) -> Keeper {
        let has = |file: &str| self.folder.join(file).is_file();
        let outside = self.found_by == FoundBy::Person && !self.program.starts_with(self.folder);
        match self.found_by {
            FoundBy::PoetryLock => Keeper::Poetry,
            FoundBy::UvLock | FoundBy::Uv => Keeper::Uv,
            _ if outside => Keeper::Pip,
            // As Coflux has it: of both, poetry's.
            _ if has("poetry.lock") => Keeper::Poetry,
            _ if has("uv.lock") => Keeper::Uv,
            _ => Keeper::Pip,
        }
    }

    /// Installs a package (`name`, or `name<version`) for the project.
    fn add(&self, package: &str) -> Option<String> {
        let word = quoted(package);
        match self.keeper() {
            Keeper::Poetry => Some(self.there(&format!("poetry add {word}"))),
            Keeper::Uv if self.found_by != FoundBy::Uv => {
                Some(self.there(&format!("uv add {word}")))
            }
            Keeper::Uv => {
                let new = !self.folder.join("pyproject.toml").is_file();
                let begin = if new { "uv init --bare && " } else { "" };
                let sdk = if is_sdk(package) { "" } else { "coflux " };
                Some(self.there(&format!("{begin}uv add {sdk}{word}")))
            }
            Keeper::Pip => self.pip(&word, is_sdk(package)),
        }
    }

    /// Has pip install what these words name; `sdk` says whether that is the SDK.
    fn pip(&self, words: &str, sdk: bool) -> Option<String> {
        let known = self.interpreter?;
        let python = quoted(&self.python(known));
        if known.managed {
            let own = self.path(".venv");
            let sdk = if sdk { "" } else { "coflux " };
            return Some(format!(
                "{python} -m venv {own} && {} -m pip install {sdk}{words}",
                self.path(".venv/bin/python")
            ));
        }
        Some(if known.pip {
            format!("{python} -m pip install {words}")
        } else if (self.has)("uv") {
            format!("uv pip install --python {python} {words}")
        } else {
            format!("{python} -m ensurepip && {python} -m pip install {words}")
        })
    }

    fn python(&self, known: &Interpreter) -> String {
        if self.program.components().count() > 1 {
            self.program.to_string_lossy().into_owned()
        } else {
            known.executable.clone()
        }
    }

    /// Installs all that the project declares, if the package is among it.
    fn install_what_is_declared(&self, package: &str) -> Option<String> {
        let read = |file: &str| std::fs::read_to_string(self.folder.join(file)).ok();
        let locked = |file: &str| {
            let text = read(file)?;
            let mut names = text.lines().filter_map(|line| line.strip_prefix("name = "));
            names.any(|name| normal(name.trim_matches('"')) == package).then_some(())
        };
        match self.keeper() {
            Keeper::Uv => locked("uv.lock").map(|()| self.there("uv sync")),
            Keeper::Poetry => locked("poetry.lock").map(|()| self.there("poetry install")),
            Keeper::Pip => {
                let text = read("requirements.txt")?;
                let name = |line: &str| {
                    let end = line.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c)));
                    normal(&line[..end.unwrap_or(line.len())])
                };
                let named = text.lines().any(|line| name(line.trim()) == package);
                named.then(|| self.pip(&format!("-r {}", self.path("requirements.txt")), false))?
            }
        }
    }

    /// Makes the virtual environment anew that this interpreter was one of.
    fn environment_again(&self, python: &Path) -> Option<String> {
        let environment = python.parent()?.parent()?;
        if !environment.join("pyvenv.cfg").is_file() {
            return None;
        }
        if environment.starts_with(self.folder) {
            match self.keeper() {
                Keeper::Uv => return Some(self.there("uv sync")),
                Keeper::Poetry => return Some(self.there("poetry install")),
                Keeper::Pip => {}
            }
        }
        self.new_environment(environment, OLDEST_PYTHON)
    }

    fn new_environment(&self, environment: &Path, needs: Version) -> Option<String> {
        let own = quoted(&environment.to_string_lossy());
        let python = quoted(&environment.join("bin/python").to_string_lossy());
        let requirements = self.folder.join("requirements.txt").is_file();
        let packages = if requirements {
            format!("-r {}", self.path("requirements.txt"))
        } else {
            "coflux".to_owned()
        };
        if (self.has)("uv") {
            return Some(format!(
                "uv venv --clear --python {needs} {own} && uv pip install --python {python} {packages}"
            ));
        }
        let newest = self.newest_python(needs)?;
        Some(format!("{newest} -m venv --clear {own} && {python} -m pip install {packages}"))
    }

    /// The newest Python that is at hand and new enough.
    fn newest_python(&self, needs: Version) -> Option<String> {
        let names = (needs.minor..=NEWEST_PYTHON).rev().map(|minor| format!("python3.{minor}"));
        names.into_iter().find(|name| (self.has)(name))
    }

    fn newer_python(&self, needs: Version) -> Option<String> {
        match self.keeper() {
            Keeper::Uv => Some(self.there(&format!("uv python pin {needs} && uv sync"))),
            Keeper::Poetry => {
                let newest = self.newest_python(needs)?;
                Some(self.there(&format!("poetry env use {newest} && poetry install")))
            }
            Keeper::Pip => {
                let own = [".venv", "venv"].map(|name| self.folder.join(name));
                let own = own.iter().find(|folder| self.program.starts_with(folder));
                let environment = own.cloned().unwrap_or_else(|| self.folder.join(".venv"));
                self.new_environment(&environment, needs)
            }
        }
    }

    fn get(&self, program: &str) -> Option<String> {
        let by_pipx = (self.has)("pipx");
        match program {
            "uv" | "poetry" if by_pipx => Some(format!("pipx install {program}")),
            "uv" => Some(get_uv().to_owned()),
            "poetry" => Some("curl -sSL https://install.python-poetry.org | python3 -".to_owned()),
            _ => None,
        }
    }

    /// Has Python look for modules where this file stands.
    fn look_there(&self, module: &str, file: &str) -> Option<String> {
        let module = module.replace('.', "/");
        let root = file.strip_suffix(".py").unwrap_or(file).strip_suffix(&module)?;
        let (folder, root) = (self.path(""), self.folder.join(root));
        if root.join("__init__.py").is_file() {
            // It is a package's: it is to be imported by that name.
            return None;
        }
        let variable = quoted(&format!("PYTHONPATH={}", root.display()));
        Some(format!("hindcast settings project {folder} --var {}", variable.trim_end_matches('/')))
    }

    /// A command that is given in the project's folder.
    fn there(&self, command: &str) -> String {
        format!("cd {} && {command}", self.path(""))
    }

    fn path(&self, below: &str) -> String {
        let path = if below.is_empty() { self.folder.to_owned() } else { self.folder.join(below) };
        quoted(&path.to_string_lossy())
    }
}

fn get_uv() -> &'static str {
    "curl -LsSf https://astral.sh/uv/install.sh | sh"
}

/// What a module is installed by.
fn distribution(module: &str) -> String {
    let known = OTHERWISE.iter().find(|(name, _)| {
        module == *name || module.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
    });
    if let Some((_, package)) = known {
        return (*package).to_owned();
    }
    // Packages of Google's cloud are named as far as that.
    let parts = if module.starts_with("google.cloud.") { 3 } else { 1 };
    normal(&module.split('.').take(parts).collect::<Vec<_>>().join("-"))
}

/// Whether a package (`name`, or `name<version`) is the SDK.
fn is_sdk(package: &str) -> bool {
    let version = package.strip_prefix("coflux");
    version.is_some_and(|version| version.is_empty() || version.starts_with(['<', '>', '=']))
}

/// A distribution's name as the index compares it (PEP 503).
fn normal(name: &str) -> String {
    let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The command for a trouble of a project that has these files, where these programs are.
    fn command(
        found_by: FoundBy,
        program: &str,
        files: &[(&str, &str)],
        programs: &[&str],
        trouble: &Trouble,
    ) -> String {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let program = program.replace("./", &format!("{}/", folder.path().display()));
        let interpreter: Interpreter = serde_json::from_value(serde_json::json!({
            "version": [3, 11, 7], "executable": "/usr/bin/python3", "own_environment": false,
            "coflux": null, "requires": null, "origin": null, "folders": [],
            "pip": !programs.contains(&"no pip"), "managed": programs.contains(&"managed"),
        }))
        .unwrap();
        let means = Means {
            folder: folder.path(),
            program: program.into(),
            found_by,
            interpreter: Some(&interpreter),
            has: &|program| programs.contains(&program),
        };
        let command = means.command(trouble).unwrap_or_else(|| "none".to_owned());
        command.replace(folder.path().to_str().unwrap(), "P")
    }

    #[test]
    fn a_missing_package_is_installed_with_what_the_project_is_kept_with() {
        type Files<'a> = &'a [(&'a str, &'a str)];
        type Case<'a> = (FoundBy, &'a str, Files<'a>, &'a [&'a str], &'a str, &'a str);

        let missing = |name: &str| Trouble::MissingPackage {
            module: "shop".to_owned(),
            missing: name.to_owned(),
            place: None,
        };
        let (own, venv) = (FoundBy::Environment, "./.venv/bin/python");
        let uv = ("uv.lock", "[[package]]\nname = \"pandas\"\n");
        let poetry = ("poetry.lock", "[[package]]\nname = \"Pandas\"\n");
        let pip = ("requirements.txt", "# all\nscikit_learn>=1\npandas==2\n");
        let table: &[Case<'_>] = &[
            (own, venv, &[], &[], "yaml", "P/.venv/bin/python -m pip install pyyaml"),
            (
                own,
                venv,
                &[],
                &["no pip", "uv"],
                "x",
                "uv pip install --python P/.venv/bin/python x",
            ),
            (
                own,
                venv,
                &[],
                &["no pip"],
                "x",
                "P/.venv/bin/python -m ensurepip && P/.venv/bin/python -m pip install x",
            ),
            (own, venv, &[uv], &[], "sklearn.svm", "cd P && uv add scikit-learn"),
            (own, venv, &[uv], &[], "pandas", "cd P && uv sync"),
            (own, venv, &[poetry, uv], &[], "pandas.io", "cd P && poetry install"),
            (
                own,
                venv,
                &[poetry],
                &[],
                "google.cloud.storage",
                "cd P && poetry add google-cloud-storage",
            ),
            (
                own,
                venv,
                &[pip],
                &[],
                "pandas",
                "P/.venv/bin/python -m pip install -r P/requirements.txt",
            ),
            (own, venv, &[pip], &[], "httpx", "P/.venv/bin/python -m pip install httpx"),
            (FoundBy::UvLock, "uv", &[uv], &[], "httpx", "cd P && uv add httpx"),
            (FoundBy::Uv, "uv", &[], &[], "httpx", "cd P && uv init --bare && uv add coflux httpx"),
            (FoundBy::PoetryLock, "poetry", &[poetry], &[], "httpx", "cd P && poetry add httpx"),
            (
                FoundBy::Person,
                "/opt/py/bin/python",
                &[uv],
                &[],
                "x",
                "/opt/py/bin/python -m pip install x",
            ),
            (FoundBy::Path, "python3", &[], &[], "x", "/usr/bin/python3 -m pip install x"),
            (
                FoundBy::Path,
                "python3",
                &[],
                &["managed"],
                "coflux_extras",
                "/usr/bin/python3 -m venv P/.venv && P/.venv/bin/python -m pip install coflux coflux-extras",
            ),
            (
                FoundBy::Path,
                "python3",
                &[],
                &["managed"],
                "x",
                "/usr/bin/python3 -m venv P/.venv && P/.venv/bin/python -m pip install coflux x",
            ),
        ];
        for (found_by, program, files, programs, name, expected) in table {
            let found = command(*found_by, program, files, programs, &missing(name));
            assert_eq!(found, *expected, "{name} for {program}");
        }
    }

    #[test]
    fn other_troubles_are_mended_otherwise() {
        let folder = PathBuf::from("P");
        let table = [
            (Trouble::NoInterpreter { folder }, get_uv()),
            (
                Trouble::NotExecutable { python: "/opt/my python".into() },
                "chmod +x '/opt/my python'",
            ),
            (Trouble::NoSdk { python: String::new() }, "P/venv/bin/python -m pip install coflux"),
            (
                Trouble::SdkTooOld { version: "0.1.0".to_owned() },
                "P/venv/bin/python -m pip install 'coflux>=0.9'",
            ),
            (
                Trouble::PythonTooOld {
                    found: Version { major: 3, minor: 8 },
                    needs: Version { major: 3, minor: 12 },
                    whose: String::new(),
                },
                "python3.13 -m venv --clear P/venv && P/venv/bin/python -m pip install coflux",
            ),
            (
                Trouble::MissingModule {
                    module: "shop.flows".to_owned(),
                    missing: "shop".to_owned(),
                    place: None,
                    looked: Vec::new(),
                    elsewhere: Some("src/shop".to_owned()),
                },
                "hindcast settings project P --var PYTHONPATH=P/src",
            ),
            (
                Trouble::MissingVariable {
                    module: String::new(),
                    name: "DB".to_owned(),
                    place: None,
                },
                "echo DB=VALUE >> P/.env",
            ),
            (
                Trouble::CommandGone { program: "poetry".to_owned(), why: "" },
                "curl -sSL https://install.python-poetry.org | python3 -",
            ),
            (Trouble::CommandGone { program: "just".to_owned(), why: "" }, "none"),
        ];
        for (trouble, expected) in table {
            let programs = ["python3.11", "python3.13"];
            let found =
                command(FoundBy::Environment, "./venv/bin/python", &[], &programs, &trouble);
            assert_eq!(found, expected, "{trouble}");
        }
    }
}
