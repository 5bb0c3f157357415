//! The databases of servers of 0.2 to 0.8: told by their columns, since each release wrote its first
//! migration anew.

mod execution;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use hindcast_model::record::TargetKind;
use hindcast_model::{
    BlobKey, CacheConfig, EnvironmentName, Extra, FoundWorkspace, Key, Retries, Timestamp,
    WorkspaceId,
};
use rusqlite::Row;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value as Any};

use super::form::{Era, Form, FormKind, OldDeclared, OldId, OldRef, OldRun, OldStep};
use super::log::{OldLine, OldLogs};
use crate::ImportError;
use crate::server::database::{Database, RowError, id};
use crate::server::run::cache_params;

/// One database, and which columns its version has.
pub(super) struct Old<'d> {
    pub(super) database: &'d Database,
    pub(super) era: Era,
    /// The column of executions that says where, and the word it begins with.
    pub(super) place: Option<&'static str>,
}

/// Its row, its tags, its cache settings.
type StepRows = (i64, Option<i64>, Option<i64>);

/// Workspaces by id.
type Workspaces = BTreeMap<WorkspaceId, FoundWorkspace>;

/// Every run of a database, and what its environments are called.
pub(crate) fn runs(database: &Database) -> Result<(Vec<OldRun>, Workspaces), ImportError> {
    let old = Old::of(database)?;
    let recurrent = if old.era < Era::V6 { "recurrent" } else { "NULL" };
    let sql = format!(
        "SELECT id, external_id, created_at, parent_id, {recurrent} FROM runs
         ORDER BY created_at, id"
    );
    let rows = database.all(&sql, [], |row| {
        let run = OldRun {
            source: database.name.clone(),
            form: Form { kind: FormKind::Database, era: old.era },
            id: Some(id(row, 1)?),
            created_at: Timestamp(row.get(2)?),
            recurrent: row.get(4)?,
            parent: None,
            steps: BTreeMap::new(),
            environment: None,
        };
        Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(3)?, run))
    })?;
    let environment = old.environment_in_path();
    let mut runs = Vec::new();
    for (row, parent, mut run) in rows {
        run.parent = parent.map(|parent| old.reference(parent)).transpose()?;
        run.steps = old.steps(row)?;
        run.environment.clone_from(&environment);
        runs.push(run);
    }
    Ok((runs, old.workspaces()?))
}

/// The log lines in a database: of runs (0.5 and later), or of nothing else (before).
pub(crate) fn logs(database: &Database) -> Result<OldLogs, ImportError> {
    let source = database.name.clone();
    if !columns(database, "message_values")?.is_empty() {
        return Old::of(database)?.lines().map(|lines| OldLogs { source, lines });
    }
    if !columns(database, "messages")?.contains("labels") {
        return Ok(OldLogs { source, lines: Vec::new() });
    }
    let sql = "SELECT m.execution_id, m.timestamp, m.level, t.template, m.labels
               FROM messages m LEFT JOIN message_templates t ON t.id = m.template_id
               ORDER BY m.timestamp, m.id";
    let lines = database.all(sql, [], |row| {
        let labels: Option<String> = row.get(4)?;
        let labels = labels.map(|text| serde_json::from_str(&text)).transpose();
        Ok(OldLine {
            execution: OldId::Integer(row.get(0)?),
            at: row.get(1)?,
            level: row.get(2)?,
            template: row.get(3)?,
            labels: labels.map_err(RowError::new)?.unwrap_or_default(),
            values: BTreeMap::new(),
        })
    })?;
    Ok(OldLogs { source, lines })
}

fn columns(database: &Database, table: &str) -> Result<BTreeSet<String>, ImportError> {
    let sql = "SELECT name FROM pragma_table_info(?)";
    Ok(database.all(sql, [table], |row| Ok(row.get(0)?))?.into_iter().collect())
}

impl<'d> Old<'d> {
    fn of(database: &'d Database) -> Result<Self, ImportError> {
        let executions = columns(database, "executions")?;
        let steps = columns(database, "steps")?;
        let values = columns(database, "values_")?;
        let (era, place) = if executions.contains("space_id") {
            (Era::V8, Some("space"))
        } else if executions.contains("workspace_id") {
            (Era::V7, Some("workspace"))
        } else if !executions.contains("environment_id") {
            (Era::V2, None)
        } else if steps.contains("type") {
            (Era::V6, Some("environment"))
        } else if !values.contains("format") {
            (Era::V5, Some("environment"))
        } else if steps.contains("requires_tag_set_id") {
            (Era::V4, Some("environment"))
        } else {
            (Era::V3, Some("environment"))
        };
        Ok(Self { database, era, place })
    }

