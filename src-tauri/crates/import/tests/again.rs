//! The same again changes not a row and not a file; less than before changes nothing either.

#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "hostile/desk.rs"]
mod desk;

use desk::{Desk, fixture};

#[test]
fn the_same_again_changes_not_a_row() {
    // Each with what is imported before it.
    let table: [&[&str]; 6] = [
        &["conformance/orders/before.json"],
        &[
            "conformance/orders/before.json",
            "conformance/orders/after-4-production-root-rerun.json",
        ],
        &["conformance/inputs/in-progress-1.json", "conformance/inputs/before.json"],
        &["shop/R6Lf.json", "shop"],
        &["data-dir"],
        &["seed-era/billing", "hostile/archives/sound.hindcast"],
    ];
    for files in table {
        let desk = Desk::new();
        for file in files {
            desk.import(&fixture(file)).unwrap();
        }
        let before = desk.content();
        for file in files.iter().rev() {
            let summary = desk.import(&fixture(file)).unwrap();
            assert!(summary.changed_nothing(), "{file} again: {summary:?}");
            let after = desk.content();
            for (table, rows) in &before {
                assert!(after[table] == *rows, "{file} again changes {table}");
            }
        }
    }
}
