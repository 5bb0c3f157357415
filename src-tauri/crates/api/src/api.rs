//! The api: one store, one engine, and whoever listens.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use hindcast_engine::Handle;
use hindcast_store::{BlobStore, Store};
use tokio::sync::{OnceCell, broadcast};

use crate::facts::Facts;
use crate::follow::{self, Following};
use crate::incoming::Incoming;
use crate::loaded::Loaded;
use crate::project::Session;
use crate::view::ApiEvent;
use crate::watching::Watching;
use crate::{ApiError, Call};

/// How many events a listener may be behind before it misses some. A listener that missed events
/// asks for everything it shows again, so a miss costs time, not truth.
const EVENT_BACKLOG: usize = 1024;

/// Answers questions about one store and does work in it. Cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    blobs: BlobStore,
    facts: Facts,
    loaded: Loaded,
    session: Session,
    following: Following,
    incoming: Incoming,
    watching: Watching,
    engine: OnceCell<Handle>,
    /// Connections nobody uses at the moment.
    idle: Mutex<Vec<Store>>,
    events: broadcast::Sender<ApiEvent>,
}

/// An api that lives as long as others hold it.
pub(crate) struct WeakApi(Weak<Inner>);

impl WeakApi {
    /// The api, if it is still there.
    pub(crate) fn upgrade(&self) -> Option<Api> {
        self.0.upgrade().map(Api)
    }
}

/// A call that the api answers.
pub trait Answered: Call {
    /// The answer.
    ///
    /// # Errors
    /// As the call says; see [`crate::ErrorCode`].
    fn answer(self, api: &Api) -> impl Future<Output = Result<Self::Answer, ApiError>> + Send;
}

impl Api {
    /// Opens the store in this folder, which is made where there is none. What a process left
    /// unfinished that is gone is abandoned before this returns.
    ///
    /// # Errors
    /// If the store cannot be opened.
    pub async fn open(folder: PathBuf) -> Result<Self, ApiError> {
        let open = move || -> Result<(Self, Store, bool), ApiError> {
            let (store, followed) = (Store::open(&folder)?, Store::open(&folder)?);
            let unfinished = !store.unfinished()?.is_empty();
            let (events, _) = broadcast::channel(EVENT_BACKLOG);
            let blobs = store.blobs().clone();
            let (facts, loaded) = (Facts::new(blobs.clone()), Loaded::default());
            let (session, following) = (Session::default(), Following::default());
            let idle = Mutex::new(vec![store]);
            let engine = OnceCell::new();
            let incoming = Incoming::default();
            let watching = Watching::default();
            let inner = Inner {
                folder,
                blobs,
                facts,
                loaded,
                session,
                following,
                incoming,
                watching,
                engine,
                idle,
                events,
            };
            Ok((Self(Arc::new(inner)), followed, unfinished))
        };
        let opened = tokio::task::spawn_blocking(open).await;
        let (api, followed, unfinished) =
            opened.map_err(|error| ApiError::internal("cannot open the store", error))??;
        follow::start(&api, followed)?;
        if unfinished {
            api.watch_over().await?;
        }
        Ok(api)
    }

    /// Asks `call`.
    ///
    /// # Errors
    /// As the call says.
    pub async fn ask<C: Answered>(&self, call: C) -> Result<C::Answer, ApiError> {
        call.answer(self).await
    }

    /// What happens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<ApiEvent> {
        self.0.events.subscribe()
    }

    /// Tells every listener.
    pub fn tell(&self, event: ApiEvent) {
        // Nobody listens: nobody to tell.
        let _ = self.0.events.send(event);
    }

    /// The store's folder.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The store's blobs.
    pub(crate) fn blobs(&self) -> &BlobStore {
        &self.0.blobs
    }

    /// What is remembered of runs.
    pub(crate) fn facts(&self) -> &Facts {
        &self.0.facts
    }

    /// The runs looked at last.
    pub(crate) fn loaded(&self) -> &Loaded {
        &self.0.loaded
    }

    /// What holds as long as the process lives.
    pub(crate) fn session(&self) -> &Session {
        &self.0.session
    }

    /// What is known from the journal.
    pub(crate) fn following(&self) -> &Following {
        &self.0.following
    }

    /// What is on its way in.
    pub(crate) fn incoming(&self) -> &Incoming {
        &self.0.incoming
    }

    /// What is watched.
    pub(crate) fn watching(&self) -> &Watching {
        &self.0.watching
    }

    /// The engine, once it is started.
    pub(crate) fn engine_cell(&self) -> &OnceCell<Handle> {
        &self.0.engine
    }

    /// A hold that does not keep it alive.
    pub(crate) fn downgrade(&self) -> WeakApi {
        WeakApi(Arc::downgrade(&self.0))
    }

    /// Does `work` with the store, where it blocks nobody.
    pub(crate) async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let api = self.clone();
        let work = move || {
            let store = api.take_store()?;
            let done = work(&store);
            api.lock_idle().push(store);
            done
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| ApiError::internal("the work was given up", error))?
    }

    /// Reads one state of the store, whatever is written meanwhile, where it blocks nobody.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.with_store(|store| store.snapshot(work)).await
    }

    fn take_store(&self) -> Result<Store, ApiError> {
        let idle = self.lock_idle().pop();
        idle.map_or_else(|| Ok(Store::open(self.folder())?), Ok)
    }

    fn lock_idle(&self) -> std::sync::MutexGuard<'_, Vec<Store>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
