//! Inputs: what runs asked people for, and what they answered.

use hindcast_model::record::{Input, InputResponse};
use hindcast_model::{InputId, RunId};

use crate::{Result, Store, StoreError, Transaction, row};

impl Store {
    /// The inputs of a run, by number; only those of which more is known than title and status.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn inputs(&self, run: &RunId) -> Result<Vec<Input>> {
        let sql = "SELECT document FROM inputs WHERE run = ? ORDER BY number";
        row::all(self.connection.prepare_cached(sql)?, [run.as_str()], |row| {
            row::document(&row.get::<_, String>(0)?, format_args!("an input of {run}"))
        })
    }

    pub(crate) fn input(&self, id: &InputId) -> Result<Option<Input>> {
        Ok(self.inputs(&id.run)?.into_iter().find(|input| input.id == *id))
    }
}

impl Transaction<'_> {
    pub(crate) fn add_input(&self, input: &Input, source: u32, origin: &str) -> Result<()> {
        let id = &input.id;
        self.connection.prepare_cached("INSERT INTO inputs VALUES (?, ?, ?, ?, ?)")?.execute((
            id.run.as_str(),
            id.number,
            source,
            origin,
            row::json(input)?,
        ))?;
        Ok(())
    }

    pub(crate) fn update_input(&self, input: &Input) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE inputs SET document = ? WHERE run = ? AND number = ?")?
            .execute((row::json(input)?, input.id.run.as_str(), input.id.number))?;
        Ok(())
    }

    pub(crate) fn answer_input(&self, id: &InputId, response: &InputResponse) -> Result<()> {
        let conflict = |reason| StoreError::Conflict { execution: id.to_string(), reason };
        let mut input = self.input(id)?.ok_or_else(|| conflict("there is no such input"))?;
        if input.response.is_some() {
            return Err(conflict("it is answered already"));
        }
        input.response = Some(response.clone());
        self.update_input(&input)
    }
}
