//! Settings of the window.

use crate::answers::warm::{SLOTS, WARM, check};
use crate::api::Answered;
use crate::calls::{GetSetting, SetSetting};
use crate::{Api, ApiError};

/// The window's settings stand apart from the store's own.
fn name(key: &str) -> String {
    format!("window/{key}")
}

impl Answered for GetSetting {
    async fn answer(self, api: &Api) -> Result<Option<String>, ApiError> {
        api.with_store(move |store| Ok(store.setting(&name(&self.key))?)).await
    }
}

impl Answered for SetSetting {
    async fn answer(self, api: &Api) -> Result<(), ApiError> {
        check(&self.key, &self.value)?;
        let for_engine = matches!(self.key.as_str(), SLOTS | WARM);
        api.with_store(move |store| Ok(store.set(&name(&self.key), Some(&self.value))?)).await?;
        if for_engine {
            api.configure_engine().await?;
        }
        Ok(())
    }
}
