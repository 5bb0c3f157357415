use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::StateCount;

/// The steps that a search found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchView {
    /// Run id.
    pub run: String,
    /// The environment it is seen from.
    pub environment: String,
    /// The numbers of all steps found, in call order.
    pub steps: Vec<u32>,
    /// Where the text was found in the first of them; empty where none was searched for.
    pub hits: Vec<SearchHit>,
    /// The command that finds the same.
    pub command: String,
}

/// Where a text was found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    /// Step id.
    pub step: String,
    /// The function it calls.
    pub target: String,
    /// In what of it: `target`, `id`, `argument country` (or `argument 2` where no name is known), `result`, `error`, `log`, …
    pub place: String,
    /// What stands around the text there.
    pub excerpt: String,
}

/// By what the steps of a run can be filtered.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FacetsView {
    /// The states that steps are in.
    pub states: Vec<StateCount>,
    /// The targets (`module:function`) called, those called most first.
    pub targets: Vec<FacetCount>,
    /// The environments that the shown attempts happened in.
    pub environments: Vec<FacetCount>,
    /// The groups that calls were made in, by name.
    pub groups: Vec<FacetCount>,
}

/// How many steps are of a kind.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FacetCount {
    /// Which.
    pub name: String,
    /// How many.
    pub count: u32,
}
