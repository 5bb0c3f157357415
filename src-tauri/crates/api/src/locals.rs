//! Local variables beside the frames of a traceback.

use hindcast_model::ExecutionId;
use hindcast_store::{FrameLocals, Store};

use crate::ApiError;
use crate::view::{ErrorView, FrameView, LocalView, OutcomeView};

/// Puts the captured local variables to the frames of an outcome, if it is an error.
pub(crate) fn add_to_outcome(
    store: &Store,
    execution: &str,
    outcome: &mut OutcomeView,
) -> Result<(), ApiError> {
    match outcome {
        OutcomeView::Error { error } => add(store, &execution.parse()?, error),
        _ => Ok(()),
    }
}

/// Puts the captured local variables to the frames of an execution's error.
pub(crate) fn add(
    store: &Store,
    execution: &ExecutionId,
    error: &mut ErrorView,
) -> Result<(), ApiError> {
    let mut captured = store.locals(execution)?.into_iter().peekable();
    for frame in &mut error.frames {
        // Both are outermost first; either may lack some.
        let ahead = captured.clone().position(|locals| is_of(&locals, frame));
        let Some(locals) = ahead.and_then(|ahead| captured.nth(ahead)) else { continue };
        frame.more_locals = locals.more;
        let views = locals.locals.into_iter().map(|(name, text)| LocalView { name, text });
        frame.locals = views.collect();
    }
    Ok(())
}

fn is_of(locals: &FrameLocals, frame: &FrameView) -> bool {
    locals.file == frame.file && locals.line == frame.line && locals.name == frame.function
}
