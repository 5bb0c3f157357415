//! What is on its way in: imports that can be cancelled, what was found and waits for a choice, and
//! tokens that a person gave for as long as the process lives.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use hindcast_model::Found;
use hindcast_server::{Address, Project, Token};

/// What is on its way in.
#[derive(Default)]
pub(crate) struct Incoming(Mutex<State>);

#[derive(Default)]
struct State {
    going: Vec<Weak<AtomicBool>>,
    looks: u32,
    looked: Option<(u32, Looked)>,
    tokens: HashMap<(Address, Option<Project>), Token>,
}

/// What was found, and how to take it in.
pub(crate) struct Looked {
    pub(crate) found: Found,
    pub(crate) paths: Vec<String>,
    pub(crate) environment: Option<String>,
}

impl Incoming {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something begins that can be cancelled, for as long as what is returned is held. It holds
    /// whether to go on.
    pub(crate) fn begin(&self) -> Arc<AtomicBool> {
        let go_on = Arc::new(AtomicBool::new(true));
        let mut state = self.lock();
        state.going.retain(|one| one.strong_count() > 0);
        state.going.push(Arc::downgrade(&go_on));
        go_on
    }

    /// Ends everything that has begun and not ended. Returns how many that were.
    pub(crate) fn cancel(&self) -> usize {
        let mut state = self.lock();
        state.looked = None;
        let going = state.going.drain(..).filter_map(|one| one.upgrade());
        going.map(|go_on| go_on.store(false, Ordering::Relaxed)).count()
    }

    /// Keeps what was found until a choice is made, in place of what was found before.
    pub(crate) fn keep(&self, looked: Looked) -> u32 {
        let mut state = self.lock();
        state.looks += 1;
        let look = state.looks;
        state.looked = Some((look, looked));
        look
    }

    /// What that look found, if it is still here.
    pub(crate) fn take(&self, look: u32) -> Option<Looked> {
        let mut state = self.lock();
        state.looked.take_if(|(kept, _)| *kept == look).map(|(_, looked)| looked)
    }

    /// Remembers a token for as long as the process lives.
    pub(crate) fn know(&self, address: Address, project: Option<Project>, token: Token) {
        self.lock().tokens.insert((address, project), token);
    }

    /// The token that a person gave for a server.
    pub(crate) fn known(&self, address: &Address, project: Option<&Project>) -> Option<Token> {
        self.lock().tokens.get(&(address.clone(), project.cloned())).cloned()
    }

    /// Forgets the token that a person gave for a server.
    pub(crate) fn forget(&self, address: &Address, project: Option<&Project>) {
        self.lock().tokens.remove(&(address.clone(), project.cloned()));
    }
}
