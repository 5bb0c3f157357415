//! The time when memo keys came from functions: SDK 0.3.0, by the bridge.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

mod description;
mod recorded;
#[path = "../support/mod.rs"]
mod support;
