//! The short run of the fuzzers that is part of the tests: each body over its seeds, and over seeds
//! changed at random, the same way every time. (`README.md` says how to run them for longer.)

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// How many changed inputs a body is given, unless `HINDCAST_FUZZ_CASES` says otherwise.
const CASES: u64 = 400;

/// The largest seed that is used, in bytes.
const LARGEST: u64 = 256 << 10;

/// The files in folders, as inputs; `prepare` makes each what the body takes, or leaves it out.
pub(crate) fn seeds(
    folders: &[&str],
    prepare: impl Fn(&Path, Vec<u8>) -> Option<Vec<u8>>,
) -> Vec<Vec<u8>> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."));
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let entries = root.join(folder).read_dir().expect("a folder of seeds");
        let files = entries.map(|entry| entry.expect("a seed").path());
        paths.extend(
            files.filter(|path| path.metadata().is_ok_and(|m| m.is_file() && m.len() <= LARGEST)),
        );
    }
    paths.sort();
    let read = |path: &PathBuf| prepare(path, std::fs::read(path).expect("a seed"));
    paths.iter().filter_map(read).collect()
}

/// Gives a body its seeds, and then changed ones.
pub(crate) fn try_all(seeds: &[Vec<u8>], body: fn(&[u8])) {
    assert!(!seeds.is_empty(), "no seeds");
    for (index, seed) in seeds.iter().enumerate() {
        attempt(&format!("seed {index}"), seed, body);
    }
    let cases = std::env::var("HINDCAST_FUZZ_CASES").ok().and_then(|text| text.parse().ok());
    for case in 0..cases.unwrap_or(CASES) {
        attempt(&format!("case {case}"), &changed(seeds, case), body);
    }
}

fn attempt(name: &str, input: &[u8], body: fn(&[u8])) {
    if catch_unwind(AssertUnwindSafe(|| body(input))).is_err() {
        let path = std::env::temp_dir().join(format!("hindcast {name}"));
        std::fs::write(&path, input).expect("the input can be kept");
        panic!("{name} fails; its input is in {}", path.display());
    }
}

/// A seed, with one to eight changes of the kinds that find most.
fn changed(seeds: &[Vec<u8>], case: u64) -> Vec<u8> {
    let mut random = Random(case.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut input = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(8) {
        if input.is_empty() {
            break;
        }
        let at = random.below(input.len());
        let end = (at + 1 + random.below(32)).min(input.len());
        match random.below(7) {
            0 => input[at] ^= 1 << random.below(8),
            1 => {
                input[at] =
                    [0, 1, 0x7f, 0x80, 0xff, b'"', b'[', b'{', b'-', b'9'][random.below(10)];
            }
            2 => drop(input.drain(at..end)),
            3 => {
                let part = input[at..end].to_vec();
                let to = random.below(input.len());
                input.splice(to..to, part);
            }
            4 => input.truncate(at),
            5 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len().max(1)).min(other.len());
                let to = (from + 64).min(other.len());
                input.splice(at..end, other[from..to].iter().copied());
            }
            _ => {
                let huge = [&b"4294967296"[..], b"-1", b"1e999", b"null", b"[]", b"\\ud800"];
                input.splice(at..end, huge[random.below(huge.len())].iter().copied());
            }
        }
    }
    input
}

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % bound
    }
}
