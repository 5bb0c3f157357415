//! Decoded values as the trees that the views show: bounded at first, more on demand.

use hindcast_model::Blobs;
use hindcast_model::{Content, Data, Fragment};

use crate::handle::ValueHandle;
use crate::view::{ValueKind, ValuePage, ValueTree};

/// How many nodes a tree has at most when it is first shown.
const NODES: usize = 200;
/// How many children of one node are shown at first.
const CHILDREN: usize = 100;
/// How deep a tree is at first.
const DEPTH: usize = 6;
/// How long a node's text is at most, in characters.
const TEXT: usize = 400;
/// How many children one page has at most.
const PAGE: usize = 1000;

/// The top of a value's tree.
pub(crate) fn tree(handle: &ValueHandle, data: &Data) -> ValueTree {
    let depth = (1..=DEPTH).rev().find(|&depth| nodes(data, depth, NODES) <= NODES).unwrap_or(1);
    ValueTree { handle: Some(handle.to_string()), ..node(data, None, depth) }
}

/// Some children of the node at `path`; none if there is no such node.
pub(crate) fn page(
    data: &Data,
    path: &[u32],
    offset: u32,
    limit: u32,
    blobs: &dyn Blobs,
) -> Option<ValuePage> {
    let data = at(data, path)?;
    // Bytes too large to be read along with the value are read when they are looked at.
    let read = match data {
        Data::Fragment(fragment) if matches!(fragment.content, Content::Unread) => {
            Some(Data::Fragment(Fragment { content: fragment.read(blobs), ..fragment.clone() }))
        }
        _ => None,
    };
    let children = children(read.as_ref().unwrap_or(data));
    let (skip, take) = (offset as usize, (limit as usize).min(PAGE));
    let count = length(children.len());
    let shown = children.into_iter().skip(skip).take(take);
    let children = shown.map(|(label, child)| node(child, label, 1)).collect();
    Some(ValuePage { offset, count, children })
}

/// The node at `path`: child indexes from the top.
pub(crate) fn at<'data>(data: &'data Data, path: &[u32]) -> Option<&'data Data> {
    path.iter().try_fold(data, |data, &index| {
        children(data).into_iter().nth(index as usize).map(|(_, child)| child)
    })
}

/// How many nodes a tree of that depth has; stops counting beyond `most`.
fn nodes(data: &Data, depth: usize, most: usize) -> usize {
    let mut count = 1;
    if depth == 0 {
        return count;
    }
    for (_, child) in children(data).into_iter().take(CHILDREN) {
        count += nodes(child, depth - 1, most.saturating_sub(count));
        if count > most {
            break;
        }
    }
    count
}

fn node(data: &Data, label: Option<String>, depth: usize) -> ValueTree {
    let children = children(data);
    let count = length(children.len());
    let shown = if depth == 0 { 0 } else { CHILDREN };
    let children = children.into_iter().take(shown);
    let children = children.map(|(label, child)| node(child, label, depth - 1)).collect();
    let (kind, text, size) = (kind(data), text(data), bulk(data));
    ValueTree { handle: None, kind, label, text, size, count, children }
}

/// A child with its key.
pub(crate) type Child<'data> = (Option<String>, &'data Data);

/// What stands right below a node, with its keys as Python would write them.
pub(crate) fn children(data: &Data) -> Vec<Child<'_>> {
    match data {
        Data::List(items) | Data::Tuple(items) => {
            items.iter().enumerate().map(|(index, item)| (Some(index.to_string()), item)).collect()
        }
        Data::Set(items) => items.iter().map(|item| (None, item)).collect(),
        Data::Dict(pairs) => {
            pairs.iter().map(|(key, value)| (Some(key.python(TEXT)), value)).collect()
        }
        Data::Unknown { fields, .. } => {
            fields.iter().map(|(name, value)| (Some(name.clone()), value)).collect()
        }
        Data::Fragment(Fragment { content: Content::Json(inner), .. }) => match &**inner {
            Data::Dict(fields) => {
                fields.iter().map(|(name, value)| (Some(field(name)), value)).collect()
            }
            other => vec![(None, other)],
        },
        _ => Vec::new(),
    }
}

/// Whether what stands below a node are attributes, not items.
pub(crate) fn field_of(data: &Data) -> bool {
    matches!(data, Data::Fragment(_) | Data::Unknown { .. })
}

/// A model's field goes without quotes.
fn field(name: &Data) -> String {
    match name {
        Data::Str(name) => name.clone(),
        other => other.python(TEXT),
    }
}

fn kind(data: &Data) -> ValueKind {
    match data {
        Data::None => ValueKind::None,
        Data::Bool(_) => ValueKind::Bool,
        Data::Int(_) | Data::BigInt(_) => ValueKind::Int,
        Data::Float(_) => ValueKind::Float,
        Data::Str(_) => ValueKind::Str,
        Data::List(_) => ValueKind::List,
        Data::Tuple(_) => ValueKind::Tuple,
        Data::Set(_) => ValueKind::Set,
        Data::Dict(_) | Data::Unknown { .. } => ValueKind::Dict,
        Data::DateTime(_) => ValueKind::Datetime,
        Data::Date(_) => ValueKind::Date,
        Data::Time(_) => ValueKind::Time,
        Data::Duration(_) => ValueKind::Timedelta,
        Data::Decimal(_) => ValueKind::Decimal,
        Data::Uuid(_) => ValueKind::Uuid,
        Data::Fragment(fragment) => match (&fragment.content, fragment.format.as_str()) {
            (Content::Missing, _) => ValueKind::Missing,
            (Content::Broken(_), _) => ValueKind::Broken,
            (_, "bytes") => ValueKind::Bytes,
            (_, "json" | "pydantic") => ValueKind::Model,
            _ => ValueKind::Pickle,
        },
        Data::Execution { .. } => ValueKind::Execution,
        Data::Asset { .. } => ValueKind::Asset,
        Data::Input(_) => ValueKind::Input,
        Data::Stream { .. } => ValueKind::Stream,
        Data::Missing { .. } => ValueKind::Missing,
        Data::Broken { .. } => ValueKind::Broken,
    }
}

