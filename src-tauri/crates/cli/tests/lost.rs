//! Work that can no longer be kept.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hindcast_demo::Sdk;

const FLOW: &str = "\
import coflux as cf

@cf.task(memo=True)
def one(number: int) -> int:
    return number

@cf.workflow()
def many() -> int:
    return sum(one(n % 5) for n in range(200_000))
";

/// As a full disk would have it: from some size on, the store's files grow no further.
const LIMITED: &str = "trap '' XFSZ; ulimit -f 2048; exec \"$@\"";

#[test]
fn work_that_can_no_longer_be_kept_ends_with_a_word() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("flow.py"), FLOW).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut child = Command::new("sh")
        .args(["-c", LIMITED, "sh", env!("CARGO_BIN_EXE_hindcast"), "--store"])
        .arg(home.path().join("store"))
        .args(["submit", "flow:many", "--json", "--project"])
        .arg(home.path())
        .arg("--python")
        .arg(Sdk::NEWEST.for_tests(target))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = ended(&mut child);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("what was under way is lost: "), "{said}");
}

/// The bound only ends a test that would hang.
fn ended(child: &mut Child) -> Option<i32> {
    let end = Instant::now() + Duration::from_secs(120);
    while Instant::now() < end {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("it does not end");
}
