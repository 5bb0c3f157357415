//! Rules by which calls of a target are matched in place of its memo key: which parameters count,
//! and which part of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::data::{Content, Data};
use crate::fingerprint::{Fingerprint, Fingerprints, Known};
use crate::python::quoted;
use crate::{IdError, Params, Value};

/// How calls of a target are matched. Parameters are named by position, from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MatchingRule {
    /// Only these parameters count; none for all.
    pub only: Option<BTreeSet<usize>>,
    /// These do not.
    pub ignore: BTreeSet<usize>,
    /// Of these, only some parts count.
    pub parts: BTreeMap<usize, Vec<ValuePath>>,
}

/// A place in a value, as Python would write it after the value's name: `['lines'][0].price`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValuePath(Vec<Walk>);

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Walk {
    /// `['lines']`
    Key(String),
    /// `[0]`; of a dict the key 0. Counted from the end where negative.
    Index(i64),
    /// `.price`: a model's field.
    Field(String),
}

impl MatchingRule {
    /// Whether the argument at this position counts at all.
    pub fn covers(&self, index: usize) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&index)) && !self.ignore.contains(&index)
    }

    /// The positions that count, of so many.
    pub fn params(&self, count: usize) -> Params {
        if self.only.is_none() && self.ignore.is_empty() {
            return Params::All;
        }
        Params::Only((0..count).filter(|index| self.covers(*index)).collect())
    }

    /// What a call is matched by: equal exactly for calls that match. An argument that is not sent
    /// counts with its default, where that is known. None if an argument that counts cannot be
    /// read: such a call matches none.
    pub fn print(&self, arguments: &[Value], known: &Known<'_>) -> Option<Vec<Fingerprint>> {
        let count = arguments.len().max(known.defaults.len()).max(self.highest());
        let mut prints = Fingerprints::new(*known);
        let counted = (0..count).filter(|index| self.covers(*index));
        let mut all = Vec::new();
        for index in counted {
            let sent = arguments.get(index).map(|value| value.decode(known.blobs));
            let data = sent.or_else(|| known.defaults.get(index).cloned().flatten());
            match (data, self.parts.get(&index)) {
                (None, _) => all.push(prints.of(&absent())?),
                (Some(data), None) => all.push(prints.of(&readable(data)?)?),
                (Some(data), Some(paths)) => {
                    for path in paths {
                        let part = path.find(&data, known).unwrap_or_else(absent);
                        all.push(prints.of(&readable(part)?)?);
                    }
                }
            }
        }
        // Arguments beyond those that count on the other side make no difference if not sent.
        let nothing = prints.of(&absent())?;
        while all.last() == Some(&nothing) {
            all.pop();
        }
        Some(all)
    }

    fn highest(&self) -> usize {
        let named = self.only.iter().flatten().chain(self.parts.keys());
        named.max().map_or(0, |highest| highest + 1)
    }
}

/// What stands for nothing: no Python value is decoded to it.
fn absent() -> Data {
    Data::Unknown { kind: "hindcast: not sent".to_owned(), fields: Vec::new() }
}

fn readable(data: Data) -> Option<Data> {
    data.is_readable().then_some(data)
}

impl ValuePath {
    /// What stands at this place; none where there is no such place. A handle on an execution stands
    /// for the value that produced.
    fn find(&self, data: &Data, known: &Known<'_>) -> Option<Data> {
        let mut at = data.clone();
        for walk in &self.0 {
            if let Data::Execution { id, .. } = &at {
                at = (known.handles)(id)?;
            }
            at = walk.into(&at)?.clone();
        }
        Some(at)
    }
}

impl Walk {
    fn into<'data>(&self, data: &'data Data) -> Option<&'data Data> {
        match (self, data) {
            (Self::Index(index), Data::List(items) | Data::Tuple(items)) => {
                let from_end = || items.len().checked_sub(usize::try_from(-index).ok()?);
                let place = usize::try_from(*index).ok().or_else(from_end)?;
                items.get(place)
            }
            (Self::Key(_) | Self::Index(_), Data::Dict(pairs)) => {
                let is_it = |key: &Data| match (self, key) {
                    (Self::Key(name), Data::Str(key)) => name == key,
                    (Self::Index(number), Data::Int(key)) => number == key,
                    _ => false,
                };
                pairs.iter().find(|(key, _)| is_it(key)).map(|(_, value)| value)
            }
            (Self::Field(name) | Self::Key(name), Data::Fragment(fragment)) => {
                let Content::Json(content) = &fragment.content else { return None };
                let Data::Dict(pairs) = &**content else { return None };
                let is_it = |key: &Data| matches!(key, Data::Str(key) if key == name);
                pairs.iter().find(|(key, _)| is_it(key)).map(|(_, value)| value)
            }
            _ => None,
        }
    }
}

