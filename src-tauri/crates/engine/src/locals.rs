//! The local variables of the frames that a body failed in.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use hindcast_store::FrameLocals;

use crate::bootstrap::Source;

/// The part that captures them.
pub(crate) const SOURCE: Source = Source { name: "locals", text: include_str!("locals/locals.py") };

/// The longest file that is read, in bytes; the part writes less, whatever characters are escaped.
const LONGEST: u64 = 2 << 20;

/// What an execution left in its scratch folder. Nothing if it did not fail, or the file is not ours.
pub(crate) fn read(scratch: &Path) -> Option<Vec<FrameLocals>> {
    let mut text = String::new();
    let file = File::open(scratch.join("locals.json")).ok()?;
    file.take(LONGEST).read_to_string(&mut text).ok()?;
    let frames: Vec<FrameLocals> = serde_json::from_str(&text).ok()?;
    Some(frames).filter(|frames| !frames.is_empty())
}
