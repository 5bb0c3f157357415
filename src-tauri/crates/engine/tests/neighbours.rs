//! Several engines on one store: each sees what the others do, and reaches what they run.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

mod support;

use std::time::Duration;

use hindcast_engine::{Handle, News};
use hindcast_model::record::Record;
use hindcast_model::{Ended, ExecutionId};
use support::fresh::{Fresh, submission};
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
