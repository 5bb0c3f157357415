//! What a run is: plain types, and the rules that need nothing but them.
//!
//! Nothing here reads a file, a clock, a database or a process. The words are those of the design:
//! environment, run, step, execution, memoised, pinned, mocked.

mod align;
mod arguments;
mod attempts;
mod blobs;
mod by_hand;
mod compare;
mod data;
mod debugger;
mod depth;
mod document;
mod effect;
mod encode;
mod encoding;
mod environment;
mod extra;
mod fingerprint;
mod found;
mod id;
mod json;
mod key;
mod laid_out;
pub mod legacy;
mod literal;
mod matching;
mod nearness;
mod normalise;
mod number;
mod outcome;
mod own_keys;
mod plain;
mod python;
pub mod record;
mod run;
mod stream;
mod text;
mod tree;
mod value;

pub use arguments::{argument_differences, key_differs};
pub use attempts::{Attempts, Iter as AttemptsIter, IterMut as AttemptsIterMut};
pub use blobs::Blobs;
pub use by_hand::{AnswerByHand, ByHand, Setting, StepByHand, Subject};
pub use compare::{Difference, DifferenceKind, difference, difference_with};
pub use data::{Content, Data, Fragment, LARGEST, Stride};
pub use debugger::{Debugger, DebuggerState};
pub use document::RunDocument;
pub use effect::{Act, ActKind, Place, SideEffect};
pub use encode::{EncodeError, Encoded};
pub use encoding::{Encoding, EncodingChoice, Numbers};
pub use environment::{Environment, EnvironmentId, Environments, Origin};
pub use extra::Extra;
pub use fingerprint::{Fingerprint, Fingerprints, Known, same};
pub use found::{BlobSource, Finding, Found, FoundRun, FoundStream, FoundWorkspace};
pub use id::{
    AssetId, Attempt, BlobKey, EnvironmentName, ExecutionId, IdError, InputId, RunId, StepId,
    StepNumber, StreamId, Target, Timestamp, WorkspaceId,
};
pub use json::{Json, JsonError};
pub use key::{KeyError, NoKey, cache_key, defer_key, find_params, memo_key, preimage};
pub use literal::LiteralError;
pub use matching::{MatchingRule, ValuePath};
pub use nearness::{Distance, distance};
pub use normalise::{INLINE, Normalised, NotJson, THRESHOLD, encode, encode_file, normalise};
pub use outcome::{Ended, Failure, Frame, Outcome, Resolved};
pub use own_keys::OwnKeys;
pub use plain::submitted;
pub use run::{
    Asset, AssetEntry, CacheConfig, Child, Dependency, Execution, ExecutionRef, InputStatus,
    InputSummary, Key, MetricDefinition, Params, Retries, Run, Step, TypedDependency,
};
pub use stream::{Stream, StreamEnd};
pub use text::{TextChange, TextLine, TextPart, text_difference};
pub use value::{KnownValue, Reference, Value};
