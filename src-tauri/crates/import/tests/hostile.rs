//! Files made to hurt: each gives the one error it must, and leaves the store as it was; or it opens,
//! with what is odd about it as findings.

#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "hostile/desk.rs"]
mod desk;

use std::path::Path;

use desk::{Desk, fixture};
use serde::Deserialize;

/// One line of `cases.json`; see `make.py` beside it.
#[derive(Deserialize)]
struct Case {
    path: String,
    error: Option<String>,
    findings: Option<Vec<String>>,
}

fn cases() -> Vec<Case> {
    let text = std::fs::read(fixture("hostile/cases.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// What a case did that it should not have done.
fn judge(case: &Case, desk: &Desk) -> Result<(), String> {
    let before = desk.content();
    let path = fixture("hostile").join(&case.path);
    let outcome = desk.import(&path);
    match (outcome, &case.error, &case.findings) {
        (Err(said), Some(expected), _) => {
            let name = path.file_name().unwrap().to_str().unwrap();
            let named = said.contains(name) || case.path.contains("beside");
            let readable = !said.contains('\n') && said.len() < 1000;
            if !said.contains(expected.as_str()) || !named || !readable {
                return Err(format!("gives {said:?}, not {expected:?}"));
            }
            let after = desk.content();
            let changed = after.keys().find(|table| after[*table] != before[*table]);
            changed.map_or(Ok(()), |table| Err(format!("was refused, and changed {table}")))
        }
        (Ok(summary), None, Some(expected)) => {
            let told: Vec<String> = summary.findings.iter().map(ToString::to_string).collect();
            let matches = told.len() == expected.len()
                && told.iter().zip(expected).all(|(told, expected)| told.contains(expected));
            if !matches {
                return Err(format!("tells {told:?}, not {expected:?}"));
            }
            for run in &summary.runs {
                desk.look_at(&run.id);
            }
            Ok(())
        }
        (Err(said), ..) => Err(format!("is refused: {said:?}")),
        (Ok(summary), ..) => Err(format!("opens, telling {:?}", summary.findings)),
    }
}

#[test]
fn each_case_gives_what_it_must() {
    let used = Desk::in_use();
    let mut wrong = Vec::new();
    for case in cases() {
        let judged =
            if case.error.is_some() { judge(&case, &used) } else { judge(&case, &Desk::new()) };
        if let Err(why) = judged {
            wrong.push(format!("{} {why}", case.path));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(!Path::new("owned").exists(), "code in a file was run");
}

#[test]
fn a_folder_of_them_is_refused_as_one() {
    let used = Desk::in_use();
    let before = used.content();
    let error = used.import(&fixture("hostile")).unwrap_err();
    assert!(error.contains("hostile"), "{error}");
    assert_eq!(used.content(), before);
}
