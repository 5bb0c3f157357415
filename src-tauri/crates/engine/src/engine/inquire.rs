//! Asks the code what it declares, for the orchestrator.

use std::path::Path;
use std::sync::Arc;

use hindcast_model::{Data, Json, RunId, Target, Value};
use hindcast_orchestrator::{Event, InquiryId};

use super::Engine;
use crate::Project;
use crate::codec::Declaration;
use crate::discover::discover;
use crate::project::signature;

impl Engine {
    /// Asks without holding up anything else. Where the code cannot say, nothing is known.
    pub(super) fn inquire(&mut self, inquiry: InquiryId, run: &RunId, module: String) {
        // Importing a module may do what a locked re-run must not: the process is locked then.
        let askable = |project: &&Arc<Project>| !project.is_locked() || project.is_watched();
        let project = self.projects.get(run).filter(askable).cloned();
        let unknown = Event::Declared { inquiry, defaults: Vec::new() };
        let (Some(project), Ok(workshop)) = (project, self.workshop()) else {
            return self.backlog.push_back(unknown);
        };
        let heard = self.heard_sender.clone();
        tokio::spawn(async move {
            let found = discover(&project, &module, &Arc::clone(&workshop.guardian)).await;
            let folder = project.folder();
            let found = found.unwrap_or_default();
            let defaults = found.iter().map(|known| defaults(known, folder)).collect();
            // Nobody listens any more when the engine is ending.
            let _ = heard.send(Event::Declared { inquiry, defaults });
        });
    }
}

/// What a target's parameters default to, by position.
fn defaults(declaration: &Declaration, project: &Path) -> (Target, Vec<Option<Data>>) {
    let target = declaration.options.target.clone();
    let written = signature::parameters(project, &target).unwrap_or_default();
    let parameters = declaration.parameters.iter().enumerate();
    let defaults = parameters.map(|(index, parameter)| {
        let data = Json::parse(parameter.default.clone()?).ok()?;
        // The SDK tells a tuple as a list: then the code's own text says more.
        let python = written.get(index).and_then(|known| known.default.as_deref());
        let python = python.filter(|_| data.text().contains('['));
        let read = python.and_then(|text| Data::parse_python(text, None).ok());
        Some(read.unwrap_or_else(|| Value::raw(data, Vec::new()).decode(&Nothing)))
    });
    (target, defaults.collect())
}

/// Defaults are plain JSON: they hold no blobs.
struct Nothing;

impl hindcast_model::Blobs for Nothing {
    fn get(&self, _: &hindcast_model::BlobKey) -> Option<Arc<[u8]>> {
        None
    }
}
