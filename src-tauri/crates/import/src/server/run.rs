//! Runs, steps and inputs in a server's database.

use std::collections::BTreeMap;

use hindcast_model::record::{Declared, Input, InputResponse, TargetKind};
use hindcast_model::{
    BlobKey, CacheConfig, Extra, FoundRun, InputId, Json, Key, Params, Retries, Run, RunId, Step,
    StepId, Target, Timestamp, find_params,
};
use rusqlite::Row;
use serde_json::Map;

use crate::ImportError;
use crate::server::database::{Database, RowError, id, json, number};
use crate::server::execution::Entries;

/// A row of `steps`, with rows of others that it points to.
struct StepRow {
    row: i64,
    cache_config: Option<i64>,
    requires: Option<i64>,
    wait_for: u64,
    delay: u64,
    kind: TargetKind,
    defer_key: Option<Key>,
    step: Step,
}

/// When, by whom, the parent, the tags, the run-level memo.
type RunColumns = (i64, Option<i64>, Option<i64>, Option<i64>, Option<bool>);

impl Database {
    /// A run with all its executions, by its row.
    pub(crate) fn run(&self, row: i64, id: RunId) -> Result<FoundRun, ImportError> {
        let columns = if self.version >= 2 { "requires_tag_set_id, memo" } else { "NULL, NULL" };
        let sql = format!(
            "SELECT created_at, created_by, parent_ref_id, {columns} FROM runs WHERE id = ?"
        );
        let (created_at, created_by, parent, requires, memo): RunColumns =
            self.one(&sql, row, |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })?;
        let run = Run {
            created_at: Timestamp(created_at),
            created_by: self.principal(created_by)?,
            requires: (self.version >= 2).then(|| self.tags(requires)).transpose()?,
            parent: parent.map(|parent| self.execution_ref(parent)).transpose()?,
            steps: BTreeMap::new(),
            extra: Map::new(),
            id,
        };
        let mut found = FoundRun::plain(self.name.clone(), run);
        found.memo = (self.version >= 2).then(|| memo.unwrap_or(false));
        for step in self.steps(row, &found.run.id)? {
            self.add_step(&mut found, step)?;
        }
        found.inputs = self.inputs(row, &found.run.id)?;
        Ok(found)
    }

    fn steps(&self, run: i64, id: &RunId) -> Result<Vec<StepRow>, ImportError> {
        let timeout = if self.version >= 2 { "s.timeout" } else { "NULL" };
        let sql = format!(
            "SELECT s.id, s.number, s.module, s.target, s.type, s.wait_for, s.cache_config_id,
                    s.cache_key, s.defer_key, s.memo_key, s.retry_limit, s.retry_backoff_min,
                    s.retry_backoff_max, s.recurrent, s.delay, s.requires_tag_set_id, s.created_at,
                    {timeout}, ps.number, pe.attempt
             FROM steps s LEFT JOIN executions pe ON pe.id = s.parent_id
             LEFT JOIN steps ps ON ps.id = pe.step_id
             WHERE s.run_id = ? ORDER BY s.number"
        );
        self.all(&sql, [run], |row| step(row, id))
    }

    fn add_step(&self, found: &mut FoundRun, row: StepRow) -> Result<(), ImportError> {
        let StepRow { mut step, .. } = row;
        let id = StepId::new(found.run.id.clone(), step.step_number);
        step.arguments = self.arguments(row.row)?;
        step.cache_config = row.cache_config.map(|row| self.cache_config(row)).transpose()?;
        step.requires = (self.version >= 2).then(|| self.tags(row.requires)).transpose()?;
        let mut entries = Entries::new();
        for execution in self.executions(&id, row.row, &mut entries)? {
            let id = execution.execution_id.clone();
            if step.executions.insert(id.attempt, execution).is_some() {
                return Err(ImportError::at(
                    &self.name,
                    "executions",
                    format!("{id} is there twice"),
                ));
            }
        }
        found.assets.extend(entries);
        let target = Target::new(&step.module, &step.target);
        let params = |key: &Key| find_params(key, &target, &step.arguments);
        let declared = Declared {
            kind: row.kind,
            // The database keeps the key only. Where its parameters cannot be found, a key means
            // all of them: the rule for most.
            memo: step.memo_key.as_ref().map(|key| params(key).unwrap_or(Params::All)),
            defer: row.defer_key.as_ref().map(|key| params(key).unwrap_or(Params::All)),
            defer_key: row.defer_key,
            wait_for: (0..64).filter(|index| row.wait_for & (1 << index) != 0).collect(),
            delay: row.delay,
            streams: None,
        };
        found.declared.insert(step.step_number, declared);
        if found.run.steps.insert(step.step_number, step).is_some() {
            return Err(ImportError::at(&self.name, "steps", format!("{id} is there twice")));
        }
        Ok(())
    }

    fn arguments(&self, step: i64) -> Result<Vec<hindcast_model::Value>, ImportError> {
        let sql = "SELECT value_id FROM step_arguments WHERE step_id = ? ORDER BY position";
        let rows: Vec<i64> = self.all(sql, [step], |row| Ok(row.get(0)?))?;
        rows.into_iter().map(|row| self.value(row)).collect()
    }

    fn cache_config(&self, row: i64) -> Result<CacheConfig, ImportError> {
        let sql = "SELECT params, max_age, namespace, version FROM cache_configs WHERE id = ?";
        self.one(sql, row, |row| {
            Ok(CacheConfig {
                params: cache_params(&row.get::<_, String>(0)?)?,
                max_age: row.get(1)?,
                namespace: row.get(2)?,
                version: row.get(3)?,
                extra: Extra::NONE,
            })
        })
    }

    fn inputs(&self, run: i64, id: &RunId) -> Result<Vec<Input>, ImportError> {
        if self.version < 3 {
            return Ok(Vec::new());
        }
        let sql = "SELECT i.number, w.external_id, i.key, p.template, s.schema, i.title, i.actions,
                          i.initial, i.created_at, ir.type, ir.value, ir.created_at,
                          i.requires_tag_set_id, i.prompt_id
                   FROM inputs i JOIN workspaces w ON w.id = i.workspace_id
                   JOIN input_prompts p ON p.id = i.prompt_id
                   LEFT JOIN input_schemas s ON s.id = i.schema_id
                   LEFT JOIN input_responses ir ON ir.input_id = i.id
                   WHERE i.run_id = ? ORDER BY i.number";
        let rows = self.all(sql, [run], |row| {
            Ok((input(row, id)?, row.get::<_, Option<i64>>(12)?, row.get::<_, i64>(13)?))
        })?;
        let mut inputs = Vec::new();
        for (mut input, requires, prompt) in rows {
            input.requires = self.tags(requires)?;
            let sql = "SELECT placeholder, value_id FROM input_prompt_placeholders
                       WHERE prompt_id = ?";
            let rows: Vec<(String, i64)> =
                self.all(sql, [prompt], |row| Ok((row.get(0)?, row.get(1)?)))?;
            for (name, row) in rows {
                input.placeholders.insert(name, self.value(row)?);
            }
            inputs.push(input);
        }
        Ok(inputs)
    }
}

