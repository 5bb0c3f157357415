//! The debugger that the project is tried with.

use std::path::{Path, PathBuf};

/// The environment variable that tells tests in which folder it is.
const VARIABLE: &str = "HINDCAST_TEST_DEBUGPY";

/// The folder with debugpy that `cargo xtask` makes below Cargo's target folder.
pub fn debugpy(target: &Path) -> PathBuf {
    target.join("python/debugpy")
}

/// The folder with debugpy that tests use: the one the variable names, else that one.
///
/// # Panics
/// If it is not there: a test without it would prove nothing.
pub fn debugpy_for_tests(target: &Path) -> PathBuf {
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    let folder = named.unwrap_or_else(|| debugpy(target));
    let is_there = folder.join("debugpy/__init__.py").is_file();
    assert!(is_there, "{} has no debugpy: run `cargo xtask test`", folder.display());
    folder
}
