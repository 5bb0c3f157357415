//! Environments and the workspaces that stand for them.

use hindcast_model::{
    Environment, EnvironmentId, EnvironmentName, Environments, Origin, WorkspaceId,
};

use crate::{Result, Store, StoreError, Transaction, row};

impl Store {
    /// Every environment.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn environments(&self) -> Result<Environments> {
        let sql = "SELECT id, name, base, origin FROM environments ORDER BY id";
        let environments = row::all(self.connection.prepare_cached(sql)?, [], |row| {
            let id = row.get(0)?;
            Ok(Environment {
                id: EnvironmentId(id),
                name: row::id(&row.get::<_, String>(1)?)?,
                base: row.get::<_, Option<i64>>(2)?.map(EnvironmentId),
                origin: if row.get::<_, String>(3)? == "local" {
                    Origin::Local
                } else {
                    Origin::Imported
                },
                workspaces: self.workspaces_of(id)?,
            })
        })?;
        Ok(Environments::new(environments))
    }

    fn workspaces_of(&self, environment: i64) -> Result<Vec<WorkspaceId>> {
        let sql = "SELECT id FROM workspaces WHERE environment = ? ORDER BY id";
        row::all(self.connection.prepare_cached(sql)?, [environment], |row| {
            row::id(&row.get::<_, String>(0)?)
        })
    }

    /// The environment of this id.
    ///
    /// # Errors
    /// If there is none, or the store cannot be read.
    pub fn environment(&self, id: EnvironmentId) -> Result<Environment> {
        let environments = self.environments()?;
        environments
            .get(id)
            .cloned()
            .ok_or_else(|| StoreError::NoEnvironment(format!("number {}", id.0)))
    }

    /// Makes a local environment, with a workspace id of its own.
    ///
    /// # Errors
    /// If the name is taken, the base is not there, or the store cannot be written.
    pub fn create_local(
        &self,
        name: &EnvironmentName,
        base: Option<EnvironmentId>,
    ) -> Result<Environment> {
        self.transaction(|transaction| transaction.add_local(name, base))
    }

    /// The local environments that stand directly on `base`, oldest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn local_for(&self, base: EnvironmentId) -> Result<Vec<Environment>> {
        let local = |environment: &&Environment| {
            environment.origin == Origin::Local && environment.base == Some(base)
        };
        Ok(self.environments()?.iter().filter(local).cloned().collect())
    }
}

impl Transaction<'_> {
    /// As [`Store::create_local`], in a write that does more.
    ///
    /// # Errors
    /// As there.
    pub fn add_local(
        &self,
        name: &EnvironmentName,
        base: Option<EnvironmentId>,
    ) -> Result<Environment> {
        let environments = self.environments()?;
        if environments.named(name).is_some() {
            return Err(StoreError::NameTaken(name.clone()));
        }
        if let Some(base) = base {
            self.environment(base)?;
        }
        let id = self.add_environment(name, base, Origin::Local)?;
        let fresh: String =
            self.connection.query_row("SELECT 'W' || hex(randomblob(6))", [], |row| row.get(0))?;
        self.add_workspace(&row::id(&fresh)?, id)?;
        self.environment(id)
    }

    pub(crate) fn add_environment(
        &self,
        name: &EnvironmentName,
        base: Option<EnvironmentId>,
        origin: Origin,
    ) -> Result<EnvironmentId> {
        let origin = match origin {
            Origin::Imported => "imported",
            Origin::Local => "local",
        };
        self.connection
            .prepare_cached("INSERT INTO environments (name, base, origin) VALUES (?, ?, ?)")?
            .execute((name.as_str(), base.map(|base| base.0), origin))?;
        Ok(EnvironmentId(self.connection.last_insert_rowid()))
    }

    pub(crate) fn add_workspace(
        &self,
        workspace: &WorkspaceId,
        environment: EnvironmentId,
    ) -> Result<()> {
        self.connection
            .prepare_cached("INSERT INTO workspaces VALUES (?, ?)")?
            .execute((workspace.as_str(), environment.0))?;
        Ok(())
    }
}
