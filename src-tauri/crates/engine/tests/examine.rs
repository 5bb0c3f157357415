//! What keeps a project from running, made for real: each in one sentence, with what would mend it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use hindcast_engine::warm::{Warm, WarmState};
use hindcast_engine::{ChosenAdapter, Examined, Handle, Mendable, Project, Trust, Wanted};
use support::python;
use tempfile::TempDir;

/// A project folder with a store beside it.
struct Place {
    folder: TempDir,
    engine: Handle,
}

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = hindcast_engine::Config::new(folder.path().join("store")).unwrap();
        support::guardian_program().clone_into(&mut config.guardian);
        let place = Self { engine: Handle::start(config).unwrap(), folder };
        fs::create_dir(place.code()).unwrap();
        for (name, text) in files {
            place.write(name, text);
        }
        place
    }

    fn code(&self) -> PathBuf {
        self.folder.path().join("code")
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.code().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A script that stands where an interpreter should.
    fn script(&self, name: &str, text: &str) -> PathBuf {
        self.write(name, text);
        let path = self.code().join(name);
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        path
    }

    /// A virtual environment's files, its interpreter a link to that.
    fn environment(&self, to: &Path) {
        self.write(".venv/pyvenv.cfg", "version = 3.11.7\n");
        fs::create_dir_all(self.code().join(".venv/bin")).unwrap();
        symlink(to, self.code().join(".venv/bin/python")).unwrap();
    }

    fn project(&self, adapter: Option<ChosenAdapter>) -> Arc<Project> {
        let trust = Trust::given(&self.code()).unwrap();
        Arc::new(Project::open(trust, adapter, &[]).unwrap())
    }

    async fn examine(&self, adapter: Option<ChosenAdapter>, targets: &[&str]) -> Examined {
        self.engine.examine(self.project(adapter), wanted(targets)).await.unwrap()
    }

    /// What is wrong when it is run by this, as people read it: the sentence, and the command.
    async fn trouble(&self, adapter: Option<ChosenAdapter>, targets: &[&str]) -> String {
        let found = self.examine(adapter, targets).await;
        self.told(&found.troubles)
    }

    fn told(&self, troubles: &[Mendable]) -> String {
        let one = |mendable: &Mendable| {
            let command = mendable.command.as_ref().map(|command| format!(" $ {command}"));
            format!("{}{}", mendable.trouble, command.unwrap_or_default())
        };
        let told = troubles.iter().map(one).collect::<Vec<_>>().join("\n");
        let code = self.code().canonicalize().unwrap();
        told.replace(code.to_str().unwrap(), "P").replace(python("0.12.0").to_str().unwrap(), "PY")
    }
}

/// Targets, by module.
fn wanted(targets: &[&str]) -> Wanted {
    let mut modules: BTreeMap<String, _> = BTreeMap::new();
    for target in targets {
        let (module, name) = target.split_once(':').unwrap();
        let names: &mut std::collections::BTreeSet<String> =
            modules.entry(module.to_owned()).or_default();
        names.insert(name.to_owned());
    }
    Wanted { modules, ..Wanted::default() }
}

/// As a project is opened with.
#[expect(clippy::unnecessary_wraps, reason = "the other choice is what Coflux's rules find")]
fn run_by(python: PathBuf) -> Option<ChosenAdapter> {
    Some(ChosenAdapter::Python(python))
}

fn real() -> Option<ChosenAdapter> {
    run_by(python("0.12.0"))
}

