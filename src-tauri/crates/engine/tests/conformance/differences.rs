//! Differences from the real server that we want, each with its reason.

/// Lines of the graph that the server's export has and ours has otherwise.
pub(crate) struct Difference {
    /// The recorded file it shows in.
    pub(crate) file: &'static str,
    /// What the server's line contains.
    pub(crate) theirs: &'static str,
    /// What ours contains in its place.
    pub(crate) ours: &'static str,
    /// Why we want it so.
    pub(crate) reason: &'static str,
}

pub(crate) const WANTED: &[Difference] = &[];
