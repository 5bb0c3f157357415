//! Handling an event, and holding that whatever is answered at once is answered the same in a turn.

use hindcast_model::record::{Answer, Record};
use hindcast_model::{Blobs, Timestamp};
use hindcast_orchestrator::message::{Message, Request};
use hindcast_orchestrator::{Effect, Event, Orchestrator};

pub(crate) fn handle(
    orchestrator: &mut Orchestrator,
    now: Timestamp,
    event: Event,
    blobs: &dyn Blobs,
) -> Vec<Effect> {
    let request = match &event {
        Event::Said { message: Message::Request(_, request), .. } => Some(request),
        _ => None,
    };
    if !matches!(request, Some(Request::Submit(_) | Request::Select(_))) {
        return orchestrator.handle(now, event, blobs);
    }
    let mut other = orchestrator.clone();
    let at_once = other.at_once(now, event.clone(), blobs);
    let before = at_once.is_err().then(|| orchestrator.clone());
    let effects = orchestrator.handle(now, event.clone(), blobs);
    match at_once {
        Ok(answer) => {
            assert!(!answer.is_empty() && answer.iter().all(starts_nothing), "{answer:?}");
            assert!(effects.starts_with(&answer), "{answer:?}: {effects:?}");
            // Else something fell due meanwhile, and was handled as well.
            if effects.len() == answer.len() {
                assert!(other == *orchestrator, "it is known in another way after {answer:?}");
            }
        }
        Err(untouched) => {
            assert_eq!(*untouched, event);
            assert!(before.as_ref() == Some(&other), "{event:?} was not left for a turn");
        }
    }
    effects
}

fn starts_nothing(effect: &Effect) -> bool {
    match effect {
        Effect::Reply { .. } => true,
        Effect::Record(record) => match &**record {
            Record::CallAnswered(call) => matches!(call.answer, Answer::Pinned { .. }),
            _ => false,
        },
        _ => false,
    }
}
