//! Log lines.

use hindcast_model::record::{LogEntry, LogLevel};
use hindcast_model::{Blobs, RunId, StepId};

use crate::api::Answered;
use crate::calls::GetLogs;
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
            let mut entries = store.logs(&run, None)?;
            entries.retain(|entry| {
                let execution = seen.run().execution(&entry.execution);
                let visible = execution.is_some_and(|one| seen.environment(one).is_some());
                visible && step.as_ref().is_none_or(|step| entry.execution.step == *step)
            });
            let cursor = u32::try_from(entries.len()).unwrap_or(u32::MAX);
            let after = self.after.unwrap_or(0) as usize;
            let lines = entries.iter().skip(after).map(|entry| line(&seen, entry, &blobs));
            Ok(LogPage { lines: lines.collect(), cursor })
        })
        .await
    }
}

fn line(seen: &Seen, entry: &LogEntry, blobs: &dyn Blobs) -> LogLine {
    let (text, values) = fill(entry.template.as_deref().unwrap_or(""), &entry.values, blobs);
    LogLine {
        execution: entry.execution.to_string(),
        target: seen.target(&entry.execution).unwrap_or_default().to_owned(),
        at: entry.at.0,
        level: level(entry.level),
        text,
        values,
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
