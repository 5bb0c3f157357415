//! The system calls of a program and its threads, as strace tells them.

use std::path::Path;
use std::process::Command;

/// Calls of one program, one a line: `PID name(arguments) = result`.
pub(crate) struct Trace {
    calls: Vec<String>,
}

/// Calls that change what files there are, or what they are.
const CHANGES: [&str; 20] = [
    "creat",
    "mkdir",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "truncate",
    "chmod",
    "fchmodat",
    "chown",
    "mknod",
    "mknodat",
    "utimensat",
];

impl Trace {
    /// A strace that writes to `file`, to be given a program.
    pub(crate) fn command(file: &Path) -> Command {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-s", "4096", "-e", "trace=%process,%network,%file"]);
        strace.args(["-e", "signal=none", "-o"]).arg(file);
        strace
    }

    pub(crate) fn read(file: &Path) -> Self {
        let text = std::fs::read(file).unwrap();
        let text = String::from_utf8_lossy(&text);
        // A call that another thread interrupted is in two lines; the first has its arguments.
        let begun = text.lines().filter(|line| !line.contains(" resumed>"));
        Self { calls: begun.map(str::to_owned).collect() }
    }

    /// How many files in `folder` were opened for writing.
    pub(crate) fn opened_for_writing(&self, folder: &Path) -> usize {
        let calls = self.calls.iter().filter(|call| writes(call) && within(call, folder));
        calls.count()
    }

    /// Everything that a program which only writes in `folder` does not do.
    pub(crate) fn offences(&self, folder: &Path) -> Vec<String> {
        let started = self.calls.iter().filter(|call| name(call).starts_with("execve"));
        let started = started.skip(1);
        let forbidden = self.calls.iter().filter(|call| {
            let name = name(call);
            let forks = matches!(name, "fork" | "vfork")
                || name.starts_with("clone") && !call.contains("CLONE_THREAD");
            // A pair of sockets leads nowhere but to itself; tokio wakes itself through one.
            let connects =
                NETWORK.contains(&name) || name == "socketpair" && !call.contains("AF_UNIX");
            let changes = (writes(call) || CHANGES.contains(&name)) && !within(call, folder);
            forks || connects || changes
        });
        started.chain(forbidden).cloned().collect()
    }
}

/// Calls that reach out.
const NETWORK: [&str; 10] = [
    "socket", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg",
    "recvfrom",
];

fn name(call: &str) -> &str {
    let call = call.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    call.split('(').next().unwrap_or_default()
}

/// Whether the call opens a file for more than reading.
fn writes(call: &str) -> bool {
    let opens = matches!(name(call), "open" | "openat" | "openat2");
    // Only what stands after the path: a path can be called anything.
    let flags = call.rsplit('"').next().unwrap_or_default();
    opens && ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| flags.contains(flag))
}

/// Whether every path that the call names is in `folder`, or is it.
fn within(call: &str, folder: &Path) -> bool {
    let paths: Vec<&str> = call.split('"').skip(1).step_by(2).collect();
    let inside = |path: &&str| {
        let path = Path::new(path);
        path.starts_with(folder) && !path.components().any(|part| part.as_os_str() == "..")
    };
    !paths.is_empty() && paths.iter().all(inside)
}
