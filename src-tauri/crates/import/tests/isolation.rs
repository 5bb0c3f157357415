//! The readers of files know no sockets and no processes: neither do they name any, nor is anything
//! that opens one among what they are built of. (What they do is traced where the program is tested.)

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::{Path, PathBuf};
use std::process::Command;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

/// Crates that open sockets or start processes.
const REACH_OUT: [&str; 16] = [
    "hindcast-server",
    "hindcast-engine",
    "ureq",
    "rustls",
    "hyper",
    "reqwest",
    "tokio",
    "mio",
    "socket2",
    "async-io",
    "zbus",
    "keyring",
    "curl",
    "native-tls",
    "async-process",
    "nix",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(sources(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn the_code_names_no_socket_and_no_process() {
    let sources = sources(&Path::new(CRATE).join("src"));
    assert!(sources.len() > 20);
    for path in sources {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in ["std::net", "std::process", "os::unix::net", "TcpStream", "Command::new"] {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

#[test]
fn what_it_is_built_of_reaches_out_to_nobody() {
    let cargo = std::env::var("CARGO").unwrap();
    let tree = Command::new(cargo)
        .args(["tree", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(["--package", "hindcast-import"])
        .current_dir(CRATE)
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains(&"hindcast-model") && crates.contains(&"rusqlite"), "{tree}");
    let found: Vec<&&str> = crates.iter().filter(|name| REACH_OUT.contains(name)).collect();
    assert!(found.is_empty(), "{found:?}");
}
