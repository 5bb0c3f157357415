//! What goes into the orchestrator and what comes out.

use std::sync::Arc;

pub use hindcast_model::record::Policy;
use hindcast_model::record::{Input, InputResponse, Miss, Record};
use hindcast_model::{
    BlobKey, ByHand, Data, EnvironmentId, ExecutionId, InputId, RunId, StepId, StreamId, Target,
    Timestamp, Value,
};

use crate::message::{Message, Notice, Reply, RequestId};

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A person asks for something.
    Command(Command),
    /// An executor says something.
    Said {
        /// The execution it runs.
        execution: ExecutionId,
        /// What it says.
        message: Message,
    },
    /// An executor's process ended, by itself or because it was stopped.
    Exited {
        /// The execution it ran.
        execution: ExecutionId,
        /// What is known of why, for a person: exit status, signal, the last of its stderr.
        reason: String,
    },
    /// A timer that was armed went off. (May come late or after it is of no use any more.)
    Timer(TimerId),
    /// Files of a project were saved while a run goes on with the code they held before.
    CodeSaved {
        /// The run.
        run: RunId,
        /// The snapshot it goes on with.
        code: BlobKey,
        /// Which, below the project's folder.
        files: Vec<String>,
    },
    /// Another process on the same store recorded something.
    Foreign(Box<Record>),
    /// The code has been asked what a module declares.
    Declared {
        /// The question.
        inquiry: InquiryId,
        /// What its targets' parameters default to, by position; empty where it could not be said.
        defaults: Vec<(Target, Vec<Option<Data>>)>,
    },
}

/// A question to the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InquiryId(pub u64);

/// What a person can ask for.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Run steps again.
    Rerun {
        /// Which.
        steps: Vec<StepId>,
        /// In which local environment.
        environment: EnvironmentId,
        /// What may run.
        rules: Rules,
        /// Arguments to use instead of the recorded ones; only with a single step.
        edited_arguments: Option<Vec<Value>>,
    },
    /// Start a run here.
    Submit {
        /// Its id, made by the caller.
        run: RunId,
        /// The workflow (or task).
        target: Target,
        /// With what.
        arguments: Vec<Value>,
        /// In which local environment.
        environment: EnvironmentId,
        /// Whether every task in it is memoised unless it says otherwise.
        memo: bool,
        /// The target's own options, as its declaration has them.
        options: Box<crate::message::Submit>,
        /// What may run.
        rules: Rules,
    },
    /// Cancel an execution and what it called.
    Cancel(ExecutionId),
    /// Answer a question of the guard.
    Decide {
        /// The caller that waits.
        caller: ExecutionId,
        /// Which of its calls.
        ordinal: u32,
        /// What shall happen.
        decision: Decision,
    },
    /// Answer an input.
    Respond {
        /// Which.
        input: InputId,
        /// With what.
        response: InputResponse,
    },
}

/// What a re-run may execute.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// Which calls are pinned.
    pub policy: Policy,
    /// What happens to a call that may not run and that nothing pins.
    pub on_miss: OnMiss,
    /// Targets that may run whatever the ancestor did. Empty allows nothing.
    pub allow: Vec<Target>,
    /// What a person set by hand, as it is when the command is given.
    pub by_hand: Arc<ByHand>,
    /// The code that bodies are run with.
    pub code: Code,
}

/// The code that a command's bodies are run with, however long they go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Code {
    /// By what the engine knows it. It comes back with [`Effect::Start`].
    pub number: u64,
    /// The snapshot it is, for the ledger; none where none could be taken.
    pub snapshot: Option<BlobKey>,
}

/// What happens to a call that may not run and that nothing pins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnMiss {
    /// The call waits, and a person is asked.
    Ask,
    /// The call fails.
    #[default]
    Fail,
    /// It runs.
    Run,
    /// It is pinned to the nearest ancestor call that has a value; fails where there is none.
    Pin,
}

/// A person's answer at the guard.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Decision {
    /// Pin this execution's result.
    Pin(ExecutionId),
    /// Run it, this once.
    RunOnce,
    /// Run it, and every later call of its target until the session ends.
    RunAlways,
    /// Answer with this value.
    Give(Value),
    /// Its target is this one of the ancestor's, renamed: judge it, and every later call of it until
    /// the session ends, as a call of that.
    Map(Target),
    /// Fail the call.
    Fail,
}

/// A timer's identity; the engine gives it back when it goes off.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerId {
    /// An execution may start.
    Due(ExecutionId),
    /// An execution has run as long as it may.
    Timeout(ExecutionId),
    /// A wait has lasted as long as it may.
    Select(ExecutionId, RequestId),
    /// A stream may have gone without another item for as long as it may.
    Idle(StreamId),
}

/// What shall be done, in this order. All `Record`s of one event are made durable together, before
/// any other effect of that event.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Keep this fact.
    Record(Box<Record>),
    /// Start an executor.
    Start {
        /// For this execution.
        execution: ExecutionId,
        /// What is called.
        target: Target,
        /// With what.
        arguments: Vec<Value>,
        /// Effective checkpoints by name (0.12).
        checkpoints: std::collections::BTreeMap<String, Value>,
        /// Stream settings (0.12).
        streams: Option<serde_json::Value>,
        /// The code it is run with.
        code: Code,
    },
    /// Answer a request.
    Reply {
        /// Of this execution.
        execution: ExecutionId,
        /// Which.
        request: RequestId,
        /// With this.
        reply: Reply,
    },
    /// Tell an execution's process something it did not ask for.
    Tell {
        /// Which execution.
        execution: ExecutionId,
        /// What.
        notice: Notice,
    },
    /// Kill an execution's process and everything below it. `Exited` follows. (A process that said
    /// its last word, `Result` or `Failed`, is seen off by the engine unasked; `Exited` follows too.)
    Stop {
        /// Whose.
        execution: ExecutionId,
    },
    /// Wake the orchestrator with `Event::Timer` at that time.
    Arm {
        /// Which timer.
        timer: TimerId,
        /// When.
        at: Timestamp,
    },
    /// Ask the code that a run is run with what a module of it declares. `Event::Declared` follows.
    Inquire {
        /// The question.
        inquiry: InquiryId,
        /// The run.
        run: RunId,
        /// The module.
        module: String,
    },
    /// Ask a person about a call that waits at the guard.
    Ask(Question),
    /// Ask a person for an input.
    AskInput(Input),
    /// A command could not be carried out.
    Rejected {
        /// Why, for a person.
        reason: String,
    },
}

/// A call that waits at the guard.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Who called.
    pub caller: ExecutionId,
    /// Which of its calls.
    pub ordinal: u32,
    /// What it called.
    pub target: Target,
    /// With what.
    pub arguments: Vec<Value>,
    /// Why nothing answers it.
    pub miss: Miss,
}
