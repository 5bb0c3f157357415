//! What old forms did not hold.

use super::form::{Era, Form, FormKind};

impl Era {
    /// The versions, for people.
    pub(crate) fn versions(self) -> &'static str {
        match self {
            Self::V2 => "Coflux 0.2",
            Self::V3 => "Coflux 0.3",
            Self::V4 => "Coflux 0.4",
            Self::V5 => "Coflux 0.5",
            Self::V6 => "Coflux 0.6",
            Self::V7 => "Coflux 0.7",
            Self::V8 => "Coflux 0.8",
        }
    }
}

impl Form {
    /// What was read, for people.
    pub(crate) fn name(self) -> String {
        let what = match self.kind {
            FormKind::Topic => "the run topic",
            FormKind::Database => "a database",
        };
        format!("{what} of {}", self.era.versions())
    }

    /// What today's form has, and this form did not hold.
    pub(crate) fn lacks(self) -> Vec<&'static str> {
        let Self { kind, era } = self;
        let topic = kind == FormKind::Topic;
        let table = [
            (topic && era == Era::V2, "in which environment it ran"),
            (topic && era > Era::V2, "names and bases of environments"),
            (topic, "retries"),
            (topic && era < Era::V6, "memo and cache keys (only that a step is memoised)"),
            (era < Era::V6, "settings of the cache"),
            (topic && era < Era::V6, "which attempt a memoised call got"),
            (topic && era < Era::V6, "results of cached and deferred executions"),
            (era < Era::V4, "tags"),
            (era < Era::V7, "groups"),
            (topic && era >= Era::V6, "which assets an execution consumed"),
            (topic, "checkpoints"),
            (true, "timeouts"),
            (true, "who asked for a run or a re-run"),
        ];
        table.into_iter().filter(|(lacking, _)| *lacking).map(|(_, what)| what).collect()
    }

    /// The same as one sentence.
    pub(crate) fn says(self) -> String {
        format!("{}; it does not hold: {}", self.name(), self.lacks().join(", "))
    }
}
