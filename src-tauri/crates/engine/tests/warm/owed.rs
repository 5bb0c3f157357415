//! Calls that are answered before they are kept.

use std::sync::Arc;

use hindcast_engine::News;
use hindcast_model::Ended;
use hindcast_model::record::{Answer, Record};

use super::support::fresh::{Fresh, submission};

const CALLS: usize = 600;

const LOOP: &str = r"
import time
import coflux as cf

@cf.task(memo=True)
def fetched(number):
    return number

@cf.workflow()
def loop():
    total = 0
    for n in range(600):
        total += fetched(n % 10)
        if n % 100 == 50:
            time.sleep(0.02)
    return total
";

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_kept_and_told_of_in_its_order() {
    let place = tempfile::tempdir().unwrap();
    let fresh = Fresh::new(place.path(), &[("loop.py", LOOP)], &[]);
    let engine = fresh.engine();
    let mut news = engine.subscribe();
    let wish = submission("loop:loop", Vec::new(), fresh.environment);
    let execution = engine.submit(wish, Arc::clone(&fresh.project("0.12.0"))).await.unwrap();
    let outcome = engine.outcome(execution.clone()).await.unwrap();
    assert!(matches!(outcome.ended, Ended::Value(_)), "{outcome:?}");

    let calls = fresh.store.calls_of(&execution).unwrap();
    let ordinals: Vec<usize> = calls.iter().map(|call| call.ordinal as usize).collect();
    assert_eq!(ordinals, (0..CALLS).collect::<Vec<_>>());
    let pinned = calls.iter().filter(|call| matches!(call.answer, Answer::Pinned { .. }));
    assert_eq!(pinned.count(), CALLS - 10);

    let mut told = Vec::new();
    while let Ok(News::Recorded { records, until }) = news.try_recv() {
        told.extend(records.iter().cloned());
        assert!(until <= fresh.store.journal_end().unwrap());
    }
    let kept = fresh.store.journal_since(0).unwrap();
    let kept: Vec<Record> = kept.into_iter().map(|entry| entry.record).collect();
    assert_eq!(told, kept, "followers hear what is kept, as it is kept");
    engine.shutdown();
}
