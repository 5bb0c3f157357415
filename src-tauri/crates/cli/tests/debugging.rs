//! `hindcast rerun --debug`, with a debug adapter's client (the Debug Adapter Protocol over TCP).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use hindcast_demo::Sdk;
use serde_json::{Value, json};
use tempfile::TempDir;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/shop");

/// The shop's project, and a store with production's run.
struct Desk {
    home: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { home: tempfile::tempdir().unwrap() };
        let package = desk.home.path().join("shop");
        fs::create_dir(&package).unwrap();
        for entry in fs::read_dir(Path::new(SHOP).join("shop")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, package.join(path.file_name().unwrap())).unwrap();
            }
        }
        let (run, blobs) = (Path::new(SHOP).join("R6Lf.json"), Path::new(SHOP).join("blobs"));
        let imported =
            desk.hindcast(&["import"]).arg(run).arg("--blobs").arg(blobs).output().unwrap();
        assert!(imported.status.success(), "{imported:?}");
        desk
    }

    fn code(&self) -> PathBuf {
        self.home.path().join("shop/workflows.py")
    }

    fn hindcast(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hindcast"));
        command.arg("--store").arg(self.home.path().join("store")).args(words);
        command
    }

    fn rerun(&self, words: &[&str]) -> Command {
        let python = Sdk::NEWEST.for_tests(target());
        let mut command = self.hindcast(&["rerun", "--json", "--project"]);
        command.arg(self.home.path()).arg("--python").arg(python).args(words);
        command
    }

    /// What a run that begins here prints.
    fn submit(&self, target: &str, words: &[&str]) -> Vec<u8> {
        let mut submit = self.hindcast(&["submit", target, "--project"]);
        submit.arg(self.home.path()).arg("--python").arg(Sdk::NEWEST.for_tests(self::target()));
        submit.args(words).output().unwrap().stdout
    }

    /// A re-run under a debugger, which has attached, with these breakpoints in the project's code.
    fn debug(&self, words: &[&str], breakpoints: &[usize]) -> (Rerun, Client) {
        let debugpy = hindcast_demo::debugpy_for_tests(target());
        let mut rerun = self.rerun(&["--debug", "--var"]);
        rerun.arg(format!("PYTHONPATH={}", debugpy.display()));
        rerun.args(["--debug-port", &free_port().to_string()]).args(words);
        Self::attach(rerun, &self.code(), breakpoints)
    }

    fn attach(mut rerun: Command, code: &Path, breakpoints: &[usize]) -> (Rerun, Client) {
        let mut child = rerun.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let mut rerun = Rerun { child, errors };
        let line = rerun.hear();
        let mut client =
            Client::connect(line.rsplit_once(" waits for a debugger on ").expect(&line).1);
        client.attach(code, breakpoints);
        (rerun, client)
    }

    /// The number of the line that has this text.
    fn line(&self, text: &str) -> usize {
        let code = fs::read_to_string(self.code()).unwrap();
        code.lines().position(|line| line.contains(text)).expect(text) + 1
    }
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Tests run at the same time; each has a port of its own.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

struct Rerun {
    child: Child,
    /// Open as long as the command lives.
    errors: BufReader<ChildStderr>,
}

impl Rerun {
    /// What it says next, besides its result.
    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.errors.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    fn end(mut self) -> Value {
        let mut said = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        serde_json::from_str(&said).unwrap()
    }
}

