//! What a newer server could add to an export.

use serde_json::{Value, json};

/// A run with everything in it, in the export's own form, seen from `W2`.
pub(crate) fn whole_run() -> Value {
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/run/run");
    let mut run: Value = serde_json::from_slice(&std::fs::read(seed).unwrap()).unwrap();
    let of = |id: &str| json!({"executionId": id, "module": "flow", "target": "t2"});
    run["parent"] = of("Rpar:1:1");
    let root = &mut run["steps"]["Rwhl:1"]["executions"]["1"];
    root["dependencies"]["Rwhl:2:1"] = json!({"type": "result", "execution": of("Rwhl:2:1")});
    root["dependencies"]["Rwhl:3:1"] = json!({"execution": of("Rwhl:3:1")});
    root["dependencies"]["Q1"] = json!({"type": "queue", "queueId": "Q1"});
    let references = &mut root["result"]["value"]["references"];
    references.as_array_mut().unwrap().push(json!({"type": "queue", "queueId": "Q1"}));
    let spawned = &mut run["steps"]["Rwhl:3"]["executions"]["1"]["result"];
    spawned["result"] = json!({"type": "cached", "createdBy": null, "execution": of("Rkid:2:1")});
    spawned["result"]["result"] = json!({"type": "timeout", "createdBy": null, "retry": null});
    run
}

/// Adds a field to every object that a server could add one to; returns to how many.
pub(crate) fn add_everywhere(at: &mut Value, added: &Value) -> usize {
    add(at, false, added)
}

fn add(at: &mut Value, by_id: bool, added: &Value) -> usize {
    match at {
        Value::Array(items) => items.iter_mut().map(|item| add(item, false, added)).sum(),
        // Of a kind that is not known, all is.
        Value::Object(fields) if fields.get("type") == Some(&json!("queue")) => 0,
        Value::Object(fields) => {
            let mut count = 0;
            for (name, field) in fields.iter_mut() {
                count += match name.as_str() {
                    // Anything at all stands in them, and is kept.
                    "createdBy" | "requires" | "metadata" | "data" | "odd" => 0,
                    "steps" | "executions" | "groups" | "assets" | "dependencies" | "inputs"
                    | "metrics" => add(field, true, added),
                    _ => add(field, false, added),
                };
            }
            if !by_id {
                fields.insert("x-later".to_owned(), added.clone());
            }
            count + usize::from(!by_id)
        }
        _ => 0,
    }
}
