//! What comes in and goes out on the command line: live servers, a choice of runs, Ctrl+C, redaction.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

#[path = "../../server/tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::coflux::{Answers, fixture};
use support::{Manner, Served, TOKEN};
use tempfile::TempDir;

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hindcast"));
        command.args(arguments).current_dir(self.0.path());
        command.env("HINDCAST_STORE", self.path("store")).env("HINDCAST_TOKEN", TOKEN);
        // There is no keyring to be found.
        command.env_remove("DBUS_SESSION_BUS_ADDRESS").env("XDG_RUNTIME_DIR", self.0.path());
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What it prints, if all is well.
    fn said(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let complained = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {complained}");
        assert!(!complained.contains(TOKEN), "{complained}");
        text(&output.stdout)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.said(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// The ids of the runs in the store.
    fn runs(&self) -> Vec<String> {
        let runs = self.json(&["runs"]);
        let ids = runs["runs"].as_array().unwrap().iter();
        let mut ids: Vec<String> = ids.map(|run| run["id"].as_str().unwrap().into()).collect();
        ids.sort();
        ids
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn shop() -> Served {
    let answers = Answers::shop();
    Served::start(move |asked| answers.reply(asked))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in folder.read_dir().unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

#[test]
fn a_server_is_listed_imported_from_and_exported_and_its_token_stays_nowhere() {
    let served = shop();
    let address = served.address().to_string();
    let home = Home::new();
    let at = ["--server", &address, "--server-project", "oracle"];
    let workspaces = home.json(&[&["runs"][..], &at].concat());
    assert_eq!(workspaces[1]["name"], "development");
    assert_eq!(workspaces[1]["base"], "production");
    // The project is known from here on.
    let runs = ["runs", "--server", &address, "--workspace", "production"];
    assert!(home.said(&runs).contains("R6Lf"));
    let found = home.json(&[&runs[..], &["--search", "RPX9"]].concat());
    assert_eq!(found["runs"].as_array().unwrap().len(), 1);

    let from = ["--server", &address, "--workspace", "development"];
    let export = |name: &str| {
        let line = [&["export", "R6Lf", "-o", name][..], &from].concat();
        (home.json(&line), std::fs::read(home.path(name)).unwrap())
    };
    let (report, bundle) = export("one.hindcast");
    assert_eq!(report["runs"], serde_json::json!(["R6Lf"]));
    assert_eq!(report["missingBlobs"], 0);
    assert!(home.runs().is_empty(), "an export imports nothing");
    assert!(export("two.hindcast").1 == bundle, "the same content, other bytes");

    home.said(&[&["import", "R6Lf"][..], &from].concat());
    let by_file = Home::new();
    std::fs::write(by_file.path("one.hindcast"), &bundle).unwrap();
    by_file.said(&["import", "one.hindcast"]);
    for environment in ["production", "development"] {
        let inspect = ["inspect", "R6Lf", "--env", environment];
        assert!(home.json(&inspect) == by_file.json(&inspect), "{environment}");
    }
    assert_eq!(home.said(&["logs", "R6Lf"]), by_file.said(&["logs", "R6Lf"]));

    for path in files(home.0.path()) {
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes());
        assert!(!found, "the token is in {}", path.display());
    }
    let leftover = home.path("store/incoming").read_dir().unwrap().count();
    assert_eq!(leftover, 0, "blobs that are in their place are still held");
}

#[test]
fn a_server_that_says_no_is_told_in_one_sentence() {
    let served = shop();
    let address = served.address().to_string();
    let home = Home::new();
    for (arguments, token, sentence) in [
        (&["runs"][..], TOKEN, "refuses: project_required (400)"),
        (&["runs", "--server-project", "oracle"], "wrong", "set HINDCAST_TOKEN or log in"),
        (&["import", "R6Lf"], TOKEN, "say which workspace with --workspace NAME"),
        (
            &["import", "R9xx", "--workspace", "production", "--server-project", "oracle"],
            TOKEN,
            "there is no run R9xx",
        ),
        (
            &["import", "R6Lf", "--workspace", "staging", "--server-project", "oracle"],
            TOKEN,
            "there is no workspace staging; there are production, development",
        ),
        (&["servers", "login"], TOKEN, "no token was given"),
    ] {
        let mut command = home.command(arguments);
        if arguments[0] == "servers" {
            command.arg(&address)
        } else {
            command.args(["--server", &address])
        };
        let output = command.env("HINDCAST_TOKEN", token).output().unwrap();
        let complained = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {complained}");
        assert!(complained.contains(sentence), "{arguments:?}: {complained}");
        assert_eq!(complained.lines().count(), 1, "{complained}");
        assert!(!complained.contains(TOKEN) && !complained.contains("wrong"), "{complained}");
    }
}

#[test]
fn without_a_keyring_a_login_says_what_to_do_instead() {
    let served = shop();
    let address = served.address().to_string();
    let home = Home::new();
    let mut login = home.command(&["servers", "login", &address, "--server-project", "oracle"]);
    let mut child = login
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env_remove("HINDCAST_TOKEN")
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), TOKEN.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stdout);
    assert!(said.contains("the token is not kept: no keyring"), "{said}");
    assert!(said.contains("set HINDCAST_TOKEN") && !said.contains(TOKEN), "{said}");
    let servers = home.json(&["servers", "list"]);
    assert_eq!(servers[0]["project"], "oracle");
    home.said(&["servers", "logout", &address, "--server-project", "oracle"]);
    assert_eq!(home.json(&["servers", "list"]), serde_json::json!([]));
}

#[test]
fn ctrl_c_ends_a_fetch_and_leaves_the_store_as_it_was() {
    let answers = Answers::shop();
    let served = Served::start(move |asked| {
        let reply = answers.reply(asked);
        if asked.path.starts_with("/blobs/") { reply.given(Manner::Never) } else { reply }
    });
    let address = served.address().to_string();
    let home = Home::new();
    home.said(&["import", fixture("conformance/orders/before.json").to_str().unwrap()]);
    let before = home.said(&["runs"]);
    let from = ["--server", &address, "--server-project", "oracle", "--workspace", "production"];
    let mut child = home
        .command(&[&["import", "R6Lf"][..], &from].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Once it asks for a blob, it is in the middle.
    while served.paths("/blobs/").is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "hindcast: cancelled; the store is as it was\n");
    assert_eq!(home.said(&["runs"]), before);
}

#[test]
fn what_was_found_is_listed_and_can_be_chosen_from() {
    let home = Home::new();
    let data = fixture("data-dir");
    let data = data.to_str().unwrap();
    let listed = home.said(&["import", "--list", data]);
    assert!(
        listed.starts_with("Found 55 runs, 56 blobs, 56 log lines, 22 metric points\n"),
        "{listed}"
    );
    assert_eq!(listed.lines().count(), 56);
    assert!(home.runs().is_empty(), "a list imports nothing");

    // A run comes with those that it spawned, and with the blobs of these alone.
    let found = home.json(&["import", "--list", data]);
    let runs = found["runs"].as_array().unwrap();
    let spawned = runs.iter().find(|run| run["parentRun"].is_string()).unwrap();
    let parent = spawned["parentRun"].as_str().unwrap();
    let report = home.json(&["import", "--only", parent, data]);
    let of = |run: &&Value| run["run"] == parent || run["parentRun"] == parent;
    let mut expected: Vec<String> =
        runs.iter().filter(of).map(|run| run["run"].as_str().unwrap().into()).collect();
    expected.sort();
    assert!(expected.len() > 1);
    assert_eq!(home.runs(), expected);
    assert!(report["blobs"].as_u64().unwrap() < 56);
    assert!(report["command"].as_str().unwrap().contains("--only"));

    let other = home.run(&["import", "--only", "Rnone", data]);
    assert_eq!(other.status.code(), Some(2));
    assert!(text(&other.stderr).contains("run Rnone is not among what was found"));

    // All of it, and the list before: not on a terminal, nobody is asked.
    let all = home.said(&["import", data]);
    assert!(all.contains("is here already") && all.contains("unchanged"), "{all}");
    assert_eq!(home.runs().len(), 55);
}

#[test]
fn a_redacted_bundle_says_what_is_gone_and_holds_none_of_it() {
    let home = Home::new();
    home.said(&["import", fixture("shop/R6Lf.json").to_str().unwrap()]);
    let report = home.json(&["export", "R6Lf", "-o", "a.hindcast", "--redact", "*@*", "email"]);
    let removed = report["removed"].as_array().unwrap();
    assert!(removed.len() > 10, "{report}");
    assert!(removed.iter().all(|of| of["values"].as_u64().unwrap() > 0));
    let said = home.said(&["export", "R6Lf", "-o", "b.hindcast", "--redact", "*@*", "email"]);
    assert!(said.contains(&format!("in {} places", removed.len())), "{said}");
    assert!(said.contains("R6Lf:"), "{said}");
    let nothing = home.said(&["export", "R6Lf", "-o", "c.hindcast", "--redact", "no-such-thing"]);
    assert!(nothing.contains("Nothing was replaced"), "{nothing}");

    let other = Home::new();
    other.said(&["import", home.path("a.hindcast").to_str().unwrap()]);
    let shown = |home: &Home| {
        let mut all = home.said(&["inspect", "R6Lf", "--json"]);
        for blob in files(&home.path("store/blobs")) {
            all.push_str(&String::from_utf8_lossy(&std::fs::read(blob).unwrap()));
        }
        all
    };
    assert!(shown(&home).contains("@example."), "there was something to take out");
    let left = shown(&other);
    assert!(!left.contains("@example."), "an address is left");
    assert!(left.contains("@xxxxxxx."), "the shape is gone");
}
