//! Which call of one attempt corresponds to which of another.

use std::collections::HashMap;
use std::hash::Hash;

use hindcast_model::Target;

/// What is known of a call when looking for its counterpart.
pub(crate) struct Call<Id, Print> {
    /// The step that was called, or that answered.
    pub(crate) id: Option<Id>,
    pub(crate) target: Option<Target>,
    /// By position; none for an argument that cannot be read.
    pub(crate) arguments: Vec<Option<Print>>,
}

/// A call and its counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) ancestor: usize,
    pub(crate) local: usize,
    pub(crate) same_inputs: bool,
}

/// Pairs in two attempts' calls: the same step; else the same target with the same arguments, in
/// call order; else the same target between the same neighbours; else the same target with some of
/// its arguments the same. Linear in the number of calls, so that a fan-out of thousands aligns.
pub(crate) fn align<Id: Eq + Hash + Clone, Print: Eq + Hash + Clone>(
    ancestor: &[Call<Id, Print>],
    local: &[Call<Id, Print>],
) -> Vec<Pair> {
    let mut sides = Sides::new(ancestor.len(), local.len());
    sides.pair_by(ancestor, local, true, |call, _| call.id.clone());
    sides.pair_by(ancestor, local, true, |call, _| {
        let arguments: Option<Vec<Print>> = call.arguments.iter().cloned().collect();
        Some((call.target.clone()?, arguments?))
    });
    let (before_a, before_l) = sides.neighbours(ancestor.len(), local.len());
    sides.pair_by(ancestor, local, false, |call, at| {
        let neighbour = match at {
            At::Ancestor(index) => before_a[index],
            At::Local(index) => before_l[index],
        };
        Some((call.target.clone()?, neighbour))
    });
    // A call of one argument that differs has nothing in common with its counterpart.
    let most = ancestor.iter().chain(local).map(|call| call.arguments.len()).max().unwrap_or(0);
    for position in 0..most.min(MOST_POSITIONS) {
        sides.pair_by(ancestor, local, false, |call, _| {
            let argument = call.arguments.get(position)?.clone()?;
            let several = call.arguments.len() > 1;
            several.then_some((call.target.clone()?, call.arguments.len(), argument))
        });
    }
    sides.pairs
}

/// Calls that have only a later argument in common are not looked for.
const MOST_POSITIONS: usize = 16;

#[derive(Clone, Copy)]
enum At {
    Ancestor(usize),
    Local(usize),
}

struct Sides {
    pairs: Vec<Pair>,
    ancestor_free: Vec<bool>,
    local_free: Vec<bool>,
}

impl Sides {
    fn new(ancestor: usize, local: usize) -> Self {
        Self {
            pairs: Vec::new(),
            ancestor_free: vec![true; ancestor],
            local_free: vec![true; local],
        }
    }

    /// Pairs what has the same key and no counterpart yet: the first with the first, and so on.
    fn pair_by<Id, Print, Key: Eq + Hash>(
        &mut self,
        ancestor: &[Call<Id, Print>],
        local: &[Call<Id, Print>],
        same_inputs: bool,
        key: impl Fn(&Call<Id, Print>, At) -> Option<Key>,
    ) {
        let mut waiting: HashMap<Key, Vec<usize>> = HashMap::new();
        for (index, call) in ancestor.iter().enumerate().rev() {
            if self.ancestor_free[index]
                && let Some(key) = key(call, At::Ancestor(index))
            {
                waiting.entry(key).or_default().push(index);
            }
        }
        for (index, call) in local.iter().enumerate() {
            if !self.local_free[index] {
                continue;
            }
            let key = key(call, At::Local(index));
            let counterpart = key.and_then(|key| waiting.get_mut(&key)?.pop());
            if let Some(counterpart) = counterpart {
                self.pairs.push(Pair { ancestor: counterpart, local: index, same_inputs });
                self.ancestor_free[counterpart] = false;
                self.local_free[index] = false;
            }
        }
    }

    /// For each call the nearest pair before it: the same number on both sides means that the two
    /// stand at the same place.
    fn neighbours(
        &self,
        ancestor: usize,
        local: usize,
    ) -> (Vec<Option<usize>>, Vec<Option<usize>>) {
        let mut pair_of_a = vec![None; ancestor];
        let mut pair_of_l = vec![None; local];
        for (number, pair) in self.pairs.iter().enumerate() {
            pair_of_a[pair.ancestor] = Some(number);
            pair_of_l[pair.local] = Some(number);
        }
        (carry(pair_of_a), carry(pair_of_l))
    }
}

fn carry(mut pairs: Vec<Option<usize>>) -> Vec<Option<usize>> {
    let mut last = None;
    for pair in &mut pairs {
        last = pair.or(last);
        *pair = last;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(text: &str) -> Vec<Call<u32, u32>> {
        let call = |word: &str| {
            let (name, arguments) = word.split_once('/').unwrap_or((word, ""));
            Call {
                id: None,
                target: Some(Target::new("m", name)),
                arguments: arguments.chars().map(|digit| digit.to_digit(10)).collect(),
            }
        };
        text.split_whitespace().map(call).collect()
    }

    /// `0=1` for equal inputs, `0~1` for others.
    fn aligned(ancestor: &str, local: &str) -> String {
        let mut pairs = align(&calls(ancestor), &calls(local));
        pairs.sort_by_key(|pair| pair.local);
        let show = |pair: &Pair| {
            let sign = if pair.same_inputs { '=' } else { '~' };
            format!("{}{sign}{}", pair.ancestor, pair.local)
        };
        pairs.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn calls_find_their_counterparts() {
        for (ancestor, local, expected) in [
            ("f/1 g/1 f/2", "f/1 g/1 f/2", "0=0 1=1 2=2"),
            // One more in a fan-out.
            ("f/1 f/2 f/3 r/9", "f/1 f/4 f/2 f/3 r/9", "0=0 1=2 2=3 3=4"),
            // One less, and in another order.
            ("f/1 f/2 f/3", "f/3 f/1", "2=0 0=1"),
            // The same call twice is two calls.
            ("f/1 f/1", "f/1 f/1 f/1", "0=0 1=1"),
            // Another argument at the same place.
            ("f/1 g/2 h/3", "f/1 g/4 h/3", "0=0 1~1 2=2"),
            // At another place, with an argument in common.
            ("f/17 g/1 f/28", "g/1 f/29", "1=0 2~1"),
            ("f/17 g/1", "g/1 f/19", "1=0 0~1"),
            // At another place, with nothing in common: one is gone, one is new.
            ("f/1 g/1", "g/1 f/2", "1=0"),
            // Another target is never a counterpart.
            ("f/1", "g/1", ""),
            ("", "f/1", ""),
        ] {
            assert_eq!(aligned(ancestor, local), expected, "{ancestor} and {local}");
        }
    }
}
