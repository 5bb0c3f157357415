//! Pins, mocks, matching rules and renamed targets: setting, listing, undoing, saving, loading.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use hindcast_model::{
    AnswerByHand, ByHand, Data, Environment, ExecutionId, Origin, Run, Setting, StepByHand, StepId,
    Subject, Target,
};
use hindcast_store::Store;

use crate::answers::rerun::now;
use crate::api::Answered;
use crate::calls::{
    CheckValue, ClearPin, GetEditText, GetPins, LoadPins, RedoPins, RemoveMock, SavePins,
    SetMatching, SetMock, SetPin, SetRenamed, UndoPins, Unpin, UseMock,
};
use crate::choice::TextForm;
use crate::given::given_as;
use crate::handle::ValueHandle;
use crate::outcome::follow;
use crate::pins::{Place, rule_of, step_setting, view, whole};
use crate::pins_file;
use crate::view::{ApiEvent, EditText, PinsFileView, PinsView, ValueCheck};
use crate::{Api, ApiError, ErrorCode, whole_file};

/// What a mock is called that has no name.
const MOCK: &str = "mock";

impl Answered for GetPins {
    async fn answer(self, api: &Api) -> Result<PinsView, ApiError> {
        let place = Place::named(self.run.as_deref(), self.environment)?;
        let file = api.pins_file(None).await?;
        let (loaded, blobs) = (api.loaded().clone(), api.blobs().clone());
        api.read(move |store| match place.find(store)? {
            Some(environment) => view(store, &loaded, &blobs, &environment, shown(file)),
            None => Ok(PinsView {
                environment: place.environment.clone().unwrap_or_else(|| "development".to_owned()),
                steps: Vec::new(),
                rules: Vec::new(),
                renamed: Vec::new(),
                undo: None,
                redo: None,
                file: shown(file),
            }),
        })
        .await
    }
}

fn shown(file: Option<PathBuf>) -> Option<String> {
    file.map(|file| file.to_string_lossy().into_owned())
}

impl Api {
    /// The file beside the code.
    async fn pins_file(&self, path: Option<&str>) -> Result<Option<PathBuf>, ApiError> {
        if let Some(path) = path {
            return Ok(Some(PathBuf::from(path)));
        }
        Ok(self.project_folder().await?.map(|folder| folder.join(pins_file::NAME)))
    }

    async fn needed_pins_file(&self, path: Option<&str>) -> Result<PathBuf, ApiError> {
        let file = self.pins_file(path).await?;
        file.ok_or_else(|| {
            let message = "no project is chosen, so there is no folder for the pins' file";
            ApiError::new(ErrorCode::NoProject, message)
        })
    }

    /// Changes what is set by hand, as one change; then tells how it stands.
    async fn change_by_hand(
        &self,
        place: Place,
        change: impl FnOnce(&Store, &Environment, &ByHand) -> Result<(String, Vec<Setting>), ApiError>
        + Send
        + 'static,
    ) -> Result<PinsView, ApiError> {
        let file = self.pins_file(None).await?;
        let (loaded, blobs) = (self.loaded().clone(), self.blobs().clone());
        let pins = self
            .with_store(move |store| {
                let environment = place.make(store)?;
                store.transaction(|transaction| {
                    let by_hand = store.by_hand(environment.id)?;
                    let (label, settings) = change(store, &environment, &by_hand)?;
                    Ok::<_, ApiError>(transaction.set_by_hand(
                        environment.id,
                        now(),
                        &label,
                        settings,
                    )?)
                })?;
                view(store, &loaded, &blobs, &environment, shown(file))
            })
            .await?;
        self.tell_pins(&pins);
        Ok(pins)
    }

    fn tell_pins(&self, pins: &PinsView) {
        self.tell(ApiEvent::OverviewChanged);
        let runs = pins.steps.iter().filter_map(|pin| Some(pin.step.split_once(':')?.0.to_owned()));
        for run in runs.collect::<BTreeSet<_>>() {
            self.tell(ApiEvent::RunChanged { run });
        }
    }

