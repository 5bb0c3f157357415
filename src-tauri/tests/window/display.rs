//! A display in memory, with a mouse.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// How much room there is beside the app's own window, to drag from.
const BESIDE: u32 = 200;
const APP: (u32, u32) = (1440, 900);

/// An X server of its own; what is open on it ends with it.
pub(crate) struct Display {
    _server: Process,
    name: String,
}

impl Display {
    pub(crate) fn start() -> Self {
        let size = format!("{}x{}x24", APP.0 + BESIDE, APP.1);
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

    /// Drags these files, as out of a file manager, onto the middle of the app's window.
    pub(crate) fn drop_files(&self, files: &[&Path]) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/window/drag_source.py");
        let (x, y) = (APP.0 + 50, 50);
        let mut command = self.command("/usr/bin/python3");
        command.arg(script).args([x.to_string(), y.to_string()]).args(files);
        let mut source = Process::start(&mut command);
        assert_eq!(source.line(), "ready");

        self.mouse(&["mousemove", &(x + 50).to_string(), &(y + 50).to_string(), "mousedown", "1"]);
        // GTK begins a drag at some distance and asks on the way who would take it, so the mouse has
        // to travel; this is the mouse's own time, not a wait for the app.
        for step in 1..=9 {
            let x = x + 50 - step * (x + 50 - APP.0 / 2) / 9;
            let y = y + 50 + step * (APP.1 / 2 - y - 50) / 9;
            self.mouse(&["mousemove", &x.to_string(), &y.to_string()]);
            sleep(Duration::from_millis(50));
        }
        sleep(Duration::from_millis(300));
        self.mouse(&["mouseup", "1"]);
        assert_eq!(source.line(), "ended");
    }

    fn mouse(&self, arguments: &[&str]) {
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
