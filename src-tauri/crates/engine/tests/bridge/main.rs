//! Old SDKs, 0.2 to 0.8, by the bridge.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

#[path = "../support/mod.rs"]
mod support;

mod flows;
