//! The program itself, on files made to hurt: what it does to the system, and to the terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

#[path = "hostile/trace.rs"]
mod trace;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use trace::Trace;

const HOSTILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/hostile");

/// The paths of all cases: those that must be refused, and those that open.
fn cases() -> (Vec<PathBuf>, Vec<PathBuf>) {
    let text = std::fs::read(Path::new(HOSTILE).join("cases.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_slice(&text).unwrap();
    let (refused, open): (Vec<_>, Vec<_>) =
        cases.into_iter().partition(|case| case.get("error").is_some());
    let paths = |cases: Vec<Value>| {
        let paths =
            cases.iter().map(|case| Path::new(HOSTILE).join(case["path"].as_str().unwrap()));
        paths.collect()
    };
    (paths(refused), paths(open))
}

/// A store of its own, and a folder to stand in.
struct Desk {
    home: TempDir,
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("here")).unwrap();
        Self { home }
    }

    fn store(&self) -> PathBuf {
        self.home.path().join("store")
    }

    fn here(&self) -> PathBuf {
        self.home.path().join("here")
    }

    fn hindcast(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_hindcast"))
            .args(arguments)
            .current_dir(self.here())
            .env("HINDCAST_STORE", self.store())
            .output()
            .unwrap()
    }

    /// An import of these paths, traced.
    fn traced(&self, paths: &[PathBuf]) -> (Option<i32>, Trace) {
        let trace = self.home.path().join("trace");
        let output = Trace::command(&trace)
            .arg(env!("CARGO_BIN_EXE_hindcast"))
            .arg("import")
            .args(paths)
            .current_dir(self.here())
            .env("HINDCAST_STORE", self.store())
            .output()
            .expect("strace, which `cargo xtask test` installs");
        (output.status.code(), Trace::read(&trace))
    }
}

#[test]
fn an_import_starts_nothing_connects_to_nothing_and_writes_to_the_store_alone() {
    let desk = Desk::new();
    let (refused, open) = cases();
    // All that open at once; each of the others alone, since the first that is refused is the last.
    let imports = std::iter::once((0, open)).chain(refused.into_iter().map(|one| (2, vec![one])));
    for (expected, paths) in imports {
        let (status, trace) = desk.traced(&paths);
        let shown = if paths.len() == 1 { paths[0].display().to_string() } else { "all".into() };
        assert_eq!(status, Some(expected), "{shown}");
        assert!(trace.opened_for_writing(&desk.store()) > 0, "{shown}: nothing was traced");
        let offences = trace.offences(&desk.store());
        assert!(offences.is_empty(), "{shown}:\n{}", offences.join("\n"));
    }
    assert_eq!(desk.here().read_dir().unwrap().count(), 0, "something was written where it stood");
}

/// Makes a copy of a data directory with more log lines than `SQLite` sorts without a file.
const LARGE: &str = r#"
import shutil, sqlite3, sys
data, to = sys.argv[1:]
shutil.copytree(data, to)
logs = sqlite3.connect(to + "/projects/oracle/logs.sqlite")
logs.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
             " INSERT INTO messages (run_id, execution_id, workspace_id, timestamp, level, template_id,"
             " values_json, created_at) SELECT m.run_id, m.execution_id, m.workspace_id, i * 7919 % 1009,"
             " m.level, m.template_id, json_object('a', json_object('type', 'raw', 'data',"
             " i || hex(zeroblob(200)))), 1 FROM n, (SELECT * FROM messages WHERE run_id = 'R6Lf' LIMIT 1) m")
logs.commit()
"#;

#[test]
fn what_is_sorted_is_sorted_in_memory() {
    let desk = Desk::new();
    let large = desk.home.path().join("large");
    let made = Command::new("python3")
        .args(["-I", "-S", "-c", LARGE])
        .arg(Path::new(HOSTILE).join("../shop-data-dir"))
        .arg(&large)
        .status()
        .unwrap();
    assert!(made.success());
    let (status, trace) = desk.traced(&[large]);
    assert_eq!(status, Some(0));
    let offences = trace.offences(&desk.store());
    assert!(offences.is_empty(), "{}", offences.join("\n"));
    let logs = desk.hindcast(&["logs", "R6Lf"]);
    assert!(logs.stdout.len() > 20_000 * 20, "the lines are not there");
}

#[test]
fn the_trace_would_show_it() {
    let desk = Desk::new();
    let trace = desk.home.path().join("trace");
    let script = "import os, socket, sys\n\
                  socket.socket()\n\
                  open('owned', 'w').close()\n\
                  os.mkdir('folder'); os.rename('owned', 'other')\n\
                  os.system('true')";
    let ran = Trace::command(&trace)
        .args(["python3", "-I", "-S", "-c", script])
        .current_dir(desk.here())
        .status()
        .unwrap();
    assert!(ran.success());
    let offences = Trace::read(&trace).offences(&desk.store()).join("\n");
    for call in ["execve(", "socket(", "\"owned\"", "mkdir(", "rename("] {
        assert!(offences.contains(call), "{call} is not among\n{offences}");
    }
}

#[test]
fn no_text_of_a_file_commands_the_terminal() {
    let desk = Desk::new();
    let nasty = format!("{HOSTILE}/nasty/strings.json");
    let beside =
        ["strings.logs.json", "workspaces.json"].map(|name| format!("{HOSTILE}/nasty/{name}"));
    let imported = desk.hindcast(&["import", &nasty, &beside[0], &beside[1]]);
    assert_eq!(imported.status.code(), Some(0), "{imported:?}");
    let mut said = vec![imported];
    for arguments in [
        &["runs"][..],
        &["runs", "--json"],
        &["environments"],
        &["inspect", "Rhst"],
        &["inspect", "Rhst", "--json"],
        &["inspect", "Rhst:2"],
        &["result", "Rhst"],
        &["result", "Rhst:2"],
        &["result", "Rhst:3"],
        &["logs", "Rhst"],
        &["logs", "Rhst", "--json"],
        &["search", "Rhst", "alert"],
        &["value", "Rhst:1"],
        &["assets", "Rhst:2:1"],
        &["plan", "Rhst:1"],
        &["plan", "Rhst:1", "--json"],
        &["diff", "Rhst"],
        &["why", "Rhst:2"],
        &["pin", "Rhst:2"],
        &["ledger"],
        &["inputs", "list"],
        &["rerun", "Rhst:2"],
        &["result", "R\x1b[2J"],
        &["import", "no\x1b[2Jsuch\u{202e}file"],
    ] {
        said.push(desk.hindcast(arguments));
    }
    for path in cases().0 {
        said.push(desk.hindcast(&["import", path.to_str().unwrap()]));
    }
    let all = said.iter().map(|output| [&output.stdout[..], &output.stderr].concat());
    let all: Vec<String> = all.map(|bytes| String::from_utf8(bytes).unwrap()).collect();
    assert!(all.iter().any(|text| text.contains("alert(1)")), "nothing of it was shown");
    let dangerous = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let found: Vec<&String> = all.iter().filter(|text| text.contains(dangerous)).collect();
    assert!(found.is_empty(), "{found:#?}");
}
