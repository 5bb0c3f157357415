//! Python's traceback text and our frames.

use std::fmt::Write as _;

use hindcast_model::{Extra, Failure, Frame};

/// The frames of a traceback, outermost first, as Coflux's own worker reads them: a line
/// `File "F", line N, in NAME`, then the line's text if the next line is indented by four. A text
/// with no such line becomes one frame that holds it whole.
pub(super) fn frames(text: &str) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((file, number, name)) = location(line) else { continue };
        let code = lines.peek().and_then(|next| next.strip_prefix("    ")).map_or("", str::trim);
        frames.push(frame(file, number, name, code));
    }
    if frames.is_empty() && !text.trim().is_empty() {
        frames.push(frame("", 0, "", text));
    }
    frames
}

fn frame(file: &str, line: u32, name: &str, code: &str) -> Frame {
    Frame {
        file: file.into(),
        line,
        name: Some(name.into()),
        code: Some(code.into()),
        extra: Extra::NONE,
    }
}

/// File, line number and function of `  File "F", line N, in NAME`.
fn location(line: &str) -> Option<(&str, u32, &str)> {
    let rest = line.trim_start().strip_prefix("File \"")?;
    let (file, rest) = rest.split_once("\", line ")?;
    let (number, name) = rest.split_once(", in ")?;
    Some((file, number.parse().ok()?, name))
}

/// The traceback text of a failure, as Python would print it.
pub(super) fn text(failure: &Failure) -> String {
    let mut text = String::from("Traceback (most recent call last):\n");
    for frame in &failure.frames {
        let name = frame.name.as_deref().unwrap_or("?");
        // A text that is no traceback stands in a frame without a place. (Writing to a string cannot
        // fail.)
        if frame.file.is_empty() && frame.line == 0 {
            let _ = writeln!(text, "{}", frame.code.as_deref().unwrap_or_default());
            continue;
        }
        let _ = writeln!(text, "  File \"{}\", line {}, in {name}", frame.file, frame.line);
        if let Some(code) = frame.code.as_deref().filter(|code| !code.is_empty()) {
            let _ = writeln!(text, "    {code}");
        }
    }
    let _ = writeln!(text, "{}: {}", failure.kind, failure.message);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_are_no_code_and_odd_text_is_kept_whole() {
        let text = "Traceback (most recent call last):\n  \
                    File \"/app/a b.py\", line 7, in outer\n    inner(x)\n    ~~~~~^^^\n  \
                    File \"<string>\", line 1, in <module>\nKeyError: 'CH'\n";
        let expected = vec![
            frame("/app/a b.py", 7, "outer", "inner(x)"),
            frame("<string>", 1, "<module>", ""),
        ];
        assert_eq!(frames(text), expected);
        assert_eq!(frames("boom"), [frame("", 0, "", "boom")]);
        assert_eq!(frames(""), []);
    }
}
