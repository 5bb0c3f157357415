//! Fields that a newer server adds to what we know.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Value as Any;

/// The fields of an object that are unknown to us, kept so that what came in goes out again.
///
/// A map in a sorted list behind a pointer, none where there is nothing: there are hundreds of thousands
/// of such objects, nearly all of them without; and a server that adds a field adds it to all of them,
/// where a tree's first node takes the memory of eleven fields. For `#[serde(flatten)]`.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(clippy::box_collection, reason = "a list in place is three times as large")]
pub struct Extra(Option<Box<Vec<(String, Any)>>>);

impl Extra {
    /// No fields.
    pub const NONE: Self = Self(None);

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.all().binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    fn all(&self) -> &[(String, Any)] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all().len()
    }

    /// The field of this name.
    pub fn get(&self, name: &str) -> Option<&Any> {
        self.find(name).ok().map(|at| &self.all()[at].1)
    }

    /// Whether there is a field of this name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.find(name).is_ok()
    }

    /// Adds a field. Gives the one that it takes the place of, if there was one.
    pub fn insert(&mut self, name: String, value: Any) -> Option<Any> {
        let place = self.find(&name);
        let all = self.0.get_or_insert_default();
        match place {
            Ok(at) => Some(std::mem::replace(&mut all[at].1, value)),
            Err(at) => {
                all.reserve_exact(1);
                all.insert(at, (name, value));
                None
            }
        }
    }

    /// Keeps those for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Any) -> bool) {
        let Some(all) = &mut self.0 else { return };
        all.retain_mut(|(name, value)| keep(name, value));
        if all.is_empty() {
            self.0 = None;
        }
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Any)> {
        self.all().iter().map(|(name, value)| (name.as_str(), value))
    }

    /// All of them, to be changed.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&str, &mut Any)> {
        let all = self.0.as_deref_mut().map_or(&mut [][..], Vec::as_mut_slice);
        all.iter_mut().map(|(name, value)| (name.as_str(), value))
    }

    /// Adds those of `newer` that are not there, or null.
    pub fn fill(&mut self, newer: &Self) {
        let missing = newer.iter().filter(|(name, _)| self.get(name).is_none_or(Any::is_null));
        let missing: Vec<_> =
            missing.map(|(name, value)| (name.to_owned(), value.clone())).collect();
        // All at once: there may be as many as a hostile export has, and each would move the others.
        if !missing.is_empty() {
            let known = self.0.take().map(|all| *all).unwrap_or_default();
            *self = known.into_iter().chain(missing).collect();
        }
    }
}

impl FromIterator<(String, Any)> for Extra {
    /// Of two of one name the later counts, as in any JSON object.
    fn from_iter<I: IntoIterator<Item = (String, Any)>>(fields: I) -> Self {
        let mut all: Vec<(String, Any)> = fields.into_iter().collect();
        if all.is_empty() {
            return Self::NONE;
        }
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        all.dedup_by(|later, kept| {
            let again = later.0 == kept.0;
            if again {
                std::mem::swap(later, kept);
            }
            again
        });
        all.shrink_to_fit();
        Self(Some(Box::new(all)))
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ExtraVisitor;
        impl<'de> Visitor<'de> for ExtraVisitor {
            type Value = Extra;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Extra, A::Error> {
                let mut all = Vec::new();
                while let Some(field) = map.next_entry()? {
                    all.push(field);
                }
                Ok(all.into_iter().collect())
            }
        }
        deserializer.deserialize_map(ExtraVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Extra {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn it_is_the_map_it_stands_for() {
        assert_eq!(size_of::<Extra>(), size_of::<usize>());
        assert_eq!(read("{}"), Extra::NONE);
        let mut extra = read(r#"{"b": [1e300, null], "a": 1, "b": {"é": 0.1}, "": null}"#);
        assert_eq!(
            serde_json::to_string(&extra).unwrap(),
            r#"{"":null,"a":1,"b":{"é":0.1}}"#,
            "of two of one name the later counts"
        );
        assert_eq!(
            extra,
            extra.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
        );
        assert_eq!(extra.get("a"), Some(&Any::from(1)));
        extra.fill(&read(r#"{"": 5, "a": 6, "c": 7}"#));
        assert_eq!(extra, read(r#"{"": 5, "a": 1, "b": {"é": 0.1}, "c": 7}"#));
        assert_eq!(extra.insert("a".into(), Any::Null), Some(Any::from(1)));
        extra.retain(|name, value| name == "b" && value.is_object());
        assert_eq!((extra.len(), extra.contains_key("b")), (1, true));
        extra.retain(|_, _| false);
        assert_eq!(extra, Extra::NONE);
    }
}
