//! Tests in the real window: a display in memory, the real app, a real mouse, the real SDK.
//!
//! `cargo xtask test` installs what this needs. Pictures are kept in `target/screenshots/window`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

mod app;
mod around;
mod display;
mod looks;
mod refusal;
mod safe;
mod story;
