//! Log lines of old servers: `[execution, timestamp, level, template, labels]`.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use hindcast_model::legacy::OldContent;
use hindcast_model::record::{LogEntry, LogLevel};
use hindcast_model::{ExecutionId, Finding, Json, RunId, Timestamp, Value, legacy};
use serde::Deserialize;

use super::form::{OldId, OldRef, OldRun, OldValue};
use super::numbers::Numbers;
use super::value::Ids;
use crate::{ImportError, Reader};

/// The lines of one source.
#[derive(Debug)]
pub(crate) struct OldLogs {
    pub(crate) source: String,
    pub(crate) lines: Vec<OldLine>,
}

/// One line.
#[derive(Debug)]
pub(crate) struct OldLine {
    pub(crate) execution: OldId,
    pub(crate) at: i64,
    pub(crate) level: i64,
    pub(crate) template: Option<String>,
    /// Until 0.4: plain JSON.
    pub(crate) labels: BTreeMap<String, Json>,
    /// From 0.5.
    pub(crate) values: BTreeMap<String, OldValue>,
}

/// A line in the logs topic.
#[derive(Deserialize)]
struct Row(OldId, i64, i64, Option<String>, BTreeMap<String, Json>);

impl OldLogs {
    /// Reads the logs topic of an old server.
    pub(crate) fn read(bytes: &[u8], name: &str) -> Result<Self, ImportError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let rows: Vec<Row> = serde_json::from_slice(bytes).map_err(|error| {
            if error.is_data() {
                // Some other list.
                let reason = "neither a JSON object nor an archive".to_owned();
                ImportError::NotAnExport { source_name: name.to_owned(), reason }
            } else {
                ImportError::json(name, &error)
            }
        })?;
        let lines = rows.into_iter().map(|Row(execution, at, level, template, fields)| {
            let mut line = OldLine {
                execution,
                at,
                level,
                template,
                labels: BTreeMap::new(),
                values: BTreeMap::new(),
            };
            for (label, json) in fields {
                match serde_json::from_str::<OldValue>(json.text()) {
                    Ok(value) if value.references.is_some() => {
                        line.values.insert(label, value);
                    }
                    _ => drop(line.labels.insert(label, json)),
                }
            }
            line
        });
        Ok(Self { source: name.to_owned(), lines: lines.collect() })
    }
}

/// Takes in the lines of executions that are known.
pub(super) fn finish(
    reader: &mut Reader<'_, '_>,
    logs: Vec<(OldLogs, Option<PathBuf>)>,
    runs: &[OldRun],
    projects: &[Option<PathBuf>],
    ids: &[RunId],
    numbers: &Numbers,
) -> Result<(), ImportError> {
    for (OldLogs { source, lines }, project) in logs {
        let near = |of: &Option<PathBuf>| of.is_none() || project.is_none() || *of == project;
        let mut known: HashMap<u64, Option<ExecutionId>> = HashMap::new();
        for ((run, id), of) in runs.iter().zip(ids).zip(projects) {
            if near(of) {
                executions(run, id, numbers, &mut known);
            }
        }
        let mut entries = Vec::new();
        let mut unknown = 0;
        for line in lines {
            let integer = line.execution.integer();
            let Some(Some(execution)) = integer.and_then(|integer| known.get(&integer)) else {
                unknown += 1;
                continue;
            };
            let entry = entry(line, execution.clone(), numbers)
                .map_err(|reason| ImportError::at(&source, execution, reason))?;
            entries.push(entry);
        }
        if unknown > 0 {
            let place = "the log".to_owned();
            let message = format!("{unknown} lines of executions that are not here; left out");
            reader.found.findings.push(Finding { source, place, message });
        }
        reader.found.logs.push(entries);
    }
    Ok(())
}

/// The executions of a run by their integers; none of an integer that two projects use.
fn executions(
    run: &OldRun,
    id: &RunId,
    numbers: &Numbers,
    known: &mut HashMap<u64, Option<ExecutionId>>,
) {
    for (step_id, step) in &run.steps {
        for (attempt, execution) in &step.executions {
            let Some(integer) = execution.execution_id.integer() else { continue };
            let execution = numbers.execution(&OldRef {
                run_id: id.clone(),
                step_id: step_id.clone(),
                attempt: *attempt,
                module: None,
                target: None,
            });
            let same = known.entry(integer).or_insert_with(|| Some(execution.clone()));
            if same.as_ref() != Some(&execution) {
                *same = None;
            }
        }
    }
}

fn entry(line: OldLine, execution: ExecutionId, numbers: &Numbers) -> Result<LogEntry, String> {
    let ids = Ids { numbers, spawned: BTreeMap::new() };
    let level = LogLevel::from_number(line.level);
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    for (label, json) in line.labels {
        let content = OldContent::Raw(json.text().to_owned());
        let value =
            legacy::OldValue { content, format: "json".into(), placeholders: BTreeMap::new() };
        values.insert(label, value.translate().map_err(|error| error.to_string())?.value);
    }
    for (label, value) in line.values {
        values.insert(label, ids.value(&value)?.value);
    }
    Ok(LogEntry {
        execution,
        at: Timestamp(line.at),
        level: level.ok_or_else(|| format!("{} is no log level", line.level))?,
        template: line.template,
        values,
    })
}
