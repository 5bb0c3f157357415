//! A client of a live Coflux server: lists what it has, and fetches runs whole.
//!
//! It only reads. What it fetches is as untrusted as a file: answers are bounded in size and time,
//! lists in their number of pages, blobs are checked against their names, and nobody is redirected
//! anywhere. A token goes to the server that it is for, and into no message, file or store.
//!
//! Paths and forms of the answers: Coflux 0.9 to 0.12, `/topics`, `/logs`, `/metrics`, `/blobs`,
//! `/api`.

mod address;
mod cause;
mod client;
mod crew;
mod error;
mod fetch;
mod holding;
mod keyring;
mod listing;
mod pages;
mod token;
mod views;
mod watch;

pub use address::{Address, Project};
pub use cause::{Cause, Mistrust};
pub use client::{Client, Patience};
pub use error::ServerError;
pub use fetch::{Fetched, Wanted, fetch};
pub use hindcast_import::served::{ListedRun, ListedWorkflow};
pub use holding::Holding;
pub use keyring::{TOKEN_VARIABLE, TokenFrom, find_token, forget_token, keep_token};
pub use listing::{ListedWorkspace, Listing};
pub use token::Token;
pub use watch::Watch;
