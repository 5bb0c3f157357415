//! Arguments that a person edits for a re-run.

use std::collections::BTreeSet;
use std::path::Path;

use hindcast_model::{Run, StepId, Target, Value, same};
use hindcast_store::BlobStore;

use crate::choice::{ArgumentChoice, TextForm};
use crate::given::given_as;
use crate::names::Names;
use crate::{ApiError, ErrorCode};

/// The arguments of the chosen step with these in their places; none where none is edited. Those that
/// are not, and those that are given the value they have, stay as they were recorded.
pub(crate) fn edited_arguments(
    run: &Run,
    steps: &[StepId],
    choices: &[ArgumentChoice],
    project: Option<&Path>,
    blobs: &BlobStore,
) -> Result<Option<Vec<Value>>, ApiError> {
    if choices.is_empty() {
        return Ok(None);
    }
    let [id] = steps else {
        return Err(bad("arguments can be edited for one step at a time".to_owned()));
    };
    let step = run.steps.get(&id.number).ok_or_else(|| ApiError::not_found("step", id))?;
    let mut arguments = step.arguments.clone();
    let mut taken = BTreeSet::new();
    for choice in choices {
        let named = |message: &str| format!("{id}: argument {}: {message}", choice.argument);
        let place = place(&choice.argument, arguments.len(), project, &step.target())?;
        if !taken.insert(place) {
            return Err(bad(named("it is given twice")));
        }
        let argument = &mut arguments[place];
        let recorded = argument.decode(blobs);
        let form = choice.form.unwrap_or(TextForm::Python);
        let given = given_as(&choice.value, form, Some(&recorded), blobs)
            .map_err(|error| ApiError { message: named(&error.message), ..error })?;
        if !same(&recorded, &given.decode(blobs), &|_| None) {
            *argument = given;
        }
    }
    let edited = !arguments.iter().map(Value::known).eq(step.arguments.iter().map(Value::known));
    Ok(edited.then_some(arguments))
}

/// Which argument is meant, from 0: by its number from 1, or by its parameter's name.
fn place(
    word: &str,
    count: usize,
    project: Option<&Path>,
    target: &Target,
) -> Result<usize, ApiError> {
    let found = if let Ok(number) = word.parse::<usize>() {
        number.checked_sub(1)
    } else {
        Names::of(project).known(target).iter().position(|name| name == word)
    };
    found.filter(|place| *place < count).ok_or_else(|| {
        let text = match count {
            1 => "1 argument".to_owned(),
            _ => format!("{count} arguments"),
        };
        bad(format!("{target} was called with {text}; none of them is {word}"))
    })
}

fn bad(message: String) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, message)
}
