//! How values are written in an environment.

use hindcast_model::{EncodingChoice, EnvironmentName, Numbers};
use hindcast_store::Store;

use crate::api::Answered;
use crate::calls::{GetEncodings, SetEncoding};
use crate::view::{ApiEvent, EncodingView};
use crate::{Api, ApiError};

impl Answered for GetEncodings {
    async fn answer(self, api: &Api) -> Result<Vec<EncodingView>, ApiError> {
        let views = |store: &Store| {
            let environments = store.environments()?;
            environments.iter().map(|one| view(store, one.name.as_str())).collect()
        };
        api.read(views).await
    }
}

impl Answered for SetEncoding {
    async fn answer(self, api: &Api) -> Result<EncodingView, ApiError> {
        let set = move |store: &Store| {
            let name: EnvironmentName = self.environment.parse()?;
            let environments = store.environments()?;
            let environment = environments
                .named(&name)
                .ok_or_else(|| ApiError::not_found("environment", &name))?;
            let choice = EncodingChoice {
                threshold: self.blob_threshold.map(|bytes| bytes as usize),
                numbers: self.number_round_trip.map(|round_trip| {
                    if round_trip { Numbers::RoundTrip } else { Numbers::AsSent }
                }),
            };
            store.set_encoding(environment.id, choice)?;
            view(store, name.as_str())
        };
        let view = api.with_store(set).await?;
        api.tell(ApiEvent::OverviewChanged);
        Ok(view)
    }
}

fn view(store: &Store, name: &str) -> Result<EncodingView, ApiError> {
    let environments = store.environments()?;
    let environment = environments
        .named(&name.parse()?)
        .ok_or_else(|| ApiError::not_found("environment", name))?;
    let (encoding, own) = (store.encoding(environment.id)?, store.encoding_choice(environment.id)?);
    let bytes = |threshold: usize| u32::try_from(threshold).unwrap_or(u32::MAX);
    Ok(EncodingView {
        environment: name.to_owned(),
        blob_threshold: bytes(encoding.threshold),
        number_round_trip: encoding.numbers == Numbers::RoundTrip,
        own_blob_threshold: own.threshold.map(bytes),
        own_number_round_trip: own.numbers.map(|numbers| numbers == Numbers::RoundTrip),
    })
}
