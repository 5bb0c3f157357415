//! Taking in what the readers found: in one transaction, adding to what is there, never taking away.

use std::collections::BTreeMap;
use std::sync::Arc;

use hindcast_model::record::{Declared, Input};
use hindcast_model::{
    BlobKey, BlobSource, EnvironmentId, Environments, Execution, Finding, Found, FoundRun, InputId,
    Origin, Outcome, Run, RunId, Step, StepId, StepNumber, Value, WorkspaceId,
};

use crate::blob::NewBlob;
use crate::renumber::Renumbering;
use crate::run::RunRow;
use crate::step_rows::{ExecutionRow, Rows, StepRow, made_ahead, rows_of};
use crate::taking::{OnTaken, Taking};
use crate::{Naming, Result, Store, StoreError, Transaction, apply, blob, merge, naming, row};

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// The runs it brought, in the order they were taken in; one entry a view.
    pub runs: Vec<ImportedRun>,
    /// Steps that were not there before.
    pub steps_added: usize,
    /// Executions that were not there before.
    pub executions_added: usize,
    /// Executions of which more is known than before.
    pub executions_extended: usize,
    /// Blobs that were not there before.
    pub blobs_added: usize,
    /// Blobs that the imported runs need and that are not here.
    pub blobs_missing: usize,
    /// Log lines that were not there before.
    pub logs_added: usize,
    /// Metric points that were not there before.
    pub points_added: usize,
    /// What is odd but did no harm.
    pub findings: Vec<Finding>,
}

/// A run that an import brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedRun {
    /// Its id.
    pub id: RunId,
    /// The file it came from.
    pub source: String,
    /// The environment its export was taken from.
    pub environment: EnvironmentId,
    /// What that changed.
    pub change: Change,
}

/// What an import changed of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was not here before.
    Added,
    /// More is known of it.
    Extended,
    /// Nothing.
    Unchanged,
}

impl ImportSummary {
    /// Whether the store is as it was.
    pub fn changed_nothing(&self) -> bool {
        let added = self.steps_added
            + self.executions_added
            + self.executions_extended
            + self.blobs_added
            + self.logs_added
            + self.points_added;
        added == 0 && self.runs.iter().all(|run| run.change == Change::Unchanged)
    }
}

impl Store {
    /// Takes in what was found. The same again changes nothing; more of a run extends it.
    ///
    /// # Errors
    /// If a blob is not what its name says, an environment cannot be named, or the store cannot be
    /// written. Nothing is changed then.
    pub fn import(&self, found: Found, naming: &Naming) -> Result<ImportSummary> {
        self.import_watched(found, naming, &mut |_, _| true)
    }

    /// As [`Store::import`], telling how far it is.
    ///
    /// # Errors
    /// As [`Store::import`]; and if it is wanted no more. Nothing is changed then.
    pub fn import_watched(
        &self,
        found: Found,
        naming: &Naming,
        on_taken: &mut OnTaken<'_>,
    ) -> Result<ImportSummary> {
        let mut summary = ImportSummary { findings: found.findings, ..ImportSummary::default() };
        let steps: usize = found.runs.iter().map(|found| found.run.steps.len()).sum();
        let mut taking = Taking::new(on_taken, found.blobs.len() + steps);
        let new_blobs = self.new_blobs(&found.blobs, &mut taking)?;
        summary.blobs_added = new_blobs.len();
        let mut runs = found.runs;
        // What names an environment comes before what only refers to it.
        runs.sort_by_key(|found| naming::workspaces(&found.run).len());
        let needed = self.transaction(|transaction| {
            transaction.connection.execute("INSERT INTO importing VALUES (1)", [])?;
            let mut needed = BTreeMap::new();
            for mut run in runs {
                transaction.name_workspaces(&run, &found.workspaces, naming)?;
                collect_blobs(&run.run, &mut needed);
                let items = run.streams.iter().flat_map(|stream| &stream.items);
                items.for_each(|item| needed.extend(item.blobs()));
                let imported = transaction.import_run(&mut run, &mut summary, &mut taking)?;
                summary.runs.push(imported);
            }
            transaction.import_logs(&found.logs, &mut summary)?;
            for points in &found.points {
                summary.points_added += transaction.add_missing_points(points)?;
            }
            transaction.connection.execute("DELETE FROM importing", [])?;
            // Last: up to here, whatever is wrong leaves the store as it was. A blob too many, where
            // the commit fails, does no harm; one that is not there would.
            new_blobs.into_iter().try_for_each(|blob| self.blobs.keep(blob))?;
            Ok::<_, StoreError>(needed)
        })?;
        summary.blobs_missing = needed.keys().filter(|key| !self.blobs.has(key)).count();
        Ok(summary)
    }

