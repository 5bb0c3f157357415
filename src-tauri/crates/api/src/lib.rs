//! The one surface that both shells call, window and command line: typed questions and answers,
//! events, errors. The TypeScript types are generated from here.

pub mod calls;
pub mod choice;
mod error;
pub mod typescript;
pub mod view;

pub use calls::{Call, CallVisitor, each_call};
pub use error::{ApiError, ErrorCode};
