//! What executions measured.

use std::collections::{BTreeMap, HashMap};

use hindcast_model::{Execution, ExecutionId, MetricDefinition, Origin};
use hindcast_store::Store;

use crate::ApiError;
use crate::seen::Seen;
use crate::view::{MetricView, SeriesView};

/// How many points a plot gets at most: more than it has pixels to tell them apart.
const MOST_POINTS: usize = 400;

/// What these executions measured, by metric; what none of them measured is left out.
pub(crate) fn metrics(
    store: &Store,
    seen: &Seen,
    executions: &[ExecutionId],
) -> Result<Vec<MetricView>, ApiError> {
    let mut metrics: BTreeMap<String, MetricView> = BTreeMap::new();
    for id in executions {
        let Some(execution) = seen.run().execution(id) else { continue };
        for (key, mut points) in store.measured(id)? {
            // JSON has no infinities.
            points.retain(|(at, value)| at.is_finite() && value.is_finite());
            let Some(series) = series(seen, execution, &points) else { continue };
            let metric = metrics.entry(key).or_insert_with_key(|key| undefined(key));
            if let Some(known) = execution.metrics.as_ref().and_then(|all| all.get(&metric.key)) {
                define(metric, known);
            }
            metric.series.push(series);
        }
    }
    let mut metrics: Vec<MetricView> = metrics.into_values().collect();
    metrics.sort_by(|a, b| (!a.progress, &a.group, &a.key).cmp(&(!b.progress, &b.group, &b.key)));
    Ok(metrics)
}

fn undefined(key: &str) -> MetricView {
    MetricView {
        key: key.to_owned(),
        group: None,
        group_units: None,
        group_lower: None,
        group_upper: None,
        scale: None,
        units: None,
        lower: None,
        upper: None,
        progress: false,
        series: Vec::new(),
    }
}

/// Draws a metric as this says; the local execution's word comes last, and counts.
fn define(metric: &mut MetricView, definition: &MetricDefinition) {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    metric.group = said(&definition.group);
    metric.group_units = said(&definition.group_units);
    metric.group_lower = number(definition.group_lower.as_ref());
    metric.group_upper = number(definition.group_upper.as_ref());
    metric.scale = said(&definition.scale);
    metric.units = said(&definition.units);
    metric.lower = number(definition.lower.as_ref());
    metric.upper = number(definition.upper.as_ref());
    metric.progress = definition.progress;
}

fn number(number: Option<&serde_json::Number>) -> Option<f64> {
    number.and_then(serde_json::Number::as_f64).filter(|number| number.is_finite())
}

fn series(seen: &Seen, execution: &Execution, points: &[(f64, f64)]) -> Option<SeriesView> {
    let environment = seen.environment(execution)?;
    let (_, last) = *points.last()?;
    let values = || points.iter().map(|(_, value)| *value);
    Some(SeriesView {
        execution: execution.execution_id.to_string(),
        environment: environment.name.to_string(),
        imported: environment.origin == Origin::Imported,
        count: u32::try_from(points.len()).unwrap_or(u32::MAX),
        smallest: values().fold(last, f64::min),
        largest: values().fold(last, f64::max),
        last,
        points: thin(points),
    })
}

/// The points a plot needs: all if they are few, else the smallest and the largest of each stretch,
/// so that no spike is lost, between the first and the last.
fn thin(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let [first, inner @ .., last] = points else { return points.to_vec() };
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    let stretches = MOST_POINTS / 2 - 1;
    let mut thinned = vec![*first];
    for stretch in inner.chunks(inner.len().div_ceil(stretches)) {
        let by_value = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let smallest = stretch.iter().enumerate().min_by(|a, b| by_value(&a.1, &b.1));
        let largest = stretch.iter().enumerate().max_by(|a, b| by_value(&a.1, &b.1));
        let (Some((low, &smallest)), Some((high, &largest))) = (smallest, largest) else {
            continue;
        };
        thinned.push(if low <= high { smallest } else { largest });
        if low != high {
            thinned.push(if low <= high { largest } else { smallest });
        }
    }
    thinned.push(*last);
    thinned
}

/// How far the executions of a run said they are, 0 to 1.
pub(crate) fn progress(store: &Store, seen: &Seen) -> Result<HashMap<ExecutionId, f64>, ApiError> {
    let mut progress = HashMap::new();
    let executions = seen.run().steps.values().flat_map(|step| step.executions.values());
    for execution in executions.filter(|one| seen.environment(one).is_some()) {
        let defined = execution.metrics.iter().flatten();
        let Some((key, definition)) = defined.into_iter().find(|(_, one)| one.progress) else {
            continue;
        };
        let last = store.last_measured(&execution.execution_id, key)?;
        if let Some(part) = last.and_then(|last| part(last, definition)) {
            progress.insert(execution.execution_id.clone(), part);
        }
    }
    Ok(progress)
}

/// Which part of the way to its upper bound a value is; without bounds, it goes from 0 to 1.
fn part(value: f64, definition: &MetricDefinition) -> Option<f64> {
    let lower = number(definition.lower.as_ref()).unwrap_or(0.0);
    let upper = number(definition.upper.as_ref()).unwrap_or(1.0);
    let part = (value - lower) / (upper - lower);
    (upper > lower && part.is_finite()).then(|| part.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_points_become_few_without_losing_a_spike() {
        let mut points: Vec<(f64, f64)> = (0..100_000).map(|n| (f64::from(n), 1.0)).collect();
        points[54_321].1 = 9.0;
        points[77_777].1 = -9.0;
        let thinned = thin(&points);
        assert!(thinned.len() <= MOST_POINTS, "{}", thinned.len());
        assert!(thinned.contains(&(54_321.0, 9.0)) && thinned.contains(&(77_777.0, -9.0)));
        assert_eq!((thinned[0], thinned[thinned.len() - 1]), (points[0], points[99_999]));
        assert!(thinned.is_sorted_by(|a, b| a.0 < b.0), "in the order they were measured");
        for few in [0, 1, 2, MOST_POINTS] {
            assert_eq!(thin(&points[..few]), &points[..few]);
        }
    }

    #[test]
    fn progress_is_a_part_of_the_way_between_the_bounds() {
        let bounded = |lower: &str, upper: &str| -> MetricDefinition {
            let text = format!(r#"{{"progress":true,"lower":{lower},"upper":{upper}}}"#);
            serde_json::from_str(&text).unwrap()
        };
        for (value, lower, upper, expected) in [
            (2.0, "null", "8", Some(0.25)),
            (15.0, "10", "20", Some(0.5)),
            (0.3, "null", "null", Some(0.3)),
            (9.0, "null", "5", Some(1.0)),
            (-1.0, "0", "5", Some(0.0)),
            (0.0, "null", "0", None),
            (f64::INFINITY, "null", "5", None),
        ] {
            assert_eq!(part(value, &bounded(lower, upper)), expected, "{value} {lower} {upper}");
        }
    }
}