    async fn change_step(
        &self,
        step: StepId,
        environment: Option<String>,
        label: String,
        change: impl FnOnce(&Store, &Run, &mut StepByHand) -> Result<(), ApiError> + Send + 'static,
    ) -> Result<PinsView, ApiError> {
        let place = Place::of(&step, environment);
        let loaded = self.loaded().clone();
        let pins = self
            .change_by_hand(place, move |store, _, by_hand| {
                let run = loaded.run(store, &step.run)?.stored;
                if !run.run.steps.contains_key(&step.number) {
                    return Err(ApiError::not_found("step", &step));
                }
                let mut setting = step_setting(by_hand, &step);
                change(store, &run.run, &mut setting)?;
                Ok((label, vec![Setting::Step(step, Some(setting))]))
            })
            .await?;
        Ok(pins)
    }
}

impl Answered for SetPin {
    async fn answer(self, api: &Api) -> Result<PinsView, ApiError> {
        let step: StepId = self.step.parse()?;
        let asked = self.execution.as_deref().map(str::parse::<ExecutionId>).transpose()?;
        let label = format!("pin {step}");
        let id = step.clone();
        let change = move |store: &Store, run: &Run, setting: &mut StepByHand| {
            let environments = store.environments()?;
            let execution = match asked {
                Some(execution) => execution,
                None => newest_ended(run, &id, |execution| {
                    environments.of_workspace(&execution.workspace_id).map(|one| one.origin)
                })
                .ok_or_else(|| {
                    let message = format!("no execution of {id} has a result to pin it to");
                    ApiError::new(ErrorCode::Refused, message)
                })?,
            };
            may_pin(store, run, &id, &execution)?;
            setting.answer = Some(AnswerByHand::Pin(execution));
            Ok(())
        };
        api.change_step(step, self.environment, label, change).await
    }
}

/// The execution a step is pinned to if none is named: the newest of the ancestor with a value, else
/// the newest local one with a value, else the newest that has ended.
fn newest_ended(
    run: &Run,
    step: &StepId,
    origin: impl Fn(&hindcast_model::Execution) -> Option<Origin>,
) -> Option<ExecutionId> {
    let executions = run.steps.get(&step.number)?.executions.values();
    let ended = executions.filter_map(|execution| {
        let followed = follow(run, execution)?;
        let has_value = followed.outcome.value().is_some();
        let imported = origin(execution)? == Origin::Imported;
        Some(((has_value, imported, execution.created_at), execution))
    });
    let best = ended.max_by_key(|(rank, _)| *rank);
    best.map(|(_, execution)| execution.execution_id.clone())
}

/// Whether a step can be pinned to an execution: one of the same run and target, that has ended, and
/// of which every byte is here.
fn may_pin(
    store: &Store,
    run: &Run,
    step: &StepId,
    execution: &ExecutionId,
) -> Result<(), ApiError> {
    let refused = |why: String| {
        ApiError::new(ErrorCode::Refused, format!("{step} cannot be pinned to {execution}: {why}"))
    };
    if execution.run() != &step.run {
        return Err(refused("it is of another run".to_owned()));
    }
    if run.execution(execution).is_none() {
        return Err(ApiError::not_found("execution", execution));
    }
    let target = |number| run.steps.get(&number).map(hindcast_model::Step::target);
    let (own, other) = (target(step.number), target(execution.step.number));
    if let (Some(own), Some(other)) = (own, other)
        && own != other
    {
        return Err(refused(format!("it is a call of {other}, and {step} one of {own}")));
    }
    whole(store, run, execution)?.map_err(refused)
}

impl Answered for Unpin {
    async fn answer(self, api: &Api) -> Result<PinsView, ApiError> {
        let step: StepId = self.step.parse()?;
        let label = format!("unpin {step}");
        let change = |_: &Store, _: &Run, setting: &mut StepByHand| {
            setting.answer = Some(AnswerByHand::Unpinned);
            Ok(())
        };
        api.change_step(step, self.environment, label, change).await
    }
}

