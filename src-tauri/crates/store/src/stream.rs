//! Streams produced here, and their items.

use std::collections::BTreeMap;

use hindcast_model::{ExecutionId, RunId, StepId, StepNumber, Stream, StreamEnd, StreamId, Value};

use crate::{Result, Store, StoreError, Transaction, row};

impl Store {
    /// Up to `limit` items of a stream from `start` on, `step` apart, each with its place.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn stream_items(
        &self,
        stream: &StreamId,
        start: u64,
        step: u64,
        limit: u64,
    ) -> Result<Vec<(u64, Value)>> {
        let sql = "SELECT sequence, value FROM stream_items
                   WHERE run = ?1 AND step = ?2 AND number = ?3
                     AND sequence >= ?4 AND (sequence - ?4) % ?5 = 0
                   ORDER BY sequence LIMIT ?6";
        let (run, number, index) = key(stream);
        let parameters = (run, number, index, start, step.max(1), limit);
        row::all(self.connection.prepare_cached(sql)?, parameters, |row| {
            let value = row::document(&row.get::<_, String>(1)?, stream)?;
            Ok((row.get(0)?, value))
        })
    }

    /// Local executions whose outcome is known but whose streams have not ended, with the session
    /// that has each in hand, if any.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn draining(&self) -> Result<Vec<(ExecutionId, Option<String>)>> {
        let sql = "SELECT DISTINCT streams.run, streams.step, producer, session
                   FROM streams
                   JOIN executions ON executions.run = streams.run
                       AND executions.step = streams.step AND executions.attempt = producer
                   LEFT JOIN owners ON owners.run = streams.run AND owners.step = streams.step
                       AND owners.attempt = producer
                   WHERE streams.ended IS NULL AND executions.ended IS NOT NULL";
        row::all(self.connection.prepare_cached(sql)?, [], |found| {
            let step = StepId::new(row::id(&found.get::<_, String>(0)?)?, found.get(1)?);
            Ok((step.attempt(found.get(2)?), found.get(3)?))
        })
    }

    pub(crate) fn load_streams(&self, id: &RunId) -> Result<BTreeMap<(StepNumber, u32), Stream>> {
        let sql = "SELECT step, number, producer, ended,
                          (SELECT coalesce(max(sequence) + 1, 0) FROM stream_items AS items
                           WHERE items.run = streams.run AND items.step = streams.step
                             AND items.number = streams.number)
                   FROM streams WHERE run = ?";
        let found = row::all(self.connection.prepare_cached(sql)?, [id.as_str()], |row| {
            let step = StepId::new(id.clone(), row.get(0)?);
            let index: u32 = row.get(1)?;
            let end: Option<String> = row.get(3)?;
            let end = row::optional(end.as_deref(), format_args!("the stream {step}_{index}"))?;
            let producer = step.attempt(row.get(2)?);
            Ok(((step.number, index), Stream { producer, length: row.get(4)?, end }))
        })?;
        Ok(found.into_iter().collect())
    }
}

impl Transaction<'_> {
    /// Notes that nobody has those executions of a step in hand any more that have ended, and whose
    /// streams have.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn disown_done(&self, step: &StepId) -> Result<()> {
        let sql = "DELETE FROM owners WHERE run = ?1 AND step = ?2
            AND EXISTS (SELECT 1 FROM executions AS e WHERE e.run = ?1 AND e.step = ?2
                        AND e.attempt = owners.attempt AND e.ended IS NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM streams AS s WHERE s.run = ?1 AND s.step = ?2
                            AND s.producer = owners.attempt AND s.ended IS NULL)";
        self.connection.prepare_cached(sql)?.execute((step.run.as_str(), step.number))?;
        Ok(())
    }

    pub(crate) fn register_stream(&self, stream: &StreamId, producer: &ExecutionId) -> Result<()> {
        let (run, step, index) = key(stream);
        self.connection
            .prepare_cached(
                "INSERT INTO streams (run, step, number, producer) VALUES (?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET producer = excluded.producer",
            )?
            .execute((run, step, index, producer.attempt))?;
        Ok(())
    }

    pub(crate) fn append(&self, stream: &StreamId, sequence: u64, value: &Value) -> Result<()> {
        let (run, step, index) = key(stream);
        self.connection
            .prepare_cached("INSERT INTO stream_items VALUES (?, ?, ?, ?, ?)")?
            .execute((run, step, index, sequence, row::json(value)?))?;
        Ok(())
    }

    pub(crate) fn close_stream(&self, stream: &StreamId, end: &StreamEnd) -> Result<()> {
        let (run, step, index) = key(stream);
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE streams SET ended = ?
                 WHERE run = ? AND step = ? AND number = ? AND ended IS NULL",
            )?
            .execute((row::json(end)?, run, step, index))?;
        if changed == 1 {
            return Ok(());
        }
        let what = format!("the stream {stream}");
        Err(StoreError::Row { what, error: "a stream ends once".into() })
    }
}

/// The columns that name a stream.
fn key(stream: &StreamId) -> (&str, u32, u32) {
    (stream.step.run.as_str(), stream.step.number, stream.index)
}
