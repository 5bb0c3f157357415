//! `hindcast cancel`

use hindcast_api::Api;
use hindcast_api::calls::Cancel as Wish;

use crate::arguments::Cancel;
use crate::exit::{Done, Exit};

pub(crate) async fn run(api: &Api, cancel: Cancel) -> Done {
    api.ask(Wish { execution: cancel.execution }).await?;
    Ok(Exit::Well)
}
