//! Where output goes: coloured on a terminal only, and never with what an export may have hidden in
//! a text.

use std::io::{self, IsTerminal, Write};

use hindcast_api::view::{CallState, Divergence, NodeState};
use serde::Serialize;

/// Standard output.
pub(crate) struct Screen {
    out: io::StdoutLock<'static>,
    coloured: bool,
}

/// How a text stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    Faint,
    Bold,
    Good,
    Bad,
    Notice,
    Pin,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Faint => "2",
            Self::Bold => "1",
            Self::Good => "32",
            Self::Bad => "31",
            Self::Notice => "33",
            Self::Pin => "34",
        }
    }

    /// The ink of a state.
    pub(crate) fn of(state: NodeState) -> Self {
        match state {
            NodeState::Succeeded | NodeState::Cached => Self::Good,
            NodeState::Failed | NodeState::Crashed | NodeState::TimedOut | NodeState::Abandoned => {
                Self::Bad
            }
            NodeState::Blocked | NodeState::Waiting => Self::Notice,
            _ => Self::Plain,
        }
    }

    /// The ink of a call.
    pub(crate) fn of_call(call: CallState) -> Self {
        match call {
            CallState::Pinned => Self::Pin,
            CallState::Blocked | CallState::Refused | CallState::New => Self::Notice,
            CallState::Unreached | CallState::Unknown => Self::Faint,
            CallState::Mocked | CallState::Run => Self::Plain,
        }
    }

    /// The ink of a comparison.
    pub(crate) fn of_divergence(divergence: Divergence) -> Self {
        match divergence {
            Divergence::Equal => Self::Good,
            Divergence::Differs => Self::Bad,
            Divergence::InputsDiffer | Divergence::New => Self::Notice,
            Divergence::Unreached | Divergence::Unfinished => Self::Faint,
        }
    }
}

impl Screen {
    /// Standard output, coloured if it is a terminal and `NO_COLOR` is not set.
    pub(crate) fn new() -> Self {
        let out = io::stdout().lock();
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let coloured = wanted && out.is_terminal();
        Self { out, coloured }
    }

    /// Prints a line.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Prints JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string_pretty(value)?;
        writeln!(self.out, "{}", harmless_json(&text))
    }

    /// A value as one line of JSON, for whoever reads along.
    pub(crate) fn json_line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(value)?;
        writeln!(self.out, "{}", harmless_json(&text))?;
        self.out.flush()
    }

    /// A text in that ink, harmless.
    pub(crate) fn ink(&self, ink: Ink, text: &str) -> String {
        let text = harmless(text);
        if self.coloured && ink != Ink::Plain && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", ink.code())
        } else {
            text
        }
    }
}

/// The text without anything that a terminal would obey or that would make it read otherwise than it
/// is written: control characters and changes of direction are spelled out.
pub(crate) fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || misleads(c) {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Whether a character makes a text read otherwise than it is written. The window writes out the same
/// ones (`ui/src/shell/visible.ts`).
fn misleads(c: char) -> bool {
    // Marks and overrides of direction, and what ends a line.
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    // Takes no room at all: soft hyphens, joiners, a byte order mark, notes between lines, tags.
    let hides = matches!(
        c,
        '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    );
    turns || hides
}

/// The same JSON, harmless: such characters stand in strings only, where they can be spelled out. (The
/// control characters of ASCII are spelled out already; outside of strings they are white space.)
fn harmless_json(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c >= '\u{7f}' && (c.is_control() || misleads(c)) {
            let mut units = [0; 2];
            let units = c.encode_utf16(&mut units).iter();
            safe.extend(units.map(|unit| format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_text_can_command_the_terminal() {
        for (text, shown) in [
            ("plain, ü and 日本", "plain, ü and 日本"),
            ("\x1b]0;title\x07", "\\u{1b}]0;title\\u{7}"),
            ("a\nb\r\tc", "a\\nb\\r\\tc"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{202e}txt.exe", "\\u{202e}txt.exe"),
            ("a\u{61c}\u{2028}b\u{feff}\u{e0041}", "a\\u{61c}\\u{2028}b\\u{feff}\\u{e0041}"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }

    /// The characters that the window writes out, from its own list of them.
    fn unseen_in_the_window() -> BTreeSet<char> {
        let source = include_str!("../../../../ui/src/shell/visible.ts");
        let list = source.split_once("const UNSEEN").unwrap().1.split_once("/gu;").unwrap().0;
        let code = |text: &str| {
            let digits = text.trim_start_matches('u').trim_matches(['{', '}']);
            char::from_u32(u32::from_str_radix(digits, 16).unwrap()).unwrap()
        };
        let (mut characters, mut from) = (BTreeSet::new(), None);
        for word in list.split('\\').skip(1) {
            let end = word.find(['-', ']']).unwrap_or(word.len());
            let to = code(&word[..end]);
            characters.extend(from.take().unwrap_or(to)..=to);
            from = word[end..].starts_with('-').then_some(to);
        }
        characters
    }

    #[test]
    fn what_cannot_be_seen_is_the_same_as_in_the_window() {
        let told = |c: &char| (c.is_control() || misleads(*c)) && !"\t\n\r".contains(*c);
        let here: BTreeSet<char> = ('\0'..=char::MAX).filter(told).collect();
        assert_eq!(here, unseen_in_the_window());
    }

    #[test]
    fn json_that_is_printed_is_the_same_and_harmless() {
        let nasty = "\u{9b}31m \u{7f} \u{202e}txt \u{feff}\u{e0041} \u{1b}[2J é 日本 \n";
        let value = serde_json::json!({ nasty: [nasty] });
        let text = serde_json::to_string_pretty(&value).unwrap();
        let printed = harmless_json(&text);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), value);
        assert!(
            !printed.contains(|c: char| misleads(c) || c.is_control() && c != '\n'),
            "{printed}"
        );
        assert!(printed.contains("é 日本"));
    }
}
