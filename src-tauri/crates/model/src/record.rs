//! What happens locally, one fact each: the orchestrator says them, the store keeps them, other
//! processes on the same store read them to catch up.
//!
//! Enums here are externally tagged, so that serde never buffers a [`Value`] and loses its text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Any;

use crate::{
    Asset, AssetEntry, AssetId, Attempt, CacheConfig, Debugger, Dependency, EnvironmentId,
    ExecutionId, ExecutionRef, InputId, Json, Key, MetricDefinition, Outcome, OwnKeys, Params,
    Retries, RunId, SideEffect, StepId, StreamEnd, StreamId, Target, Timestamp, Value, WorkspaceId,
};

/// One fact about local work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Record {
    /// A run began here: submitted by a person, or spawned by an execution.
    RunCreated(NewRun),
    /// A call made a step.
    StepCreated(NewStep),
    /// An attempt at a step was asked for.
    ExecutionCreated(NewExecution),
    /// A body is about to run. Durable before it does: this is the ledger.
    BodyStarted(LedgerEntry),
    /// An execution ended. At most one of these per execution.
    ExecutionFinished {
        /// Which.
        execution: ExecutionId,
        /// When.
        at: Timestamp,
        /// How.
        outcome: Outcome,
    },
    /// An execution that had ended so that another goes on is now resolved through that other.
    Resolved {
        /// Which.
        execution: ExecutionId,
        /// How it finally ended.
        outcome: Outcome,
    },
    /// A call was answered: by a new step, or by an execution that existed.
    CallAnswered(Call),
    /// An execution named a group of calls.
    GroupRegistered {
        /// Which execution.
        execution: ExecutionId,
        /// The group's number in it.
        group: u32,
        /// Its name.
        name: Option<String>,
    },
    /// An execution consumed something.
    Depended {
        /// Which execution.
        execution: ExecutionId,
        /// The id of what it consumed, as the export keys it.
        id: String,
        /// What it consumed.
        dependency: Dependency,
    },
    /// An execution wrote a log line.
    Logged(LogEntry),
    /// An execution defined a metric.
    MetricDefined {
        /// Which execution.
        execution: ExecutionId,
        /// The metric's name.
        key: String,
        /// How it is drawn.
        definition: MetricDefinition,
    },
    /// An execution measured something.
    Measured {
        /// Which execution.
        execution: ExecutionId,
        /// The metric's name.
        key: String,
        /// What it measured.
        value: f64,
        /// When, in the execution's own terms (seconds since it started, unless it said otherwise).
        at: f64,
    },
    /// An execution persisted files.
    AssetPersisted {
        /// Which execution.
        execution: ExecutionId,
        /// The asset's id: the same content has the same id.
        asset_id: AssetId,
        /// Its summary.
        asset: Asset,
        /// All its files.
        entries: Vec<AssetEntry>,
    },
    /// An execution asked a person for an input, or shares an input asked for before.
    InputSubmitted {
        /// Which execution.
        execution: ExecutionId,
        /// What it asked.
        input: Input,
    },
    /// An input was answered.
    InputAnswered {
        /// Which.
        input: InputId,
        /// How.
        response: InputResponse,
    },
    /// Checkpoints of an execution changed.
    CheckpointsChanged {
        /// Which execution.
        execution: ExecutionId,
        /// New values by name; none for a reset.
        values: BTreeMap<String, Option<Value>>,
    },
    /// An execution produces a stream: a new one, or one it goes on with.
    StreamRegistered {
        /// Which.
        stream: StreamId,
        /// Who produces it from now on.
        execution: ExecutionId,
        /// When.
        at: Timestamp,
    },
    /// A stream has another item.
    StreamAppended {
        /// Which.
        stream: StreamId,
        /// The item's place, from 0.
        sequence: u64,
        /// The item.
        value: Value,
    },
    /// A stream has ended.
    StreamClosed {
        /// Which.
        stream: StreamId,
        /// When.
        at: Timestamp,
        /// How.
        end: StreamEnd,
    },
    /// The sentinel is in an execution's process: what its body does outside of itself is seen.
    Watched {
        /// Which execution.
        execution: ExecutionId,
        /// Whether such acts are refused.
        locked: bool,
    },
    /// A body did, or tried to do, something outside of itself.
    EffectSeen(SideEffect),
    /// An execution waits for a debugger, or one was attached or detached.
    Debugger {
        /// Which execution.
        execution: ExecutionId,
        /// When.
        at: Timestamp,
        /// How it stands now.
        debugger: Debugger,
    },
    /// Files of the project were saved while a run went on with the code they held before: what
    /// they hold now belongs to the next one.
    CodeSaved {
        /// The run.
        run: RunId,
        /// The snapshot it goes on with, as 64 hex digits.
        code: String,
        /// Which, below the project's folder.
        files: Vec<String>,
        /// When that was seen.
        at: Timestamp,
    },
    /// Keys of recorded calls whose exports do not hold them were made by the project's code.
    OwnKeysMade(Vec<(StepId, OwnKeys)>),
}

