//! The names of a target's parameters, as the chosen project's code has them. Read from its text:
//! showing a name runs nothing.

use std::path::{Path, PathBuf};

use hindcast_model::Target;

use crate::note::CallNote;
use crate::view::{ArgumentDifferenceView, ArgumentView, GuardCard, StepView};
use crate::{Api, ApiError};

/// The longest file that is read, in bytes.
const LONGEST: u64 = 2 << 20;

/// Puts names to arguments.
pub(crate) struct Names(Option<PathBuf>);

impl Names {
    /// As the code in this folder has them, if one is chosen.
    pub(crate) fn of(project: Option<&Path>) -> Self {
        Self(project.map(Path::to_owned))
    }

    /// Those of a step's arguments, and of what they differ in.
    pub(crate) fn step(&self, view: &mut StepView) {
        let named = self.known(&Target::new(&view.module, &view.target));
        arguments(&named, &mut view.arguments);
        for why in &mut view.why {
            differences(&named, &mut why.differences);
        }
    }

    /// Those of the call that waits at the guard.
    pub(crate) fn card(&self, target: &Target, card: &mut GuardCard) {
        let named = self.known(target);
        arguments(&named, &mut card.arguments);
        if let Some(nearest) = &mut card.nearest {
            differences(&named, &mut nearest.differences);
        }
    }

    fn known(&self, target: &Target) -> Vec<String> {
        let known = self.0.as_ref().and_then(|project| parameters(project, target));
        known.unwrap_or_default()
    }
}

impl Api {
    /// Puts names to what a call's arguments differ in, where the project's code has them.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn name_arguments(&self, note: &mut CallNote) -> Result<(), ApiError> {
        if note.differences.is_empty() {
            return Ok(());
        }
        let project = self.project_folder().await?;
        if let Ok(target) = note.target.parse() {
            let named = Names::of(project.as_deref()).known(&target);
            differences(&named, &mut note.differences);
        }
        Ok(())
    }
}

fn arguments(named: &[String], views: &mut [ArgumentView]) {
    for view in views {
        view.name = named.get(view.index as usize).cloned();
    }
}

fn differences(named: &[String], views: &mut [ArgumentDifferenceView]) {
    for view in views {
        view.name = named.get(view.index as usize).cloned();
    }
}

/// The names of a target's parameters, by position, if the project's code has it.
pub(crate) fn parameters(project: &Path, target: &Target) -> Option<Vec<String>> {
    let text = candidates(project, &target.module).find_map(|file| read(&file))?;
    let signature = signature(&text, &target.name)?;
    Some(names(signature))
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

/// The names of the positional parameters.
fn names(signature: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for (_, c) in pieces(signature) {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => parts.push(String::new()),
            _ => {}
        }
        if let Some(part) = parts.last_mut().filter(|_| c != ',' || depth > 0) {
            part.push(c);
        }
    }
    let named = parts.iter().map(|part| part.trim()).take_while(|part| !part.starts_with('*'));
    let named = named.map(|part| part.split([':', '=']).next().unwrap_or_default().trim());
    named.filter(|name| !name.is_empty() && *name != "/").map(str::to_owned).collect()
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
        for (name, expected) in [
            ("charge", Some(vec!["order", "amount", "note"])),
            ("plain", Some(vec![])),
            ("generic", Some(vec!["a", "b"])),
            ("plai", None),
            ("missing", None),
        ] {
            let found = signature(text, name).map(names);
            let found = found.as_ref().map(|names| names.iter().map(String::as_str).collect());
            assert_eq!(found, expected, "{name}");
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
        assert_eq!(names("shop"), Some(vec!["x".to_owned()]));
        assert_eq!(names("../outside"), None);
        assert_eq!(names(".."), None);
        assert_eq!(names("shop.nothing"), None);
    }
}
