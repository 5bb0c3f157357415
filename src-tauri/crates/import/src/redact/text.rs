//! Patterns, and what stands for a text that goes.

/// Texts in which `*` stands for any text; in lower case.
#[derive(Debug)]
pub(super) struct Patterns(Vec<String>);

impl Patterns {
    pub(super) fn new(patterns: &[String]) -> Self {
        Self(patterns.iter().map(|pattern| pattern.to_lowercase()).collect())
    }

    /// Whether a pattern fits the whole text.
    pub(super) fn fit(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|pattern| fits(pattern, &text))
    }
}

/// Goes back to the last `*` at most, so that no pattern takes more than linear time a star.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A text of the same shape: letters are `x`, digits `0`, everything else stays.
pub(super) fn placeholder(text: &str) -> String {
    let stand_in = |letter: char| match letter {
        letter if letter.is_alphabetic() => 'x',
        letter if letter.is_numeric() => '0',
        other => other,
    };
    text.chars().map(stand_in).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_texts() {
        let table = [
            ("email", "E-Mail", false),
            ("email", "Email", true),
            ("*@*", "ana@example.com", true),
            ("*@*", "no address", false),
            ("*token*", "API_TOKEN", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*bc", "abcbc", true),
            ("a*a", "a", false),
            ("", "", true),
            ("", "x", false),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(Patterns::new(&[pattern.into()]).fit(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn the_shape_stays() {
        assert_eq!(placeholder("ana.é@example.com, 4-12"), "xxx.x@xxxxxxx.xxx, 0-00");
    }
}
