//! Numbers for what an export brings: its own, or the next free ones where local work has taken
//! them.

use std::collections::{BTreeMap, BTreeSet};

use hindcast_model::{Attempt, ExecutionId, FoundRun, InputId, RunId, StepId, StepNumber};

use crate::renumber::Renumbering;
use crate::{Result, Store, Transaction, row};

/// A row's number, the number its export gives it, and whether it was imported.
struct Numbered {
    number: u32,
    source: u32,
    imported: bool,
}

impl Store {
    /// Everything in the store that has another number than in its export, by the export's number.
    pub(crate) fn renumbered(&self) -> Result<Renumbering> {
        let mut numbers = Renumbering::default();
        let sql = "SELECT run, source_number, number FROM steps WHERE number <> source_number";
        row::all(self.connection.prepare_cached(sql)?, [], |row| {
            let run: RunId = row::id(&row.get::<_, String>(0)?)?;
            numbers.steps.insert(StepId::new(run, row.get(1)?), row.get(2)?);
            Ok(())
        })?;
        let sql = "SELECT executions.run, source_number, source_attempt, number, attempt
                   FROM executions JOIN steps
                     ON steps.run = executions.run AND steps.number = executions.step
                   WHERE attempt <> source_attempt";
        row::all(self.connection.prepare_cached(sql)?, [], |row| {
            let run: RunId = row::id(&row.get::<_, String>(0)?)?;
            let source = StepId::new(run.clone(), row.get(1)?).attempt(row.get(2)?);
            let stored = StepId::new(run, row.get(3)?).attempt(row.get(4)?);
            numbers.executions.insert(source, stored);
            Ok(())
        })?;
        let sql = "SELECT run, source_number, number FROM inputs WHERE number <> source_number";
        row::all(self.connection.prepare_cached(sql)?, [], |row| {
            let run = row::id(&row.get::<_, String>(0)?)?;
            numbers.inputs.insert(InputId { run, number: row.get(1)? }, row.get(2)?);
            Ok(())
        })?;
        Ok(numbers)
    }

    fn numbered(&self, sql: &str, key: impl rusqlite::Params) -> Result<Vec<Numbered>> {
        row::all(self.connection.prepare_cached(sql)?, key, |row| {
            Ok(Numbered { number: row.get(0)?, source: row.get(1)?, imported: row.get(2)? })
        })
    }
}

impl Transaction<'_> {
    /// From the numbers of what was found to those it has, or is to have, in the store.
    pub(crate) fn numbers_for(&self, found: &FoundRun, known: bool) -> Result<Renumbering> {
        let mut numbers = self.renumbered()?;
        if !known && self.retired(&found.run.id)?.is_empty() {
            return Ok(numbers);
        }
        let id = &found.run.id;
        let rows = self.numbered(
            "SELECT number, source_number, origin = 'imported' FROM steps WHERE run = ?1
             UNION ALL
             SELECT step, step, 0 FROM retired WHERE run = ?1 AND attempt = 0",
            [id.as_str()],
        )?;
        let new = assign(&rows, found.run.steps.keys().copied());
        let steps = new.into_iter().map(|(from, to)| (StepId::new(id.clone(), from), to));
        numbers.steps.extend(steps);

        let rows = self.numbered(
            "SELECT number, source_number, origin = 'imported' FROM inputs WHERE run = ?",
            [id.as_str()],
        )?;
        let new = assign(&rows, found.inputs.iter().map(|input| input.id.number));
        let inputs = new.into_iter().map(|(number, to)| (InputId { run: id.clone(), number }, to));
        numbers.inputs.extend(inputs);

        for (number, step) in &found.run.steps {
            let source = StepId::new(id.clone(), *number);
            let stored = numbers.step(&source);
            let attempts = self.assign_attempts(&stored, step.executions.keys().copied())?;
            numbers.executions.extend(attempts.into_iter().map(
                |(from, to)| -> (ExecutionId, ExecutionId) {
                    (source.attempt(from), stored.attempt(to))
                },
            ));
        }
        Ok(numbers)
    }

    fn assign_attempts(
        &self,
        step: &StepId,
        attempts: impl Iterator<Item = Attempt>,
    ) -> Result<BTreeMap<Attempt, Attempt>> {
        let rows = self.numbered(
            "SELECT attempt, source_attempt, origin = 'imported'
             FROM executions JOIN environments ON environments.id = executions.environment
             WHERE run = ?1 AND step = ?2
             UNION ALL
             SELECT attempt, attempt, 0 FROM retired
             WHERE run = ?1 AND step = ?2 AND attempt > 0",
            (step.run.as_str(), step.number),
        )?;
        Ok(assign(&rows, attempts))
    }
}

/// The numbers of `found` that are not their own in the store: those of imported rows renumbered
/// before, and those newly taken by local ones.
fn assign(rows: &[Numbered], found: impl Iterator<Item = u32>) -> BTreeMap<StepNumber, StepNumber> {
    let imported: BTreeMap<u32, u32> =
        rows.iter().filter(|row| row.imported).map(|row| (row.source, row.number)).collect();
    let taken: BTreeSet<u32> = rows.iter().map(|row| row.number).collect();
    let found: Vec<u32> = found.collect();
    // Above every number the export uses too, so that none of its own has to give way in turn.
    let highest = taken.last().copied().into_iter().chain(found.iter().copied()).max();
    let mut free = highest.unwrap_or(0);
    let mut assigned = BTreeMap::new();
    for number in found {
        let to = match imported.get(&number) {
            Some(stored) => *stored,
            None if taken.contains(&number) => {
                free += 1;
                free
            }
            None => number,
        };
        if to != number {
            assigned.insert(number, to);
        }
    }
    assigned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_numbers_stay_and_newcomers_give_way() {
        let local = |number| Numbered { number, source: number, imported: false };
        let imported = |number, source| Numbered { number, source, imported: true };
        let rows = [imported(1, 1), imported(2, 2), local(3), imported(5, 4), local(4)];
        let assigned = assign(&rows, [1, 2, 3, 4, 6].into_iter());
        // 3 is new and taken; 4 was renumbered before; 6 is new and free.
        assert_eq!(assigned, BTreeMap::from([(3, 7), (4, 5)]));
    }
}
