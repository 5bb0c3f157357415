//! Finding steps: by text in their values, errors and logs, and by what can be filtered for.

use std::collections::{BTreeMap, HashMap, HashSet};

use hindcast_graph::Shows;
use hindcast_model::{Blobs, Execution, Origin, RunId, StepNumber};
use hindcast_store::Store;

use crate::answers::run::graph;
use crate::api::Answered;
use crate::calls::{GetFacets, Search};
use crate::find::around;
use crate::names::Names;
use crate::outcome::{follow, words};
use crate::seen::Seen;
use crate::state::state;
use crate::template::fill;
use crate::view::{FacetCount, FacetsView, NodeState, SearchHit, SearchView, StateCount};
use crate::{Api, ApiError, command};

/// In how many of the steps found it is told where.
const TOLD: usize = 500;
/// How much of a value is searched, in characters as Python would write it.
const SEARCHED: usize = 20_000;

impl Answered for Search {
    async fn answer(self, api: &Api) -> Result<SearchView, ApiError> {
        let (blobs, loaded) = (api.blobs().clone(), api.loaded().clone());
        let names = Names::of(api.project_folder().await?.as_deref());
        api.read(move |store| {
            let run: RunId = self.run.parse()?;
            let seen = Seen::load(store, &loaded, &run, &self.environment)?;
            let steps = Steps::of(&seen);
            let wanted = Words::of(&self.text);
            let logs = if wanted.0.is_empty() {
                HashMap::new()
            } else {
                logs(store, &run, &seen, &blobs)?
            };
            let mut found = SearchView {
                run: self.run.clone(),
                environment: self.environment.clone(),
                steps: Vec::new(),
                hits: Vec::new(),
                command: command::search(&self),
            };
            for number in steps.order.iter().copied().filter(|number| self.lets(steps, *number)) {
                let texts =
                    Texts { seen: &seen, blobs: &blobs, logs: &logs, names: &names, number };
                let Some(hit) = wanted.find(&texts) else { continue };
                found.steps.push(number);
                found.hits.extend(hit.filter(|_| found.hits.len() < TOLD));
            }
            Ok(found)
        })
        .await
    }
}

impl Search {
    /// Whether the filters let a step through.
    fn lets(&self, steps: &Steps, number: StepNumber) -> bool {
        let Some(facets) = steps.facets.get(&number) else { return false };
        let among = |wanted: &[String], has: &Option<String>| {
            wanted.is_empty() || has.as_ref().is_some_and(|has| wanted.contains(has))
        };
        (self.states.is_empty() || self.states.contains(&facets.state))
            && among(&self.targets, &facets.target)
            && among(&self.environments, &facets.environment)
            && among(&self.groups, &facets.group)
    }
}

impl Answered for GetFacets {
    async fn answer(self, api: &Api) -> Result<FacetsView, ApiError> {
        let loaded = api.loaded().clone();
        api.read(move |store| {
            let run: RunId = self.run.parse()?;
            let seen = Seen::load(store, &loaded, &run, &self.environment)?;
            let facets = &Steps::of(&seen).facets;
            let mut states: Vec<StateCount> = Vec::new();
            for one in facets.values() {
                match states.iter_mut().find(|count| count.state == one.state) {
                    Some(count) => count.count += 1,
                    None => states.push(StateCount { state: one.state, count: 1 }),
                }
            }
            Ok(FacetsView {
                states,
                targets: counted(facets.values().map(|one| &one.target)),
                environments: counted(facets.values().map(|one| &one.environment)),
                groups: counted(facets.values().map(|one| &one.group)),
            })
        })
        .await
    }
}

fn counted<'a>(names: impl Iterator<Item = &'a Option<String>>) -> Vec<FacetCount> {
    let mut counts: BTreeMap<&String, u32> = BTreeMap::new();
    for name in names.flatten() {
        *counts.entry(name).or_default() += 1;
    }
    let mut counts: Vec<_> =
        counts.into_iter().map(|(name, count)| FacetCount { name: name.clone(), count }).collect();
    counts.sort_by_key(|one| std::cmp::Reverse(one.count));
    counts
}

/// By what a step can be filtered.
#[derive(Debug)]
struct Facets {
    state: NodeState,
    target: Option<String>,
    environment: Option<String>,
    group: Option<String>,
}

/// The visible steps.
#[derive(Debug)]
pub(crate) struct Steps {
    /// In call order.
    order: Vec<StepNumber>,
    facets: BTreeMap<StepNumber, Facets>,
}

impl Steps {
    fn of(seen: &Seen) -> &Self {
        seen.view.steps.get_or_init(|| Self::read(seen))
    }

    fn read(seen: &Seen) -> Self {
        let graph = graph(seen);
        let tree = graph.tree();
        let mut steps = Self { order: Vec::new(), facets: BTreeMap::new() };
        let mut waiting: Vec<usize> = tree.roots.iter().rev().copied().collect();
        while let Some(index) = waiting.pop() {
            let place = &tree.places[index];
            waiting.extend(place.children.iter().rev());
            let Some(number) = place.step else { continue };
            let group = place.group.and_then(|group| tree.group_names.get(&group).cloned());
            let called = matches!(Shows::from(&place.kind), Shows::Called);
            if let Some(known) = steps.facets.get_mut(&number) {
                // Where it was made counts more than where it answered.
                known.group = if called { group } else { known.group.take().or(group) };
                continue;
            }
            let Some(node) = graph.node(number) else { continue };
            let environment = node.environment.and_then(|id| seen.environments.get(id));
            steps.order.push(number);
            steps.facets.insert(
                number,
                Facets {
                    state: node.state.into(),
                    target: node.target.as_ref().map(ToString::to_string),
                    environment: environment.map(|one| one.name.to_string()),
                    group,
                },
            );
        }
        steps
    }
}

