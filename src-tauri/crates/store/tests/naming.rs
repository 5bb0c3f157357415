//! Which environment an export's workspaces stand for.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use hindcast_model::Origin;
use hindcast_store::{Naming, Store, StoreError};
use support::{found, import, named, store};

/// The store's environments as `name < base: workspaces`.
fn environments(store: &Store) -> Vec<String> {
    let environments = store.environments().unwrap();
    let line = |environment: &hindcast_model::Environment| {
        let base = environment.base.and_then(|base| environments.get(base));
        let base = base.map_or(String::new(), |base| format!(" < {}", base.name));
        let workspaces: Vec<&str> =
            environment.workspaces.iter().map(hindcast_model::WorkspaceId::as_str).collect();
        format!("{}{base}: {}", environment.name, workspaces.join(" "))
    };
    environments.iter().map(line).collect()
}

const BEFORE: &str = "conformance/orders/before.json";
const AFTER: &str = "conformance/orders/after.json";

#[test]
fn names_come_from_what_is_known_best() {
    let table: &[(&[&str], Naming, &[&str])] = &[
        (&[BEFORE], Naming::default(), &["production: WqNq"]),
        (&[BEFORE], named("live"), &["live: WqNq"]),
        // Two workspaces and no names: the one it was taken from is named, the home is its base.
        (&[AFTER], Naming::default(), &["WqNq: WqNq", "production < WqNq: W4FR"]),
        // The home is known by another file of the same import, and keeps its name.
        (&[AFTER, BEFORE], Naming::default(), &["production: WqNq", "W4FR < production: W4FR"]),
        (&[AFTER, BEFORE], named("live"), &["live: WqNq", "W4FR < live: W4FR"]),
        // A workspaces document lies beside it.
        (&["shop/R6Lf.json"], Naming::default(), &["production: WBcn"]),
        (
            &["shop/development/after-rerun-36.json", "shop/workspaces.json"],
            Naming::default(),
            &["production: WBcn", "development < production: WNXK"],
        ),
        // Another project's export of the same name joins it.
        (&[BEFORE, "shop/R6Lf.json"], Naming::default(), &["production: WBcn WqNq"]),
    ];
    for (files, naming, expected) in table {
        let (_folder, store) = store();
        store.import(found(files), naming).unwrap();
        assert_eq!(environments(&store), *expected, "{files:?}");
        // The same again finds every name known.
        store.import(found(files), naming).unwrap();
        assert_eq!(environments(&store), *expected, "{files:?} again");
    }
}

#[test]
fn what_contradicts_is_refused_and_leaves_the_store_as_it_was() {
    let (_folder, store) = store();
    import(&store, &[BEFORE]);
    let production = store.environments().unwrap().iter().next().unwrap().id;
    let local = store.create_local(&"live".parse().unwrap(), Some(production)).unwrap();
    let known = environments(&store);

    let error = store.import(found(&[BEFORE]), &named("other")).unwrap_err();
    assert!(matches!(error, StoreError::NameContradicts { .. }), "{error}");
    let error = store.import(found(&["shop/R6Lf.json"]), &named("live")).unwrap_err();
    assert!(matches!(error, StoreError::NameIsLocal { .. }), "{error}");
    assert_eq!(environments(&store), known);
    assert_eq!(store.runs().unwrap().len(), 1);

    assert_eq!(local.origin, Origin::Local);
    assert_eq!(store.local_for(production).unwrap(), [local]);
    assert!(store.create_local(&"production".parse().unwrap(), None).is_err());
}
