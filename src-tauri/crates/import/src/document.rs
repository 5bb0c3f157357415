//! A JSON document: told by its fields what it is, in the one pass that also reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use hindcast_model::record::{LogEntry, MetricPoint};
use hindcast_model::{EnvironmentName, FoundWorkspace, Run, WorkspaceId};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value as Any};

use crate::ImportError;
use crate::log::{LogForm, PointForm};
use crate::run_document::Steps;

/// A document of one of the forms we know.
#[derive(Debug)]
pub(crate) enum Document {
    /// A run, as `coflux runs inspect` or the server's run topic gives it.
    Run(Box<Run>),
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
    /// Reads a document.
    pub(crate) fn read(bytes: &[u8], name: &str) -> Result<Self, ImportError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let fields: Fields =
            serde_json::from_slice(bytes).map_err(|error| ImportError::json(name, &error))?;
        fields.told().map_err(|reason| ImportError::at(name, "the document", reason))
    }
}

/// The fields of a document.
#[derive(Default)]
struct Fields {
    steps: Option<Steps>,
    logs: Option<Vec<LogForm>>,
    points: Option<Vec<PointForm>>,
    workspaces: BTreeMap<WorkspaceId, WorkspaceForm>,
    others: Map<String, Any>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WorkspaceForm {
    name: EnvironmentName,
    base_id: Option<WorkspaceId>,
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                let mut seen = BTreeSet::new();
                while let Some(name) = map.next_key::<String>()? {
                    if !seen.insert(name.clone()) {
                        return Err(A::Error::custom(format!("field {name:?} is there twice")));
                    }
                    fields.take(name, &mut map)?;
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

impl Fields {
    fn take<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        match (name.as_str(), name.parse::<WorkspaceId>()) {
            ("steps", _) => self.steps = Some(map.next_value()?),
            ("logs", _) => self.logs = Some(map.next_value()?),
            ("metrics", _) => self.points = Some(map.next_value()?),
            (text, Ok(workspace)) if text.starts_with('W') => {
                self.workspaces.insert(workspace, map.next_value()?);
            }
            _ => drop(self.others.insert(name, map.next_value()?)),
        }
        Ok(())
    }

    /// What the document is.
    fn told(self) -> Result<Document, String> {
        if let Some(steps) = self.steps {
            return Ok(Document::Run(Box::new(run(steps, self.others)?)));
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
    Ok(Run { id, created_at, created_by, requires, parent, steps: steps.steps, extra: others })
}
