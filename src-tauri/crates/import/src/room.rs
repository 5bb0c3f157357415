//! Whether what is read would take far more memory than the text is long.
//!
//! A tree of JSON takes a node of eleven places for an object of one field: `{"":0}` some hundred times
//! its eight bytes. So what a text will take is counted before anything is made of it, and of one text
//! after the other together: the sum may not be more than so many times the bytes there were. What the
//! recorded exports take stays far below; the tests see to it.

use std::fmt;
use std::mem::size_of;

use hindcast_model::{Asset, Child, Dependency, Execution, MetricDefinition, Reference, Step};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use crate::legacy::OldExecution;
use crate::log::{LogForm, LogValue};

/// What any import may take, in bytes, whatever it is read from.
const FREE: u64 = 256 << 20;

/// How many bytes each byte of text may take beyond that.
const BYTES_EACH: u64 = 12;

/// Texts of so many bytes together are not looked at: what they take is well below what is free.
const SMALL: u64 = 1 << 20;

/// What a place in a list takes, in bytes: lists that grow are copied to twice their size.
const PLACE: u64 = 3 * size_of::<serde_json::Value>() as u64;

/// What an object of a known form takes beside what holds it, in bytes, at most.
const OBJECT: u64 = 128;

/// What a text takes beside its letters, in bytes.
const TEXT: u64 = 16;

/// Counts the room that texts take.
#[derive(Debug, Clone, Default)]
pub(crate) struct Room {
    bytes: u64,
    taken: u64,
}

impl Room {
    /// Counts what will be made of a text. Fails once it is too much; what is no JSON counts as nothing,
    /// since whoever reads it will say so.
    pub(crate) fn take(&mut self, text: &[u8], shape: Shape) -> Result<(), String> {
        self.bytes += text.len() as u64;
        if self.bytes <= SMALL {
            return Ok(());
        }
        self.taken += room(text, shape);
        if self.taken > FREE + BYTES_EACH * self.bytes {
            let (taken, bytes) = (self.taken >> 20, self.bytes);
            return Err(format!("its {bytes} bytes would take {taken} MiB; no export does"));
        }
        Ok(())
    }
}

/// What will be made of a text, in bytes.
fn room(text: &[u8], shape: Shape) -> u64 {
    let mut taken = 0;
    let mut reader = serde_json::Deserializer::from_slice(text);
    match (Count { shape, taken: &mut taken }).deserialize(&mut reader) {
        Ok(()) => taken,
        // A reader that passes over what it does not know may get further than we do here.
        Err(_) if serde_json::from_slice::<IgnoredAny>(text).is_ok() => at_most(text),
        Err(_) => 0,
    }
}

/// What a text can take at most: as if each byte that can begin a value did.
fn at_most(text: &[u8]) -> u64 {
    let each = |byte: &u8| match byte {
        b'{' => Shape::Tree.object(1),
        b'[' | b',' => PLACE,
        _ => 1,
    };
    text.iter().map(each).sum()
}

/// What is made of a part of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A document of any form.
    Document,
    /// Steps by their ids.
    Steps,
    /// A step.
    Step,
    /// A step of a server before 0.9.
    OldStep,
    /// Executions by their numbers.
    Attempts,
    /// The same, of a server before 0.9.
    OldAttempts,
    /// An execution.
    Execution,
    /// What an execution consumed, by id.
    Dependencies,
    /// How an execution ended.
    Outcome,
    /// Log lines.
    Lines,
    /// Objects of a known form, in nodes with places of so many bytes.
    Map(u64),
    /// An object of a known form; fields it does not know are passed over.
    Known,
    /// Anything, kept whole.
    Tree,
    /// Anything, kept as the text it is.
    Text,
}

impl Shape {
    /// What is made of a field of that name.
    pub(crate) fn field(self, name: &str) -> Self {
        match (self, name) {
            (Self::Document, "steps") => Self::Steps,
            (Self::Document, "logs") => Self::Lines,
            (Self::Steps, id) if id.starts_with('S') => Self::OldStep,
            (Self::Steps, _) => Self::Step,
            (Self::Step, "executions") => Self::Attempts,
            (Self::OldStep, "executions") => Self::OldAttempts,
            (Self::Attempts | Self::OldAttempts, _) => Self::Execution,
            (Self::Execution, "dependencies") => Self::Dependencies,
            (Self::Execution, "assets") => Self::map::<Asset>(),
            (Self::Execution, "metrics" | "inputs" | "groups") => Self::map::<MetricDefinition>(),
            (Self::Lines, "values") => Self::map::<LogValue>(),
            (Self::Execution | Self::Outcome, "result") => Self::Outcome,
            (Self::Known, "data") => Self::Text,
            (Self::Known, "metadata" | "createdBy") => Self::Tree,
            (Self::Document, "metrics")
            | (Self::Step, "arguments" | "cacheConfig" | "retries")
            | (Self::Execution, "children")
            | (Self::Outcome, "value" | "error" | "execution")
            | (Self::Map(_) | Self::Known | Self::Lines, _) => Self::Known,
            _ => Self::Tree,
        }
    }

    fn map<T>() -> Self {
        Self::Map(size_of::<(String, T)>() as u64)
    }

    /// What an object of so many fields takes, in bytes, without what its fields hold.
    fn object(self, fields: u64) -> u64 {
        /// A B-tree's node has eleven places, of which six are used in the worst case.
        fn nodes(fields: u64, place: u64) -> u64 {
            fields.div_ceil(6) * 11 * place
        }
        let size = |bytes: usize| bytes as u64;
        match self {
            Self::Document | Self::Steps | Self::Text => 0,
            Self::Step | Self::OldStep => 2 * size(size_of::<Step>()),
            Self::Attempts => fields * 2 * size(size_of::<Execution>()),
            Self::OldAttempts => nodes(fields, size(size_of::<OldExecution>())),
            Self::Dependencies => nodes(fields, size(size_of::<(String, Dependency)>())),
            Self::Lines => 2 * size(size_of::<LogForm>()),
            Self::Map(place) => nodes(fields, place),
            // Beside the tree, what it is made of: a list of names and values.
            Self::Tree => nodes(fields, 80),
            Self::Execution | Self::Outcome | Self::Known => OBJECT,
        }
    }