impl Answered for ClearPin {
    async fn answer(self, api: &Api) -> Result<PinsView, ApiError> {
        let step: StepId = self.step.parse()?;
        let label = format!("clear {step}");
        let change = |_: &Store, _: &Run, setting: &mut StepByHand| {
            setting.answer = None;
            Ok(())
        };
        api.change_step(step, self.environment, label, change).await
    }
}

impl Answered for SetMock {
    async fn answer(self, api: &Api) -> Result<PinsView, ApiError> {
        let step: StepId = self.step.parse()?;
        let name = self.name.unwrap_or_else(|| MOCK.to_owned());
        check_name(&name)?;
        let label = format!("mock {step} with {name}");
        let (blobs, loaded, like) = (api.blobs().clone(), api.loaded().clone(), self.like);
        let (id, text, form) = (step.clone(), self.value, self.form);
        let change = move |store: &Store, run: &Run, setting: &mut StepByHand| {
            let like = match like {
                Some(handle) => {
                    let handle: ValueHandle = handle.parse()?;
                    Some(handle.find(store, &loaded)?.decode(&blobs))
                }
                None => likely(run, &id, setting, &blobs),
            };
            let value = given_as(&text, form, like.as_ref(), &blobs).map_err(|error| ApiError {
                message: format!("{id}: {}", error.message),
                ..error
            })?;
            setting.mocks.insert(name.clone(), value);
            setting.answer = Some(AnswerByHand::Mock(name));
            Ok(())
        };
        api.change_step(step, self.environment, label, change).await
    }
}

/// The value that a person most likely edited: the mock in use, else the newest result.
fn likely(
    run: &Run,
    step: &StepId,
    setting: &StepByHand,
    blobs: &hindcast_store::BlobStore,
) -> Option<Data> {
    if let Some((_, value)) = setting.mock() {
        return Some(value.decode(blobs));
    }
    let executions = run.steps.get(&step.number)?.executions.values().rev();
    let mut values = executions.filter_map(|execution| follow(run, execution)?.outcome.value());
    values.next().map(|value| value.decode(blobs))
}

fn check_name(name: &str) -> Result<(), ApiError> {
    let fits = !name.is_empty()
        && name.chars().count() <= 60
        && !name.chars().any(|c| c.is_control() || c == '/');
    if fits {
        return Ok(());
    }
    let message =
        format!("{name:?} cannot be a mock's name: 1 to 60 characters, and no slash among them");
    Err(ApiError::new(ErrorCode::BadRequest, message))
}

fn has_mock(setting: &StepByHand, step: &StepId, name: &str) -> Result<(), ApiError> {
    let missing = || ApiError::not_found(&format!("mock of {step} called"), name);
    setting.mocks.contains_key(name).then_some(()).ok_or_else(missing)
}

impl Answered for UseMock {
    async fn answer(self, api: &Api) -> Result<PinsView, ApiError> {
        let step: StepId = self.step.parse()?;
        let label = format!("mock {step} with {}", self.name);
        let (id, name) = (step.clone(), self.name);
        let change = move |_: &Store, _: &Run, setting: &mut StepByHand| {
            has_mock(setting, &id, &name)?;
            setting.answer = Some(AnswerByHand::Mock(name));
            Ok(())
        };
        api.change_step(step, self.environment, label, change).await
    }
}

impl Answered for RemoveMock {
    async fn answer(self, api: &Api) -> Result<PinsView, ApiError> {
        let step: StepId = self.step.parse()?;
        let label = format!("remove the mock {} of {step}", self.name);
        let (id, name) = (step.clone(), self.name);
        let change = move |_: &Store, _: &Run, setting: &mut StepByHand| {
            has_mock(setting, &id, &name)?;
            setting.mocks.remove(&name);
            if setting.answer == Some(AnswerByHand::Mock(name)) {
                setting.answer = None;
            }
            Ok(())
        };
        api.change_step(step, self.environment, label, change).await
    }
}

