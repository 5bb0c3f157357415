//! JSON as a tree that keeps what the recipes and Python depend on: each number's own text, the
//! order of fields, the tokens `NaN` and `Infinity` that Python writes.

/// How deep arrays and objects may stand in each other. Python's own limit of 1,000 calls keeps the
/// SDK below it: one level there is at most two here.
const DEEPEST: usize = 2_000;

/// A JSON document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    /// The number as it was written.
    Number(Box<str>),
    /// `NaN`, `Infinity` or `-Infinity`: not JSON, but what Python writes and reads.
    NotFinite(f64),
    /// Lone surrogates have become U+FFFD, as in Go.
    String(String),
    Array(Vec<Tree>),
    /// In the order written; a key may come twice.
    Object(Vec<(String, Tree)>),
}

/// Where and why a text is no JSON document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub(crate) struct Fault {
    /// Bytes before it.
    pub(crate) at: usize,
    /// What was found, or missed.
    pub(crate) what: &'static str,
}

impl Tree {
    /// Reads one document. Keeps a stack of its own, so that no depth can exhaust the thread's.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let mut reader = Reader { text, at: 0 };
        let mut open: Vec<Open> = Vec::new();
        loop {
            if open.len() >= DEEPEST {
                return Err(reader.fault("nesting deeper than 2000 levels"));
            }
            let mut value = match reader.start()? {
                Start::Whole(value) => value,
                Start::Open(container) => {
                    open.push(container);
                    continue;
                }
            };
            // The value may be the last of its container, and that the last of its own.
            loop {
                let Some(container) = open.pop() else {
                    return reader.end().map(|()| value);
                };
                match reader.proceed(container, value)? {
                    Start::Whole(closed) => value = closed,
                    Start::Open(container) => {
                        open.push(container);
                        break;
                    }
                }
            }
        }
    }

    /// The field of that name; the last one where it comes twice, as Go and Python have it.
    pub(crate) fn field(&self, name: &str) -> Option<&Tree> {
        match self {
            Self::Object(fields) => {
                fields.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if it is an array.
    pub(crate) fn as_array(&self) -> Option<&[Tree]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }
}

/// A container that is not closed yet.
enum Open {
    Array(Vec<Tree>),
    /// Its fields, and the key whose value comes next.
    Object(Vec<(String, Tree)>, String),
}

/// What a value's beginning turned out to be.
enum Start {
    Whole(Tree),
    Open(Open),
}

struct Reader<'text> {
    text: &'text str,
    at: usize,
}

impl Reader<'_> {
    fn fault(&self, what: &'static str) -> Fault {
        Fault { at: self.at, what }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Passes over `byte` and the space before it, if it is next.
    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.text[self.at..].starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.space();
        if self.peek().is_none() { Ok(()) } else { Err(self.fault("more text after the end")) }
    }

    fn start(&mut self) -> Result<Start, Fault> {
        if self.take(b'[') {
            return Ok(if self.take(b']') {
                Start::Whole(Tree::Array(Vec::new()))
            } else {
                Start::Open(Open::Array(Vec::new()))
            });
        }
        if self.take(b'{') {
            return Ok(if self.take(b'}') {
                Start::Whole(Tree::Object(Vec::new()))
            } else {
                Start::Open(Open::Object(Vec::new(), self.key()?))
            });
        }
        self.leaf().map(Start::Whole)
    }

    /// Puts a value into its container, and sees whether more follow.
    fn proceed(&mut self, container: Open, value: Tree) -> Result<Start, Fault> {
        match container {
            Open::Array(mut items) => {
                items.push(value);
                if self.take(b',') {
                    Ok(Start::Open(Open::Array(items)))
                } else if self.take(b']') {
                    Ok(Start::Whole(Tree::Array(items)))
                } else {
                    Err(self.fault("neither a comma nor the end of an array"))
                }
            }
            Open::Object(mut fields, key) => {
                fields.push((key, value));
                if self.take(b',') {
                    Ok(Start::Open(Open::Object(fields, self.key()?)))
                } else if self.take(b'}') {
                    Ok(Start::Whole(Tree::Object(fields)))
                } else {
                    Err(self.fault("neither a comma nor the end of an object"))
                }
            }
        }
    }

    fn key(&mut self) -> Result<String, Fault> {
        self.space();
        if self.peek() != Some(b'"') {
            return Err(self.fault("no key"));
        }
        let key = self.string()?;
        if self.take(b':') { Ok(key) } else { Err(self.fault("no colon after a key")) }
    }

    fn leaf(&mut self) -> Result<Tree, Fault> {
        match self.peek() {
            Some(b'"') => self.string().map(Tree::String),
            Some(b'n') if self.word("null") => Ok(Tree::Null),
            Some(b't') if self.word("true") => Ok(Tree::Bool(true)),
            Some(b'f') if self.word("false") => Ok(Tree::Bool(false)),
            Some(b'N') if self.word("NaN") => Ok(Tree::NotFinite(f64::NAN)),
            Some(b'I') if self.word("Infinity") => Ok(Tree::NotFinite(f64::INFINITY)),
            Some(b'-') if self.word("-Infinity") => Ok(Tree::NotFinite(f64::NEG_INFINITY)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => Err(self.fault("no JSON value")),
            None => Err(self.fault("the text ends early")),
        }
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > from { Ok(()) } else { Err(self.fault("a digit is missing")) }
    }

    fn number(&mut self) -> Result<Tree, Fault> {
        let from = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(Tree::Number(self.text[from..self.at].into()))
    }

    fn string(&mut self) -> Result<String, Fault> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let from = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            text.push_str(&self.text[from..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(self.fault("a control character in a string")),
                None => return Err(self.fault("a string without its end")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        self.at += 1;
        let letter = self.peek().ok_or_else(|| self.fault("a string without its end"))?;
        let plain = match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.fault("an unknown escape")),
        };
        self.at += 1;
        Ok(plain)
    }

    /// The character of one `\uXXXX`, or of two that make a pair. A surrogate without its other
    /// half becomes U+FFFD, and what follows it is read by itself.
    fn unicode(&mut self) -> Result<char, Fault> {
        let first = self.unit()?;
        if !(0xD800..0xDC00).contains(&first) || !self.text[self.at..].starts_with("\\u") {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.at;
        self.at += 2;
        let second = self.unit()?;
        if (0xDC00..0xE000).contains(&second) {
            let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        self.at = before;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn unit(&mut self) -> Result<u32, Fault> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|four| four.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|four| u32::from_str_radix(four, 16).ok());
        let unit = unit.ok_or_else(|| self.fault("an escape without four hex digits"))?;
        self.at += 4;
        Ok(unit)
    }
}
