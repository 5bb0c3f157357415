//! Whether what is read would take far more memory than the text is long.
//!
//! A tree of JSON takes a node of eleven places for an object of one field: `{"":0}` some hundred times
//! its eight bytes. So what a text will take is counted before anything is made of it, and of one text
//! after the other together: the sum may not be more than so many times the bytes there were. What the
//! recorded exports take stays far below; the tests see to it.

use std::fmt;
use std::mem::size_of;

use hindcast_model::{
    Asset, Child, Dependency, Execution, Frame, MetricDefinition, Reference, Step, TypedDependency,
    Value,
};
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

/// What a field takes that an object of a known form does not know, in bytes; and, once, what holds
/// such fields.
const EXTRA: u64 = 64;

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
        b'{' => Shape::Tree.object(1, 0),
        b'[' | b',' => PLACE,
        _ => 1,
    };
    text.iter().map(each).sum()
}

/// What is made of a part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The same, of a server before 0.9.
    OldExecution,
    /// What an execution consumed, by id.
    Dependencies,
    /// What has an execution in it: a result that was consumed.
    OfExecution,
    /// What has an asset in it: one that was consumed.
    OfAsset,
    /// How an execution ended.
    Outcome,
    /// The same, of a server before 0.9.
    OldOutcome,
    /// Arguments, a result.
    Value,
    /// What a value refers to.
    Reference,
    /// An exception.
    Failure,
    /// A line of its traceback.
    Frame,
    /// A pointer to an execution.
    ExecutionRef,
    /// A call.
    Child,
    /// How a step is cached.
    CacheConfig,
    /// How often it is tried again.
    Retries,
    /// Assets by their ids.
    Assets,
    /// An asset.
    Asset,
    /// A file of an asset.
    AssetEntry,
    /// Inputs by their ids.
    Inputs,
    /// What is said of an input.
    Input,
    /// Metrics by their names.
    Metrics,
    /// How a metric is drawn.
    Metric,
    /// Names of groups by their numbers.
    Groups,
    /// Log lines, streams.
    Lines,
    /// The values of a log line, by their names.
    LogValues,
    /// A value of a log line.
    LogValue,
    /// How a stream ended.
    StreamEnd,
    /// An object of a known form; fields it does not know are passed over.
    Known,
    /// Anything, kept whole.
    Tree,
    /// Anything, kept as the text it is.
    Text,
}

