//! A JSON document: told by its fields what it is, in the one pass that also reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use hindcast_model::record::{LogEntry, MetricPoint};
use hindcast_model::{EnvironmentName, FoundWorkspace, Run, WorkspaceId};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value as Any};

use crate::legacy::{self, OldRun};
use crate::log::{LogForm, PointForm};
use crate::room::{Room, Shape};
use crate::run_document::{Steps, StepsReader, next_objects, next_value};
use crate::{ImportError, Reader, source};

/// A document of one of the forms we know.
#[derive(Debug)]
pub(crate) enum Document {
    /// A run, as `coflux runs inspect` or the server's run topic gives it.
    Run(Box<Run>),
    /// A run of a server of 0.2 to 0.8.
    OldRun(Box<OldRun>),
    /// Names and bases of workspaces, as the server's workspaces topic gives them.
    Workspaces(BTreeMap<WorkspaceId, FoundWorkspace>),
    /// Log lines, as `coflux logs` or the server gives them.
    Logs(Vec<LogEntry>),
    /// Metric points, as the server gives them.
    Points(Vec<MetricPoint>),
    /// None of these, because.
    Other(String),
}

impl Document {
    /// Reads a document, counting the room it takes.
    pub(crate) fn read(bytes: &[u8], name: &str, room: &mut Room) -> Result<Self, ImportError> {
        Self::known(bytes, name, room, Kind::Any)
    }

    /// Reads what is known to be names and bases of workspaces, whatever their ids look like.
    pub(crate) fn read_workspaces(
        bytes: &[u8],
        name: &str,
        room: &mut Room,
    ) -> Result<Self, ImportError> {
        Self::known(bytes, name, room, Kind::Workspaces)
    }

    fn known(bytes: &[u8], name: &str, room: &mut Room, kind: Kind) -> Result<Self, ImportError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let whole = |reason| ImportError::at(name, "the document", reason);
        room.take(bytes, Shape::Document).map_err(whole)?;
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let fields = FieldsReader { kind, streamed_into: None }.deserialize(&mut json);
        let fields = fields.and_then(|fields| fields.ended(json.end()));
        fields.map_err(|error| ImportError::json(name, &error))?.told().map_err(whole)
    }

    /// Reads the document in a file, step by step: large ones are never in memory as a whole.
    pub(crate) fn read_file(
        reader: &mut Reader<'_, '_>,
        path: &Path,
        name: &str,
    ) -> Result<Self, ImportError> {
        reader.next(name, 0)?;
        let limit = reader.limits.document;
        let after = reader.progress.done + crate::size(path);
        let before = reader.room.clone();
        let mut stopped = false;
        let Reader { room, progress, on_progress, .. } = reader;
        let bytes = Watched {
            from: source::bounded(path, limit)?,
            go_on: |read| {
                progress.done += read;
                stopped = !on_progress(progress);
                !stopped
            },
        };
        let streamed = stream(bytes, room);
        reader.progress.done = after;
        if let Ok(fields) = streamed {
            return fields.told().map_err(|reason| ImportError::at(name, "the document", reason));
        }
        if stopped {
            return Err(ImportError::Cancelled);
        }
        // What is wrong is told with its place, which is known only in the whole.
        reader.room = before;
        Self::read(&source::whole(path, limit)?, name, &mut reader.room)
    }
}

/// Bytes that are counted as they are read, until nobody wants more.
struct Watched<R, F> {
    from: R,
    go_on: F,
}

impl<R: Read, F: FnMut(u64) -> bool> Read for Watched<R, F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        if (self.go_on)(read as u64) { Ok(read) } else { Err(io::Error::other("cancelled")) }
    }
}

type Streaming = Result<Fields, serde_json::Error>;

fn stream(bytes: impl Read, room: &mut Room) -> Streaming {
    let mut file = BufReader::with_capacity(1 << 18, bytes);
    let start = file.fill_buf().map_err(Error::custom)?;
    let mark = if start.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    file.consume(mark);
    let mut json = serde_json::Deserializer::from_reader(file);
    let fields = FieldsReader { kind: Kind::Any, streamed_into: Some(room) }.deserialize(&mut json);
    fields.and_then(|fields| fields.ended(json.end()))
}

/// The fields of a document.
#[derive(Default)]
struct Fields {
    steps: Option<Steps>,
    /// Whether it has steps that are none: other documents have, too.
    has_other_steps: bool,
    logs: Option<Vec<LogForm>>,
    points: Option<Vec<PointForm>>,
    workspaces: BTreeMap<WorkspaceId, WorkspaceForm>,
    others: Map<String, Any>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a workspace")]
struct WorkspaceForm {
    name: EnvironmentName,
    #[serde(default, deserialize_with = "base_id")]
    base_id: Option<WorkspaceId>,
}

/// Servers before 0.9 number what is now a workspace, and give a base's number as it is.
fn base_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<WorkspaceId>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "the id of a workspace, or null")]
    enum Given {
        Number(u64),
        Id(WorkspaceId),
    }
    Ok(match Option::<Given>::deserialize(deserializer)? {
        None => None,
        Some(Given::Id(id)) => Some(id),
        Some(Given::Number(number)) => Some(number.to_string().parse().map_err(D::Error::custom)?),
    })
}

fn is_integer(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a document is known to be before it is read.
#[derive(Clone, Copy)]
enum Kind {
    Any,
    Workspaces,
}

/// Reads the fields of a document; where they come from a stream, into that room.
struct FieldsReader<'r> {
    kind: Kind,
    streamed_into: Option<&'r mut Room>,
}

