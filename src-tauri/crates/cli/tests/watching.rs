//! `hindcast rerun --watch`: save, look.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use hindcast_demo::Sdk;
use serde_json::Value;
use tempfile::TempDir;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/shop");

/// A project, a store with production's run, and a watch over `price_order`.
struct Desk {
    home: TempDir,
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Desk {
    fn new(words: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let package = home.path().join("shop");
        fs::create_dir(&package).unwrap();
        for entry in fs::read_dir(Path::new(SHOP).join("shop")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, package.join(path.file_name().unwrap())).unwrap();
            }
        }
        let hindcast = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_hindcast"));
            command.arg("--store").arg(home.path().join("store"));
            command
        };
        let run = Path::new(SHOP).join("R6Lf.json");
        let blobs = Path::new(SHOP).join("blobs");
        let imported =
            hindcast().arg("import").arg(run).arg("--blobs").arg(blobs).output().unwrap();
        assert!(imported.status.success(), "{imported:?}");
        let python =
            Sdk::NEWEST.for_tests(Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
        let mut child = hindcast()
            .args(["rerun", "R6Lf:36", "--watch", "--project"])
            .arg(home.path())
            .arg("--python")
            .arg(python)
            .args(words)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { home, child, lines }
    }

    fn code(&self) -> PathBuf {
        self.home.path().join("shop/workflows.py")
    }

    /// The next try that ended.
    fn ended(&mut self) -> Value {
        loop {
            let one: Value = serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap();
            if one["state"] != "running" {
                return one;
            }
        }
    }

    /// Saves the code with Switzerland's rate, and gives the try that this leads to.
    fn save(&mut self, original: &str, rate: &str) -> Value {
        let line = format!("VAT = {{\n    'CH': Decimal('{rate}'),");
        fs::write(self.code(), original.replacen("VAT = {", &line, 1)).unwrap();
        self.ended()
    }
}

#[test]
fn each_save_is_a_try_beside_the_one_before_and_the_ancestor() {
    let mut desk = Desk::new(&["--json"]);
    let original = fs::read_to_string(desk.code()).unwrap();
    let first = desk.ended();
    assert_eq!(first["state"], "failed");
    assert_eq!(first["results"][0]["ancestor"]["divergence"], "equal", "{first}");

    let fixed = desk.save(&original, "0.081");
    assert_eq!(fixed["state"], "succeeded");
    assert_eq!(fixed["saved"][0], "shop/workflows.py");
    assert_eq!(fixed["results"][0]["ancestor"]["outcome"], "KeyError: 'CH'");

    // What no Python can read starts nothing, and says where.
    fs::write(desk.code(), format!("{original}\ndef broken(:\n")).unwrap();
    let broken = desk.ended();
    assert_eq!(broken["state"], "faulty");
    assert_eq!(broken["faults"][0]["file"], "shop/workflows.py");
    assert_eq!(broken["faults"][0]["text"], "def broken(:");
    assert_eq!(broken["faults"][0]["line"], original.lines().count() + 2);
    assert!(broken["started"].is_null());

    // A file that the steps do not reach leads to no try: the next one is the next save's.
    fs::write(desk.home.path().join("tools.py"), "A = 1\n").unwrap();
    let other = desk.save(&original, "0.09");
    assert_eq!((&other["number"], &other["state"]), (&Value::from(4), &Value::from("succeeded")));
    let result = &other["results"][0];
    // Beside the last try that ran: that was the second.
    assert_eq!(result["previous"]["execution"], fixed["results"][0]["execution"]);
    assert_eq!(result["previous"]["divergence"], "differs");
    let places: Vec<&str> = result["previous"]["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["path"].as_str().unwrap())
        .collect();
    assert_eq!(places, ["['rate']", "['total']", "['vat']"]);
}

#[test]
fn a_try_that_fails_tells_where() {
    let mut desk = Desk::new(&[]);
    let mut said: Vec<String> = Vec::new();
    while said.last().is_none_or(|line| !line.contains("waiting for a save")) {
        said.push(desk.lines.next().unwrap().unwrap());
    }
    let line = fs::read_to_string(desk.code()).unwrap();
    let line = line.lines().position(|line| line.contains("rate = VAT[country]")).unwrap() + 1;
    let place = format!("  shop/workflows.py:{line} in price_order");
    let at = said.iter().position(|line| *line == place).unwrap_or_else(|| panic!("{said:?}"));
    assert_eq!(said[at + 1..at + 3], ["    rate = VAT[country]", "KeyError: 'CH'"]);
}
