//! A run's graph in a form that is the same wherever it happened: no times, no ids of this machine.

use std::collections::BTreeMap;

use hindcast_model::{
    Child, Dependency, Ended, Execution, ExecutionId, ExecutionRef, Outcome, Reference, Resolved,
    Run, Step, StepNumber, TypedDependency, Value, WorkspaceId,
};

/// A run as seen from one of its workspaces.
pub(crate) struct Graph<'a> {
    run: &'a Run,
    /// How each step is called: by its number where production made it, else by its place.
    names: BTreeMap<StepNumber, String>,
    local: &'a WorkspaceId,
}

impl<'a> Graph<'a> {
    /// The local part of the run: what happened in the workspace `local`.
    pub(crate) fn new(run: &'a Run, local: &'a WorkspaceId) -> Self {
        let mut graph = Self { run, names: BTreeMap::new(), local };
        for (number, step) in &run.steps {
            let name = graph.name_of(step);
            let taken = |name: &str| graph.names.values().any(|other| other == name);
            let mut unique = name.clone();
            let mut count = 1;
            while taken(&unique) {
                count += 1;
                unique = format!("{name}~{count}");
            }
            graph.names.insert(*number, unique);
        }
        graph
    }

    fn name_of(&self, step: &Step) -> String {
        if step.executions.values().any(|execution| execution.workspace_id != *self.local) {
            return format!("#{}", step.step_number);
        }
        let parent = step.parent_id.as_ref().map(|id| self.execution(id)).unwrap_or_default();
        let arguments: Vec<_> = step.arguments.iter().map(|value| self.value(value)).collect();
        format!("{parent}/{}({})", step.target, arguments.join(", "))
    }

    /// Every local execution, one line a fact, sorted.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for step in self.run.steps.values() {
            let local = |execution: &&Execution| execution.workspace_id == *self.local;
            for execution in step.executions.values().filter(local) {
                self.execution_lines(step, execution, &mut lines);
            }
        }
        lines.sort();
        lines
    }

    fn execution_lines(&self, step: &Step, execution: &Execution, lines: &mut Vec<String>) {
        let name = self.execution(&execution.execution_id);
        let mut line = |text: String| lines.push(format!("{name}: {text}"));
        line(format!(
            "calls {}:{} memoised {} cached {} timeout {} recurrent {} retries {:?}",
            step.module,
            step.target,
            step.memo_key.is_some(),
            step.cache_key.is_some(),
            step.timeout.unwrap_or(0),
            step.recurrent.unwrap_or(false),
            step.retries.as_ref().map(|retries| retries.limit),
        ));
        line(format!(
            "ended {}",
            execution.result.as_ref().map_or("not".into(), |o| self.outcome(o))
        ));
        for child in &execution.children {
            line(format!("called {}", self.child(&execution.execution_id, child)));
        }
        for (id, dependency) in &execution.dependencies {
            line(format!("depended on {}", self.dependency(id, dependency)));
        }
        for (number, group) in &execution.groups {
            line(format!("group {number} {group:?}"));
        }
        for (key, definition) in execution.metrics.iter().flatten() {
            line(format!("metric {key} {definition:?}"));
        }
        for asset in execution.assets.values() {
            line(format!(
                "asset {:?} of {} files, {}",
                asset.name, asset.total_count, asset.total_size
            ));
        }
        for input in execution.inputs.iter().flatten() {
            line(format!("asked {:?} {:?}", input.1.title, input.1.status));
        }
    }

    fn execution(&self, id: &ExecutionId) -> String {
        let other = || format!("another run's {}", id.step.number);
        let name = if *id.run() == self.run.id { self.names.get(&id.step.number) } else { None };
        name.map_or_else(other, |name| format!("{name}:{}", id.attempt))
    }

    fn reference(&self, reference: &ExecutionRef) -> String {
        let target = reference.target.as_deref().unwrap_or("?");
        format!("{} ({target})", self.execution(&reference.execution_id))
    }

    fn child(&self, caller: &ExecutionId, child: &Child) -> String {
        let own = self.run.steps.get(&child.step_id.number);
        let own = own.is_some_and(|step| step.parent_id.as_ref() == Some(caller));
        let how = if own { "own" } else { "reference" };
        let group = child.group_id.map(|group| format!(" in group {group}")).unwrap_or_default();
        format!("{how} {}{group}", self.execution(&child.execution_id()))
    }

    fn dependency(&self, id: &str, dependency: &Dependency) -> String {
        match dependency {
            Dependency::Typed(TypedDependency::Result { execution, .. })
            | Dependency::Untyped { execution, .. } => self.reference(execution),
            Dependency::Typed(TypedDependency::Input { title, status, .. }) => {
                format!("an input {title:?} {status:?}")
            }
            Dependency::Typed(TypedDependency::Asset { asset, .. }) => {
                format!("an asset {:?} of {} files", asset.name, asset.total_count)
            }
            Dependency::Other(_) => format!("something else {id}"),
        }
    }

    fn value(&self, value: &Value) -> String {
        let data = match value {
            Value::Raw { data, .. } => data.text().to_owned(),
            Value::Blob { key, size, .. } => format!("blob {:.10} of {size}", key.to_string()),
        };
        let references: Vec<String> = value.references().iter().map(|r| self.pointed(r)).collect();
        if references.is_empty() { data } else { format!("{data} with {}", references.join(", ")) }
    }

    fn pointed(&self, reference: &Reference) -> String {
        match reference {
            Reference::Fragment { format, blob_key, size, metadata, .. } => {
                format!("{format} {:.10} of {size} {metadata:?}", blob_key.to_string())
            }
            Reference::Execution { execution_id, .. } => self.execution(execution_id),
            Reference::Asset { asset, .. } => {
                format!("an asset {:?} of {} files", asset.name, asset.total_count)
            }
            Reference::Input { .. } => "an input".to_owned(),
            Reference::Other { kind, .. } => format!("an unknown {kind:?}"),
        }
    }

    fn outcome(&self, outcome: &Outcome) -> String {
        let ended = match &outcome.ended {
            Ended::Value(value) => format!("value {}", self.value(value)),
            Ended::Error { error, retry, retryable } => format!(
                "error {}: {:?} retry {retry:?} retryable {retryable:?} at {:?}",
                error.kind,
                error.message,
                error.frames.iter().map(|frame| frame.name.as_deref()).collect::<Vec<_>>(),
            ),
            Ended::Abandoned { retry } => format!("abandoned retry {retry:?}"),
            Ended::Crashed { retry } => format!("crashed retry {retry:?}"),
            Ended::Timeout { retry } => format!("timeout retry {retry:?}"),
            Ended::Cancelled => "cancelled".to_owned(),
            Ended::Suspended { successor } => format!("suspended successor {successor}"),
            Ended::Recurred { successor } => format!("recurred successor {successor}"),
            Ended::Deferred(execution) => format!("deferred to {}", self.reference(execution)),
            Ended::Cached(execution) => format!("cached from {}", self.reference(execution)),
            Ended::Spawned(execution) => format!("spawned {}", self.reference(execution)),
        };
        match &outcome.resolved {
            Resolved::Known(last) => format!("{ended}, finally {}", self.outcome(last)),
            Resolved::Pending => format!("{ended}, not finally"),
            Resolved::Absent => ended,
        }
    }
}