impl Shape {
    /// What is made of a field of that name; none if the name is not known there.
    #[expect(clippy::match_same_arms, reason = "the names of each form stand together")]
    #[rustfmt::skip] // One name a line would hide what belongs together.
    fn known_field(self, name: &str) -> Option<Self> {
        Some(match (self, name) {
            (Self::Document, "steps") => Self::Steps,
            (Self::Document, "logs") => Self::Lines,
            (Self::Document, "metrics") => Self::Known,
            (Self::Steps, id) if id.starts_with('S') => Self::OldStep,
            (Self::Steps, _) => Self::Step,

            (Self::Step, "arguments") => Self::Value,
            (Self::Step | Self::OldStep, "cacheConfig") => Self::CacheConfig,
            (Self::Step, "retries") => Self::Retries,
            (Self::Step, "executions") => Self::Attempts,
            (Self::Step,
                "stepNumber" | "module" | "target" | "parentId" | "cacheKey" | "memoKey" | "recurrent"
                | "timeout" | "createdAt" | "requires") => Self::Tree,
            (Self::OldStep, "executions") => Self::OldAttempts,
            (Self::CacheConfig, "params" | "maxAge" | "namespace" | "version") => Self::Tree,
            (Self::Retries, "limit" | "backoffMin" | "backoffMax") => Self::Tree,

            (Self::Attempts, _) => Self::Execution,
            (Self::OldAttempts, _) => Self::OldExecution,
            (Self::Execution | Self::OldExecution, "dependencies") => Self::Dependencies,
            (Self::Execution | Self::OldExecution, "groups") => Self::Groups,
            (Self::Execution | Self::OldExecution, "assets") => Self::Assets,
            (Self::Execution, "metrics") => Self::Metrics,
            (Self::Execution, "inputs") => Self::Inputs,
            (Self::Execution, "children") => Self::Child,
            (Self::Execution, "result") => Self::Outcome,
            (Self::Execution,
                "executionId" | "workspaceId" | "createdAt" | "createdBy" | "executeAfter"
                | "assignedAt" | "completedAt") => Self::Tree,
            (Self::OldExecution, "children") => Self::Known,
            (Self::OldExecution, "result") => Self::OldOutcome,
            (Self::Child, "stepId" | "attempt" | "groupId") => Self::Tree,
            (Self::OfExecution, "execution") => Self::ExecutionRef,
            (Self::OfExecution, "type") => Self::Tree,
            (Self::OfAsset, "asset") | (Self::Assets, _) => Self::Asset,
            (Self::OfAsset, "type" | "assetId") => Self::Tree,
            (Self::ExecutionRef, "executionId" | "module" | "target") => Self::Tree,
            (Self::Asset, "entry") => Self::AssetEntry,
            (Self::Asset, "name" | "totalCount" | "totalSize") => Self::Tree,
            (Self::AssetEntry, "path" | "blobKey" | "size" | "metadata") => Self::Tree,
            (Self::Inputs, _) => Self::Input,
            (Self::Input, "type" | "inputId" | "title" | "status") => Self::Tree,
            (Self::Metrics, _) => Self::Metric,
            (Self::Metric,
                "group" | "groupUnits" | "groupLower" | "groupUpper" | "scale" | "units" | "progress"
                | "lower" | "upper") => Self::Tree,

            (Self::Outcome, "value") => Self::Value,
            (Self::Outcome | Self::OldOutcome, "error") | (Self::StreamEnd, "errored") => Self::Failure,
            (Self::Outcome, "execution") => Self::ExecutionRef,
            (Self::Outcome, "result") => Self::Outcome,
            (Self::Outcome, "type" | "createdBy" | "retry" | "retryable" | "successor") => Self::Tree,
            (Self::OldOutcome, "value" | "execution") => Self::Known,
            (Self::OldOutcome, "result") => Self::OldOutcome,
            (Self::Failure, "frames") => Self::Frame,
            (Self::Failure, "type" | "message") => Self::Tree,
            (Self::Frame, "file" | "line" | "name" | "code") => Self::Tree,

            (Self::Value | Self::LogValue | Self::Known, "data") => Self::Text,
            (Self::Value | Self::LogValue, "references") => Self::Reference,
            (Self::Value, "type" | "key" | "size") => Self::Tree,
            // To which kind a name belongs makes no difference, but for an asset: one that stands in
            // another kind is kept whole, so each counts as if it were.
            (Self::Reference,
                "type" | "format" | "blobKey" | "size" | "metadata" | "executionId" | "module"
                | "target" | "assetId" | "asset" | "inputId" | "name" | "totalCount" | "totalSize",
            ) => Self::Tree,

            (Self::Lines, "values") => Self::LogValues,
            (Self::Lines, "items") => Self::Value,
            (Self::Lines, "end") => Self::StreamEnd,
            (Self::LogValues, _) => Self::LogValue,
            (Self::Known, "metadata" | "createdBy") => Self::Tree,
            (Self::Known | Self::Lines | Self::LogValue, _) => Self::Known,
            _ => return None,
        })
    }

    /// What is made of a field of that name. Where it is not known, it is kept whole.
    pub(crate) fn field(self, name: &str) -> Self {
        self.known_field(name).unwrap_or(Self::Tree)
    }

    /// What an object of so many fields takes, in bytes, without what its fields hold; so many of them
    /// have a name that is not known there.
    fn object(self, fields: u64, unknown: u64) -> u64 {
        /// A B-tree's node has eleven places, of which six are used in the worst case.
        fn nodes<T>(fields: u64) -> u64 {
            fields.div_ceil(6) * 11 * size_of::<T>() as u64
        }
        let size = |bytes: usize| bytes as u64;
        let own = match self {
            Self::Document | Self::Steps | Self::Text => 0,
            Self::Step | Self::OldStep => 2 * size(size_of::<Step>()),
            Self::Attempts => fields * 2 * size(size_of::<Execution>()),
            Self::OldAttempts => nodes::<OldExecution>(fields),
            Self::Dependencies => nodes::<(String, Dependency)>(fields),
            Self::Assets => nodes::<(String, Asset)>(fields),
            Self::Metrics | Self::Inputs | Self::Groups => {
                nodes::<(String, MetricDefinition)>(fields)
            }
            Self::LogValues => nodes::<(String, LogValue)>(fields),
            Self::Lines => 2 * size(size_of::<LogForm>()),
            // Beside the tree, what it is made of: a list of names and values.
            Self::Tree => nodes::<[u64; 10]>(fields),
            _ => OBJECT,
        };
        own + if self.keeps_unknown() && unknown > 0 { EXTRA + unknown * EXTRA } else { 0 }
    }

    /// Whether an object keeps the fields that it does not know beside those that it does.
    fn keeps_unknown(self) -> bool {
        matches!(
            self,
            Self::Step
                | Self::Execution
                | Self::OfExecution
                | Self::OfAsset
                | Self::Outcome
                | Self::Value
                | Self::Reference
                | Self::Failure
                | Self::Frame
                | Self::ExecutionRef
                | Self::Child
                | Self::CacheConfig
                | Self::Retries
                | Self::Asset
                | Self::AssetEntry
                | Self::Input
                | Self::Metric
        )
    }

