//! Where things stand in the checkout.

use std::path::{Path, PathBuf};

/// The checkout's top folder.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

pub(crate) fn ui() -> PathBuf {
    root().join("ui")
}

pub(crate) fn shop() -> PathBuf {
    root().join("fixtures/shop")
}

/// Cargo's target folder: `CARGO_TARGET_DIR` where it is set, else `target`.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// A program built here in the dev profile.
pub(crate) fn built(program: &str) -> PathBuf {
    target().join("debug").join(program)
}