/// What a node says for itself; nothing for a container that holds anything.
pub(crate) fn text(data: &Data) -> String {
    match data {
        Data::List(items) | Data::Tuple(items) | Data::Set(items) if items.is_empty() => {
            data.python(TEXT)
        }
        Data::Dict(pairs) if pairs.is_empty() => data.python(TEXT),
        Data::List(_) | Data::Tuple(_) | Data::Set(_) | Data::Dict(_) => String::new(),
        Data::Unknown { kind, .. } => kind.clone(),
        Data::Fragment(fragment) => match &fragment.content {
            Content::Missing => missing(fragment.size),
            Content::Broken(reason) => reason.clone(),
            Content::Bytes(_) => data.python(TEXT),
            Content::Json(_) => fragment.class().unwrap_or_default().to_owned(),
            Content::Unread => match fragment.class() {
                Some(class) => format!("{class}, {}", size(fragment.size)),
                None => size(fragment.size),
            },
        },
        Data::Execution { id, target } => match target {
            Some(target) => format!("{id} {target}"),
            None => id.to_string(),
        },
        Data::Input(id) => id.to_string(),
        Data::Asset { id, asset } => match &asset.name {
            Some(name) => format!("{id} {name}"),
            None => id.to_string(),
        },
        Data::Missing { size, .. } => missing(*size),
        Data::Broken { reason } => reason.clone(),
        _ => data.python(TEXT),
    }
}

/// How large it is, where one node can be large.
fn bulk(data: &Data) -> Option<u64> {
    match data {
        Data::Str(text) => Some(text.chars().count() as u64),
        Data::Missing { size, .. } => Some(*size),
        Data::Fragment(fragment) => match &fragment.content {
            Content::Json(_) => None,
            Content::Bytes(bytes) => Some(bytes.len() as u64),
            _ => Some(fragment.size),
        },
        _ => None,
    }
}

fn missing(bytes: u64) -> String {
    format!("{}, its blob is not in the store", size(bytes))
}

/// A size for people.
pub(crate) fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let (whole, bytes) = (bytes, bytes as f64);
    match whole {
        1 => "1 byte".to_owned(),
        0..1_000 => format!("{whole} bytes"),
        // From here on it would be told as 1000.0.
        1_000..999_950 => format!("{:.1} kB", bytes / 1e3),
        999_950..999_950_000 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}

fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use hindcast_model::BlobKey;

    use super::*;

    fn count(tree: &ValueTree) -> usize {
        1 + tree.children.iter().map(count).sum::<usize>()
    }

    fn numbers(count: i64) -> Data {
        Data::List((0..count).map(Data::Int).collect())
    }

    #[test]
    fn a_tree_is_bounded_and_says_how_much_there_is() {
        let handle: ValueHandle = "result/R1:1:1".parse().unwrap();
        let pairs = (0..50).map(|key| (Data::Int(key), numbers(1000)));
        for (data, children) in [
            (numbers(10_000), CHILDREN),
            (Data::Dict(pairs.collect()), 50),
            (Data::List(vec![numbers(3)]), 1),
        ] {
            let tree = tree(&handle, &data);
            assert!(count(&tree) <= NODES, "{} nodes", count(&tree));
            assert_eq!(tree.children.len(), children);
        }
        let large = tree(&handle, &numbers(10_000));
        assert_eq!((large.count, large.handle.as_deref()), (10_000, Some("result/R1:1:1")));
        let text = Data::Str("x".repeat(100_000));
        assert!(tree(&handle, &text).text.chars().count() <= TEXT);
    }

    #[test]
    fn what_holds_nothing_is_told_as_python_writes_it() {
        for (data, told) in [
            (Data::List(Vec::new()), "[]"),
            (Data::Tuple(Vec::new()), "()"),
            (Data::Set(Vec::new()), "set()"),
            (Data::Dict(Vec::new()), "{}"),
            (numbers(1), ""),
        ] {
            assert_eq!(text(&data), told);
        }
    }

    #[test]
    fn sizes_are_as_short_as_they_stay_true() {
        for (bytes, told) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1536, "1.5 kB"),
            (999_950, "1.0 MB"),
            (5_000_000_000, "5.0 GB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }

    #[test]
    fn a_page_holds_the_children_asked_for() {
        let blobs = HashMap::<BlobKey, Arc<[u8]>>::new();
        let data = Data::Dict(vec![(Data::Str("a".to_owned()), numbers(500))]);
        let found = page(&data, &[0], 498, 10, &blobs).unwrap();
        let texts: Vec<_> = found.children.iter().map(|child| child.text.as_str()).collect();
        assert_eq!((found.count, texts), (500, vec!["498", "499"]));
        assert!(page(&data, &[1], 0, 10, &blobs).is_none());
        assert!(page(&data, &[0, 500], 0, 10, &blobs).is_none());
    }
}
