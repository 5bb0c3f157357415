//! Values stand in each other as deep as an export says; the thread's stack is as deep as it is.

/// Runs a step of what calls itself once per level. Takes more stack where little is left, so that
/// no value can exhaust it, on whatever thread it is looked at.
pub(crate) fn deep<T>(step: impl FnOnce() -> T) -> T {
    /// What one step may need, in bytes; debug builds need far more than others.
    const NEEDED: usize = 128 * 1024;
    /// How much is taken at a time, in bytes.
    const TAKEN: usize = 1024 * 1024;
    stacker::maybe_grow(NEEDED, TAKEN, step)
}
