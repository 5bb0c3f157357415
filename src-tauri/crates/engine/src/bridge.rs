//! SDKs of 0.2 to 0.8, which had no protocol of lines: their agent called them in a process it had
//! started. The part of an executor's Python that is the bridge does the same, and speaks the
//! protocol in their place, so that nothing else need know of them.

mod installed;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use hindcast_model::{ExecutionId, RunId};
use serde_json::json;

use crate::bootstrap::{Part, SDK, Source};
use crate::recorded::Reader;
pub use installed::{InstalledSdk, Speaks};

/// The part of an executor's Python that is it.
const SOURCE: Source = Source { name: "bridge", text: include_str!("bridge/bridge.py") };

/// The main part for a project, last: the SDK itself where it speaks the protocol, else the bridge.
/// Where the SDK is not known without asking Python, the bridge finds out in the process, and leaves it
/// to the part before it where it is not needed.
pub(crate) fn main_parts(sdk: Option<&InstalledSdk>) -> Vec<Part> {
    let itself = Part { source: SDK, options: json!({}) };
    let bridge = |options| Part { source: SOURCE, options };
    match sdk.map(InstalledSdk::speaks) {
        Some(Speaks::Protocol) => vec![itself],
        Some(Speaks::ByBridge) => vec![bridge(json!({}))],
        None => vec![itself, bridge(json!({"unsure": true}))],
    }
}

/// The integers that recorded executions had where they were recorded. Keys that the old SDKs make
/// are made of them, so that what is told to such an SDK tells them along. (Ids of assets hold
/// theirs.)
#[derive(Debug, Default)]
pub struct ServerNumbers {
    recorded: Option<Arc<Reader>>,
    /// Those of the runs that were asked about.
    known: RwLock<HashMap<RunId, HashMap<ExecutionId, u64>>>,
}

impl ServerNumbers {
    /// Those of the runs that this one reads.
    pub(crate) fn new(recorded: Arc<Reader>) -> Self {
        Self { recorded: Some(recorded), known: RwLock::default() }
    }

    /// Has every run read again.
    pub(crate) fn forget(&self) {
        if let Ok(mut known) = self.known.write() {
            known.clear();
        }
    }

    /// The number of an execution that was recorded with an old SDK.
    pub(crate) fn of(&self, id: &ExecutionId) -> Option<u64> {
        if let Some(numbers) = self.known.read().ok()?.get(id.run()) {
            return numbers.get(id).copied();
        }
        let numbers = self.recorded.as_ref()?.old_ids(id.run());
        let numbers: HashMap<_, _> = numbers.into_iter().collect();
        let number = numbers.get(id).copied();
        self.known.write().ok()?.insert(id.run().clone(), numbers);
        number
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use hindcast_import::{Options, read};
    use hindcast_store::{Naming, Store};

    use super::*;

    #[test]
    fn what_an_old_server_recorded_has_the_number_it_had_there() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let fixtures = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures"));
        let import = |name: &str| {
            let found = read(&[fixtures.join(name)], &Options::default(), &mut |_| true).unwrap();
            store.import(found, &Naming::default()).unwrap().runs[0].id.clone()
        };
        let recorded = Arc::new(Reader::new(folder.path().to_owned()));
        let numbers = ServerNumbers::new(recorded);
        let old = store.load(&import("seed-era/rollout")).unwrap().run;
        let executions = old.steps.values().flat_map(|step| step.executions.values());
        let mut known = 0;
        for execution in executions {
            assert_eq!(numbers.of(&execution.execution_id), execution.old_id());
            known += usize::from(execution.old_id().is_some());
        }
        assert!(known > 1);

        let new = import("conformance/memo-params/before.json");
        assert_eq!(numbers.of(&hindcast_model::StepId::new(new, 1).attempt(1)), None);
        assert_eq!(ServerNumbers::default().of(&old.step_id(1).attempt(1)), None);
    }
}
