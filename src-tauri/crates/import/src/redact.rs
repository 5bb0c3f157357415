//! Taking what must not leave the house out of what goes into a bundle.
//!
//! A pattern is text in which `*` stands for any text; case does not count. A value goes if it stands
//! under a name that a pattern fits (a dict's key, a model's field), or if it is a text or number that
//! a pattern fits as a whole: `email`, `*token*`, `*@*`. What goes is replaced by something of the same
//! shape (`ana@example.com` by `xxx@xxxxxxx.xxx`), so that a run stays readable.
//!
//! Looked into: arguments, results, error messages and tracebacks, logs, inputs, checkpoints, items of
//! streams, and the blobs they are in; who did something, tags, names of groups and assets, titles,
//! metadata, and fields that are unknown to us. Not looked into: pickles, bytes, files of assets; those
//! under a fitting name go as a whole, the others are counted in the report. Nor are names that code
//! refers to: of targets, metrics, and files of assets. A replaced blob has another key, and memo keys are
//! of what was there before.

mod text;
mod walk;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use hindcast_model::record::{Input, InputResponse};
use hindcast_model::{
    Asset, AssetEntry, BlobKey, Blobs, Dependency, Ended, Execution, Extra, Failure, FoundRun,
    Json, Outcome, Reference, Resolved, StreamEnd, TypedDependency, Value, legacy,
};
use serde_json::Value as Any;

use crate::bundle::Content;
use text::Patterns;

/// What was taken out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redacted {
    /// How many values went, by what they were found in (`R6Lf:2 argument 0`).
    pub places: BTreeMap<String, usize>,
    /// Blobs that could not be looked into and are still in: pickles, bytes, what is no JSON.
    pub not_looked_into: Vec<BlobKey>,
}

/// Whether a fragment of that format is JSON: a model's fields, or a value of before 0.5.
fn is_json(format: &str) -> bool {
    ["json", "pydantic", legacy::OLD_JSON].contains(&format)
}

/// Blobs as they go into the bundle: replaced ones before those that are as they were.
#[derive(Debug)]
pub struct RedactedBlobs<'b, B: Blobs + ?Sized> {
    replaced: HashMap<BlobKey, Arc<[u8]>>,
    others: &'b B,
}

impl<B: Blobs + ?Sized> Blobs for RedactedBlobs<'_, B> {
    fn get(&self, key: &BlobKey) -> Option<Arc<[u8]>> {
        self.replaced.get(key).cloned().or_else(|| self.others.get(key))
    }
}

/// Takes out of `content`, and of the blobs it needs, what a pattern fits.
pub fn redact<'b, B: Blobs + ?Sized>(
    content: &mut Content,
    blobs: &'b B,
    patterns: &[String],
) -> (Redacted, RedactedBlobs<'b, B>) {
    let mut work = Work {
        patterns: Patterns::new(patterns),
        blobs,
        replaced: HashMap::new(),
        report: Redacted::default(),
        place: String::new(),
    };
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for found in &mut content.runs {
        work.run(found);
        // Several views of a run show the same values.
        for (place, count) in std::mem::take(&mut work.report.places) {
            let known = places.entry(place).or_default();
            *known = count.max(*known);
        }
    }
    work.report.places = places;
    for line in &mut content.logs {
        work.place = format!("{} log", line.execution);
        line.template.iter_mut().for_each(|text| work.text(text));
        work.named(line.values.iter_mut());
    }
    let Work { mut report, replaced, .. } = work;
    report.not_looked_into.sort();
    report.not_looked_into.dedup();
    (report, RedactedBlobs { replaced, others: blobs })
}

/// Fields of a run, a step or an execution that are unknown to us, without the one that we keep there.
fn not_ours<'f, Name: AsRef<str>>(
    fields: impl IntoIterator<Item = (Name, &'f mut Any)>,
) -> impl Iterator<Item = (Name, &'f mut Any)> {
    fields.into_iter().filter(|(name, _)| name.as_ref() != legacy::FIELD)
}

struct Work<'b, B: Blobs + ?Sized> {
    patterns: Patterns,
    blobs: &'b B,
    replaced: HashMap<BlobKey, Arc<[u8]>>,
    report: Redacted,
    place: String,
}

