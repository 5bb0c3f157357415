//! The engine behind the api: started when first needed.

use hindcast_engine::warm::Warm;
use hindcast_engine::{Config, EngineError, Handle, News};
use tokio::sync::broadcast::error::RecvError;

use crate::answers::warm;
use crate::calls::GetSetting;
use crate::view::ApiEvent;
use crate::{Api, ApiError, ErrorCode};

impl Api {
    /// The engine. It is started at the first call; that starts no Python yet.
    pub(crate) async fn engine(&self) -> Result<Handle, ApiError> {
        let start = async {
            let mut config = Config::new(self.folder().to_owned())
                .map_err(|error| ApiError::internal("cannot start the engine", error))?;
            (config.slots, config.warm) = self.work_settings(config.slots).await?;
            let started = tokio::task::spawn_blocking(move || Handle::start(config)).await;
            let handle =
                started.map_err(|error| ApiError::internal("cannot start the engine", error))??;
            self.hear(&handle);
            Ok(handle)
        };
        self.engine_cell().get_or_try_init(|| start).await.cloned()
    }

    /// How many bodies run at once, and when Pythons are warmed: as the command line says, else as is
    /// set; else as many as the chosen project's `coflux.toml` says, if it is trusted.
    async fn work_settings(&self, usual: usize) -> Result<(usize, Warm), ApiError> {
        let slots = self.ask(GetSetting { key: warm::SLOTS.to_owned() }).await?;
        let setting = self.ask(GetSetting { key: warm::WARM.to_owned() }).await?;
        let (chosen, stays) = self.session().work();
        let slots = match chosen.or_else(|| warm::slots(&slots?)) {
            Some(slots) => slots,
            None => self.trusted_slots().await.unwrap_or(usual),
        };
        Ok((slots, warm::mode(setting.as_deref(), stays)))
    }

    /// How many the chosen project says, if it is trusted. What is wrong with its `coflux.toml` is told
    /// when it is examined, and keeps its code from running then.
    async fn trusted_slots(&self) -> Option<usize> {
        let project = self.trusted_project().await.ok()?;
        Some(project.concurrency().ok()??.max(1))
    }

    /// Tells a running engine what is set.
    pub(crate) async fn configure_engine(&self) -> Result<(), ApiError> {
        let Some(engine) = self.engine_cell().get().cloned() else { return Ok(()) };
        let (slots, mode) = self.work_settings(Config::usual_slots()).await?;
        engine.configure(slots, mode);
        Ok(())
    }

    /// This process stays, and will run things again and again: Pythons are warmed with the first.
    pub fn stay(&self) {
        self.session().stay();
    }

    /// Sees to it that what any process leaves unfinished is found abandoned, now and from now on.
    /// Starts no process.
    ///
    /// # Errors
    /// If the engine cannot be started.
    pub async fn watch_over(&self) -> Result<(), ApiError> {
        // An engine looks before it answers anything.
        self.engine().await?.under_way().await?;
        Ok(())
    }

    /// Lets the follower look as soon as the engine has recorded something.
    fn hear(&self, engine: &Handle) {
        let mut news = engine.subscribe();
        let (api, wake) = (self.downgrade(), self.following().news.clone());
        tokio::spawn(async move {
            loop {
                match news.recv().await {
                    Ok(News::Broken(reason)) => {
                        let Some(api) = api.upgrade() else { return };
                        let message = format!("what was under way is lost: {reason}");
                        let error = ApiError::new(ErrorCode::Internal, message);
                        api.following().lose(error.clone());
                        api.tell(ApiEvent::Failed { error });
                    }
                    Ok(_) | Err(RecvError::Lagged(_)) => wake.notify_one(),
                    Err(RecvError::Closed) => return,
                }
            }
        });
    }

    /// Ends all work: kills every process that was started, and returns once they are gone.
    pub async fn shut_down(&self) {
        if let Some(engine) = self.engine_cell().get().cloned() {
            // It has nothing to say but that it is done.
            let _ = tokio::task::spawn_blocking(move || engine.shutdown()).await;
        }
    }
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::Rejected(reason) => Self::new(ErrorCode::Refused, reason),
            EngineError::NoExecution(_) => Self::new(ErrorCode::NotFound, error.to_string()),
            error => Self::new(ErrorCode::Internal, error.to_string()),
        }
    }
}
