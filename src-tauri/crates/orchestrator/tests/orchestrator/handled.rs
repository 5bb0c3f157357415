//! Handling an event, and holding that whatever is answered at once is answered the same in a turn.

use hindcast_model::record::{Answer, Record};
use hindcast_model::{Blobs, Timestamp};
use hindcast_orchestrator::message::{Message, Request};
use hindcast_orchestrator::{Effect, Event, Orchestrator, TimerId};

pub(crate) fn handle(
    orchestrator: &mut Orchestrator,
    now: Timestamp,
    event: Event,
    blobs: &dyn Blobs,
) -> Vec<Effect> {
    let Event::Said { execution, message: Message::Request(_, request) } = &event else {
        return orchestrator.handle(now, event, blobs);
    };
    if !matches!(request, Request::Submit(_) | Request::Select(_)) {
        return orchestrator.handle(now, event, blobs);
    }
    let due = Event::Timer(TimerId::Due(execution.clone()));
    let mut other = orchestrator.clone();
    match other.at_once(now, event.clone(), blobs) {
        Ok(mut answer) => {
            assert!(!answer.is_empty() && answer.iter().all(starts_nothing), "{answer:?}");
            let effects = orchestrator.handle(now, event, blobs);
            // What fell due meanwhile, the next event finds.
            answer.extend(other.handle(now, due, blobs));
            assert_eq!(answer, effects);
            assert!(other == *orchestrator, "it is known in another way after {answer:?}");
            effects
        }
        Err(untouched) => {
            assert_eq!(*untouched, event);
            assert!(other == *orchestrator, "{event:?} was not left for a turn");
            orchestrator.handle(now, event, blobs)
        }
    }
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
