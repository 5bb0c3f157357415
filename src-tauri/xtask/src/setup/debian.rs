//! System libraries and programs, through apt where there is apt.

use std::path::Path;

use crate::command::{answer, command, is_there, run_quietly};
use crate::{Failure, Result};

/// What shows that a package is there, whoever installed it.
enum Proof {
    Program(&'static str),
    /// A C library, as pkg-config knows it.
    Library(&'static str),
    /// A module of the system's own Python.
    Introspection(&'static str),
    /// A folder that is there.
    Folder(&'static str),
}

/// A system package, why it is needed, and what shows that it is there.
pub(crate) struct Package {
    name: &'static str,
    why: &'static str,
    proof: Proof,
}

const fn package(name: &'static str, why: &'static str, proof: Proof) -> Package {
    Package { name, why, proof }
}

/// To build the window.
pub(crate) const BUILD: &[Package] = &[
    package("gcc", "links Rust programs and builds SQLite", Proof::Program("cc")),
    package("pkg-config", "finds the window's libraries", Proof::Program("pkg-config")),
    package("libwebkit2gtk-4.1-dev", "the window itself", Proof::Library("webkit2gtk-4.1")),
];

/// To open the window where there is no display, and take its picture.
pub(crate) const DISPLAY: &[Package] = &[
    package("xvfb", "a display in memory", Proof::Program("Xvfb")),
    package("imagemagick", "takes the picture", Proof::Program("import")),
    package(
        "xdotool",
        "knows when the window is there, and moves the mouse",
        Proof::Program("xdotool"),
    ),
    package("fonts-dejavu-core", "letters", Proof::Folder("/usr/share/fonts/truetype")),
];

/// To see in tests what an import asks of the system.
pub(crate) const IMPORT_TESTS: &[Package] =
    &[package("strace", "shows what an import does", Proof::Program("strace"))];

/// To use the window as a person would, in tests.
pub(crate) const WINDOW_TESTS: &[Package] = &[
    package(
        "webkit2gtk-driver",
        "clicks and reads in the window",
        Proof::Program("WebKitWebDriver"),
    ),
    package("python3-gi", "something to drag a file from", Proof::Introspection("GObject")),
    package("gir1.2-gtk-3.0", "the same", Proof::Introspection("Gtk")),
];

/// To use the window in a browser, in tests and measurements.
pub(crate) const CHROMIUM: &[Package] =
    &[package("chromium", "shows the window's content in tests", Proof::Program("chromium"))];

impl Package {
    fn is_there(&self) -> bool {
        match self.proof {
            Proof::Program(name) => is_there(name),
            Proof::Library(name) => {
                answer(&mut command("pkg-config", ["--exists", name])).is_some()
            }
            Proof::Introspection(name) => {
                let version = if name == "Gtk" { "3.0" } else { "2.0" };
                let code = format!("import gi; gi.require_version('{name}', '{version}')");
                answer(&mut command("/usr/bin/python3", ["-c", &code])).is_some()
            }
            Proof::Folder(path) => Path::new(path).is_dir(),
        }
    }
}

/// Sees to it that all of these are there.
///
/// # Errors
/// Names what is missing when it cannot be installed: no apt, no way to become root, or apt failed.
pub(crate) fn ensure(groups: &[&[Package]]) -> Result {
    let missing = missing(groups);
    if missing.is_empty() {
        return Ok(());
    }
    println!("Missing on this system:");
    for package in &missing {
        println!("  {:<24} {}", package.name, package.why);
    }
    if !is_there("apt-get") {
        return Err(Failure::new(format!(
            "there is no apt here; please install what Debian calls: {}",
            names(&missing)
        )));
    }
    install(&missing)?;
    let still = self::missing(groups);
    if still.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(format!("installed, and still not there: {}", names(&still))))
    }
}

/// Installs packages by name.
fn install(packages: &[&Package]) -> Result {
    // Lists may be absent or so old that what they name is gone; asking anew takes seconds.
    as_root(&["apt-get", "update"])?;
    let mut words = vec!["apt-get", "install", "--yes", "--no-install-recommends"];
    words.extend(packages.iter().map(|package| package.name));
    as_root(&words)
}

fn as_root(words: &[&str]) -> Result {
    let with_sudo = answer(&mut command("id", ["-u"])).as_deref() != Some("0");
    if with_sudo && !is_there("sudo") {
        return Err(Failure::new(format!(
            "not root, and there is no sudo; please run as root: {}",
            words.join(" ")
        )));
    }
    // Through `env`, because sudo does not pass the variable on by itself.
    let prefix: &[&str] = if with_sudo { &["sudo"] } else { &[] };
    let asked_nothing = ["env", "DEBIAN_FRONTEND=noninteractive"];
    let line: Vec<&str> = [prefix, &asked_nothing, words].concat();
    run_quietly(&mut command(line[0], &line[1..]))
}

fn missing<'a>(groups: &[&'a [Package]]) -> Vec<&'a Package> {
    groups.iter().flat_map(|group| group.iter()).filter(|package| !package.is_there()).collect()
}

fn names(packages: &[&Package]) -> String {
    packages.iter().map(|package| package.name).collect::<Vec<_>>().join(" ")
}

/// Debian's own Python leaves these out; asked for only where nothing else helps.
pub(crate) fn ensure_venv() -> Result {
    const VENV: &[Package] = &[package(
        "python3-venv",
        "makes Python environments",
        Proof::Folder("/usr/share/doc/python3-venv"),
    )];
    ensure(&[VENV])
}