    /// 0.2 has a database an environment, in a folder of its name: `projects/PROJECT/ENVIRONMENT/`.
    fn environment_in_path(&self) -> Option<String> {
        let path = std::path::Path::new(&self.database.name);
        let mut above = path.ancestors().skip(1).map(|folder| folder.file_name());
        let (environment, _, projects) = (above.next()??, above.next()?, above.next()??);
        let told = self.era == Era::V2 && projects == "projects";
        told.then(|| environment.to_str().map(str::to_owned)).flatten()
    }

    fn workspaces(&self) -> Result<Workspaces, ImportError> {
        let Some(place) = self.place else { return Ok(Workspaces::new()) };
        let sql = if self.era == Era::V3 {
            "SELECT v.environment_id, v.name, v.base_id FROM environment_versions v
             WHERE v.version = (
                 SELECT max(version) FROM environment_versions
                 WHERE environment_id = v.environment_id)"
                .to_owned()
        } else {
            format!(
                "SELECT p.id, n.name, b.base_id FROM {place}s p
                 JOIN {place}_names n ON n.rowid = (
                     SELECT rowid FROM {place}_names WHERE {place}_id = p.id
                     ORDER BY created_at DESC, rowid DESC LIMIT 1)
                 LEFT JOIN {place}_bases b ON b.rowid = (
                     SELECT rowid FROM {place}_bases WHERE {place}_id = p.id
                     ORDER BY created_at DESC, rowid DESC LIMIT 1)"
            )
        };
        let workspaces = self.database.all(&sql, [], |row| {
            let id_of = |integer: u64| integer.to_string().parse().map_err(RowError::new);
            let base = row.get::<_, Option<u64>>(2)?.map(id_of).transpose()?;
            let name: EnvironmentName = id(row, 1)?;
            Ok((id_of(row.get(0)?)?, FoundWorkspace { name, base }))
        })?;
        Ok(workspaces.into_iter().collect())
    }

    fn module(&self) -> &'static str {
        if self.era < Era::V7 { "repository" } else { "module" }
    }

    /// A pointer to an execution, by its row, which is its integer id.
    fn reference(&self, execution: i64) -> Result<OldRef, ImportError> {
        let sql = format!(
            "SELECT r.external_id, s.external_id, e.attempt, s.{}, s.target
             FROM executions e JOIN steps s ON s.id = e.step_id JOIN runs r ON r.id = s.run_id
             WHERE e.id = ?",
            self.module()
        );
        self.database.one(&sql, execution, |row| {
            Ok(OldRef {
                run_id: id(row, 0)?,
                step_id: row.get(1)?,
                attempt: row.get(2)?,
                module: row.get(3)?,
                target: row.get(4)?,
            })
        })
    }

    fn steps(&self, run: i64) -> Result<BTreeMap<String, OldStep>, ImportError> {
        let from = |era: Era, column: &'static str| if self.era >= era { column } else { "NULL" };
        let sql = format!(
            "SELECT id, external_id, parent_id, {module}, target, created_at, cache_key, defer_key,
                    memo_key, wait_for, {limit}, retry_delay_min, retry_delay_max,
                    {requires}, {cache}, {kind}
             FROM steps WHERE run_id = ? ORDER BY id",
            module = self.module(),
            limit = if self.era < Era::V4 { "retry_count" } else { "retry_limit" },
            requires = from(Era::V4, "requires_tag_set_id"),
            cache = from(Era::V6, "cache_config_id"),
            kind = from(Era::V6, "type"),
        );
        let rows = self.database.all(&sql, [run], |row| {
            let rest: StepRows = (row.get(0)?, row.get(13)?, row.get(14)?);
            Ok((row.get::<_, String>(1)?, step(row)?, rest))
        })?;
        let mut steps = BTreeMap::new();
        for (step_id, mut step, (row, requires, cache)) in rows {
            step.arguments = self.arguments("step_arguments", "step_id", row)?;
            step.executions = self.executions(row)?;
            if self.era >= Era::V4 {
                step.requires = Some(self.database.tags(requires)?);
            }
            step.cache_config = cache.map(|row| self.cache_config(row)).transpose()?;
            if steps.insert(step_id.clone(), step).is_some() {
                let reason = format!("{step_id} is there twice");
                return Err(ImportError::at(&self.database.name, "steps", reason));
            }
        }
        Ok(steps)
    }

    fn cache_config(&self, row: i64) -> Result<CacheConfig, ImportError> {
        let sql = "SELECT params, max_age, namespace, version FROM cache_configs WHERE id = ?";
        self.database.one(sql, row, |row| {
            Ok(CacheConfig {
                params: cache_params(&row.get::<_, String>(0)?)?,
                max_age: row.get(1)?,
                namespace: row.get(2)?,
                version: row.get(3)?,
                extra: Extra::NONE,
            })
        })
    }

    fn lines(&self) -> Result<Vec<OldLine>, ImportError> {
        let sql = "SELECT m.id, m.execution_id, m.timestamp, m.level, t.template
                   FROM messages m LEFT JOIN message_templates t ON t.id = m.template_id
                   ORDER BY m.timestamp, m.id";
        let rows = self.database.all(sql, [], |row| {
            let line = OldLine {
                execution: OldId::Integer(row.get(1)?),
                at: row.get(2)?,
                level: row.get(3)?,
                template: row.get(4)?,
                labels: BTreeMap::new(),
                values: BTreeMap::new(),
            };
            Ok((row.get::<_, i64>(0)?, line))
        })?;
        let mut lines = Vec::new();
        for (row, mut line) in rows {
            let sql = "SELECT l.label, v.value_id
                       FROM message_values v JOIN message_labels l ON l.id = v.label_id
                       WHERE v.message_id = ?";
            let values: Vec<(String, i64)> =
                self.database.all(sql, [row], |row| Ok((row.get(0)?, row.get(1)?)))?;
            for (label, value) in values {
                line.values.insert(label, self.value(value)?);
            }
            lines.push(line);
        }
        Ok(lines)
    }
}

