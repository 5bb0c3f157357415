//! What happens in a re-run, told as it happens.

use std::collections::{HashMap, HashSet};

use hindcast_model::record::Call;
use hindcast_model::{Attempt, ExecutionId, StepId};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::ApiError;
use crate::view::{ArgumentDifferenceView, CallState, DebugView, EffectView, NodeState};
use crate::words;

/// Something that happened in local work.
#[derive(Debug, Clone)]
pub enum Note {
    /// A call was answered, or stopped at the guard.
    Called(CallNote),
    /// An execution ended.
    Ended(EndNote),
    /// A body did, or tried to do, something outside of itself.
    Reached(EffectView),
    /// An execution waits for a debugger, or one was attached or detached.
    Debugger(DebugView),
    /// Files were saved that belong to the next re-run.
    Saved(SavedNote),
    /// Steps that a person chose have all ended.
    Done(DoneNote),
    /// Everything under way in this process was stopped, as what happens can no longer be kept. Why.
    Lost(ApiError),
}

/// Files that were saved while a run went on with the code they held before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedNote {
    /// The run.
    pub run: String,
    /// Which, below the project's folder.
    pub files: Vec<String>,
}

impl SavedNote {
    /// As a sentence.
    pub fn sentence(&self) -> String {
        let (was, belongs) =
            if self.files.len() == 1 { ("was", "it belongs") } else { ("were", "they belong") };
        let named = self.files.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        let more = match self.files.len().saturating_sub(3) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{named}{more} {was} saved after this re-run began; {belongs} to the next one")
    }
}

/// A call that was answered, or stopped at the guard.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallNote {
    /// The caller: execution id.
    pub caller: String,
    /// Which of its calls, from 0.
    pub ordinal: u32,
    /// `module:function`.
    pub target: String,
    /// What the call was.
    pub call: CallState,
    /// The execution that answered it, if one did.
    pub execution: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// For a miss: the ancestor's call that comes closest, as its execution id.
    pub nearest: Option<String>,
    /// For a miss: what differs from that.
    pub differences: Vec<ArgumentDifferenceView>,
}

/// An execution that ended.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EndNote {
    /// Execution id.
    pub execution: String,
    /// `module:function`.
    pub target: String,
    /// How it ended.
    pub state: NodeState,
    /// How, in words: an error's class and message.
    pub note: String,
    /// How long it took, in ms.
    pub duration_ms: Option<i64>,
}

/// Chosen steps that have all ended.
#[derive(Debug, Clone)]
pub struct DoneNote {
    /// The executions in which they ended: those asked for, or the attempts that went on.
    pub executions: Vec<ExecutionId>,
    /// Whether each ended with a value.
    pub succeeded: bool,
}

impl CallNote {
    pub(crate) fn of(call: &Call) -> Self {
        let miss = words::miss(&call.answer);
        let nearest = miss.and_then(|miss| miss.nearest.as_ref());
        Self {
            caller: call.caller.to_string(),
            ordinal: call.ordinal,
            target: call.target.to_string(),
            call: words::call_state(&call.answer),
            execution: words::answered_by(&call.answer).map(ToString::to_string),
            reason: words::reason(&call.answer),
            nearest: nearest.map(|nearest| nearest.execution.to_string()),
            differences: miss.map(words::differences).unwrap_or_default(),
        }
    }
}

/// The notes of one re-run, and of what it called.
#[derive(Debug)]
pub struct Notes {
    receiver: mpsc::UnboundedReceiver<Note>,
    /// Executions that belong to it.
    mine: HashSet<String>,
    /// The chosen steps, each with the attempt that was asked for: those before it, which it may have
    /// cancelled, are another's.
    chosen: HashMap<StepId, Attempt>,
}

impl Notes {
    pub(crate) fn of(receiver: mpsc::UnboundedReceiver<Note>, executions: &[ExecutionId]) -> Self {
        let mine = executions.iter().map(ToString::to_string).collect();
        let asked = executions.iter().map(|execution| (execution.step.clone(), execution.attempt));
        let chosen = asked.collect();
        Self { receiver, mine, chosen }
    }

    /// What happens next; none once the api is gone.
    pub async fn next(&mut self) -> Option<Note> {
        loop {
            let note = self.receiver.recv().await?;
            match &note {
                Note::Called(call) if self.is_mine(&call.caller) => {
                    let ran = matches!(call.call, CallState::Run | CallState::Mocked);
                    self.mine.extend(call.execution.clone().filter(|_| ran));
                    return Some(note);
                }
                Note::Lost(_) => return Some(note),
                Note::Ended(end) if self.is_mine(&end.execution) => return Some(note),
                Note::Reached(effect) if self.is_mine(&effect.execution) => return Some(note),
                Note::Debugger(debug) if self.is_mine(&debug.execution) => return Some(note),
                Note::Done(done) => {
                    let chosen = |ended: &ExecutionId| {
                        self.chosen.get(&ended.step).is_some_and(|first| ended.attempt >= *first)
                    };
                    if done.executions.iter().any(chosen) {
                        return Some(note);
                    }
                }
                Note::Saved(saved)
                    if self.chosen.keys().any(|step| step.run.as_str() == saved.run) =>
                {
                    return Some(note);
                }
                Note::Called(_)
                | Note::Ended(_)
                | Note::Reached(_)
                | Note::Debugger(_)
                | Note::Saved(_) => {}
            }
        }
    }

    /// Whether an execution, or an attempt before it at the same step, belongs to it.
    fn is_mine(&mut self, execution: &str) -> bool {
        let before =
            |id: ExecutionId| self.chosen.get(&id.step).is_some_and(|first| id.attempt < *first);
        if execution.parse().is_ok_and(before) {
            return false;
        }
        let step = execution.rsplit_once(':').map_or(execution, |(step, _)| step);
        let known = self.mine.contains(execution)
            || self.mine.iter().any(|other| other.rsplit_once(':').is_some_and(|(s, _)| s == step));
        if known {
            self.mine.insert(execution.to_owned());
        }
        known
    }
}
