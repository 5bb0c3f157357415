//! The recorded shop, whose cards and receipts go out over real connections.

use std::sync::Arc;

use hindcast_engine::{Handle, Project, Rerun};
use hindcast_model::{ActKind, Ended, ExecutionId, Outcome};
use hindcast_orchestrator::{OnMiss, Policy, Rules};

use crate::support::fixture;
use crate::support::shop::Shop;

/// A card that was charged, and a receipt that was sent, in production.
const CHARGE: &str = "R6Lf:16";
const RECEIPT: &str = "R6Lf:39";

async fn rerun(handle: &Handle, shop: &Shop, project: &Arc<Project>, step: &str) -> Outcome {
    let rerun = Rerun {
        steps: vec![step.parse().unwrap()],
        environment: shop.development,
        rules: Rules {
            policy: Policy::Memo,
            on_miss: OnMiss::Fail,
            allow: Vec::new(),
            ..Rules::default()
        },
        edited_arguments: None,
    };
    let made = handle.rerun(rerun, Arc::clone(project)).await.unwrap();
    let outcome = handle.outcome(made[0].clone()).await.unwrap();
    handle.idle().await.unwrap();
    outcome
}

/// What the store holds: execution, act, `file:line`, count.
fn seen(shop: &Shop) -> Vec<(String, String, String, u64)> {
    let effects = shop.store.effects(&"R6Lf".parse().unwrap()).unwrap();
    effects
        .into_iter()
        .map(|seen| {
            let what = seen.act.words();
            let place = seen.act.place.unwrap();
            assert_eq!(seen.act.kind, ActKind::Connection);
            (seen.execution.to_string(), what, format!("{}:{}", place.file, place.line), seen.count)
        })
        .collect()
}

/// Where the shop's code says this.
fn place(code: &str) -> String {
    let text = std::fs::read_to_string(fixture("shop/shop/outside.py")).unwrap();
    let line = text.lines().position(|line| line.contains(code)).unwrap() + 1;
    format!("shop/outside.py:{line}")
}

/// The addresses of the shop's two services.
fn addresses(shop: &Shop) -> (String, String) {
    let [(_, url), (_, host), (_, port)] = shop.outside.variables();
    let payments = url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
    (payments, format!("{host}:{port}"))
}

#[test]
fn the_shop_reaches_out_for_two_things_and_exactly_those_are_seen() {
    for version in ["0.11.1", "0.12.0"] {
        let shop = Shop::open(version);
        let handle = shop.engine();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        for step in [CHARGE, RECEIPT, "R6Lf:12"] {
            let outcome = runtime.block_on(rerun(&handle, &shop, &shop.project, step));
            assert!(outcome.value().is_some(), "{version} {step}: {outcome:?}");
        }
        let (payments, mail) = addresses(&shop);
        let expected = [
            (format!("{CHARGE}:2"), format!("connected to {payments}"), place("urlopen("), 1),
            (format!("{RECEIPT}:2"), format!("connected to {mail}"), place("smtplib.SMTP("), 1),
        ];
        assert_eq!(seen(&shop), expected, "{version}");
        assert_eq!(shop.outside.connections(), 2);
        let watched = shop.store.watched(&"R6Lf".parse().unwrap()).unwrap();
        let mut watched: Vec<_> =
            watched.into_iter().map(|one| (one.execution.to_string(), one.locked)).collect();
        watched.sort();
        let expected = [("R6Lf:12:2", false), ("R6Lf:16:2", false), ("R6Lf:39:2", false)];
        assert_eq!(watched, expected.map(|(id, locked)| (id.to_owned(), locked)));
        let charged =
            shop.store.effects_of_target(&"shop.workflows:charge_card".parse().unwrap(), 5);
        let charged = charged.unwrap();
        assert_eq!(charged.len(), 1);
        assert_eq!(charged[0].execution, format!("{CHARGE}:2").parse::<ExecutionId>().unwrap());
        handle.shutdown();
    }
}

#[test]
fn a_locked_shop_charges_nothing_and_mails_nothing() {
    for version in ["0.11.1", "0.12.0"] {
        let shop = Shop::open(version);
        let locked = Arc::new(Project::clone(&shop.project).locked().unwrap());
        let handle = shop.engine();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (payments, mail) = addresses(&shop);
        let steps = [(CHARGE, payments, "urlopen("), (RECEIPT, mail, "smtplib.SMTP(")];
        let mut expected = Vec::new();
        for (step, address, code) in steps {
            let outcome = runtime.block_on(rerun(&handle, &shop, &locked, step));
            let Ended::Error { error, .. } = &outcome.ended else { panic!("{outcome:?}") };
            assert_eq!(error.kind, "hindcast.EffectRefused");
            assert!(error.message.contains(&address), "{}", error.message);
            let last = error.frames.last().unwrap();
            assert!(format!("{}:{}", last.file, last.line).ends_with(&place(code)), "{last:?}");
            let what = format!("refused to connect to {address}");
            expected.push((format!("{step}:2"), what, place(code), 1));
        }
        assert_eq!(seen(&shop), expected, "{version}");
        assert_eq!(shop.outside.connections(), 0, "nothing went out");
        assert!(shop.outside.charges().is_empty() && shop.outside.mails().is_empty());
        handle.shutdown();
    }
}