fn step(row: &Row<'_>) -> Result<OldStep, RowError> {
    // 0 is none. The waits are in seconds.
    let seconds = |column| -> Result<u64, RowError> {
        Ok(row.get::<_, Option<u64>>(column)?.unwrap_or(0).saturating_mul(1000))
    };
    let retries = match row.get::<_, i64>(10)? {
        0 => None,
        limit => Some(Retries {
            limit: u32::try_from(limit).ok(),
            backoff_min: Some(seconds(11)?),
            backoff_max: Some(seconds(12)?),
            extra: Extra::NONE,
        }),
    };
    let parent: Option<u64> = row.get(2)?;
    let kind = match (row.get::<_, Option<i64>>(15)?, parent) {
        (None | Some(0), Some(_)) | (Some(0), None) => TargetKind::Task,
        _ => TargetKind::Workflow,
    };
    let memo_key = key(row, 8)?;
    Ok(OldStep {
        module: row.get(3)?,
        target: row.get(4)?,
        parent_id: parent.map(OldId::Integer),
        is_memoised: Some(memo_key.is_some()),
        cache_config: None,
        cache_key: key(row, 6)?,
        memo_key,
        created_at: Timestamp(row.get(5)?),
        arguments: Vec::new(),
        requires: None,
        executions: BTreeMap::new(),
        retries,
        declared: Some(OldDeclared {
            kind,
            defer_key: key(row, 7)?,
            // A bit mask; the sign bit is argument 63.
            wait_for: row.get::<_, Option<i64>>(9)?.unwrap_or(0).cast_unsigned(),
        }),
    })
}

/// A key: as 32 bytes, or as their hex digits, whichever type the column has.
fn key(row: &Row<'_>, column: usize) -> Result<Option<Key>, RowError> {
    let bytes = match row.get_ref(column)? {
        ValueRef::Null => return Ok(None),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
        ValueRef::Integer(_) | ValueRef::Real(_) => {
            return Err(RowError::new("a key that is a number"));
        }
    };
    if let Ok(bytes) = <[u8; 32]>::try_from(bytes) {
        return Ok(Some(Key::whole(&bytes)));
    }
    let text = std::str::from_utf8(bytes).map_err(RowError::new)?;
    let whole: BlobKey = text.parse().map_err(|_| RowError::new(format!("{text:?} is no key")))?;
    Ok(Some(Key::whole(&whole.0)))
}

/// Metadata tables hold a row a field.
pub(super) fn metadata(
    database: &Database,
    sql: &str,
    row: i64,
) -> Result<Map<String, Any>, ImportError> {
    let fields = database
        .all(sql, [row], |row| Ok((row.get(0)?, crate::server::database::json(row, 1)?)))?;
    Ok(fields.into_iter().collect())
}