/// A run that begins here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewRun {
    /// Its id.
    pub id: RunId,
    /// When.
    pub created_at: Timestamp,
    /// The execution that spawned it.
    pub parent: Option<ExecutionRef>,
    /// Whether every task in it is memoised unless it says otherwise.
    pub memo: bool,
    /// Tags a worker must have.
    pub requires: Any,
}

/// Whether a target is a task or a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// Runs in the caller's run.
    Task,
    /// Called from a run, becomes a run of its own.
    Workflow,
}

/// What a step declares beyond what Coflux's export shows. Known for local steps and for those read
/// from a server's database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Declared {
    /// Task or workflow.
    pub kind: TargetKind,
    /// Which arguments its memo key is of.
    pub memo: Option<Params>,
    /// Which arguments its defer key is of.
    pub defer: Option<Params>,
    /// The key by which a later identical call takes its place.
    pub defer_key: Option<Key>,
    /// Arguments whose executions must have ended before it starts, by position.
    pub wait_for: Vec<usize>,
    /// How long it waits before it starts, in ms.
    pub delay: u64,
    /// Stream settings of the target (0.12), as the SDK sent them.
    pub streams: Option<Any>,
}

/// A step made by a local call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewStep {
    /// Its id.
    pub id: StepId,
    /// What it calls.
    pub target: Target,
    /// The execution that called it; none for a root step.
    pub parent: Option<ExecutionId>,
    /// When.
    pub created_at: Timestamp,
    /// What it is called with, by position.
    pub arguments: Vec<Value>,
    /// Its memo key, whole.
    pub memo_key: Option<Key>,
    /// How it may be cached.
    pub cache: Option<CacheConfig>,
    /// Its cache key, whole.
    pub cache_key: Option<Key>,
    /// How often it is tried again.
    pub retries: Option<Retries>,
    /// Whether it runs again after returning null.
    pub recurrent: bool,
    /// How long it may run, in ms; 0 for ever.
    pub timeout: u64,
    /// Tags a worker must have.
    pub requires: Any,
    /// What the export does not show.
    pub declared: Declared,
}

/// A new attempt at a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewExecution {
    /// Its id.
    pub id: ExecutionId,
    /// The environment it belongs to.
    pub environment: EnvironmentId,
    /// That environment's workspace id.
    pub workspace: WorkspaceId,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it may start; none for at once.
    pub execute_after: Option<Timestamp>,
    /// Why it exists.
    pub because: Because,
    /// What it is called with, if a person edited the step's arguments for this re-run.
    pub edited_arguments: Option<Vec<Value>>,
}

/// Why an execution exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Because {
    /// Its step was called.
    Called,
    /// A person asked for a re-run.
    Rerun,
    /// The attempt before failed and is tried again.
    Retry,
    /// The attempt before was suspended.
    Resumed,
    /// The attempt before returned null and recurs.
    Recurred,
}

/// A body that is about to run here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The execution whose body it is.
    pub execution: ExecutionId,
    /// What is called.
    pub target: Target,
    /// SHA-256 over the encoded arguments, as 64 hex digits.
    pub arguments_hash: String,
    /// When.
    pub at: Timestamp,
    /// What allowed it.
    pub allowed_by: Allowed,
    /// The snapshot of the code it runs, as 64 hex digits, where one was taken.
    pub code: Option<String>,
    /// The policy of the command it belongs to; none in entries of before it was noted.
    #[serde(default)]
    pub policy: Option<Policy>,
}

