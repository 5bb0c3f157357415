//! The attempts at a step.

use std::fmt;
use std::ops::{Bound, Index, RangeBounds};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::{Attempt, Execution};

/// The attempts at a step, by number.
///
/// A map in a sorted list: most steps have one attempt, and a tree's first node takes the memory of
/// eleven.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attempts(Vec<(Attempt, Execution)>);

impl Attempts {
    /// No attempts.
    pub fn new() -> Self {
        Self::default()
    }

    fn find(&self, attempt: Attempt) -> Result<usize, usize> {
        self.0.binary_search_by_key(&attempt, |(known, _)| *known)
    }

    /// The attempt of this number.
    pub fn get(&self, attempt: &Attempt) -> Option<&Execution> {
        self.find(*attempt).ok().map(|at| &self.0[at].1)
    }

    /// The attempt of this number, to be changed.
    pub fn get_mut(&mut self, attempt: &Attempt) -> Option<&mut Execution> {
        self.find(*attempt).ok().map(|at| &mut self.0[at].1)
    }

    /// Whether there is an attempt of this number.
    pub fn contains_key(&self, attempt: &Attempt) -> bool {
        self.find(*attempt).is_ok()
    }

    /// Adds an attempt. Gives the one that it takes the place of, if there was one.
    pub fn insert(&mut self, attempt: Attempt, execution: Execution) -> Option<Execution> {
        match self.find(attempt) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, execution)),
            Err(at) => {
                if self.0.is_empty() {
                    self.0.reserve_exact(1);
                }
                self.0.insert(at, (attempt, execution));
                None
            }
        }
    }

    /// Takes an attempt out.
    pub fn remove(&mut self, attempt: &Attempt) -> Option<Execution> {
        self.find(*attempt).ok().map(|at| self.0.remove(at).1)
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Keeps those for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&Attempt, &mut Execution) -> bool) {
        self.0.retain_mut(|(attempt, execution)| keep(attempt, execution));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, first to last.
    pub fn iter(&self) -> Iter<'_> {
        self.0.iter().map(|(attempt, execution)| (attempt, execution))
    }

    /// All of them, to be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_> {
        self.0.iter_mut().map(|(attempt, execution)| (&*attempt, execution))
    }

    /// Their numbers.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Attempt> + ExactSizeIterator + Clone {
        self.0.iter().map(|(attempt, _)| attempt)
    }

    /// The executions.
    pub fn values(
        &self,
    ) -> impl DoubleEndedIterator<Item = &Execution> + ExactSizeIterator + Clone {
        self.0.iter().map(|(_, execution)| execution)
    }

    /// The executions, to be changed.
    pub fn values_mut(
        &mut self,
    ) -> impl DoubleEndedIterator<Item = &mut Execution> + ExactSizeIterator {
        self.0.iter_mut().map(|(_, execution)| execution)
    }

    /// The executions, taken out.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = Execution> + ExactSizeIterator {
        self.0.into_iter().map(|(_, execution)| execution)
    }

    /// Those with numbers in a range.
    pub fn range(&self, numbers: impl RangeBounds<Attempt>) -> Iter<'_> {
        let before = |bound: Bound<&Attempt>, end: bool| match bound {
            Bound::Unbounded => {
                if end {
                    self.0.len()
                } else {
                    0
                }
            }
            Bound::Included(number) if end => self.0.partition_point(|(known, _)| known <= number),
            Bound::Excluded(number) if !end => self.0.partition_point(|(known, _)| known <= number),
            Bound::Included(number) | Bound::Excluded(number) => {
                self.0.partition_point(|(known, _)| known < number)
            }
        };
        let from = before(numbers.start_bound(), false);
        let to = before(numbers.end_bound(), true).max(from);
        self.0[from..to].iter().map(|(attempt, execution)| (attempt, execution))
    }

    /// The one with the lowest number.
    pub fn first_key_value(&self) -> Option<(&Attempt, &Execution)> {
        self.iter().next()
    }

    /// The one with the highest number.
    pub fn last_key_value(&self) -> Option<(&Attempt, &Execution)> {
        self.iter().next_back()
    }
}

