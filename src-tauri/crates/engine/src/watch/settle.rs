//! When a change is whole: the rule, which is given the time.

use std::time::Duration;

/// So long nothing may be heard before what was heard counts as one change.
const QUIET: Duration = Duration::from_millis(30);

/// The same where every file that was written has been closed, or put in its place whole: then only
/// further files may follow, and a tool that saves several does so at once.
const CLOSED: Duration = Duration::from_millis(15);

/// What looks half saved (a file that is gone, or empty) gets so much longer: editors remove or
/// truncate a file before they write it anew.
const GRACE: Duration = Duration::from_millis(250);

/// A tool that writes on and on is waited for at most this long.
const PATIENCE: Duration = Duration::from_secs(2);

/// Makes one change of the many notices that saving gives. Times are since any one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Settle {
    /// Nothing was heard.
    #[default]
    Still,
    /// Something was.
    Stirred {
        /// When the first notice came.
        first: Duration,
        /// When it is time to look.
        due: Duration,
    },
    /// It looked half saved.
    Half {
        /// When the first notice came.
        first: Duration,
        /// When it is taken as it is.
        due: Duration,
    },
}

impl Settle {
    /// A notice came; `closed` tells that no file is known to be written still.
    pub(super) fn heard(&mut self, now: Duration, closed: bool) {
        let first = match *self {
            Self::Still => now,
            Self::Stirred { first, .. } | Self::Half { first, .. } => first,
        };
        let quiet = if closed { CLOSED } else { QUIET };
        *self = Self::Stirred { first, due: (now + quiet).min(first + PATIENCE) };
    }

    /// When to look next, if something was heard.
    pub(super) fn due(&self) -> Option<Duration> {
        match *self {
            Self::Still => None,
            Self::Stirred { due, .. } | Self::Half { due, .. } => Some(due),
        }
    }

    /// Somebody looked: whether what they found is the change, or only half of it.
    pub(super) fn is_whole(&mut self, now: Duration, looks_half: bool) -> bool {
        match *self {
            Self::Stirred { first, .. } if looks_half && now < first + PATIENCE => {
                *self = Self::Half { first, due: now + GRACE };
                false
            }
            _ => {
                *self = Self::Still;
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// What happens at a time.
    #[derive(Clone, Copy)]
    enum At {
        /// A notice comes.
        Notice(u64),
        /// One that leaves no file open.
        Closed(u64),
        /// From now on the files look half saved, or whole.
        Half(u64, bool),
    }

    /// When changes come out.
    fn changes(script: &[At]) -> Vec<u64> {
        let (mut settle, mut half, mut found) = (Settle::default(), false, Vec::new());
        let mut script = script.iter().peekable();
        for now in 0..10_000 {
            while let Some(next) = script.next_if(|at| {
                let (At::Notice(time) | At::Closed(time) | At::Half(time, _)) = at;
                *time == now
            }) {
                match *next {
                    At::Notice(_) => settle.heard(ms(now), false),
                    At::Closed(_) => settle.heard(ms(now), true),
                    At::Half(_, is) => half = is,
                }
            }
            if settle.due() == Some(ms(now)) && settle.is_whole(ms(now), half) {
                found.push(now);
            }
        }
        found
    }

    #[test]
    fn many_notices_of_one_save_are_one_change() {
        use At::{Closed, Half, Notice};
        let on_and_on: Vec<At> = (0..5_000).step_by(10).map(Notice).collect();
        let table: [(&str, &[At], &[u64]); 9] = [
            ("one write", &[Notice(5)], &[35]),
            ("one write, and closed", &[Notice(5), Closed(6)], &[21]),
            ("another follows", &[Notice(0), Closed(1), Notice(8), Closed(30)], &[45]),
            ("closed while empty", &[Half(0, true), Closed(0), Half(9, false), Closed(9)], &[24]),
            ("several files at once", &[Notice(0), Notice(9), Notice(20)], &[50]),
            (
                "truncated, looked at empty, then written",
                &[Half(0, true), Notice(0), Half(100, false), Notice(100)],
                &[130],
            ),
            ("removed for good", &[Half(0, true), Notice(0)], &[280]),
            ("two saves", &[Notice(0), Notice(1_000)], &[30, 1_030]),
            ("a tool that writes on and on", &on_and_on, &[2_000, 4_010, 5_020]),
        ];
        for (what, script, expected) in table {
            assert_eq!(changes(script), expected, "{what}");
        }
    }
}
