//! Values too large to be read along with what they belong to: a step is shown at once, and such a
//! value is read when somebody looks at it.

use std::cell::Cell;

use hindcast_model::{Blobs, Reference, Value};

use crate::handle::ValueHandle;
use crate::tree::{size, tree};
use crate::view::{ValueKind, ValueTree};

/// How much is decoded for one answer, in bytes: a matter of a few milliseconds.
pub(crate) const MOST: u64 = 512 << 10;

/// How long a text that stands on its own may be, in characters: a message, a log line.
const LONGEST: usize = 20_000;

/// How much has yet been decoded for an answer.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    decoded: Cell<u64>,
}

impl Reading {
    /// The top of a value's tree; only its size, where reading it would take too long.
    pub(crate) fn tree(&self, handle: &ValueHandle, value: &Value, blobs: &dyn Blobs) -> ValueTree {
        let weight = weight(value);
        // What an export says of a size is only what it says: it may be any number.
        let decoded = self.decoded.get().saturating_add(weight);
        if decoded > MOST {
            return ValueTree {
                handle: Some(handle.to_string()),
                kind: ValueKind::Unread,
                label: None,
                text: size(weight),
                size: Some(weight),
                count: 0,
                children: Vec::new(),
            };
        }
        self.decoded.set(decoded);
        tree(handle, &value.decode(blobs))
    }
}

/// How much there is to read to decode a value, in bytes, as its export says.
pub(crate) fn weight(value: &Value) -> u64 {
    let own = match value {
        Value::Raw { data, .. } => data.text().len() as u64,
        Value::Blob { size, .. } => *size,
    };
    let fragments = value.references().iter().map(|reference| match reference {
        Reference::Fragment { format, size, .. } if !matches!(&**format, "bytes" | "pickle") => {
            *size
        }
        _ => 0,
    });
    fragments.fold(own, u64::saturating_add)
}

/// A text as long as it can be shown; what is left out is told.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => {
            let more = text[end..].chars().count();
            format!("{}… ({more} more characters)", &text[..end])
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use hindcast_model::BlobKey;

    use super::*;

    #[test]
    fn a_size_that_no_file_has_is_not_read() {
        let value = |size| Value::blob(BlobKey::of(b"1"), size, Vec::new());
        let handle: ValueHandle = "result/R1:1:1".parse().unwrap();
        let blobs: HashMap<BlobKey, Arc<[u8]>> = HashMap::new();
        let reading = Reading::default();
        for (size, is_read) in [(1, true), (u64::MAX, false), (1, true)] {
            let tree = reading.tree(&handle, &value(size), &blobs);
            assert_eq!(!matches!(tree.kind, ValueKind::Unread), is_read, "{size}");
        }
    }

    #[test]
    fn what_is_left_out_of_a_text_is_told() {
        let long = "é".repeat(LONGEST + 7);
        assert_eq!(shortened("é"), "é");
        assert_eq!(shortened(&long[..2 * LONGEST]), long[..2 * LONGEST]);
        assert!(shortened(&long).ends_with("é… (7 more characters)"));
    }
}
