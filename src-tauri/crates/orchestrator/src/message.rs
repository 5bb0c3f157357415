//! What an executor says and hears, free of any SDK version's wire form. The engine's codec turns
//! lines into these and back; values have already been through it (files read, blobs kept).

use std::collections::BTreeMap;

use hindcast_model::record::{LogLevel, TargetKind};
use hindcast_model::{
    Act, Asset, AssetEntry, AssetId, CacheConfig, Debugger, ExecutionId, Failure, InputId, Json,
    Key, MetricDefinition, OwnKeys, Params, Retries, StepId, StreamEnd, StreamId, Target,
    Timestamp, Value,
};

/// The number an executor gave a request; replies carry it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// What an executor says.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// The body returned.
    Result(Value),
    /// The body raised.
    Failed {
        /// What.
        error: Failure,
        /// What the target's `when=` said, if it has one.
        retryable: Option<bool>,
    },
    /// A log line.
    Log {
        /// How serious.
        level: LogLevel,
        /// Text with `{name}` placeholders.
        template: Option<String>,
        /// What stands for the placeholders.
        values: BTreeMap<String, Value>,
    },
    /// A group of calls.
    RegisterGroup {
        /// Its number in the execution.
        group: u32,
        /// Its name.
        name: Option<String>,
    },
    /// A metric is about to be measured.
    DefineMetric {
        /// Its name.
        key: String,
        /// How it is drawn.
        definition: MetricDefinition,
    },
    /// A metric's value.
    Metric {
        /// Its name.
        key: String,
        /// The value.
        value: f64,
        /// When, in the execution's own terms; none for seconds since it started.
        at: Option<f64>,
    },
    /// Checkpoints changed (0.12): values by name, none for a reset.
    Checkpoints(BTreeMap<String, Option<Value>>),
    /// The sentinel is in its process.
    Watched {
        /// Whether it refuses what it sees.
        locked: bool,
    },
    /// The sentinel saw the body do something outside of itself.
    Effect {
        /// What.
        act: Act,
        /// How often, since it last said so.
        count: u64,
    },
    /// It waits for a debugger, or one was attached or detached.
    Debugger(Debugger),
    /// A stream of its own has another item (0.12).
    Append {
        /// The stream's index in the step.
        index: u32,
        /// The item's place in it.
        sequence: u64,
        /// The item.
        value: Value,
    },
    /// A stream of its own has ended (0.12).
    Close {
        /// The stream's index in the step.
        index: u32,
        /// What its body raised, if it did.
        error: Option<Failure>,
    },
    /// It reads a stream (0.12).
    Subscribe(Subscribe),
    /// It has worked off items of a stream it reads (0.12).
    Acked {
        /// Of which subscription.
        subscription: u64,
        /// How many so far.
        count: u64,
        /// The highest place among them.
        sequence: u64,
    },
    /// It reads a stream no more (0.12).
    Unsubscribe {
        /// Which subscription.
        subscription: u64,
    },
    /// A request that wants an answer, exactly one.
    Request(RequestId, Request),
}

/// The reading of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribe {
    /// Its number in the execution.
    pub subscription: u64,
    /// What is read.
    pub stream: StreamId,
    /// The place of the first item wanted.
    pub start: u64,
    /// The place before which it ends, if it ends before the stream.
    pub stop: Option<u64>,
    /// How far the items wanted are apart.
    pub step: u64,
    /// How many items may be on their way at once.
    pub prefetch: u64,
}

/// What an executor asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Call a target.
    Submit(Box<Submit>),
    /// Wait for the first of these to be resolved.
    Select(Select),
    /// Stop this execution, to be continued by another attempt.
    Suspend {
        /// Not before then.
        execute_after: Option<Timestamp>,
        /// Not before this stream has an item at this place, or has ended (0.12).
        stream_wait: Option<(StreamId, u64)>,
    },
    /// Produce a stream (0.12).
    RegisterStream {
        /// The how-manieth of this execution, from 0.
        position: u32,
        /// How many items it may be ahead of who reads it slowest; none for any number.
        buffer: Option<u64>,
        /// How long it may go without another item, in ms.
        timeout: Option<u64>,
    },
    /// Cancel these.
    Cancel(Vec<Handle>),
    /// Keep these files.
    PersistAsset {
        /// Its name.
        name: Option<String>,
        /// The files, already in the blob store.
        entries: Vec<AssetEntry>,
    },
    /// List an asset's files.
    GetAsset(AssetId),
    /// Ask a person.
    SubmitInput(Box<SubmitInput>),
    /// Answer once all that was said before is durable (0.12).
    Flush,
    /// A request we do not serve, by its method's name.
    Unknown(String),
}

