//! Where what bodies did outside of themselves is shown: on the step, in the graph, at the guard.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

use hindcast_api::calls::{GetGuard, GetRun, GetStep, Import};
use hindcast_api::view::{ApiEvent, EffectView, Sentinel};
use hindcast_api::{Api, Call};
use hindcast_model::record::{
    Answer, Because, Call as Called, Miss, MissReason, NewExecution, Record,
};
use hindcast_model::{
    Act, ActKind, Ended, Environment, ExecutionId, Outcome, Params, Place, SideEffect, Target,
    Timestamp,
};
use hindcast_store::Store;
use tempfile::TempDir;

const RUN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/shop/R6Lf.json");

/// Two cards that production charged, the second twice here, and an unmemoised price.
const CARDS: [&str; 2] = ["R6Lf:16:2", "R6Lf:25:2"];
const AGAIN: &str = "R6Lf:25:3";
const PRICE: &str = "R6Lf:36:2";
/// The order whose card production never charged.
const ORDER: &str = "R6Lf:20:2";

fn id(text: &str) -> ExecutionId {
    text.parse().unwrap()
}

fn attempt(local: &Environment, execution: &str) -> Record {
    Record::ExecutionCreated(NewExecution {
        id: id(execution),
        environment: local.id,
        workspace: local.workspaces[0].clone(),
        created_at: Timestamp(5),
        execute_after: None,
        because: Because::Rerun,
        edited_arguments: None,
    })
}

fn finished(execution: &str) -> Record {
    let outcome = Outcome::of(Ended::Cancelled);
    Record::ExecutionFinished { execution: id(execution), at: Timestamp(9), outcome }
}

fn effect(execution: &str, kind: ActKind, target: &str, count: u64) -> Record {
    let place = Place { file: "shop/outside.py".into(), line: 20, function: "charge".into() };
    let act = Act { kind, target: target.into(), detail: None, place: Some(place), refused: false };
    Record::EffectSeen(SideEffect { execution: id(execution), at: Timestamp(6), act, count })
}

/// A call of `charge_card` that waits at the guard.
fn waiting() -> Record {
    Record::CallAnswered(Called {
        caller: id(ORDER),
        ordinal: 0,
        at: Timestamp(7),
        target: Target::new("shop.workflows", "charge_card"),
        arguments: Vec::new(),
        group: None,
        memo: Some(Params::Only(vec![0])),
        memo_key: None,
        answer: Answer::Blocked { miss: Miss { reason: MissReason::NeverCalled, nearest: None } },
    })
}

/// A store in which all of this happened.
async fn desk() -> (Api, TempDir) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("store");
    let api = Api::open(folder.clone()).await.unwrap();
    api.ask(Import { paths: vec![RUN.to_owned()], environment: None }).await.unwrap();
    api.shut_down().await;
    let store = Store::open(&folder).unwrap();
    let production = store.environments().unwrap().iter().next().unwrap().id;
    let local = store.create_local(&"development".parse().unwrap(), Some(production)).unwrap();
    let payments = "payments.example.test:443";
    let mut facts = Vec::new();
    for one in [CARDS[0], CARDS[1], AGAIN, PRICE] {
        facts.extend([attempt(&local, one), finished(one)]);
    }
    facts.extend([
        Record::Watched { execution: id(PRICE), locked: false },
        effect(CARDS[0], ActKind::Connection, payments, 1),
        effect(CARDS[1], ActKind::Connection, payments, 1),
        effect(CARDS[1], ActKind::Connection, payments, 2),
        effect(CARDS[1], ActKind::Lookup, "old.example.test", 1),
        effect(AGAIN, ActKind::Connection, payments, 5),
        effect(PRICE, ActKind::Write, "prices.txt", 1),
    ]);
    store.transaction(|transaction| transaction.apply("test", &facts)).unwrap();
    (Api::open(folder).await.unwrap(), home)
}

async fn step(api: &Api, execution: &str) -> <GetStep as Call>::Answer {
    let step = id(execution).step.to_string();
    api.ask(GetStep { step, environment: "development".to_owned() }).await.unwrap()
}

fn told(effects: &[EffectView]) -> Vec<String> {
    let line = |effect: &EffectView| {
        let place = effect.place.as_ref().unwrap();
        let EffectView { what, count, execution, .. } = effect;
        format!("{what} ({}:{}) × {count} in {execution}", place.file, place.line)
    };
    effects.iter().map(line).collect()
}

#[tokio::test]
async fn a_step_shows_each_act_once_as_its_newest_attempt_did_it() {
    let (api, _home) = desk().await;
    let card = step(&api, CARDS[1]).await;
    let expected = [
        "connected to payments.example.test:443 (shop/outside.py:20) × 5 in R6Lf:25:3",
        "looked up old.example.test (shop/outside.py:20) × 1 in R6Lf:25:2",
    ];
    assert_eq!(told(&card.effects), expected);
    assert!(!card.memo_candidate, "it is memoised");
    let unwatched = api
        .ask(GetStep { step: "R6Lf:16".to_owned(), environment: "production".to_owned() })
        .await
        .unwrap();
    assert_eq!((unwatched.effects.len(), unwatched.sentinel), (0, None), "production is another");
}

#[tokio::test]
async fn only_an_unmemoised_step_with_effects_is_a_candidate_for_a_memo() {
    let (api, _home) = desk().await;
    let price = step(&api, PRICE).await;
    assert!(price.memo_candidate);
    assert_eq!(price.sentinel, None::<Sentinel>, "no body of it began");
    let run = GetRun {
        run: "R6Lf".to_owned(),
        environment: "development".to_owned(),
        unfolded: Vec::new(),
        keep: Vec::new(),
        whole: false,
    };
    let run = api.ask(run).await.unwrap();
    let candidates: Vec<_> =
        run.nodes.iter().filter(|node| node.memo_candidate).map(|node| &node.id).collect();
    assert_eq!(candidates, ["R6Lf:36"]);
}

#[tokio::test]
async fn the_guard_says_what_bodies_of_the_same_function_do() {
    let (api, home) = desk().await;
    let mut events = api.subscribe();
    let store = Store::open(&home.path().join("store")).unwrap();
    let environments = store.environments().unwrap();
    let local = environments.named(&"development".parse().unwrap()).unwrap();
    // Another process asks; this one follows.
    let asked = [attempt(local, ORDER), waiting()];
    store.transaction(|transaction| transaction.apply("other", &asked)).unwrap();
    while !matches!(events.recv().await.unwrap(), ApiEvent::ActivityChanged) {}
    let cards = api.ask(GetGuard {}).await.unwrap();
    let [card] = cards.as_slice() else { panic!("{cards:?}") };
    let known: Vec<_> = card.effects.iter().map(|effect| effect.does.as_str()).collect();
    assert_eq!(known, ["connect to payments.example.test:443", "look up old.example.test"]);
}
