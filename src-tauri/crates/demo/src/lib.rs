//! The demo's world: a shop project to edit, and the payment and mail services it would reach.
//!
//! The services are real listeners on 127.0.0.1 that count every connection, so that "nothing was
//! charged, nothing was mailed" is something the demo and the tests can see rather than believe.

mod debugpy;
mod mail;
mod outside;
mod payments;
mod project;
mod sdk;

pub use debugpy::{debugpy, debugpy_for_tests};
pub use outside::{Outside, unreachable_outside};
pub use project::Project;
pub use sdk::Sdk;
