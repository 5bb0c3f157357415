//! Two hundred executions at once.

use std::sync::Arc;

use hindcast_model::{Ended, Value};

use super::support::fresh::{Fresh, submission};

const MANY: &str = r#"
import os
import coflux as cf

@cf.task()
def one(number):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(f"+{number}\n")
    value = number * 2
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(f"-{number}\n")
    return value

@cf.workflow()
def many():
    return sum(execution.result() for execution in [one.submit(n) for n in range(200)])
"#;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_run_as_many_at_a_time_as_there_are_slots() {
    let place = tempfile::tempdir().unwrap();
    let notes = place.path().join("notes");
    let variables = [("NOTES", notes.to_str().unwrap())];
    let fresh = Fresh::new(place.path(), &[("many.py", MANY)], &variables);
    let engine = fresh.engine_with(|config| {
        config.slots = 3;
        config.warm = hindcast_engine::warm::Warm::AtOnce;
    });
    let wish = submission("many:many", Vec::new(), fresh.environment);
    let execution = engine.submit(wish, Arc::clone(&fresh.project("0.12.0"))).await.unwrap();
    let outcome = engine.outcome(execution).await.unwrap();
    let Ended::Value(Value::Raw { data, .. }) = &outcome.ended else { panic!("{outcome:?}") };
    assert_eq!(data.text(), "39800");
    let text = std::fs::read_to_string(&notes).unwrap();
    let (mut open, mut most, mut bodies) = (0, 0, 0);
    for line in text.lines() {
        if line.starts_with('+') {
            open += 1;
            bodies += 1;
        } else {
            open -= 1;
        }
        most = most.max(open);
    }
    assert_eq!(bodies, 200);
    // The one that waits for all of them has given its slot back.
    assert!(most <= 3, "{most} at once");
    engine.shutdown();
}