    /// The blobs that are not here yet, checked and written, but not kept.
    fn new_blobs(
        &self,
        found: &BTreeMap<BlobKey, Arc<dyn BlobSource>>,
        taking: &mut Taking<'_, '_>,
    ) -> Result<Vec<NewBlob>> {
        let mut new = Vec::new();
        for (key, source) in found {
            taking.next()?;
            if self.blobs.has(key) {
                continue;
            }
            let unreadable = |error| StoreError::UnreadableBlob { place: source.name(key), error };
            let bytes = source.read(key).map_err(unreadable)?;
            blob::check(key, &bytes, || source.name(key))?;
            new.push(self.blobs.prepare(*key, &bytes)?);
        }
        Ok(new)
    }

    /// The blobs that a run needs and that are not here, with their sizes in bytes.
    pub fn missing_blobs(&self, run: &Run) -> BTreeMap<BlobKey, u64> {
        let mut needed = BTreeMap::new();
        collect_blobs(run, &mut needed);
        needed.retain(|key, _| !self.blobs.has(key));
        needed
    }
}

fn collect_blobs(run: &Run, into: &mut BTreeMap<BlobKey, u64>) {
    let mut value = |value: &Value| into.extend(value.blobs());
    for step in run.steps.values() {
        step.arguments.iter().for_each(&mut value);
        for execution in step.executions.values() {
            let mut outcome = execution.result.as_ref();
            while let Some(Outcome { ended, resolved, .. }) = outcome {
                if let hindcast_model::Ended::Value(result) = ended {
                    value(result);
                }
                outcome = match resolved {
                    hindcast_model::Resolved::Known(outcome) => Some(outcome),
                    _ => None,
                };
            }
        }
    }
}

