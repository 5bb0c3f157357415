//! What people would use instead: a process of the SDK for each execution, and the least that a fork
//! takes.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn execute(target: &str, arguments: &[u64]) -> String {
    let argument = |number: &u64| json!({"type": "inline", "format": "json", "value": number});
    let arguments: Vec<Value> = arguments.iter().map(argument).collect();
    let params = json!({
        "execution_id": "R1:1:1", "module": "bench_flow", "target": target, "arguments": arguments,
    });
    format!("{}\n", json!({"method": "execute", "params": params}))
}

/// `python -m coflux execute`, from its start to its result. Calls are answered as fast as can be.
pub(super) fn process(python: &Path, code: &Path, target: &str, arguments: &[u64]) -> Result<f64> {
    let begun = Instant::now();
    let mut child = Command::new(python)
        .args(["-m", "coflux", "execute"])
        .current_dir(code)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().ok_or("no stdin")?;
    let stdout = BufReader::new(child.stdout.take().ok_or("no stdout")?);
    let mut took = None;
    for line in stdout.lines() {
        let line: Value = serde_json::from_str(&line?)?;
        let answer = match line["method"].as_str() {
            Some("ready") => execute(target, arguments),
            Some("execution_result") => {
                took = Some(begun.elapsed().as_secs_f64() * 1000.0);
                break;
            }
            Some("submit_execution") => {
                let made = json!({
                    "execution_id": "R1:2:1", "module": "bench_flow", "target": "fetched",
                });
                format!("{}\n", json!({"id": line["id"], "result": made}))
            }
            Some("select") => {
                let value = json!({
                    "type": "inline", "format": "json", "value": 7, "references": [],
                });
                let selected = json!({"winner": 0, "status": "ok", "value": value});
                format!("{}\n", json!({"id": line["id"], "result": selected}))
            }
            _ => continue,
        };
        stdin.write_all(answer.as_bytes())?;
    }
    drop(stdin);
    child.wait()?;
    took.ok_or_else(|| "the process gave no result".into())
}

/// A Python that forks itself, and does nothing else.
pub(super) struct BareFork {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl BareFork {
    pub(super) fn start(python: &Path, code: &Path, modules: &[&str]) -> Result<Self> {
        let mut child = Command::new(python)
            .args(["-c", include_str!("bare_fork.py")])
            .args(modules)
            .env("OPENBLAS_NUM_THREADS", "1")
            .current_dir(code)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take().ok_or("no stdin")?;
        let stdout = BufReader::new(child.stdout.take().ok_or("no stdout")?);
        Ok(Self { child, stdin, stdout })
    }

    /// One fork, from the request to its result.
    pub(super) fn one(&mut self) -> Result<f64> {
        self.stdin.write_all(execute("one", &[]).as_bytes())?;
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        Ok(line.trim().parse()?)
    }
}

impl Drop for BareFork {
    fn drop(&mut self) {
        // It ends by itself as well, when its standard input does.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
