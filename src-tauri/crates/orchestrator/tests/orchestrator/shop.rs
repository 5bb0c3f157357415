//! The demo: a real run, `R6Lf`, re-run as a person would. The executor is a fake that makes the
//! calls, with the arguments and the results, that the real one made when the real server re-ran
//! step 1 with the code put right.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_model::record::{Allowed, Answer, Call, MissReason, PinRule, Record, TargetKind};
use hindcast_model::{
    BlobKey, Ended, Execution, ExecutionId, Extra, Failure, Outcome, Params, Run, Step, StepId,
    Timestamp, Value,
};
use hindcast_orchestrator::message::{
    Handle, Message, Reply, Request, RequestId, Select, Status, Submit,
};
use hindcast_orchestrator::{
    Command, Effect, Event, OnMiss, Orchestrator, Policy, Rules, Settings, World,
};

use crate::script::{DEVELOPMENT, empty_run, environments};

/// The real server's ids of the two environments.
const WORKSPACES: [(&str, &str); 2] = [("WBcn", "Wprd"), ("WNXK", "Wdev")];

fn shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/shop")
}

fn read(name: &str) -> Run {
    let mut text = std::fs::read_to_string(shop().join(name)).unwrap();
    for (theirs, ours) in WORKSPACES {
        text = text.replace(theirs, ours);
    }
    let document: Document = serde_json::from_str(&text).unwrap();
    let steps = document.steps.into_values().map(|step| (step.step_number, step)).collect();
    let id = name.split(['/', '.']).next().filter(|name| name.starts_with('R'));
    Run { steps, ..empty_run(id.unwrap_or("R6Lf").parse().unwrap()).run }
}

/// As much of an export as is needed here.
#[derive(serde::Deserialize)]
struct Document {
    steps: BTreeMap<String, Step>,
}

fn blobs() -> HashMap<BlobKey, Arc<[u8]>> {
    let files = std::fs::read_dir(shop().join("blobs")).unwrap();
    let blob = |path: PathBuf| {
        let key = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
        (key, Arc::from(std::fs::read(path).unwrap()))
    };
    files.map(|file| blob(file.unwrap().path())).collect()
}

/// What the code does, as the real server saw it: the calls of each body, and how it ended.
struct Oracle(Run);

impl Oracle {
    /// The body of the same call, run with the code put right if it was.
    fn body(&self, target: &str, arguments: &[Value]) -> (&Step, &Execution) {
        let same = self
            .0
            .steps
            .values()
            .filter(|step| step.target == target && step.arguments == arguments);
        let attempts = same.flat_map(|step| step.executions.values().map(move |e| (step, e)));
        attempts.max_by_key(|(_, execution)| execution.created_at).unwrap()
    }

    /// What it calls, in the order of the code.
    fn calls(&self, execution: &Execution) -> VecDeque<Submit> {
        let steps = execution.children.iter().map(|child| &self.0.steps[&child.step_id.number]);
        let mut steps: Vec<&Step> = steps.collect();
        let order =
            ["load_orders", "fetch_customer", "price_order", "charge_card", "render_invoice"];
        steps.sort_by_key(|step| order.iter().position(|name| *name == step.target).unwrap_or(9));
        steps.into_iter().map(submit).collect()
    }
}

fn submit(step: &Step) -> Submit {
    Submit {
        target: step.target(),
        kind: TargetKind::Task,
        arguments: step.arguments.clone(),
        group: None,
        wait_for: Vec::new(),
        cache: None,
        defer: None,
        memo: match step.target.as_str() {
            "load_orders" | "fetch_customer" | "send_receipt" => Some(Params::All),
            "charge_card" => Some(Params::Only(vec![0])),
            _ => None,
        },
        delay: 0,
        retries: None,
        recurrent: false,
        requires: serde_json::Value::Null,
        timeout: 0,
        streams: None,
        given_keys: None,
    }
}