impl Answered for SetMatching {
    async fn answer(self, api: &Api) -> Result<PinsView, ApiError> {
        let target: Target = self.target.parse()?;
        let place = Place::named(self.run.as_deref(), self.environment)?;
        let rule = match self.rule {
            Some(rule) => Some(rule_of(rule.only.as_deref(), &rule.ignore, &rule.parts)?),
            None => None,
        };
        let label = match rule {
            Some(_) => format!("set the matching rule of {target}"),
            None => format!("remove the matching rule of {target}"),
        };
        let change = move |_: &Store, _: &Environment, _: &ByHand| {
            Ok((label, vec![Setting::Rule(target, rule)]))
        };
        api.change_by_hand(place, change).await
    }
}

impl Answered for SetRenamed {
    async fn answer(self, api: &Api) -> Result<PinsView, ApiError> {
        let target: Target = self.target.parse()?;
        let old: Option<Target> = self.old.as_deref().map(str::parse).transpose()?;
        if old.as_ref() == Some(&target) {
            let message = format!("{target} cannot be renamed to itself");
            return Err(ApiError::new(ErrorCode::BadRequest, message));
        }
        let place = Place::named(self.run.as_deref(), self.environment)?;
        let label = match &old {
            Some(old) => format!("map {target} to {old}"),
            None => format!("map {target} to nothing"),
        };
        let change = move |_: &Store, _: &Environment, _: &ByHand| {
            Ok((label, vec![Setting::Renamed(target, old)]))
        };
        api.change_by_hand(place, change).await
    }
}

impl Api {
    /// Takes a change back, or makes it again.
    async fn step_through(&self, place: Place, back: bool) -> Result<PinsView, ApiError> {
        let file = self.pins_file(None).await?;
        let (loaded, blobs) = (self.loaded().clone(), self.blobs().clone());
        let pins = self
            .with_store(move |store| {
                let what = if back { "undo" } else { "redo" };
                let nothing =
                    || ApiError::new(ErrorCode::Refused, format!("there is nothing to {what}"));
                let environment = place.find(store)?.ok_or_else(nothing)?;
                let done = store.transaction(|transaction| {
                    if back {
                        transaction.undo_by_hand(environment.id)
                    } else {
                        transaction.redo_by_hand(environment.id)
                    }
                })?;
                done.ok_or_else(nothing)?;
                view(store, &loaded, &blobs, &environment, shown(file))
            })
            .await?;
        self.tell_pins(&pins);
        Ok(pins)
    }
}

impl Answered for UndoPins {
    async fn answer(self, api: &Api) -> Result<PinsView, ApiError> {
        api.step_through(Place::named(self.run.as_deref(), self.environment)?, true).await
    }
}

impl Answered for RedoPins {
    async fn answer(self, api: &Api) -> Result<PinsView, ApiError> {
        api.step_through(Place::named(self.run.as_deref(), self.environment)?, false).await
    }
}

impl Answered for SavePins {
    async fn answer(self, api: &Api) -> Result<PinsFileView, ApiError> {
        let place = Place::named(self.run.as_deref(), self.environment)?;
        let path = api.needed_pins_file(self.path.as_deref()).await?;
        let (loaded, blobs) = (api.loaded().clone(), api.blobs().clone());
        api.read(move |store| {
            let none = || {
                ApiError::new(
                    ErrorCode::NotFound,
                    "there is no local environment with pins to save",
                )
            };
            let environment = place.find(store)?.ok_or_else(none)?;
            let by_hand = store.by_hand(environment.id)?;
            let target = |step: &StepId| {
                let run = loaded.run(store, &step.run).ok()?.stored;
                run.run.steps.get(&step.number).map(hindcast_model::Step::target)
            };
            let text = pins_file::text(&by_hand, target, &blobs);
            write(&path, &text)?;
            let shown_path = shown(Some(path));
            let pins = view(store, &loaded, &blobs, &environment, shown_path.clone())?;
            Ok(PinsFileView { path: shown_path.unwrap_or_default(), pins })
        })
        .await
    }
}

