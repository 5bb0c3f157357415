//! What is made of a run as it is seen from an environment, kept as long as the run stays as it is:
//! each is made once, when it is first asked for.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hindcast_graph::{Comparison, RunGraph};
use hindcast_model::{EnvironmentId, Environments};

use crate::answers::Steps;

/// What is made of a run as seen from one environment.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) graph: OnceLock<RunGraph>,
    /// None where there is no ancestor to compare with.
    pub(crate) compared: OnceLock<Option<Comparison>>,
    pub(crate) steps: OnceLock<Steps>,
}

/// The views of a run.
#[derive(Debug, Default)]
pub(crate) struct Views(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// All environments, as they were for these views.
    environments: Environments,
    views: Vec<(EnvironmentId, Arc<View>)>,
}

impl Views {
    /// The view from an environment.
    pub(crate) fn of(&self, environments: &Environments, from: EnvironmentId) -> Arc<View> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.environments != *environments {
            *known = Known { environments: environments.clone(), views: Vec::new() };
        }
        if let Some((_, view)) = known.views.iter().find(|(environment, _)| *environment == from) {
            return view.clone();
        }
        let view = Arc::<View>::default();
        known.views.push((from, view.clone()));
        view
    }
}