/// A body under way: the calls still to make, the results still to wait for.
struct Body {
    target: String,
    calls: VecDeque<Submit>,
    called: VecDeque<ExecutionId>,
    result: Outcome,
    requests: u64,
}

struct Shop {
    orchestrator: Orchestrator,
    blobs: HashMap<BlobKey, Arc<[u8]>>,
    oracle: Oracle,
    bodies: BTreeMap<ExecutionId, Body>,
    now: i64,
    answered: Vec<Call>,
    ran: Vec<(String, Allowed)>,
    ended: BTreeMap<ExecutionId, Outcome>,
}

impl Shop {
    fn new() -> Self {
        let stored = |name: &str| {
            let run = read(name);
            hindcast_model::record::StoredRun { run: run.clone(), ..empty_run(run.id) }
        };
        let world = World::new(environments(), vec![stored("R6Lf.json"), stored("RPX9.json")]);
        Self {
            orchestrator: Orchestrator::new(world, Settings { slots: 2 }),
            blobs: blobs(),
            oracle: Oracle(read("development/after-rerun-1.json")),
            bodies: BTreeMap::new(),
            now: 1_900_000_000_000,
            answered: Vec::new(),
            ran: Vec::new(),
            ended: BTreeMap::new(),
        }
    }

    /// Re-runs a step and everything it calls, to the end.
    fn rerun(&mut self, step: &str, policy: Policy, on_miss: OnMiss) {
        let rules = Rules { policy, on_miss, allow: Vec::new(), ..Rules::default() };
        let command = Command::Rerun {
            steps: vec![step.parse().unwrap()],
            environment: DEVELOPMENT,
            rules,
            edited_arguments: None,
        };
        let mut events = VecDeque::from([Event::Command(command)]);
        while let Some(event) = events.pop_front() {
            self.now += 1;
            let effects = self.orchestrator.handle(Timestamp(self.now), event, &self.blobs);
            for effect in effects {
                events.extend(self.take(effect));
            }
        }
        assert!(self.orchestrator.is_clean(), "something is left");
    }

    fn take(&mut self, effect: Effect) -> Vec<Event> {
        match effect {
            Effect::Record(record) => {
                self.note(*record);
                Vec::new()
            }
            Effect::Start { execution, target, arguments, .. } => {
                let (_, body) = self.oracle.body(&target.name, &arguments);
                let body = Body {
                    target: target.name.to_string(),
                    calls: self.oracle.calls(body),
                    called: VecDeque::new(),
                    result: body.result.clone().unwrap(),
                    requests: 0,
                };
                self.bodies.insert(execution.clone(), body);
                self.go_on(&execution)
            }
            Effect::Reply { execution, reply, .. } => self.reply(&execution, reply),
            other => panic!("{other:?}"),
        }
    }

    fn note(&mut self, record: Record) {
        match record {
            Record::CallAnswered(call) => self.answered.push(call),
            Record::BodyStarted(entry) => {
                self.ran.push((entry.target.name.to_string(), entry.allowed_by));
            }
            Record::ExecutionFinished { execution, outcome, .. } => {
                assert!(self.ended.insert(execution, outcome).is_none(), "it ended twice");
            }
            _ => {}
        }
    }

    fn reply(&mut self, execution: &ExecutionId, reply: Reply) -> Vec<Event> {
        let body = self.bodies.get_mut(execution).unwrap();
        match reply {
            Reply::Submitted { execution: called, .. } => body.called.push_back(called),
            Reply::Selected { status: Status::Ok(_), .. } => {}
            Reply::Selected { status: Status::Error(error), .. } => {
                return self.end(execution, Message::Failed { error, retryable: None });
            }
            Reply::Error { code, message } => {
                let kind = format!("builtins.RuntimeError({code})");
                let error = Failure { kind, message, frames: Vec::new(), extra: Extra::NONE };
                return self.end(execution, Message::Failed { error, retryable: None });
            }
            other => panic!("{other:?}"),
        }
        self.go_on(execution)
    }