/// Attempts with their numbers.
pub type Iter<'a> = std::iter::Map<
    std::slice::Iter<'a, (Attempt, Execution)>,
    fn(&'a (Attempt, Execution)) -> (&'a Attempt, &'a Execution),
>;
/// Attempts with their numbers, to be changed.
pub type IterMut<'a> = std::iter::Map<
    std::slice::IterMut<'a, (Attempt, Execution)>,
    fn(&'a mut (Attempt, Execution)) -> (&'a Attempt, &'a mut Execution),
>;

impl Index<&Attempt> for Attempts {
    type Output = Execution;
    /// As a map's: for attempts known to be there.
    fn index(&self, attempt: &Attempt) -> &Execution {
        let past_the_end = self.0.len();
        &self.0[self.find(*attempt).unwrap_or(past_the_end)].1
    }
}

impl<'a> IntoIterator for &'a Attempts {
    type Item = (&'a Attempt, &'a Execution);
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Attempts {
    type Item = (&'a Attempt, &'a mut Execution);
    type IntoIter = IterMut<'a>;
    fn into_iter(self) -> IterMut<'a> {
        self.iter_mut()
    }
}

impl IntoIterator for Attempts {
    type Item = (Attempt, Execution);
    type IntoIter = std::vec::IntoIter<(Attempt, Execution)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Extend<(Attempt, Execution)> for Attempts {
    fn extend<I: IntoIterator<Item = (Attempt, Execution)>>(&mut self, attempts: I) {
        for (attempt, execution) in attempts {
            self.insert(attempt, execution);
        }
    }
}

impl FromIterator<(Attempt, Execution)> for Attempts {
    fn from_iter<I: IntoIterator<Item = (Attempt, Execution)>>(attempts: I) -> Self {
        let mut all = Self::new();
        all.extend(attempts);
        all
    }
}

impl<const N: usize> From<[(Attempt, Execution); N]> for Attempts {
    fn from(attempts: [(Attempt, Execution); N]) -> Self {
        attempts.into_iter().collect()
    }
}

impl Serialize for Attempts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de> Deserialize<'de> for Attempts {
    /// None may come twice: of two, neither can be told to be the true one.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AttemptsVisitor;
        impl<'de> Visitor<'de> for AttemptsVisitor {
            type Value = Attempts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of executions")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attempts, A::Error> {
                let mut attempts = Attempts::new();
                while let Some((attempt, execution)) = map.next_entry()? {
                    if attempts.insert(attempt, execution).is_some() {
                        return Err(A::Error::custom(format!("attempt {attempt} is there twice")));
                    }
                }
                Ok(attempts)
            }
        }
        deserializer.deserialize_map(AttemptsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn execution(attempt: Attempt) -> Execution {
        let text = format!(
            r#"{{"executionId": "R1:1:{attempt}", "workspaceId": "W1", "createdAt": 1,
                "executeAfter": null, "assignedAt": null, "completedAt": null, "result": null}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn it_is_the_map_it_stands_for() {
        let numbers = [3, 1, 10, 2, 3];
        let map: BTreeMap<_, _> = numbers.iter().map(|n| (*n, execution(*n))).collect();
        let mut attempts: Attempts = numbers.iter().map(|n| (*n, execution(*n))).collect();
        assert!(attempts.iter().eq(map.iter()));
        assert!(attempts.values().eq(map.values()));
        assert_eq!(attempts.last_key_value(), map.last_key_value());
        for from in 0..12 {
            for to in from..12 {
                assert!(attempts.range(from..to).eq(map.range(from..to)), "{from}..{to}");
                assert!(attempts.range(from..=to).eq(map.range(from..=to)), "{from}..={to}");
            }
            assert!(attempts.range(..from).eq(map.range(..from)));
            assert_eq!(attempts.get(&from), map.get(&from));
        }
        let text = serde_json::to_string(&attempts).unwrap();
        assert_eq!(text, serde_json::to_string(&map).unwrap());
        assert_eq!(serde_json::from_str::<Attempts>(&text).unwrap(), attempts);
        assert_eq!(attempts.remove(&2), Some(execution(2)));
        attempts.retain(|attempt, _| *attempt > 1);
        assert!(attempts.keys().eq(&[3, 10]));
    }
}
