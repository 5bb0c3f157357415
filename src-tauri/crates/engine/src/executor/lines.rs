//! Lines of a child process, bounded in memory.

use std::io;
use std::time::Instant;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use super::stdout::Stdout;

/// A line without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// All of it.
    Whole(String),
    /// Its beginning, and its length in bytes: it was too long to keep.
    Long { beginning: String, length: u64 },
}

/// How much of a line that is too long is kept, in bytes.
const BEGINNING: usize = 128 << 10;

/// Reads lines of at most `longest` bytes. Bytes that are no UTF-8 become U+FFFD.
pub(super) struct Lines<R> {
    from: BufReader<R>,
    longest: usize,
    line: Vec<u8>,
    length: u64,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(from: R, longest: usize) -> Self {
        Self {
            from: BufReader::with_capacity(64 << 10, from),
            longest,
            line: Vec::new(),
            length: 0,
        }
    }

    /// The next line; none at the end. May be dropped while it waits: nothing is lost.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let chunk = self.from.fill_buf().await?;
            if chunk.is_empty() {
                return Ok((self.length > 0).then(|| self.take()));
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            self.length += part.len() as u64;
            let room = if self.length > self.longest as u64 {
                BEGINNING.min(self.longest).saturating_sub(self.line.len())
            } else {
                part.len()
            };
            self.line.extend_from_slice(&part[..room.min(part.len())]);
            let consumed = part.len() + usize::from(end.is_some());
            self.from.consume(consumed);
            if end.is_some() {
                return Ok(Some(self.take()));
            }
        }
    }

    fn take(&mut self) -> Line {
        let mut bytes = std::mem::take(&mut self.line);
        let length = std::mem::take(&mut self.length);
        if length <= self.longest as u64 {
            return Line::Whole(text(bytes));
        }
        bytes.truncate(BEGINNING);
        Line::Long { beginning: text(bytes), length }
    }
}

impl Lines<Stdout> {
    /// Looks for something to read until this moment, unless something was read already.
    pub(super) fn look(&mut self, until: Instant) {
        if self.from.buffer().is_empty() {
            self.from.get_mut().look(until);
        }
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(text: &[u8], longest: usize) -> Vec<Line> {
        let mut lines = Lines::new(text, longest);
        let mut read = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            read.push(line);
        }
        read
    }

    #[tokio::test]
    async fn a_long_line_keeps_its_beginning_and_spoils_no_other() {
        let long = "x".repeat(300_000);
        let text = format!("first\n\n{long}\nlast\u{fffd}");
        let whole = |text: &str| Line::Whole(text.to_owned());
        let beginning = "x".repeat(BEGINNING);
        let expected = [
            whole("first"),
            whole(""),
            Line::Long { beginning, length: 300_000 },
            whole("last\u{fffd}"),
        ];
        assert_eq!(read(text.as_bytes(), 200_000).await, expected);
        assert_eq!(read(text.as_bytes(), 300_000).await[2], whole(&long));
        assert_eq!(read(b"a\xff\nb", 10).await, [whole("a\u{fffd}"), whole("b")]);
    }
}