    /// The body's next word: `fulfil_orders` submits all orders before it waits for any, the
    /// others wait for each call.
    fn go_on(&mut self, execution: &ExecutionId) -> Vec<Event> {
        let body = self.bodies.get_mut(execution).unwrap();
        let next_is_order =
            body.calls.front().is_some_and(|next| &*next.target.name == "fulfil_order");
        let submits = body.called.is_empty() || next_is_order && body.target == "fulfil_orders";
        let waited = if submits { None } else { body.called.pop_front() };
        let request = match waited {
            Some(called) => Request::Select(Select {
                handles: vec![Handle::Execution(called)],
                suspend: true,
                timeout: None,
                cancel_remaining: false,
            }),
            None => match body.calls.pop_front() {
                Some(call) => Request::Submit(Box::new(call)),
                None => return self.end_as_recorded(execution),
            },
        };
        body.requests += 1;
        let message = Message::Request(RequestId(body.requests), request);
        vec![Event::Said { execution: execution.clone(), message }]
    }

    fn end_as_recorded(&mut self, execution: &ExecutionId) -> Vec<Event> {
        let last = match self.bodies[execution].result.clone().ended {
            Ended::Value(value) => Message::Result(value),
            Ended::Error { error, .. } => Message::Failed { error, retryable: None },
            other => panic!("{other:?}"),
        };
        self.end(execution, last)
    }

    fn end(&mut self, execution: &ExecutionId, message: Message) -> Vec<Event> {
        self.bodies.remove(execution);
        let said = Event::Said { execution: execution.clone(), message };
        let reason = "exit status 0".to_owned();
        vec![said, Event::Exited { execution: execution.clone(), reason }]
    }

    /// How many calls of a target were answered so.
    fn count(&self, target: &str, answer: impl Fn(&Answer) -> bool) -> usize {
        let calls = self.answered.iter().filter(|call| &*call.target.name == target);
        calls.filter(|call| answer(&call.answer)).count()
    }

    fn bodies_of(&self, target: &str) -> usize {
        self.ran.iter().filter(|(name, _)| name == target).count()
    }
}

fn pinned_to_production(answer: &Answer) -> bool {
    matches!(answer, Answer::Pinned { execution, rule: PinRule::Key } if execution.attempt == 1
        && execution.step.number <= 66)
}

fn ran(answer: &Answer) -> bool {
    matches!(answer, Answer::Run { .. })
}

#[test]
fn step_36_runs_alone_and_production_stays_as_it_was() {
    let mut shop = Shop::new();
    let before = shop.orchestrator.world().run(&"R6Lf".parse().unwrap()).unwrap().run.clone();
    shop.rerun("R6Lf:36", Policy::Memo, OnMiss::Fail);
    assert_eq!(shop.ran, [("price_order".to_owned(), Allowed::Chosen)]);
    let after = &shop.orchestrator.world().run(&"R6Lf".parse().unwrap()).unwrap().run;
    for (number, step) in &before.steps {
        for (attempt, execution) in &step.executions {
            assert_eq!(&after.steps[number].executions[attempt], execution);
        }
    }
    let local = shop.orchestrator.outcome(&"R6Lf:36:2".parse().unwrap()).unwrap();
    assert!(local.value().is_some());
}