impl Transaction<'_> {
    fn import_logs(
        &self,
        logs: &[Vec<hindcast_model::record::LogEntry>],
        summary: &mut ImportSummary,
    ) -> Result<()> {
        for lines in logs {
            summary.logs_added += self.add_missing_logs(lines)?;
        }
        Ok(())
    }

    fn import_run(
        &self,
        found: &mut FoundRun,
        summary: &mut ImportSummary,
        taking: &mut Taking<'_, '_>,
    ) -> Result<ImportedRun> {
        let id = found.run.id.clone();
        let environments = self.environments()?;
        let environment = taken_from(found, &environments);
        leave_out_local(found, &environments, &mut summary.findings);
        let known = match self.origin_of(&id)? {
            Some(Origin::Local) => {
                return Err(StoreError::RunIsLocal { origin: found.source.clone(), run: id });
            }
            Some(Origin::Imported) => Some(self.load(&id)?),
            None => None,
        };
        let numbers = self.numbers_for(found, known.is_some())?;
        numbers.found(found);
        let before = (summary.steps_added, summary.executions_added, summary.executions_extended);
        let mut changed = self.import_run_row(found, known.as_ref().map(|known| &known.run))?;
        let mut write = RunImport {
            transaction: self,
            source: &found.source,
            environments: &environments,
            back: numbers.reversed(),
            summary,
        };
        let steps = std::mem::take(&mut found.run.steps);
        if let Some(known) = &known {
            for (number, step) in steps {
                taking.next()?;
                let declared = found.declared.get(&number);
                if let Some(there) = known.run.steps.get(&number) {
                    let declared = declared.filter(|_| !known.declared.contains_key(&number));
                    changed |= write.more_of_step(&id, step, there, declared)?;
                } else {
                    write.new_step(&id, &rows_of(step, declared)?)?;
                }
            }
        } else {
            made_ahead(steps, &found.declared, |rows| {
                taking.next()?;
                write.new_step(&id, rows)
            })?;
        }
        for input in &found.inputs {
            changed |= write.input(input)?;
        }
        self.import_extras(found)?;
        changed |= self.import_streams(found, &mut summary.findings)?;
        let after = (summary.steps_added, summary.executions_added, summary.executions_extended);
        let change = match known {
            None => Change::Added,
            Some(_) if changed || before != after => Change::Extended,
            Some(_) => Change::Unchanged,
        };
        Ok(ImportedRun { id, source: found.source.clone(), environment, change })
    }

    fn import_run_row(&self, found: &FoundRun, known: Option<&Run>) -> Result<bool> {
        let run = &found.run;
        let document = |run: &Run| {
            row::json(&RunRow {
                created_by: run.created_by.clone(),
                requires: run.requires.clone(),
                parent: run.parent.clone(),
                extra: run.extra.clone(),
            })
        };
        let Some(known) = known else {
            self.connection
                .prepare_cached("INSERT INTO runs VALUES (?, 'imported', ?, ?, ?)")?
                .execute((run.id.as_str(), run.created_at.0, found.memo, document(run)?))?;
            return Ok(false);
        };
        let mut merged = known.clone();
        merged.steps.clear();
        merged.requires = merged.requires.or_else(|| run.requires.clone());
        match (&mut merged.parent, &run.parent) {
            (Some(known), Some(newer)) => merge::execution_ref(known, newer),
            (parent, newer) => *parent = parent.take().or_else(|| newer.clone()),
        }
        merge::run_fields(&mut merged.extra, &run.extra);
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE runs SET memo = coalesce(memo, ?1), document = ?2
                 WHERE id = ?3 AND (document IS NOT ?2 OR memo IS NULL AND ?1 IS NOT NULL)",
            )?
            .execute((found.memo, document(&merged)?, run.id.as_str()))?;
        Ok(changed > 0)
    }

    fn import_extras(&self, found: &FoundRun) -> Result<()> {
        for (asset, entries) in &found.assets {
            self.add_asset_entries(asset, entries)?;
        }
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )?;
        for ((step, attempt), values) in &found.checkpoints {
            for (name, value) in values {
                let value = value.as_ref().map(row::json).transpose()?;
                insert.execute((found.run.id.as_str(), step, attempt, name, value))?;
            }
        }
        Ok(())
    }

    pub(crate) fn insert_step(
        &self,
        run: &RunId,
        source: StepNumber,
        origin: &str,
        row: &StepRow,
    ) -> Result<()> {
        self.connection
            .prepare_cached("INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")?
            .execute((
                run.as_str(),
                row.number,
                source,
                origin,
                &row.parent,
                &row.module,
                &row.target,
                &row.document,
                &row.declared,
            ))?;
        Ok(())
    }
}

fn taken_from(found: &FoundRun, environments: &Environments) -> EnvironmentId {
    let home = naming::home(&found.run);
    let other = naming::workspaces(&found.run).into_iter().find(|other| Some(*other) != home);
    let workspace = found.taken_from.as_ref().or(other).or(home);
    let environment = workspace.and_then(|workspace| environments.of_workspace(workspace));
    environment.map_or(EnvironmentId(0), |environment| environment.id)
}

/// What was made here and went out in a bundle is not taken in again.
fn leave_out_local(found: &mut FoundRun, environments: &Environments, findings: &mut Vec<Finding>) {
    let local = |workspace: &WorkspaceId| {
        let environment = environments.of_workspace(workspace);
        environment.is_some_and(|environment| environment.origin == Origin::Local)
    };
    let mut left_out = 0;
    for step in found.run.steps.values_mut() {
        let before = step.executions.len();
        step.executions.retain(|_, execution| !local(&execution.workspace_id));
        left_out += before - step.executions.len();
    }
    if left_out > 0 {
        found.run.steps.retain(|_, step| !step.executions.is_empty());
        let mut checkpoints = std::mem::take(&mut found.checkpoints);
        checkpoints.retain(|(number, attempt), _| found.shows(*number, *attempt));
        let mut streams = std::mem::take(&mut found.streams);
        streams.retain(|stream| found.shows(stream.step, stream.producer));
        (found.checkpoints, found.streams) = (checkpoints, streams);
        findings.push(Finding {
            source: found.source.clone(),
            place: found.run.id.to_string(),
            message: format!("{left_out} executions were made on this machine: left as they are"),
        });
    }
}

/// Writes the steps, executions and inputs of one imported run.
struct RunImport<'i> {
    transaction: &'i Transaction<'i>,
    source: &'i str,
    environments: &'i Environments,
    /// From the store's numbers to the export's.
    back: Renumbering,
    summary: &'i mut ImportSummary,
}

