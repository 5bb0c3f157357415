//! Keeping the facts about local work: one function a kind of fact.

use std::collections::BTreeMap;

use hindcast_model::record::{
    Answer, Call, Input, InputResponse, LedgerEntry, MetricPoint, NewExecution, NewRun, NewStep,
    Record,
};
use hindcast_model::{
    Asset, AssetEntry, AssetId, Ended, Execution, ExecutionId, Extra, InputId, InputStatus,
    InputSummary, Outcome, Resolved, Step, Timestamp, Value,
};
use rusqlite::OptionalExtension;
use serde::Serialize;
use serde_json::Map;

use crate::run::RunRow;
use crate::step_rows::StepRow;
use crate::{Result, StoreError, Transaction, row};

impl Transaction<'_> {
    /// Keeps facts about local work, in the tables and in the journal. Returns the journal's end.
    ///
    /// # Errors
    /// If a fact does not fit what is there, or the store cannot be written.
    pub fn apply<'record>(
        &self,
        session: &str,
        records: impl IntoIterator<Item = &'record Record>,
    ) -> Result<i64> {
        let mut end = None;
        for record in records {
            self.keep(record)?;
            end = Some(self.note(session, record)?);
        }
        end.map_or_else(|| self.journal_end(), Ok)
    }

    fn keep(&self, record: &Record) -> Result<()> {
        match record {
            Record::RunCreated(run) => self.create_run(run),
            Record::StepCreated(step) => self.create_step(step),
            Record::ExecutionCreated(execution) => self.create_execution(execution),
            Record::BodyStarted(entry) => self.start(entry),
            Record::ExecutionFinished { execution, at, outcome } => {
                self.finish(execution, *at, outcome)
            }
            Record::Resolved { execution, outcome } => self.resolve(execution, outcome),
            Record::CallAnswered(call) => self.answer_call(call),
            Record::GroupRegistered { execution, group, name } => {
                self.add_part(execution, "group", &group.to_string(), name)
            }
            Record::Depended { execution, id, dependency } => {
                self.add_part(execution, "dependency", id, dependency)
            }
            Record::Logged(entry) => self.add_log(entry),
            Record::MetricDefined { execution, key, definition } => {
                self.add_part(execution, "metric", key, definition)
            }
            Record::Measured { execution, key, value, at } => self.add_point(&MetricPoint {
                execution: execution.clone(),
                key: key.clone(),
                value: *value,
                at: *at,
            }),
            Record::AssetPersisted { execution, asset_id, asset, entries } => {
                self.persist_asset(execution, asset_id, asset, entries)
            }
            Record::InputSubmitted { execution, input } => self.submit_input(execution, input),
            Record::InputAnswered { input, response } => self.take_answer(input, response),
            Record::CheckpointsChanged { execution, values } => {
                self.change_checkpoints(execution, values)
            }
            Record::StreamRegistered { stream, execution, .. } => {
                self.register_stream(stream, execution)
            }
            Record::StreamAppended { stream, sequence, value } => {
                self.append(stream, *sequence, value)
            }
            Record::StreamClosed { stream, end, .. } => self.close_stream(stream, end),
            Record::Watched { execution, locked } => self.note_watched(execution, *locked),
            Record::EffectSeen(effect) => self.add_effect(effect),
            // Nothing but the journal tells of it.
            Record::CodeSaved { .. } | Record::Debugger { .. } => Ok(()),
            Record::OwnKeysMade(keys) => self.keep_own_keys(keys),
        }
    }

    fn create_run(&self, run: &NewRun) -> Result<()> {
        let document = RunRow {
            created_by: serde_json::Value::Null,
            requires: Some(run.requires.clone()),
            parent: run.parent.clone(),
            extra: Map::new(),
        };
        self.connection
            .prepare_cached("INSERT INTO runs VALUES (?, 'local', ?, ?, ?)")?
            .execute((run.id.as_str(), run.created_at.0, run.memo, row::json(&document)?))?;
        Ok(())
    }

    fn create_step(&self, step: &NewStep) -> Result<()> {
        let document = Step {
            step_number: step.id.number,
            module: step.target.module.to_string(),
            target: step.target.name.to_string(),
            parent_id: step.parent.clone(),
            cache_config: step.cache.clone(),
            cache_key: step.cache_key.clone(),
            memo_key: step.memo_key.clone(),
            retries: step.retries.clone(),
            recurrent: Some(step.recurrent),
            timeout: Some(step.timeout),
            created_at: step.created_at,
            arguments: step.arguments.clone(),
            requires: Some(step.requires.clone()),
            executions: hindcast_model::Attempts::new(),
            extra: Extra::NONE,
        };
        let row = StepRow::of(&document, Some(&step.declared))?;
        self.insert_step(&step.id.run, step.id.number, "local", &row)
    }

    fn create_execution(&self, new: &NewExecution) -> Result<()> {
        let document = Execution {
            execution_id: new.id.clone(),
            workspace_id: new.workspace.clone(),
            created_at: new.created_at,
            created_by: serde_json::Value::Null,
            execute_after: new.execute_after.map(|at| at.0.into()),
            assigned_at: None,
            completed_at: None,
            groups: BTreeMap::new(),
            assets: BTreeMap::new(),
            dependencies: BTreeMap::new(),
            children: Vec::new(),
            inputs: Some(BTreeMap::new()),
            metrics: Some(BTreeMap::new()),
            result: None,
            extra: Extra::NONE,
        };
        let (run, step, attempt) = row::key(&new.id);
        self.connection
            .prepare_cached(
                "INSERT INTO executions (run, step, attempt, source_attempt, environment,
                                         created_at, document, because, edited_arguments)
                 VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute((
                run,
                step,
                attempt,
                new.environment.0,
                new.created_at.0,
                row::json(&document)?,
                row::json(&new.because)?,
                new.edited_arguments.as_ref().map(row::json).transpose()?,
            ))?;
        Ok(())
    }

    fn start(&self, entry: &LedgerEntry) -> Result<()> {
        self.add_to_ledger(entry)?;
        let (run, step, attempt) = row::key(&entry.execution);
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE executions SET assigned_at = ?
                 WHERE run = ? AND step = ? AND attempt = ? AND ended IS NULL",
            )?
            .execute((entry.at.0, run, step, attempt))?;
        one(changed, &entry.execution, "a body started of an execution that is not pending")
    }

    fn finish(&self, execution: &ExecutionId, at: Timestamp, outcome: &Outcome) -> Result<()> {
        let (run, step, attempt) = row::key(execution);
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE executions SET completed_at = ?, ended = ?, result = ?
                 WHERE run = ? AND step = ? AND attempt = ? AND ended IS NULL",
            )?
            .execute((at.0, word(&outcome.ended), row::json(outcome)?, run, step, attempt))?;
        one(changed, execution, "an execution ends once")
    }

    fn resolve(&self, execution: &ExecutionId, resolved: &Outcome) -> Result<()> {
        let (run, step, attempt) = row::key(execution);
        let sql = "SELECT result FROM executions WHERE run = ? AND step = ? AND attempt = ?";
        let mut select = self.connection.prepare_cached(sql)?;
        let text: Option<String> =
            select.query_row((run, step, attempt), |row| row.get(0)).optional()?.flatten();
        let Some(mut outcome) = row::optional::<Outcome>(text.as_deref(), execution)? else {
            return one(0, execution, "it was resolved before it ended");
        };
        outcome.resolved = Resolved::Known(Box::new(resolved.clone()));
        self.connection
            .prepare_cached(
                "UPDATE executions SET result = ? WHERE run = ? AND step = ? AND attempt = ?",
            )?
            .execute((row::json(&outcome)?, run, step, attempt))?;
        Ok(())
    }

    fn answer_call(&self, call: &Call) -> Result<()> {
        self.add_call(call)?;
        let child = match &call.answer {
            Answer::Pinned { execution, .. }
            | Answer::Mocked { execution, .. }
            | Answer::Run { execution, .. } => execution,
            Answer::Blocked { .. } | Answer::Refused { .. } => return Ok(()),
        };
        // Children are of the caller's run; a result pinned from another is none, as in exports.
        if child.run() != call.caller.run() {
            return Ok(());
        }
        let (run, step, attempt) = row::key(&call.caller);
        self.connection
            .prepare_cached(
                "INSERT INTO children
                 VALUES (?1, ?2, ?3, (SELECT coalesce(max(position) + 1, 0) FROM children
                                      WHERE run = ?1 AND step = ?2 AND attempt = ?3), ?4, ?5)
                 ON CONFLICT (run, step, attempt, child) DO NOTHING",
            )?
            .execute((run, step, attempt, child.to_string(), call.group))?;
        Ok(())
    }

    fn add_part<T: Serialize>(
        &self,
        execution: &ExecutionId,
        kind: &str,
        key: &str,
        document: &T,
    ) -> Result<()> {
        let (run, step, attempt) = row::key(execution);
        self.connection
            .prepare_cached(
                "INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET document = excluded.document",
            )?
            .execute((run, step, attempt, kind, key, row::json(document)?))?;
        Ok(())
    }

    fn persist_asset(
        &self,
        execution: &ExecutionId,
        id: &AssetId,
        asset: &Asset,
        entries: &[AssetEntry],
    ) -> Result<()> {
        self.add_asset_entries(id, entries)?;
        self.add_part(execution, "asset", id.as_str(), asset)
    }

    fn submit_input(&self, execution: &ExecutionId, input: &Input) -> Result<()> {
        let known = self.input(&input.id)?;
        if known.is_none() {
            self.add_input(input, input.id.number, "local")?;
        }
        let response = known.as_ref().unwrap_or(input).response.as_ref();
        let summary = InputSummary {
            title: input.title.clone(),
            status: response.map(status),
            extra: Extra::NONE,
        };
        self.add_part(execution, "input", &input.id.to_string(), &summary)
    }

    fn take_answer(&self, input: &InputId, response: &InputResponse) -> Result<()> {
        self.answer_input(input, response)?;
        self.connection
            .prepare_cached(
                "UPDATE parts SET document = json_set(document, '$.status', ?)
                 WHERE run = ? AND kind = 'input' AND key = ?",
            )?
            .execute((
                row::json(&status(response))?.trim_matches('"'),
                input.run.as_str(),
                input.to_string(),
            ))?;
        Ok(())
    }

    fn change_checkpoints(
        &self,
        execution: &ExecutionId,
        values: &BTreeMap<String, Option<Value>>,
    ) -> Result<()> {
        let (run, step, attempt) = row::key(execution);
        let mut upsert = self.connection.prepare_cached(
            "INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET value = excluded.value",
        )?;
        for (name, value) in values {
            let value = value.as_ref().map(row::json).transpose()?;
            upsert.execute((run, step, attempt, name, value))?;
        }
        Ok(())
    }
}

fn one(changed: usize, execution: &ExecutionId, reason: &'static str) -> Result<()> {
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict { execution: execution.to_string(), reason })
    }
}

fn status(response: &InputResponse) -> InputStatus {
    match response {
        InputResponse::Value { .. } => InputStatus::Value,
        InputResponse::Dismissed { .. } => InputStatus::Dismissed,
        InputResponse::Cancelled { .. } => InputStatus::Cancelled,
    }
}

/// How something ended, in the export's words.
pub(crate) fn word(ended: &Ended) -> &'static str {
    match ended {
        Ended::Value(_) => "value",
        Ended::Error { .. } => "error",
        Ended::Abandoned { .. } => "abandoned",
        Ended::Crashed { .. } => "crashed",
        Ended::Cancelled => "cancelled",
        Ended::Timeout { .. } => "timeout",
        Ended::Suspended { .. } => "suspended",
        Ended::Recurred { .. } => "recurred",
        Ended::Deferred(_) => "deferred",
        Ended::Cached(_) => "cached",
        Ended::Spawned(_) => "spawned",
    }
}