impl<B: Blobs + ?Sized> Work<'_, B> {
    fn run(&mut self, found: &mut FoundRun) {
        let run = &mut found.run;
        self.place = format!("{} itself", run.id);
        self.any(&mut run.created_by);
        run.requires.iter_mut().for_each(|tags| self.any(tags));
        self.fields(not_ours(&mut run.extra), false);
        run.parent.iter_mut().for_each(|parent| self.extra(&mut parent.extra));
        for step in run.steps.values_mut() {
            self.place = format!("{}:{} itself", run.id, step.step_number);
            step.requires.iter_mut().for_each(|tags| self.any(tags));
            self.fields(not_ours(step.extra.iter_mut()), false);
            step.cache_config.iter_mut().for_each(|cache| self.extra(&mut cache.extra));
            step.retries.iter_mut().for_each(|retries| self.extra(&mut retries.extra));
            for (index, argument) in step.arguments.iter_mut().enumerate() {
                self.place = format!("{}:{} argument {index}", run.id, step.step_number);
                self.value(argument, false);
            }
            step.executions.values_mut().for_each(|execution| self.execution(execution));
        }
        for input in &mut found.inputs {
            self.place = input.id.to_string();
            self.input(input);
        }
        for ((step, attempt), values) in &mut found.checkpoints {
            self.place = format!("{}:{step}:{attempt} checkpoint", run.id);
            self.named(values.iter_mut().filter_map(|(name, value)| Some((name, value.as_mut()?))));
        }
        for stream in &mut found.streams {
            self.place = format!("{}:{}_{} stream", run.id, stream.step, stream.index);
            stream.items.iter_mut().for_each(|item| self.value(item, false));
            if let Some(StreamEnd::Errored(error)) = &mut stream.end {
                self.failure(error);
            }
        }
        for (id, entries) in &mut found.assets {
            self.place = format!("{} asset {id}", found.run.id);
            for entry in entries {
                self.asset_entry(entry);
            }
        }
    }

    fn execution(&mut self, execution: &mut Execution) {
        self.place = format!("{} itself", execution.execution_id);
        self.any(&mut execution.created_by);
        self.fields(not_ours(execution.extra.iter_mut()), false);
        execution.groups.values_mut().flatten().for_each(|name| self.text(name));
        execution.assets.values_mut().for_each(|asset| self.asset(asset));
        execution.children.iter_mut().for_each(|child| self.extra(&mut child.extra));
        for input in execution.inputs.iter_mut().flat_map(|inputs| inputs.values_mut()) {
            input.title.iter_mut().for_each(|title| self.text(title));
            self.extra(&mut input.extra);
        }
        for metric in execution.metrics.iter_mut().flat_map(|metrics| metrics.values_mut()) {
            self.extra(&mut metric.extra);
        }
        execution.dependencies.values_mut().for_each(|dependency| self.dependency(dependency));
        self.place = format!("{} result", execution.execution_id);
        let mut outcome = execution.result.as_mut();
        while let Some(Outcome { ended, resolved, created_by, extra }) = outcome {
            self.any(created_by);
            self.extra(extra);
            match ended {
                Ended::Value(value) => self.value(value, false),
                Ended::Error { error, .. } => self.failure(error),
                Ended::Deferred(execution)
                | Ended::Cached(execution)
                | Ended::Spawned(execution) => self.extra(&mut execution.extra),
                Ended::Abandoned { .. }
                | Ended::Crashed { .. }
                | Ended::Cancelled
                | Ended::Timeout { .. }
                | Ended::Suspended { .. }
                | Ended::Recurred { .. } => {}
            }
            outcome = match resolved {
                Resolved::Known(resolved) => Some(resolved),
                Resolved::Absent | Resolved::Pending => None,
            };
        }
    }

    fn dependency(&mut self, dependency: &mut Dependency) {
        match dependency {
            Dependency::Typed(TypedDependency::Input { title, extra, .. }) => {
                if let Some(title) = title {
                    self.text(title);
                }
                self.extra(extra);
            }
            Dependency::Typed(TypedDependency::Asset { asset, extra, .. }) => {
                self.asset(asset);
                self.extra(extra);
            }
            Dependency::Typed(TypedDependency::Result { execution, extra })
            | Dependency::Untyped { execution, extra } => {
                self.extra(&mut execution.extra);
                self.extra(extra);
            }
            Dependency::Other(fields) => self.any(fields),
        }
    }

    fn failure(&mut self, error: &mut Failure) {
        self.text(&mut error.message);
        self.extra(&mut error.extra);
        for frame in &mut error.frames {
            self.text(&mut frame.file);
            frame.code.iter_mut().for_each(|line| self.text(line));
            self.extra(&mut frame.extra);
        }
    }

    /// What is known of an asset; its files are not looked into.
    fn asset(&mut self, asset: &mut Asset) {
        asset.name.iter_mut().for_each(|name| self.text(name));
        self.extra(&mut asset.extra);
        asset.entry.iter_mut().for_each(|entry| self.asset_entry(entry));
    }

    fn asset_entry(&mut self, entry: &mut AssetEntry) {
        self.fields(&mut entry.metadata, false);
        self.extra(&mut entry.extra);
        self.report.not_looked_into.push(entry.blob_key);
    }

    /// JSON of any form.
    fn any(&mut self, value: &mut Any) {
        let count = walk::replace(value, &self.patterns, false, &mut Vec::new());
        self.count(count);
    }

    /// Fields that are unknown to us.
    fn extra(&mut self, extra: &mut Extra) {
        self.fields(extra.iter_mut(), false);
    }

    /// Fields of any form; all of them if `hidden`.
    fn fields<'f, Name: AsRef<str>>(
        &mut self,
        fields: impl IntoIterator<Item = (Name, &'f mut Any)>,
        hidden: bool,
    ) {
        for (name, value) in fields {
            let hidden = hidden || self.patterns.fit(name.as_ref());
            let count = walk::replace(value, &self.patterns, hidden, &mut Vec::new());
            self.count(count);
        }
    }

    fn input(&mut self, input: &mut Input) {
        self.text(&mut input.template);
        input.title.iter_mut().for_each(|title| self.text(title));
        input.actions.iter_mut().flatten().for_each(|label| self.text(label));
        self.any(&mut input.requires);
        self.named(input.placeholders.iter_mut());
        input.initial.iter_mut().for_each(|initial| self.json(initial, false, &mut Vec::new()));
        if let Some(InputResponse::Value { value, .. }) = &mut input.response {
            self.json(value, false, &mut Vec::new());
        }
    }

    fn named<'v>(&mut self, values: impl Iterator<Item = (&'v String, &'v mut Value)>) {
        for (name, value) in values {
            let hidden = self.patterns.fit(name);
            self.value(value, hidden);
        }
    }

    /// Free text goes as a whole.
    fn text(&mut self, text: &mut String) {
        if self.patterns.fit(text) {
            *text = text::placeholder(text);
            self.count(1);
        }
    }

    fn count(&mut self, count: usize) {
        if count > 0 {
            *self.report.places.entry(self.place.clone()).or_default() += count;
        }
    }

    fn value(&mut self, value: &mut Value, hidden: bool) {
        // References, by index, that stand under a fitting name.
        let mut under = Vec::new();
        let (references, extra) = match value {
            Value::Raw { data, references, extra } => {
                self.json(data, hidden, &mut under);
                (references, extra)
            }
            Value::Blob { key, size, references, extra } => {
                self.blob(key, size, hidden, &mut under);
                (references, extra)
            }
        };
        self.fields(extra.iter_mut(), hidden);
        for (index, reference) in references.iter_mut().enumerate() {
            self.reference(reference, hidden || under.contains(&index));
        }
    }

    fn reference(&mut self, reference: &mut Reference, hidden: bool) {
        let extra = match reference {
            Reference::Fragment { format, blob_key, size, metadata, extra } => {
                if format != legacy::OLD_JSON {
                    self.fields(metadata, false);
                }
                if is_json(format) {
                    self.blob(blob_key, size, hidden, &mut Vec::new());
                } else if hidden {
                    self.blank(blob_key, size);
                } else {
                    self.report.not_looked_into.push(*blob_key);
                }
                extra
            }
            Reference::Asset { asset, extra, .. } => {
                self.asset(asset);
                extra
            }
            Reference::Execution { extra, .. }
            | Reference::Input { extra, .. }
            | Reference::Other { extra, .. } => extra,
        };
        self.fields(extra.iter_mut(), hidden);
    }

    fn json(&mut self, data: &mut Json, hidden: bool, under: &mut Vec<usize>) {
        // What is too deep to be read as a tree goes as a whole: nobody can say what is in it.
        let Ok(mut tree) = serde_json::from_str::<serde_json::Value>(data.text()) else {
            *data = Json::null();
            return self.count(1);
        };
        let count = walk::replace(&mut tree, &self.patterns, hidden, under);
        if count > 0 {
            *data = Json::from(&tree);
            self.count(count);
        }
    }

    fn blob(&mut self, key: &mut BlobKey, size: &mut u64, hidden: bool, under: &mut Vec<usize>) {
        let Some(bytes) = self.blobs.get(key) else { return };
        let Ok(mut tree) = serde_json::from_slice::<serde_json::Value>(&bytes) else {
            return if hidden {
                self.blank(key, size);
            } else {
                self.report.not_looked_into.push(*key);
            };
        };
        let count = walk::replace(&mut tree, &self.patterns, hidden, under);
        if count > 0 {
            self.put(tree.to_string().into_bytes(), key, size);
            self.count(count);
        }
    }

    /// Zeros in place of bytes that cannot be looked into.
    fn blank(&mut self, key: &mut BlobKey, size: &mut u64) {
        let length = self.blobs.get(key).map_or(0, |bytes| bytes.len());
        self.put(vec![0; length], key, size);
        self.count(1);
    }

    fn put(&mut self, bytes: Vec<u8>, key: &mut BlobKey, size: &mut u64) {
        *key = BlobKey::of(&bytes);
        *size = bytes.len() as u64;
        self.replaced.insert(*key, bytes.into());
    }
}
