//! Random programs: what each target's body does, and what production recorded.
//!
//! A body calls only targets of a higher level, so that no program waits for itself.

use hindcast_model::record::TargetKind;
use hindcast_model::{CacheConfig, Extra, Params, Retries, Target};
use hindcast_orchestrator::message::Submit;
use hindcast_orchestrator::{OnMiss, Policy, Rules};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::script::value;

/// How many targets there are, each of the level of its number.
const LEVELS: usize = 4;

/// A program, the world it runs in, and how its events fall.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) by_hand: Vec<Hand>,
    pub(crate) recorded: Vec<Recorded>,
    pub(crate) bodies: Vec<Body>,
    pub(crate) start: Start,
    pub(crate) rules: Rules,
    /// Which of the possible events comes next, again and again; then always the first.
    pub(crate) choices: Vec<u16>,
}

/// Something that a person set by hand before it begins.
#[derive(Debug, Clone)]
pub(crate) enum Hand {
    /// A recorded call, by its index, and what is set for it.
    Step(usize, OnStep),
    /// An argument of a target, by its level, that does not count.
    Ignore(usize, usize),
    /// A target that was called as another before, both by level.
    Renamed(usize, usize),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum OnStep {
    Pin,
    Unpin,
    Mock,
}

/// How it begins.
#[derive(Debug, Clone)]
pub(crate) enum Start {
    Rerun,
    Submit { memo: bool },
}

/// A call that production recorded.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) call: Call,
    pub(crate) ended: RecordedEnd,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum RecordedEnd {
    Value(u8),
    Raised,
    Pending,
}

#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) words: Vec<Word>,
    pub(crate) end: End,
}

/// What a body does next. Calls are named by their index in the body.
#[derive(Debug, Clone)]
pub(crate) enum Word {
    Call(Call),
    Wait {
        calls: Vec<usize>,
        timeout: Option<u64>,
        suspend: bool,
        cancel_remaining: bool,
    },
    Cancel(usize),
    Suspend {
        later: bool,
    },
    Ask {
        key: u8,
    },
    Flush,
    /// Produces another stream.
    Produce {
        buffer: Option<u64>,
    },
    /// Reads a stream of a higher level, to its end or for so many items.
    Read {
        stream: usize,
        items: Option<u64>,
        prefetch: u64,
    },
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    Returns(u8),
    ReturnsNone,
    ReturnsHandle(usize),
    Raises,
}

#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "as a call has them")]
pub(crate) struct Call {
    /// How many levels below the caller.
    pub(crate) below: usize,
    pub(crate) argument: u8,
    /// The second argument: a handle on an earlier call, if there is one.
    pub(crate) handle: Option<usize>,
    pub(crate) memo: Option<Params>,
    pub(crate) cached: bool,
    pub(crate) deferred: bool,
    pub(crate) waits: bool,
    pub(crate) delay: u64,
    pub(crate) retries: Option<u32>,
    pub(crate) recurrent: bool,
    pub(crate) timeout: u64,
    pub(crate) workflow: bool,
}

impl Call {
    /// The call as a body of this level makes it; `handles` are its earlier calls, each with the
    /// level of what it called.
    pub(crate) fn submit(&self, level: usize, handles: &[(String, usize)]) -> Submit {
        let level = (level + self.below).min(LEVELS - 1);
        let mut arguments = vec![value(&self.argument.to_string())];
        let handle = self.handle.and_then(|index| handles.get(index));
        if let Some((id, _)) = handle {
            arguments.push(value(&format!("@{id}")));
        }
        // Waiting for one of the same or a lower level could wait for itself, as on the server.
        let waits = self.waits && handle.is_some_and(|(_, other)| *other > level);
        Submit {
            target: target(level),
            kind: if self.workflow { TargetKind::Workflow } else { TargetKind::Task },
            arguments,
            group: None,
            wait_for: if waits { vec![1] } else { Vec::new() },
            cache: self.cached.then_some(CacheConfig {
                params: Params::All,
                max_age: None,
                namespace: None,
                version: None,
                extra: Extra::NONE,
            }),
            defer: self.deferred.then_some(Params::All),
            memo: self.memo.clone(),
            delay: self.delay,
            retries: self.retries.map(|limit| Retries {
                limit: Some(limit),
                backoff_min: Some(0),
                backoff_max: Some(20),
                extra: Extra::NONE,
            }),
            recurrent: self.recurrent,
            requires: serde_json::Value::Null,
            timeout: self.timeout,
            streams: None,
            given_keys: None,
        }
    }
}

pub(crate) fn target(level: usize) -> Target {
    Target::new("m", &format!("t{level}"))
}

/// The level of a target.
pub(crate) fn level(target: &Target) -> usize {
    target.name[1..].parse().unwrap()
}

