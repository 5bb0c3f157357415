//! More of a value, and values as text.

use hindcast_model::Data;

use crate::api::Answered;
use crate::calls::{CopyValue, GetValue};
use crate::choice::TextForm;
use crate::handle::ValueHandle;
use crate::json::plain_json;
use crate::tree::{at, page};
use crate::view::ValuePage;
use crate::{Api, ApiError, ErrorCode};

/// How long a copied text is at most, in characters.
const LONGEST: usize = 50_000_000;

pub(crate) fn no_node() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "the value has no such node")
}

impl Answered for GetValue {
    async fn answer(self, api: &Api) -> Result<ValuePage, ApiError> {
        let blobs = api.blobs().clone();
        let loaded = api.loaded().clone();
        api.read(move |store| {
            let handle: ValueHandle = self.handle.parse()?;
            let data = handle.find(store, &loaded)?.decode(&blobs);
            page(&data, &self.path, self.offset, self.limit, &blobs).ok_or_else(no_node)
        })
        .await
    }
}

impl Answered for CopyValue {
    async fn answer(self, api: &Api) -> Result<String, ApiError> {
        let blobs = api.blobs().clone();
        let loaded = api.loaded().clone();
        api.read(move |store| {
            let handle: ValueHandle = self.handle.parse()?;
            let data = handle.find(store, &loaded)?.decode(&blobs);
            let node: &Data = at(&data, &self.path).ok_or_else(no_node)?;
            Ok(match self.form {
                TextForm::Python => node.python(LONGEST),
                TextForm::Json => format!("{:#}", plain_json(node)),
            })
        })
        .await
    }
}
