//! `hindcast settings`

use clap::{Args, Subcommand, ValueEnum};
use hindcast_api::Api;
use hindcast_api::calls::{
    GetOverview, GetProjectSettings, GetSetting, SetProject, SetProjectSettings, SetSetting,
    TrustProject, UntrustProject,
};
use hindcast_api::view::{ProjectSettings, ProjectView, Variable};
use serde_json::json;

use super::absolute;
use crate::arguments::Json;
use crate::exit::{Done, Exit, Failure};
use crate::screen::{Ink, Screen};

/// `hindcast settings`
#[derive(Debug, Args)]
pub(crate) struct Settings {
    #[command(subcommand)]
    pub(crate) command: SettingsCommand,
}

/// What to do with settings.
#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Show them.
    List(Json),
    /// Set one of the person's own.
    Set {
        /// Which.
        #[arg(value_enum)]
        name: Name,
        /// Its value: for the editor a command, with {file} and {line} where they belong; for the
        /// theme system, light or dark; for the text size a percentage; for notifications on or off;
        /// for slots how many bodies run at once; for warm on or off: whether executions are forks of
        /// a Python that has imported what they need.
        value: String,
    },
    /// Choose the project that the window and re-runs without --project use, and say how its steps
    /// are run.
    Project(Project),
}

/// `hindcast settings project`
#[derive(Debug, Args)]
pub(crate) struct Project {
    /// The folder with the Python code.
    pub(crate) folder: std::path::PathBuf,
    /// Its code may run from now on.
    #[arg(long, conflicts_with = "untrust")]
    pub(crate) trust: bool,
    /// Its code may not run any more, until it is trusted again.
    #[arg(long)]
    pub(crate) untrust: bool,
    /// The Python with the Coflux SDK.
    #[arg(long, value_name = "PATH", conflicts_with = "adapter")]
    pub(crate) python: Option<std::path::PathBuf>,
    /// The command that speaks the SDK's protocol, in place of `python -m coflux`.
    #[arg(long, value_name = "CMD")]
    pub(crate) adapter: Option<String>,
    /// An environment variable for the steps; of several of one name the last counts.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub(crate) variables: Vec<String>,
    /// First forget the interpreter, the command and the variables that are set.
    #[arg(long)]
    pub(crate) reset: bool,
}

/// A setting of the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    Editor,
    Theme,
    TextSize,
    Notifications,
    Slots,
    Warm,
}

impl Name {
    const ALL: [Self; 6] =
        [Self::Editor, Self::Theme, Self::TextSize, Self::Notifications, Self::Slots, Self::Warm];

    fn key(self) -> &'static str {
        match self {
            Self::Editor => "editor",
            Self::Theme => "theme",
            Self::TextSize => "textSize",
            Self::Notifications => "notifications",
            Self::Slots => "slots",
            Self::Warm => "warm",
        }
    }

    fn word(self) -> &'static str {
        if self == Self::TextSize { "text-size" } else { self.key() }
    }

    /// Whether the window would understand the value.
    fn check(self, value: &str) -> Result<(), Failure> {
        let fine = match self {
            Self::Editor => value.is_empty() || hindcast_api::shell_words(value).is_ok(),
            Self::Theme => matches!(value, "system" | "light" | "dark"),
            Self::TextSize => value.parse().is_ok_and(|size: u32| (80..=200).contains(&size)),
            Self::Notifications | Self::Warm => matches!(value, "on" | "off"),
            Self::Slots => value.parse().is_ok_and(|slots: u16| (1..=1024).contains(&slots)),
        };
        let wanted = match self {
            Self::Editor => "a command, such as code --goto {file}:{line}",
            Self::Theme => "system, light or dark",
            Self::TextSize => "a percentage from 80 to 200",
            Self::Notifications | Self::Warm => "on or off",
            Self::Slots => "a number from 1 to 1024",
        };
        if fine {
            return Ok(());
        }
        Err(Failure::Usage(format!("{} {value}: must be {wanted}", self.word())))
    }
}

