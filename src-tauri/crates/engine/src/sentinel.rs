//! The sentinel: sees what a body does outside of itself, and refuses it where a person said so.
//!
//! Where a project is run with a plain `python … -m coflux`, its processes are started so that an
//! audit hook (PEP 578) is in place before anything of the project is imported. Neither the code nor
//! its environment is touched. It sees what Python code does; it is no sandbox, as native code does
//! what it likes unseen.

mod report;

pub(crate) use report::{Reports, to_the_line};

use crate::bootstrap::Source;

/// The part of an executor's Python that is it.
pub(crate) const SOURCE: Source =
    Source { name: "sentinel", text: include_str!("sentinel/sentinel.py") };

/// The method of its lines.
pub(crate) const METHOD: &str = "hindcast_effect";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_lines_have_the_method_they_are_known_by() {
        assert!(SOURCE.text.contains(METHOD));
    }
}
