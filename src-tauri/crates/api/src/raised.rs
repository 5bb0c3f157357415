//! Which of the called raised an error that came out of its caller.

use hindcast_model::{Dependency, Ended, Execution, Failure, Run, TypedDependency};

use crate::outcome::follow;

/// How many calls an error is followed through.
const DEEPEST: usize = 100;

/// The executions that an execution's error came through, the one that raised it last; empty if it
/// raised it itself.
pub(crate) fn raised<'run>(run: &'run Run, execution: &'run Execution) -> Vec<&'run Execution> {
    let mut chain: Vec<&Execution> = Vec::new();
    let mut at = execution;
    while let Some(next) = failure(run, at).and_then(|error| source(run, at, error)) {
        let seen = chain.iter().any(|one| one.execution_id == next.execution_id);
        if seen || chain.len() == DEEPEST {
            break;
        }
        chain.push(next);
        at = next;
    }
    chain
}

fn failure<'run>(run: &'run Run, execution: &'run Execution) -> Option<&'run Failure> {
    match &follow(run, execution)?.outcome.ended {
        Ended::Error { error, .. } => Some(error),
        _ => None,
    }
}

/// Whether a message is that of the error below, passed on. The SDK raises it again with its text as
/// the argument, and some exceptions (`KeyError`) then quote it once more: so quotes do not count.
fn tells(message: &str, below: &str) -> bool {
    let bare = |text: &str| text.replace(['\'', '"', '\\'], "");
    if below.is_empty() { message.is_empty() } else { bare(message).contains(&bare(below)) }
}

/// What it took a result of that ended with the same error: the last such, as it went no further.
fn source<'run>(run: &'run Run, at: &Execution, error: &Failure) -> Option<&'run Execution> {
    let taken = at.dependencies.values().filter_map(|dependency| match dependency {
        Dependency::Typed(TypedDependency::Result { execution, .. })
        | Dependency::Untyped { execution, .. } => run.execution(&execution.execution_id),
        _ => None,
    });
    let own = at.children.iter().filter_map(|child| run.execution(&child.execution_id()));
    let same = |one: &&Execution| {
        failure(run, one)
            .is_some_and(|it| it.kind == error.kind && tells(&error.message, &it.message))
    };
    taken.chain(own).filter(same).max_by_key(|one| one.completed_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_known_again_however_often_it_was_quoted() {
        for (message, below, expected) in [
            (r#"'"\'CH\'"'"#, r#""'CH'""#, true),
            ("'CH'", "CH", true),
            ("no rate for CH", "no rate for CH", true),
            ("'CH'", "DE", false),
            ("anything", "", false),
            ("", "", true),
        ] {
            assert_eq!(tells(message, below), expected, "{message} {below}");
        }
    }
}
