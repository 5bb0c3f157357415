//! Asks the code what it declares, for the orchestrator.

use std::sync::Arc;

use hindcast_model::{Data, Json, RunId, Target, Value};
use hindcast_orchestrator::{Event, InquiryId};

use super::Engine;
use crate::codec::Declaration;
use crate::discover::discover;

impl Engine {
    /// Asks without holding up anything else. Where the code cannot say, nothing is known.
    pub(super) fn inquire(&mut self, inquiry: InquiryId, run: &RunId, module: String) {
        // Importing a module may do what a locked re-run must not.
        let project = self.projects.get(run).filter(|project| !project.is_locked()).cloned();
        let unknown = Event::Declared { inquiry, defaults: Vec::new() };
        let (Some(project), Ok(workshop)) = (project, self.workshop()) else {
            return self.backlog.push_back(unknown);
        };
        let heard = self.heard_sender.clone();
        tokio::spawn(async move {
            let found = discover(&project, &module, &Arc::clone(&workshop.guardian)).await;
            let defaults = found.unwrap_or_default().iter().map(defaults).collect();
            // Nobody listens any more when the engine is ending.
            let _ = heard.send(Event::Declared { inquiry, defaults });
        });
    }
}

/// What a target's parameters default to, by position.
fn defaults(declaration: &Declaration) -> (Target, Vec<Option<Data>>) {
    let default = |text: &String| {
        let data = Json::parse(text.clone()).ok()?;
        Some(Value::Raw { data, references: Vec::new() }.decode(&Nothing))
    };
    let parameters = declaration.parameters.iter();
    let defaults = parameters.map(|parameter| parameter.default.as_ref().and_then(default));
    (declaration.options.target.clone(), defaults.collect())
}

/// Defaults are plain JSON: they hold no blobs.
struct Nothing;

impl hindcast_model::Blobs for Nothing {
    fn get(&self, _: &hindcast_model::BlobKey) -> Option<Arc<[u8]>> {
        None
    }
}