impl RunImport<'_> {
    fn new_step(&mut self, run: &RunId, (step, executions): &Rows) -> Result<()> {
        let source = self.back.step(&StepId::new(run.clone(), step.number)).number;
        self.transaction.insert_step(run, source, "imported", step)?;
        self.summary.steps_added += 1;
        executions.iter().try_for_each(|execution| self.new_execution(execution))
    }

    /// Returns whether more is known of the step itself.
    fn more_of_step(
        &mut self,
        run: &RunId,
        mut step: Step,
        known: &Step,
        declared: Option<&Declared>,
    ) -> Result<bool> {
        let id = StepId::new(run.clone(), step.step_number);
        let executions = std::mem::take(&mut step.executions);
        let changed = self.extend_step(&id, &step, known, declared)?;
        for (attempt, execution) in executions {
            match known.executions.get(&attempt) {
                Some(known) => self.extend_execution(known, execution)?,
                None => self.new_execution(&ExecutionRow::of(execution)?)?,
            }
        }
        Ok(changed)
    }

    fn extend_step(
        &self,
        id: &StepId,
        newer: &Step,
        known: &Step,
        declared: Option<&Declared>,
    ) -> Result<bool> {
        let mut merged = known.clone();
        merged.executions.clear();
        let before = merged.clone();
        merge::step(&mut merged, newer);
        if merged == before && declared.is_none() {
            return Ok(false);
        }
        self.transaction
            .connection
            .prepare_cached(
                "UPDATE steps SET document = ?, declared = coalesce(?, declared)
                 WHERE run = ? AND number = ?",
            )?
            .execute((
                row::json(&merged)?,
                declared.map(row::json).transpose()?,
                id.run.as_str(),
                id.number,
            ))?;
        Ok(true)
    }

    fn new_execution(&mut self, row: &ExecutionRow) -> Result<()> {
        let environment = self.environments.of_workspace(&row.workspace);
        let environment =
            environment.ok_or_else(|| StoreError::NoEnvironment(row.workspace.to_string()))?;
        let (run, step, attempt) = row::key(&row.id);
        self.transaction
            .connection
            .prepare_cached(
                "INSERT INTO executions (run, step, attempt, source_attempt, environment,
                     created_at, assigned_at, completed_at, ended, document, result)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute((
                run,
                step,
                attempt,
                self.back.execution(&row.id).attempt,
                environment.id.0,
                row.created_at.0,
                row.assigned_at.map(|at| at.0),
                row.completed_at.map(|at| at.0),
                row.ended,
                &row.document,
                &row.result,
            ))?;
        self.summary.executions_added += 1;
        Ok(())
    }

    fn extend_execution(&mut self, known: &Execution, newer: Execution) -> Result<()> {
        let mut merged = known.clone();
        if merge::execution(&mut merged, newer) {
            self.summary.findings.push(Finding {
                source: self.source.to_owned(),
                place: known.execution_id.to_string(),
                message: "ended otherwise in an earlier export; left as it was".into(),
            });
        }
        if merged == *known {
            return Ok(());
        }
        let (run, step, attempt) = row::key(&known.execution_id);
        let result = merged.result.take();
        self.transaction
            .connection
            .prepare_cached(
                "UPDATE executions
                 SET assigned_at = ?, completed_at = ?, ended = ?, document = ?, result = ?
                 WHERE run = ? AND step = ? AND attempt = ?",
            )?
            .execute((
                merged.assigned_at.map(|at| at.0),
                merged.completed_at.map(|at| at.0),
                result.as_ref().map(|outcome| apply::word(&outcome.ended)),
                row::json(&merged)?,
                result.as_ref().map(row::json).transpose()?,
                run,
                step,
                attempt,
            ))?;
        self.summary.executions_extended += 1;
        Ok(())
    }

    fn input(&self, input: &Input) -> Result<bool> {
        match self.transaction.input(&input.id)? {
            None => {
                let source: InputId = self.back.input(&input.id);
                self.transaction.add_input(input, source.number, "imported")?;
            }
            Some(known) if known.response.is_none() && input.response.is_some() => {
                self.transaction.update_input(input)?;
            }
            Some(_) => return Ok(false),
        }
        Ok(true)
    }
}
