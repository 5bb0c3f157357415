//! `hindcast submit`

use hindcast_api::Api;
use hindcast_api::calls::Submit as Wish;
use hindcast_api::choice::TextForm;

use super::{background, project, rerun};
use crate::arguments::Submit;
use crate::exit::Done;
use crate::screen::Screen;

pub(crate) async fn run(api: &Api, screen: &mut Screen, submit: Submit) -> Done {
    if submit.no_wait && !background::is_here() {
        return background::start(screen, submit.json.json);
    }
    project::choose(api, submit.project)?;
    let Submit { target, arguments, literals, environment, json, .. } = submit;
    let form = literals.then_some(TextForm::Python);
    let (started, notes) = api.submit(Wish { target, arguments, environment, form }).await?;
    if background::is_here() {
        return background::work(&started, notes).await;
    }
    rerun::follow(api, screen, &started, notes, json.json).await
}