/// Parameters as a text: `*` for all, or their positions.
pub(crate) fn cache_params(text: &str) -> Result<Params, RowError> {
    Ok(match text {
        "*" => Params::All,
        "" => Params::Only(Vec::new()),
        list => Params::Only(
            list.split(',')
                .map(|index| index.trim().parse().map_err(RowError::new))
                .collect::<Result<_, _>>()?,
        ),
    })
}

fn step(row: &Row<'_>, run: &RunId) -> Result<StepRow, RowError> {
    let parent = match row.get::<_, Option<i64>>(18)? {
        Some(_) => Some(StepId::new(run.clone(), number(row, 18)?).attempt(number(row, 19)?)),
        None => None,
    };
    // -1 is without limit, 0 is none.
    let retries = match row.get::<_, i64>(10)? {
        0 => None,
        limit => Some(Retries {
            limit: u32::try_from(limit).ok(),
            backoff_min: row.get(11)?,
            backoff_max: row.get(12)?,
            extra: Extra::NONE,
        }),
    };
    let step = Step {
        step_number: number(row, 1)?,
        module: row.get(2)?,
        target: row.get(3)?,
        parent_id: parent,
        cache_config: None,
        cache_key: key(row, 7)?,
        memo_key: key(row, 9)?,
        retries,
        recurrent: Some(row.get(13)?),
        timeout: row.get(17)?,
        created_at: Timestamp(row.get(16)?),
        arguments: Vec::new(),
        requires: None,
        executions: hindcast_model::Attempts::new(),
        extra: Extra::NONE,
    };
    let kind = if row.get::<_, i64>(4)? == 1 { TargetKind::Workflow } else { TargetKind::Task };
    Ok(StepRow {
        row: row.get(0)?,
        cache_config: row.get(6)?,
        requires: row.get(15)?,
        // A bit mask; the sign bit is argument 63.
        wait_for: row.get::<_, i64>(5)?.cast_unsigned(),
        delay: row.get(14)?,
        kind,
        defer_key: key(row, 8)?,
        step,
    })
}

/// A key of 32 bytes, or none.
fn key(row: &Row<'_>, column: usize) -> Result<Option<Key>, RowError> {
    let Some(bytes) = row.get::<_, Option<Vec<u8>>>(column)? else { return Ok(None) };
    let length = bytes.len();
    let bytes: [u8; 32] =
        bytes.try_into().map_err(|_| RowError::new(format!("a key of {length} bytes")))?;
    Ok(Some(Key::whole(&BlobKey(bytes).0)))
}

fn input(row: &Row<'_>, run: &RunId) -> Result<Input, RowError> {
    let text = |column| row.get::<_, Option<String>>(column);
    let kept = |text: Option<String>| text.map(Json::parse).transpose().map_err(RowError::new);
    let at = || Ok::<_, RowError>(Timestamp(row.get(11)?));
    let response = match row.get::<_, Option<i64>>(9)? {
        None => None,
        Some(1) => Some(InputResponse::Value {
            value: kept(text(10)?)?.unwrap_or_else(Json::null),
            at: at()?,
        }),
        Some(2) => Some(InputResponse::Dismissed { at: at()? }),
        Some(3) => Some(InputResponse::Cancelled { at: at()? }),
        Some(kind) => return Err(RowError::new(format!("a response of type {kind}"))),
    };
    Ok(Input {
        id: InputId { run: run.clone(), number: number(row, 0)? },
        workspace: id(row, 1)?,
        key: text(2)?,
        template: row.get(3)?,
        placeholders: BTreeMap::new(),
        schema: text(4)?,
        initial: kept(text(7)?)?,
        title: text(5)?,
        actions: if text(6)?.is_some() { json(row, 6)? } else { None },
        requires: serde_json::Value::Null,
        created_at: Timestamp(row.get(8)?),
        response,
    })
}