/// Which calls of a re-run are pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Coflux's rule: memoised and cached calls are pinned, other calls to targets that the
    /// ancestor also ran unmemoised may run.
    #[default]
    Memo,
    /// Only chosen steps run; every other call is answered by the ancestor's execution of it.
    Isolate,
    /// Anything may run.
    Open,
}

/// What allowed a body to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Allowed {
    /// A person chose this step.
    Chosen,
    /// The plan: an unmemoised call below a chosen step, to a target the ancestor also ran.
    Plan,
    /// A flag: `--on-miss run`, `--allow TARGET`, the *open* policy.
    Flag,
    /// A person's answer at the guard.
    Guard,
    /// A person unpinned the step it is a call of.
    Hand,
    /// The run has no ancestor: it began here.
    FreshRun,
    /// A retry, resumption or recurrence of a body allowed before.
    Continued,
}

/// A call that a local execution made, and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Who called.
    pub caller: ExecutionId,
    /// The how-manieth call of that execution, from 0.
    pub ordinal: u32,
    /// When.
    pub at: Timestamp,
    /// What it called.
    pub target: Target,
    /// With what.
    pub arguments: Vec<Value>,
    /// The caller's group it was made in.
    pub group: Option<u32>,
    /// Whether the call is memoised, and over which arguments.
    pub memo: Option<Params>,
    /// Its memo key, whole.
    pub memo_key: Option<Key>,
    /// How it was answered.
    pub answer: Answer,
}

/// How a call was answered, and why. A call is `Blocked` until somebody decides; the decision is a
/// second record with the same caller and ordinal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// By an existing execution; nothing ran.
    Pinned {
        /// Which.
        execution: ExecutionId,
        /// By which rule.
        rule: PinRule,
    },
    /// By a value a person gave; nothing ran.
    Mocked {
        /// The step that carries it.
        execution: ExecutionId,
        /// The mock's name, where it was saved.
        name: Option<String>,
    },
    /// By a new step, which runs.
    Run {
        /// Its first execution.
        execution: ExecutionId,
        /// What allowed it.
        allowed: Allowed,
        /// Why no pin answered it, where it is memoised.
        miss: Option<Miss>,
    },
    /// Not yet, or not at all: it would run and may not.
    Blocked {
        /// Why no pin answered it.
        miss: Miss,
    },
    /// With an error: it may not run, and was not answered otherwise.
    Refused {
        /// Why no pin answered it.
        miss: Miss,
    },
}

/// The rule by which a call was pinned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PinRule {
    /// Same memo key: Coflux's own rule.
    Key,
    /// Another key, but the same values.
    Values(KeyDiffers),
    /// A pin that a person set.
    Hand,
    /// Same by the matching rule that a person set for the target.
    Rule,
    /// The same call, by its values, in the run that the ancestor's same workflow call became: a memo
    /// holds within one run, and a run that is spawned here is another.
    ChildRun,
    /// The *isolate* policy: the ancestor's execution of the same call, memoised or not.
    Isolate,
    /// A person's answer at the guard, or `--on-miss pin`: the nearest ancestor call.
    Nearest(Box<Miss>),
}

/// Why two calls with the same values have different memo keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyDiffers {
    /// An argument is a handle on another execution of the same result.
    Handle,
    /// One side is a blob, the other is not.
    Threshold,
    /// One side sends an argument that the other leaves at its default.
    Default,
    /// Same content, pickled to other bytes.
    Pickle,
    /// Same content in another order (a set, a dict), or another spelling of a number.
    Spelling,
    /// The export holds only part of the key, and its parameters could not be found.
    Unknown,
    /// The target was renamed, as a person said.
    Renamed,
    /// The function of its user that makes the key gives another one now (0.2 and 0.3).
    Function,
}

/// A memoised, or never seen, call that no execution answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Miss {
    /// Why.
    pub reason: MissReason,
    /// The ancestor's call that comes closest.
    pub nearest: Option<Nearest>,
}

/// Why no execution answers a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MissReason {
    /// The ancestor never called this target.
    NeverCalled,
    /// It called it with other arguments.
    ArgumentsDiffer,
    /// It called it so, and got no value.
    NotAValue,
    /// It called it so, and the call became a run of its own, which answers no other call.
    BecameRun,
    /// It called it so, and had no result when it was exported: it can never complete here.
    NeverFinished,
    /// It called it so, but the value or an argument to compare is not in the store.
    ValueMissing,
    /// It called it so, but only one of the two calls is memoised.
    MemoDiffers,
    /// It is pinned or mocked by hand, and part of that value is missing or damaged.
    PinBroken,
}