    /// What an item of a list takes, in bytes, without what it holds.
    fn item(self) -> u64 {
        match self {
            Self::Text => 0,
            Self::Known => 2 * size_of::<Reference>().max(size_of::<Child>()) as u64,
            _ => PLACE,
        }
    }
}

/// Counts one part.
struct Count<'c> {
    shape: Shape,
    taken: &'c mut u64,
}

impl<'de> DeserializeSeed<'de> for Count<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.shape {
            Shape::Text => IgnoredAny::deserialize(deserializer).map(|_| ()),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Count<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        *self.taken += TEXT + text.len() as u64;
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { shape, taken } = self;
        while list.next_element_seed(Count { shape, taken: &mut *taken })?.is_some() {
            *taken += shape.item();
        }
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { shape, taken } = self;
        let mut fields = 0;
        while let Some((of, name)) = map.next_key_seed(Name(shape))? {
            fields += 1;
            *taken += TEXT + name;
            if let Shape::Dependencies = shape {
                let text: &RawValue = map.next_value()?;
                *taken += dependency(text.get());
            } else {
                map.next_value_seed(Count { shape: of, taken: &mut *taken })?;
            }
        }
        *taken += shape.object(fields);
        Ok(())
    }
}

/// What is made of a dependency: one of a kind we do not know is kept whole.
fn dependency(text: &str) -> u64 {
    let shape = match serde_json::from_str(text) {
        Ok(Dependency::Typed(_) | Dependency::Untyped { .. }) => Shape::Known,
        Ok(Dependency::Other(_)) | Err(_) => Shape::Tree,
    };
    room(text.as_bytes(), shape)
}

/// A field's name: what is made of the field, and how long the name is.
struct Name(Shape);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = (Shape, u64);
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = (Shape, u64);
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }
    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok((self.0.field(name), name.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(text: &str, shape: Shape) -> u64 {
        room(text.as_bytes(), shape) / text.len() as u64
    }

    fn step(fields: &str) -> String {
        format!(r#"{{"stepNumber":1,"executions":{{"1":{{"executionId":"R1:1:1",{fields}}}}}}}"#)
    }

    #[test]
    fn what_takes_far_more_than_its_text_is_told() {
        let sparse = |text: &str| format!("[{}0]", format!("{text}{},", " ".repeat(60)).repeat(99));
        let table = [
            ("zeros", format!("[{}0]", "0,".repeat(1000)), Shape::Tree),
            ("lists in lists", "[".repeat(99) + &"]".repeat(99), Shape::Tree),
            ("objects, far apart", sparse(r#"{"":0}"#), Shape::Tree),
            (
                "the same, as an unknown field",
                step(&format!("\"x\":{}", sparse(r#"{"":0}"#))),
                Shape::Step,
            ),
            ("a dependency of an unknown kind", step(r#""dependencies":{"":{"":0}}"#), Shape::Step),
            ("a metric alone", step(r#""metrics":{"":{}}"#), Shape::Step),
            (
                "behind what only some readers pass over",
                step(&format!("\"result\":[1e999],\"x\":{}", sparse(r#"{"":0}"#))),
                Shape::Step,
            ),
        ];
        for (what, text, shape) in table {
            assert!(each(&text, shape) > BYTES_EACH, "{what}: {} bytes each", each(&text, shape));
        }
    }

    #[test]
    fn what_is_kept_as_text_takes_little() {
        let zeros = format!("[{}0]", "0,".repeat(1000));
        let table = [
            ("data", step(&format!(r#""result":{{"type":"value","value":{{"data":{zeros}}}}}"#))),
            ("a text", step(&format!(r#""result":{{"type":"x","error":{zeros:?}}}"#))),
            ("no JSON", "{".repeat(5000)),
        ];
        for (what, text) in table {
            assert!(
                each(&text, Shape::Step) < 5,
                "{what}: {} bytes each",
                each(&text, Shape::Step)
            );
        }
    }

    #[test]
    fn recorded_exports_take_far_less_than_is_allowed() {
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures");
        let recorded =
            ["shop", "conformance/caching", "conformance/values", "conformance/fanout-200"];
        let folders = recorded.map(|folder| std::path::Path::new(fixtures).join(folder));
        let files = folders.iter().flat_map(|folder| folder.read_dir().unwrap());
        let mut looked_at = 0;
        for path in files.map(|file| file.unwrap().path()) {
            let Ok(text) = std::fs::read(&path) else { continue };
            let Ok(document) = serde_json::from_slice::<serde_json::Value>(&text) else { continue };
            if document.get("steps").is_some() {
                // Compact, as a large one would come from a server.
                let each = each(&document.to_string(), Shape::Document);
                assert!(each < BYTES_EACH - 1, "{} takes {each} bytes each", path.display());
                looked_at += 1;
            }
        }
        assert!(looked_at > 10, "{looked_at}");
    }

    #[test]
    fn texts_count_together() {
        let text = step(r#""metrics":{"":{}}"#).repeat(2000);
        let part = format!("[{}]", text.replace("}{", "},{"));
        let mut room = Room::default();
        let refused = (0..20_000).find(|_| room.take(part.as_bytes(), Shape::Step).is_err());
        assert!(refused.is_some_and(|parts| parts > 10), "{refused:?}");
    }
}
