//! The run topic of servers of 0.2 to 0.8: told by its steps, which have ids of their own.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Any};

use super::form::{Era, Form, FormKind, OldRun, OldStep};

/// Puts together what a document's fields were.
pub(crate) fn run(
    steps: BTreeMap<String, OldStep>,
    mut others: Map<String, Any>,
) -> Result<OldRun, String> {
    fn field<T: serde::de::DeserializeOwned>(
        fields: &mut Map<String, Any>,
        name: &str,
    ) -> Result<Option<T>, String> {
        let Some(field) = fields.remove(name).filter(|field| !field.is_null()) else {
            return Ok(None);
        };
        serde_json::from_value(field).map(Some).map_err(|error| format!("{name}: {error}"))
    }
    Ok(OldRun {
        source: String::new(),
        form: Form { kind: FormKind::Topic, era: era(&steps)? },
        id: None,
        created_at: field(&mut others, "createdAt")?.ok_or("createdAt is missing")?,
        recurrent: field(&mut others, "recurrent")?,
        parent: field(&mut others, "parent")?,
        steps,
        environment: None,
    })
}

fn era(steps: &BTreeMap<String, OldStep>) -> Result<Era, String> {
    let executions = || steps.values().flat_map(|step| step.executions.values());
    let placed = executions().filter(|execution| execution.environment().is_some()).count();
    if placed == 0 {
        return Ok(Era::V2);
    }
    if placed < executions().count() {
        return Err("some executions say in which environment they are, and some do not".into());
    }
    Ok(if executions().any(|execution| execution.space_id.is_some()) {
        Era::V8
    } else if executions().any(|execution| execution.workspace_id.is_some()) {
        Era::V7
    } else if steps.values().all(|step| step.is_memoised.is_none()) {
        Era::V6
    } else if executions().any(|execution| execution.log_count) {
        Era::V5
    } else if steps.values().any(|step| step.requires.is_some()) {
        Era::V4
    } else {
        Era::V3
    })
}
