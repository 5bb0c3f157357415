//! The parameters of a target, as a project's code has them. Read from its text: this runs nothing.

use std::path::{Path, PathBuf};

use hindcast_model::Target;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 2 << 20;

/// A parameter as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its name.
    pub name: String,
    /// What it is if it is left out, as Python text.
    pub default: Option<String>,
}

/// A target's positional parameters, in order, if the code in this folder has it.
pub fn parameters(project: &Path, target: &Target) -> Option<Vec<Written>> {
    let text = candidates(project, &target.module).find_map(|file| read(&file))?;
    let signature = signature(&text, &target.name)?;
    Some(written(signature))
}

/// Where a module's code can be.
fn candidates(project: &Path, module: &str) -> impl Iterator<Item = PathBuf> {
    let parts: Vec<&str> = module.split('.').collect();
    // A name with anything else in it is no path below the project.
    let plain = parts
        .iter()
        .all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_'));
    let below: PathBuf = parts.iter().collect();
    let roots = [project.to_owned(), project.join("src")];
    let files = roots.into_iter().flat_map(move |root| {
        [root.join(&below).with_extension("py"), root.join(&below).join("__init__.py")]
    });
    files.filter(move |_| plain)
}

fn read(file: &Path) -> Option<String> {
    let short = file.metadata().is_ok_and(|known| known.is_file() && known.len() <= LONGEST);
    short.then(|| std::fs::read_to_string(file).ok()).flatten()
}

/// What stands between the parentheses of a function's definition; of several the last, as Python
/// has it, and one of the module itself before one further in.
fn signature<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut found: Option<(usize, &str)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if let Some(rest) = defines(trimmed, name)
            && found.is_none_or(|(least, _)| indent <= least)
        {
            let start = at + line.len() - rest.len();
            found = until_closed(&text[start..]).map(|inner| (indent, inner)).or(found);
        }
        at += line.len();
    }
    found.map(|(_, inner)| inner)
}

/// What follows the opening parenthesis, if the line defines the function.
fn defines<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let line = line.strip_prefix("async").map_or(line, str::trim_start);
    let rest = line.strip_prefix("def")?.strip_prefix([' ', '\t'])?.trim_start();
    let rest = rest.strip_prefix(name)?.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(generic) => generic.split_once(']')?.1.trim_start(),
        None => rest,
    };
    rest.strip_prefix('(')
}

/// The text up to the parenthesis that closes one opened before it.
fn until_closed(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    pieces(text).find_map(|(at, c)| match c {
        ')' if depth == 0 => Some(&text[..at]),
        '(' | '[' | '{' => {
            depth += 1;
            None
        }
        ')' | ']' | '}' => {
            depth = depth.saturating_sub(1);
            None
        }
        _ => None,
    })
}

/// The characters that are code: not within strings or comments.
fn pieces(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut chars = text.char_indices().peekable();
    let mut skip_until = 0;
    std::iter::from_fn(move || {
        loop {
            let (at, c) = chars.next()?;
            if at < skip_until {
                continue;
            }
            match c {
                '#' => skip_until = text[at..].find('\n').map_or(text.len(), |end| at + end),
                '"' | '\'' => skip_until = at + string_length(&text[at..], c),
                _ => return Some((at, c)),
            }
        }
    })
}

/// How long the string is that a text begins with, quotes included.
fn string_length(text: &str, quote: char) -> usize {
    let triple = quote.to_string().repeat(3);
    let mark = if text.starts_with(&triple) { triple } else { quote.to_string() };
    let mut at = mark.len();
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(&mark) {
            return at + mark.len();
        }
        let mut next = rest.chars();
        let escaped = next.next() == Some('\\');
        let skipped = if escaped { next.next() } else { None };
        at += rest.chars().next().map_or(1, char::len_utf8) + skipped.map_or(0, char::len_utf8);
    }
    text.len()
}

/// The positional parameters.
fn written(signature: &str) -> Vec<Written> {
    let parts = parts(signature);
    let positional = parts.iter().take_while(|part| !part.starts_with('*'));
    let parameters = positional.map(|part| {
        let name = part.split([':', '=']).next().unwrap_or_default().trim().to_owned();
        let mut depth = 0_usize;
        let equals = pieces(part).find(|(_, c)| {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && *c == '='
        });
        let default = equals.map(|(at, _)| part[at + 1..].trim().to_owned());
        Written { name, default }
    });
    parameters.filter(|known| !known.name.is_empty() && known.name != "/").collect()
}

/// What commas separate, without comments.
fn parts(signature: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in pieces(signature) {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&signature[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&signature[start..]);
    parts.into_iter().map(after_comments).collect()
}

/// A parameter without the comments that stand before it.
fn after_comments(part: &str) -> &str {
    let part = part.trim();
    match part.strip_prefix('#') {
        Some(comment) => after_comments(comment.split_once('\n').map_or("", |(_, rest)| rest)),
        None => part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_code() {
        let text = r#"
import coflux as cf

def helper(f): ...
class Other:
    def charge(self, no): ...

@cf.task(memo=["order"])
async def charge(
    order: dict[str, "a, b"],  # the order, (all of it
    amount=f(1, ')'),
    /,
    note: str = "it's, \" ",
    *rest,
    key=1,
): ...

def plain(): return 1
def generic[T](a: T, b = {'x': (1, 2)}, *, c=1): ...
"#;
        let text_of = |known: &Written| match &known.default {
            Some(default) => format!("{}={default}", known.name),
            None => known.name.clone(),
        };
        for (name, expected) in [
            ("charge", Some(r#"order; amount=f(1, ')'); note="it's, \" ""#)),
            ("plain", Some("")),
            ("generic", Some("a; b={'x': (1, 2)}")),
            ("plai", None),
            ("missing", None),
        ] {
            let found = signature(text, name).map(written);
            let found = found.map(|all| all.iter().map(text_of).collect::<Vec<_>>().join("; "));
            assert_eq!(found.as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn a_module_is_looked_for_below_the_project_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("code");
        std::fs::create_dir_all(project.join("src/shop")).unwrap();
        std::fs::write(project.join("src/shop/__init__.py"), "def a(x): ...").unwrap();
        std::fs::write(folder.path().join("outside.py"), "def a(x): ...").unwrap();
        let names = |module: &str| parameters(&project, &Target::new(module, "a"));
        let x = Written { name: "x".to_owned(), default: None };
        assert_eq!(names("shop"), Some(vec![x]));
        assert_eq!(names("../outside"), None);
        assert_eq!(names(".."), None);
        assert_eq!(names("shop.nothing"), None);
    }
}
