//! Deleting runs and local environments, bringing them back, and purging what was deleted.
//!
//! Deleted rows move to tables of their own, one for each table they are from. Which tables there are
//! is asked of the database, so that a table added later is seen to as well: rows belong to what they
//! name in their columns `run`, `step`, `attempt` and `environment`.

use std::collections::{BTreeMap, BTreeSet};

use hindcast_model::{
    Attempt, BlobKey, Environment, EnvironmentId, EnvironmentName, Environments, ExecutionId,
    Origin, RunId, StepId, StepNumber, Timestamp,
};
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

use crate::{Result, Store, StoreError, Transaction, row};

/// Tables whose rows stay whatever is deleted: history, machinery, and files of assets, which belong
/// to no run alone.
const STAY: [&str; 10] = [
    "ledger",
    "journal",
    "settings",
    "importing",
    "deleting",
    "deletions",
    "retired",
    "requests",
    "owners",
    "asset_entries",
];

/// What deleted rows' tables are called, before the name of the table they are from.
const TRASH: &str = "trash_";

/// Whether the row is of an execution that is not local, as the triggers ask.
const NO_LOCAL: &str = "NOT EXISTS (
    SELECT 1 FROM executions AS e JOIN environments ON environments.id = e.environment
    WHERE e.run = one.run AND e.step = one.step AND e.attempt = one.attempt
      AND environments.origin = 'local')";

/// The same of a stream, by its producer.
const NO_LOCAL_STREAM: &str = "NOT EXISTS (
    SELECT 1 FROM executions AS e JOIN environments ON environments.id = e.environment
    WHERE e.run = one.run AND e.step = one.step AND e.attempt = one.producer
      AND environments.origin = 'local')";

/// The same of an item, by its stream's.
const NO_LOCAL_ITEM: &str = "NOT EXISTS (
    SELECT 1 FROM streams AS s
    JOIN executions AS e ON e.run = s.run AND e.step = s.step AND e.attempt = s.producer
    JOIN environments ON environments.id = e.environment
    WHERE s.run = one.run AND s.step = one.step AND s.number = one.number
      AND environments.origin = 'local')";

/// What a person wants to be rid of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "name")]
pub enum Doomed {
    /// A run, in all environments, with the runs it spawned.
    Run(RunId),
    /// A local environment, with all that ran in it, and the environments that stand on it.
    Environment(EnvironmentName),
}

/// Something deleted, or what would go if it were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// Its number; 0 while nothing is deleted.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What was asked for.
    pub what: Doomed,
    /// The runs that go as a whole.
    pub runs: Vec<RunId>,
    /// The environments that go.
    pub environments: Vec<EnvironmentName>,
    /// How many steps go.
    pub steps: u64,
    /// How many executions go, imported and local.
    pub executions: u64,
    /// How many of them ran here.
    pub local_executions: u64,
    /// How many log lines go.
    pub logs: u64,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What had been deleted.
    pub deletion: Deletion,
    /// Environments that came back under another name, as theirs was taken: the name before, and now.
    pub renamed: Vec<(EnvironmentName, EnvironmentName)>,
}

/// What a purge removed for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// How many deletions cannot be undone any more.
    pub deletions: u64,
    /// How many blobs nothing refers to any more; their files are gone.
    pub blobs: u64,
    /// How many bytes these had.
    pub bytes: u64,
}

impl Store {
    /// What deleting this would take away. Deletes nothing.
    ///
    /// # Errors
    /// As [`Store::delete`].
    pub fn would_delete(&self, what: &Doomed) -> Result<Deletion> {
        self.transaction(|transaction| transaction.doom(what))
    }

    /// Deletes it. It can be brought back until it is purged.
    ///
    /// # Errors
    /// If it is not there, is an imported environment, something in it has not ended, or the store
    /// cannot be written. Nothing is changed then.
    pub fn delete(&self, what: &Doomed, at: Timestamp) -> Result<Deletion> {
        self.transaction(|transaction| {
            let mut deletion = transaction.doom(what)?;
            let sql = "INSERT INTO deletions (at, document) VALUES (?, ?)";
            self.connection.prepare_cached(sql)?.execute((at.0, row::json(&deletion)?))?;
            (deletion.id, deletion.at) = (self.connection.last_insert_rowid(), at);
            transaction.retire()?;
            transaction.take_away(deletion.id)?;
            Ok(deletion)
        })
    }

