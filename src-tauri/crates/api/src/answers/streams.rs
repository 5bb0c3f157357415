//! Streams that were produced here.

use hindcast_model::record::StoredRun;
use hindcast_model::{RunId, StepId, Stream, StreamEnd, StreamId};

use crate::api::Answered;
use crate::calls::{GetStreamItems, GetStreams};
use crate::view::{StreamItem, StreamPage, StreamView};
use crate::{Api, ApiError, ErrorCode};

/// How long an item is written at most, in characters.
const SHORT: usize = 10_000;

/// How many items are given at once.
const MOST: u32 = 1_000;

impl Answered for GetStreams {
    async fn answer(self, api: &Api) -> Result<Vec<StreamView>, ApiError> {
        let loaded = api.loaded().clone();
        api.read(move |store| {
            let run: RunId = self.run.parse()?;
            let step = self.step.as_deref().map(str::parse::<StepId>).transpose()?;
            let stored = &loaded.run(store, &run)?.stored;
            let wanted = |number| step.as_ref().is_none_or(|step| step.number == number);
            let streams = stored.streams.iter().filter(|((number, _), _)| wanted(*number));
            Ok(streams.map(|(key, stream)| view(stored, *key, stream)).collect())
        })
        .await
    }
}

fn view(stored: &StoredRun, (number, index): (u32, u32), stream: &Stream) -> StreamView {
    let id = StreamId { step: StepId::new(stored.run.id.clone(), number), index };
    let step = stored.run.steps.get(&number);
    StreamView {
        stream: id.to_string(),
        execution: stream.producer.to_string(),
        target: step.map(|step| step.target.clone()).unwrap_or_default(),
        items: u32::try_from(stream.length).unwrap_or(u32::MAX),
        ended: stream.end.as_ref().map(|end| end.reason().to_owned()),
        error: match &stream.end {
            Some(StreamEnd::Errored(error)) => Some(format!("{}: {}", error.kind, error.message)),
            _ => None,
        },
    }
}

impl Answered for GetStreamItems {
    async fn answer(self, api: &Api) -> Result<StreamPage, ApiError> {
        let (loaded, blobs) = (api.loaded().clone(), api.blobs().clone());
        api.read(move |store| {
            let id: StreamId = self.stream.parse().map_err(|_| {
                let message = format!("{} is no stream id: RUN:STEP_INDEX", self.stream);
                ApiError::new(ErrorCode::BadRequest, message)
            })?;
            let known = loaded.run(store, &id.step.run)?;
            let key = (id.step.number, id.index);
            let stream = known.stored.streams.get(&key);
            let stream = stream.ok_or_else(|| ApiError::not_found("stream", &id))?;
            let limit = u64::from(self.limit.min(MOST));
            let items = store.stream_items(&id, u64::from(self.offset), 1, limit)?;
            let item = |(place, value): (u64, hindcast_model::Value)| StreamItem {
                place: u32::try_from(place).unwrap_or(u32::MAX),
                python: value.decode(&blobs).python(SHORT),
            };
            let total = u32::try_from(stream.length).unwrap_or(u32::MAX);
            Ok(StreamPage { items: items.into_iter().map(item).collect(), total })
        })
        .await
    }
}
