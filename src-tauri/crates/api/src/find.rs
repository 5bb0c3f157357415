//! Finding a text in a value.

use hindcast_model::{Content, Data, Fragment};

use crate::tree::{children, field_of, text};
use crate::view::{ValueMatch, ValueMatches};

/// How many matches are told.
const MOST: usize = 200;
/// How much is told around a match, in characters.
const AROUND: usize = 40;

/// The nodes of a value whose key or own text has `wanted` in it, whatever the case of its letters.
pub(crate) fn find(data: &Data, wanted: &str) -> ValueMatches {
    let wanted = wanted.to_lowercase();
    let mut matches = Vec::new();
    let mut waiting = vec![(data, None, Vec::new(), String::new())];
    let mut more = false;
    while let Some((data, label, path, place)) = waiting.pop() {
        if let Some(excerpt) = in_node(data, label.as_deref(), &wanted) {
            if matches.len() == MOST {
                more = true;
                break;
            }
            matches.push(ValueMatch { path: path.clone(), place: place.clone(), excerpt });
        }
        let below = children(data).into_iter().enumerate().map(|(index, (label, child))| {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let step = step(data, label.as_deref());
            let path = path.iter().copied().chain([index]).collect();
            (child, label, path, format!("{place}{step}"))
        });
        let first = waiting.len();
        waiting.extend(below);
        waiting[first..].reverse();
    }
    ValueMatches { matches, more }
}

/// How Python would write the step from a node to one of its children.
fn step(parent: &Data, label: Option<&str>) -> String {
    match (parent, label) {
        (Data::Set(_), _) | (_, None) => String::new(),
        (parent, Some(name)) if field_of(parent) => format!(".{name}"),
        (_, Some(key)) => format!("[{key}]"),
    }
}

/// What of a node itself has the text in it.
fn in_node(data: &Data, label: Option<&str>, wanted: &str) -> Option<String> {
    let own = match data {
        Data::Str(text) => around(text, wanted),
        Data::Fragment(Fragment { content: Content::Bytes(bytes), .. }) => {
            std::str::from_utf8(bytes).ok().and_then(|text| around(text, wanted))
        }
        _ => around(&text(data), wanted),
    };
    own.or_else(|| around(label?, wanted).map(|_| text(data)))
}

/// What stands around a text in another, whose letters may be of another case; none if it is not in
/// it. `wanted` is in small letters.
pub(crate) fn around(text: &str, wanted: &str) -> Option<String> {
    let at = position(text, wanted)?;
    let before: Vec<char> = text[..at].chars().rev().take(AROUND + 1).collect();
    let cut = before.len() > AROUND;
    let before: String =
        before.into_iter().take(AROUND).collect::<Vec<_>>().into_iter().rev().collect();
    let mut after = text[at..].chars();
    let length = wanted.chars().count() + AROUND;
    let shown: String = after.by_ref().take(length).collect();
    let (left, right) = (if cut { "…" } else { "" }, if after.next().is_some() { "…" } else { "" });
    Some(format!("{left}{before}{shown}{right}"))
}

/// Where a text begins in another, in bytes of that.
fn position(text: &str, wanted: &str) -> Option<usize> {
    if text.is_ascii() {
        // Small letters are as long as large ones.
        return text.to_ascii_lowercase().find(wanted);
    }
    if !text.to_lowercase().contains(wanted) {
        return None;
    }
    let mut starts = text.char_indices().map(|(at, _)| at);
    // Not every letter is as long in small: where the place cannot be told, it is the beginning.
    starts.find(|&at| begins(&text[at..], wanted)).or(Some(0))
}

fn begins(text: &str, wanted: &str) -> bool {
    let mut letters = text.chars().flat_map(char::to_lowercase);
    wanted.chars().all(|letter| letters.next() == Some(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_by_keys_and_by_what_stands_there() {
        let text = |text: &str| Data::Str(text.to_owned());
        let lines = Data::List(vec![text("Straße 7"), Data::Int(42), text(&"x".repeat(99))]);
        let data =
            Data::Dict(vec![(text("lines"), lines), (text("Vat"), Data::Decimal("0.08".into()))]);
        for (wanted, expected) in [
            ("STRASSE", vec![]),
            ("straße", vec!["['lines'][0] Straße 7"]),
            ("42", vec!["['lines'][1] 42"]),
            ("vat", vec!["['Vat'] Decimal('0.08')"]),
            ("nothing like it", vec![]),
        ] {
            let found = find(&data, wanted).matches;
            let told: Vec<_> =
                found.iter().map(|one| format!("{} {}", one.place, one.excerpt)).collect();
            assert_eq!(told, expected, "{wanted}");
        }
        let found = find(&data, "lines");
        assert_eq!(found.matches[0].path, [0]);
    }

    #[test]
    fn what_stands_around_is_short_and_no_letter_is_cut() {
        let text = format!("{}é{}", "ü".repeat(100), "ö".repeat(100));
        let around = around(&text, "é").unwrap();
        assert_eq!(around, format!("…{}é{}…", "ü".repeat(40), "ö".repeat(40)));
    }
}
