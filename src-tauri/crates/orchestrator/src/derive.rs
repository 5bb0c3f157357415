//! What a server would draw by chance, drawn from what is known instead: the same events have the
//! same effects.

use hindcast_model::{AssetEntry, AssetId, BlobKey, ExecutionId, RunId};

/// The characters of the server's ids: no vowels, so no words.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxyzBCDFGHJKLMNPQRSTVWXYZ23456789";

/// How long ids made here are, at least. The server's own are shorter, so that one imported later
/// is not likely to be the same.
const LENGTH: usize = 8;
/// How long they can be at most, the letter in front not counted.
const LONGEST: usize = 32;

/// The run that an execution spawns: the first id that nobody has.
pub(crate) fn run(parent: &ExecutionId, taken: impl Fn(&RunId) -> bool) -> Option<RunId> {
    first_free(b'R', &format!("run of {parent}"), taken)
}

/// The id of an asset: the same content has the same.
pub(crate) fn asset(
    name: Option<&str>,
    entries: &[AssetEntry],
    taken: impl Fn(&AssetId) -> bool,
) -> Option<AssetId> {
    let mut content = format!("asset {name:?}");
    for entry in entries {
        for part in ["\0", &entry.path, "\0", &entry.blob_key.to_string()] {
            content.push_str(part);
        }
    }
    first_free(b'A', &content, taken)
}

/// Any number, from an execution's id.
pub(crate) fn number(id: &ExecutionId) -> u64 {
    let hash = BlobKey::of(id.to_string().as_bytes()).0;
    hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn first_free<I: std::str::FromStr>(
    kind: u8,
    content: &str,
    taken: impl Fn(&I) -> bool,
) -> Option<I> {
    let hash = BlobKey::of(content.as_bytes()).0;
    let letters = hash.iter().map(|byte| ALPHABET[usize::from(*byte) % ALPHABET.len()]);
    let word: String = std::iter::once(kind).chain(letters).map(char::from).collect();
    let lengths = LENGTH..=LONGEST;
    lengths.filter_map(|length| word.get(..length)?.parse().ok()).find(|id| !taken(id))
}
