//! `hindcast submit`

use hindcast_api::Api;
use hindcast_api::calls::Submit as Wish;

use super::{project, rerun};
use crate::arguments::Submit;
use crate::exit::Done;
use crate::screen::Screen;

pub(crate) async fn run(api: &Api, screen: &mut Screen, submit: Submit) -> Done {
    project::choose(api, submit.project)?;
    let Submit { target, arguments, environment, json, .. } = submit;
    let (started, notes) = api.submit(Wish { target, arguments, environment }).await?;
    rerun::follow(api, screen, &started, notes, json.json).await
}
