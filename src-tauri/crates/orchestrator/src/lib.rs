//! The rules as a state machine without I/O: events in, effects out.
//!
//! It never reads a clock (it is given the time), a file, a database or a process. Blob contents it
//! is handed through [`hindcast_model::Blobs`], which is a pure function of the key, and runs that were
//! not looked at yet through [`Recorded`].
//!
//! What is known is the [`World`]; only records change it. What is under way is kept beside it and
//! gone once a run has ended. Each event is handled to its end before the next.

mod apply;
mod assets;
mod at_once;
mod attempt;
mod begin;
mod by_hand;
mod cache;
mod call;
mod cancel;
mod consume;
mod counterpart;
mod declared;
mod derive;
mod event;
mod finish;
mod foreign;
mod guard;
mod handling;
mod inputs;
mod lineage;
mod live;
mod memo;
pub mod message;
mod nearest;
mod orchestrator;
mod own_keys;
mod prints;
mod produce;
mod recorded;
mod rerun;
mod resolve;
mod said;
mod schedule;
mod schema;
mod select;
mod streams;
mod suspend;
mod values;
mod whole;
mod world;

pub use event::{
    Code, Command, Decision, Effect, Event, InquiryId, OnMiss, Policy, Question, Rules, TimerId,
};
pub use orchestrator::{Orchestrator, Settings};
pub use recorded::Recorded;
pub use world::World;
