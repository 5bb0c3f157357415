//! The names of arguments, as the chosen project's code has them. They are read from its text:
//! showing a name runs nothing.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hindcast_engine::signature;
use hindcast_model::Target;

use crate::note::CallNote;
use crate::view::{
    ArgumentDifferenceView, ArgumentView, ComparedArgument, GuardCard, StepView, WhyReport,
};
use crate::{Api, ApiError};

/// Puts names to arguments. Of each target the code is read once, however often it is asked for.
pub(crate) struct Names {
    project: Option<PathBuf>,
    read: RefCell<HashMap<Target, Arc<[String]>>>,
}

impl Names {
    /// As the code in this folder has them, if one is chosen.
    pub(crate) fn of(project: Option<&Path>) -> Self {
        Self { project: project.map(Path::to_owned), read: RefCell::default() }
    }

    /// Those of a step's arguments, and of what they differ in.
    pub(crate) fn step(&self, view: &mut StepView) {
        let named = self.known(&Target::new(&view.module, &view.target));
        arguments(&named, &mut view.arguments);
        for why in &mut view.why {
            differences(&named, &mut why.differences);
        }
    }

    /// Those of what a step's two executions were called with.
    pub(crate) fn compared(&self, target: &Target, views: &mut [ComparedArgument]) {
        let named = self.known(target);
        for view in views {
            view.name = named.get(view.index as usize).cloned();
        }
    }

    /// Those of what differs in the calls that led to a step, and in those it made.
    pub(crate) fn report(&self, report: &mut WhyReport) {
        if let Ok(target) = report.target.parse() {
            let named = self.known(&target);
            for why in &mut report.why {
                differences(&named, &mut why.differences);
            }
        }
        for call in &mut report.calls {
            if let (Some(miss), Ok(target)) = (&mut call.miss, call.target.parse()) {
                differences(&self.known(&target), &mut miss.differences);
            }
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
    pub(crate) fn known(&self, target: &Target) -> Arc<[String]> {
        if let Some(known) = self.read.borrow().get(target) {
            return known.clone();
        }
        let known =
            self.project.as_ref().and_then(|project| signature::parameters(project, target));
        let known = known.unwrap_or_default().into_iter().map(|parameter| parameter.name);
        let known: Arc<[String]> = known.collect();
        self.read.borrow_mut().insert(target.clone(), known.clone());
        known
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_read_once() {
        let project = tempfile::tempdir().unwrap();
        let file = project.path().join("app.py");
        std::fs::write(&file, "def price(order, country='CH'): pass").unwrap();
        let names = Names::of(Some(project.path()));
        let target = Target::new("app", "price");
        assert_eq!(names.known(&target)[..], ["order", "country"]);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(names.known(&target)[..], ["order", "country"]);
    }
}
