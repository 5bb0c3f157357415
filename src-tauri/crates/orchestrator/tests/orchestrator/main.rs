//! The rules, one by one and all together.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on shall stop")]

mod child_runs;
mod guard;
mod handled;
mod lifecycle;
mod lost_pins;
mod memo;
mod neighbours;
mod pins;
mod program;
mod random;
mod recorded;
mod script;
mod shop;