    /// What an item of a list takes, in bytes, without what it holds.
    fn item(self) -> u64 {
        let size = match self {
            Self::Text => 0,
            Self::Value => size_of::<Value>(),
            Self::Child => size_of::<Child>(),
            Self::Frame => size_of::<Frame>(),
            Self::Reference | Self::Known => size_of::<Reference>(),
            _ => return PLACE,
        };
        2 * size as u64
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
        let (mut fields, mut unknown) = (0, 0);
        while let Some((of, name)) = map.next_key_seed(Name(shape))? {
            fields += 1;
            unknown += u64::from(of.is_none());
            *taken += TEXT + name;
            if let Shape::Dependencies = shape {
                let text: &RawValue = map.next_value()?;
                *taken += dependency(text.get());
            } else {
                let shape = of.unwrap_or(Shape::Tree);
                map.next_value_seed(Count { shape, taken: &mut *taken })?;
            }
        }
        *taken += shape.object(fields, unknown);
        Ok(())
    }
}

/// What is made of a dependency: one of a kind we do not know is kept whole.
fn dependency(text: &str) -> u64 {
    let shape = match serde_json::from_str(text) {
        Ok(Dependency::Typed(TypedDependency::Result { .. }) | Dependency::Untyped { .. }) => {
            Shape::OfExecution
        }
        Ok(Dependency::Typed(TypedDependency::Asset { .. })) => Shape::OfAsset,
        Ok(Dependency::Typed(TypedDependency::Input { .. })) => Shape::Input,
        Ok(Dependency::Other(_)) | Err(_) => Shape::Tree,
    };
    room(text.as_bytes(), shape)
}

/// A field's name: what is made of the field, if it is known, and how long the name is.
struct Name(Shape);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = (Option<Shape>, u64);
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = (Option<Shape>, u64);
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }
    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok((self.0.known_field(name), name.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Any;

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

    /// A run with everything in it, by whose form each of its parts is known.
    fn whole() -> Any {
        let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/run/run");
        let mut whole: Any = serde_json::from_slice(&std::fs::read(seed).unwrap()).unwrap();
        let execution =
            serde_json::json!({"executionId": "Rwhl:2:1", "module": null, "target": null});
        whole["steps"]["Rwhl:1"]["executions"]["1"]["dependencies"]["Rwhl:2:1"] =
            serde_json::json!({"type": "result", "execution": execution});
        whole
    }

    /// Visits each object that keeps fields that are unknown to us, until `visit` is content.
    fn each_place(
        shape: Shape,
        at: &mut Any,
        visit: &mut impl FnMut(Shape, &mut Any) -> bool,
    ) -> bool {
        match at {
            Any::Array(items) => items.iter_mut().any(|item| each_place(shape, item, visit)),
            Any::Object(fields) => {
                fields.iter_mut().any(|(name, field)| {
                    let shape = match (shape, field.get("type").and_then(Any::as_str)) {
                        (Shape::Dependencies, Some("input")) => Shape::Input,
                        (Shape::Dependencies, Some("asset")) => Shape::OfAsset,
                        (Shape::Dependencies, _) => Shape::OfExecution,
                        (Shape::Reference, _) if name == "asset" => Shape::Asset,
                        (shape, _) => shape.field(name),
                    };
                    each_place(shape, field, visit)
                }) || shape.keeps_unknown() && visit(shape, at)
            }
            _ => false,
        }
    }

    #[test]
    fn what_is_unknown_anywhere_takes_as_much_as_it_does() {
        let sparse: Any = vec![serde_json::json!({"": 0}); 300].into();
        let tree = room(sparse.to_string().as_bytes(), Shape::Tree);
        let without = room(whole().to_string().as_bytes(), Shape::Document);
        let mut places = Vec::new();
        each_place(Shape::Document, &mut whole(), &mut |shape, at| {
            for name in at.as_object().unwrap().keys() {
                assert!(shape.known_field(name).is_some(), "{name} of {shape:?} is not known");
            }
            places.push(shape);
            false
        });
        for of in places.clone() {
            let mut whole = whole();
            let found = each_place(Shape::Document, &mut whole, &mut |shape, at| {
                if shape == of {
                    at["x-later"] = sparse.clone();
                }
                shape == of
            });
            let more = room(whole.to_string().as_bytes(), Shape::Document) - without;
            assert!(found && more >= tree, "{more} bytes in {of:?}, {tree} in a tree");
        }
        let mut kinds = Vec::new();
        for of in places {
            if !kinds.contains(&of) {
                kinds.push(of);
            }
        }
        assert_eq!(kinds.len(), 17, "{kinds:?}");
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
