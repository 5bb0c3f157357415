//! Scripts: a world, events, and what each event leads to, as text.
//!
//! A line `= …` is an execution recorded in *production*, a line `> …` an event; the lines below an
//! event are its effects. `check` plays the events and compares the whole text.
//!
//! ```text
//! = R1:2 a(1) memo by R1:1:1 -> 10          recorded: a value, `raised TEXT`,
//!                                           `spawned R3:1:1`, or `pending`
//! > rerun R1:1 on-miss=run                  in *development*, based on *production*
//! > submit R2 main(1) memo                  a run that begins here
//! > R1:1:2 call a(1) memo=0 delay=5 …       an executor's words; requests are numbered by themselves
//! > R1:1:2 select R1:2:1 timeout=5 suspend
//! > at 100                                  time passes, and timers go off
//! > foreign attempt R1:2:2                  another process on the same store records it
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;
use std::sync::Arc;

use hindcast_model::record::{
    Answer, Because, Declared, Input, InputResponse, NewExecution, NewStep, PinRule, Record,
    StoredRun, TargetKind,
};
use hindcast_model::{
    AnswerByHand, BlobKey, ByHand, CacheConfig, Data, Ended, Environment, EnvironmentId,
    Environments, Execution, ExecutionId, ExecutionRef, Extra, Failure, InputId, Json, Origin,
    Outcome, Params, Reference, Resolved, Retries, Run, RunId, Step, StepId, Target, Timestamp,
    Value,
};
use hindcast_orchestrator::message::{
    Handle, Message, Reply, Request, RequestId, Select, Status, Submit, SubmitInput,
};
use hindcast_orchestrator::{
    Command, Decision, Effect, Event, OnMiss, Orchestrator, Policy, Rules, Settings, TimerId, World,
};

use crate::handled::handle;
use crate::recorded::OnDemand;

pub(crate) const PRODUCTION: EnvironmentId = EnvironmentId(1);
pub(crate) const DEVELOPMENT: EnvironmentId = EnvironmentId(2);

/// Production, and development based on it.
pub(crate) fn environments() -> Environments {
    let environment = |id, name: &str, base, origin, workspace: &str| Environment {
        id,
        name: name.parse().unwrap(),
        base,
        origin,
        workspaces: vec![workspace.parse().unwrap()],
    };
    Environments::new(vec![
        environment(PRODUCTION, "production", None, Origin::Imported, "Wprd"),
        environment(DEVELOPMENT, "development", Some(PRODUCTION), Origin::Local, "Wdev"),
    ])
}

/// Plays a script and compares what happens with what it says.
#[track_caller]
pub(crate) fn check(script: &str) {
    let lines: Vec<&str> = script.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let said = played(script);
    assert!(said.trim() == lines.join("\n"), "it happened otherwise:\n\n{said}");
}

/// Plays the events of a script, and gives what happens.
pub(crate) fn played(script: &str) -> String {
    let mut said = String::new();
    let play = play(script, &mut said);
    play.on_demand.is_like(&play.orchestrator);
    said
}

/// Plays the events of a script, and gives the runs that were looked at.
pub(crate) fn read_after(script: &str) -> String {
    play(script, &mut String::new()).on_demand.read()
}

fn play(script: &str, said: &mut String) -> Play {
    let script: Vec<&str> = script.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut play = Play::new(script.iter().filter_map(|line| line.strip_prefix("= ")));
    for content in script.iter().flat_map(|line| line.split('%').skip(1)) {
        let content = content.split([')', ' ']).next().unwrap();
        play.blobs.insert(BlobKey::of(content.as_bytes()), Arc::from(content.as_bytes()));
    }
    for line in &script {
        if line.starts_with("= ") {
            writeln!(said, "{line}").unwrap();
        } else if let Some(event) = line.strip_prefix("> ") {
            writeln!(said, "{line}").unwrap();
            play.play(event, said);
        }
    }
    play
}

struct Play {
    orchestrator: Orchestrator,
    /// Plays the same.
    on_demand: OnDemand,
    now: Timestamp,
    requests: BTreeMap<ExecutionId, u64>,
    timers: BTreeSet<(Timestamp, TimerId)>,
    blobs: HashMap<BlobKey, Arc<[u8]>>,
    /// What the code declares when it is asked.
    defaults: Vec<(Target, Vec<Option<Data>>)>,
}

