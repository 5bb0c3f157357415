//! A display in memory, with a mouse.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// How much room there is beside the largest window, to drag from.
const BESIDE: u32 = 200;
/// The largest window.
const LARGEST: (u32, u32) = (1920, 1080);
/// Where files are let go: within any window.
const MIDDLE: (u32, u32) = (640, 400);

/// An X server of its own; what is open on it ends with it.
pub(crate) struct Display {
    _server: Process,
    name: String,
}

impl Display {
    pub(crate) fn start() -> Self {
        let size = format!("{}x{}x24", LARGEST.0 + BESIDE, LARGEST.1);
        let arguments = ["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp"];
        let mut server = Process::start(Command::new("Xvfb").args(arguments).stderr(Stdio::null()));
        let name = format!(":{}", server.line());
        Self { _server: server, name }
    }

    /// A command whose windows open here.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY");
        command
    }

    /// Drags these files, as out of a file manager, onto the app's window.
    pub(crate) fn hold_files(&self, files: &[&Path]) -> Process {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/window/drag_source.py");
        let (x, y) = (LARGEST.0 + 50, 50);
        let mut command = self.command("/usr/bin/python3");
        command.arg(script).args([x.to_string(), y.to_string()]).args(files);
        let mut source = Process::start(&mut command);
        assert_eq!(source.line(), "ready");

        let (x, y) = (x + 50, y + 50);
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string(), "mousedown", "1"]);
        // GTK begins a drag at some distance and asks on the way who would take it, so the mouse has
        // to travel; this is the mouse's own time, not a wait for the app.
        for step in 1..=9 {
            let x = x - step * (x - MIDDLE.0) / 9;
            let y = y + step * (MIDDLE.1 - y) / 9;
            self.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
            sleep(Duration::from_millis(50));
        }
        source
    }

    /// Lets go of files that are held over the app's window, which knows it by now.
    pub(crate) fn let_go(&self, mut held: Process) {
        self.xdotool(&["mouseup", "1"]);
        assert_eq!(held.line(), "ended");
    }

    /// Makes the window of that title that large.
    pub(crate) fn resize(&self, title: &str, (width, height): (u32, u32)) {
        let (width, height) = (width.to_string(), height.to_string());
        self.xdotool(&["search", "--onlyvisible", "--name", title, "windowsize", &width, &height]);
    }

    /// Waits for the dialog of that title, and presses Return in it. (The bound only ends a test that
    /// would hang.)
    pub(crate) fn put_away(&self, title: &str) {
        let words = ["search", "--onlyvisible", "--name", title];
        for _ in 0..600 {
            let found = self.command("xdotool").args(words).output().expect("xdotool starts");
            if found.status.success() {
                let more = ["windowfocus", "--sync", "key", "Return"];
                return self.xdotool(&[&words[..], &more[..]].concat());
            }
            sleep(Duration::from_millis(100));
        }
        panic!("there is no dialog {title}");
    }

    fn xdotool(&self, arguments: &[&str]) {
        let status = self.command("xdotool").args(arguments).status().expect("xdotool starts");
        assert!(status.success(), "xdotool {arguments:?}: {status}");
    }
}

/// A child process that ends when dropped.
pub(crate) struct Process {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap_or_else(|error| {
            panic!("{} does not start: {error}", command.get_program().display())
        });
        let said = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, said }
    }

    /// The next line it says.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).expect("it says something");
        assert!(!line.is_empty(), "it ended: {:?}", self.child.wait());
        line.trim_end().to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
