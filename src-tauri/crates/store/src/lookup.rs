//! What is looked up over all runs, without reading them.
//!
//! Steps and executions are kept as documents; what is looked up stands in columns generated from
//! them. `SQLite` reads no document that is nested more than a thousand deep, and is given none that is
//! very large: those that may fit a lookup count as fitting it, and are read here.

use std::collections::BTreeMap;

use hindcast_model::record::StoredRun;
use hindcast_model::{
    Asset, AssetId, EnvironmentId, Execution, ExecutionId, Key, OwnKeys, RunId, Step, StepId,
    StepNumber, Target,
};
use rusqlite::Params;

use crate::{Result, Store, StoreError, row};

impl Store {
    /// The ids of all runs.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn run_ids(&self) -> Result<Vec<RunId>> {
        self.ids_of_runs("SELECT id FROM runs", [])
    }

    /// A run as [`Store::load`] gives it, with the keys that the project's code made of its recorded
    /// calls; none if it is not here.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn find(&self, id: &RunId) -> Result<Option<(StoredRun, BTreeMap<StepNumber, OwnKeys>)>> {
        self.snapshot(|store| {
            let stored = match store.load(id) {
                Err(StoreError::NoRun(_)) => return Ok(None),
                stored => stored?,
            };
            let own_keys = store.own_keys(Some(id))?;
            let own_keys = own_keys.into_iter().map(|(step, keys)| (step.number, keys)).collect();
            Ok(Some((stored, own_keys)))
        })
    }

    /// At least the runs with a step whose cache key, or the one that the project's code made for it,
    /// agrees with this one as far as exports show it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn runs_cached_as(&self, key: &Key) -> Result<Vec<RunId>> {
        // 'g' is the first letter that is no digit of a key.
        let sql = r#"SELECT run FROM steps
                         WHERE (octet_length(document) >= 1000000 OR instr(document, '"cacheKey":"'))
                         AND cache_key BETWEEN ?1 AND ?1 || 'g'
                   UNION SELECT run FROM steps
                         WHERE (octet_length(document) >= 1000000 OR instr(document, '"cacheKey":"'))
                         AND cache_key IS NULL
                   UNION SELECT run FROM own_keys WHERE cache_key BETWEEN ?1 AND ?1 || 'g'"#;
        self.ids_of_runs(sql, [key.shown()])
    }

    /// The runs with a step that calls a target.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn runs_calling(&self, target: &Target) -> Result<Vec<RunId>> {
        let sql = "SELECT DISTINCT run FROM steps WHERE module = ?1 AND target = ?2
                   AND short_target IS CASE WHEN octet_length(?2) < 1000 THEN ?2 END";
        self.ids_of_runs(sql, [&*target.module, &*target.name])
    }

    /// At least the runs with an input that was asked for in a local environment and is not answered.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn runs_asking(&self) -> Result<Vec<RunId>> {
        let sql = "SELECT DISTINCT run FROM inputs WHERE CASE WHEN json_valid(document)
                   THEN json_extract(document, '$.response') IS NULL
                        AND json_extract(document, '$.workspace') IN (
                            SELECT workspaces.id FROM workspaces JOIN environments
                            ON environments.id = environment WHERE origin = 'local')
                   ELSE TRUE END";
        self.ids_of_runs(sql, [])
    }

    fn ids_of_runs(&self, sql: &str, parameters: impl Params) -> Result<Vec<RunId>> {
        let statement = self.connection.prepare_cached(sql)?;
        row::all(statement, parameters, |row| {
            row::id(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)
        })
    }

    /// Whether an execution in this environment, of any run, is of a step that calls this target and
    /// is not memoised.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn ran_unmemoised(&self, target: &Target, environment: EnvironmentId) -> Result<bool> {
        let key = (&*target.module, &*target.name, environment.0);
        // What may not be memoised: for certain not, if no word of it is there, be it as key or value.
        let sql = r#"SELECT steps.run, number, steps.document FROM steps JOIN executions
                   ON executions.run = steps.run AND executions.step = steps.number
                   WHERE module = ?1 AND target = ?2 AND environment = ?3
                   AND short_target IS CASE WHEN octet_length(?2) < 1000 THEN ?2 END
                   AND CASE WHEN octet_length(steps.document) >= 1000000 THEN TRUE
                       WHEN instr(steps.document, '"memoKey":"') = 0
                             AND instr(steps.document, '"isMemoised":true') = 0 THEN TRUE
                       WHEN json_valid(steps.document)
                       THEN json_extract(steps.document, '$.memoKey') IS NULL
                            AND json_type(steps.document, '$.legacy.isMemoised') IS NOT 'true'
                       ELSE TRUE END"#;
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(key)?;
        while let Some(row) = rows.next()? {
            let id = StepId::new(row::id(&row.get::<_, String>(0)?)?, row.get(1)?);
            if !row::document::<Step>(&row.get::<_, String>(2)?, id)?.is_memoised() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The assets that executions tell of: those of the newest run first, within a run by execution.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn asset_summaries(&self) -> Result<Vec<(AssetId, Asset)>> {
        let sql = r#"SELECT told.run, step, attempt, key, told.document FROM (
                       SELECT run, step, attempt, key, document FROM parts WHERE kind = 'asset'
                       UNION ALL
                       SELECT run, step, attempt, NULL, document FROM executions
                       WHERE octet_length(document) >= 1000000 OR instr(document, '"assets":{"')
                       ) AS told
                   JOIN runs ON runs.id = told.run
                   ORDER BY created_at DESC, told.run, step, attempt, key IS NULL, key"#;
        let told = row::all(self.connection.prepare_cached(sql)?, [], |row| {
            let step = StepId::new(row::id(&row.get::<_, String>(0)?)?, row.get(1)?);
            let id = step.attempt(row.get(2)?);
            let (key, document): (Option<String>, String) = (row.get(3)?, row.get(4)?);
            Ok(match key {
                Some(asset) => vec![(row::id(&asset)?, row::document(&document, id)?)],
                None => Vec::from_iter(row::document::<Execution>(&document, id)?.assets),
            })
        })?;
        Ok(told.concat())
    }

    /// The numbers by which its own server knew the executions of a run, where it was an old one.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn old_ids(&self, run: &RunId) -> Result<Vec<(ExecutionId, u64)>> {
        // Ordinarily there are none, and no document is read for that.
        let sql = r#"SELECT step, attempt, document FROM executions
                     WHERE run = ? AND instr(document, '"legacy":{')"#;
        let executions = row::all(self.connection.prepare_cached(sql)?, [run.as_str()], |row| {
            let id = StepId::new(run.clone(), row.get(0)?).attempt(row.get(1)?);
            row::document::<Execution>(&row.get::<_, String>(2)?, id)
        })?;
        let known = executions.into_iter();
        Ok(known.filter_map(|one| Some((one.execution_id.clone(), one.old_id()?))).collect())
    }
}