impl Play {
    fn new<'a>(recorded: impl Iterator<Item = &'a str>) -> Self {
        let mut runs: BTreeMap<RunId, StoredRun> = BTreeMap::new();
        for line in recorded {
            record_in_production(&mut runs, line);
        }
        let runs: Vec<StoredRun> = runs.into_values().collect();
        let settings = Settings { slots: 2 };
        Self {
            on_demand: OnDemand::new(&environments(), &runs, settings),
            orchestrator: Orchestrator::new(World::new(environments(), runs), settings),
            now: Timestamp(1000),
            requests: BTreeMap::new(),
            timers: BTreeSet::new(),
            blobs: HashMap::new(),
            defaults: Vec::new(),
        }
    }

    fn play(&mut self, line: &str, said: &mut String) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words[0] == "at" {
            return self.pass_time(Timestamp(1000 + words[1].parse::<i64>().unwrap()), said);
        }
        if words[0] == "abandon" {
            let executions: Vec<_> = words[1..].iter().map(|id| id.parse().unwrap()).collect();
            let effects = self.orchestrator.abandon(self.now, &executions, &self.blobs);
            self.on_demand.abandons(self.now, &executions, &self.blobs, &effects);
            return self.note(effects, said);
        }
        if words[0] == "default" {
            // The last parameter of a target of two.
            let default = value(words[2]).decode(&self.blobs);
            let target = Target::new("m", words[1]);
            self.defaults.push((target, vec![None, Some(default)]));
            return;
        }
        let event = self.event(&words);
        self.handle(event, said);
    }

    fn pass_time(&mut self, until: Timestamp, said: &mut String) {
        while let Some((at, timer)) = self.timers.pop_first() {
            if at > until {
                self.timers.insert((at, timer));
                break;
            }
            self.now = self.now.max(at);
            self.handle(Event::Timer(timer), said);
        }
        self.now = until;
    }

    fn handle(&mut self, event: Event, said: &mut String) {
        let effects = handle(&mut self.orchestrator, self.now, event.clone(), &self.blobs);
        self.on_demand.handles(self.now, event, &self.blobs, &effects);
        self.note(effects, said);
    }

    fn note(&mut self, effects: Vec<Effect>, said: &mut String) {
        for effect in effects {
            if let Effect::Arm { timer, at } = &effect {
                self.timers.insert((*at, timer.clone()));
            }
            if let Some(text) = effect_text(&effect) {
                writeln!(said, "{text}").unwrap();
            }
            if let Effect::Inquire { inquiry, .. } = effect {
                let defaults = self.defaults.clone();
                self.handle(Event::Declared { inquiry, defaults }, said);
            }
        }
    }

    fn event(&mut self, words: &[&str]) -> Event {
        match words[0] {
            "rerun" => Event::Command(rerun(&words[1..])),
            "submit" => Event::Command(submit_run(&words[1..])),
            "cancel" => Event::Command(Command::Cancel(words[1].parse().unwrap())),
            "decide" => Event::Command(decide(&words[1..])),
            "respond" => Event::Command(Command::Respond {
                input: words[1].parse().unwrap(),
                response: InputResponse::Value { value: json(words[2]), at: self.now },
            }),
            "foreign" => self.foreign(&words[1..]),
            id => {
                let execution: ExecutionId = id.parse().unwrap();
                if words[1] == "exits" {
                    return Event::Exited { execution, reason: words[2..].join(" ") };
                }
                let message = self.message(&execution, &words[1..]);
                Event::Said { execution, message }
            }
        }
    }

    fn foreign(&self, words: &[&str]) -> Event {
        let execution = words[1].parse().unwrap();
        Event::Foreign(Box::new(match words[0] {
            "ended" => Record::ExecutionFinished {
                execution,
                at: self.now,
                outcome: Outcome::of(Ended::Value(value(words[2]))),
            },
            "step" => Record::StepCreated(foreign_step(&execution, &submit(&words[2..]), self.now)),
            "attempt" => Record::ExecutionCreated(NewExecution {
                id: execution,
                environment: DEVELOPMENT,
                workspace: "Wdev".parse().unwrap(),
                created_at: self.now,
                execute_after: None,
                because: Because::Called,
                edited_arguments: None,
            }),
            "suspended" => Record::ExecutionFinished {
                outcome: Outcome::of(Ended::Suspended { successor: execution.attempt + 1 }),
                execution,
                at: self.now,
            },
            other => panic!("what is foreign {other}?"),
        }))
    }

    fn message(&mut self, execution: &ExecutionId, words: &[&str]) -> Message {
        let options = &words[1..];
        match words[0] {
            "returns" => return Message::Result(value(words[1])),
            "raises" => {
                let retryable = options.iter().find_map(|word| word.strip_prefix("retryable="));
                let error = failure(words[1]);
                return Message::Failed { error, retryable: retryable.map(|word| word == "true") };
            }
            "checkpoint" => {
                let (name, set) = words[1].split_once('=').unwrap();
                let set = (set != "reset").then(|| value(set));
                return Message::Checkpoints(BTreeMap::from([(name.to_owned(), set)]));
            }
            _ => {}
        }
        let number = self.requests.entry(execution.clone()).or_default();
        *number += 1;
        let request = RequestId(*number);
        Message::Request(
            request,
            match words[0] {
                "call" => Request::Submit(Box::new(submit(options))),
                "select" => Request::Select(select(options)),
                "suspends" => Request::Suspend {
                    execute_after: option(options, "until")
                        .map(|at| Timestamp(1000 + at.parse::<i64>().unwrap())),
                    stream_wait: None,
                },
                "cancels" => Request::Cancel(handles(words[1])),
                "asks" => Request::SubmitInput(Box::new(ask(options))),
                "flush" => Request::Flush,
                other => Request::Unknown(other.to_owned()),
            },
        )
    }
}

