//! What the desktop is told while the window is not in front: that a re-run ended, that the guard or
//! an input asks.

use std::time::{Duration, SystemTime};

use hindcast_api::Api;
use hindcast_api::calls::{GetActivity, GetGuard, GetInputs, GetSetting};
use hindcast_api::view::{Activity, ApiEvent};
use tauri::{AppHandle, Manager, Runtime};

use crate::arguments::Wishes;
use crate::{front, wishes};

/// What was over sooner needs no word: the person is still there.
const LONG: Duration = Duration::from_secs(5);

/// The setting that turns it off.
const SETTING: &str = "notifications";

/// What the person was told of already.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    questions: usize,
}

/// A word to the person, and where it leads.
struct Notice {
    title: String,
    text: String,
    link: Option<String>,
}

impl Notices {
    /// Tells what the person would miss.
    pub(crate) async fn hear<R: Runtime>(
        &mut self,
        app: &AppHandle<R>,
        api: &Api,
        event: &ApiEvent,
    ) {
        let notice = match event {
            ApiEvent::RerunEnded { run, steps, succeeded, at } => {
                let activity = api.ask(GetActivity {}).await.ok();
                activity.and_then(|activity| ended(run, steps, *succeeded, since(*at)?, &activity))
            }
            ApiEvent::ActivityChanged => self.asked(api).await,
            _ => None,
        };
        let Some(notice) = notice else { return };
        if !in_front(app) && wanted(api).await {
            show(app.clone(), notice);
        }
    }

    /// What asks now and did not before.
    async fn asked(&mut self, api: &Api) -> Option<Notice> {
        let cards = api.ask(GetGuard {}).await.ok()?;
        let inputs = api.ask(GetInputs {}).await.ok()?;
        let questions = cards.len() + inputs.len();
        let new = questions > self.questions;
        self.questions = questions;
        if !new {
            return None;
        }
        if let Some(card) = cards.last() {
            let step = card.caller.rsplit_once(':').map_or(&*card.caller, |(step, _)| step);
            return Some(Notice {
                title: format!("{} would run for real", card.target),
                text: format!("{} waits at the guard.", card.caller_target),
                link: Some(format!("hindcast://{step}")),
            });
        }
        let input = inputs.last()?;
        Some(Notice {
            title: input.title.clone().unwrap_or_else(|| "An input is asked for".to_owned()),
            text: format!("Run {} waits for it.", input.run),
            link: Some(format!("hindcast://{}", input.run)),
        })
    }
}

/// How long ago that was; none for what is yet to come.
fn since(at: i64) -> Option<Duration> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    now.checked_sub(Duration::from_millis(u64::try_from(at).ok()?))
}

/// That a re-run ended, if it took so long that the person may have turned to something else.
fn ended(
    run: &str,
    steps: &[String],
    succeeded: bool,
    took: Duration,
    activity: &Activity,
) -> Option<Notice> {
    if took < LONG {
        return None;
    }
    let what = match steps {
        [step] => step.clone(),
        _ => format!("{} steps of {run}", steps.len()),
    };
    let how = if succeeded { "succeeded" } else { "did not end with a value" };
    let Activity { ran, pinned, .. } = activity;
    Some(Notice {
        title: format!("{what} {how}"),
        text: format!("{ran} ran, {pinned} pinned, after {} s.", took.as_secs()),
        link: steps.first().map(|step| format!("hindcast://{step}")),
    })
}

fn in_front<R: Runtime>(app: &AppHandle<R>) -> bool {
    let window = app.get_webview_window("main");
    window.is_none_or(|window| window.is_focused().unwrap_or(true))
}

async fn wanted(api: &Api) -> bool {
    let setting = api.ask(GetSetting { key: SETTING.to_owned() }).await;
    !matches!(setting.ok().flatten().as_deref(), Some("off"))
}

/// Shows it. A desktop that has no place for it shows nothing.
fn show<R: Runtime>(app: AppHandle<R>, notice: Notice) {
    // It waits for the person, who may take their time.
    let wait = move || {
        let mut notification = notify_rust::Notification::new();
        notification.appname("Hindcast").summary(&notice.title).body(&plain(&notice.text));
        #[cfg(all(unix, not(target_os = "macos")))]
        {
            notification.action("default", "Show");
            let Ok(shown) = notification.show() else { return };
            shown.wait_for_action(|action| {
                if action == "default" {
                    if let Some(link) = notice.link {
                        wishes::take(&app, Wishes::link(link));
                    }
                    front::bring(&app);
                }
            });
        }
        #[cfg(not(all(unix, not(target_os = "macos"))))]
        {
            let _ = (notification.show(), notice.link, app);
        }
    };
    // Without a thread there is no notice, and nothing else is lost.
    let _ = std::thread::Builder::new().name("notice".to_owned()).spawn(wait);
}

/// Text as text: some desktops take markup in what they show.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_took_long_is_told_and_leads_to_its_step() {
        let activity = Activity {
            items: Vec::new(),
            running: 0,
            pinned: 35,
            ran: 2,
            stopped: 0,
            rerun: None,
            debug: Vec::new(),
        };
        let told = |steps: &[&str], succeeded, seconds| {
            let steps: Vec<String> = steps.iter().map(|&step| step.to_owned()).collect();
            let took = Duration::from_secs(seconds);
            let notice = ended("R6Lf", &steps, succeeded, took, &activity)?;
            Some((notice.title, notice.text, notice.link?))
        };
        let notice = |title: &str, text: &str, link: &str| {
            Some((title.to_owned(), text.to_owned(), link.to_owned()))
        };
        assert_eq!(told(&["R6Lf:1"], true, 4), None);
        assert_eq!(
            told(&["R6Lf:1"], true, 61),
            notice("R6Lf:1 succeeded", "2 ran, 35 pinned, after 61 s.", "hindcast://R6Lf:1")
        );
        assert_eq!(
            told(&["R6Lf:3", "R6Lf:20"], false, 5),
            notice(
                "2 steps of R6Lf did not end with a value",
                "2 ran, 35 pinned, after 5 s.",
                "hindcast://R6Lf:3"
            )
        );
    }

    #[test]
    fn markup_in_what_is_told_is_text() {
        assert_eq!(plain("<a href=\"x\">&</a>"), "&lt;a href=\"x\"&gt;&amp;&lt;/a&gt;");
    }
}
