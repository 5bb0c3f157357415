//! An import that is wanted no more, at whatever moment, leaves the store as it was.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use hindcast_import::Options;
use hindcast_store::{Naming, StoreError};
use support::{fixture, import, store};

#[test]
fn a_cancelled_import_leaves_the_store_as_it_was() {
    let (_folder, store) = store();
    import(&store, &["conformance/orders/before.json"]);
    let runs = store.runs().unwrap();
    let found = || {
        let path = fixture("shop-data-dir");
        hindcast_import::read(&[path], &Options::default(), &mut |_| true).unwrap()
    };
    let (mut all, blobs) = (0, found().blobs);
    // In the first blob, among the blobs, among the steps, at the last one.
    for stop_at in [1, 40, 120, 258] {
        let cancelled = store.import_watched(found(), &Naming::default(), &mut |done, total| {
            all = total;
            done < stop_at
        });
        assert!(matches!(cancelled, Err(StoreError::Cancelled)), "{stop_at} of {all}");
        assert_eq!(store.runs().unwrap(), runs);
        assert!(!blobs.keys().any(|key| store.blobs().has(key)), "blobs were kept at {stop_at}");
    }
    let summary = store.import(found(), &Naming::default()).unwrap();
    assert_eq!((summary.runs.len(), summary.blobs_added), (2, blobs.len()));
}