fn option<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn number(words: &[&str], name: &str) -> Option<u64> {
    option(words, name).map(|text| text.parse().unwrap())
}

fn params(words: &[&str], name: &str) -> Option<Params> {
    if words.contains(&name) {
        return Some(Params::All);
    }
    let indexes = option(words, name)?;
    Some(Params::Only(indexes.split(',').map(|index| index.parse().unwrap()).collect()))
}

pub(crate) fn json(text: &str) -> Json {
    Json::parse(text).unwrap()
}

/// JSON; `@` and the execution a handle is on; `%` and JSON that is in a blob; `~` and the name of
/// something pickled.
pub(crate) fn value(text: &str) -> Value {
    if let Some(content) = text.strip_prefix('%') {
        let (key, size) = (BlobKey::of(content.as_bytes()), content.len() as u64);
        return Value::blob(key, size, Vec::new());
    }
    if let Some(name) = text.strip_prefix('~') {
        return Value::raw(
            json(r#"{"index":0,"type":"ref"}"#),
            vec![Reference::Fragment {
                format: "pickle".into(),
                blob_key: BlobKey::of(name.as_bytes()),
                size: name.len() as u64,
                metadata: serde_json::Map::new(),
                extra: Extra::NONE,
            }],
        );
    }
    match text.strip_prefix('@') {
        Some(id) => Value::raw(
            json(r#"{"index":0,"type":"ref"}"#),
            vec![Reference::Execution {
                execution_id: id.parse().unwrap(),
                module: None,
                target: None,
                extra: Extra::NONE,
            }],
        ),
        None => Value::raw(json(text), Vec::new()),
    }
}

/// `name(1,"two",@R1:2:1)`
fn call(text: &str) -> (Target, Vec<Value>) {
    let (name, rest) = text.split_once('(').unwrap();
    let mut open = 0;
    let outside = |c: char| {
        open += i32::from(matches!(c, '[' | '{')) - i32::from(matches!(c, ']' | '}'));
        c == ',' && open == 0
    };
    let arguments: Vec<&str> = rest.strip_suffix(')').unwrap().split(outside).collect();
    let arguments = arguments.into_iter().filter(|text| !text.is_empty());
    (Target::new("m", name), arguments.map(value).collect())
}

pub(crate) fn submit(words: &[&str]) -> Submit {
    let (target, arguments) = call(words[0]);
    let cache = params(words, "cache").map(|params| CacheConfig {
        params,
        max_age: number(words, "max_age"),
        namespace: None,
        version: option(words, "version").map(str::to_owned),
        extra: Extra::NONE,
    });
    let waits = option(words, "wait_for").into_iter().flat_map(|indexes| indexes.split(','));
    Submit {
        target,
        kind: if words.contains(&"workflow") { TargetKind::Workflow } else { TargetKind::Task },
        arguments,
        group: None,
        wait_for: waits.map(|index| index.parse().unwrap()).collect(),
        cache,
        defer: params(words, "defer"),
        memo: params(words, "memo"),
        delay: number(words, "delay").unwrap_or_default(),
        retries: option(words, "retries").map(retries),
        recurrent: words.contains(&"recurrent"),
        requires: serde_json::Value::Null,
        timeout: number(words, "times_out").unwrap_or_default(),
        streams: None,
        given_keys: None,
    }
}

/// `LIMIT:MIN:MAX`; no limit as `-`
fn retries(text: &str) -> Retries {
    let parts: Vec<&str> = text.split(':').collect();
    Retries {
        limit: parts[0].parse().ok(),
        backoff_min: parts.get(1).map(|text| text.parse().unwrap()),
        backoff_max: parts.get(2).map(|text| text.parse().unwrap()),
        extra: Extra::NONE,
    }
}

fn select(words: &[&str]) -> Select {
    Select {
        handles: handles(words[0]),
        suspend: words.contains(&"suspend"),
        timeout: number(words, "timeout"),
        cancel_remaining: words.contains(&"cancel_remaining"),
    }
}

fn handles(text: &str) -> Vec<Handle> {
    let handle = |text: &str| {
        let execution = || Handle::Execution(text.parse().unwrap());
        text.parse::<InputId>().map_or_else(|_| execution(), Handle::Input)
    };
    text.split(',').map(handle).collect()
}

fn ask(words: &[&str]) -> SubmitInput {
    SubmitInput {
        key: option(words, "key").map(str::to_owned),
        template: words[0].to_owned(),
        placeholders: BTreeMap::new(),
        schema: None,
        initial: None,
        title: None,
        actions: None,
        requires: serde_json::Value::Null,
    }
}

fn rules(words: &[&str]) -> Rules {
    Rules {
        policy: match option(words, "policy") {
            Some("isolate") => Policy::Isolate,
            Some("open") => Policy::Open,
            _ => Policy::Memo,
        },
        on_miss: match option(words, "on-miss") {
            Some("run") => OnMiss::Run,
            Some("ask") => OnMiss::Ask,
            Some("pin") => OnMiss::Pin,
            _ => OnMiss::Fail,
        },
        allow: option(words, "allow").map(|name| Target::new("m", name)).into_iter().collect(),
        by_hand: Arc::new(by_hand(words)),
        ..Rules::default()
    }
}

/// `pin=R1:2/R1:2:1 unpin=R1:3 mock=R1:4/5 ignore=a/1 only=a/0 part=a/0['id'] renamed=new/old`
fn by_hand(words: &[&str]) -> ByHand {
    let mut by_hand = ByHand::default();
    for word in words {
        let Some((kind, rest)) = word.split_once('=') else { continue };
        let (what, how) = rest.split_once('/').unwrap_or((rest, ""));
        let target = |name: &str| Target::new("m", name);
        match kind {
            "pin" | "unpin" | "mock" => {
                let setting = by_hand.steps.entry(what.parse().unwrap()).or_default();
                setting.answer = Some(match kind {
                    "pin" => AnswerByHand::Pin(how.parse().unwrap()),
                    "unpin" => AnswerByHand::Unpinned,
                    _ => {
                        setting.mocks.insert("mock".into(), value(how));
                        AnswerByHand::Mock("mock".into())
                    }
                });
            }
            "ignore" => {
                let rule = by_hand.rules.entry(target(what)).or_default();
                rule.ignore.insert(how.parse().unwrap());
            }
            "only" => {
                let rule = by_hand.rules.entry(target(what)).or_default();
                rule.only.get_or_insert_default().insert(how.parse().unwrap());
            }
            "part" => {
                let (index, path) = how.split_at(1);
                let rule = by_hand.rules.entry(target(what)).or_default();
                let parts = rule.parts.entry(index.parse().unwrap()).or_default();
                parts.push(path.parse().unwrap());
            }
            "renamed" => {
                by_hand.renamed.insert(target(what), target(how));
            }
            _ => {}
        }
    }
    by_hand
}

fn rerun(words: &[&str]) -> Command {
    let steps = words[0].split(',').map(|step| step.parse().unwrap()).collect();
    let environment = if words.contains(&"in=production") { PRODUCTION } else { DEVELOPMENT };
    let edited = option(words, "with").map(|text| text.split(',').map(value).collect());
    Command::Rerun { steps, environment, rules: rules(words), edited_arguments: edited }
}

fn submit_run(words: &[&str]) -> Command {
    let options = submit(&words[1..]);
    Command::Submit {
        run: words[0].parse().unwrap(),
        target: options.target.clone(),
        arguments: options.arguments.clone(),
        environment: DEVELOPMENT,
        memo: options.memo.is_some(),
        options: Box::new(Submit { memo: None, ..options }),
        rules: rules(words),
    }
}

fn decide(words: &[&str]) -> Command {
    let decision = match words[2] {
        "once" => Decision::RunOnce,
        "always" => Decision::RunAlways,
        "fail" => Decision::Fail,
        "pin" => Decision::Pin(words[3].parse().unwrap()),
        "give" => Decision::Give(value(words[3])),
        "map" => Decision::Map(Target::new("m", words[3])),
        other => panic!("what is {other}?"),
    };
    Command::Decide {
        caller: words[0].parse().unwrap(),
        ordinal: words[1].parse().unwrap(),
        decision,
    }
}

pub(crate) fn failure(message: &str) -> Failure {
    Failure {
        kind: "builtins.ValueError".into(),
        message: message.into(),
        frames: Vec::new(),
        extra: Extra::NONE,
    }
}

/// A step whose first attempt is this one, called by the root's second.
fn foreign_step(execution: &ExecutionId, submit: &Submit, now: Timestamp) -> NewStep {
    let key = submit
        .memo
        .as_ref()
        .map(|params| hindcast_model::memo_key(&submit.target, &submit.arguments, params).unwrap());
    NewStep {
        id: execution.step.clone(),
        target: submit.target.clone(),
        parent: Some(format!("{}:1:2", execution.run()).parse().unwrap()),
        created_at: now,
        arguments: submit.arguments.clone(),
        memo_key: key,
        cache: None,
        cache_key: None,
        retries: None,
        recurrent: false,
        timeout: 0,
        requires: serde_json::Value::Null,
        declared: Declared {
            kind: submit.kind,
            memo: submit.memo.clone(),
            defer: None,
            defer_key: None,
            wait_for: Vec::new(),
            delay: 0,
            streams: None,
        },
    }
}

/// `R1:2 a(1) memo by R1:1:1 -> 10`
pub(crate) fn record_in_production(runs: &mut BTreeMap<RunId, StoredRun>, line: &str) {
    let (made, ended) = line.split_once(" -> ").unwrap();
    let words: Vec<&str> = made.split_whitespace().collect();
    let id: StepId = words[0].parse().unwrap();
    let submit = submit(&words[1..]);
    let by = words.iter().position(|word| *word == "by").map(|by| words[by + 1].parse().unwrap());
    let key = submit.memo.as_ref().map(|params| {
        let key = hindcast_model::memo_key(&submit.target, &submit.arguments, params).unwrap();
        key.shown().parse().unwrap()
    });
    let cache_key = submit.cache.as_ref().map(|cache| {
        let key = hindcast_model::cache_key(&submit.target, &submit.arguments, cache).unwrap();
        key.shown().parse().unwrap()
    });
    let at = Timestamp(i64::from(id.number));
    let ended = match ended.split_once(' ') {
        Some(("raised", message)) => {
            Some(Ended::Error { error: failure(message), retry: None, retryable: None })
        }
        Some(("spawned", root)) => Some(Ended::Spawned(ExecutionRef {
            execution_id: root.parse().unwrap(),
            module: None,
            target: None,
            extra: Extra::NONE,
        })),
        _ if ended == "pending" => None,
        _ => Some(Ended::Value(value(ended))),
    };
    let execution = Execution {
        execution_id: id.attempt(1),
        workspace_id: "Wprd".parse().unwrap(),
        created_at: at,
        created_by: serde_json::Value::Null,
        execute_after: None,
        assigned_at: Some(at),
        completed_at: ended.as_ref().map(|_| at),
        groups: BTreeMap::new(),
        assets: BTreeMap::new(),
        dependencies: BTreeMap::new(),
        children: Vec::new(),
        inputs: None,
        metrics: None,
        result: ended.map(Outcome::of),
        extra: Extra::NONE,
    };
    let step = Step {
        step_number: id.number,
        module: "m".into(),
        target: submit.target.name.to_string(),
        parent_id: by,
        cache_config: submit.cache,
        cache_key,
        memo_key: key,
        retries: submit.retries,
        recurrent: Some(submit.recurrent),
        timeout: Some(submit.timeout),
        created_at: at,
        arguments: submit.arguments,
        requires: None,
        executions: hindcast_model::Attempts::from([(1, execution)]),
        extra: Extra::NONE,
    };
    let run = runs.entry(id.run.clone()).or_insert_with(|| empty_run(id.run.clone()));
    run.run.steps.insert(id.number, step);
}

pub(crate) fn empty_run(id: RunId) -> StoredRun {
    StoredRun {
        run: Run {
            id,
            created_at: Timestamp(0),
            created_by: serde_json::Value::Null,
            requires: None,
            parent: None,
            steps: BTreeMap::new(),
            extra: serde_json::Map::new(),
        },
        memo: None,
        declared: BTreeMap::new(),
        inputs: Vec::new(),
        checkpoints: BTreeMap::new(),
        edited_arguments: BTreeMap::new(),
        streams: BTreeMap::new(),
        retired: BTreeMap::new(),
    }
}

/// An effect as scripts write it; none for those that no rule speaks of.
fn effect_text(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Record(record) => return record_text(record),
        Effect::Start { execution, target, arguments, checkpoints, .. } => {
            let set: Vec<String> = checkpoints
                .iter()
                .map(|(name, value)| format!(" {name}={}", value_text(value)))
                .collect();
            format!("start {execution} {}{}", call_text(target, arguments), set.concat())
        }
        Effect::Reply { execution, request, reply } => {
            format!("reply {execution}#{} {}", request.0, reply_text(reply))
        }
        Effect::Tell { execution, notice } => format!("tell {execution} {notice:?}"),
        Effect::Stop { execution } => format!("stop {execution}"),
        Effect::Arm { timer, at } => {
            let (what, execution) = match timer {
                TimerId::Due(id) => ("due", id),
                TimerId::Timeout(id) => ("timeout", id),
                TimerId::Select(id, _) => ("select", id),
                TimerId::Idle(stream) => return Some(format!("arm idle {stream}")),
            };
            format!("arm {what} {execution} at {}", at.0 - 1000)
        }
        Effect::Inquire { module, .. } => format!("inquire {module}"),
        Effect::Ask(question) => format!("ask {}#{}", question.caller, question.ordinal),
        Effect::AskInput(Input { id, template, .. }) => format!("ask {id} {template}"),
        Effect::Rejected { reason } => format!("rejected: {reason}"),
    })
}

