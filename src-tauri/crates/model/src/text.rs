//! How two texts differ: by line, and within lines by word.

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff};

/// How many lines around a change are told.
const AROUND: usize = 3;
/// Texts together longer than this are told apart as a whole, in bytes.
const LONGEST: usize = 2_000_000;
/// How many pairs of lines the exact search may have to look at.
const PAIRS: usize = 4_000_000;
/// How long a changed stretch may be to be told word by word, in bytes.
const WORDY: usize = 20_000;

/// A line of two texts side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLine {
    /// Which of the two has it.
    pub change: TextChange,
    /// The line, without its end, in parts of which some are the change; empty for what is left out.
    pub parts: Vec<TextPart>,
}

/// Which of two texts has a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextChange {
    /// Both.
    Same,
    /// Only the ancestor's.
    Removed,
    /// Only the local one.
    Added,
    /// So many lines that both have are left out here.
    LeftOut(usize),
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPart {
    /// What it says.
    pub text: String,
    /// Whether it is what differs in a line that the other text has otherwise.
    pub changed: bool,
}

/// How two texts differ, line by line; of what they have in common only what stands around. Empty
/// exactly if they are the same, ends of lines aside.
pub fn text_difference(ancestor: &str, local: &str) -> Vec<TextLine> {
    if ancestor.len() + local.len() > LONGEST {
        return apart(ancestor, local);
    }
    let (from, to): (Vec<&str>, Vec<&str>) = (ancestor.lines().collect(), local.lines().collect());
    if from == to {
        return Vec::new();
    }
    let start = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let rest = from.len().min(to.len()) - start;
    let ends = from.iter().rev().zip(to.iter().rev());
    let end = ends.take(rest).take_while(|(a, b)| a == b).count();
    let middle = (from.len() - start - end).saturating_mul(to.len() - start - end);
    if middle > PAIRS {
        return apart(ancestor, local);
    }
    let compared = TextDiff::configure().algorithm(Algorithm::Myers).diff_slices(&from, &to);
    let mut lines = Vec::new();
    let mut told = 0;
    for group in compared.grouped_ops(AROUND) {
        let begin = group.first().map_or(told, |op| op.old_range().start);
        left_out(&mut lines, begin - told);
        for op in &group {
            tell(&mut lines, &compared, op);
            told = op.old_range().end;
        }
    }
    left_out(&mut lines, from.len() - told);
    lines
}

/// Two texts without a line in common, as far as anyone looked.
fn apart(ancestor: &str, local: &str) -> Vec<TextLine> {
    /// How many lines of each side are told then.
    const TOLD: usize = 500;
    if ancestor == local {
        return Vec::new();
    }
    let removed = ancestor.lines().take(TOLD).map(|text| whole(TextChange::Removed, text));
    let added = local.lines().take(TOLD).map(|text| whole(TextChange::Added, text));
    removed.chain(added).collect()
}

fn left_out(lines: &mut Vec<TextLine>, count: usize) {
    if count > 0 {
        lines.push(TextLine { change: TextChange::LeftOut(count), parts: Vec::new() });
    }
}

fn tell(lines: &mut Vec<TextLine>, compared: &TextDiff<'_, '_, str>, op: &DiffOp) {
    let length = |texts: &mut dyn Iterator<Item = &str>| texts.map(str::len).sum::<usize>();
    let (old, new) = (op.old_range(), op.new_range());
    let long = length(&mut old.filter_map(|at| compared.old_slice(at)))
        + length(&mut new.filter_map(|at| compared.new_slice(at)));
    if matches!(op, DiffOp::Replace { .. }) && long <= WORDY {
        // Without a deadline: the same texts always differ in the same way.
        for change in compared.iter_inline_changes_deadline(op, None) {
            let parts = change.values().iter().filter(|(_, text)| !text.is_empty());
            let parts =
                parts.map(|&(changed, text)| TextPart { text: text.to_owned(), changed }).collect();
            lines.push(TextLine { change: side(change.tag()), parts });
        }
    } else {
        let changes = compared.iter_changes(op);
        lines.extend(changes.map(|change| whole(side(change.tag()), change.value())));
    }
}

fn side(tag: ChangeTag) -> TextChange {
    match tag {
        ChangeTag::Equal => TextChange::Same,
        ChangeTag::Delete => TextChange::Removed,
        ChangeTag::Insert => TextChange::Added,
    }
}

fn whole(change: TextChange, text: &str) -> TextLine {
    TextLine { change, parts: vec![TextPart { text: text.to_owned(), changed: false }] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(ancestor: &str, local: &str) -> String {
        let part = |part: &TextPart| {
            if part.changed { format!("[{}]", part.text) } else { part.text.clone() }
        };
        let line = |line: TextLine| {
            let text: String = line.parts.iter().map(part).collect();
            match line.change {
                TextChange::Same => format!("  {text}\n"),
                TextChange::Removed => format!("- {text}\n"),
                TextChange::Added => format!("+ {text}\n"),
                TextChange::LeftOut(count) => format!("~ {count}\n"),
            }
        };
        text_difference(ancestor, local).into_iter().map(line).collect()
    }

    #[test]
    fn texts_differ_by_line_and_within_a_line_by_word() {
        let numbered = |skip: usize| {
            let lines = (0..20).filter(|at| *at != skip).map(|at| format!("line {at}"));
            lines.collect::<Vec<_>>().join("\n") + "\n"
        };
        for (ancestor, local, expected) in [
            ("a\nb\n", "a\nb", ""),
            ("", "", ""),
            ("a\n", "a\nb\n", "  a\n+ b\n"),
            (
                "the rate is 0.077 here\n",
                "the rate is 0.081 here\n",
                "- the rate is [0.077] here\n+ the rate is [0.081] here\n",
            ),
            (
                &numbered(99),
                &numbered(9),
                "~ 6\n  line 6\n  line 7\n  line 8\n- line 9\n  line 10\n  line 11\n  line 12\n~ 7\n",
            ),
        ] {
            assert_eq!(told(ancestor, local), expected);
        }
    }

    #[test]
    fn large_texts_without_much_in_common_are_told_apart_as_a_whole() {
        let text =
            |word: &str| (0..3000).map(|at| format!("{word} {at}")).collect::<Vec<_>>().join("\n");
        let told = text_difference(&text("a"), &text("b"));
        assert_eq!(told.len(), 1000);
        assert!(told.iter().all(|line| line.change != TextChange::Same));
    }
}
