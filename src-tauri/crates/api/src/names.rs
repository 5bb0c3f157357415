//! The names of arguments, as the chosen project's code has them. They are read from its text:
//! showing a name runs nothing.

use std::path::{Path, PathBuf};

use hindcast_engine::signature;
use hindcast_model::Target;

use crate::note::CallNote;
use crate::view::{ArgumentDifferenceView, ArgumentView, GuardCard, StepView};
use crate::{Api, ApiError};

/// Puts names to arguments.
pub(crate) struct Names(Option<PathBuf>);

impl Names {
    /// As the code in this folder has them, if one is chosen.
    pub(crate) fn of(project: Option<&Path>) -> Self {
        Self(project.map(Path::to_owned))
    }

    /// Those of a step's arguments, and of what they differ in.
    pub(crate) fn step(&self, view: &mut StepView) {
        let named = self.known(&Target::new(&view.module, &view.target));
        arguments(&named, &mut view.arguments);
        for why in &mut view.why {
            differences(&named, &mut why.differences);
        }
    }

    /// Those of the call that waits at the guard.
    pub(crate) fn card(&self, target: &Target, card: &mut GuardCard) {
        let named = self.known(target);
        arguments(&named, &mut card.arguments);
        if let Some(nearest) = &mut card.nearest {
            differences(&named, &mut nearest.differences);
        }
    }

    /// The names of a target's parameters, as far as they are known.
    pub(crate) fn known(&self, target: &Target) -> Vec<String> {
        let known = self.0.as_ref().and_then(|project| signature::parameters(project, target));
        known.unwrap_or_default().into_iter().map(|parameter| parameter.name).collect()
    }
}

impl Api {
    /// Puts names to what a call's arguments differ in, where the project's code has them.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn name_arguments(&self, note: &mut CallNote) -> Result<(), ApiError> {
        if note.differences.is_empty() {
            return Ok(());
        }
        let project = self.project_folder().await?;
        if let Ok(target) = note.target.parse() {
            let named = Names::of(project.as_deref()).known(&target);
            differences(&named, &mut note.differences);
        }
        Ok(())
    }
}

fn arguments(named: &[String], views: &mut [ArgumentView]) {
    for view in views {
        view.name = named.get(view.index as usize).cloned();
    }
}

fn differences(named: &[String], views: &mut [ArgumentDifferenceView]) {
    for view in views {
        view.name = named.get(view.index as usize).cloned();
    }
}
