//! What a process prints: kept up to a bound.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hindcast_model::ExecutionId;
use hindcast_model::record::LogLevel;
use hindcast_orchestrator::message::Message;
use tokio::net::unix::pipe;
use tokio::task::JoinHandle;

use super::lines::{Line, Lines};
use super::{Report, Reported, Workshop};
use crate::codec;

/// How much log text of one execution is kept, in bytes.
const KEPT: u64 = 10 << 20;

/// What a log line costs beside its text.
const LINE: u64 = 64;

/// How many of the last lines of stderr are told when a process ends without saying how.
const LAST_WORDS: usize = 12;

/// The longest line of stderr, in bytes.
const LONGEST_ERROR: usize = 64 << 10;

/// Counts the log text of one execution.
#[derive(Debug, Clone, Default)]
pub(super) struct Budget(Arc<AtomicU64>);

impl Budget {
    /// The message, if it is to be passed on. The first log line that is too much becomes a line
    /// that says so; later ones are dropped. Other messages always pass.
    pub(super) fn spend(&self, message: Message) -> Option<Message> {
        let Message::Log { template, .. } = &message else { return Some(message) };
        let cost = template.as_ref().map_or(0, String::len) as u64 + LINE;
        let before = self.0.fetch_add(cost, Ordering::Relaxed);
        if before + cost <= KEPT {
            return Some(message);
        }
        (before <= KEPT).then(|| {
            let text = format!("More than {} MiB were printed; the rest is not kept.", KEPT >> 20);
            codec::line_of(LogLevel::Warning, text)
        })
    }
}

/// The last lines of stderr.
#[derive(Debug, Default)]
pub(super) struct Errors(VecDeque<String>);

impl Errors {
    /// Reads stderr to its end and turns it into log lines.
    pub(super) fn drain(
        stderr: pipe::Receiver,
        execution: ExecutionId,
        workshop: &Arc<Workshop>,
        budget: &Budget,
    ) -> JoinHandle<Self> {
        let (reports, budget) = (workshop.reports.clone(), budget.clone());
        tokio::spawn(async move {
            let mut lines = Lines::new(stderr, LONGEST_ERROR);
            let mut errors = Self::default();
            while let Ok(Some(line)) = lines.next().await {
                let (Line::Whole(text) | Line::Long { beginning: text, .. }) = line;
                errors.note(&text);
                let message = budget.spend(codec::line_of(LogLevel::Stderr, text));
                let Some(message) = message else { continue };
                let what = Reported::Said(message);
                // Nobody listens any more when the engine is ending; the pipe is drained still.
                let _ = reports.send(Report { execution: execution.clone(), what }).await;
            }
            errors
        })
    }

    fn note(&mut self, line: &str) {
        if self.0.len() == LAST_WORDS {
            self.0.pop_front();
        }
        self.0.push_back(codec::cut(line, 500));
    }

    /// The lines, newest last.
    pub(super) fn tail(&self) -> String {
        self.0.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_much_output_is_told_once_and_nothing_else_is_dropped() {
        let budget = Budget::default();
        let line = || codec::line_of(LogLevel::Stdout, "x".repeat(1 << 20));
        let passed: Vec<Message> = (0..20).filter_map(|_| budget.spend(line())).collect();
        assert_eq!(passed.len(), 10);
        let Message::Log { template: Some(text), .. } = &passed[9] else { panic!("a log line") };
        assert_eq!(text, "More than 10 MiB were printed; the rest is not kept.");
        let group = Message::RegisterGroup { group: 0, name: None };
        assert_eq!(budget.spend(group.clone()), Some(group));
    }
}