fn record_text(record: &Record) -> Option<String> {
    Some(match record {
        Record::RunCreated(run) => format!("run {}", run.id),
        Record::ExecutionCreated(new) => {
            let after = new.execute_after.map(|at| format!(" after {}", at.0 - 1000));
            let because = format!("{:?}", new.because).to_lowercase();
            format!("attempt {} {because}{}", new.id, after.unwrap_or_default())
        }
        Record::BodyStarted(entry) => {
            format!("body {} {}", entry.execution, format!("{:?}", entry.allowed_by).to_lowercase())
        }
        Record::ExecutionFinished { execution, outcome, .. } => {
            format!("ended {execution} {}", outcome_text(outcome))
        }
        Record::Resolved { execution, outcome } => {
            format!("resolved {execution} {}", outcome_text(outcome))
        }
        Record::CallAnswered(call) => format!(
            "call {}#{} {} {}",
            call.caller,
            call.ordinal,
            call_text(&call.target, &call.arguments),
            answer_text(&call.answer)
        ),
        Record::InputSubmitted { execution, input } => format!("input {} of {execution}", input.id),
        Record::InputAnswered { input, response } => {
            format!("answered {input} {}", response_text(response))
        }
        Record::CheckpointsChanged { execution, values } => {
            let names: Vec<&str> = values.keys().map(String::as_str).collect();
            format!("checkpoints {execution} {}", names.join(","))
        }
        _ => return None,
    })
}

