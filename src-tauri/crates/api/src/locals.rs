//! Local variables beside the frames of a traceback, and the exceptions that a failure is chained to.

use std::path::Path;

use hindcast_model::ExecutionId;
use hindcast_store::{Chained, FrameLocals, Store};

use crate::ApiError;
use crate::frame::local_file;
use crate::outcome::class;
use crate::view::{ChainedView, ErrorView, FrameView, LocalView, OutcomeView};

/// Puts what was captured to an outcome, if it is an error.
pub(crate) fn add_to_outcome(
    store: &Store,
    project: Option<&Path>,
    execution: &str,
    outcome: &mut OutcomeView,
) -> Result<(), ApiError> {
    match outcome {
        OutcomeView::Error { error } => add(store, project, &execution.parse()?, error),
        _ => Ok(()),
    }
}

/// Puts the captured local variables to the frames of an execution's error, and the exceptions before
/// it to the error.
pub(crate) fn add(
    store: &Store,
    project: Option<&Path>,
    execution: &ExecutionId,
    error: &mut ErrorView,
) -> Result<(), ApiError> {
    let (chained, own): (Vec<_>, Vec<_>) =
        store.locals(execution)?.into_iter().partition(|frame| frame.chained.is_some());
    let mut captured = own.into_iter().peekable();
    for frame in &mut error.frames {
        // Both are outermost first; either may lack some.
        let ahead = captured.clone().position(|locals| is_of(&locals, frame));
        let Some(locals) = ahead.and_then(|ahead| captured.nth(ahead)) else { continue };
        frame.more_locals = locals.more;
        frame.locals = views(locals.locals);
    }
    let of_one = |one: &FrameLocals, other: &FrameLocals| one.chained == other.chained;
    error.chained =
        chained.chunk_by(of_one).filter_map(|frames| chained_view(frames, project)).collect();
    Ok(())
}

fn chained_view(frames: &[FrameLocals], project: Option<&Path>) -> Option<ChainedView> {
    let Chained { direct, kind, message, .. } = frames.first()?.chained.clone()?;
    let frames = frames.iter().filter(|frame| !frame.file.is_empty()).map(|frame| FrameView {
        file: frame.file.clone(),
        local: project.and_then(|project| local_file(project, &frame.file)),
        line: frame.line,
        function: frame.name.clone(),
        code: frame.code.clone(),
        locals: views(frame.locals.clone()),
        more_locals: frame.more,
    });
    Some(ChainedView { direct, class: class(&kind).to_owned(), message, frames: frames.collect() })
}

fn views(locals: Vec<(String, String)>) -> Vec<LocalView> {
    locals.into_iter().map(|(name, text)| LocalView { name, text }).collect()
}

fn is_of(locals: &FrameLocals, frame: &FrameView) -> bool {
    locals.file == frame.file && locals.line == frame.line && locals.name == frame.function
}