    /// What was deleted and not purged, newest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn deletions(&self) -> Result<Vec<Deletion>> {
        let sql = "SELECT id, at, document FROM deletions ORDER BY id DESC";
        row::all(self.connection.prepare_cached(sql)?, [], |found| {
            let (id, at, text): (i64, i64, String) = (found.get(0)?, found.get(1)?, found.get(2)?);
            let deletion: Deletion = row::document(&text, format_args!("deletion {id}"))?;
            Ok(Deletion { id, at: Timestamp(at), ..deletion })
        })
    }

    /// What tells whether anything was deleted, brought back or purged since: equal while nothing was.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn deletions_mark(&self) -> Result<(i64, i64)> {
        let sql = "SELECT count(*), coalesce((SELECT seq FROM sqlite_sequence
                                              WHERE name = 'deletions'), 0) FROM deletions";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// Brings back what was deleted.
    ///
    /// # Errors
    /// If there is no such deletion, one of its runs came in anew meanwhile, or the store cannot be
    /// written. Nothing is changed then.
    pub fn restore(&self, id: i64) -> Result<Restored> {
        self.transaction(|transaction| {
            let deletion = self.deletion(id)?;
            if let Some(run) = deletion.runs.iter().find(|run| self.is_here(run)) {
                return Err(StoreError::HereAgain { run: run.clone() });
            }
            if let Some(what) = transaction.needed_first(id)? {
                return Err(StoreError::NeededFirst { what });
            }
            let renamed = transaction.make_room(&deletion)?;
            transaction.bring_back(id)?;
            transaction.remove_trash(id)?;
            Ok(Restored { deletion, renamed })
        })
    }

    /// Removes what was deleted for good, with the blobs that nothing else refers to; one deletion, or
    /// all.
    ///
    /// # Errors
    /// If there is no such deletion, something is under way here that may need a blob, or the store
    /// cannot be written.
    pub fn purge(&self, id: Option<i64>) -> Result<Purged> {
        let (keys, mut purged) = self.transaction(|transaction| {
            if let Some((execution, _)) = self.unfinished()?.into_iter().next() {
                return Err(StoreError::UnderWay { execution });
            }
            let doomed = match id {
                Some(id) => vec![self.deletion(id)?],
                None => self.deletions()?,
            };
            let mut keys = BTreeSet::new();
            for table in self.trash()? {
                for deletion in &doomed {
                    let rows = format!("{} WHERE deletion = {}", quoted(&table), deletion.id);
                    self.blob_keys(&table, &rows, &mut keys)?;
                }
            }
            for deletion in &doomed {
                transaction.remove_trash(deletion.id)?;
            }
            let purged = Purged { deletions: doomed.len() as u64, ..Purged::default() };
            if !keys.is_empty() {
                let mut needed = BTreeSet::new();
                // The journal only says again what the tables hold, or held.
                for table in self.all_tables()?.into_iter().filter(|name| name != "journal") {
                    self.blob_keys(&table, &quoted(&table), &mut needed)?;
                }
                keys.retain(|key| !needed.contains(key));
            }
            Ok::<_, StoreError>((keys, purged))
        })?;
        // After the commit: a blob too many does no harm.
        for key in &keys {
            if let Some(bytes) = self.blobs.remove(key)? {
                purged.blobs += 1;
                purged.bytes += bytes;
            }
        }
        Ok(purged)
    }

    /// Numbers of a run that deleted work had: by step, the highest attempt.
    pub(crate) fn retired(&self, run: &RunId) -> Result<BTreeMap<StepNumber, Attempt>> {
        let sql = "SELECT step, max(attempt) FROM retired WHERE run = ? GROUP BY step";
        let rows = row::all(self.connection.prepare_cached(sql)?, [run.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.into_iter().collect())
    }

    fn deletion(&self, id: i64) -> Result<Deletion> {
        let found = self.deletions()?.into_iter().find(|deletion| deletion.id == id);
        found.ok_or(StoreError::NoDeletion(id))
    }

    fn is_here(&self, run: &RunId) -> bool {
        matches!(self.origin_of(run), Ok(Some(_)))
    }

    /// Every table but those of deleted rows.
    fn tables(&self) -> Result<Vec<String>> {
        Ok(self.all_tables()?.into_iter().filter(|name| !name.starts_with(TRASH)).collect())
    }

    /// The tables of deleted rows.
    fn trash(&self) -> Result<Vec<String>> {
        Ok(self.all_tables()?.into_iter().filter(|name| name.starts_with(TRASH)).collect())
    }

    fn all_tables(&self) -> Result<Vec<String>> {
        let sql = "SELECT name FROM sqlite_schema
                   WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'";
        row::all(self.connection.prepare_cached(sql)?, [], |row| Ok(row.get(0)?))
    }

    fn columns(&self, table: &str) -> Result<Vec<String>> {
        let sql = "SELECT name FROM pragma_table_info(?)";
        row::all(self.connection.prepare_cached(sql)?, [table], |row| Ok(row.get(0)?))
    }

    /// Everything in these rows that reads like the name of a blob.
    fn blob_keys(&self, table: &str, rows: &str, into: &mut BTreeSet<BlobKey>) -> Result<()> {
        let columns: Vec<String> = self.columns(table)?.iter().map(|name| quoted(name)).collect();
        let sql = format!("SELECT {} FROM {rows}", columns.join(", "));
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(found) = rows.next()? {
            for index in 0..columns.len() {
                if let rusqlite::types::ValueRef::Text(text) = found.get_ref(index)? {
                    keys_in(text, into);
                }
            }
        }
        Ok(())
    }
}

