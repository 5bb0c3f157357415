//! How an execution ended.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Any;

use crate::run::ExecutionRef;
use crate::{Attempt, Extra, Value};

/// How an execution ended, and what that was resolved to where it is known.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "OutcomeForm")]
pub struct Outcome {
    /// How.
    pub ended: Ended,
    /// Where this outcome points on, how that ended.
    pub resolved: Resolved,
    /// Who caused it: null, or Coflux's principal object, kept as it is.
    pub created_by: Any,
    /// Fields unknown to us.
    pub extra: Extra,
}

/// The ways an execution can end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It returned.
    Value(Value),
    /// It raised.
    Error {
        /// What.
        error: Failure,
        /// The attempt that tries again.
        retry: Option<Attempt>,
        /// What the target's `when=` said, if it has one.
        retryable: Option<bool>,
    },
    /// The machine that ran it was lost.
    Abandoned {
        /// The attempt that tries again.
        retry: Option<Attempt>,
    },
    /// Its process ended without saying how (0.12).
    Crashed {
        /// The attempt that tries again.
        retry: Option<Attempt>,
    },
    /// It was cancelled.
    Cancelled,
    /// It ran longer than it may.
    Timeout {
        /// The attempt that tries again.
        retry: Option<Attempt>,
    },
    /// It stopped, to be continued by another attempt.
    Suspended {
        /// That attempt.
        successor: Attempt,
    },
    /// It returned null and runs again.
    Recurred {
        /// The next attempt.
        successor: Attempt,
    },
    /// A later identical call took its place.
    Deferred(ExecutionRef),
    /// It shares an earlier execution's result.
    Cached(ExecutionRef),
    /// It is a workflow and became a run of its own, with this root execution.
    Spawned(ExecutionRef),
}

impl Ended {
    /// Whether all that we know is equal: unknown fields do not count.
    pub fn known_equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value(value), Self::Value(other)) => value.known_equals(other),
            (
                Self::Error { error, retry, retryable },
                Self::Error { error: other, retry: other_retry, retryable: other_retryable },
            ) => error.known_equals(other) && (retry, retryable) == (other_retry, other_retryable),
            (Self::Deferred(execution), Self::Deferred(other))
            | (Self::Cached(execution), Self::Cached(other))
            | (Self::Spawned(execution), Self::Spawned(other)) => execution.known_equals(other),
            // The others hold nothing that could have more.
            _ => self == other,
        }
    }
}

/// What an outcome that points on was resolved to. Live and cold exports differ in it: a cold one
/// leaves the field out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Resolved {
    /// The field is not there.
    #[default]
    Absent,
    /// The field is null: not known yet.
    Pending,
    /// It ended so.
    Known(Box<Outcome>),
}

impl Outcome {
    /// An outcome that points nowhere and that nobody asked for.
    pub fn of(ended: Ended) -> Self {
        Self { ended, resolved: Resolved::Absent, created_by: Any::Null, extra: Extra::NONE }
    }

    /// The value, if this outcome is plainly one: the only finished outcome that answers a memo
    /// lookup (Coflux: a result of type 1).
    pub fn value(&self) -> Option<&Value> {
        match &self.ended {
            Ended::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The attempt of the same step that goes on from here, if there is one.
    pub fn successor(&self) -> Option<Attempt> {
        match self.ended {
            Ended::Error { retry, .. }
            | Ended::Abandoned { retry }
            | Ended::Crashed { retry }
            | Ended::Timeout { retry } => retry,
            Ended::Suspended { successor } | Ended::Recurred { successor } => Some(successor),
            Ended::Value(_)
            | Ended::Cancelled
            | Ended::Deferred(_)
            | Ended::Cached(_)
            | Ended::Spawned(_) => None,
        }
    }

    /// The execution of another step that this shares its result with, if there is one.
    pub fn shared_with(&self) -> Option<&ExecutionRef> {
        match &self.ended {
            Ended::Deferred(execution) | Ended::Cached(execution) | Ended::Spawned(execution) => {
                Some(execution)
            }
            _ => None,
        }
    }
}

/// An exception, as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Failure {
    /// `module.Class`, such as `builtins.KeyError`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `str(exception)`.
    pub message: String,
    /// Outermost first.
    pub frames: Vec<Frame>,
    /// Fields unknown to us.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Failure {
    /// One of our own, without a traceback.
    pub fn of(kind: &str, message: String) -> Self {
        Self { kind: kind.to_owned(), message, frames: Vec::new(), extra: Extra::NONE }
    }

    /// Whether all that we know is equal: unknown fields do not count.
    pub fn known_equals(&self, other: &Self) -> bool {
        let Self { kind, message, frames, extra: _ } = self;
        kind == &other.kind
            && message == &other.message
            && frames.len() == other.frames.len()
            && frames.iter().zip(&other.frames).all(|(frame, other)| frame.known_equals(other))
    }
}

/// One line of a traceback. The file is a path on the machine that ran it: data, never opened
/// unasked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Frame {
    /// The file's path there.
    pub file: String,
    /// The line, from 1; 0 where the server knew none.
    pub line: u32,
    /// The function.
    pub name: Option<String>,
    /// The line's text.
    pub code: Option<String>,
    /// Fields unknown to us.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Frame {
    /// Whether all that we know is equal: unknown fields do not count.
    pub fn known_equals(&self, other: &Self) -> bool {
        let Self { file, line, name, code, extra: _ } = self;
        (file, line, name, code) == (&other.file, &other.line, &other.name, &other.code)
    }
}

