//! What the command line says.

use std::path::{Path, PathBuf};

use clap::Parser;

use crate::failure::Failure;
use crate::links::is_link;

/// The window of Hindcast.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// Exports, bundles or folders to import at start; or links (`hindcast://RUN[:STEP]`) to follow.
    pub(crate) paths: Vec<PathBuf>,
    /// The store's folder [default: the platform's data folder].
    #[arg(long, env = "HINDCAST_STORE", value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
    /// The project folder to choose.
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    /// Trust that project folder until the window closes: its code may run.
    #[arg(long, requires = "project")]
    pub(crate) trust_project: bool,
}

/// What the arguments want done with the window.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// Absolute paths to import.
    pub(crate) paths: Vec<String>,
    /// Links to follow.
    pub(crate) links: Vec<String>,
}

impl Wishes {
    /// That this link is followed.
    pub(crate) fn link(link: String) -> Self {
        Self { links: vec![link], ..Self::default() }
    }
}

impl Arguments {
    /// What they want done; relative paths start from `folder`.
    pub(crate) fn wishes(&self, folder: &Path) -> Wishes {
        let mut wishes = Wishes::default();
        for argument in &self.paths {
            match argument.to_str().filter(|text| is_link(text)) {
                Some(link) => wishes.links.push(link.to_owned()),
                None => wishes.paths.push(folder.join(argument).to_string_lossy().into_owned()),
            }
        }
        wishes
    }
}

/// The current folder.
///
/// # Errors
/// If it is gone.
pub(crate) fn current_folder() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|error| Failure::Path { path: ".".to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_told_from_paths() {
        let words = ["hindcast-desktop", "a.json", "hindcast://R6Lf:36", "/b"];
        let arguments = Arguments::try_parse_from(words).unwrap();
        let wishes = arguments.wishes(Path::new("/home"));
        assert_eq!(wishes.paths, ["/home/a.json", "/b"]);
        assert_eq!(wishes.links, ["hindcast://R6Lf:36"]);
    }
}
