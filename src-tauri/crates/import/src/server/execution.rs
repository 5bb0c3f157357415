//! Executions in a server's database.

use std::collections::BTreeMap;

use hindcast_model::{
    AssetEntry, AssetId, Child, Dependency, Execution, Extra, InputId, InputStatus, InputSummary,
    MetricDefinition, StepId, Timestamp, TypedDependency,
};
use serde_json::Number;

use crate::ImportError;
use crate::server::database::{Database, RowError, id, number};

/// All files of assets.
pub(crate) type Entries = BTreeMap<AssetId, Vec<AssetEntry>>;

impl Database {
    /// The attempts at a step, by its row. Adds the files of their assets to `entries`.
    pub(crate) fn executions(
        &self,
        step: &StepId,
        row: i64,
        entries: &mut Entries,
    ) -> Result<Vec<Execution>, ImportError> {
        let sql = "SELECT e.id, e.attempt, w.external_id, e.created_at, e.created_by,
                          e.execute_after, a.created_at
                   FROM executions e JOIN workspaces w ON w.id = e.workspace_id
                   LEFT JOIN assignments a ON a.execution_id = e.id
                   WHERE e.step_id = ? ORDER BY e.attempt";
        let rows = self.all(sql, [row], |row| {
            let execution = Execution {
                execution_id: step.attempt(number(row, 1)?),
                workspace_id: id(row, 2)?,
                created_at: Timestamp(row.get(3)?),
                created_by: serde_json::Value::Null,
                execute_after: row.get::<_, Option<i64>>(5)?.map(Number::from),
                assigned_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
                completed_at: None,
                groups: BTreeMap::new(),
                assets: BTreeMap::new(),
                dependencies: BTreeMap::new(),
                children: Vec::new(),
                inputs: None,
                metrics: None,
                result: None,
                extra: Extra::NONE,
            };
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(4)?, execution))
        })?;
        let mut executions = Vec::new();
        for (row, created_by, mut execution) in rows {
            execution.created_by = self.principal(created_by)?;
            execution.groups = self.groups(row)?;
            execution.assets = self.assets(row, entries)?;
            execution.dependencies = self.dependencies(row)?;
            execution.children = self.children(row)?;
            execution.inputs = self.inputs_of(row)?;
            execution.metrics = self.metrics(row)?;
            if let Some((outcome, at)) = self.outcome(row)? {
                (execution.result, execution.completed_at) = (Some(outcome), Some(at));
            }
            executions.push(execution);
        }
        Ok(executions)
    }

    fn groups(&self, execution: i64) -> Result<BTreeMap<u32, Option<String>>, ImportError> {
        let sql = "SELECT group_id, name FROM groups WHERE execution_id = ?";
        let groups = self.all(sql, [execution], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(groups.into_iter().collect())
    }

    fn assets(
        &self,
        execution: i64,
        entries: &mut Entries,
    ) -> Result<BTreeMap<AssetId, hindcast_model::Asset>, ImportError> {
        let sql = "SELECT asset_id FROM execution_assets WHERE execution_id = ?";
        let rows: Vec<i64> = self.all(sql, [execution], |row| Ok(row.get(0)?))?;
        let mut assets = BTreeMap::new();
        for row in rows {
            let (id, asset) = self.asset(row)?;
            entries.insert(id.clone(), self.asset_entries(row)?);
            assets.insert(id, asset);
        }
        Ok(assets)
    }

    fn dependencies(&self, execution: i64) -> Result<BTreeMap<String, Dependency>, ImportError> {
        let mut dependencies = BTreeMap::new();
        let mut add = |key: String, dependency| {
            dependencies.insert(key, Dependency::Typed(dependency));
        };
        let rows = |sql: &str| self.all(sql, [execution], |row| Ok(row.get::<_, i64>(0)?));
        for row in rows("SELECT dependency_ref_id FROM result_dependencies WHERE execution_id = ?")?
        {
            let execution = self.execution_ref(row)?;
            add(
                execution.execution_id.to_string(),
                TypedDependency::Result { execution, extra: Extra::NONE },
            );
        }
        for row in rows("SELECT asset_id FROM asset_dependencies WHERE execution_id = ?")? {
            let (asset_id, asset) = self.asset(row)?;
            add(
                asset_id.to_string(),
                TypedDependency::Asset { asset_id, asset, extra: Extra::NONE },
            );
        }
        if self.version >= 3 {
            for row in rows("SELECT input_id FROM input_dependencies WHERE execution_id = ?")? {
                let input_id = self.input_id(row)?;
                let InputSummary { title, status, .. } = self.input_summary(row)?;
                add(
                    input_id.to_string(),
                    TypedDependency::Input { input_id, title, status, extra: Extra::NONE },
                );
            }
        }
        Ok(dependencies)
    }

    /// Children in the order in which they were first called: that of their rows. (`created_at` is
    /// when the child was made, not when it was called: seen in recorded databases.)
    fn children(&self, execution: i64) -> Result<Vec<Child>, ImportError> {
        let sql = "SELECT r.external_id, s.number, e.attempt, c.group_id
                   FROM children c JOIN executions e ON e.id = c.child_id
                   JOIN steps s ON s.id = e.step_id JOIN runs r ON r.id = s.run_id
                   WHERE c.parent_id = ? ORDER BY c.rowid";
        self.all(sql, [execution], |row| {
            Ok(Child {
                step_id: StepId::new(id(row, 0)?, row.get(1)?),
                attempt: number(row, 2)?,
                group_id: row.get(3)?,
                extra: Extra::NONE,
            })
        })
    }

    fn inputs_of(
        &self,
        execution: i64,
    ) -> Result<Option<BTreeMap<InputId, InputSummary>>, ImportError> {
        if self.version < 3 {
            return Ok(None);
        }
        let sql = "SELECT input_id FROM execution_inputs WHERE execution_id = ?";
        let rows: Vec<i64> = self.all(sql, [execution], |row| Ok(row.get(0)?))?;
        let inputs =
            rows.into_iter().map(|row| Ok((self.input_id(row)?, self.input_summary(row)?)));
        Ok(Some(inputs.collect::<Result<_, ImportError>>()?))
    }

    fn input_summary(&self, input: i64) -> Result<InputSummary, ImportError> {
        let sql = "SELECT i.title, r.type FROM inputs i
                   LEFT JOIN input_responses r ON r.input_id = i.id WHERE i.id = ?";
        self.one(sql, input, |row| {
            let status = match row.get::<_, Option<i64>>(1)? {
                None => None,
                Some(1) => Some(InputStatus::Value),
                Some(2) => Some(InputStatus::Dismissed),
                Some(3) => Some(InputStatus::Cancelled),
                Some(kind) => return Err(RowError::new(format!("a response of type {kind}"))),
            };
            Ok(InputSummary { title: row.get(0)?, status, extra: Extra::NONE })
        })
    }

    fn metrics(
        &self,
        execution: i64,
    ) -> Result<Option<BTreeMap<String, MetricDefinition>>, ImportError> {
        if self.version < 2 {
            return Ok(None);
        }
        let sql = "SELECT key, \"group\", group_units, group_lower, group_upper, scale, units,
                          progress, lower, upper
                   FROM metrics WHERE execution_id = ?";
        let metrics = self.all(sql, [execution], |row| {
            let number = |column| -> Result<Option<Number>, RowError> {
                Ok(row.get::<_, Option<f64>>(column)?.and_then(Number::from_f64))
            };
            let definition = MetricDefinition {
                group: row.get(1)?,
                group_units: row.get(2)?,
                group_lower: number(3)?,
                group_upper: number(4)?,
                scale: row.get(5)?,
                units: row.get(6)?,
                progress: row.get(7)?,
                lower: number(8)?,
                upper: number(9)?,
                extra: Extra::NONE,
            };
            Ok((row.get(0)?, definition))
        })?;
        Ok(Some(metrics.into_iter().collect()))
    }
}
