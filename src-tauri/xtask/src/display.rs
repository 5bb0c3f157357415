//! Where there is no display: one in memory, and pictures of it.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::command::command;
use crate::{Failure, Result};

/// Whether a window could be opened for a person to see.
pub(crate) fn is_there() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"]
        .into_iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// An X server that draws into memory; ends when dropped.
pub(crate) struct Virtual {
    server: Child,
    name: String,
}

impl Virtual {
    /// Starts one, on a display number that it finds itself.
    pub(crate) fn start(width: u32, height: u32, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).map_err(Failure::io("make", folder))?;
        let said = folder.join("display");
        let file = fs::File::create(&said).map_err(Failure::io("write", &said))?;
        let size = format!("{width}x{height}x24");
        let arguments = ["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp"];
        let server = command("Xvfb", arguments)
            .stdout(file)
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Failure::new(format!("cannot start Xvfb: {error}")))?;
        let mut display = Self { server, name: String::new() };
        // Xvfb writes its number once it accepts windows.
        display.name = wait("Xvfb", || {
            let number = fs::read_to_string(&said).ok()?;
            number.ends_with('\n').then(|| format!(":{}", number.trim()))
        })?;
        Ok(display)
    }

    /// Lets a command's windows open here.
    pub(crate) fn open_on(&self, command: &mut Command) {
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY");
    }

    /// Saves what is on it, once a window is there and its picture has stopped changing.
    pub(crate) fn picture(&self, window: &str, file: &Path) -> Result {
        wait(&format!("the window {window}"), || self.has_window(window))?;
        let mut before = Vec::new();
        let mut same = 0;
        wait("a picture that stays the same", || {
            let now = self.shoot()?;
            same = if now == before && has_colours(&now) { same + 1 } else { 0 };
            before = now;
            // The first paint takes seconds on a busy machine, and an empty window is still, too.
            (same >= 4).then_some(())
        })?;
        fs::write(file, before).map_err(Failure::io("write", file))
    }

    fn has_window(&self, name: &str) -> Option<()> {
        let output = self.output("xdotool", ["search", "--onlyvisible", "--name", name])?;
        (!output.is_empty()).then_some(())
    }

    fn shoot(&self) -> Option<Vec<u8>> {
        self.output(
            "import",
            ["-window", "root", "-define", "png:exclude-chunks=date,time", "png:-"],
        )
    }

    fn output<const N: usize>(&self, program: &str, arguments: [&str; N]) -> Option<Vec<u8>> {
        let mut command = command(program, arguments);
        self.open_on(&mut command);
        let output = command.stderr(Stdio::null()).output().ok()?;
        output.status.success().then_some(output.stdout)
    }
}

impl Drop for Virtual {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A window with nothing painted yet is one colour, which a PNG holds in very little.
fn has_colours(png: &[u8]) -> bool {
    png.len() > 16 * 1024
}

/// Asks until there is an answer.
fn wait<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> Result<T> {
    const AT_MOST: Duration = Duration::from_secs(90);
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Ok(answer);
        }
        if begun.elapsed() > AT_MOST {
            return Err(Failure::new(format!("waited {} s for {what}", AT_MOST.as_secs())));
        }
        sleep(Duration::from_millis(250));
    }
}
