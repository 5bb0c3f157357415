//! Texts and bytes, as Python writes them.

use super::{Fault, Read, Reader, bytes};
use crate::data::Data;

const UNCLOSED: &str = "a text without its closing quote";

/// What stands before a quote.
#[derive(Clone, Copy, Default)]
struct Prefix {
    raw: bool,
    bytes: bool,
    length: usize,
}

impl Reader<'_> {
    /// Whether a text or bytes with a prefix (`b''`, `r""`) comes next.
    pub(super) fn starts_string(&self) -> bool {
        self.prefix().is_some()
    }

    fn prefix(&self) -> Option<Prefix> {
        let mut prefix = Prefix::default();
        for c in self.rest().chars() {
            match c {
                '\'' | '"' => return Some(prefix),
                'r' | 'R' if !prefix.raw => prefix.raw = true,
                'b' | 'B' if !prefix.bytes => prefix.bytes = true,
                'u' | 'U' if prefix.length == 0 => {}
                _ => return None,
            }
            prefix.length += 1;
        }
        None
    }

    /// One or several texts after each other, which are one.
    pub(super) fn strings(&mut self) -> Read<Data> {
        let mut text = String::new();
        let mut content = Vec::new();
        let mut is_bytes = None;
        while let Some(prefix) = self.prefix() {
            if is_bytes.is_some_and(|is_bytes| is_bytes != prefix.bytes) {
                return Err(self.fault("bytes and text cannot be put together"));
            }
            is_bytes = Some(prefix.bytes);
            self.at += prefix.length;
            for unit in self.string(prefix)? {
                match unit {
                    Unit::Char(c) => text.push(c),
                    Unit::Byte(byte) => content.push(byte),
                }
            }
            self.space();
        }
        Ok(if is_bytes == Some(true) { bytes(content) } else { Data::Str(text) })
    }

    fn string(&mut self, prefix: Prefix) -> Read<Vec<Unit>> {
        let start = self.at;
        let open = || Fault { at: start, what: UNCLOSED.to_owned() };
        let Some(quote) = self.peek() else { return Err(open()) };
        let triple: String = std::iter::repeat_n(quote, 3).collect();
        let end = if self.rest().starts_with(&triple) { triple } else { quote.to_string() };
        self.at += end.len();
        let mut units = Vec::new();
        loop {
            if self.rest().starts_with(&end) {
                self.at += end.len();
                return Ok(units);
            }
            let Some(c) = self.peek() else { return Err(open()) };
            if c == '\n' && end.len() == 1 {
                return Err(open());
            }
            if c == '\\' && !prefix.raw {
                self.escape(prefix.bytes, &mut units)?;
                continue;
            }
            if c == '\\' {
                // In raw texts a backslash stays, and so does the quote behind it.
                self.push(c, prefix.bytes, &mut units)?;
                if let Some(next) = self.peek().filter(|next| *next == quote || *next == '\\') {
                    self.push(next, prefix.bytes, &mut units)?;
                }
                continue;
            }
            self.push(c, prefix.bytes, &mut units)?;
        }
    }

    fn push(&mut self, c: char, is_bytes: bool, units: &mut Vec<Unit>) -> Read<()> {
        units.push(match u8::try_from(c) {
            Ok(byte) if is_bytes && c.is_ascii() => Unit::Byte(byte),
            _ if is_bytes => return Err(self.fault("bytes hold ASCII and escapes only")),
            _ => Unit::Char(c),
        });
        self.at += c.len_utf8();
        Ok(())
    }

    fn escape(&mut self, is_bytes: bool, units: &mut Vec<Unit>) -> Read<()> {
        let at = self.at;
        self.at += 1;
        let Some(c) = self.peek() else { return Err(self.fault(UNCLOSED)) };
        self.at += c.len_utf8();
        let code = match c {
            '\n' => return Ok(()),
            '\\' | '\'' | '"' => u32::from(c),
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            'x' => self.digits(at, 2, 2, 16)?,
            'u' if !is_bytes => self.digits(at, 4, 4, 16)?,
            'U' if !is_bytes => self.digits(at, 8, 8, 16)?,
            '0'..='7' => {
                self.at -= 1;
                self.digits(at, 1, 3, 8)?
            }
            'N' if !is_bytes => {
                return Err(Fault { at, what: "\\N{…} is not read; use \\u".to_owned() });
            }
            _ => {
                // As in Python, what is no escape stays as it is.
                units.push(if is_bytes { Unit::Byte(b'\\') } else { Unit::Char('\\') });
                self.at -= c.len_utf8();
                return self.push(c, is_bytes, units);
            }
        };
        units.push(match (is_bytes, u8::try_from(code), char::from_u32(code)) {
            (true, Ok(byte), _) => Unit::Byte(byte),
            (false, _, Some(c)) => Unit::Char(c),
            _ => return Err(Fault { at, what: "no such character".to_owned() }),
        });
        Ok(())
    }

    /// The number that so many digits make.
    fn digits(&mut self, at: usize, least: usize, most: usize, radix: u32) -> Read<u32> {
        let rest = self.rest();
        let count = rest.chars().take(most).take_while(|c| c.is_digit(radix)).count();
        if count < least {
            return Err(Fault { at, what: format!("an escape without its {least} digits") });
        }
        self.at += count;
        u32::from_str_radix(&rest[..count], radix)
            .map_err(|_| Fault { at, what: "no such character".to_owned() })
    }
}

/// A character of a text, or a byte.
enum Unit {
    Char(char),
    Byte(u8),
}
