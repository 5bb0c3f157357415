//! Where there can be no window, a person is told why.

use std::fs::write;
use std::process::Stdio;

use crate::display::Display;

#[test]
fn a_store_that_cannot_be_opened_is_told_in_a_dialog() {
    let home = tempfile::tempdir().unwrap();
    write(home.path().join("hindcast.sqlite"), "no database at all, whatever it is called")
        .unwrap();
    let display = Display::start();
    let mut command = display.command(env!("CARGO_BIN_EXE_hindcast-desktop"));
    command.arg("--store").arg(home.path()).stderr(Stdio::piped());
    let app = command.spawn().unwrap();
    display.put_away("Hindcast cannot start");
    let ended = app.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(said.contains(home.path().to_str().unwrap()), "{said}");
    assert!(said.contains("file is not a database"), "{said}");
}
