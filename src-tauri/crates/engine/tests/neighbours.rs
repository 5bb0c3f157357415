//! Several engines on one store: each sees what the others do, and reaches what they run.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use hindcast_engine::{Handle, News, Rerun};
use hindcast_model::record::Record;
use hindcast_model::{Ended, ExecutionId};
use hindcast_orchestrator::{Decision, OnMiss, Policy, Rules};
use support::fresh::{Fresh, submission};
use support::shop::Shop;
use tokio::sync::broadcast::Receiver;
use tokio::time::timeout;

const FLOW: &str = "
import time
import coflux as cf

@cf.task()
def sleeps():
    time.sleep(600)

@cf.workflow()
def waits():
    return sleeps()
";

/// The next news. (The bound only ends a test that would hang.)
async fn next(news: &mut Receiver<News>) -> News {
    timeout(Duration::from_secs(60), news.recv()).await.unwrap().unwrap()
}

/// Waits for a body of that name to start, as a follower hears it.
async fn started(news: &mut Receiver<News>, target: &str) -> ExecutionId {
    loop {
        let News::Recorded { records, .. } = next(news).await else { continue };
        for record in records.iter() {
            if let Record::BodyStarted(entry) = record
                && &*entry.target.name == target
            {
                return entry.execution.clone();
            }
        }
    }
}

async fn ended(news: &mut Receiver<News>, execution: &ExecutionId) -> Ended {
    loop {
        let News::Recorded { records, .. } = next(news).await else { continue };
        for record in records.iter() {
            if let Record::ExecutionFinished { execution: id, outcome, .. } = record
                && id == execution
            {
                return outcome.ended.clone();
            }
        }
    }
}

fn two(fresh: &Fresh) -> (Handle, Handle) {
    (fresh.engine(), fresh.engine())
}

#[test]
fn another_process_follows_a_run_and_cancels_it() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = Fresh::new(folder.path(), &[("flow.py", FLOW)], &[]);
    let (runs, follows) = two(&fresh);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut news = follows.subscribe();
        let submission = submission("flow:waits", Vec::new(), fresh.environment);
        let root = runs.submit(submission, fresh.project("0.12.0")).await.unwrap();
        let sleeper = started(&mut news, "sleeps").await;
        follows.cancel(root.clone()).await.unwrap();
        assert_eq!(ended(&mut news, &sleeper).await, Ended::Cancelled);
        assert_eq!(runs.outcome(root.clone()).await.unwrap().ended, Ended::Cancelled);
        assert_eq!(follows.outcome(root).await.unwrap().ended, Ended::Cancelled);
        runs.idle().await.unwrap();
    });
    runs.shutdown();
    follows.shutdown();
}

#[test]
fn what_a_process_leaves_unfinished_the_next_one_finds_abandoned() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = Fresh::new(folder.path(), &[("flow.py", FLOW)], &[]);
    let (ends, stays) = two(&fresh);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut news = stays.subscribe();
        let submission = submission("flow:waits", Vec::new(), fresh.environment);
        let root = ends.submit(submission, fresh.project("0.12.0")).await.unwrap();
        let sleeper = started(&mut news, "sleeps").await;
        ends.shutdown();
        let abandoned = Ended::Abandoned { retry: None };
        assert_eq!(ended(&mut news, &root).await, abandoned);
        assert_eq!(stays.outcome(sleeper).await.unwrap().ended, abandoned);
    });
    stays.shutdown();
    assert_eq!(fresh.store.unfinished().unwrap(), []);
}

#[test]
fn another_process_decides_at_the_guard() {
    let shop = Shop::open("0.11.1");
    shop.fix();
    let (runs, decides) = (shop.engine(), shop.engine());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut news = runs.subscribe();
        let rules = Rules { policy: Policy::Memo, on_miss: OnMiss::Ask, ..Rules::default() };
        let rerun = Rerun {
            steps: vec!["R6Lf:20".parse().unwrap()],
            environment: shop.development,
            rules,
            edited_arguments: None,
        };
        let made = runs.rerun(rerun, Arc::clone(&shop.project)).await.unwrap();
        let question = loop {
            if let News::Asked(question) = next(&mut news).await {
                break question;
            }
        };
        assert_eq!(&*question.target.name, "charge_card");
        let (caller, ordinal) = (question.caller.clone(), question.ordinal);
        decides.decide(caller.clone(), ordinal, Decision::Fail).await.unwrap();
        let outcome = runs.outcome(made[0].clone()).await.unwrap();
        assert!(matches!(outcome.ended, Ended::Error { .. }), "{outcome:?}");
        let again = decides.decide(caller, ordinal, Decision::Fail).await.unwrap_err();
        assert!(again.to_string().contains("waits for a decision"), "{again}");
        runs.idle().await.unwrap();
    });
    runs.shutdown();
    decides.shutdown();
    assert_eq!(shop.outside.charges(), [] as [String; 0], "no card was charged");
}
