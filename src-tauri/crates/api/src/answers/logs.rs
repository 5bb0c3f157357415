//! Log lines.

use hindcast_model::record::{LogEntry, LogLevel};
use hindcast_model::{Blobs, ExecutionId, RunId, StepId};

use crate::api::Answered;
use crate::calls::GetLogs;
use crate::large::shortened;
use crate::seen::Seen;
use crate::template::fill;
use crate::view::{Level, LogLine, LogPage};
use crate::{Api, ApiError};

impl Answered for GetLogs {
    async fn answer(self, api: &Api) -> Result<LogPage, ApiError> {
        let blobs = api.blobs().clone();
        let loaded = api.loaded().clone();
        api.read(move |store| {
            let run: RunId = self.run.parse()?;
            let step = self.step.as_deref().map(str::parse::<StepId>).transpose()?;
            let seen = Seen::load(store, &loaded, &run, &self.environment)?;
            let mut entries = match (&step, self.after) {
                (Some(step), None) => store.logs_of_step(step)?,
                (_, after) => store.logs_since(&run, after.map_or(0, i64::from))?,
            };
            // Before the choice: what is not of this step need not be read again either.
            let last = entries.iter().map(|(number, _)| *number).max();
            let cursor = last
                .map_or(self.after.unwrap_or(0), |last| u32::try_from(last).unwrap_or(u32::MAX));
            entries.retain(|(_, entry)| {
                let execution = seen.run().execution(&entry.execution);
                let visible = execution.is_some_and(|one| seen.environment(one).is_some());
                visible && step.as_ref().is_none_or(|step| entry.execution.step == *step)
            });
            let limit = self.limit.map_or(usize::MAX, |limit| limit as usize);
            let earlier = entries.len().saturating_sub(limit);
            let lines = entries[earlier..].iter().map(|(_, entry)| line(&seen, entry, &blobs));
            let lines = lines.collect();
            Ok(LogPage { lines, cursor, earlier: u32::try_from(earlier).unwrap_or(u32::MAX) })
        })
        .await
    }
}

/// The lines that one execution wrote, of those given.
pub(crate) fn lines(
    seen: &Seen,
    entries: &[LogEntry],
    execution: &ExecutionId,
    blobs: &dyn Blobs,
) -> Vec<LogLine> {
    let own = entries.iter().filter(|entry| entry.execution == *execution);
    own.map(|entry| line(seen, entry, blobs)).collect()
}

fn line(seen: &Seen, entry: &LogEntry, blobs: &dyn Blobs) -> LogLine {
    let (text, values) = fill(entry.template.as_deref().unwrap_or(""), &entry.values, blobs);
    LogLine {
        execution: entry.execution.to_string(),
        target: seen.target(&entry.execution).unwrap_or_default().to_owned(),
        at: entry.at.0,
        level: level(entry.level),
        text: shortened(&text),
        values: values.into_iter().map(|(name, value)| (name, shortened(&value))).collect(),
    }
}

fn level(level: LogLevel) -> Level {
    match level {
        LogLevel::Debug => Level::Debug,
        LogLevel::Stdout => Level::Stdout,
        LogLevel::Info => Level::Info,
        LogLevel::Stderr => Level::Stderr,
        LogLevel::Warning => Level::Warning,
        LogLevel::Error => Level::Error,
    }
}
