//! A debugger's configuration in a project's `.vscode/launch.json`, which people write comments in.

use std::ops::Range;

/// A file that cannot be changed without risk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LaunchError {
    /// It is no JSON with comments that has a list of configurations.
    #[error("it has no list \"configurations\" that can be added to")]
    NoList,
}

/// The file with this configuration in its list, in the place of one of the same name; everything else
/// stays as it is, comments included.
pub(crate) fn with_configuration(
    file: Option<&str>,
    name: &str,
    configuration: &str,
) -> Result<String, LaunchError> {
    let Some(text) = file.filter(|text| !text.trim().is_empty()) else {
        let own = indented(configuration, 8);
        return Ok(format!(
            "{{\n    \"version\": \"0.2.0\",\n    \"configurations\": [\n        {own}\n    ]\n}}\n"
        ));
    };
    let marks = marks(text);
    let list = list(text, &marks).ok_or(LaunchError::NoList)?;
    let own = indented(configuration, 8);
    let mut first = None;
    for object in objects(text, &marks, list).ok_or(LaunchError::NoList)? {
        first = first.or(Some(object.start));
        let body = without_comments(&text[object.clone()]);
        let known = serde_json::from_str::<serde_json::Value>(&body).ok();
        if known.is_some_and(|known| known["name"] == name) {
            return Ok(format!("{}{own}{}", &text[..object.start], &text[object.end..]));
        }
    }
    let (before, after) = text.split_at(list + 1);
    let comma = if first.is_some() { "," } else { "\n    " };
    Ok(format!("{before}\n        {own}{comma}{after}"))
}

/// Every character that is neither in a text nor in a comment, with its place; a text is given whole.
#[derive(Debug)]
enum Mark {
    Text(Range<usize>),
    Sign(usize, u8),
}

fn marks(text: &str) -> Vec<Mark> {
    let bytes = text.as_bytes();
    let (mut at, mut marks) = (0, Vec::new());
    while let Some(byte) = bytes.get(at) {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"//") {
            at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        } else if rest.starts_with(b"/*") {
            let end = rest.windows(2).skip(2).position(|two| two == b"*/");
            at += end.map_or(rest.len(), |end| end + 4);
        } else if *byte == b'"' {
            let mut end = 1;
            while end < rest.len() && rest[end] != b'"' {
                end += if rest[end] == b'\\' { 2 } else { 1 };
            }
            let end = (at + end + 1).min(bytes.len());
            marks.push(Mark::Text(at..end));
            at = end;
        } else {
            if !byte.is_ascii_whitespace() {
                marks.push(Mark::Sign(at, *byte));
            }
            at += 1;
        }
    }
    marks
}

/// Where the list of configurations of the outermost object begins.
fn list(text: &str, marks: &[Mark]) -> Option<usize> {
    let mut depth = 0;
    for three in marks.windows(3) {
        match three {
            [Mark::Text(key), Mark::Sign(_, b':'), Mark::Sign(at, b'[')]
                if depth == 1 && text.get(key.clone()) == Some("\"configurations\"") =>
            {
                return Some(*at);
            }
            [Mark::Sign(_, b'{' | b'['), ..] => depth += 1,
            [Mark::Sign(_, b'}' | b']'), ..] => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The objects of the list that begins here. None if it does not end.
fn objects(text: &str, marks: &[Mark], list: usize) -> Option<Vec<Range<usize>>> {
    let (mut objects, mut depth, mut start) = (Vec::new(), 0, 0);
    let signs = marks.iter().filter_map(|mark| match mark {
        Mark::Sign(at, sign) if *at > list => Some((*at, *sign)),
        _ => None,
    });
    for (at, sign) in signs {
        match sign {
            b'{' | b'[' => {
                if depth == 0 {
                    start = at;
                }
                depth += 1;
            }
            b']' if depth == 0 => return Some(objects),
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 && text.is_char_boundary(at + 1) {
                    objects.push(start..at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Plain JSON: without comments, and without the commas that nothing follows.
fn without_comments(text: &str) -> String {
    let mut plain = String::new();
    let marks = marks(text);
    for (index, mark) in marks.iter().enumerate() {
        match mark {
            Mark::Text(range) => plain.push_str(text.get(range.clone()).unwrap_or_default()),
            Mark::Sign(_, b',')
                if matches!(marks.get(index + 1), Some(Mark::Sign(_, b'}' | b']'))) => {}
            Mark::Sign(at, _) => plain.push_str(text.get(*at..=*at).unwrap_or_default()),
        }
    }
    plain
}

fn indented(text: &str, by: usize) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(by)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "{\n  \"name\": \"Hindcast\",\n  \"port\": 1\n}";

    #[test]
    fn the_rest_of_the_file_stays_as_it_is() {
        let fresh = with_configuration(None, "Hindcast", OWN).unwrap();
        let read = |text: &str| -> serde_json::Value {
            serde_json::from_str(&without_comments(text)).unwrap()
        };
        assert_eq!(read(&fresh)["configurations"][0]["port"], 1);

        let other = "{\n  // \"configurations\": [\n  \"inputs\": [{\"configurations\": []}],\n  \
                     \"configurations\": [ /* mine */ {\"name\": \"a ] \\\" b\", \"x\": [1,],}, ],\n}";
        let added = with_configuration(Some(other), "Hindcast", OWN).unwrap();
        assert!(added.contains("// \"configurations\": [") && added.contains("/* mine */"));
        let list = read(&added)["configurations"].clone();
        assert_eq!((&list[0]["port"], &list[1]["x"][0]), (&1.into(), &1.into()));

        // The second time it takes the place of the first.
        let again = OWN.replace('1', "2");
        let replaced = with_configuration(Some(&added), "Hindcast", &again).unwrap();
        assert_eq!(replaced, added.replace("\"port\": 1", "\"port\": 2"));

        let empty = with_configuration(Some("{\"configurations\": []}"), "Hindcast", OWN).unwrap();
        assert_eq!(read(&empty)["configurations"].as_array().unwrap().len(), 1);
        for bad in ["[]", "{}", "{\"configurations\": 1}", "{\"configurations\": [", "\"é"] {
            assert_eq!(with_configuration(Some(bad), "Hindcast", OWN), Err(LaunchError::NoList));
        }
    }
}
