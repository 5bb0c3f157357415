//! When two decoded values count as the same.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::data::{Content, Data, Fragment};
use crate::depth::deep;
use crate::{BlobKey, Blobs, ExecutionId};

/// What is known when values are compared, besides the values themselves.
#[derive(Clone, Copy)]
pub struct Known<'known> {
    /// The blobs that are here.
    pub blobs: &'known dyn Blobs,
    /// The value an execution produced, if it did: handles on it stand for that value.
    pub handles: &'known dyn Fn(&ExecutionId) -> Option<Data>,
    /// One blob that stands for all pickles of the same object, where that is known; else the blob
    /// itself. (Pickles are never opened here: what they hold only Python can say.)
    pub pickles: &'known dyn Fn(&BlobKey) -> BlobKey,
    /// The target's defaults by position, where known.
    pub defaults: &'known [Option<Data>],
}

impl<'known> Known<'known> {
    /// Only these blobs; no handle stands for a value, every pickle for itself, no defaults.
    pub fn only(blobs: &'known dyn Blobs) -> Self {
        Self { blobs, handles: &|_| None, pickles: &|key| *key, defaults: &[] }
    }
}

/// Equal exactly for values that count as the same: as Python sees them, whether raw or blob, with
/// sets and dicts in any order, `1` and `1.0` alike (as in Coflux's own keys, where `True` is
/// another), and a handle standing for the value its execution produced. A `Decimal('1.10')` and a
/// `Decimal('1.1')` are two, since Python prints them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

/// Whether two values count as the same; see [`Fingerprint`]. What is broken is never the same as
/// anything, since nothing is known of it.
pub fn same(a: &Data, b: &Data, handles: &dyn Fn(&ExecutionId) -> Option<Data>) -> bool {
    let nothing = HashMap::<BlobKey, std::sync::Arc<[u8]>>::new();
    let known = Known { handles, ..Known::only(&nothing) };
    let mut prints = Fingerprints::new(known);
    prints.of(a).is_some_and(|a| prints.of(b) == Some(a))
}

/// How many handles are followed, one to the next; the one after stands for itself.
pub(crate) const FOLLOWED: usize = 100;

/// Makes fingerprints, and looks at each execution and fragment only once.
pub struct Fingerprints<'known> {
    known: Known<'known>,
    executions: HashMap<ExecutionId, Option<Fingerprint>>,
    /// How many handles lead to what is looked at.
    followed: usize,
    /// By blob, format and class.
    fragments: HashMap<(BlobKey, String), Option<Fingerprint>>,
}

impl<'known> Fingerprints<'known> {
    /// None made yet.
    pub fn new(known: Known<'known>) -> Self {
        Self { known, executions: HashMap::new(), followed: 0, fragments: HashMap::new() }
    }

    /// The value's fingerprint; none if part of it is broken.
    pub fn of(&mut self, data: &Data) -> Option<Fingerprint> {
        deep(|| self.print(data))
    }

    fn print(&mut self, data: &Data) -> Option<Fingerprint> {
        Some(match data {
            Data::None => print(b'n', [[]]),
            Data::Bool(bool) => print(b'b', [[u8::from(*bool)]]),
            Data::Int(_) | Data::BigInt(_) | Data::Float(_) => print(b'i', data.as_integer_text()),
            Data::Str(text) => print(b's', [text]),
            Data::List(items) => print(b'l', self.all(items)?),
            Data::Tuple(items) => print(b't', self.all(items)?),
            Data::Set(items) => {
                let mut items = self.all(items)?;
                items.sort_unstable();
                print(b'S', items)
            }
            Data::Dict(pairs) => {
                let mut pairs = self.pairs(pairs)?;
                pairs.sort_unstable();
                print(b'd', pairs.into_iter().flatten())
            }
            Data::DateTime(text) => print(b'D', [text]),
            Data::Date(text) => print(b'a', [text]),
            Data::Time(text) => print(b'T', [text]),
            Data::Duration(seconds) => print(b'u', Data::Float(*seconds).as_integer_text()),
            Data::Decimal(text) => print(b'c', [text]),
            Data::Uuid(text) => print(b'U', [text]),
            Data::Fragment(fragment) => self.fragment(fragment)?,
            Data::Execution { id, .. } => self.execution(id),
            Data::Asset { id, .. } => print(b'A', [id.as_str()]),
            Data::Input(id) => print(b'I', [id.to_string()]),
            Data::Stream { id, stride } => print(b'R', [id.clone(), format!("{stride:?}")]),
            Data::Unknown { kind, fields } => {
                let mut parts = Vec::with_capacity(fields.len());
                for (name, value) in fields {
                    parts.push([print(b's', [name]), self.of(value)?]);
                }
                parts.sort_unstable();
                parts.push([print(b's', [kind]); 2]);
                print(b'?', parts.into_iter().flatten())
            }
            // The same content is the same value, if it refers to the same.
            Data::Missing { key, references, .. } => {
                let mut parts = self.all(references)?;
                parts.push(print(b'k', [key.0]));
                print(b'M', parts)
            }
            Data::Broken { .. } => return None,
        })
    }

    fn all(&mut self, items: &[Data]) -> Option<Vec<Fingerprint>> {
        items.iter().map(|item| self.of(item)).collect()
    }

    fn pairs(&mut self, pairs: &[(Data, Data)]) -> Option<Vec<[Fingerprint; 2]>> {
        pairs.iter().map(|(key, value)| Some([self.of(key)?, self.of(value)?])).collect()
    }

    fn execution(&mut self, id: &ExecutionId) -> Fingerprint {
        let itself = print(b'e', [id.to_string()]);
        if let Some(found) = self.executions.get(id) {
            return found.unwrap_or(itself);
        }
        if self.followed >= FOLLOWED {
            return itself;
        }
        // A value that leads back to its own execution cannot be; if one does, it stands for itself.
        self.executions.insert(id.clone(), None);
        self.followed += 1;
        let value = (self.known.handles)(id);
        let found = value.and_then(|value| self.of(&value)).map(|value| print(b'E', [value.0]));
        self.followed -= 1;
        self.executions.insert(id.clone(), found);
        found.unwrap_or(itself)
    }

    fn fragment(&mut self, fragment: &Fragment) -> Option<Fingerprint> {
        let Fragment { format, key, content, .. } = fragment;
        let class = fragment.class().unwrap_or_default();
        let once = (*key, format!("{format} {class}"));
        if let Some(found) = self.fragments.get(&once) {
            return *found;
        }
        let found = match content {
            Content::Broken(_) => None,
            Content::Json(data) => {
                self.of(data).map(|data| print(b'm', [class.as_bytes(), &data.0]))
            }
            _ if format == "pickle" => {
                Some(print(b'p', [class.as_bytes(), &(self.known.pickles)(key).0]))
            }
            _ => Some(print(b'f', [format.as_bytes(), class.as_bytes(), &key.0])),
        };
        self.fragments.insert(once, found);
        found
    }
}

impl AsRef<[u8]> for Fingerprint {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The hash of a kind and its parts, each with its length before it.
fn print<Part: AsRef<[u8]>>(kind: u8, parts: impl IntoIterator<Item = Part>) -> Fingerprint {
    let mut hash = Sha256::new_with_prefix([kind]);
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Fingerprint(hash.finalize().into())
}
