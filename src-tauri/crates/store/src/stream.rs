//! Streams produced here, and their items.

use std::collections::BTreeMap;

use hindcast_model::record::StoredRun;
use hindcast_model::{
    Environment, EnvironmentId, ExecutionId, Finding, FoundRun, FoundStream, Origin, RunId, StepId,
    StepNumber, Stream, StreamEnd, StreamId, Value,
};
use rusqlite::OptionalExtension;

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
                   JOIN environments ON environments.id = executions.environment
                   LEFT JOIN owners ON owners.run = streams.run AND owners.step = streams.step
                       AND owners.attempt = producer
                   WHERE streams.ended IS NULL AND executions.ended IS NOT NULL
                       AND environments.origin = 'local'";
        row::all(self.connection.prepare_cached(sql)?, [], |found| {
            let step = StepId::new(row::id(&found.get::<_, String>(0)?)?, found.get(1)?);
            Ok((step.attempt(found.get(2)?), found.get(3)?))
        })
    }

    /// The streams that executions of an environment produced, with their items, as its exports
    /// number them.
    ///
    /// # Errors
    /// If the run or the environment is not here, or the store cannot be read.
    pub fn streams_from(&self, id: &RunId, environment: EnvironmentId) -> Result<Vec<FoundStream>> {
        let environment = self.environment(environment)?;
        let stored = self.load(id)?;
        let mut streams = self.whole_streams(&stored, &environment)?;
        if environment.origin == Origin::Imported {
            self.renumbered()?.reversed().streams(id, &mut streams);
        }
        Ok(streams)
    }

    /// The same in the store's own numbers.
    pub(crate) fn whole_streams(
        &self,
        stored: &StoredRun,
        environment: &Environment,
    ) -> Result<Vec<FoundStream>> {
        let mut streams = Vec::new();
        for ((number, index), stream) in &stored.streams {
            let producer = stored.run.execution(&stream.producer);
            if !producer.is_some_and(|known| environment.workspaces.contains(&known.workspace_id)) {
                continue;
            }
            let step = stream.producer.step.clone();
            let items =
                self.stream_items(&StreamId { step, index: *index }, 0, 1, stream.length)?;
            streams.push(FoundStream {
                step: *number,
                index: *index,
                producer: stream.producer.attempt,
                end: stream.end.clone(),
                items: items.into_iter().map(|(_, item)| item).collect(),
            });
        }
        Ok(streams)
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

    /// Adds the streams of a run that are not here, and to those that are what is new; gives
    /// whether there was anything.
    pub(crate) fn import_streams(
        &self,
        found: &FoundRun,
        findings: &mut Vec<Finding>,
    ) -> Result<bool> {
        let mut changed = false;
        for stream in &found.streams {
            let step = StepId::new(found.run.id.clone(), stream.step);
            let id = StreamId { step, index: stream.index };
            match self.here(&id)? {
                Here::No => self.insert_stream(&id, stream)?,
                Here::Open { length } => {
                    if !self.extend_stream(&id, stream, length)? {
                        continue;
                    }
                }
                Here::Ended => continue,
                Here::Local => {
                    let (source, place) = (found.source.clone(), id.to_string());
                    let message =
                        "a stream of this id was produced on this machine: it is left as \
                                   it is, and this one out"
                            .to_owned();
                    findings.push(Finding { source, place, message });
                    continue;
                }
            }
            changed = true;
        }
        Ok(changed)
    }

    fn here(&self, stream: &StreamId) -> Result<Here> {
        let sql = "SELECT origin = 'local', streams.ended IS NOT NULL,
                          (SELECT coalesce(max(sequence) + 1, 0) FROM stream_items AS items
                           WHERE items.run = streams.run AND items.step = streams.step
                             AND items.number = streams.number)
                   FROM streams
                   JOIN executions ON executions.run = streams.run
                       AND executions.step = streams.step AND executions.attempt = producer
                   JOIN environments ON environments.id = executions.environment
                   WHERE streams.run = ? AND streams.step = ? AND streams.number = ?";
        let found = self.connection.prepare_cached(sql)?.query_row(key(stream), |row| {
            Ok(match (row.get(0)?, row.get(1)?) {
                (true, _) => Here::Local,
                (false, true) => Here::Ended,
                (false, false) => Here::Open { length: row.get(2)? },
            })
        });
        Ok(found.optional()?.unwrap_or(Here::No))
    }

    fn insert_stream(&self, id: &StreamId, stream: &FoundStream) -> Result<()> {
        let producer = id.step.clone().attempt(stream.producer);
        self.register_stream(id, &producer)?;
        self.extend_stream(id, stream, 0)?;
        Ok(())
    }

    /// Adds what comes after the first `length` items; gives whether there was anything.
    fn extend_stream(&self, id: &StreamId, stream: &FoundStream, length: usize) -> Result<bool> {
        let new = stream.items.get(length..).unwrap_or_default();
        for (sequence, item) in (length as u64..).zip(new) {
            self.append(id, sequence, item)?;
        }
        if let Some(end) = &stream.end {
            self.close_stream(id, end)?;
        }
        Ok(!new.is_empty() || stream.end.is_some())
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

/// Whether a stream that is imported is here.
enum Here {
    No,
    /// Imported before, when it had so many items and more might come.
    Open {
        length: usize,
    },
    Ended,
    /// Another, produced here.
    Local,
}

/// The columns that name a stream.
fn key(stream: &StreamId) -> (&str, u32, u32) {
    (stream.step.run.as_str(), stream.step.number, stream.index)
}
