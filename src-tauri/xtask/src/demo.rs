//! `cargo xtask demo`: the demo run in the window, or, without a display, its picture and its story.

mod story;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use hindcast_demo::{Project, Sdk, unreachable_outside};

use crate::command::{command, run};
use crate::display::{self, Virtual};
use crate::setup::{debian, node, python};
use crate::{Failure, Result, paths};

/// Installs, builds, imports, and shows.
///
/// # Errors
/// When something cannot be installed or built, or Hindcast does not do what the story says.
pub(crate) fn demo() -> Result {
    let headless = !display::is_there();
    debian::ensure(if headless { &[debian::BUILD, debian::DISPLAY] } else { &[debian::BUILD] })?;
    node::ensure_modules()?;
    python::ensure(&Sdk::NEWEST)?;
    node::ensure_built()?;
    println!("Building Hindcast: some minutes the first time, seconds after that.");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(&mut command(
        cargo,
        ["build", "--quiet", "--package=hindcast-cli", "--package=hindcast-desktop"],
    ))?;

    let demo = Demo::new(if headless { Begin::Anew } else { Begin::WhereLeft })?;
    demo.import()?;
    if headless {
        demo.pictures()?;
        story::tell(&demo)
    } else {
        println!("\nThe demo run is open. Step 36 is red: select it and re-run it.");
        println!("Its code is in {}: edit it, and re-run.", demo.project.folder().display());
        run(&mut demo.window())
    }
}

/// Whether what a person did in the demo before is kept.
#[derive(Clone, Copy, PartialEq)]
enum Begin {
    Anew,
    WhereLeft,
}

/// The demo's own store and project, away from anything of the user's.
struct Demo {
    folder: PathBuf,
    project: Project,
}

impl Demo {
    fn new(begin: Begin) -> Result<Self> {
        let folder = paths::target().join("demo");
        let project = folder.join("shop");
        if begin == Begin::Anew {
            for part in [&folder.join("store"), &project] {
                if part.exists() {
                    fs::remove_dir_all(part).map_err(Failure::io("remove", part))?;
                }
            }
        }
        let project = if project.join("shop").is_dir() {
            Project::at(&paths::shop(), &project)
        } else {
            set_up(&project).map_err(Failure::io("write", &project))?
        };
        Ok(Self { folder, project })
    }

    fn import(&self) -> Result {
        let [failed, well] = ["R6Lf.json", "RPX9.json"].map(|name| paths::shop().join(name));
        run(self.hindcast(["import"]).args([failed, well]))
    }

    /// `hindcast` on the demo's store.
    fn hindcast<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = command(paths::built("hindcast"), arguments);
        command.env("HINDCAST_STORE", self.folder.join("store"));
        command
    }

    /// The window on the demo's store; its project is trusted for as long as it is open.
    fn window(&self) -> Command {
        let mut command =
            command(paths::built("hindcast-desktop"), ["--trust-project", "--project"]);
        command.arg(self.project.folder()).arg("--store").arg(self.folder.join("store"));
        command
    }

    fn pictures(&self) -> Result {
        for (name, theme) in [("window.png", "Adwaita"), ("window-dark.png", "Adwaita:dark")] {
            let file = self.folder.join(name);
            shoot(self.window().env("GTK_THEME", theme), &self.folder, &file)?;
            println!("A picture of the window: {}", file.display());
        }
        Ok(())
    }
}

/// The shop's project, with the SDK, and payment and mail where nothing listens.
fn set_up(folder: &Path) -> io::Result<Project> {
    let project = Project::copy(&paths::shop(), folder)?;
    project.use_environment(&Sdk::NEWEST.environment(&paths::target()))?;
    project.set_variables(&unreachable_outside())?;
    Ok(project)
}

fn shoot(window: &mut Command, folder: &Path, file: &Path) -> Result {
    let display = Virtual::start(1440, 900, folder)?;
    display.open_on(window);
    let opened = window.spawn();
    let mut opened =
        opened.map_err(|error| Failure::new(format!("cannot open the window: {error}")))?;
    let shot = display.picture("Hindcast", file);
    let _ = opened.kill();
    let _ = opened.wait();
    shot
}
