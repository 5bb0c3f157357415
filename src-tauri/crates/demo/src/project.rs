//! The shop's Python project, copied out of the fixtures so that it can be edited.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A copy of the shop's code as it was in production.
#[derive(Debug)]
pub struct Project {
    folder: PathBuf,
    fixtures: PathBuf,
}

impl Project {
    /// Copies the code from `fixtures` (the folder `fixtures/shop`) to `folder`, over what is there.
    ///
    /// # Errors
    /// When the fixtures cannot be read or the folder cannot be written.
    pub fn copy(fixtures: &Path, folder: &Path) -> io::Result<Self> {
        let package = folder.join("shop");
        fs::create_dir_all(&package)?;
        for entry in fs::read_dir(fixtures.join("shop"))? {
            let path = entry?.path();
            if let (Some(name), true) = (path.file_name(), path.is_file()) {
                fs::write(package.join(name), fs::read(&path)?)?;
            }
        }
        Ok(Self::at(fixtures, folder))
    }

    /// A copy made before.
    pub fn at(fixtures: &Path, folder: &Path) -> Self {
        Self { folder: folder.into(), fixtures: fixtures.into() }
    }

    /// The project's folder, to be given to Hindcast.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Gives it this Python environment, as its `.venv`.
    ///
    /// # Errors
    /// When the folder cannot be written.
    #[cfg(unix)]
    pub fn use_environment(&self, environment: &Path) -> io::Result<()> {
        let link = self.folder.join(".venv");
        match fs::remove_file(&link) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        std::os::unix::fs::symlink(environment, link)
    }

    /// Gives its code these environment variables, in its `.env`.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn set_variables(&self, variables: &[(&str, String)]) -> io::Result<()> {
        let mut lines = String::new();
        for (name, value) in variables {
            let _ = writeln!(lines, "{name}={value}");
        }
        fs::write(self.folder.join(".env"), lines)
    }

    /// Does what fixed the bug: gives `workflows.py` a VAT rate for CH.
    ///
    /// # Errors
    /// When the fixed code cannot be read, or the project's cannot be written.
    pub fn add_vat_rate(&self) -> io::Result<()> {
        let fixed = fs::read(self.fixtures.join("development/workflows.py"))?;
        fs::write(self.folder.join("shop/workflows.py"), fixed)
    }
}
