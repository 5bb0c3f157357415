//! Where a traceback's file is in the project.

use std::path::{Component, Path};

/// The file of the project that a recorded path means, relative to the project folder: the longest
/// end of the path that is a file there. Recorded paths are those of another machine, and data: none
/// leads out of the project.
pub(crate) fn local_file(project: &Path, recorded: &str) -> Option<String> {
    let recorded = recorded.replace('\\', "/");
    let parts: Vec<Component<'_>> = Path::new(&recorded)
        .components()
        .filter(|part| !matches!(part, Component::RootDir | Component::Prefix(_)))
        .collect();
    if parts.iter().any(|part| !matches!(part, Component::Normal(_))) {
        return None;
    }
    let ends = (0..parts.len()).map(|from| parts[from..].iter().collect::<std::path::PathBuf>());
    let found = ends.into_iter().find(|end| project.join(end).is_file())?;
    Some(found.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_path_is_found_by_its_end_and_leads_nowhere_else() {
        let project = tempfile::tempdir().unwrap();
        std::fs::create_dir(project.path().join("shop")).unwrap();
        std::fs::write(project.path().join("shop/workflows.py"), "").unwrap();
        let find = |recorded| local_file(project.path(), recorded);
        let expected = Some("shop/workflows.py".to_owned());
        assert_eq!(find("/srv/app/shop/workflows.py"), expected);
        assert_eq!(find("C:\\app\\shop\\workflows.py"), expected);
        assert_eq!(find("/usr/lib/python3.11/json/decoder.py"), None);
        assert_eq!(find("../shop/workflows.py"), None);
    }
}
