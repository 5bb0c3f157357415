//! The sentinel in the real SDKs' processes: what it sees, what it lets be, what it refuses.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

#[path = "../support/mod.rs"]
mod support;

mod bodies;
mod shop;
