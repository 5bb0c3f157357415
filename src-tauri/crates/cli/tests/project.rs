//! `hindcast project`, and a re-run of code that cannot run: one sentence, and nothing starts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use hindcast_demo::Sdk;
use serde_json::Value;
use tempfile::TempDir;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/shop");

/// A folder with the shop's code, its interpreter a link to that with the SDK, and a store with
/// production's run.
fn shop() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let code = home.path().join("code");
    fs::create_dir_all(code.join("shop")).unwrap();
    for entry in fs::read_dir(Path::new(SHOP).join("shop")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, code.join("shop").join(path.file_name().unwrap())).unwrap();
        }
    }
    let python = Sdk::NEWEST.for_tests(Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
    std::os::unix::fs::symlink(python.parent().unwrap().parent().unwrap(), code.join(".venv"))
        .unwrap();
    let imported = hindcast(home.path(), &["import", &format!("{SHOP}/R6Lf.json")]);
    assert_eq!(imported.0, 0, "{}", imported.2);
    home
}

/// How it ended, what it printed, what it complained of.
fn hindcast(home: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hindcast"));
    let output = command
        .args(arguments)
        .env("HINDCAST_STORE", home.join("store"))
        .current_dir(home)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_project_says_how_it_is_run_and_what_keeps_it_from_running() {
    let home = shop();
    let (status, said, _) = hindcast(home.path(), &["project", "code"]);
    assert_eq!(status, 0, "{said}");
    for part in
        [".venv/bin/python -m coflux (found by the virtual environment", "0.12.0", "It can run."]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    fs::write(home.path().join("code/jobs.py"), "import coflux\nimport nowhere_at_all\n").unwrap();
    let (status, said, _) = hindcast(home.path(), &["project", "--project", "code", "--json"]);
    assert_eq!(status, 2);
    let found: Value = serde_json::from_str(&said).unwrap();
    let [trouble] = &found["troubles"].as_array().unwrap()[..] else { panic!("{said}") };
    assert_eq!(trouble["kind"], "missingPackage");
    assert_eq!((&trouble["file"], &trouble["line"]), (&"jobs.py".into(), &2.into()));
    assert!(trouble["command"].as_str().unwrap().ends_with("-m pip install nowhere-at-all"));
}

#[test]
fn a_rerun_of_what_cannot_run_ends_with_2_and_one_sentence_and_starts_nothing() {
    let home = shop();
    let code = home.path().join("code/shop/workflows.py");
    let text = fs::read_to_string(&code).unwrap();
    let table = [
        (format!("import pandaz\n{text}"), "pandaz is not installed (shop/workflows.py, line 1)"),
        (format!("{text}\ndef f(:\n"), "SyntaxError: invalid syntax"),
        (
            text.replace("price_order", "price_ordr"),
            "shop.workflows has no target price_order; it has",
        ),
        (
            format!("import os\nos.environ['STRIPE_KEY']\n{text}"),
            "the environment variable STRIPE_KEY",
        ),
    ];
    let rerun = ["rerun", "R6Lf:36", "--project", "code"];
    for (text, expected) in table {
        fs::write(&code, text).unwrap();
        let (status, said, complained) = hindcast(home.path(), &rerun);
        assert_eq!((status, said.as_str()), (2, ""), "{expected}: {complained}");
        assert!(complained.contains(expected), "{expected}: {complained}");
        assert!(
            !complained.contains("Traceback") && complained.lines().count() <= 2,
            "{complained}"
        );
    }
    fs::write(&code, text).unwrap();
    fs::remove_file(home.path().join("code/.venv")).unwrap();
    let (status, _, complained) =
        hindcast(home.path(), &[&rerun[..], &["--python", "/nowhere/python"]].concat());
    assert_eq!(status, 2);
    assert_eq!(complained, "hindcast: the interpreter /nowhere/python is gone\n");
    let (_, ledger, _) = hindcast(home.path(), &["ledger", "--json"]);
    let ledger: Value = serde_json::from_str(&ledger).unwrap();
    assert_eq!(ledger["lines"].as_array().unwrap().len(), 0, "nothing may have run");
}

#[test]
fn as_many_bodies_run_at_once_as_coflux_toml_says() {
    let home = shop();
    let (code, notes) = (home.path().join("code"), home.path().join("notes"));
    fs::write(code.join("crowd.py"), CROWD).unwrap();
    let run = |at_once: usize| {
        let toml = format!("[worker]\nconcurrency = {at_once}\n");
        fs::write(code.join("coflux.toml"), toml).unwrap();
        let variables = format!("NOTES={}\nTOGETHER={at_once}\n", notes.display());
        fs::write(code.join(".env"), variables).unwrap();
        let begun = ["submit", "crowd:whole", "--project", "code"];
        let (status, said, complained) = hindcast(home.path(), &begun);
        assert_eq!(status, 0, "{said}{complained}");
        let text = fs::read_to_string(&notes).unwrap();
        fs::remove_file(&notes).unwrap();
        text
    };
    // (Who waits for others does not count.)
    assert_eq!(run(1), "begin\nend\n".repeat(4));
    let together = run(4);
    assert!(together.starts_with(&"begin\n".repeat(4)), "{together}");
}

/// Each part ends once as many have begun as are to be under way together, or, where it is alone, after
/// a while in which others could begin.
const CROWD: &str = r#"
import os, time
import coflux as cf

def note(word):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(word + "\n")

def begun():
    with open(os.environ["NOTES"]) as notes:
        return notes.read().count("begin")

@cf.task()
def part(number):
    note("begin")
    time.sleep(0.1)
    until = time.monotonic() + 60
    while begun() < int(os.environ["TOGETHER"]) and time.monotonic() < until:
        time.sleep(0.01)
    note("end")

@cf.workflow()
def whole():
    for one in [part.submit(number) for number in range(4)]:
        one.result()
"#;
