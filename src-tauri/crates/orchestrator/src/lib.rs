//! The rules as a state machine without I/O: events in, effects out.
//!
//! It never reads a clock (it is given the time), a file, a database or a process. Blob contents it
//! is handed through [`hindcast_model::Blobs`], which is a pure function of the key.

mod event;
pub mod message;

pub use event::{Command, Decision, Effect, Event, OnMiss, Policy, Question, Rules, TimerId};
