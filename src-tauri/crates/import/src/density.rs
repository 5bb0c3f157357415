//! Whether a document holds far more values than an export does.
//!
//! Fields we do not know are kept as trees, in which a number takes some fifty bytes and an object some
//! hundreds. `[0,0,0,…]` spends two on each, so that a file could take thirty times its size. What an
//! export holds is less dense by far, and what there may be very many of is not kept as a tree: data of
//! values, lists of children.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What any document may hold.
const FREE: u64 = 1_000_000;

/// Beyond that, one value in so many bytes. (The densest recorded exports have one in nearly nine.)
const BYTES_EACH: u64 = 6;

/// How many values an object counts as.
const OBJECT: u8 = 4;

/// Counts the values of one document.
#[derive(Debug, Default)]
pub(crate) struct Density {
    bytes: u64,
    values: u64,
}

impl Density {
    /// Counts the values in a part of the document. Fails once there are too many; what is no JSON
    /// counts as nothing, since whoever reads it will say so.
    pub(crate) fn add(&mut self, text: &[u8]) -> Result<(), String> {
        self.bytes += text.len() as u64;
        // Every value has a comma before it or begins a list or an object. These are counted in no time,
        // and where they are few there is no need for a closer look.
        let about = weight(text);
        let allowed = FREE + self.bytes / BYTES_EACH;
        let values = if self.values + about > allowed {
            serde_json::from_slice(text).map_or(0, |Values(values)| values)
        } else {
            about
        };
        self.values += values;
        if self.values > allowed {
            let (values, bytes) = (self.values, self.bytes);
            return Err(format!("{values} values in {bytes} bytes; no export is as dense"));
        }
        Ok(())
    }
}

/// What the bytes that begin a value or stand before one count together.
fn weight(text: &[u8]) -> u64 {
    const WEIGHTS: [u8; 256] = {
        let mut weights = [0; 256];
        weights[b',' as usize] = 1;
        weights[b'[' as usize] = 1;
        weights[b'{' as usize] = OBJECT;
        weights
    };
    let mut weight = 0;
    for byte in text {
        weight += u64::from(WEIGHTS[*byte as usize]);
    }
    weight
}

/// How many values there are, but for those that are kept as text or take no tree.
struct Values(u64);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Counting).map(Self)
    }
}

struct Counting;

impl<'de> Visitor<'de> for Counting {
    type Value = u64;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_bool<E>(self, _: bool) -> Result<u64, E> {
        Ok(1)
    }
    fn visit_i64<E>(self, _: i64) -> Result<u64, E> {
        Ok(1)
    }
    fn visit_u64<E>(self, _: u64) -> Result<u64, E> {
        Ok(1)
    }
    fn visit_f64<E>(self, _: f64) -> Result<u64, E> {
        Ok(1)
    }
    fn visit_str<E>(self, _: &str) -> Result<u64, E> {
        Ok(1)
    }
    fn visit_unit<E>(self) -> Result<u64, E> {
        Ok(1)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<u64, A::Error> {
        let mut all = 1;
        while let Some(Values(values)) = list.next_element()? {
            all += values;
        }
        Ok(all)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<u64, A::Error> {
        let mut all = u64::from(OBJECT);
        while let Some(name) = map.next_key::<String>()? {
            if name == "data" || name == "children" {
                map.next_value::<IgnoredAny>()?;
            } else {
                let Values(values) = map.next_value()?;
                all += values;
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dense_documents_are_refused() {
        let zeros = format!("[{}0]", "0,".repeat(2_000_000));
        let table = [
            ("zeros", format!(r#"{{"x":{zeros}}}"#), false),
            ("zeros as data", format!(r#"{{"data":{zeros}}}"#), true),
            ("text", format!("[{:?}]", "0,".repeat(2_000_000)), true),
            ("few", format!("[{}0]", "0,".repeat(900_000)), true),
            ("objects in a list", format!("[{}{{}}]", "{},".repeat(500_000)), false),
            ("lists in lists", format!("[{}[]]", "[[[[[[]]]]]],".repeat(400_000)), false),
            ("no JSON", "[0,".repeat(2_000_000), true),
        ];
        for (what, text, passes) in table {
            assert_eq!(Density::default().add(text.as_bytes()).is_ok(), passes, "{what}");
        }
        let mut parts = Density::default();
        let part = format!("[{}0]", "0,".repeat(400_000));
        assert!((0..10).any(|_| parts.add(part.as_bytes()).is_err()), "one part at a time");
    }
}
