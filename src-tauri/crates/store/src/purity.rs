//! Whether bodies of a target were seen to keep to themselves.

use hindcast_model::Target;

use crate::{Result, Store};

/// What is known of what a target's bodies do outside of themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purity {
    /// At least one that returned a value was watched, and none was ever seen to do anything.
    Pure,
    /// One was seen to do something, or to try.
    HasEffects,
    /// None that returned was watched.
    Unwatched,
}

impl Store {
    /// What is known of what a target's bodies do outside of themselves, in any run.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn purity(&self, target: &Target) -> Result<Purity> {
        let of_target = (&*target.module, &*target.name);
        let sql = "SELECT EXISTS (
                       SELECT 1 FROM effects JOIN steps
                       ON steps.run = effects.run AND steps.number = effects.step
                       WHERE module = ? AND target = ?)";
        let mut statement = self.connection.prepare_cached(sql)?;
        if statement.query_row(of_target, |row| row.get::<_, bool>(0))? {
            return Ok(Purity::HasEffects);
        }
        let sql = "SELECT EXISTS (
                       SELECT 1 FROM watched
                       JOIN steps ON steps.run = watched.run AND steps.number = watched.step
                       JOIN executions USING (run, step, attempt)
                       WHERE module = ? AND target = ? AND ended = 'value')";
        let mut statement = self.connection.prepare_cached(sql)?;
        let watched = statement.query_row(of_target, |row| row.get::<_, bool>(0))?;
        Ok(if watched { Purity::Pure } else { Purity::Unwatched })
    }
}
