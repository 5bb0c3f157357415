//! What `discover` prints: the targets of a module, with what their declarations say.

use hindcast_model::Target;
use hindcast_model::record::TargetKind;
use hindcast_orchestrator::message::Submit;
use serde::Deserialize;
use serde_json::Value as Any;

use super::incoming::{Millis, WireCache, WireDefer, WireParams, WireRetries};
use super::request::requires;

/// A target as its code declares it.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// Whether a run of it is memoised: every task in it, unless it says otherwise.
    pub memo: bool,
    /// Its options, as a call of it would have them; without arguments.
    pub options: Submit,
}

/// A parameter of a target.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type, as Python text.
    #[serde(default)]
    pub annotation: Option<String>,
    /// What it is if it is left out, as JSON text.
    #[serde(default)]
    pub default: Option<String>,
}

#[derive(Deserialize)]
struct Manifest {
    targets: Vec<WireTarget>,
}

#[derive(Deserialize)]
struct WireTarget {
    module: String,
    name: String,
    #[serde(rename = "type")]
    kind: TargetKind,
    #[serde(default)]
    parameters: Vec<Parameter>,
    #[serde(default)]
    wait_for: Option<Vec<usize>>,
    #[serde(default)]
    cache: Option<WireCache>,
    #[serde(default)]
    retries: Option<WireRetries>,
    #[serde(default)]
    defer: Option<WireDefer>,
    #[serde(default)]
    delay: Option<Millis>,
    #[serde(default)]
    memo: Option<WireParams>,
    #[serde(default)]
    requires: Option<Any>,
    #[serde(default)]
    timeout: Option<Millis>,
    #[serde(default)]
    recurrent: bool,
    #[serde(default)]
    streams: Option<Any>,
}

/// The targets, if the line is a manifest. (Imported modules may print lines of their own.)
pub(crate) fn manifest(line: &str) -> Option<Vec<Declaration>> {
    let manifest: Manifest = serde_json::from_str(line).ok()?;
    Some(manifest.targets.into_iter().map(declaration).collect())
}

fn declaration(wire: WireTarget) -> Declaration {
    let memo = wire.memo.and_then(WireParams::params);
    let workflow = wire.kind == TargetKind::Workflow;
    Declaration {
        parameters: wire.parameters,
        memo: workflow && memo.is_some(),
        options: Submit {
            target: Target::new(&wire.module, &wire.name),
            kind: wire.kind,
            arguments: Vec::new(),
            group: None,
            wait_for: wire.wait_for.unwrap_or_default(),
            cache: wire.cache.and_then(WireCache::config),
            defer: wire.defer.and_then(|defer| defer.params.params()),
            // A workflow's memo is its run's.
            memo: memo.filter(|_| !workflow),
            delay: wire.delay.map_or(0, |ms| ms.0),
            retries: wire.retries.map(Into::into),
            recurrent: wire.recurrent,
            requires: requires(wire.requires),
            timeout: wire.timeout.map_or(0, |ms| ms.0),
            streams: wire.streams,
            given_keys: None,
        },
    }
}
