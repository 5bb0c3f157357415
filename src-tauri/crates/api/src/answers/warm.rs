//! Warm Pythons, the code that would run, and how much runs at once.

use hindcast_engine::snapshot::Snapshots;
use hindcast_engine::warm::{Warm, WarmReport, WarmState};

use crate::api::Answered;
use crate::calls::{GetCode, GetWarm};
use crate::view::{CodeView, PreloadedView, WarmStateView, WarmView};
use crate::{Api, ApiError, ErrorCode};

/// The setting that says how many bodies run at once: a number, or nothing for as many
/// as Coflux's own worker.
pub(crate) const SLOTS: &str = "slots";

/// The setting that says whether Pythons are warmed: `on` or `off`.
pub(crate) const WARM: &str = "warm";

/// More bodies at once than this are of no use to anybody.
const MOST_SLOTS: usize = 1024;

impl Answered for GetWarm {
    async fn answer(self, api: &Api) -> Result<WarmView, ApiError> {
        let project = api.trusted_project().await?;
        let report = api.engine().await?.warm(project.into(), self.start).await?;
        Ok(view(report))
    }
}

impl Answered for GetCode {
    async fn answer(self, api: &Api) -> Result<CodeView, ApiError> {
        code_now(api).await
    }
}

/// The code that a re-run begun now would run. Runs nothing.
pub(crate) async fn code_now(api: &Api) -> Result<CodeView, ApiError> {
    let project = api.trusted_project().await?;
    let folder = api.folder().join("code");
    let held = tokio::task::spawn_blocking(move || project.held(&Snapshots::new(folder)));
    let held = held.await.map_err(|error| ApiError::internal("cannot read the code", error))?;
    Ok(match held.snapshot() {
        Some(snapshot) => CodeView {
            snapshot: Some(snapshot.key().to_string()),
            files: u32::try_from(snapshot.count()).unwrap_or(u32::MAX),
            bytes: number(snapshot.bytes()),
            reason: None,
        },
        None => CodeView {
            snapshot: None,
            files: 0,
            bytes: 0.0,
            reason: held.why_not_held().map(ToString::to_string),
        },
    })
}

/// What a setting's value must be, if it is one of these.
pub(crate) fn check(key: &str, value: &str) -> Result<(), ApiError> {
    let wanted = match key {
        SLOTS if value.is_empty() || slots(value).is_some() => return Ok(()),
        SLOTS => format!("a number from 1 to {MOST_SLOTS}, or nothing"),
        WARM if matches!(value, "on" | "off" | "") => return Ok(()),
        WARM => "on or off".to_owned(),
        _ => return Ok(()),
    };
    let message = format!("the setting {key} cannot be {value:?}: it is {wanted}");
    Err(ApiError::new(ErrorCode::BadRequest, message))
}

/// A number of slots.
pub(crate) fn slots(text: &str) -> Option<usize> {
    text.parse().ok().filter(|slots| (1..=MOST_SLOTS).contains(slots))
}

/// When Pythons are warmed: as the environment says, else as the setting does; a process that stays
/// warms them at once.
pub(crate) fn mode(setting: Option<&str>, stays: bool) -> Warm {
    let usual = if stays { Warm::AtOnce } else { Warm::WhenWorthIt };
    Warm::from_environment().unwrap_or(if setting == Some("off") { Warm::Off } else { usual })
}

fn view(report: WarmReport) -> WarmView {
    let (state, reason) = match report.state {
        WarmState::Off(why) => (WarmStateView::Off, Some(why)),
        WarmState::Cold => (WarmStateView::Cold, None),
        WarmState::Starting => (WarmStateView::Starting, None),
        WarmState::Ready => (WarmStateView::Ready, None),
        WarmState::Failed(why) => (WarmStateView::Failed, Some(why)),
    };
    let count = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let preloaded = report.preloaded.into_iter().map(|module| PreloadedView {
        name: module.name,
        ms: module.ms,
        modules: module.modules,
    });
    WarmView {
        project: report.project.to_string_lossy().into_owned(),
        command: report.command,
        state,
        reason,
        pid: report.pid,
        memory: number(report.memory),
        forks: count(report.forks),
        alive: count(report.alive as u64),
        preloaded: preloaded.collect(),
        left: report.left,
        replaced: report.replaced,
        problem: report.problem,
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn number(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_means_nothing_is_refused() {
        for (key, value) in [("slots", "0"), ("slots", "-1"), ("slots", "many"), ("warm", "warm")] {
            assert!(check(key, value).is_err(), "{key} {value}");
        }
        for (key, value) in [("slots", "200"), ("slots", ""), ("warm", "off"), ("theme", "0")] {
            assert!(check(key, value).is_ok(), "{key} {value}");
        }
    }
}
