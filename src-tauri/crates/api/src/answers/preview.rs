//! What a throw-away Python of the project says of an object.

use std::sync::Arc;

use hindcast_engine::{EngineError, Object};
use hindcast_model::{Blobs, Data, Fragment};

use crate::api::Answered;
use crate::calls::PreviewValue;
use crate::handle::ValueHandle;
use crate::tree::at;
use crate::view::ObjectPreview;
use crate::{Api, ApiError, ErrorCode};

/// The largest object that is loaded, in bytes.
const LARGEST: usize = 256 << 20;

impl Answered for PreviewValue {
    async fn answer(self, api: &Api) -> Result<ObjectPreview, ApiError> {
        let project = Arc::new(api.trusted_project().await?);
        let (blobs, loaded) = (api.blobs().clone(), api.loaded().clone());
        let object = api
            .read(move |store| {
                let handle: ValueHandle = self.handle.parse()?;
                let data = handle.find(store, &loaded)?.decode(&blobs);
                object(at(&data, &self.path).ok_or_else(super::value::no_node)?, &blobs)
            })
            .await?;
        let engine = api.engine().await?;
        let found = engine.preview(project, object).await.map_err(|error| failed(&error))?;
        serde_json::from_value(found)
            .map_err(|error| ApiError::internal("the preview has another form", error))
    }
}

/// The pickle or table at a node.
fn object(node: &Data, blobs: &dyn Blobs) -> Result<Object, ApiError> {
    let bad = |message: &str| Err(ApiError::new(ErrorCode::BadRequest, message));
    let Data::Fragment(Fragment { format, key, .. }) = node else {
        return bad("what stands there is no object that needs loading");
    };
    if !matches!(format.as_str(), "pickle" | "parquet") {
        return bad("what stands there is shown without loading it");
    }
    let Some(bytes) = blobs.get(key) else {
        let message = format!("its blob {key} is not in the store");
        return Err(ApiError::new(ErrorCode::NotFound, message));
    };
    if bytes.len() > LARGEST {
        return bad("it is too large to be loaded for a look: save it instead");
    }
    Ok(Object { format: format.clone(), bytes })
}

/// The first line says what went wrong, the rest is a traceback.
fn failed(error: &EngineError) -> ApiError {
    let text = error.to_string();
    match text.split_once('\n') {
        Some((first, rest)) => {
            let last = rest.lines().next_back().unwrap_or_default();
            let message = format!("{} {last}", first.trim());
            ApiError::new(ErrorCode::BadRequest, message).with_detail(rest)
        }
        None => ApiError::new(ErrorCode::BadRequest, text),
    }
}
