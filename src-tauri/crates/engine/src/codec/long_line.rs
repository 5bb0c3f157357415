//! Lines too long to be kept in memory: only their beginning is known.

use hindcast_model::record::LogLevel;
use hindcast_orchestrator::message::RequestId;

use super::outgoing::failure;
use super::{Heard, LONGEST_LINE, LONGEST_LOG, fatal, line_of, repair, shortened};

/// What a line came to whose beginning and length are known. A long log line is kept in part, a
/// long request is refused, a long result fails the step: nothing vanishes.
pub(super) fn hear(beginning: &str, length: u64) -> Heard {
    let note = format!(
        "of {length} bytes is too long; the most Hindcast reads is {} MiB",
        LONGEST_LINE >> 20
    );
    if let Some(request) = number(beginning, "{\"id\":") {
        return Heard::Answer(failure(
            RequestId(request),
            "too_long",
            &format!("a request {note}"),
        ));
    }
    match text(beginning, "{\"method\":\"").as_deref() {
        Some("log") => Heard::Says(log(beginning, length)),
        Some(method @ ("execution_result" | "checkpoint_update" | "execution_error")) => {
            fatal("hindcast.TooLong", format!("the message {method} {note}"))
        }
        _ => Heard::Says(line_of(LogLevel::Stdout, shortened(beginning, LONGEST_LOG, length))),
    }
}

fn log(beginning: &str, length: u64) -> hindcast_orchestrator::message::Message {
    let level = number(beginning, "\"level\":").and_then(|level| i64::try_from(level).ok());
    let level = level.and_then(LogLevel::from_number).unwrap_or(LogLevel::Info);
    let template = text(beginning, "\"template\":\"").unwrap_or_default();
    line_of(level, shortened(&template, LONGEST_LOG, length))
}

/// The whole number after the first `mark`.
fn number(line: &str, mark: &str) -> Option<u64> {
    let (_, rest) = line.split_once(mark)?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest[..end].parse().ok()
}

/// The JSON string that begins after the first `mark`, as far as it is there.
fn text(line: &str, mark: &str) -> Option<String> {
    let (_, rest) = line.split_once(mark)?;
    let mut end = 0;
    let bytes = rest.as_bytes();
    while end < bytes.len() && bytes[end] != b'"' {
        let step = match bytes[end] {
            b'\\' if bytes.get(end + 1) == Some(&b'u') => 6,
            b'\\' => 2,
            _ => 1,
        };
        if end + step > bytes.len() {
            break;
        }
        end += step;
    }
    let whole = format!("\"{}\"", &rest[..end]);
    serde_json::from_str(&repair(&whole).text).ok()
}