fn call() -> impl Strategy<Value = Call> {
    let memo = prop_oneof![
        2 => Just(None),
        3 => Just(Some(Params::All)),
        1 => Just(Some(Params::Only(vec![0]))),
    ];
    let rarely = || proptest::bool::weighted(0.1);
    let when = (rarely(), rarely(), rarely(), prop_oneof![4 => Just(0), 1 => 1..30u64]);
    let again = (proptest::option::weighted(0.2, 0..3u32), rarely());
    let ends = (prop_oneof![8 => Just(0), 1 => 5..40u64], rarely());
    let what = (1..3usize, 0..3u8, proptest::option::weighted(0.4, 0..3usize), memo);
    (what, when, again, ends).prop_map(|(what, when, again, ends)| Call {
        below: what.0,
        argument: what.1,
        handle: what.2,
        memo: what.3,
        cached: when.0,
        deferred: when.1,
        waits: when.2,
        delay: when.3,
        retries: again.0,
        recurrent: again.1,
        timeout: ends.0,
        workflow: ends.1,
    })
}

fn word() -> impl Strategy<Value = Word> {
    let wait = (
        vec(0..4usize, 1..3),
        proptest::option::weighted(0.3, 0..30u64),
        any::<bool>(),
        proptest::bool::weighted(0.2),
    );
    let wait = wait.prop_map(|(calls, timeout, suspend, cancel_remaining)| Word::Wait {
        calls,
        timeout,
        suspend,
        cancel_remaining,
    });
    prop_oneof![
        10 => call().prop_map(Word::Call),
        6 => wait,
        1 => (0..4usize).prop_map(Word::Cancel),
        1 => any::<bool>().prop_map(|later| Word::Suspend { later }),
        1 => (0..2u8).prop_map(|key| Word::Ask { key }),
        1 => Just(Word::Flush),
        1 => proptest::option::of(0..3u64).prop_map(|buffer| Word::Produce { buffer }),
        1 => (0..4usize, proptest::option::of(1..4u64), 1..4u64)
            .prop_map(|(stream, items, prefetch)| Word::Read { stream, items, prefetch }),
    ]
}

fn body() -> impl Strategy<Value = Body> {
    let end = prop_oneof![
        6 => (0..3u8).prop_map(End::Returns),
        1 => Just(End::ReturnsNone),
        1 => (0..3usize).prop_map(End::ReturnsHandle),
        2 => Just(End::Raises),

    ];
    (vec(word(), 1..9), end).prop_map(|(words, end)| Body { words, end })
}

fn recorded() -> impl Strategy<Value = Recorded> {
    let ended = prop_oneof![
        4 => (0..3u8).prop_map(RecordedEnd::Value),
        1 => Just(RecordedEnd::Raised),
        1 => Just(RecordedEnd::Pending),
    ];
    let plain = call().prop_map(|call| Call { workflow: false, ..call });
    (plain, ended).prop_map(|(call, ended)| Recorded { call, ended })
}

fn rules() -> impl Strategy<Value = Rules> {
    let policy = prop_oneof![
        6 => Just(Policy::Memo),
        1 => Just(Policy::Isolate),
        1 => Just(Policy::Open),
    ];
    let on_miss =
        prop_oneof![Just(OnMiss::Ask), Just(OnMiss::Fail), Just(OnMiss::Run), Just(OnMiss::Pin),];
    let allow = proptest::option::weighted(0.2, 1..LEVELS);
    (policy, on_miss, allow).prop_map(|(policy, on_miss, allow)| Rules {
        policy,
        on_miss,
        allow: allow.into_iter().map(target).collect(),
        ..Rules::default()
    })
}

fn hand() -> impl Strategy<Value = Hand> {
    let on_step = prop_oneof![Just(OnStep::Pin), Just(OnStep::Unpin), Just(OnStep::Mock)];
    prop_oneof![
        6 => (0..8usize, on_step).prop_map(|(index, on_step)| Hand::Step(index, on_step)),
        1 => (1..LEVELS, 0..2usize).prop_map(|(level, index)| Hand::Ignore(level, index)),
        // Were it called as its own caller is, it could wait for itself.
        1 => (1..LEVELS, 1..LEVELS).prop_map(|(a, b)| Hand::Renamed(a.min(b), a.max(b))),
    ]
}

pub(crate) fn scenario() -> impl Strategy<Value = Scenario> {
    let start = prop_oneof![
        3 => Just(Start::Rerun),
        2 => any::<bool>().prop_map(|memo| Start::Submit { memo }),
    ];
    let bodies = vec(body(), LEVELS);
    let by_hand = prop_oneof![1 => Just(Vec::new()), 1 => vec(hand(), 1..5)];
    (vec(recorded(), 0..8), bodies, start, rules(), by_hand, vec(any::<u16>(), 0..200)).prop_map(
        |(recorded, bodies, start, rules, by_hand, choices)| Scenario {
            by_hand,
            recorded,
            bodies,
            start,
            rules,
            choices,
        },
    )
}
