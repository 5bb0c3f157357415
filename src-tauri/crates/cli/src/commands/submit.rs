//! `hindcast submit`

use hindcast_api::Api;
use hindcast_api::calls::Submit as Wish;

use super::{background, project, rerun};
use crate::arguments::Submit;
use crate::exit::Done;
use crate::screen::Screen;

pub(crate) async fn run(api: &Api, screen: &mut Screen, submit: Submit) -> Done {
    if submit.no_wait && !background::is_here() {
        return background::start(screen, submit.json.json);
    }
    project::choose(api, submit.project)?;
    let Submit { target, arguments, environment, json, .. } = submit;
    let (started, notes) = api.submit(Wish { target, arguments, environment }).await?;
    if background::is_here() {
        return background::work(&started, notes).await;
    }
    rerun::follow(api, screen, &started, notes, json.json).await
}
