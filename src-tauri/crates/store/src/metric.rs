//! Metric points. Definitions stand with the executions.

use std::collections::{BTreeMap, HashMap};

use hindcast_model::record::MetricPoint;
use hindcast_model::{ExecutionId, RunId, StepId};

use crate::{Result, Store, Transaction, row};

impl Store {
    /// A run's metric points in the order they were measured; of one execution or of all.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn points(&self, run: &RunId, execution: Option<&ExecutionId>) -> Result<Vec<MetricPoint>> {
        let sql = "SELECT step, attempt, key, value, at FROM points
                   WHERE run = ?1 AND (?2 IS NULL OR step = ?2 AND attempt = ?3) ORDER BY id";
        let step = execution.map(|execution| execution.step.number);
        let attempt = execution.map(|execution| execution.attempt);
        row::all(self.connection.prepare_cached(sql)?, (run.as_str(), step, attempt), |row| {
            Ok(MetricPoint {
                execution: StepId::new(run.clone(), row.get(0)?).attempt(row.get(1)?),
                key: row.get(2)?,
                value: row.get(3)?,
                at: row.get(4)?,
            })
        })
    }

    /// What an execution measured, by metric, each as moments and values in the order they were
    /// measured.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn measured(&self, execution: &ExecutionId) -> Result<BTreeMap<String, Vec<(f64, f64)>>> {
        let (run, step, attempt) = row::key(execution);
        let sql = "SELECT key, at, value FROM points
                   WHERE run = ? AND step = ? AND attempt = ? ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((run, step, attempt))?;
        let mut measured: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let key = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            let point = (row.get(1)?, row.get(2)?);
            // Only a new metric's name is kept: there may be very many points.
            match measured.get_mut(key) {
                Some(points) => points.push(point),
                None => drop(measured.insert(key.to_owned(), vec![point])),
            }
        }
        Ok(measured)
    }

    /// What an execution measured last of a metric.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn last_measured(&self, execution: &ExecutionId, metric: &str) -> Result<Option<f64>> {
        let (run, step, attempt) = row::key(execution);
        let sql = "SELECT value FROM points
                   WHERE run = ? AND step = ? AND attempt = ? AND key = ? ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((run, step, attempt, metric))?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }
}

impl Transaction<'_> {
    pub(crate) fn add_point(&self, point: &MetricPoint) -> Result<()> {
        let (run, step, attempt) = row::key(&point.execution);
        self.connection
            .prepare_cached(
                "INSERT INTO points (run, step, attempt, key, value, at)
                 VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute((run, step, attempt, &point.key, point.value, point.at))?;
        Ok(())
    }

    /// Adds the points that are not there yet and returns how many. Equal points of one source are
    /// different points; equal points of two sources are the same.
    pub(crate) fn add_missing_points(&self, points: &[MetricPoint]) -> Result<usize> {
        let mut there: HashMap<RunId, HashMap<String, u32>> = HashMap::new();
        let mut added = 0;
        for point in points {
            let run = point.execution.run();
            if !there.contains_key(run) {
                let mut counts = HashMap::new();
                for known in self.points(run, None)? {
                    *counts.entry(row::json(&known)?).or_default() += 1;
                }
                there.insert(run.clone(), counts);
            }
            let text = row::json(point)?;
            match there.get_mut(run).and_then(|points| points.get_mut(&text)) {
                Some(count) if *count > 0 => *count -= 1,
                _ => {
                    self.add_point(point)?;
                    added += 1;
                }
            }
        }
        Ok(added)
    }
}