impl Drop for Rerun {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What an editor is to the debugger.
struct Client {
    stream: BufReader<TcpStream>,
    next: u64,
    /// Events that were heard while something else was waited for.
    events: Vec<Value>,
}

impl Client {
    /// The process says nothing before it listens, and is tried until then.
    fn connect(address: &str) -> Self {
        for _ in 0..600 {
            if let Ok(stream) = TcpStream::connect(address) {
                return Self { stream: BufReader::new(stream), next: 1, events: Vec::new() };
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("nobody listens on {address}");
    }

    fn send(&mut self, command: &str, arguments: &Value) -> u64 {
        let seq = self.next;
        self.next += 1;
        let request = json!({"seq": seq, "type": "request", "command": command,
                             "arguments": arguments});
        let text = request.to_string();
        write!(self.stream.get_mut(), "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        seq
    }

    fn hear(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.stream.read_line(&mut line).unwrap() > 0, "the debugger has gone");
            match line.trim().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().unwrap(),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut text = vec![0; length];
        self.stream.read_exact(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    fn answer(&mut self, seq: u64) -> Value {
        loop {
            let message = self.hear();
            if message["request_seq"] == seq {
                assert_eq!(message["success"], true, "{message}");
                return message["body"].clone();
            }
            self.events.push(message);
        }
    }

    fn ask(&mut self, command: &str, arguments: &Value) -> Value {
        let seq = self.send(command, arguments);
        self.answer(seq)
    }

    fn event(&mut self, name: &str) -> Value {
        loop {
            if let Some(at) = self.events.iter().position(|event| event["event"] == name) {
                return self.events.remove(at)["body"].clone();
            }
            let message = self.hear();
            self.events.push(message);
        }
    }

    /// As editors do it: the attach is answered only once all is configured.
    fn attach(&mut self, file: &Path, lines: &[usize]) {
        self.ask("initialize", &json!({"adapterID": "debugpy", "pathFormat": "path"}));
        let attach = self.send("attach", &json!({"justMyCode": true}));
        self.event("initialized");
        let breakpoints: Vec<_> = lines.iter().map(|line| json!({"line": line})).collect();
        let set = json!({"source": {"path": file}, "breakpoints": breakpoints});
        self.ask("setBreakpoints", &set);
        self.ask("setExceptionBreakpoints", &json!({"filters": []}));
        self.ask("configurationDone", &json!({}));
        self.answer(attach);
    }

    /// Where it stopped: the innermost frame, with its local variables.
    fn stopped(&mut self) -> (Value, Vec<(String, String)>, Value) {
        let stopped = self.event("stopped");
        let thread = stopped["threadId"].clone();
        let frames = self.ask("stackTrace", &json!({"threadId": thread}));
        let frame = frames["stackFrames"][0].clone();
        let scopes = self.ask("scopes", &json!({"frameId": frame["id"]}));
        let reference = scopes["scopes"][0]["variablesReference"].clone();
        let variables = self.ask("variables", &json!({"variablesReference": reference}));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let variables = variables["variables"].as_array().unwrap().iter();
        let locals = variables.map(|one| (text(&one["name"]), text(&one["value"]))).collect();
        (frame, locals, thread)
    }

    /// The step may have ended, and the debugger gone with it, before this is answered: how the step
    /// ends tells whether it was heard.
    fn go_on(&mut self, thread: &Value) {
        self.send("continue", &json!({"threadId": thread}));
    }
}

fn local<'a>(locals: &'a [(String, String)], name: &str) -> &'a str {
    &locals.iter().find(|(known, _)| known == name).expect(name).1
}

#[test]
fn a_breakpoint_is_hit_with_production_s_arguments_and_the_step_goes_on() {
    let desk = Desk::new();
    let line = desk.line("rate = VAT[country]");
    let (rerun, mut client) = desk.debug(&["R6Lf:36", "--launch-json"], &[line]);
    let launch = fs::read_to_string(desk.home.path().join(".vscode/launch.json")).unwrap();
    assert!(launch.contains("\"request\": \"attach\""), "{launch}");
    let (frame, locals, thread) = client.stopped();
    assert_eq!((&frame["name"], &frame["line"]), (&json!("price_order"), &json!(line)));
    assert_eq!(frame["source"]["path"], json!(desk.code().canonicalize().unwrap()));
    assert_eq!(local(&locals, "country"), "'CH'");
    assert!(local(&locals, "net").starts_with("Decimal("), "{locals:?}");
    client.go_on(&thread);
    let result = rerun.end();
    assert_eq!(result["results"][0]["error"]["message"], "'CH'", "{result}");
    // What the debugger does is not what the body does.
    assert_eq!(result["effects"], json!([]));
}

#[test]
fn a_step_that_fails_is_stopped_at_the_raise_whatever_the_client_set() {
    let desk = Desk::new();
    let words = ["R6Lf:36", "--at-raise", "--locked", "--argument", "country='XX'"];
    let (rerun, mut client) = desk.debug(&words, &[]);
    let (frame, locals, thread) = client.stopped();
    assert_eq!(frame["line"], json!(desk.line("rate = VAT[country]")));
    assert_eq!(local(&locals, "country"), "'XX'");
    client.go_on(&thread);
    let result = rerun.end();
    assert_eq!(result["results"][0]["error"]["message"], "'XX'", "{result}");
    assert_eq!((&result["locked"], &result["effects"]), (&json!(true), &json!([])));
}

const RAISES: &str = "\
import coflux as cf

@cf.workflow()
def rate(country: str) -> int:
    rates = {'DE': 19}
    return rates[country]
";

/// From Python 3.12 on a debugger is told of what happens in another way; and SDKs before 0.9 tell of a
/// failure otherwise.
#[test]
fn a_newer_python_with_an_older_sdk_is_stopped_at_the_raise_as_well() {
    let sdk = *Sdk::OLD.last().unwrap();
    assert!(sdk.oldest_python() > 11);
    if std::env::var_os(sdk.variable).is_none() && !sdk.interpreter(target()).is_file() {
        println!("it needs Python 3.{}, which is not here", sdk.oldest_python());
        return;
    }
    let desk = Desk::new();
    let code = desk.home.path().join("flow.py");
    fs::write(&code, RAISES).unwrap();
    let python = sdk.for_tests(target());
    let with = |words: &[&str]| {
        let mut command = desk.hindcast(words);
        command.arg("--json").arg("--project").arg(desk.home.path()).arg("--python").arg(&python);
        command
    };
    let submitted = with(&["submit", "flow:rate", "\"XX\""]).output().unwrap();
    let submitted: Value = serde_json::from_slice(&submitted.stdout).unwrap();
    let step = format!("{}:1", submitted["run"].as_str().unwrap());
    let mut rerun = with(&["rerun", &step, "--debug", "--at-raise"]);
    let debugpy = hindcast_demo::debugpy_for_tests(target());
    rerun.args(["--debug-port", &free_port().to_string()]);
    rerun.args(["--var", &format!("PYTHONPATH={}", debugpy.display())]);
    let (rerun, mut client) = Desk::attach(rerun, &code, &[]);
    let (frame, locals, thread) = client.stopped();
    assert_eq!((&frame["name"], &frame["line"]), (&json!("rate"), &json!(6)), "{frame}");
    assert_eq!(local(&locals, "country"), "'XX'");
    client.go_on(&thread);
    assert_eq!(rerun.end()["results"][0]["error"]["message"], "'XX'");
}

#[test]
fn a_step_whose_debugger_has_gone_stops_nowhere() {
    let desk = Desk::new();
    let line = desk.line("rate = VAT[country]");
    let (rerun, mut client) = desk.debug(&["R6Lf:36", "--at-raise"], &[line]);
    client.stopped();
    client.ask("disconnect", &json!({"terminateDebuggee": false}));
    assert_eq!(rerun.end()["results"][0]["error"]["message"], "'CH'");
}

/// A workflow, and what it calls: that may take less time than a person takes at a breakpoint.
const SLOW: &str = "\
import time
import coflux as cf

@cf.task(timeout=TIMEOUT)
def waits(seconds: float) -> None:
    begun = True
    time.sleep(seconds)

@cf.workflow()
def asks(seconds: float) -> None:
    waits(seconds)
";

#[test]
fn time_does_not_count_while_a_debugger_is_attached_and_counts_again_without_it() {
    let desk = Desk::new();
    let code = desk.home.path().join("slow.py");
    // What is recorded has all the time it needs; what is re-run has little.
    let write = |timeout| fs::write(&code, SLOW.replace("TIMEOUT", timeout)).unwrap();
    write("600");
    let project = desk.home.path().to_str().unwrap();
    let python = Sdk::NEWEST.for_tests(target());
    let submitted = desk
        .hindcast(&["submit", "--json", "--project", project, "--python", python.to_str().unwrap()])
        .args(["slow:asks", "0"])
        .output()
        .unwrap();
    let submitted: Value = serde_json::from_slice(&submitted.stdout).unwrap();
    assert_eq!(submitted["succeeded"], true, "{submitted}");
    let run = submitted["run"].as_str().unwrap();
    write("0.5");

    // Only the call waits; what called it runs by itself.
    let debugpy = hindcast_demo::debugpy_for_tests(target());
    let mut rerun = desk.rerun(&[&format!("{run}:1"), "--policy", "open", "--var"]);
    rerun.arg(format!("PYTHONPATH={}", debugpy.display()));
    rerun.args(["--argument", "1=600.0", "--debug-call", "slow:waits"]);
    let line = SLOW.lines().position(|line| line.contains("begun")).unwrap() + 1;
    let (mut rerun, mut client) = Desk::attach(rerun, &code, &[line]);
    let (frame, _, _) = client.stopped();
    assert_eq!(frame["name"], "waits");
    assert!(rerun.hear().contains(" has a debugger on "));
    // Longer than it may take: that it is still there does not depend on how much longer.
    std::thread::sleep(std::time::Duration::from_secs(1));
    client.ask("scopes", &json!({"frameId": frame["id"]}));

    client.ask("disconnect", &json!({"terminateDebuggee": false}));
    assert!(rerun.hear().contains(" goes on without a debugger"));
    let result = rerun.end();
    let ended: Vec<_> = result["ended"].as_array().unwrap().iter().collect();
    assert_eq!(ended[0]["state"], "timedOut", "{result}");
}

#[test]
fn pins_and_the_guard_hold_under_a_debugger() {
    let desk = Desk::new();
    let mock = "R6Lf:36={'order': '20260304-008', 'total': 1}";
    let (rerun, _client) = desk.debug(&["R6Lf:20", "--mock-python", mock], &[]);
    let result = rerun.end();
    let calls: Vec<_> = result["calls"].as_array().unwrap().iter().collect();
    let of = |kind: &str| calls.iter().filter(|call| call["call"] == kind).count();
    assert!(of("pinned") > 0 && of("mocked") == 1 && of("refused") == 1, "{result}");
    assert_eq!(result["ran"], 1, "only the step: {result}");
}

#[test]
fn a_copy_of_debugpy_is_installed_beside_the_project_s_environment() {
    let desk = Desk::new();
    let python = Sdk::NEWEST.for_tests(target());
    let project = desk.home.path().to_str().unwrap();
    let ask = |flag: &str| {
        let mut command = desk.hindcast(&["debug", flag, "--json", "--project", project]);
        command.arg("--python").arg(&python).env("PIP_NO_INDEX", "1");
        command.env("PIP_FIND_LINKS", desk.home.path().join("index")).output().unwrap()
    };
    let place = |output: &std::process::Output| -> Value {
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["place"].clone()
    };
    // An index without it: nothing is left behind that would be taken for a copy.
    fs::create_dir(desk.home.path().join("index")).unwrap();
    let failed = ask("--install");
    let said = String::from_utf8(failed.stderr).unwrap();
    assert!(said.contains("No matching distribution found for debugpy"), "{said}");
    assert_eq!(place(&ask("--debugpy")), "missing");

    pack(&python, &hindcast_demo::debugpy_for_tests(target()), &desk.home.path().join("index"));
    assert_eq!(place(&ask("--install")), "copy");
    let there = Command::new(&python).args(["-c", "import debugpy"]).output().unwrap();
    assert!(!there.status.success(), "the project's own environment has it now");

    let line = desk.line("rate = VAT[country]");
    let mut rerun = desk.rerun(&["R6Lf:36", "--debug"]);
    rerun.args(["--debug-port", &free_port().to_string()]);
    let (rerun, mut client) = Desk::attach(rerun, &desk.code(), &[line]);
    // Whoever asks meanwhile is told how to attach.
    let listed = desk.hindcast(&["debug", "--json"]).output().unwrap();
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed["debug"][0]["execution"], "R6Lf:36:2", "{listed}");
    let (_, _, thread) = client.stopped();
    client.go_on(&thread);
    assert_eq!(rerun.end()["results"][0]["error"]["message"], "'CH'");
}

/// Packs an installed debugpy as a wheel into a folder that pip can take for an index.
fn pack(python: &Path, installed: &Path, index: &Path) {
    let info = fs::read_dir(installed).unwrap().find_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.strip_suffix(".dist-info").map(str::to_owned)
    });
    let wheel = index.join(format!("{}-py3-none-any.whl", info.unwrap()));
    let packed = Command::new(python)
        .current_dir(installed)
        .args(["-m", "zipfile", "-c"])
        .arg(wheel)
        .args(fs::read_dir(installed).unwrap().filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.starts_with("debugpy").then_some(name)
        }))
        .status()
        .unwrap();
    assert!(packed.success());
}

