//! More of a value, and values as text.

use hindcast_model::Data;

use crate::api::Answered;
use crate::calls::{CopyValue, GetTop, GetValue};
use crate::choice::TextForm;
use crate::handle::ValueHandle;
use crate::json::plain_json;
use crate::tree::{at, page, size, tree};
use crate::view::{ValuePage, ValueTree};
use crate::{Api, ApiError, ErrorCode};

/// How long a text is at most that the window copies, in bytes.
const LONGEST: usize = 1 << 20;

pub(crate) fn no_node() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "the value has no such node")
}

impl Answered for GetTop {
    async fn answer(self, api: &Api) -> Result<ValueTree, ApiError> {
        let blobs = api.blobs().clone();
        let loaded = api.loaded().clone();
        api.read(move |store| {
            let handle: ValueHandle = self.handle.parse()?;
            Ok(tree(&handle, &handle.find(store, &loaded)?.decode(&blobs)))
        })
        .await
    }
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
        let handle = self.handle.clone();
        let text = api.value_text(self).await?;
        if text.len() > LONGEST {
            let most = size(LONGEST as u64);
            let message = format!("{handle} is longer than {most}: save it as a file instead");
            return Err(ApiError::new(ErrorCode::BadRequest, message));
        }
        Ok(text)
    }
}

impl Api {
    /// A value as text, however long; the window gets what is not too long to be pasted.
    ///
    /// # Errors
    /// If there is no such value or node.
    pub async fn value_text(&self, what: CopyValue) -> Result<String, ApiError> {
        let (blobs, loaded) = (self.blobs().clone(), self.loaded().clone());
        self.read(move |store| {
            let handle: ValueHandle = what.handle.parse()?;
            let data = handle.find(store, &loaded)?.decode(&blobs);
            let node: &Data = at(&data, &what.path).ok_or_else(no_node)?;
            Ok(match what.form {
                TextForm::Python => node.python(usize::MAX),
                TextForm::Json => format!("{:#}", plain_json(node)),
            })
        })
        .await
    }
}
