//! Executions in an old database.

use std::collections::BTreeMap;

use hindcast_model::{Attempt, Extra, Failure, Frame, Timestamp};
use rusqlite::types::ValueRef;
use serde_json::Number;

use super::Old;
use crate::ImportError;
use crate::legacy::form::{
    Era, OldAsset, OldChild, OldDependency, OldExecution, OldId, OldOutcome,
};
use crate::server::database::{RowError, id, number};

impl Old<'_> {
    /// The attempts at a step, by its row.
    pub(super) fn executions(
        &self,
        step: i64,
    ) -> Result<BTreeMap<Attempt, OldExecution>, ImportError> {
        let place = self.place.map_or("NULL".to_owned(), |place| format!("e.{place}_id"));
        let sql = format!(
            "SELECT e.id, e.attempt, {place}, e.execute_after, e.created_at, a.created_at
             FROM executions e LEFT JOIN assignments a ON a.execution_id = e.id
             WHERE e.step_id = ? ORDER BY e.attempt"
        );
        let rows = self.database.all(&sql, [step], |row| {
            let execution = OldExecution {
                execution_id: OldId::Integer(row.get(0)?),
                environment_id: row.get::<_, Option<u64>>(2)?.map(OldId::Integer),
                workspace_id: None,
                space_id: None,
                created_at: Timestamp(row.get(4)?),
                execute_after: match row.get_ref(3)? {
                    ValueRef::Integer(at) => Some(at.into()),
                    ValueRef::Real(at) => Number::from_f64(at),
                    _ => None,
                },
                assigned_at: row.get::<_, Option<i64>>(5)?.map(Timestamp),
                completed_at: None,
                groups: BTreeMap::new(),
                assets: BTreeMap::new(),
                dependencies: BTreeMap::new(),
                consumed: BTreeMap::new(),
                children: Vec::new(),
                result: None,
                reference: false,
                log_count: false,
                checkpoint: None,
            };
            Ok((row.get::<_, i64>(0)?, number(row, 1)?, execution))
        })?;
        let mut executions = BTreeMap::new();
        for (row, attempt, mut execution) in rows {
            if self.era >= Era::V7 {
                let sql = "SELECT group_id, name FROM groups WHERE execution_id = ?";
                let groups = self.database.all(sql, [row], |row| Ok((row.get(0)?, row.get(1)?)))?;
                execution.groups = groups.into_iter().collect();
            }
            execution.assets = self.persisted(row)?;
            self.dependencies(row, &mut execution)?;
            execution.children = self.children(row)?;
            execution.checkpoint = self.checkpoint(row)?;
            if let Some((outcome, at)) = self.outcome(row)? {
                (execution.result, execution.completed_at) = (Some(outcome), Some(at));
            }
            if executions.insert(attempt, execution).is_some() {
                let reason = format!("attempt {attempt} of step row {step} is there twice");
                return Err(ImportError::at(&self.database.name, "executions", reason));
            }
        }
        Ok(executions)
    }

    fn persisted(&self, execution: i64) -> Result<BTreeMap<String, OldAsset>, ImportError> {
        let sql = if self.era < Era::V6 {
            "SELECT id FROM assets WHERE execution_id = ?"
        } else {
            "SELECT asset_id FROM execution_assets WHERE execution_id = ?"
        };
        let rows: Vec<i64> = self.database.all(sql, [execution], |row| Ok(row.get(0)?))?;
        let assets = rows.into_iter().map(|row| {
            let (id, asset, _) = self.asset(row)?;
            Ok((id.to_string(), asset))
        });
        assets.collect()
    }

    fn dependencies(&self, execution: i64, into: &mut OldExecution) -> Result<(), ImportError> {
        let rows = |sql: &str| {
            self.database.all(sql, [execution], |row| Ok(row.get::<_, Option<i64>>(0)?))
        };
        let integer = |row: i64| OldId::Integer(row.cast_unsigned());
        let sql = "SELECT dependency_id FROM result_dependencies WHERE execution_id = ?";
        for row in rows(sql)?.into_iter().flatten() {
            into.dependencies.insert(integer(row), OldDependency::on(self.reference(row)?));
        }
        let sql = "SELECT asset_id FROM asset_dependencies WHERE execution_id = ?";
        for row in rows(sql)?.into_iter().flatten() {
            let (id, asset, producer) = self.asset(row)?;
            let Some(producer) = producer else {
                into.consumed.insert(id.to_string(), asset);
                continue;
            };
            // As the topic shows it: below the execution that made it.
            let made = OldDependency::on(self.reference(producer)?);
            let made = into.dependencies.entry(integer(producer)).or_insert(made);
            made.assets.insert(id.to_string(), asset);
        }
        Ok(())
    }

    /// Children in the order in which they were first called: that of their rows.
    fn children(&self, execution: i64) -> Result<Vec<OldChild>, ImportError> {
        if self.era >= Era::V6 {
            let group = if self.era >= Era::V7 { "c.group_id" } else { "NULL" };
            let sql = format!(
                "SELECT s.external_id, e.attempt, {group}
                 FROM children c JOIN executions e ON e.id = c.child_id
                 JOIN steps s ON s.id = e.step_id WHERE c.parent_id = ? ORDER BY c.rowid"
            );
            return self.database.all(&sql, [execution], |row| {
                Ok(OldChild::Execution {
                    step_id: row.get(0)?,
                    attempt: number(row, 1)?,
                    group_id: row.get(2)?,
                })
            });
        }
        let sql = "SELECT s.external_id, c.created_at, s.repository, s.target, r.external_id,
                          r.id = (SELECT s2.run_id FROM executions e2
                                  JOIN steps s2 ON s2.id = e2.step_id WHERE e2.id = c.parent_id)
                   FROM children c JOIN steps s ON s.id = c.child_id JOIN runs r ON r.id = s.run_id
                   WHERE c.parent_id = ? ORDER BY c.rowid";
        self.database.all(sql, [execution], |row| {
            let (step_id, at): (String, i64) = (row.get(0)?, row.get(1)?);
            Ok(if row.get::<_, Option<bool>>(5)? == Some(true) {
                OldChild::Called { step_id, made_at: Timestamp(at) }
            } else {
                OldChild::Run {
                    run_id: id(row, 4)?,
                    step_id,
                    execution_id: None,
                    module: row.get(2)?,
                    target: row.get(3)?,
                    created_at: Timestamp(at),
                }
            })
        })
    }

    fn checkpoint(
        &self,
        execution: i64,
    ) -> Result<Option<Vec<crate::legacy::form::OldValue>>, ImportError> {
        let sql =
            "SELECT id FROM checkpoints WHERE execution_id = ? ORDER BY sequence DESC LIMIT 1";
        let newest: Option<i64> = self.database.first(sql, [execution], |row| Ok(row.get(0)?))?;
        let arguments =
            newest.map(|row| self.arguments("checkpoint_arguments", "checkpoint_id", row));
        arguments.transpose()
    }

    fn outcome(&self, execution: i64) -> Result<Option<(OldOutcome, Timestamp)>, ImportError> {
        type Columns = (i64, Option<i64>, Option<i64>, Option<i64>, i64);
        let sql = "SELECT type, error_id, value_id, successor_id, created_at FROM results
                   WHERE execution_id = ?";
        let row: Option<Columns> = self.database.first(sql, [execution], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })?;
        let Some((kind, error, value, successor, at)) = row else { return Ok(None) };
        let words = [
            "error",
            "value",
            "abandoned",
            "cancelled",
            "deferred",
            "cached",
            "suspended",
            "spawned",
        ];
        let word = usize::try_from(kind).ok().and_then(|kind| words.get(kind));
        let word = word.ok_or_else(|| {
            let reason = format!("a result of type {kind}, which we do not know");
            ImportError::at(&self.database.name, "results", reason)
        })?;
        let shares = matches!(*word, "deferred" | "cached" | "spawned");
        let integer = successor.map(|row| OldId::Integer(row.cast_unsigned()));
        let outcome = OldOutcome {
            kind: (*word).to_owned(),
            value: value.map(|row| self.value(row)).transpose()?,
            error: error.map(|row| self.failure(row)).transpose()?,
            retry_id: integer.clone().filter(|_| !shares),
            retry: None,
            execution_id: integer.filter(|_| shares),
            execution: successor.filter(|_| shares).map(|row| self.reference(row)).transpose()?,
            result: None,
        };
        Ok(Some((outcome, Timestamp(at))))
    }

    fn failure(&self, row: i64) -> Result<Failure, ImportError> {
        let sql = "SELECT file, line, name, code FROM error_frames WHERE error_id = ?
                   ORDER BY depth";
        let frames = self.database.all(sql, [row], |row| {
            Ok(Frame {
                file: row.get(0)?,
                line: row.get(1)?,
                name: row.get(2)?,
                code: row.get(3)?,
                extra: Extra::NONE,
            })
        })?;
        self.database.one("SELECT type, message FROM errors WHERE id = ?", row, |row| {
            let (kind, message) = (row.get(0)?, row.get(1)?);
            Ok::<_, RowError>(Failure { kind, message, frames: frames.clone(), extra: Extra::NONE })
        })
    }
}
