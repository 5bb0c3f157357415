use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A metric of a step: how it is drawn, and what was measured.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MetricView {
    /// Its name.
    pub key: String,
    /// The group of metrics it was put into: those share their horizontal axis.
    pub group: Option<String>,
    /// Unit of the horizontal axis, where the group names one.
    pub group_units: Option<String>,
    /// Lower bound of the horizontal axis.
    pub group_lower: Option<f64>,
    /// Upper bound of the horizontal axis.
    pub group_upper: Option<f64>,
    /// The scale it is drawn on.
    pub scale: Option<String>,
    /// Unit of its values.
    pub units: Option<String>,
    /// Lower bound of its values.
    pub lower: Option<f64>,
    /// Upper bound of its values.
    pub upper: Option<f64>,
    /// Whether it is the execution's progress bar.
    pub progress: bool,
    /// What each execution measured, the ancestor's first.
    pub series: Vec<SeriesView>,
}

/// What an execution measured of a metric.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SeriesView {
    /// Execution id.
    pub execution: String,
    /// The environment it happened in.
    pub environment: String,
    /// Whether that is an imported one.
    pub imported: bool,
    /// How many points were measured; infinite ones are not among them.
    pub count: u32,
    /// The smallest value of all.
    pub smallest: f64,
    /// The largest value of all.
    pub largest: f64,
    /// The value measured last.
    pub last: f64,
    /// Moments and values in the order they were measured: all of them, or for many the smallest and
    /// the largest of each stretch.
    pub points: Vec<(f64, f64)>,
}
