//! The fuzzer of the protocol's lines, for a moment.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may")]

#[path = "../../../fuzz/bodies/lines.rs"]
mod lines;
#[path = "../../../fuzz/bodies/mutations.rs"]
mod mutations;

#[test]
fn lines_of_an_executor() {
    let seeds = mutations::seeds(&["src-tauri/fuzz/seeds/lines"], |_, bytes| Some(bytes));
    mutations::try_all(&seeds, lines::lines);
}
