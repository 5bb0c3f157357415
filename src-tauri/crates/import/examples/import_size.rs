//! How long an import of a large export takes, and how much memory. `cargo xtask bench` runs it.
//!
//! - `import_size make PATH STEPS` writes an export of so many steps: the values, errors, memo keys and
//!   references of the recorded ones, in about the same proportions.
//! - `import_size read PATH` reads it.
//! - `import_size import PATH STORE` reads it into a new store.
//!
//! The last two print the milliseconds that took, and the most memory the process had, in KiB.

#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use hindcast_import::{Options, read};
use hindcast_model::BlobKey;
use hindcast_store::{Naming, Store};
use serde_json::{Value, json};

type Done = Result<(), Box<dyn Error>>;

/// How many steps call others: the root, and those it calls.
const CALLED_EACH: u32 = 250;

/// A moment, in Unix ms.
const AT: u64 = 1_795_359_338_311;

fn main() -> Done {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", path, steps] => make(Path::new(path), steps.parse()?),
        ["read", path] => measured(|| {
            let found = read(&[PathBuf::from(path)], &Options::default(), &mut |_| true)?;
            Ok(found.runs.iter().map(|view| view.run.steps.len()).sum())
        }),
        ["import", path, store] => measured(|| {
            let found = read(&[PathBuf::from(path)], &Options::default(), &mut |_| true)?;
            Ok(Store::open(Path::new(store))?.import(found, &Naming::default())?.steps_added)
        }),
        _ => Err("make PATH STEPS, read PATH, or import PATH STORE".into()),
    }
}

fn measured(work: impl FnOnce() -> Result<usize, Box<dyn Error>>) -> Done {
    let begun = Instant::now();
    let steps = work()?;
    let took = begun.elapsed().as_millis();
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    println!("{took} {} {steps}", peak.trim().trim_end_matches(" kB"));
    Ok(())
}

/// Written step by step, as the server does: compact, fields in its order.
fn make(path: &Path, steps: u32) -> Done {
    let mut out = BufWriter::new(File::create(path)?);
    write!(out, r#"{{"createdAt":{AT},"createdBy":null,"parent":null,"requires":{{}},"steps":{{"#)?;
    for number in 1..=steps {
        let comma = if number == 1 { "" } else { "," };
        write!(out, "{comma}\"Rbig:{number}\":{}", step(number, steps))?;
    }
    write!(out, "}}}}")?;
    Ok(out.flush()?)
}

fn caller(number: u32) -> u32 {
    (number + CALLED_EACH - 2) / CALLED_EACH
}

fn step(number: u32, steps: u32) -> Value {
    let parent = (number > 1).then(|| format!("Rbig:{}:1", caller(number)));
    let retried = number.is_multiple_of(97);
    let mut executions = json!({"1": execution(number, 1, steps, retried)});
    if retried {
        executions["2"] = execution(number, 2, steps, false);
    }
    let memoised = number.is_multiple_of(2);
    let target = ["main", "load_order", "price_order", "charge_card", "send_receipt"];
    json!({
        "stepNumber": number,
        "module": "shop.workflows",
        "target": target[if number == 1 { 0 } else { 1 + number as usize % 4 }],
        "parentId": parent,
        "cacheConfig": null,
        "cacheKey": null,
        "memoKey": memoised.then(|| key(number).to_string()[..10].to_owned()),
        "retries": retried.then(|| json!({"limit": 2, "backoffMin": 100, "backoffMax": 1000})),
        "recurrent": false,
        "timeout": 0,
        "createdAt": AT + u64::from(number),
        "arguments": arguments(number),
        "requires": {},
        "executions": executions,
    })
}

fn execution(number: u32, attempt: u32, steps: u32, fails: bool) -> Value {
    let first = (number - 1) * CALLED_EACH + 2;
    let called = first..(first + CALLED_EACH).min(steps + 1);
    let children = called.clone().map(|child| {
        json!({"stepId": format!("Rbig:{child}"), "attempt": 1, "groupId": (number == 1).then_some(0)})
    });
    let dependencies = called.map(|child| {
        let id = format!("Rbig:{child}:1");
        let execution =
            json!({"executionId": id, "module": "shop.workflows", "target": "load_order"});
        (id, json!({"type": "result", "execution": execution}))
    });
    json!({
        "executionId": format!("Rbig:{number}:{attempt}"),
        "workspaceId": "Wprd",
        "createdAt": AT + u64::from(number),
        "createdBy": null,
        "executeAfter": null,
        "assignedAt": AT + u64::from(number) + 7,
        "completedAt": AT + u64::from(number) + 42,
        "groups": if number == 1 { json!({"0": "orders"}) } else { json!({}) },
        "assets": {},
        "dependencies": dependencies.collect::<serde_json::Map<_, _>>(),
        "children": children.collect::<Vec<_>>(),
        "inputs": {},
        "metrics": {},
        "result": if fails { error(attempt) } else { outcome(number) },
    })
}

fn key(number: u32) -> BlobKey {
    BlobKey::of(&number.to_le_bytes())
}

fn blob(number: u32, references: &Value) -> Value {
    json!({"type": "blob", "key": key(number).to_string(), "size": 212, "references": references})
}

fn raw(data: &Value) -> Value {
    json!({"type": "raw", "data": data, "references": []})
}

fn arguments(number: u32) -> Vec<Value> {
    let order = raw(&json!(format!("20260304-{number:06}")));
    let handle = json!([{"type": "execution", "executionId": format!("Rbig:{}:1", caller(number).max(1)),
        "module": "shop.workflows", "target": "load_order"}]);
    match number % 5 {
        0 => vec![order, raw(&json!({"type": "dict", "items": ["net", 97.72, "vat", 0.081]}))],
        1 => vec![blob(number, &json!([]))],
        2 => vec![order, blob(number, &handle)],
        _ => vec![order],
    }
}

fn outcome(number: u32) -> Value {
    let value = match number % 10 {
        0..=3 => blob(number + 1, &json!([])),
        4 => raw(&Value::Null),
        _ => raw(
            &json!({"type": "dict", "items": ["id", number, "total", 105.64, "currency", "EUR"]}),
        ),
    };
    json!({"type": "value", "createdBy": null, "value": value})
}

fn error(attempt: u32) -> Value {
    let frame = |line: u32, name: &str, code: &str| json!({"file": "/srv/shop/workflows.py", "line": line, "name": name, "code": code});
    let frames = [
        frame(88, "price_order", "rate = VAT[order.country]"),
        frame(31, "__getitem__", "raise KeyError(key)"),
    ];
    json!({
        "type": "error",
        "createdBy": null,
        "error": {"type": "builtins.KeyError", "message": "'CH'", "frames": frames},
        "retry": attempt + 1,
        "retryable": null,
    })
}