impl Transaction<'_> {
    /// Finds out what goes, and leaves it in tables for as long as the connection lives.
    fn doom(&self, what: &Doomed) -> Result<Deletion> {
        self.connection.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS doomed_environments (id PRIMARY KEY);
             CREATE TEMP TABLE IF NOT EXISTS doomed_runs (run PRIMARY KEY);
             CREATE TEMP TABLE IF NOT EXISTS doomed_steps (run, step, PRIMARY KEY (run, step));
             CREATE TEMP TABLE IF NOT EXISTS doomed_executions
                 (run, step, attempt, PRIMARY KEY (run, step, attempt));
             CREATE TEMP TABLE IF NOT EXISTS doomed_inputs (run, number, PRIMARY KEY (run, number));
             DELETE FROM doomed_environments; DELETE FROM doomed_runs; DELETE FROM doomed_steps;
             DELETE FROM doomed_executions; DELETE FROM doomed_inputs;",
        )?;
        match what {
            Doomed::Run(run) => self.doom_run(run)?,
            Doomed::Environment(name) => self.doom_environment(name)?,
        }
        if let Some(execution) = self.doomed_under_way()? {
            return Err(StoreError::UnderWay { execution });
        }
        let count = |sql: &str| -> Result<u64> {
            Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
        };
        let environments = self.environments()?;
        let names = "SELECT id FROM doomed_environments ORDER BY id";
        let names = row::all(self.connection.prepare_cached(names)?, [], |row| {
            let id = EnvironmentId(row.get(0)?);
            Ok(environments.get(id).map(|environment| environment.name.clone()))
        })?;
        let runs = "SELECT run FROM doomed_runs ORDER BY run";
        let runs = row::all(self.connection.prepare_cached(runs)?, [], |row| {
            row::id(&row.get::<_, String>(0)?)
        })?;
        Ok(Deletion {
            id: 0,
            at: Timestamp(0),
            what: what.clone(),
            runs,
            environments: names.into_iter().flatten().collect(),
            steps: count("SELECT count(*) FROM doomed_steps")?,
            executions: count("SELECT count(*) FROM doomed_executions")?,
            local_executions: count(
                "SELECT count(*) FROM doomed_executions
                 JOIN executions USING (run, step, attempt)
                 JOIN environments ON environments.id = executions.environment
                 WHERE origin = 'local'",
            )?,
            logs: count(
                "SELECT count(*) FROM logs JOIN doomed_executions USING (run, step, attempt)",
            )?,
        })
    }

    fn doom_run(&self, run: &RunId) -> Result<()> {
        if self.origin_of(run)?.is_none() {
            return Err(StoreError::NoRun(run.clone()));
        }
        let mut doomed = BTreeSet::from([run.clone()]);
        let runs = self.runs()?;
        // What a run spawned goes with it, and what that spawned.
        loop {
            let before = doomed.len();
            doomed.extend(
                runs.iter()
                    .filter_map(|one| {
                        let parent = one.parent.as_ref()?.execution_id.run();
                        doomed.contains(parent).then(|| one.id.clone())
                    })
                    .collect::<Vec<_>>(),
            );
            if doomed.len() == before {
                break;
            }
        }
        let mut insert = self.connection.prepare_cached("INSERT INTO doomed_runs VALUES (?)")?;
        for run in &doomed {
            insert.execute([run.as_str()])?;
        }
        self.connection.execute_batch(
            "INSERT INTO doomed_steps SELECT run, number FROM steps
                 WHERE run IN (SELECT run FROM doomed_runs);
             INSERT INTO doomed_executions SELECT run, step, attempt FROM executions
                 WHERE run IN (SELECT run FROM doomed_runs);
             INSERT INTO doomed_inputs SELECT run, number FROM inputs
                 WHERE run IN (SELECT run FROM doomed_runs);",
        )?;
        Ok(())
    }

    fn doom_environment(&self, name: &EnvironmentName) -> Result<()> {
        let environments = self.environments()?;
        let Some(environment) = environments.named(name) else {
            return Err(StoreError::NoEnvironment(name.to_string()));
        };
        if environment.origin == Origin::Imported {
            return Err(StoreError::ImportedStays(name.clone()));
        }
        let stands_on = |other: &&Environment| {
            environments.chain(other.id).iter().any(|base| base.id == environment.id)
        };
        let mut insert =
            self.connection.prepare_cached("INSERT INTO doomed_environments VALUES (?)")?;
        for doomed in environments.iter().filter(stands_on) {
            insert.execute([doomed.id.0])?;
        }
        self.connection.execute_batch(
            "INSERT INTO doomed_executions SELECT run, step, attempt FROM executions
                 WHERE environment IN (SELECT id FROM doomed_environments);
             INSERT INTO doomed_steps SELECT DISTINCT gone.run, gone.step FROM doomed_executions AS gone
                 JOIN steps ON steps.run = gone.run AND steps.number = gone.step
                 WHERE origin = 'local' AND NOT EXISTS (
                     SELECT 1 FROM executions AS other WHERE other.run = gone.run
                       AND other.step = gone.step
                       AND other.environment NOT IN (SELECT id FROM doomed_environments));
             INSERT INTO doomed_runs SELECT DISTINCT doomed_steps.run FROM doomed_steps
                 JOIN runs ON runs.id = doomed_steps.run
                 WHERE origin = 'local' AND NOT EXISTS (
                     SELECT 1 FROM steps WHERE steps.run = doomed_steps.run
                       AND (steps.run, steps.number) NOT IN (SELECT run, step FROM doomed_steps));
             INSERT OR IGNORE INTO doomed_inputs SELECT inputs.run, inputs.number FROM parts
                 JOIN doomed_executions USING (run, step, attempt)
                 JOIN inputs ON parts.key = inputs.run || '/i' || inputs.number
                 WHERE kind = 'input' AND origin = 'local';",
        )?;
        Ok(())
    }

    fn doomed_under_way(&self) -> Result<Option<ExecutionId>> {
        let sql = "SELECT run, step, attempt FROM doomed_executions
                   JOIN executions USING (run, step, attempt)
                   JOIN environments ON environments.id = executions.environment
                   WHERE origin = 'local' AND (ended IS NULL OR EXISTS (
                       SELECT 1 FROM streams WHERE streams.run = executions.run
                         AND streams.step = executions.step
                         AND producer = executions.attempt AND streams.ended IS NULL))
                   LIMIT 1";
        let found: Option<(String, u32, u32)> = self
            .connection
            .prepare_cached(sql)?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let id = |(run, step, attempt): (String, u32, u32)| {
            Ok(StepId::new(row::id(&run)?, step).attempt(attempt))
        };
        found.map(id).transpose()
    }

    /// Sees to it that no number of deleted local work is given again.
    fn retire(&self) -> Result<()> {
        self.connection.execute_batch(
            "INSERT OR IGNORE INTO retired SELECT run, step, attempt FROM doomed_executions
                 JOIN executions USING (run, step, attempt)
                 JOIN environments ON environments.id = executions.environment
                 WHERE origin = 'local';
             INSERT OR IGNORE INTO retired SELECT doomed_steps.run, doomed_steps.step, 0 FROM doomed_steps
                 JOIN steps ON steps.run = doomed_steps.run AND steps.number = step
                 WHERE origin = 'local';",
        )?;
        Ok(())
    }

    /// Moves what is doomed to the tables of deleted rows.
    fn take_away(&self, deletion: i64) -> Result<()> {
        self.connection
            .execute_batch("PRAGMA defer_foreign_keys = ON; INSERT INTO deleting VALUES (1);")?;
        let mut moved = Vec::new();
        for table in self.tables()?.into_iter().filter(|name| !STAY.contains(&name.as_str())) {
            let columns = self.columns(&table)?;
            if let Some(goes) = goes(&table, &columns) {
                self.copy_to_trash(&table, &columns, deletion, &goes)?;
                moved.push((table, goes));
            }
        }
        // Only once all is copied: what a row belongs to is asked of other rows.
        for (table, goes) in moved.iter().rev() {
            let sql = format!("DELETE FROM {} AS one WHERE {goes}", quoted(table));
            self.connection.execute(&sql, [])?;
        }
        self.connection.execute("DELETE FROM deleting", [])?;
        Ok(())
    }

    fn copy_to_trash(
        &self,
        table: &str,
        columns: &[String],
        deletion: i64,
        goes: &str,
    ) -> Result<()> {
        let trash = quoted(&format!("{TRASH}{table}"));
        let names: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
        let (names, from) = (names.join(", "), quoted(table));
        let make = format!(
            "CREATE TABLE IF NOT EXISTS {trash} AS
             SELECT 0 AS deletion, 0 AS imported, * FROM {from} WHERE 0"
        );
        self.connection.execute(&make, [])?;
        // A column that is younger than the table of deleted rows.
        let known = self.columns(&format!("{TRASH}{table}"))?;
        for column in columns.iter().filter(|column| !known.contains(column)) {
            let add = format!("ALTER TABLE {trash} ADD COLUMN {}", quoted(column));
            self.connection.execute(&add, [])?;
        }
        let imported = imported(table, columns);
        let copy = format!(
            "INSERT INTO {trash} (deletion, imported, {names})
             SELECT {deletion}, {imported}, {names} FROM {from} AS one WHERE {goes}"
        );
        self.connection.execute(&copy, [])?;
        Ok(())
    }

    /// What rows that are to come back belong to, and that is not here: it was deleted after them.
    fn needed_first(&self, deletion: i64) -> Result<Option<String>> {
        let sql = "SELECT 'run ' || gone.run FROM trash_executions AS gone
                   WHERE deletion = ?1
                     AND NOT EXISTS (SELECT 1 FROM steps
                         WHERE steps.run = gone.run AND steps.number = gone.step)
                     AND NOT EXISTS (SELECT 1 FROM trash_steps AS steps WHERE deletion = ?1
                         AND steps.run = gone.run AND steps.number = gone.step)
                   UNION ALL
                   SELECT 'environment ' || coalesce((SELECT name FROM trash_environments AS base
                       WHERE base.id = gone.environment), '') FROM trash_executions AS gone
                   WHERE deletion = ?1
                     AND NOT EXISTS (SELECT 1 FROM environments WHERE id = gone.environment)
                     AND NOT EXISTS (SELECT 1 FROM trash_environments AS own
                         WHERE deletion = ?1 AND own.id = gone.environment)
                   UNION ALL
                   SELECT 'environment ' || coalesce((SELECT name FROM trash_environments AS base
                       WHERE base.id = gone.base), '') FROM trash_environments AS gone
                   WHERE deletion = ?1 AND gone.base IS NOT NULL
                     AND NOT EXISTS (SELECT 1 FROM environments WHERE id = gone.base)
                     AND NOT EXISTS (SELECT 1 FROM trash_environments AS own
                         WHERE deletion = ?1 AND own.id = gone.base)
                   LIMIT 1";
        Ok(self.connection.prepare(sql)?.query_row([deletion], |row| row.get(0)).optional()?)
    }

    /// Numbers and names for environments that come back, where theirs are taken.
    fn make_room(&self, deletion: &Deletion) -> Result<Vec<(EnvironmentName, EnvironmentName)>> {
        if deletion.environments.is_empty() {
            return Ok(Vec::new());
        }
        let here = self.environments()?;
        let sql = "SELECT id, name FROM trash_environments WHERE deletion = ? ORDER BY id";
        let coming = row::all(self.connection.prepare_cached(sql)?, [deletion.id], |row| {
            Ok((row.get::<_, i64>(0)?, row::id::<EnvironmentName>(&row.get::<_, String>(1)?)?))
        })?;
        let sql = "SELECT max(id) FROM (SELECT id FROM environments UNION ALL
                                        SELECT id FROM trash_environments)";
        let mut highest: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
        let mut renamed = Vec::new();
        for (id, name) in coming {
            if here.get(EnvironmentId(id)).is_some() {
                highest += 1;
                self.renumber_trash(deletion.id, id, highest)?;
            }
            if here.named(&name).is_some() {
                let free = free_name(&here, &name)?;
                self.connection.execute(
                    "UPDATE trash_environments SET name = ? WHERE deletion = ? AND name = ?",
                    (free.as_str(), deletion.id, name.as_str()),
                )?;
                renamed.push((name, free));
            }
        }
        Ok(renamed)
    }

    fn renumber_trash(&self, deletion: i64, from: i64, to: i64) -> Result<()> {
        for table in self.trash()? {
            let columns = self.columns(&table)?;
            let change = |column: &str| -> Result<()> {
                let table = quoted(&table);
                let sql =
                    format!("UPDATE {table} SET {column} = ? WHERE deletion = ? AND {column} = ?");
                self.connection.execute(&sql, (to, deletion, from))?;
                Ok(())
            };
            if table == "trash_environments" {
                change("id")?;
                change("base")?;
            } else if columns.iter().any(|column| column == "environment") {
                change("environment")?;
            }
        }
        Ok(())
    }

    /// Moves rows back to where they were.
    fn bring_back(&self, deletion: i64) -> Result<()> {
        self.connection.execute_batch("PRAGMA defer_foreign_keys = ON;")?;
        for table in ["environments", "workspaces"] {
            self.bring_back_rows(table, deletion, false)?;
        }
        let first = ["runs", "steps", "executions", "streams"];
        let trash = self.trash()?;
        let others = trash.iter().filter_map(|table| table.strip_prefix(TRASH));
        let others = others.filter(|table| {
            !first.contains(table) && !matches!(*table, "environments" | "workspaces")
        });
        let order: Vec<&str> = first.into_iter().chain(others).collect();
        // What only an import may add comes as one.
        self.connection.execute("INSERT INTO importing VALUES (1)", [])?;
        for table in &order {
            self.bring_back_rows(table, deletion, true)?;
        }
        self.connection.execute("DELETE FROM importing", [])?;
        for table in &order {
            self.bring_back_rows(table, deletion, false)?;
        }
        self.connection.execute_batch(
            "DELETE FROM retired WHERE (run, step, attempt) IN
                 (SELECT run, step, attempt FROM executions);
             DELETE FROM retired WHERE attempt = 0 AND (run, step) IN
                 (SELECT run, number FROM steps);",
        )?;
        Ok(())
    }

    fn bring_back_rows(&self, table: &str, deletion: i64, imported: bool) -> Result<()> {
        let trash = format!("{TRASH}{table}");
        let kept = self.columns(&trash)?;
        let now = self.columns(table)?;
        let both = now.iter().filter(|column| kept.contains(column));
        let names: Vec<String> = both.map(|name| quoted(name)).collect();
        if names.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO {into} ({names}) SELECT {names} FROM {trash}
             WHERE deletion = ? AND imported = ? ORDER BY rowid",
            into = quoted(table),
            names = names.join(", "),
            trash = quoted(&trash),
        );
        self.connection.execute(&sql, (deletion, imported))?;
        Ok(())
    }

    fn remove_trash(&self, deletion: i64) -> Result<()> {
        for table in self.trash()? {
            let sql = format!("DELETE FROM {} WHERE deletion = ?", quoted(&table));
            self.connection.execute(&sql, [deletion])?;
        }
        self.connection.execute("DELETE FROM deletions WHERE id = ?", [deletion])?;
        Ok(())
    }
}

