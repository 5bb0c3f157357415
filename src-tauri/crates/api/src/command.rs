//! The command line that does what a view shows.

use std::path::Path;

/// Run steps again.
pub(crate) fn rerun(steps: &[String], environment: Option<&str>, project: Option<&Path>) -> String {
    let mut words = vec!["hindcast".to_owned(), "rerun".to_owned()];
    words.extend(steps.iter().map(|step| quoted(step)));
    words.push("--project".to_owned());
    words.push(project.map_or_else(|| "DIR".to_owned(), |path| quoted(&path.to_string_lossy())));
    if let Some(environment) = environment {
        words.extend(["--env".to_owned(), quoted(environment)]);
    }
    words.join(" ")
}

/// Import files.
pub(crate) fn import(paths: &[String], environment: Option<&str>) -> String {
    let mut words = vec!["hindcast".to_owned(), "import".to_owned()];
    words.extend(paths.iter().map(|path| quoted(path)));
    if let Some(environment) = environment {
        words.extend(["--as".to_owned(), quoted(environment)]);
    }
    words.join(" ")
}

/// Show a run.
pub(crate) fn inspect(run: &str, environment: &str) -> String {
    format!("hindcast inspect {} --env {}", quoted(run), quoted(environment))
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+@%,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_reach_the_shell_as_they_are() {
        assert_eq!(quoted("R6Lf:36"), "R6Lf:36");
        assert_eq!(quoted("my shop"), "'my shop'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted("$(rm)"), "'$(rm)'");
        assert_eq!(quoted(""), "''");
    }
}