impl fmt::Display for ValuePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for walk in &self.0 {
            match walk {
                Walk::Key(key) => write!(f, "[{}]", quoted(key))?,
                Walk::Index(index) => write!(f, "[{index}]")?,
                Walk::Field(name) => write!(f, ".{name}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ValuePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

const FORM: &str = "a place in a value (like ['lines'][0] or .price)";

impl FromStr for ValuePath {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let bad = || IdError { what: FORM, text: text.chars().take(80).collect() };
        let mut walks = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (walk, after) = next(rest).ok_or_else(bad)?;
            walks.push(walk);
            rest = after;
        }
        if walks.is_empty() { Err(bad()) } else { Ok(Self(walks)) }
    }
}

fn next(text: &str) -> Option<(Walk, &str)> {
    if let Some(rest) = text.strip_prefix('.') {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        return (!name.is_empty()).then(|| (Walk::Field(name.to_owned()), rest));
    }
    let inside = text.strip_prefix('[')?;
    let quote = inside.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let Some(quote) = quote else {
        let (number, rest) = inside.split_once(']')?;
        return Some((Walk::Index(number.trim().parse().ok()?), rest));
    };
    let mut key = String::new();
    let mut chars = inside.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => key.push(chars.next()?.1),
            _ if c == quote => {
                let rest = inside[at + 1..].strip_prefix(']')?;
                return Some((Walk::Key(key), rest));
            }
            _ => key.push(c),
        }
    }
    None
}

impl Serialize for ValuePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ValuePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use super::*;
    use crate::{BlobKey, Json};

    fn value(json: &str) -> Value {
        Value::raw(Json::parse(json).unwrap(), Vec::new())
    }

    fn rule(only: Option<&[usize]>, ignore: &[usize], parts: &[(usize, &str)]) -> MatchingRule {
        let mut by_place: BTreeMap<usize, Vec<ValuePath>> = BTreeMap::new();
        for (index, path) in parts {
            by_place.entry(*index).or_default().push(path.parse().unwrap());
        }
        MatchingRule {
            only: only.map(|only| only.iter().copied().collect()),
            ignore: ignore.iter().copied().collect(),
            parts: by_place,
        }
    }

    #[test]
    fn calls_match_by_what_counts() {
        let nothing: HashMap<BlobKey, Arc<[u8]>> = HashMap::new();
        let order = r#"{"type":"dict","items":["id",7,"lines",["a","b"],"at",1]}"#;
        let later = r#"{"type":"dict","items":["at",2,"lines",["a","c"],"id",7]}"#;
        for (rule, one, other, same) in [
            (rule(None, &[], &[]), vec!["1", "2"], vec!["1", "2"], true),
            (rule(None, &[], &[]), vec!["1", "2"], vec!["1", "3"], false),
            (rule(None, &[1], &[]), vec!["1", "2"], vec!["1", "3"], true),
            (rule(None, &[1], &[]), vec!["1", "2"], vec!["1"], true),
            (rule(Some(&[0]), &[], &[]), vec!["1", "2"], vec!["1", "3", "4"], true),
            (rule(Some(&[0]), &[], &[]), vec!["1"], vec!["2"], false),
            (rule(None, &[], &[(0, "['id']")]), vec![order], vec![later], true),
            (rule(None, &[], &[(0, "['lines'][0]")]), vec![order], vec![later], true),
            (rule(None, &[], &[(0, "['lines'][-1]")]), vec![order], vec![later], false),
            (rule(None, &[], &[(0, "['no']")]), vec![order], vec!["5"], true),
        ] {
            let print = |arguments: Vec<&str>| {
                let arguments: Vec<Value> = arguments.into_iter().map(value).collect();
                rule.print(&arguments, &Known::only(&nothing)).unwrap()
            };
            assert_eq!(
                print(one.clone()) == print(other.clone()),
                same,
                "{rule:?} {one:?} {other:?}"
            );
        }
    }

    #[test]
    fn places_are_written_as_python_would() {
        for text in ["['lines'][0].price", "[-1]", ".a.b"] {
            assert_eq!(text.parse::<ValuePath>().unwrap().to_string(), text);
        }
        for text in ["", "lines", "['a", "[x]", "."] {
            let error = text.parse::<ValuePath>().unwrap_err().to_string();
            assert!(error.ends_with("(like ['lines'][0] or .price)"), "{error}");
        }
    }
}
