//! The window's watch.

use crate::api::Answered;
use crate::calls::{GetWatch, Unwatch, Watch};
use crate::view::WatchView;
use crate::{Api, ApiError};

impl Answered for Watch {
    async fn answer(self, api: &Api) -> Result<WatchView, ApiError> {
        api.begin_watch(self.rerun).await
    }
}

impl Answered for Unwatch {
    async fn answer(self, api: &Api) -> Result<(), ApiError> {
        api.end_watch();
        Ok(())
    }
}

impl Answered for GetWatch {
    async fn answer(self, api: &Api) -> Result<Option<WatchView>, ApiError> {
        Ok(api.watch_view())
    }
}
