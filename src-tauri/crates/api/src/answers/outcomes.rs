//! What came of a re-run, a row for each chosen step: a table to look down.

use std::path::Path;

use hindcast_model::{Execution, ExecutionId, Origin, Run, Value};
use hindcast_store::{BlobStore, KeptRerun};

use super::actual::{find, last};
use super::compare::compare;
use crate::api::Answered;
use crate::calls::GetOutcomes;
use crate::compare::Comparing;
use crate::edited::{edited, labels, taken};
use crate::names::Names;
use crate::outcome::{follow, words};
use crate::seen::Seen;
use crate::state::state;
use crate::view::{Divergence, OutcomeRow, OutcomesView, TryDifference};
use crate::{Api, ApiError, command};

/// How long a value is written in the table, in characters.
const SHORT: usize = 120;

impl Answered for GetOutcomes {
    async fn answer(self, api: &Api) -> Result<OutcomesView, ApiError> {
        let (loaded, blobs) = (api.loaded().clone(), api.blobs().clone());
        let project = api.project_folder().await?;
        api.read(move |store| {
            let kept = find(store, self.rerun.as_deref())?;
            let environment = store.environment(kept.environment)?.name.to_string();
            let seen = Seen::load(store, &loaded, &kept.run, &environment)?;
            let table = Table { seen: &seen, blobs: &blobs, differences: self.differences };
            Ok(table.view(&kept, project.as_deref()))
        })
        .await
    }
}

struct Table<'a> {
    seen: &'a Seen,
    blobs: &'a BlobStore,
    /// Whether each row says where it differs.
    differences: bool,
}

impl Table<'_> {
    fn view(&self, kept: &KeptRerun, project: Option<&Path>) -> OutcomesView {
        let run = self.seen.run();
        // What was deleted since is no row.
        let executions = kept.executions.iter().map(|id| last(run, id));
        let executions = executions.filter_map(|id| run.execution(&id)).collect::<Vec<_>>();
        let target = one_target(run, &executions);
        let named = target.as_ref().map(|target| Names::of(project).known(target));
        let named = named.unwrap_or_else(|| [].into());
        let columns = self.differing(&executions);
        let mut rows: Vec<OutcomeRow> =
            executions.iter().map(|execution| self.row(execution, &columns, &named)).collect();
        differences_first(&mut rows);
        OutcomesView {
            rerun: u32::try_from(kept.id).unwrap_or(u32::MAX),
            run: kept.run.to_string(),
            environment: self.seen.viewpoint.name.to_string(),
            target: target.map(|target| target.to_string()),
            arguments: labels(&named, &columns),
            rows,
            ended: executions.iter().all(|execution| execution.result.is_some()),
            command: command::outcomes(kept.id),
        }
    }

    fn taken(&self, execution: &Execution) -> &[Value] {
        taken(&self.seen.stored, &execution.execution_id)
    }

    /// The positions of the arguments in which the executions differ from each other.
    fn differing(&self, executions: &[&Execution]) -> Vec<usize> {
        let all: Vec<&[Value]> = executions.iter().map(|one| self.taken(one)).collect();
        let count = all.iter().map(|arguments| arguments.len()).max().unwrap_or(0);
        let differs = |place: &usize| {
            let mut at = all.iter().map(|arguments| arguments.get(*place).map(Value::known));
            let first = at.next();
            at.any(|other| Some(other) != first)
        };
        (0..count).filter(differs).collect()
    }

    fn row(&self, execution: &Execution, columns: &[usize], named: &[String]) -> OutcomeRow {
        let (run, id) = (self.seen.run(), &execution.execution_id);
        let arguments = self.taken(execution);
        let text = |place: &usize| {
            let value = arguments.get(*place);
            value.map(|value| value.decode(self.blobs).python(SHORT)).unwrap_or_default()
        };
        let started = execution.assigned_at.zip(execution.completed_at);
        OutcomeRow {
            step: id.step.to_string(),
            number: id.step.number,
            target: run
                .steps
                .get(&id.step.number)
                .map(|step| step.target().to_string())
                .unwrap_or_default(),
            execution: id.to_string(),
            state: state(run, execution, Origin::Local),
            arguments: columns.iter().map(text).collect(),
            edited: labels(named, &edited(&self.seen.stored, id)),
            outcome: self.outcome(execution),
            ancestor: self.ancestor(execution).map(|ancestor| self.beside(ancestor, execution)),
            duration_ms: started.map(|(from, to)| (to.0 - from.0).max(0)),
        }
    }

    fn outcome(&self, execution: &Execution) -> String {
        let followed = follow(self.seen.run(), execution).map(|followed| followed.outcome);
        match followed.map(|outcome| (outcome, outcome.value())) {
            None => String::new(),
            Some((_, Some(value))) => value.decode(self.blobs).python(SHORT),
            Some((outcome, None)) => words(outcome),
        }
    }

    /// The ancestor's execution of the step; for a step made here, of the call it stands for.
    fn ancestor(&self, execution: &Execution) -> Option<&Execution> {
        let id = &execution.execution_id;
        let own = self.seen.newest(id.step.number, Origin::Imported).map(|(own, _)| own);
        own.or_else(|| {
            let compared = compare(self.seen, self.blobs)?;
            let call = compared.calls.iter().find(|call| call.local.as_ref() == Some(id))?;
            self.seen.run().execution(call.ancestor.as_ref()?)
        })
    }

    fn beside(&self, ancestor: &Execution, local: &Execution) -> TryDifference {
        let comparing = Comparing { seen: self.seen, blobs: self.blobs };
        let divergence = comparing.outcomes(ancestor, local).unwrap_or(Divergence::Unfinished);
        let differs = self.differences && divergence != Divergence::Equal;
        TryDifference {
            execution: ancestor.execution_id.to_string(),
            outcome: self.outcome(ancestor),
            divergence,
            result: if differs { comparing.lines(ancestor, local) } else { Vec::new() },
        }
    }
}

/// The target of all of them, if it is one.
fn one_target(run: &Run, executions: &[&Execution]) -> Option<hindcast_model::Target> {
    let target =
        |id: &ExecutionId| run.steps.get(&id.step.number).map(hindcast_model::Step::target);
    let mut targets = executions.iter().map(|execution| target(&execution.execution_id));
    let first = targets.next()??;
    targets.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

/// Those that came out as the ancestor's last; the rest stays in order.
fn differences_first(rows: &mut [OutcomeRow]) {
    rows.sort_by_key(|row| {
        row.ancestor.as_ref().is_some_and(|side| side.divergence == Divergence::Equal)
    });
}
