//! What a person set by hand, per local environment, with undo and redo.

use hindcast_model::{ByHand, EnvironmentId, Setting, Timestamp};
use rusqlite::OptionalExtension;

use crate::{Result, Store, Transaction, row};

/// What can be undone and redone, as labels for a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// What undoing would take back.
    pub undo: Option<String>,
    /// What redoing would do again.
    pub redo: Option<String>,
}

/// A change that was undone, or is to be.
struct Change {
    id: i64,
    label: String,
    before: Vec<Setting>,
    after: Vec<Setting>,
}

impl Store {
    /// What is set by hand in an environment.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn by_hand(&self, environment: EnvironmentId) -> Result<ByHand> {
        let sql = "SELECT setting FROM by_hand WHERE environment = ? ORDER BY subject";
        let settings: Vec<Setting> =
            row::all(self.connection.prepare_cached(sql)?, [environment.0], |row| {
                row::document(&row.get::<_, String>(0)?, "a setting made by hand")
            })?;
        let mut all = ByHand::default();
        for setting in settings {
            all.set(setting);
        }
        Ok(all)
    }

    /// What can be undone and redone in an environment.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn by_hand_history(&self, environment: EnvironmentId) -> Result<History> {
        let label = |change: Option<Change>| change.map(|change| change.label);
        Ok(History {
            undo: label(self.last_change(environment, false)?),
            redo: label(self.last_change(environment, true)?),
        })
    }

    /// The last change that stands; or the first of those that are undone.
    fn last_change(&self, environment: EnvironmentId, undone: bool) -> Result<Option<Change>> {
        let order = if undone { "ASC" } else { "DESC" };
        let sql = format!(
            "SELECT id, label, before, after FROM by_hand_changes
             WHERE environment = ? AND undone = ? ORDER BY id {order} LIMIT 1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement.query_row((environment.0, undone), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
        });
        let Some((id, label, before, after)) = found.optional()? else { return Ok(None) };
        let read = |text: &str| row::document(text, format_args!("change {id} made by hand"));
        Ok(Some(Change { id, label, before: read(&before)?, after: read(&after)? }))
    }
}

impl Transaction<'_> {
    /// Changes settings, all as one change that can be undone. One that changes nothing is none.
    ///
    /// # Errors
    /// If the environment is imported, or the store cannot be written.
    pub fn set_by_hand(
        &self,
        environment: EnvironmentId,
        at: Timestamp,
        label: &str,
        settings: Vec<Setting>,
    ) -> Result<()> {
        let now = self.by_hand(environment)?;
        let mut before = Vec::new();
        let mut after = Vec::new();
        for setting in settings {
            let current = now.get(&setting.subject());
            if current != setting && !(current.is_none() && setting.is_none()) {
                before.push(current);
                after.push(setting);
            }
        }
        if after.is_empty() {
            return Ok(());
        }
        let sql = "DELETE FROM by_hand_changes WHERE environment = ? AND undone = 1";
        self.connection.prepare_cached(sql)?.execute([environment.0])?;
        self.connection
            .prepare_cached(
                "INSERT INTO by_hand_changes (environment, at, label, before, after)
                 VALUES (?, ?, ?, ?, ?)",
            )?
            .execute((environment.0, at.0, label, row::json(&before)?, row::json(&after)?))?;
        self.put(environment, &after)
    }

    /// Takes back the last change that stands; gives its label, none if there is none.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn undo_by_hand(&self, environment: EnvironmentId) -> Result<Option<String>> {
        let Some(change) = self.last_change(environment, false)? else { return Ok(None) };
        self.put(environment, &change.before)?;
        self.mark(change.id, true)?;
        Ok(Some(change.label))
    }

    /// Makes the change that was undone last again; gives its label, none if there is none.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn redo_by_hand(&self, environment: EnvironmentId) -> Result<Option<String>> {
        let Some(change) = self.last_change(environment, true)? else { return Ok(None) };
        self.put(environment, &change.after)?;
        self.mark(change.id, false)?;
        Ok(Some(change.label))
    }

    fn mark(&self, change: i64, undone: bool) -> Result<()> {
        let sql = "UPDATE by_hand_changes SET undone = ? WHERE id = ?";
        self.connection.prepare_cached(sql)?.execute((undone, change))?;
        Ok(())
    }

    fn put(&self, environment: EnvironmentId, settings: &[Setting]) -> Result<()> {
        for setting in settings {
            let subject = row::json(&setting.subject())?;
            if setting.is_none() {
                let sql = "DELETE FROM by_hand WHERE environment = ? AND subject = ?";
                self.connection.prepare_cached(sql)?.execute((environment.0, subject))?;
            } else {
                self.connection
                    .prepare_cached(
                        "INSERT INTO by_hand VALUES (?, ?, ?)
                         ON CONFLICT DO UPDATE SET setting = excluded.setting",
                    )?
                    .execute((environment.0, subject, row::json(setting)?))?;
            }
        }
        Ok(())
    }
}