#[test]
fn step_1_pins_the_eleven_good_orders_and_stops_at_the_card_of_the_twelfth() {
    let mut shop = Shop::new();
    shop.rerun("R6Lf:1", Policy::Memo, OnMiss::Fail);
    assert_eq!(shop.count("load_orders", pinned_to_production), 1);
    assert_eq!(shop.count("fetch_customer", pinned_to_production), 12);
    assert_eq!(shop.count("charge_card", pinned_to_production), 11);
    assert_eq!(shop.count("send_receipt", pinned_to_production), 11);
    for outside in ["load_orders", "fetch_customer", "charge_card", "send_receipt"] {
        assert_eq!(shop.bodies_of(outside), 0, "{outside} ran");
    }
    assert_eq!(shop.count("fulfil_order", ran), 12);
    assert_eq!(shop.count("price_order", ran), 12);
    assert_eq!(shop.count("render_invoice", ran), 11);
    let below = |(name, allowed): &(String, Allowed)| {
        *allowed == if name == "fulfil_orders" { Allowed::Chosen } else { Allowed::Plan }
    };
    assert!(shop.ran.iter().all(below));
    let root = &shop.ended[&"R6Lf:1:2".parse().unwrap()];
    let Ended::Error { error, .. } = &root.ended else { panic!("{root:?}") };
    insta::assert_snapshot!(error.message);
}

#[test]
fn the_refused_charge_names_the_nearest_one_and_the_order_id() {
    let mut shop = Shop::new();
    shop.rerun("R6Lf:1", Policy::Memo, OnMiss::Fail);
    let refused: Vec<_> = shop
        .answered
        .iter()
        .filter_map(|call| match &call.answer {
            Answer::Refused { miss } => Some((&*call.target.name, miss)),
            _ => None,
        })
        .collect();
    let [("charge_card", miss)] = refused.as_slice() else { panic!("{refused:?}") };
    assert_eq!(miss.reason, MissReason::ArgumentsDiffer);
    let nearest = miss.nearest.as_ref().unwrap();
    let step = shop.orchestrator.world().step(&nearest.execution.step).unwrap();
    assert_eq!(step.target, "charge_card");
    let in_key: Vec<_> = nearest.differences.iter().filter(|found| found.in_key).collect();
    let [order_id] = in_key.as_slice() else { panic!("{in_key:?}") };
    assert_eq!((order_id.index, order_id.path.as_str()), (0, ""));
    assert!(order_id.local.as_ref().unwrap().contains("008"), "{order_id:?}");
}

#[test]
fn told_to_run_misses_step_1_charges_and_mails_once() {
    let mut shop = Shop::new();
    shop.rerun("R6Lf:1", Policy::Memo, OnMiss::Run);
    assert_eq!(shop.bodies_of("charge_card"), 1);
    assert_eq!(shop.bodies_of("send_receipt"), 1);
    assert_eq!(shop.bodies_of("report"), 1);
    let charge = shop.ran.iter().find(|(name, _)| name == "charge_card").unwrap();
    assert_eq!(charge.1, Allowed::Flag);
    // The sister run in the same environment called it unmemoised.
    let report = shop.ran.iter().find(|(name, _)| name == "report").unwrap();
    assert_eq!(report.1, Allowed::Plan);
    let root: ExecutionId = "R6Lf:1:2".parse().unwrap();
    let real = shop.oracle.0.execution(&root).unwrap().result.as_ref().unwrap();
    assert_eq!(shop.ended[&root].value(), real.value());
    // Once more, and nothing is charged again.
    shop.rerun("R6Lf:1", Policy::Memo, OnMiss::Fail);
    assert_eq!(shop.bodies_of("charge_card"), 1);
    assert_eq!(shop.bodies_of("send_receipt"), 1);
    assert!(shop.ended[&StepId::new("R6Lf".parse().unwrap(), 1).attempt(3)].value().is_some());
}

#[test]
fn isolated_only_the_chosen_step_runs() {
    let mut shop = Shop::new();
    shop.rerun("R6Lf:20", Policy::Isolate, OnMiss::Fail);
    assert_eq!(shop.ran, [("fulfil_order".to_owned(), Allowed::Chosen)]);
    let root = &shop.ended[&"R6Lf:20:2".parse().unwrap()];
    let Ended::Error { error, .. } = &root.ended else { panic!("{root:?}") };
    // The ancestor's price of the order failed, so it fails again.
    assert_eq!((error.kind.as_str(), error.message.as_str()), ("builtins.KeyError", "'CH'"));
}