#[test]
fn without_debugpy_it_is_said_how_to_get_it() {
    let desk = Desk::new();
    let output = desk.rerun(&["R6Lf:36", "--debug"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("-m pip install debugpy`"), "{said}");
}

#[test]
fn all_that_are_alike_run_over_their_own_arguments_and_differences_come_first() {
    let desk = Desk::new();
    let code = fs::read_to_string(desk.code()).unwrap();
    fs::write(desk.code(), code.replacen("VAT = {", "VAT = {\n    'CH': Decimal('0.081'),", 1))
        .unwrap();
    let output = desk.rerun(&["R6Lf:36", "--all-alike"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let outcomes = said["outcomes"].as_array().unwrap();
    let steps: Vec<&str> =
        outcomes.iter().map(|outcome| outcome["step"].as_str().unwrap()).collect();
    assert_eq!((steps[0], steps.len()), ("R6Lf:36", 12), "{steps:?}");
    assert_eq!(outcomes[0]["ancestor"]["outcome"], "KeyError: 'CH'");
    assert!(outcomes[1..].iter().all(|one| one["ancestor"]["divergence"] == "equal"), "{said}");
}

#[test]
fn an_edited_argument_is_what_the_step_gets_and_a_wrong_one_is_refused() {
    let desk = Desk::new();
    let output = desk.rerun(&["R6Lf:36", "--argument", "2='DE'"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    for (flag, text, expected) in [
        ("--argument", "3='DE'", "none of them is 3"),
        ("--argument", "land='DE'", "none of them is land"),
        ("--argument", "country=DE", "argument country: the value is not Python"),
        ("--argument-json", "country='DE'", "argument country: the value is not JSON"),
    ] {
        let output = desk.rerun(&["R6Lf:36", flag, text]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains(expected), "{text}: {said}");
    }
}

#[test]
fn the_local_variables_of_a_failed_step_stand_below_its_frames() {
    let desk = Desk::new();
    let code = fs::read_to_string(desk.code()).unwrap();
    let odd = "class Odd:\n    def __repr__(self):\n        raise ValueError('no')\n\n\n";
    let code = code.replacen(
        "@cf.task()\ndef price_order",
        &format!("{odd}@cf.task()\ndef price_order"),
        1,
    );
    let line = "    rate = VAT[country]";
    let code = code.replacen(line, &format!("    odd, long = Odd(), 'x' * 10_000\n{line}"), 1);
    fs::write(desk.code(), code).unwrap();
    let output = desk.rerun(&["R6Lf:36"]).output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let frames = said["results"][0]["error"]["frames"].as_array().unwrap();
    let locals = frames.last().unwrap()["locals"].as_array().unwrap();
    let text = |name: &str| {
        let one = locals.iter().find(|local| local["name"] == name).expect(name);
        one["text"].as_str().unwrap().to_owned()
    };
    assert_eq!(text("country"), "'CH'", "{said}");
    assert!(text("odd").starts_with("<Odd instance"), "{}", text("odd"));
    assert!(text("long").chars().count() <= 500);

    let output = desk.hindcast(&["result", "R6Lf:36", "--locals"]).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("      country = 'CH'"), "{shown}");
}

/// A task, and the workflow that calls it.
const ENDS: &str = "\
import os, subprocess, sys
import coflux as cf

@cf.task(timeout=30)
def passes() -> int:
    total = 0
    for n in range(3):
        breakpoint()
        total += n
    import pdb; pdb.set_trace()
    return total

@cf.task(timeout=30)
def reads() -> list:
    child = subprocess.run([sys.executable, '-c', 'print(len(open(0).read()))'],
                           capture_output=True, text=True)
    try:
        return [child.stdout, input()]
    except EOFError as error:
        return [child.stdout, str(error)]

@cf.workflow()
def ends() -> None:
    print('one\\ntwo', file=sys.__stderr__, flush=True)
    os._exit(3)
";

#[test]
fn a_breakpoint_in_the_code_holds_nothing_up_without_a_debugger() {
    let desk = Desk::new();
    fs::write(desk.home.path().join("flow.py"), ENDS).unwrap();
    let said: Value = serde_json::from_slice(&desk.submit("flow:passes", &["--json"])).unwrap();
    assert_eq!(said["results"][0]["python"], "3", "{said}");
    let run = said["run"].as_str().unwrap();
    let logs = desk.hindcast(&["logs", run]).output().unwrap();
    let logs = String::from_utf8(logs.stdout).unwrap();
    for stop in ["breakpoint() at flow.py:8", "pdb.set_trace() at flow.py:10"] {
        let told = format!(
            "{stop} is passed: this execution has no debugger. To stop there: \
             hindcast rerun {run}:1 --debug"
        );
        assert_eq!(logs.matches(&told).count(), 1, "{logs}");
    }
}

#[test]
fn a_body_finds_nothing_at_the_standard_input_and_takes_nothing_from_what_is_said_to_it() {
    let desk = Desk::new();
    fs::write(desk.home.path().join("flow.py"), ENDS).unwrap();
    let said: Value = serde_json::from_slice(&desk.submit("flow:reads", &["--json"])).unwrap();
    let value = &said["results"][0]["python"];
    assert_eq!(value, r"['0\n', 'EOF when reading a line']", "{said}");
}

#[test]
fn what_a_process_said_last_stands_line_by_line() {
    let desk = Desk::new();
    fs::write(desk.home.path().join("flow.py"), ENDS).unwrap();
    let said = String::from_utf8(desk.submit("flow:ends", &[])).unwrap();
    assert!(said.contains("exit status: 3; its last words:\n    one\n    two\n"), "{said}");
}

#[test]
fn local_variables_are_captured_also_where_a_launcher_starts_python() {
    let desk = Desk::new();
    let python = Sdk::NEWEST.for_tests(target());
    let adapter = format!("env {} -m coflux", python.display());
    let mut rerun = desk.hindcast(&["rerun", "R6Lf:36", "--json", "--adapter", &adapter]);
    let output = rerun.arg("--project").arg(desk.home.path()).output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let frames = said["results"][0]["error"]["frames"].as_array().unwrap();
    let locals = frames.last().unwrap()["locals"].as_array().unwrap();
    let country = locals.iter().find(|local| local["name"] == "country").expect("a local");
    assert_eq!(country["text"], "'CH'", "{said}");
}

#[test]
fn what_a_failure_is_chained_to_is_told_with_its_own_frames() {
    let desk = Desk::new();
    let code = fs::read_to_string(desk.code()).unwrap();
    let chained = "    try:
        try:
            rate = VAT[country]
        except KeyError as missing:
            raise LookupError('no rate') from missing
    except LookupError:
        rate = Decimal('odd')";
    fs::write(desk.code(), code.replacen("    rate = VAT[country]", chained, 1)).unwrap();
    let output = desk.rerun(&["R6Lf:36"]).output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let error = &said["results"][0]["error"];
    assert_eq!(error["class"], "decimal.InvalidOperation", "{said}");
    let told = |one: &Value| {
        let last = one["frames"].as_array().unwrap().last().unwrap().clone();
        let place = format!("{} {}", last["local"], last["code"]);
        (one["class"].clone(), one["direct"].clone(), place.replace('"', ""))
    };
    let chained: Vec<_> = error["chained"].as_array().unwrap().iter().map(told).collect();
    let expected = [
        (json!("LookupError"), json!(false), "raise LookupError('no rate') from missing"),
        (json!("KeyError"), json!(true), "rate = VAT[country]"),
    ];
    let at = |code: &str| format!("shop/workflows.py {code}");
    assert_eq!(chained, expected.map(|(class, direct, code)| (class, direct, at(code))), "{said}");

    let output = desk.hindcast(&["result", "R6Lf:36"]).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let lines =
        ["KeyError: 'CH'", "direct cause", "LookupError: no rate", "During handling", "[<class"];
    let places: Vec<_> = lines.iter().map(|line| shown.find(line).expect(&shown)).collect();
    assert!(places.is_sorted(), "{shown}");
}