/// The outcome as one flat JSON object. (Not a tagged enum: serde would buffer it and lose the text
/// of the values in it.)
#[expect(clippy::option_option, reason = "absent, null and present are three different things")]
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutcomeForm {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default)]
    created_by: Any,
    #[serde(default)]
    value: Option<Value>,
    #[serde(default)]
    error: Option<Failure>,
    #[serde(default, deserialize_with = "present")]
    retry: Option<Option<Attempt>>,
    #[serde(default, deserialize_with = "present")]
    retryable: Option<Option<bool>>,
    #[serde(default)]
    successor: Option<Attempt>,
    #[serde(default)]
    execution: Option<ExecutionRef>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Option<Box<Outcome>>>,
    #[serde(flatten)]
    extra: Extra,
}

/// The same to be written, without a copy of anything.
#[expect(clippy::option_option, reason = "absent, null and present are three different things")]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutcomeRef<'outcome> {
    #[serde(rename = "type")]
    kind: Kind,
    created_by: &'outcome Any,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'outcome Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'outcome Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<Option<Attempt>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retryable: Option<Option<bool>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    successor: Option<Attempt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    execution: Option<&'outcome ExecutionRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Option<&'outcome Outcome>>,
    #[serde(flatten)]
    extra: &'outcome Extra,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Value,
    Error,
    Abandoned,
    Crashed,
    Cancelled,
    Timeout,
    Suspended,
    Recurred,
    Deferred,
    Cached,
    Spawned,
}

/// Tells a field that is null from one that is not there.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

impl TryFrom<OutcomeForm> for Outcome {
    type Error = &'static str;
    fn try_from(form: OutcomeForm) -> Result<Self, Self::Error> {
        let retry = form.retry.flatten();
        let successor = || form.successor.ok_or("an outcome without its successor");
        let execution = |execution: Option<ExecutionRef>| {
            execution.ok_or("an outcome without the execution it shares")
        };
        let ended = match form.kind {
            Kind::Value => Ended::Value(form.value.ok_or("a value outcome without its value")?),
            Kind::Error => Ended::Error {
                error: form.error.ok_or("an error outcome without its error")?,
                retry,
                retryable: form.retryable.flatten(),
            },
            Kind::Abandoned => Ended::Abandoned { retry },
            Kind::Crashed => Ended::Crashed { retry },
            Kind::Cancelled => Ended::Cancelled,
            Kind::Timeout => Ended::Timeout { retry },
            Kind::Suspended => Ended::Suspended { successor: successor()? },
            Kind::Recurred => Ended::Recurred { successor: successor()? },
            Kind::Deferred => Ended::Deferred(execution(form.execution)?),
            Kind::Cached => Ended::Cached(execution(form.execution)?),
            Kind::Spawned => Ended::Spawned(execution(form.execution)?),
        };
        let resolved = match form.result {
            None => Resolved::Absent,
            Some(None) => Resolved::Pending,
            Some(Some(outcome)) => Resolved::Known(outcome),
        };
        Ok(Self { ended, resolved, created_by: form.created_by, extra: form.extra })
    }
}

impl<'outcome> From<&'outcome Outcome> for OutcomeRef<'outcome> {
    fn from(outcome: &'outcome Outcome) -> Self {
        let result = match &outcome.resolved {
            Resolved::Absent => None,
            Resolved::Pending => Some(None),
            Resolved::Known(outcome) => Some(Some(&**outcome)),
        };
        let mut form = Self {
            kind: Kind::Cancelled,
            created_by: &outcome.created_by,
            value: None,
            error: None,
            retry: None,
            retryable: None,
            successor: None,
            execution: None,
            result,
            extra: &outcome.extra,
        };
        match &outcome.ended {
            Ended::Value(value) => (form.kind, form.value) = (Kind::Value, Some(value)),
            Ended::Error { error, retry, retryable } => {
                (form.kind, form.error) = (Kind::Error, Some(error));
                (form.retry, form.retryable) = (Some(*retry), Some(*retryable));
            }
            Ended::Abandoned { retry } => (form.kind, form.retry) = (Kind::Abandoned, Some(*retry)),
            Ended::Crashed { retry } => (form.kind, form.retry) = (Kind::Crashed, Some(*retry)),
            Ended::Cancelled => {}
            Ended::Timeout { retry } => (form.kind, form.retry) = (Kind::Timeout, Some(*retry)),
            Ended::Suspended { successor } => {
                (form.kind, form.successor) = (Kind::Suspended, Some(*successor));
            }
            Ended::Recurred { successor } => {
                (form.kind, form.successor) = (Kind::Recurred, Some(*successor));
            }
            Ended::Deferred(execution) => {
                (form.kind, form.execution) = (Kind::Deferred, Some(execution));
            }
            Ended::Cached(execution) => {
                (form.kind, form.execution) = (Kind::Cached, Some(execution));
            }
            Ended::Spawned(execution) => {
                (form.kind, form.execution) = (Kind::Spawned, Some(execution));
            }
        }
        form
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        OutcomeRef::from(self).serialize(serializer)
    }
}
