//! What a project's virtual environment says of itself, in files. Nothing is started.

use std::path::Path;

/// Versions, where the files tell.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Installed {
    /// Such as `3.11`.
    pub(crate) python: Option<String>,
    /// The SDK's, such as `0.12.0`.
    pub(crate) coflux: Option<String>,
}

/// What is installed in the virtual environment inside `project`, if it has one.
pub(crate) fn installed(project: &Path) -> Installed {
    let folders = [".venv", "venv"].map(|name| project.join(name));
    let found = folders.iter().find(|folder| folder.join("pyvenv.cfg").is_file());
    found.map(|folder| read(folder)).unwrap_or_default()
}

fn read(environment: &Path) -> Installed {
    let config = std::fs::read_to_string(environment.join("pyvenv.cfg")).unwrap_or_default();
    let version = config.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        matches!(name.trim(), "version" | "version_info").then(|| value.trim().to_owned())
    });
    let python = version.map(|version| version.split('.').take(2).collect::<Vec<_>>().join("."));
    let coflux = python.as_ref().and_then(|python| {
        let packages = environment.join(format!("lib/python{python}/site-packages"));
        let names = std::fs::read_dir(packages).ok()?.flatten().map(|entry| entry.file_name());
        names.into_iter().find_map(|name| {
            let name = name.to_str()?;
            Some(name.strip_prefix("coflux-")?.strip_suffix(".dist-info")?.to_owned())
        })
    });
    Installed { python, coflux }
}
