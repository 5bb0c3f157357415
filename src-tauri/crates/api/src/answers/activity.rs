//! What is going on, what waits for a person.

use hindcast_model::record::{Call, Input};
use hindcast_model::{Blobs, ExecutionId, Run};

use crate::answers::step::argument;
use crate::api::Answered;
use crate::calls::{GetActivity, GetGuard, GetInputs};
use crate::effects;
use crate::handle::ValueHandle;
use crate::large::Reading;
use crate::names::Names;
use crate::outcome::follow;
use crate::renamed::renamed_from;
use crate::template::fill;
use crate::view::{Activity, EffectView, GuardCard, GuardNearest, InputView};
use crate::words;
use crate::{Api, ApiError};

/// How long a result is written at most, in characters.
const SHORT: usize = 200;

impl Answered for GetActivity {
    async fn answer(self, api: &Api) -> Result<Activity, ApiError> {
        let (mut activity, place) = {
            let recent = api.following().recent();
            (recent.activity(), recent.unnamed_place())
        };
        if let (Some(rerun), Some(place)) = (&mut activity.rerun, place) {
            let name = api.read(move |store| {
                Ok(store.environments()?.get(place).map(|environment| environment.name.to_string()))
            });
            rerun.environment = name.await?.unwrap_or_default();
        }
        Ok(activity)
    }
}

impl Answered for GetGuard {
    async fn answer(self, api: &Api) -> Result<Vec<GuardCard>, ApiError> {
        let questions = api.following().recent().questions();
        let (blobs, loaded) = (api.blobs().clone(), api.loaded().clone());
        let names = Names::of(api.project_folder().await?.as_deref());
        api.read(move |store| {
            let card = |call: &Call| {
                let effects = effects::of_target(store, &call.target)?;
                let run = loaded.run(store, call.caller.run())?;
                let mut card = card(&run.stored.run, call, effects, &blobs);
                card.renamed_from = renamed_from(&run.stored.run, &run.calls, call);
                names.card(&call.target, &mut card);
                Ok(card)
            };
            questions.iter().map(card).collect()
        })
        .await
    }
}

fn card(run: &Run, call: &Call, effects: Vec<EffectView>, blobs: &dyn Blobs) -> GuardCard {
    let caller = run.steps.get(&call.caller.step.number);
    let miss = words::miss(&call.answer);
    let reading = Reading::default();
    let arguments = call.arguments.iter().enumerate().map(|(index, value)| {
        let caller = call.caller.clone();
        let handle = ValueHandle::Call { caller, ordinal: call.ordinal, index };
        argument(index, reading.tree(&handle, value, blobs), call.memo.as_ref())
    });
    GuardCard {
        run: run.id.to_string(),
        caller: call.caller.to_string(),
        caller_target: caller.map(|step| step.target.clone()).unwrap_or_default(),
        ordinal: call.ordinal,
        target: call.target.name.to_string(),
        reason: miss.map(words::missed).unwrap_or_default(),
        arguments: arguments.collect(),
        at: call.at.0,
        effects,
        renamed_from: Vec::new(),
        nearest: miss.and_then(|miss| {
            Some(GuardNearest {
                execution: miss.nearest.as_ref()?.execution.to_string(),
                result: result(run, &miss.nearest.as_ref()?.execution, blobs),
                differences: words::differences(miss),
            })
        }),
    }
}

fn result(run: &Run, id: &ExecutionId, blobs: &dyn Blobs) -> String {
    let followed = run.execution(id).and_then(|execution| follow(run, execution));
    let value = followed.and_then(|followed| followed.outcome.value());
    value.map(|value| value.decode(blobs).python(SHORT)).unwrap_or_default()
}

impl Answered for GetInputs {
    async fn answer(self, api: &Api) -> Result<Vec<InputView>, ApiError> {
        let inputs = api.following().recent().inputs();
        let blobs = api.blobs().clone();
        api.read(move |_| Ok(inputs.iter().map(|input| view(input, &blobs)).collect())).await
    }
}

fn view(input: &Input, blobs: &dyn Blobs) -> InputView {
    InputView {
        input: input.id.to_string(),
        run: input.id.run.to_string(),
        title: input.title.clone(),
        prompt: fill(&input.template, &input.placeholders, blobs).0,
        schema: input.schema.clone(),
        initial: input.initial.as_ref().map(|initial| initial.text().to_owned()),
        actions: input.actions.clone(),
        at: input.created_at.0,
    }
}