/// What is searched for: words that must all be there, each in small letters.
struct Words(Vec<String>);

impl Words {
    /// Words stand between spaces; what is in double quotes is one.
    fn of(text: &str) -> Self {
        let mut words = Vec::new();
        for (index, part) in text.to_lowercase().split('"').enumerate() {
            if index % 2 == 1 {
                words.push(part.to_owned());
            } else {
                words.extend(part.split_whitespace().map(str::to_owned));
            }
        }
        words.retain(|word| !word.is_empty());
        Self(words)
    }

    /// Where the words are found in a step, told of the last of them; none if one is not in it.
    #[expect(clippy::option_option, reason = "without words every step is found, nowhere in it")]
    fn find(&self, texts: &Texts<'_>) -> Option<Option<SearchHit>> {
        let mut missing: HashSet<&str> = self.0.iter().map(String::as_str).collect();
        let mut hit = None;
        if missing.is_empty() {
            return Some(None);
        }
        texts.each(&mut |place, text| {
            missing.retain(|word| match around(text, word) {
                Some(excerpt) => {
                    hit = Some((place.to_owned(), excerpt));
                    false
                }
                None => true,
            });
            missing.is_empty()
        });
        let (place, excerpt) = hit.filter(|_| missing.is_empty())?;
        let target = texts.seen.run().steps.get(&texts.number)?.target.clone();
        let step = texts.seen.run().step_id(texts.number).to_string();
        Some(Some(SearchHit { step, target, place, excerpt }))
    }
}

/// Log lines by step.
type Logs = HashMap<StepNumber, Vec<String>>;

fn logs(store: &Store, run: &RunId, seen: &Seen, blobs: &dyn Blobs) -> Result<Logs, ApiError> {
    let mut logs = Logs::new();
    for entry in store.logs(run, None)? {
        let visible = seen.run().execution(&entry.execution);
        if visible.is_none_or(|one| seen.environment(one).is_none()) {
            continue;
        }
        let (mut text, values) =
            fill(entry.template.as_deref().unwrap_or(""), &entry.values, blobs);
        for (name, value) in values {
            text.extend([" ", &name, "=", &value]);
        }
        logs.entry(entry.execution.step.number).or_default().push(text);
    }
    Ok(logs)
}

/// What can be found of a step.
struct Texts<'a> {
    seen: &'a Seen,
    blobs: &'a dyn Blobs,
    logs: &'a Logs,
    names: &'a Names,
    number: StepNumber,
}

impl Texts<'_> {
    /// Hands every text to `visit`, with what it is, until that says it has enough. What is cheap
    /// comes first.
    fn each(&self, visit: &mut dyn FnMut(&str, &str) -> bool) {
        let run = self.seen.run();
        let Some(step) = run.steps.get(&self.number) else { return };
        let attempts = self.seen.attempts(self.number);
        let id = run.step_id(self.number).to_string();
        if visit("target", &step.target().to_string()) || visit("id", &id) {
            return;
        }
        if let Some((newest, environment)) = attempts.last() {
            let state = state(run, newest, environment.origin).word();
            if visit("state", state) || visit("environment", environment.name.as_str()) {
                return;
            }
        }
        let lines = self.logs.get(&self.number).into_iter().flatten();
        if lines.into_iter().any(|line| visit("log", line)) {
            return;
        }
        let named = self.names.known(&step.target());
        for (index, value) in step.arguments.iter().enumerate() {
            let text = value.decode(self.blobs).python(SEARCHED);
            let name = named.get(index).cloned().unwrap_or_else(|| (index + 1).to_string());
            if visit(&format!("argument {name}"), &text) {
                return;
            }
        }
        // The newest of each side: what the inspector shows.
        for origin in [Origin::Local, Origin::Imported] {
            let newest = attempts.iter().rfind(|(_, environment)| environment.origin == origin);
            if newest.is_some_and(|(execution, _)| self.outcome(execution, visit)) {
                return;
            }
        }
    }

    fn outcome(&self, execution: &Execution, visit: &mut dyn FnMut(&str, &str) -> bool) -> bool {
        let Some(followed) = follow(self.seen.run(), execution) else { return false };
        match followed.outcome.value() {
            Some(value) => visit("result", &value.decode(self.blobs).python(SEARCHED)),
            None => visit("error", &words(followed.outcome)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_between_spaces_or_in_quotes() {
        for (text, expected) in [
            ("  Price order ", vec!["price", "order"]),
            ("\"price order\" CH", vec!["price order", "ch"]),
            ("\"open", vec!["open"]),
            ("\"\" ", vec![]),
        ] {
            assert_eq!(Words::of(text).0, expected);
        }
    }
}