pub(crate) async fn run(api: &Api, screen: &mut Screen, settings: Settings) -> Done {
    match settings.command {
        SettingsCommand::List(json) => list(api, screen, json).await,
        SettingsCommand::Set { name, value } => {
            name.check(&value)?;
            api.ask(SetSetting { key: name.key().to_owned(), value }).await?;
            Ok(Exit::Well)
        }
        SettingsCommand::Project(project) => set_project(api, screen, project).await,
    }
}

async fn list(api: &Api, screen: &mut Screen, json: Json) -> Done {
    let project = api.ask(GetOverview {}).await?.project;
    let mut own = serde_json::Map::new();
    for name in Name::ALL {
        let value = api.ask(GetSetting { key: name.key().to_owned() }).await?;
        own.insert(name.key().to_owned(), value.map_or(serde_json::Value::Null, Into::into));
    }
    let set = match &project {
        Some(project) => Some(api.ask(GetProjectSettings { path: project.path.clone() }).await?),
        None => None,
    };
    if json.json {
        own.insert("project".to_owned(), json!(project));
        own.insert("projectSettings".to_owned(), json!(set));
        screen.json(&own)?;
        return Ok(Exit::Well);
    }
    for name in Name::ALL {
        let value = own[name.key()].as_str().unwrap_or("(not set)").to_owned();
        screen.line(&format!("{:14} {}", name.word(), screen.ink(Ink::Plain, &value)))?;
    }
    match (project, set) {
        (Some(project), Some(set)) => show_project(screen, &project, &set)?,
        _ => screen.line("project        (none)")?,
    }
    Ok(Exit::Well)
}

fn show_project(
    screen: &mut Screen,
    project: &ProjectView,
    set: &ProjectSettings,
) -> Result<(), Failure> {
    let trusted = if project.trusted { "trusted" } else { "not trusted" };
    let mut lines = vec![("project", format!("{} ({trusted})", project.path))];
    lines.extend(project.adapter.iter().map(|words| ("  runs", words.join(" "))));
    lines.extend(sdk(project).map(|sdk| ("  sdk", sdk)));
    lines.extend(set.python.iter().map(|python| ("  python", python.clone())));
    lines.extend(set.adapter.iter().map(|command| ("  adapter", command.clone())));
    // Values may be secrets, and a terminal is looked at by others.
    lines.extend(set.variables.iter().map(|one| ("  variable", one.name.clone())));
    lines.extend(project.trouble.iter().map(|trouble| ("  trouble", trouble.sentence.clone())));
    for (what, text) in lines {
        screen.line(&format!("{what:14} {}", screen.ink(Ink::Plain, &text)))?;
    }
    Ok(())
}

/// Which SDK it has, and how it is spoken with.
fn sdk(project: &ProjectView) -> Option<String> {
    let version = project.coflux.as_ref()?;
    let how = if project.by_bridge { ", by the bridge" } else { "" };
    Some(format!("Coflux {version}{how}"))
}

async fn set_project(api: &Api, screen: &mut Screen, wish: Project) -> Done {
    let folder = absolute(&wish.folder)?;
    let mut project = api.ask(SetProject { path: folder }).await?;
    let path = project.path.clone();
    let mut set = if wish.reset {
        ProjectSettings::default()
    } else {
        api.ask(GetProjectSettings { path: path.clone() }).await?
    };
    if let Some(python) = wish.python {
        (set.python, set.adapter) = (Some(absolute(&python)?), None);
    }
    if let Some(command) = wish.adapter {
        (set.python, set.adapter) = (None, Some(command));
    }
    for variable in wish.variables {
        let (name, value) = super::project::split(&variable)?;
        set.variables.retain(|one| one.name != name);
        set.variables.push(Variable { name, value });
    }
    let settings = set.clone();
    project = api.ask(SetProjectSettings { path: path.clone(), settings }).await?;
    if wish.trust {
        project = api.ask(TrustProject { path }).await?;
    } else if wish.untrust {
        project = api.ask(UntrustProject { path }).await?;
    }
    show_project(screen, &project, &set)?;
    Ok(Exit::Well)
}
