//! What is set by hand stays in its local environment, and every change can be taken back.
#![allow(clippy::unwrap_used, reason = "this is a test")]

mod support;

use hindcast_model::{
    AnswerByHand, ByHand, EnvironmentId, Json, Setting, StepByHand, Timestamp, Value,
};
use hindcast_store::{History, Store};
use support::{import, store};

fn local(store: &Store) -> EnvironmentId {
    import(store, &["conformance/orders/before.json"]);
    let production = store.environments().unwrap().iter().next().unwrap().id;
    store.create_local(&"development".parse().unwrap(), Some(production)).unwrap().id
}

fn pinned(step: &str, to: &str) -> Setting {
    let answer = Some(AnswerByHand::Pin(to.parse().unwrap()));
    Setting::Step(step.parse().unwrap(), Some(StepByHand { answer, ..StepByHand::default() }))
}

fn mocked(step: &str, number: &str) -> Setting {
    let value = Value::raw(Json::parse(number).unwrap(), Vec::new());
    let setting = StepByHand {
        answer: Some(AnswerByHand::Mock("cheap".into())),
        mocks: [("cheap".to_owned(), value)].into(),
    };
    Setting::Step(step.parse().unwrap(), Some(setting))
}

fn of(settings: &[Setting]) -> ByHand {
    let mut all = ByHand::default();
    for setting in settings {
        all.set(setting.clone());
    }
    all
}

#[test]
fn changes_are_undone_and_redone_in_order() {
    let (_folder, store) = store();
    let local = local(&store);
    let set = |label: &str, settings: Vec<Setting>| {
        store.transaction(|t| t.set_by_hand(local, Timestamp(1), label, settings)).unwrap();
    };
    let undo = || store.transaction(|t| t.undo_by_hand(local)).unwrap();
    let redo = || store.transaction(|t| t.redo_by_hand(local)).unwrap();
    let now = || store.by_hand(local).unwrap();

    let (pin, mock) = (pinned("RkCd:2", "RkCd:2:1"), mocked("RkCd:2", "1.0"));
    set("pin", vec![pin.clone()]);
    set("mock", vec![mock.clone(), Setting::Renamed("m:new".parse().unwrap(), None)]);
    set("nothing", vec![mock.clone()]);
    // The value's text is as it was: a number keeps its point.
    assert_eq!(now(), of(std::slice::from_ref(&mock)));
    assert_eq!(undo().as_deref(), Some("mock"));
    assert_eq!(now(), of(std::slice::from_ref(&pin)));
    assert_eq!(undo().as_deref(), Some("pin"));
    assert_eq!((now(), undo()), (ByHand::default(), None));
    assert_eq!(redo().as_deref(), Some("pin"));
    assert_eq!(now(), of(std::slice::from_ref(&pin)));
    let history = History { undo: Some("pin".into()), redo: Some("mock".into()) };
    assert_eq!(store.by_hand_history(local).unwrap(), history);
    // A new change is the end of what could be redone.
    set("another", vec![pinned("RkCd:3", "RkCd:3:1")]);
    assert_eq!(redo(), None);
    assert_eq!(now().steps.len(), 2);
}

#[test]
fn nothing_is_set_by_hand_in_what_was_imported() {
    let (_folder, store) = store();
    local(&store);
    let production = store.environments().unwrap().iter().next().unwrap().id;
    let pin = pinned("RkCd:2", "RkCd:2:1");
    let refused = store.transaction(|t| t.set_by_hand(production, Timestamp(1), "pin", vec![pin]));
    assert!(refused.unwrap_err().to_string().contains("imported environment"));
    let run = "RkCd".parse().unwrap();
    let refused = store.transaction(|t| t.keep_plan(production, &run, Timestamp(1), "{}"));
    assert!(refused.unwrap_err().to_string().contains("imported environment"));
}

#[test]
fn a_plan_is_kept_with_its_rerun_and_stays() {
    let (folder, store) = store();
    let local = local(&store);
    let run = "RkCd".parse().unwrap();
    let id = store.transaction(|t| t.keep_plan(local, &run, Timestamp(7), "{}")).unwrap();
    let execution = "RkCd:2:2".parse().unwrap();
    store.transaction(|t| t.plan_begun(id, std::slice::from_ref(&execution))).unwrap();
    assert_eq!(store.rerun_of(&execution).unwrap(), Some(id));
    assert_eq!(store.last_rerun(Some(&run)).unwrap(), Some(id));
    let kept = store.rerun(id).unwrap().unwrap();
    assert_eq!((kept.plan.as_str(), kept.executions), ("{}", vec![execution]));
    let sql = rusqlite::Connection::open(folder.path().join("hindcast.sqlite")).unwrap();
    let changed = sql.execute("UPDATE reruns SET plan = ''", []);
    assert!(changed.unwrap_err().to_string().contains("a plan stays as it was made"));
}
