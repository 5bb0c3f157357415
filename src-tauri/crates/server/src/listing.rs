//! What a server has: workspaces, workflows, and the runs that can be found by name or id.

use std::collections::BTreeMap;

use hindcast_import::served::{self, ListedRun, ListedWorkflow};
use hindcast_model::{EnvironmentName, RunId, WorkspaceId};

use crate::client::encoded;
use crate::fetch::workspace_named;
use crate::{Client, ServerError, Watch};

/// A workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedWorkspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name.
    pub name: EnvironmentName,
    /// The workspace whose results it inherits.
    pub base: Option<EnvironmentName>,
}

/// What was found in a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Its workflows, by name.
    pub workflows: Vec<ListedWorkflow>,
    /// Runs, newest first. Of each workflow a server tells the newest fifty.
    pub runs: Vec<ListedRun>,
}

impl Client {
    /// The workspaces of the project.
    ///
    /// # Errors
    /// If the server cannot be reached or says no.
    pub fn workspaces(
        &self,
        watch: &mut Watch<'_, '_>,
    ) -> Result<Vec<ListedWorkspace>, ServerError> {
        let workspaces = self.found_workspaces(watch)?;
        let name = |id: &WorkspaceId| workspaces.get(id).map(|base| base.name.clone());
        let listed = workspaces.iter().map(|(id, workspace)| ListedWorkspace {
            id: id.clone(),
            name: workspace.name.clone(),
            base: workspace.base.as_ref().and_then(name),
        });
        Ok(listed.collect())
    }

    /// The workflows and runs of a workspace. With a `search`, those that have the text in their
    /// name (case does not count), what the server's own search finds, and the run of that id.
    ///
    /// # Errors
    /// If the server cannot be reached or says no, or there is no such workspace.
    pub fn list(
        &self,
        workspace: &EnvironmentName,
        search: Option<&str>,
        watch: &mut Watch<'_, '_>,
    ) -> Result<Listing, ServerError> {
        let workspaces = self.found_workspaces(watch)?;
        let id = workspace_named(self, &workspaces, workspace)?;
        let search = search.map(str::trim).filter(|text| !text.is_empty());
        let mut workflows = self.workflows(&id, watch)?;
        if let Some(text) = search {
            let text = text.to_lowercase();
            workflows.retain(|workflow| {
                format!("{}:{}", workflow.module, workflow.target).to_lowercase().contains(&text)
            });
        }
        let mut runs = self.runs_of(&id, &workflows, watch)?;
        if let Some(text) = search {
            for run in self.search(&id, text, watch)? {
                runs.entry(run.id.clone()).or_insert(run);
            }
            if let Some(run) = self.run_of_id(&id, text, watch)? {
                runs.insert(run.id.clone(), run);
            }
        }
        let mut runs: Vec<ListedRun> = runs.into_values().collect();
        runs.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        Ok(Listing { workflows, runs })
    }

    fn workflows(
        &self,
        workspace: &WorkspaceId,
        watch: &mut Watch<'_, '_>,
    ) -> Result<Vec<ListedWorkflow>, ServerError> {
        watch.say(format!("{}: workflows", self.address()))?;
        let path = format!("/topics/workspaces/{}/modules", encoded(workspace.as_str()));
        let question = self.document(path);
        let name = self.url(&question);
        let Some(bytes) = self.ask_one(question, watch)? else { return Ok(Vec::new()) };
        Ok(served::workflows(&bytes, &name)?)
    }

    fn runs_of(
        &self,
        workspace: &WorkspaceId,
        workflows: &[ListedWorkflow],
        watch: &mut Watch<'_, '_>,
    ) -> Result<BTreeMap<RunId, ListedRun>, ServerError> {
        watch.say(format!("{}: runs", self.address()))?;
        let path = |of: &ListedWorkflow| {
            let (workspace, module) = (encoded(workspace.as_str()), encoded(&of.module));
            format!("/topics/workspaces/{workspace}/workflows/{module}/{}", encoded(&of.target))
        };
        let questions = workflows.iter().map(|of| self.document(path(of))).collect();
        let mut all = BTreeMap::new();
        self.ask_all(questions, watch, |index, answer, _| {
            let Some(bytes) = answer else { return Ok(()) };
            let of = &workflows[index];
            let runs = served::runs(&bytes, &self.address().with(&path(of)), of)?;
            all.extend(runs.into_iter().map(|run| (run.id.clone(), run)));
            Ok(())
        })?;
        Ok(all)
    }

    /// What the server's own search finds: tasks too, each with its latest run.
    fn search(
        &self,
        workspace: &WorkspaceId,
        text: &str,
        watch: &mut Watch<'_, '_>,
    ) -> Result<Vec<ListedRun>, ServerError> {
        let (workspace, text) = (encoded(workspace.as_str()), encoded(text));
        let question = self.document(format!("/api/search?workspaceId={workspace}&query={text}"));
        let name = self.url(&question);
        let answer = match self.ask_one(question, watch) {
            // Older servers have none; what else was found counts without it.
            Ok(None) | Err(ServerError::Refused { .. }) => return Ok(Vec::new()),
            Ok(Some(bytes)) => bytes,
            Err(error) => return Err(error),
        };
        Ok(served::matches(&answer, &name)?)
    }

    fn run_of_id(
        &self,
        workspace: &WorkspaceId,
        text: &str,
        watch: &mut Watch<'_, '_>,
    ) -> Result<Option<ListedRun>, ServerError> {
        let Ok(id) = text.parse::<RunId>() else { return Ok(None) };
        let (workspace, run) = (encoded(workspace.as_str()), encoded(id.as_str()));
        let question = self.document(format!("/topics/workspaces/{workspace}/runs/{run}"));
        let name = self.url(&question);
        let Some(bytes) = self.ask_one(question, watch)? else { return Ok(None) };
        let run = served::run(&bytes, &name)?;
        let created_at = Some(run.created_at.0);
        let root = run.root().map(|root| (root.module.clone(), root.target.clone()));
        Ok(root.map(|(module, target)| ListedRun { id, module, target, created_at }))
    }
}
