//! Installs what is missing, and says what and why.

pub(crate) mod debian;
pub(crate) mod node;
pub(crate) mod python;
mod stamp;
