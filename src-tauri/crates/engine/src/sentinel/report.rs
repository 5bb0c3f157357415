//! What the sentinel says.

use hindcast_model::{Act, ActKind, Frame, Place};
use hindcast_orchestrator::message::Message;
use serde::Deserialize;

use crate::bootstrap::is_own;
use crate::codec::cut;

/// How many reports of one execution are kept. The sentinel itself stays far below.
const MOST: u32 = 5_000;

/// The longest text of a report, in bytes.
const LONGEST: usize = 2_000;

/// A report as it stands on the wire.
#[derive(Deserialize)]
struct Report {
    kind: ActKind,
    target: String,
    detail: Option<String>,
    place: Option<Place>,
    count: u64,
    refused: bool,
}

/// What the sentinel of one execution has said.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    taken: u32,
    refused_at: Option<Place>,
}

impl Reports {
    /// Takes a report in; none if it cannot be used, or too many came before.
    pub(crate) fn take(&mut self, params: &str) -> Option<Message> {
        let report: Report = serde_json::from_str(params).ok()?;
        self.taken += 1;
        if self.taken > MOST || report.count == 0 {
            return None;
        }
        let act = Act {
            kind: report.kind,
            target: cut(&report.target, LONGEST),
            detail: report.detail.map(|detail| cut(&detail, LONGEST)),
            place: report.place,
            refused: report.refused,
        };
        if act.refused && act.place.is_some() {
            self.refused_at.clone_from(&act.place);
        }
        Some(Message::Effect { act, count: report.count })
    }

    /// Where something was refused last.
    pub(crate) fn refused_at(&self) -> Option<&Place> {
        self.refused_at.as_ref()
    }
}

/// A failure whose traceback ends at the project's line that was refused something, instead of
/// somewhere in Python's own libraries below it.
pub(crate) fn to_the_line(mut message: Message, refused_at: Option<&Place>) -> Message {
    if let Message::Failed { error, .. } = &mut message {
        let own = error.frames.iter().position(|frame| is_own(&frame.file));
        if let Some(own) = own {
            error.frames.truncate(own);
            let line = refused_at.and_then(|place| error.frames.iter().rposition(at(place)));
            error.frames.truncate(line.map_or(own, |line| line + 1));
        }
    }
    message
}

fn at(place: &Place) -> impl Fn(&Frame) -> bool {
    |frame| frame.line == place.line && frame.file.ends_with(&place.file)
}

#[cfg(test)]
mod tests {
    use hindcast_model::{Extra, Failure};

    use super::*;

    fn frame(file: &str, line: u32) -> Frame {
        Frame { file: file.into(), line, name: None, code: None, extra: Extra::NONE }
    }

    fn cut_to_the_line(frames: &[Frame], place: Option<&Place>) -> Vec<Frame> {
        let error = Failure {
            kind: "K".into(),
            message: "m".into(),
            frames: frames.to_vec(),
            extra: Extra::NONE,
        };
        match to_the_line(Message::Failed { error, retryable: None }, place) {
            Message::Failed { error, .. } => error.frames,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refusal_points_at_the_line_and_no_other_failure_is_touched() {
        let place = Place { file: "shop/a.py".into(), line: 7, function: "f".into() };
        let own = [frame("/p/shop/b.py", 1), frame("/p/shop/a.py", 7)];
        let library = [frame("/usr/lib/python3/urllib/request.py", 215)];
        let sentinel = [frame("<hindcast sentinel>", 99)];
        let refused = [&own[..], &library, &sentinel].concat();
        assert_eq!(cut_to_the_line(&refused, Some(&place)), own);
        assert_eq!(cut_to_the_line(&refused, None), [&own[..], &library].concat());
        let raised = [&own[..], &library].concat();
        assert_eq!(cut_to_the_line(&raised, Some(&place)), raised);
    }

    #[test]
    fn what_no_sentinel_would_say_is_not_taken() {
        let report = r#"{"kind":"connection","target":"a:1","detail":null,"place":null,"count":1,
            "refused":false}"#;
        let mut reports = Reports::default();
        for (from, to) in [("connection", "sorcery"), ("\"count\":1", "\"count\":0")] {
            assert_eq!(reports.take(&report.replace(from, to)), None);
        }
        let taken = std::iter::repeat_with(|| reports.take(report)).take_while(Option::is_some);
        assert_eq!(taken.count(), MOST as usize - 1, "one that said nothing counts as one");
    }
}