fn response_text(response: &InputResponse) -> String {
    match response {
        InputResponse::Value { value, .. } => value.text().to_owned(),
        InputResponse::Dismissed { .. } => "dismissed".into(),
        InputResponse::Cancelled { .. } => "cancelled".into(),
    }
}

pub(crate) fn answer_text(answer: &Answer) -> String {
    match answer {
        Answer::Pinned { execution, rule } => {
            let rule = match rule {
                PinRule::Values(cause) => format!("values {cause:?}"),
                PinRule::Nearest(_) => "nearest".into(),
                other => format!("{other:?}"),
            };
            format!("pinned {execution} by {}", rule.to_lowercase())
        }
        Answer::Mocked { execution, .. } => format!("mocked {execution}"),
        Answer::Run { execution, allowed, .. } => {
            format!("runs {execution} by {}", format!("{allowed:?}").to_lowercase())
        }
        Answer::Blocked { miss } => format!("blocked {:?}", miss.reason),
        Answer::Refused { miss } => format!("refused {:?}", miss.reason),
    }
}

fn outcome_text(outcome: &Outcome) -> String {
    let next = |attempt: &Option<u32>| attempt.map(|n| format!(" retry {n}")).unwrap_or_default();
    let text = match &outcome.ended {
        Ended::Value(value) => value_text(value),
        Ended::Error { error, retry, .. } => {
            let told = error.frames.iter().filter(|frame| frame.line == 0);
            let told: Vec<String> =
                told.flat_map(|frame| &frame.code).map(|t| format!(" ({t})")).collect();
            format!("raised {}{}{}", error.message, told.concat(), next(retry))
        }
        Ended::Timeout { retry } => format!("timeout{}", next(retry)),
        Ended::Abandoned { retry } => format!("abandoned{}", next(retry)),
        Ended::Crashed { retry } => format!("crashed{}", next(retry)),
        Ended::Cancelled => "cancelled".into(),
        Ended::Suspended { successor } => format!("suspended next {successor}"),
        Ended::Recurred { successor } => format!("recurred next {successor}"),
        Ended::Deferred(other) => format!("deferred to {}", other.execution_id),
        Ended::Cached(other) => format!("cached as {}", other.execution_id),
        Ended::Spawned(other) => format!("spawned {}", other.execution_id),
    };
    match &outcome.resolved {
        Resolved::Known(known) => format!("{text}: {}", outcome_text(known)),
        _ => text,
    }
}