/// A fork of a warm Python finds what a process of its own finds, and says it in the same words.
#[tokio::test(flavor = "multi_thread")]
async fn where_a_python_is_warm_a_fork_of_it_looks() {
    let place = Place::new(&[("flow.py", FLOW)]);
    let mut config = hindcast_engine::Config::new(place.folder.path().join("cold")).unwrap();
    support::guardian_program().clone_into(&mut config.guardian);
    config.warm = Warm::Off;
    let cold = Handle::start(config).unwrap();
    cold.examine(place.project(real()), wanted(&["flow:main"])).await.unwrap();
    place.examine(real(), &["flow:main"]).await;
    let report = place.engine.warm(place.project(real()), true).await.unwrap();
    assert_eq!(report.state, WarmState::Ready);
    let files = Wanted { files: ["flow.py".to_owned()].into(), ..wanted(&["flow:main"]) };
    let main = wanted(&["flow:main"]);
    let with = |line: &str| format!("{FLOW}{line}\n");
    let table = [
        ("x = 1\n".to_owned(), &main),
        (with("def broken(:"), &main),
        (with("def broken(:"), &files),
        (with("import no_such_module"), &main),
        (with("import beside"), &main),
        (with("import os; os.environ['NO_SUCH_VARIABLE']"), &main),
        (with(""), &files),
    ];
    let project = || place.project(real());
    let forks = async || place.engine.warm(project(), false).await.unwrap().forks;
    for (text, wanted) in table {
        place.write("flow.py", &text);
        if text.contains("beside") {
            // It was not there when the warm one looked into the folder.
            place.write("beside.py", "");
        }
        let before = forks().await;
        let found = place.engine.examine(project(), wanted.clone()).await.unwrap();
        assert_eq!(forks().await, before + 1, "{text}");
        let expected = cold.examine(project(), wanted.clone()).await.unwrap();
        assert_eq!(found, expected, "{text}");
    }
}

const FLOW: &str = "import coflux as cf\n\n@cf.workflow()\ndef main():\n    return 1\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_interpreter_that_cannot_run_it_is_told_in_one_sentence() {
    let place = Place::new(&[("flow.py", FLOW)]);
    let table = [
        (run_by(place.code().join("gone/bin/python")), "the interpreter P/gone/bin/python is gone"),
        (
            run_by(place.script("bin/python-echo", "#!/bin/sh\necho hello\n")),
            "P/bin/python-echo is no Python: asked for its version, it did not answer as Python does",
        ),
        (
            run_by(place.script("bin/called-otherwise", "#!/bin/sh\necho hello\n")),
            "P/bin/called-otherwise is no Python: asked for its version, it did not answer as Python does",
        ),
        (
            run_by(
                place.script(
                    "bin/python-crash",
                    "#!/bin/sh\necho 'no libpython.so' >&2\nexit 127\n",
                ),
            ),
            "P/bin/python-crash ends as it starts (exit status: 127): no libpython.so",
        ),
        (
            run_by(place.script("bin/python-killed", "#!/bin/sh\nkill -SEGV $$\n")),
            "P/bin/python-killed ends as it starts (signal: 11 (SIGSEGV) (core dumped))",
        ),
        (
            run_by(place.script("bin/python-what", "#!/nowhere/python\n")),
            "P/bin/python-what is no Python: what it is itself run by is not there",
        ),
        (
            run_by(place.script("bin/python-old", OLD_PYTHON)),
            "Python 3.8 is too old: Coflux 0.12.0 needs Python 3.10 or later",
        ),
        (
            run_by(place.script("bin/python-081", NEEDS_312)),
            "Python 3.11 is too old: Coflux 0.8.1 needs Python 3.12 or later",
        ),
        (
            Some(ChosenAdapter::Command(vec!["no-such-command".into(), "x".into()])),
            "the command no-such-command was not found: you chose it",
        ),
    ];
    for (adapter, expected) in table {
        let told = place.trouble(adapter, &["flow:main"]).await;
        let told = told.replace(" (core dumped)", "");
        let (sentence, _) = told.split_once(" $ ").unwrap_or((&told, ""));
        assert_eq!(sentence, expected.replace(" (core dumped)", ""));
    }
    let plain = place.code().join("bin/python-plain");
    fs::write(&plain, "").unwrap();
    let told = place.trouble(run_by(plain), &[]).await;
    assert_eq!(told, "P/bin/python-plain may not be executed $ chmod +x P/bin/python-plain");
}

