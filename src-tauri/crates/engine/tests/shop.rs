//! The demo from end to end: the recorded run, the real SDK, and a world outside that counts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod support;

use std::sync::Arc;

use hindcast_engine::{Handle, News, Rerun};
use hindcast_model::record::{Answer, MissReason, Record};
use hindcast_model::{Ended, EnvironmentId, ExecutionId, Outcome};
use hindcast_orchestrator::{OnMiss, Policy, Rules};
use support::shop::Shop;

fn rules(on_miss: OnMiss) -> Rules {
    Rules { policy: Policy::Memo, on_miss, allow: Vec::new(), ..Rules::default() }
}

async fn rerun(
    handle: &Handle,
    shop: &Shop,
    step: &str,
    on_miss: OnMiss,
) -> (ExecutionId, Outcome) {
    let rerun = Rerun {
        steps: vec![step.parse().unwrap()],
        environment: shop.development,
        rules: rules(on_miss),
        edited_arguments: None,
    };
    let made = handle.rerun(rerun, Arc::clone(&shop.project)).await.unwrap();
    let outcome = handle.outcome(made[0].clone()).await.unwrap();
    handle.idle().await.unwrap();
    (made[0].clone(), outcome)
}

fn message(outcome: &Outcome) -> String {
    match &outcome.ended {
        Ended::Error { error, .. } => format!("{}: {}", error.kind, error.message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_story_of_the_shop() {
    for version in ["0.11.1", "0.12.0"] {
        let shop = Shop::open(version);
        let handle = shop.engine();
        tokio::runtime::Runtime::new().unwrap().block_on(story(&handle, &shop));
        handle.shutdown();
    }
}

async fn story(handle: &Handle, shop: &Shop) {
    let production = shop.production();
    let mut news = handle.subscribe();

    let (id, outcome) = rerun(handle, shop, "R6Lf:36", OnMiss::Fail).await;
    assert_eq!(id.to_string(), "R6Lf:36:2");
    assert_eq!(message(&outcome), "builtins.KeyError: 'CH'");

    shop.fix();
    let (_, outcome) = rerun(handle, shop, "R6Lf:36", OnMiss::Fail).await;
    assert_eq!(shop.python(outcome.value().unwrap()), Shop::expected("R6Lf:36"));

    let (_, outcome) = rerun(handle, shop, "R6Lf:1", OnMiss::Fail).await;
    assert!(message(&outcome).contains("charge_card"), "{}", message(&outcome));
    assert_eq!(shop.outside.connections(), 0, "nothing went out");
    let mut pinned = std::collections::BTreeMap::new();
    let mut refused = Vec::new();
    while let Ok(news) = news.try_recv() {
        let News::Recorded { records, .. } = news else { continue };
        for record in records.iter() {
            let Record::CallAnswered(call) = record else { continue };
            match &call.answer {
                Answer::Pinned { .. } => {
                    *pinned.entry(call.target.name.to_string()).or_insert(0) += 1;
                }
                Answer::Refused { miss } => {
                    refused.push((call.target.name.to_string(), miss.reason));
                }
                _ => {}
            }
        }
    }
    let expected =
        [("charge_card", 11), ("fetch_customer", 12), ("load_orders", 1), ("send_receipt", 11)];
    assert_eq!(pinned.iter().map(|(name, n)| (name.as_str(), *n)).collect::<Vec<_>>(), expected);
    assert_eq!(refused, [("charge_card".to_owned(), MissReason::ArgumentsDiffer)]);

    let (_, outcome) = rerun(handle, shop, "R6Lf:1", OnMiss::Run).await;
    assert_eq!(shop.python(outcome.value().unwrap()), Shop::expected("R6Lf:1"));
    let (charges, mails) = (shop.outside.charges().len(), shop.outside.mails().len());
    assert_eq!((charges, mails, shop.outside.connections()), (1, 1, 2), "one charge, one mail");
    assert_eq!(shop.production(), production, "production is what it was");
    assert_eq!(handle.under_way().await.unwrap(), []);
}

#[test]
fn nothing_runs_in_an_imported_environment() {
    let shop = Shop::open("0.11.1");
    let handle = shop.engine();
    let rerun = Rerun {
        steps: vec!["R6Lf:36".parse().unwrap()],
        environment: EnvironmentId(shop.development.0 - 1),
        rules: rules(OnMiss::Fail),
        edited_arguments: None,
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let refused = runtime.block_on(handle.rerun(rerun, Arc::clone(&shop.project)));
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("production is imported"), "{refused}");
}
