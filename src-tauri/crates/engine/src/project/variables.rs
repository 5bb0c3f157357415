//! The environment variables executors get: an allow list, the project's `.env`, and what a person
//! names. Production secrets of the surrounding shell are not inherited.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::ProjectError;

/// What is inherited; none of these carries a secret by its meaning.
const INHERITED: [&str; 22] = [
    "HOME",
    "LANG",
    "LANGUAGE",
    "LD_LIBRARY_PATH",
    "LOGNAME",
    "PATH",
    "PYENV_ROOT",
    "PYENV_VERSION",
    "PYTHONPATH",
    "REQUESTS_CA_BUNDLE",
    "SHELL",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SYSTEMROOT",
    "TMPDIR",
    "TZ",
    "USER",
    "UV_CACHE_DIR",
    "VIRTUAL_ENV",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
];

pub(super) fn for_executors(
    folder: &Path,
    named: &[(String, String)],
) -> Result<BTreeMap<OsString, OsString>, ProjectError> {
    let inherited = std::env::vars_os().filter(|(name, _)| is_inherited(name.to_str()));
    let mut variables: BTreeMap<OsString, OsString> = inherited.collect();
    let file = folder.join(".env");
    let failed = |reason: String| ProjectError::Configuration { file: file.clone(), reason };
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            let own = parse(&text).map_err(failed)?;
            variables.extend(own.into_iter().map(|(name, value)| (name.into(), value.into())));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error.to_string())),
    }
    variables.extend(named.iter().map(|(name, value)| (name.into(), value.into())));
    // What is printed past the SDK shows at once, and as what it is.
    variables.insert("PYTHONUNBUFFERED".into(), "1".into());
    variables.insert("PYTHONIOENCODING".into(), "utf-8:backslashreplace".into());
    Ok(variables)
}

fn is_inherited(name: Option<&str>) -> bool {
    name.is_some_and(|name| name.starts_with("LC_") || INHERITED.contains(&name))
}

/// `NAME=VALUE` lines; `export`, quotes and `#` comments as shells have them, and quoted values over
/// several lines. Nothing is expanded.
fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let pair = line.split_once('=').filter(|(name, _)| is_name(name.trim()));
        let (name, value) = pair.ok_or_else(|| format!("line {} is not NAME=VALUE", number + 1))?;
        let mut value = value.trim().to_owned();
        while let Some(quote) = open_quote(&value) {
            let (_, more) =
                lines.next().ok_or_else(|| format!("line {}: {quote} has no end", number + 1))?;
            value = format!("{value}\n{more}");
        }
        found.push((name.trim().to_owned(), unquoted(&value)));
    }
    Ok(found)
}

/// The quote that a value begins with and that has no end in it.
fn open_quote(value: &str) -> Option<char> {
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let rest = &value[1..];
    let ends = rest.char_indices().any(|(at, c)| {
        let escaped = quote == '"' && rest[..at].ends_with('\\') && !rest[..at].ends_with("\\\\");
        c == quote && !escaped
    });
    (!ends).then_some(quote)
}

fn is_name(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(word) && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn unquoted(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some((inside, _)) =
            value.strip_prefix(quote).and_then(|rest| rest.rsplit_once(quote))
        {
            return if quote == '"' {
                inside.replace("\\n", "\n").replace("\\\"", "\"")
            } else {
                inside.to_owned()
            };
        }
    }
    value.split_once(" #").map_or(value, |(value, _)| value.trim_end()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_env_file_reads_as_a_shell_would() {
        let text =
            "# comment\nA=1\nexport B = two words # rest\nC=\"a # b\\n\" # c\nD='x\"y'\nE=\n\n";
        let expected = [("A", "1"), ("B", "two words"), ("C", "a # b\n"), ("D", "x\"y"), ("E", "")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(parse(text).unwrap(), expected);
        assert_eq!(parse("A=1\n2B=3").unwrap_err(), "line 2 is not NAME=VALUE");
        let key = "\u{feff}KEY=\"-----BEGIN\nabc\\\"=\n-----END\" # c\r\nB='x\n y'\n";
        let expected = [("KEY", "-----BEGIN\nabc\"=\n-----END"), ("B", "x\n y")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(parse(key).unwrap(), expected);
        assert_eq!(parse("A=1\nB='it\nC=2").unwrap_err(), "line 2: ' has no end");
    }

    #[test]
    fn secrets_of_the_surrounding_shell_stay_there() {
        for name in ["PATH", "LC_ALL", "TZ"] {
            assert!(is_inherited(Some(name)), "{name}");
        }
        for name in ["AWS_SECRET_ACCESS_KEY", "COFLUX_TOKEN", "DATABASE_URL", "PATHS"] {
            assert!(!is_inherited(Some(name)), "{name}");
        }
    }
}