/// Answers as Python 3.8 with the newest SDK would: there is none that old here.
const OLD_PYTHON: &str = r#"#!/bin/sh
echo '{"hindcast_interpreter": {"version": [3, 8, 1], "executable": "x", "own_environment": true, "coflux": "0.12.0", "requires": ">=3.10", "origin": "/x/coflux/__init__.py", "pip": true, "managed": false, "folders": []}}'
"#;

const NEEDS_312: &str = r#"#!/bin/sh
echo '{"hindcast_interpreter": {"version": [3, 11, 1], "executable": "x", "own_environment": true, "coflux": "0.8.1", "requires": ">=3.10,<4.0", "origin": "/x/coflux/__init__.py", "pip": true, "managed": false, "folders": []}}'
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_environment_has_no_sdk_and_a_broken_one_is_made_anew() {
    let place = Place::new(&[("flow.py", FLOW)]);
    let own = place.code().join(".venv");
    let made = Command::new(python("0.12.0").canonicalize().unwrap())
        .args(["-m", "venv", "--without-pip"])
        .arg(&own)
        .status();
    assert!(made.unwrap().success());
    let told = place.trouble(None, &["flow:main"]).await;
    let (sentence, command) = told.split_once(" $ ").unwrap();
    assert_eq!(sentence, "Coflux is not installed for P/.venv/bin/python");
    assert!(command.ends_with(" coflux") && command.contains("P/.venv/bin/python"), "{command}");
    place.write("uv.lock", "");
    let told = place.trouble(None, &["flow:main"]).await;
    assert!(told.ends_with("$ cd P && uv add coflux"), "{told}");

    // Of an environment whose Python was taken away, Coflux's rules find another one.
    fs::remove_dir_all(own).unwrap();
    fs::remove_file(place.code().join("uv.lock")).unwrap();
    place.environment(Path::new("/nowhere/python3.11"));
    let told = place.trouble(None, &["flow:main"]).await;
    let first = told.lines().next().unwrap();
    assert!(
        first.starts_with(
            "the interpreter P/.venv/bin/python is gone: it leads to /nowhere/python3.11, which is not there $ "
        ),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_cannot_be_imported_is_told_with_the_line_and_what_would_mend_it() {
    let place = Place::new(&[
        ("fine.py", FLOW),
        ("faulty.py", "import broken\n"),
        ("broken.py", "x = 1\nif x\n    pass\n"),
        ("package.py", "import coflux\nimport nowhere_to_be_found.deep\n"),
        ("own.py", "import shop.prices\n"),
        ("shop/__init__.py", ""),
        ("src/laid/out.py", FLOW),
        ("lost.py", "from laid import out\n"),
        ("within.py", "import helper\n"),
        ("shop/helper.py", ""),
        ("variable.py", "import os\nDATABASE = os.environ['DATABASE_URL']\n"),
        ("raises.py", "import fine\n\n1 / 0\n"),
        ("leaves.py", "import os\nfrom fine import nothing\nos._exit(3)\n"),
        ("exits.py", "import sys\nif __name__ != 'x':\n    import gone_too\n"),
    ]);
    let table = [
        ("fine:main", ""),
        ("fine:mane", "fine has no target mane; it has main"),
        ("faulty:x", "faulty cannot be imported: broken.py, line 2: SyntaxError: expected ':'"),
        (
            "package:x",
            "package cannot be imported: nowhere_to_be_found is not installed (package.py, line 2) $ PY -m pip install nowhere-to-be-found",
        ),
        ("own:x", "there is no module shop.prices (own.py, line 1): Python looked in P, SITE"),
        (
            "lost:x",
            "there is no module laid (lost.py, line 1): Python looked in P, SITE; src/laid may be meant $ hindcast settings project P --var PYTHONPATH=P/src",
        ),
        (
            "laid.out:main",
            "there is no module laid: Python looked in P, SITE; src/laid may be meant $ hindcast settings project P --var PYTHONPATH=P/src",
        ),
        (
            "within:x",
            "there is no module helper (within.py, line 1): Python looked in P, SITE; shop/helper.py may be meant",
        ),
        (
            "variable:x",
            "variable cannot be imported: it needs the environment variable DATABASE_URL (variable.py, line 2), which steps do not get: secrets of your shell are not inherited $ echo DATABASE_URL=VALUE >> P/.env",
        ),
        ("gone:x", "there is no module gone: Python looked in P, SITE"),
    ];
    let asked = std::process::Command::new(python("0.12.0"))
        .args(["-c", "import sysconfig; print(sysconfig.get_path('purelib'), end='')"])
        .output();
    let site = String::from_utf8(asked.unwrap().stdout).unwrap();
    for (target, expected) in table {
        let told = place.trouble(real(), &[target]).await;
        assert_eq!(told.replace(&site, "SITE"), expected, "{target}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_while_it_is_imported_hides_no_other() {
    let place = Place::new(&[
        ("flow.py", FLOW),
        ("raises.py", "import coflux\nimport gone\n\n1 / 0\n"),
        ("leaves.py", "import gone\n"),
        ("gone.py", "import os\nos._exit(3)\n"),
    ]);
    // Two of them end the process that imports them; the others are still told.
    let thorough = Wanted { thoroughly: true, ..wanted(&["leaves:x", "flow:other", "raises:x"]) };
    let found = place.engine.examine(place.project(real()), thorough).await.unwrap();
    assert_eq!(
        place.told(&found.troubles).lines().collect::<Vec<_>>(),
        [
            "flow has no target other; it has main",
            "leaves cannot be imported: its import ends the process (exit status: 3)",
            "raises cannot be imported: its import ends the process (exit status: 3)",
        ]
    );
    place.write("gone.py", "");
    let thorough = Wanted { thoroughly: true, ..wanted(&["raises:x"]) };
    let found = place.engine.examine(place.project(real()), thorough).await.unwrap();
    assert_eq!(
        place.told(&found.troubles),
        "raises cannot be imported: ZeroDivisionError: division by zero (raises.py, line 4)"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_order_is_not_asked_again_until_it_changes() {
    let place = Place::new(&[("flow.py", FLOW)]);
    // A launcher that counts how often it is asked.
    let launcher = place.script(
        "bin/python",
        &format!(
            "#!/bin/sh\necho x >> {}\nexec {} \"$@\"\n",
            place.folder.path().join("asked").display(),
            python("0.12.0").display()
        ),
    );
    let asked =
        || fs::read_to_string(place.folder.path().join("asked")).unwrap_or_default().len() / 2;
    let look = async || place.trouble(run_by(launcher.clone()), &["flow:main"]).await;
    assert_eq!(look().await, "");
    assert_eq!(asked(), 2, "what it is, and what the text says");
    assert_eq!(look().await, "");
    assert_eq!(asked(), 2, "nothing has changed");
    place.write("flow.py", &FLOW.replace('1', "2"));
    assert_eq!(look().await, "");
    assert_eq!(asked(), 3, "the code has changed");
    place.write("flow.py", "import nowhere_to_be_found\n");
    assert!(look().await.contains("nowhere_to_be_found is not installed"));
    assert!(look().await.contains("nowhere_to_be_found is not installed"));
    place.write("flow.py", FLOW);
    let before = asked();
    place.write("uv.lock", "");
    assert_eq!(look().await, "");
    assert_eq!(asked(), before + 2, "the environment may have changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sdk_is_found_in_order() {
    let place = Place::new(&[("flow.py", FLOW)]);
    for version in ["0.3.0", "0.9.1", "0.12.0"] {
        let found = place.examine(run_by(python(version)), &["flow:main", "flow:nothing"]).await;
        assert_eq!(place.told(&found.troubles), "flow has no target nothing; it has main");
        assert_eq!(found.interpreter.unwrap().coflux.as_deref(), Some(version));
    }
}