/// Which rows of a table go with what is doomed; none if it holds nothing of the kind.
fn goes(table: &str, columns: &[String]) -> Option<String> {
    let has = |name: &str| columns.iter().any(|column| column == name);
    let producer = "(run, step, producer) IN (SELECT run, step, attempt FROM doomed_executions)
         OR run IN (SELECT run FROM doomed_runs)";
    let special = match table {
        "environments" => Some("id IN (SELECT id FROM doomed_environments)".to_owned()),
        "runs" => Some("id IN (SELECT run FROM doomed_runs)".to_owned()),
        "steps" => Some("(run, number) IN (SELECT run, step FROM doomed_steps)".to_owned()),
        "inputs" => Some("(run, number) IN (SELECT run, number FROM doomed_inputs)".to_owned()),
        "streams" => Some(producer.to_owned()),
        "stream_items" => Some(format!(
            "(run, step, number) IN (SELECT run, step, number FROM streams WHERE {producer})"
        )),
        _ => None,
    };
    if special.is_some() {
        return special;
    }
    let mut clauses = Vec::new();
    if has("environment") {
        clauses.push("environment IN (SELECT id FROM doomed_environments)");
    }
    if has("run") {
        clauses.push("run IN (SELECT run FROM doomed_runs)");
        if has("step") && has("attempt") {
            clauses
                .push("(run, step, attempt) IN (SELECT run, step, attempt FROM doomed_executions)");
        } else if has("step") {
            clauses.push("(run, step) IN (SELECT run, step FROM doomed_steps)");
        }
    }
    (!clauses.is_empty()).then(|| clauses.join(" OR "))
}

/// Whether a row is one that only an import may add, as the triggers see it.
fn imported(table: &str, columns: &[String]) -> &'static str {
    match table {
        "environments" | "workspaces" => "0",
        "executions" => "(SELECT origin FROM environments WHERE id = one.environment) = 'imported'",
        "children" | "parts" | "checkpoints" | "calls" | "logs" | "points" => NO_LOCAL,
        "streams" => NO_LOCAL_STREAM,
        "stream_items" => NO_LOCAL_ITEM,
        _ if columns.iter().any(|column| column == "origin") => "origin = 'imported'",
        _ => "0",
    }
}

fn free_name(here: &Environments, name: &EnvironmentName) -> Result<EnvironmentName> {
    let mut number = 2_u32;
    loop {
        let free = row::id(&format!("{name}-{number}"))?;
        if here.named(&free).is_none() {
            return Ok(free);
        }
        number += 1;
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Every run of exactly 64 hex digits.
fn keys_in(text: &[u8], into: &mut BTreeSet<BlobKey>) {
    let hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    for part in text.split(|byte| !hex(byte)).filter(|part| part.len() == 64) {
        into.extend(std::str::from_utf8(part).ok().and_then(|part| part.parse::<BlobKey>().ok()));
    }
}
