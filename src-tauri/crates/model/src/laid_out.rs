//! A value as a person reads and edits it: over several lines, where one is too long.

use crate::data::{Content, Data, Fragment};
use crate::depth::deep;
use crate::python::last_part;

/// By how much what stands in something is moved in.
const INDENT: usize = 4;

impl Data {
    /// The value as [`Data::python`] writes it whole, but with the items of what is longer than `width`
    /// characters on lines of their own. [`Data::parse_python`] reads both alike.
    pub fn laid_out(&self, width: usize) -> String {
        let mut layout = Layout { text: String::new(), width };
        layout.value(self, 0, 0);
        layout.text
    }
}

struct Layout {
    text: String,
    width: usize,
}

impl Layout {
    /// Writes a value that stands so many characters from the left, in something moved in so far.
    fn value(&mut self, data: &Data, indent: usize, at: usize) {
        // A comma follows.
        let room = self.width.saturating_sub(at + 1);
        let line = data.python(room.saturating_add(1));
        if line.chars().count() <= room {
            self.text.push_str(&line);
        } else {
            deep(|| self.lines(data, indent));
        }
    }

    fn lines(&mut self, data: &Data, indent: usize) {
        match data {
            Data::List(items) if !items.is_empty() => self.items("[", items, "]", indent),
            Data::Tuple(items) if !items.is_empty() => self.items("(", items, ")", indent),
            Data::Set(items) if !items.is_empty() => self.items("{", items, "}", indent),
            Data::Dict(pairs) if !pairs.is_empty() => {
                let pairs = pairs
                    .iter()
                    .map(|(key, value)| (format!("{}: ", key.python(usize::MAX)), value));
                self.block("{", pairs, "}", indent);
            }
            Data::Fragment(Fragment { content: Content::Json(inner), metadata, .. }) => {
                let class = metadata.get("model").and_then(|class| class.as_str());
                match (&**inner, class) {
                    (Data::Dict(fields), Some(class)) => {
                        let fields = fields.iter().filter_map(|(name, value)| match name {
                            Data::Str(name) => Some((format!("{name}="), value)),
                            _ => None,
                        });
                        self.block(&format!("{}(", last_part(class)), fields, ")", indent);
                    }
                    _ => self.text.push_str(&data.python(usize::MAX)),
                }
            }
            _ => self.text.push_str(&data.python(usize::MAX)),
        }
    }

    fn items(&mut self, open: &str, items: &[Data], close: &str, indent: usize) {
        self.block(open, items.iter().map(|item| (String::new(), item)), close, indent);
    }

    /// Writes each with what stands before it on a line.
    fn block<'data>(
        &mut self,
        open: &str,
        items: impl Iterator<Item = (String, &'data Data)>,
        close: &str,
        indent: usize,
    ) {
        let inner = indent + INDENT;
        self.text.push_str(open);
        for (before, value) in items {
            self.line(inner);
            self.text.push_str(&before);
            self.value(value, inner, inner + before.chars().count());
            self.text.push(',');
        }
        self.line(indent);
        self.text.push_str(close);
    }

    fn line(&mut self, indent: usize) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n(' ', indent));
    }
}