/// Writes a file whole or not at all.
fn write(path: &std::path::Path, text: &str) -> Result<(), ApiError> {
    let written = whole_file::replace(path, |file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let message = format!("{} cannot be written: {error}", path.display());
        ApiError::new(ErrorCode::BadRequest, message)
    })
}

impl Answered for LoadPins {
    async fn answer(self, api: &Api) -> Result<PinsFileView, ApiError> {
        let place = Place::named(self.run.as_deref(), self.environment)?;
        let path = api.needed_pins_file(self.path.as_deref()).await?;
        let (blobs, file) = (api.blobs().clone(), path.clone());
        let change = move |_: &Store, _: &Environment, now: &ByHand| {
            let new = pins_file::read(&file, &blobs)?;
            let subjects: BTreeSet<Subject> = now.settings().iter().map(Setting::subject).collect();
            let mut settings = new.settings();
            let set: BTreeSet<Subject> = settings.iter().map(Setting::subject).collect();
            let nothing = ByHand::default();
            settings.extend(subjects.difference(&set).map(|subject| nothing.get(subject)));
            Ok((format!("load {}", file.display()), settings))
        };
        let pins = api.change_by_hand(place, change).await?;
        Ok(PinsFileView { path: path.to_string_lossy().into_owned(), pins })
    }
}

impl Answered for CheckValue {
    async fn answer(self, api: &Api) -> Result<ValueCheck, ApiError> {
        let (blobs, loaded) = (api.blobs().clone(), api.loaded().clone());
        api.read(move |store| {
            let like = match &self.like {
                Some(handle) => {
                    let handle: ValueHandle = handle.parse()?;
                    Some(handle.find(store, &loaded)?.decode(&blobs))
                }
                None => None,
            };
            Ok(check(&self.text, self.form, like.as_ref()))
        })
        .await
    }
}

/// Whether a text is a value. Keeps nothing.
fn check(text: &str, form: TextForm, like: Option<&Data>) -> ValueCheck {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    match form {
        TextForm::Python => match Data::parse_python(text, like) {
            Ok(data) => ValueCheck::Value { text: data.python(10_000) },
            Err(error) => ValueCheck::Wrong {
                message: error.what.clone(),
                line: number(error.line),
                column: number(error.column),
            },
        },
        TextForm::Json => match serde_json::from_str::<serde_json::Value>(text) {
            Ok(_) => ValueCheck::Value { text: text.trim().to_owned() },
            Err(error) => {
                let whole = error.to_string();
                let message = whole.split(" at line ").next().unwrap_or(&whole).to_owned();
                let place = (number(error.line().max(1)), number(error.column().max(1)));
                ValueCheck::Wrong { message, line: place.0, column: place.1 }
            }
        },
    }
}

impl Answered for GetEditText {
    async fn answer(self, api: &Api) -> Result<EditText, ApiError> {
        let (blobs, loaded) = (api.blobs().clone(), api.loaded().clone());
        api.read(move |store| {
            let handle: ValueHandle = self.handle.parse()?;
            let data = handle.find(store, &loaded)?.decode(&blobs);
            let text = data.python(LONGEST);
            if text.chars().count() >= LONGEST {
                let problem = Some(format!("it is longer than {LONGEST} characters"));
                return Ok(EditText { text, problem });
            }
            let text = data.laid_out(WIDTH);
            let problem = Data::parse_python(&text, Some(&data)).err();
            Ok(EditText { text, problem: problem.map(|error| error.to_string()) })
        })
        .await
    }
}

/// The longest text that can be edited, in characters.
const LONGEST: usize = 1_000_000;

/// How long a line of it is, in characters, before it is laid out over several.
const WIDTH: usize = 88;
