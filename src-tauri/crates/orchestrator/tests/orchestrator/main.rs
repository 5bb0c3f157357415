//! The rules, one by one and all together.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on shall stop")]

mod child_runs;
mod guard;
mod lifecycle;
mod memo;
mod neighbours;
mod program;
mod random;
mod script;
mod shop;