/// A call.
#[derive(Debug, Clone, PartialEq)]
pub struct Submit {
    /// What is called.
    pub target: Target,
    /// Task or workflow.
    pub kind: TargetKind,
    /// With what, by position.
    pub arguments: Vec<Value>,
    /// The caller's group it is made in.
    pub group: Option<u32>,
    /// Arguments whose executions must have ended before it starts.
    pub wait_for: Vec<usize>,
    /// How it may be cached.
    pub cache: Option<CacheConfig>,
    /// Over which arguments a later identical call takes its place.
    pub defer: Option<Params>,
    /// Over which arguments it is memoised.
    pub memo: Option<Params>,
    /// How long it waits before it starts, in ms.
    pub delay: u64,
    /// How often it is tried again.
    pub retries: Option<Retries>,
    /// Whether it runs again after returning null.
    pub recurrent: bool,
    /// Tags a worker must have.
    pub requires: serde_json::Value,
    /// How long it may run, in ms; 0 for ever.
    pub timeout: u64,
    /// Stream settings (0.12), as sent.
    pub streams: Option<serde_json::Value>,
    /// The keys, where the SDK makes them itself (0.2 and 0.3).
    pub given_keys: Option<Box<GivenKeys>>,
}

/// What a call can be found by where its SDK makes the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenKeys {
    /// Its memo key, if it is memoised.
    pub memo: Option<Key>,
    /// Its cache key, if it is cached.
    pub cache: Option<Key>,
    /// Its defer key, if it is deferred.
    pub defer: Option<Key>,
    /// Whether the memo key comes from a function of the arguments.
    pub by_function: bool,
    /// The keys of recorded calls, in answer to [`Reply::KeysWanted`].
    pub recorded: Option<Vec<(StepId, OwnKeys)>>,
}

/// A recorded call whose keys are wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedCall {
    /// Which.
    pub step: StepId,
    /// What it was called with.
    pub arguments: Vec<Value>,
}

/// A wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// For what; the lowest index wins where several are resolved.
    pub handles: Vec<Handle>,
    /// Whether to suspend the caller when the time is up, instead of answering with nothing.
    pub suspend: bool,
    /// How long to wait, in ms; none for ever.
    pub timeout: Option<u64>,
    /// Whether to cancel the others once one has won.
    pub cancel_remaining: bool,
}

/// Something that can be waited for or cancelled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Handle {
    /// An execution.
    Execution(ExecutionId),
    /// An input.
    Input(InputId),
    /// An item of a stream, or the stream's end (0.12).
    Stream(StreamId, u64),
}

/// A question to a person.
#[derive(Debug, Clone, PartialEq)]
pub struct SubmitInput {
    /// By which the run finds it again.
    pub key: Option<String>,
    /// The question, with `{name}` placeholders.
    pub template: String,
    /// What stands for the placeholders.
    pub placeholders: BTreeMap<String, Value>,
    /// The JSON Schema of the answer, as text.
    pub schema: Option<String>,
    /// What the answer starts as.
    pub initial: Option<Json>,
    /// Its title.
    pub title: Option<String>,
    /// Labels of the two buttons.
    pub actions: Option<Vec<String>>,
    /// Tags a worker must have.
    pub requires: serde_json::Value,
}

/// What an executor hears.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// The call's execution: new, or one that existed.
    Submitted {
        /// Which.
        execution: ExecutionId,
        /// What it calls.
        target: Target,
    },
    /// Before the call can be answered, the keys of these must be known; the SDK that makes them
    /// calls again, and tells them.
    KeysWanted {
        /// Recorded calls of the same target.
        calls: Vec<WantedCall>,
        /// What handles in their arguments lead to.
        results: BTreeMap<ExecutionId, Status>,
    },
    /// Nothing was resolved in time.
    NothingYet,
    /// One was resolved.
    Selected {
        /// Its index in the request.
        winner: usize,
        /// How it ended.
        status: Status,
    },
    /// The asset is kept.
    AssetPersisted {
        /// Its id.
        id: AssetId,
        /// Its summary.
        asset: Asset,
    },
    /// An asset's files.
    AssetEntries(Vec<AssetEntry>),
    /// The input is asked, or was before.
    InputSubmitted(InputId),
    /// The stream is registered.
    StreamRegistered {
        /// Its id.
        stream: StreamId,
        /// How many items it has already.
        length: u64,
    },
    /// Done, with nothing to say.
    Done,
    /// It cannot be done; becomes an exception in user code.
    Error {
        /// A short code such as `submit_error`.
        code: &'static str,
        /// What went wrong, for a person.
        message: String,
    },
}

/// How something waited for ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// With a value.
    Ok(Value),
    /// With an exception.
    Error(Failure),
    /// It was cancelled.
    Cancelled,
    /// A person would not answer.
    Dismissed,
    /// It ran longer than it may.
    Timeout,
    /// The machine that ran it was lost.
    Abandoned,
    /// Its process ended without saying how.
    Crashed,
}

/// What an executor is told unasked (0.12).
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// So many more items of a stream are wanted.
    Demand {
        /// The stream's index in the step.
        index: u32,
        /// How many more.
        more: u64,
    },
    /// A stream is over, whatever its body still has.
    ForceClose {
        /// The stream's index in the step.
        index: u32,
        /// How it ended.
        end: StreamEnd,
    },
    /// Items of a stream it reads.
    Items {
        /// Which subscription.
        subscription: u64,
        /// Of which stream.
        stream: StreamId,
        /// The place of the first.
        start: u64,
        /// How far they are apart.
        step: u64,
        /// How many.
        count: u64,
    },
    /// A stream it reads has no more for it.
    Closed {
        /// Which subscription.
        subscription: u64,
        /// How it ended.
        end: StreamEnd,
    },
}