fn reply_text(reply: &Reply) -> String {
    match reply {
        Reply::StreamRegistered { stream, length } => format!("stream {stream} at {length}"),
        Reply::Submitted { execution, .. } => execution.to_string(),
        Reply::KeysWanted { calls, .. } => {
            let steps: Vec<_> = calls.iter().map(|call| call.step.to_string()).collect();
            format!("the keys of {}", steps.join(", "))
        }
        Reply::NothingYet => "nothing yet".into(),
        Reply::Selected { winner, status } => format!("{winner}: {}", status_text(status)),
        Reply::InputSubmitted(input) => input.to_string(),
        Reply::Done => "done".into(),
        Reply::Error { code, message } => format!("error {code}: {message}"),
        Reply::AssetPersisted { id, .. } => id.to_string(),
        Reply::AssetEntries(entries) => format!("{} files", entries.len()),
    }
}

fn status_text(status: &Status) -> String {
    match status {
        Status::Ok(value) => value_text(value),
        Status::Error(error) => format!("raised {}", error.message),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn call_text(target: &Target, arguments: &[Value]) -> String {
    format!("{}({})", target.name, arguments_text(arguments))
}

pub(crate) fn arguments_text(arguments: &[Value]) -> String {
    arguments.iter().map(value_text).collect::<Vec<_>>().join(",")
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Raw { data, references, .. } => match references.first() {
            Some(Reference::Execution { execution_id, .. }) => format!("@{execution_id}"),
            _ => data.text().to_owned(),
        },
        Value::Blob { size, .. } => format!("blob of {size} bytes"),
    }
}
