//! What a newcomer types: `cargo xtask demo`, `cargo xtask test`.
fn main() {}
