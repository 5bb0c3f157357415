//! Links (`hindcast://RUN[:STEP]`) that lead to this window. A link can only ever select what is in
//! the store: the page takes it apart, and nothing else is done with it.

use hindcast_api::{ApiError, ErrorCode};
use tauri::State;

/// How a link begins.
const SCHEME: &str = "hindcast:";

/// Beyond this it is no link of ours.
pub(crate) const LONGEST: usize = 200;

/// Whether an argument is a link, rather than a path.
pub(crate) fn is_link(argument: &str) -> bool {
    argument.starts_with(SCHEME)
}

/// Where the store is, if a person said so: what the desktop must be told to open links here.
#[derive(Debug, Default)]
pub(crate) struct NamedStore(pub(crate) Option<String>);

/// Has the desktop open links with this program.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "tauri gives commands what they own")]
pub(crate) fn register_links(store: State<'_, NamedStore>) -> Result<(), ApiError> {
    registration::register(store.0.as_deref())
        .map_err(|reason| ApiError::new(ErrorCode::Refused, reason))
}

#[cfg(all(unix, not(target_os = "macos")))]
mod registration {
    use std::path::Path;
    use std::process::{Command, Stdio};

    const ENTRY: &str = "hindcast-links.desktop";
    const KIND: &str = "x-scheme-handler/hindcast";

    /// Writes a desktop entry for this person, and makes it the one for such links.
    pub(super) fn register(store: Option<&str>) -> Result<(), String> {
        let program = std::env::current_exe().map_err(|error| format!("this program: {error}"))?;
        let folders = directories::BaseDirs::new().ok_or("there is no home folder")?;
        let folder = folders.data_dir().join("applications");
        let file = folder.join(ENTRY);
        let failed = |error: std::io::Error| format!("{}: {error}", file.display());
        std::fs::create_dir_all(&folder).map_err(failed)?;
        std::fs::write(&file, entry(&program.to_string_lossy(), store)).map_err(failed)?;
        run("xdg-mime", &["default", ENTRY, KIND])?;
        // Only some desktops need their list of entries made anew; xdg-mime alone serves the others.
        let _ = run("update-desktop-database", &[&folder.to_string_lossy()]);
        Ok(())
    }

    fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(Path::new("/"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{program} failed: {status}")),
            Err(error) => Err(format!("{program} cannot be started: {error}")),
        }
    }

    fn entry(program: &str, store: Option<&str>) -> String {
        let store = store.map(|store| format!(" --store {}", quoted(store))).unwrap_or_default();
        format!(
            "[Desktop Entry]\nType=Application\nName=Hindcast\nNoDisplay=true\nTerminal=false\n\
             Exec={}{store} %u\nMimeType={KIND};\n",
            quoted(program)
        )
    }

    /// A word of an Exec line, as the desktop entry specification wants it.
    fn quoted(word: &str) -> String {
        let mut quoted = String::from("\"");
        for c in word.chars() {
            match c {
                // Once for the quotes, once for the string value itself.
                '"' | '`' | '$' => quoted.extend(['\\', '\\', c]),
                '\\' => quoted.push_str("\\\\\\\\"),
                '%' => quoted.push_str("%%"),
                _ => quoted.push(c),
            }
        }
        quoted.push('"');
        quoted
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn paths_cannot_add_words_or_commands() {
            assert_eq!(quoted("/opt/my apps/hindcast"), "\"/opt/my apps/hindcast\"");
            assert_eq!(quoted("a\"b$c`d%u"), "\"a\\\\\"b\\\\$c\\\\`d%%u\"");
            assert!(entry("/x", Some("/s t")).contains("Exec=\"/x\" --store \"/s t\" %u\n"));
        }
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
mod registration {
    /// Elsewhere the installer says which program opens links.
    pub(super) fn register(_store: Option<&str>) -> Result<(), String> {
        Err("on this system the installer says which program opens links".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_scheme_is_a_link() {
        for (argument, link) in [
            ("hindcast://R6Lf:36", true),
            ("hindcast:R6Lf", true),
            ("hindcast.json", false),
            ("./hindcast:R6Lf", false),
            ("https://example.test", false),
        ] {
            assert_eq!(is_link(argument), link, "{argument}");
        }
    }
}
