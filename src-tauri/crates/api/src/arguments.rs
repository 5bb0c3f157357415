//! Arguments that a person edits for a re-run.

use std::path::Path;

use hindcast_engine::signature;
use hindcast_model::{StepId, Target, Value};

use crate::choice::{ArgumentChoice, TextForm};
use crate::given::given_as;
use crate::{Api, ApiError, ErrorCode};

impl Api {
    /// The arguments of the chosen step with these in their places; none where none is edited.
    pub(crate) async fn edited_arguments(
        &self,
        steps: &[StepId],
        choices: Vec<ArgumentChoice>,
        project: &Path,
    ) -> Result<Option<Vec<Value>>, ApiError> {
        if choices.is_empty() {
            return Ok(None);
        }
        let [id] = steps else {
            return Err(bad("arguments can be edited for one step at a time".to_owned()));
        };
        let (id, project) = (id.clone(), project.to_owned());
        let (loaded, blobs) = (self.loaded().clone(), self.blobs().clone());
        self.with_store(move |store| {
            let stored = loaded.run(store, &id.run)?.stored;
            let step = stored.run.steps.get(&id.number);
            let step = step.ok_or_else(|| ApiError::not_found("step", &id))?;
            let mut arguments = step.arguments.clone();
            for choice in choices {
                let place = place(&choice.argument, arguments.len(), &project, &step.target())?;
                let argument = &mut arguments[place];
                let like = argument.decode(&blobs);
                let form = choice.form.unwrap_or(TextForm::Python);
                let given = given_as(&choice.value, form, Some(&like), &blobs);
                *argument = given.map_err(|error| ApiError {
                    message: format!("{id}: argument {}: {}", choice.argument, error.message),
                    ..error
                })?;
            }
            Ok(Some(arguments))
        })
        .await
    }
}

/// Which argument is meant, from 0: by its number from 1, or by its parameter's name.
fn place(word: &str, count: usize, project: &Path, target: &Target) -> Result<usize, ApiError> {
    let found = if let Ok(number) = word.parse::<usize>() {
        number.checked_sub(1)
    } else {
        let parameters = signature::parameters(project, target).unwrap_or_default();
        parameters.iter().position(|parameter| parameter.name == word)
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