/// The ancestor's call that comes closest to one that missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearest {
    /// Its execution.
    pub execution: ExecutionId,
    /// What differs, argument by argument.
    pub differences: Vec<ArgumentDifference>,
}

/// An argument that differs between two calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArgumentDifference {
    /// Its position, from 0.
    pub index: usize,
    /// Where in it, as Python would write it: `['lines'][0]`; empty for the argument itself.
    pub path: String,
    /// What the ancestor sent, as Python would write it, shortened; none if it sent nothing there.
    pub ancestor: Option<String>,
    /// What the local call sends.
    pub local: Option<String>,
    /// Whether this argument is part of the memo key.
    pub in_key: bool,
}

/// A log line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// The execution that wrote it.
    pub execution: ExecutionId,
    /// When.
    pub at: Timestamp,
    /// How serious.
    pub level: LogLevel,
    /// Text with `{name}` placeholders; none for values alone.
    pub template: Option<String>,
    /// What stands for the placeholders.
    pub values: BTreeMap<String, Value>,
}

/// A metric's value at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricPoint {
    /// The execution that measured it.
    pub execution: ExecutionId,
    /// The metric's name.
    pub key: String,
    /// What it measured.
    pub value: f64,
    /// When, in the execution's own terms (seconds since it started, unless it said otherwise).
    pub at: f64,
}

/// How serious a log line is. The numbers are Coflux's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// 0
    Debug,
    /// 1: a line printed
    Stdout,
    /// 2
    Info,
    /// 3: a line printed to stderr
    Stderr,
    /// 4
    Warning,
    /// 5
    Error,
}

impl LogLevel {
    /// The level of Coflux's number.
    pub fn from_number(number: i64) -> Option<Self> {
        use LogLevel::{Debug, Error, Info, Stderr, Stdout, Warning};
        let index = usize::try_from(number).ok()?;
        [Debug, Stdout, Info, Stderr, Warning, Error].get(index).copied()
    }

    /// Coflux's number.
    pub fn number(self) -> u8 {
        self as u8
    }
}

/// Something a run asked a person for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Its id.
    pub id: InputId,
    /// The workspace it was asked in.
    pub workspace: WorkspaceId,
    /// By which a run finds its own earlier question again.
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
    /// Labels of the two buttons: respond, dismiss.
    pub actions: Option<Vec<String>>,
    /// Tags a worker must have.
    pub requires: Any,
    /// When it was asked.
    pub created_at: Timestamp,
    /// How it was answered.
    pub response: Option<InputResponse>,
}

/// How an input was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum InputResponse {
    /// With a value.
    Value {
        /// Plain JSON; objects are not wrapped.
        value: Json,
        /// When.
        at: Timestamp,
    },
    /// A person would not say.
    Dismissed {
        /// When.
        at: Timestamp,
    },
    /// The run no longer asks.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

/// A stored run and what belongs to it beyond the export's own form.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRun {
    /// Every execution of every environment.
    pub run: crate::Run,
    /// Whether every task in it is memoised unless it says otherwise; none where the export does
    /// not tell.
    pub memo: Option<bool>,
    /// What its steps declare, where known.
    pub declared: BTreeMap<crate::StepNumber, Declared>,
    /// Its inputs.
    pub inputs: Vec<Input>,
    /// Checkpoints by step and attempt.
    pub checkpoints: BTreeMap<(crate::StepNumber, Attempt), BTreeMap<String, Option<Value>>>,
    /// Arguments edited for single executions.
    pub edited_arguments: BTreeMap<(crate::StepNumber, Attempt), Vec<Value>>,
    /// Streams that were produced here, by step and index; their items are read when they are
    /// wanted.
    pub streams: BTreeMap<(crate::StepNumber, u32), crate::Stream>,
    /// Numbers of local work that was deleted, which are never given again: by step, its highest
    /// attempt, 0 where only the step itself is meant.
    pub retired: BTreeMap<crate::StepNumber, Attempt>,
}
