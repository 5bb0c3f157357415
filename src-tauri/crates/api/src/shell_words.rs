//! A command line as words.

/// The words of a command: spaces separate, quotes hold together. Nothing is expanded.
///
/// # Errors
/// What is wrong with it, in words: a quote that is not closed, no word at all.
pub fn shell_words(command: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for c in command.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed");
    }
    words.extend(word);
    if words.is_empty() {
        return Err("the command is empty");
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_split_as_a_shell_would() {
        for (command, expected) in [
            ("python -m coflux", vec!["python", "-m", "coflux"]),
            ("'my python'  -m coflux ", vec!["my python", "-m", "coflux"]),
            ("a\"b c\"d ''", vec!["ab cd", ""]),
        ] {
            assert_eq!(shell_words(command).unwrap(), expected);
        }
        assert!(shell_words("'open").is_err());
        assert!(shell_words("  ").is_err());
    }
}