impl<'de> DeserializeSeed<'de> for FieldsReader<'_> {
    type Value = Fields;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fields, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FieldsReader<'_> {
    type Value = Fields;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::default();
        let mut seen = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !seen.insert(name.clone()) {
                return Err(A::Error::custom(format!("field {name:?} is there twice")));
            }
            match self.kind {
                Kind::Any => fields.take(name, &mut map, self.streamed_into.as_deref_mut())?,
                Kind::Workspaces => {
                    let id = name.parse().map_err(A::Error::custom)?;
                    fields.workspaces.insert(id, map.next_value()?);
                }
            }
        }
        Ok(fields)
    }
}

impl Fields {
    /// What was read, if nothing follows; or if it is none of ours anyway, such as the first of many lines.
    fn ended(self, end: Result<(), serde_json::Error>) -> Result<Self, serde_json::Error> {
        let Self { steps, logs, points, workspaces, .. } = &self;
        let is_ours =
            steps.is_some() || logs.is_some() || points.is_some() || !workspaces.is_empty();
        if is_ours { end.map(|()| self) } else { Ok(self) }
    }

    fn take<'de, A: MapAccess<'de>>(
        &mut self,
        name: String,
        map: &mut A,
        room: Option<&mut Room>,
    ) -> Result<(), A::Error> {
        let shape = Shape::Document.field(&name);
        match (name.as_str(), name.parse::<WorkspaceId>()) {
            ("steps", _) => {
                self.steps = map.next_value_seed(StepsReader { streamed_into: room })?;
                self.has_other_steps = self.steps.is_none();
            }
            ("logs", _) => self.logs = next_objects(map, room, shape)?,
            ("metrics", _) => self.points = next_objects(map, room, shape)?,
            (text, Ok(workspace)) if text.starts_with('W') => {
                let given: Any = next_value(map, room, shape)?;
                // Words of other documents begin so, too.
                if given.get("name").is_some_and(Any::is_string) {
                    let form = WorkspaceForm::deserialize(&given).map_err(A::Error::custom)?;
                    self.workspaces.insert(workspace, form);
                } else {
                    self.others.insert(name, given);
                }
            }
            // Environments of a server before 0.9, or anything else that is numbered.
            (text, Ok(workspace)) if is_integer(text) => {
                let given: Any = next_value(map, room, shape)?;
                match WorkspaceForm::deserialize(&given) {
                    Ok(form) => drop(self.workspaces.insert(workspace, form)),
                    Err(_) => drop(self.others.insert(name, given)),
                }
            }
            _ => drop(self.others.insert(name, next_value(map, room, shape)?)),
        }
        Ok(())
    }

    /// What the document is.
    fn told(self) -> Result<Document, String> {
        if let Some(given) = self.steps {
            if !given.old.is_empty() {
                return legacy::topic_run(given.old, self.others)
                    .map(Box::new)
                    .map(Document::OldRun);
            }
            return Ok(Document::Run(Box::new(run(given, self.others)?)));
        }
        if let Some(lines) = self.logs {
            let lines = lines.into_iter().map(TryInto::try_into);
            return Ok(Document::Logs(lines.collect::<Result<_, _>>()?));
        }
        if let Some(points) = self.points {
            return Ok(Document::Points(points.into_iter().map(Into::into).collect()));
        }
        if !self.workspaces.is_empty() && self.others.is_empty() {
            let named =
                |form: WorkspaceForm| FoundWorkspace { name: form.name, base: form.base_id };
            let workspaces = self.workspaces.into_iter();
            return Ok(Document::Workspaces(
                workspaces.map(|(id, form)| (id, named(form))).collect(),
            ));
        }
        if self.others.contains_key("template") && self.others.contains_key("response") {
            return Ok(Document::Other("an input; it does not say of which run".into()));
        }
        if self.has_other_steps {
            return Ok(Document::Other("a JSON object whose steps are no map of steps".into()));
        }
        Ok(Document::Other("a JSON object without steps, logs, metrics or workspaces".into()))
    }
}

fn run(steps: Steps, mut others: Map<String, Any>) -> Result<Run, String> {
    let id = steps.run.ok_or("a run without steps (it has no id then)")?;
    let mut field = |name: &str| others.remove(name);
    let read = |name: &str, error: serde_json::Error| format!("{name}: {error}");
    let created_at = field("createdAt").ok_or("createdAt is missing")?;
    let created_at = serde_json::from_value(created_at).map_err(|e| read("createdAt", e))?;
    let parent = field("parent").unwrap_or_default();
    let parent = serde_json::from_value(parent).map_err(|e| read("parent", e))?;
    let created_by = field("createdBy").unwrap_or_default();
    let requires = field("requires");
    Ok(Run { id, created_at, created_by, requires, parent, steps: steps.today, extra: others })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_gives_what_the_whole_gives() {
        let fixtures = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures"));
        for name in ["shop/R6Lf.json", "hostile/json/bom.json", "hostile/json/deep-data.json"] {
            let path = fixtures.join(name);
            let mut room = Room::default();
            let file = std::fs::File::open(&path).unwrap();
            let streamed = stream(file, &mut room).unwrap().told();
            let whole = Document::read(&std::fs::read(&path).unwrap(), name, &mut room).unwrap();
            let (Ok(Document::Run(streamed)), Document::Run(whole)) = (streamed, whole) else {
                panic!("{name} is no run");
            };
            assert!(streamed == whole, "{name} came otherwise");
        }
    }
}
