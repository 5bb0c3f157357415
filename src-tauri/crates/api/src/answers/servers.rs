//! Live servers: connecting, listing, importing from them, and exporting without importing.

use std::collections::BTreeSet;
use std::sync::Arc;

use hindcast_import::bundle::Content;
use hindcast_model::{BlobKey, BlobSource, Blobs, Found, RunId};
use hindcast_server::{
    Address, Client, Fetched, Holding, Project, ServerError, Token, TokenFrom, Wanted, Watch,
    fetch, find_token, forget_token, keep_token,
};
use hindcast_store::{BlobStore, Store};

use super::export;
use super::incoming::Telling;
use crate::api::Answered;
use crate::calls::{
    Connect, ExportFromServer, ForgetServer, GetServerRuns, GetServers, ImportFromServer,
};
use crate::command;
use crate::view::{
    ConnectionView, ExportReport, GivenToken, ImportReport, ServerRunView, ServerRunsView,
    ServerView, ServerWorkflowView, ServerWorkspaceView, TokenPlace,
};
use crate::{Api, ApiError, ErrorCode};

/// The setting that holds the servers that were connected to, as JSON, newest first.
const SERVERS: &str = "servers";
/// How many of them are remembered.
const MOST: usize = 20;
/// The folder in the store's for blobs on their way.
const HOLDING: &str = "incoming";

/// Which server.
struct Place {
    address: Address,
    project: Option<Project>,
}

impl Place {
    fn new(address: &str, project: Option<&str>) -> Result<Self, ApiError> {
        let project = project.filter(|text| !text.trim().is_empty());
        Ok(Self {
            address: address.parse()?,
            project: project.map(|text| text.trim().parse()).transpose()?,
        })
    }

    fn view(&self) -> ServerView {
        let project = self.project.as_ref().map(ToString::to_string);
        ServerView { address: self.address.to_string(), project }
    }

    /// The same server; where no project is named and only one of it is known, with that one.
    fn known(self, store: &Store) -> Result<Self, ApiError> {
        if self.project.is_some() {
            return Ok(self);
        }
        let address = self.address.to_string();
        let servers = remembered(store)?;
        let mut same = servers.into_iter().filter(|server| server.address == address);
        match (same.next(), same.next()) {
            (Some(ServerView { project, .. }), None) => Self::new(&address, project.as_deref()),
            _ => Ok(self),
        }
    }

    /// A client with the token there is: a person's, the environment's, the keyring's.
    fn client(&self, api: &Api) -> Result<(Client, TokenFrom), ApiError> {
        let known = api.incoming().known(&self.address, self.project.as_ref());
        let (token, from) = match known {
            Some(token) => (Some(token), TokenFrom::Given),
            None => find_token(&self.address, self.project.as_ref())?,
        };
        Ok((Client::new(self.address.clone(), self.project.clone(), token), from))
    }
}

fn remembered(store: &Store) -> Result<Vec<ServerView>, ApiError> {
    let text = store.setting(SERVERS)?;
    // What is no list is no list of ours.
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

fn remember(store: &Store, servers: &[ServerView]) -> Result<(), ApiError> {
    let text = serde_json::to_string(servers)
        .map_err(|error| ApiError::internal("the servers have no JSON form", error))?;
    Ok(store.set(SERVERS, Some(&text))?)
}

impl Answered for GetServers {
    async fn answer(self, api: &Api) -> Result<Vec<ServerView>, ApiError> {
        api.with_store(remembered).await
    }
}

impl Answered for ForgetServer {
    async fn answer(self, api: &Api) -> Result<(), ApiError> {
        let place = Place::new(&self.address, self.project.as_deref())?;
        api.incoming().forget(&place.address, place.project.as_ref());
        api.with_store(move |store| {
            let mut servers = remembered(store)?;
            servers.retain(|server| *server != place.view());
            remember(store, &servers)?;
            match forget_token(&place.address, place.project.as_ref()) {
                // Where there is no keyring there is nothing in it.
                Ok(_) | Err(ServerError::Keyring { .. }) => Ok(()),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }
}

impl Answered for Connect {
    async fn answer(self, api: &Api) -> Result<ConnectionView, ApiError> {
        let place = Place::new(&self.address, self.project.as_deref())?;
        let given = self.token.as_ref().map(GivenToken::text);
        let given = given.filter(|text| !text.trim().is_empty()).map(Token::new).transpose()?;
        let mut telling = Telling::new(api);
        let (api, keep) = (api.clone(), self.keep);
        api.clone()
            .with_store(move |store| {
                let place = place.known(store)?;
                let (client, from) = match &given {
                    Some(token) => {
                        let (address, project) = (place.address.clone(), place.project.clone());
                        (Client::new(address, project, Some(token.clone())), TokenFrom::Given)
                    }
                    None => place.client(&api)?,
                };
                telling.says("asking");
                let mut on_progress = |progress: &_| telling.tell(progress);
                let workspaces = client.workspaces(&mut Watch::new(&mut on_progress))?;
                let mut notices = Vec::new();
                let mut kept = false;
                if let Some(token) = given {
                    if keep {
                        match keep_token(&place.address, place.project.as_ref(), &token) {
                            Ok(()) => kept = true,
                            Err(error) => {
                                notices.push(format!("the token is not kept: {error}"));
                            }
                        }
                    }
                    api.incoming().know(place.address.clone(), place.project.clone(), token);
                }
                if place.address.is_in_the_clear() && from != TokenFrom::Nowhere {
                    let text = "the token and all data travel in the clear: the address is http";
                    notices.push(text.to_owned());
                }
                let mut servers = remembered(store)?;
                servers.retain(|server| *server != place.view());
                servers.insert(0, place.view());
                servers.truncate(MOST);
                remember(store, &servers)?;
                let ServerView { address, project } = place.view();
                let workspaces = workspaces.into_iter().map(|workspace| ServerWorkspaceView {
                    name: workspace.name.to_string(),
                    base: workspace.base.map(|base| base.to_string()),
                });
                let workspaces = workspaces.collect();
                let token = token_place(from);
                Ok(ConnectionView { address, project, workspaces, token, kept, notices })
            })
            .await
    }
}

fn token_place(from: TokenFrom) -> TokenPlace {
    match from {
        TokenFrom::Given => TokenPlace::Given,
        TokenFrom::Environment => TokenPlace::Environment,
        TokenFrom::Keyring => TokenPlace::Keyring,
        TokenFrom::Nowhere => TokenPlace::Nowhere,
    }
}

impl Answered for GetServerRuns {
    async fn answer(self, api: &Api) -> Result<ServerRunsView, ApiError> {
        let place = Place::new(&self.address, self.project.as_deref())?;
        let workspace = self.workspace.parse()?;
        let mut telling = Telling::new(api);
        let asked = api.clone();
        api.with_store(move |store| {
            let (client, _) = place.known(store)?.client(&asked)?;
            telling.says("asking");
            let mut on_progress = |progress: &_| telling.tell(progress);
            let mut watch = Watch::new(&mut on_progress);
            let listing = client.list(&workspace, self.search.as_deref(), &mut watch)?;
            let here: BTreeSet<RunId> = store.runs()?.into_iter().map(|run| run.id).collect();
            let workflows = listing.workflows.into_iter().map(|workflow| ServerWorkflowView {
                module: workflow.module,
                target: workflow.target,
                active: u32::try_from(workflow.active).unwrap_or(u32::MAX),
            });
            let runs = listing.runs.into_iter().map(|run| ServerRunView {
                here: here.contains(&run.id),
                run: run.id.to_string(),
                module: run.module,
                target: run.target,
                created_at: run.created_at,
            });
            Ok(ServerRunsView { workflows: workflows.collect(), runs: runs.collect() })
        })
        .await
    }
}

impl Answered for ImportFromServer {
    async fn answer(self, api: &Api) -> Result<ImportReport, ApiError> {
        let place = Place::new(&self.address, self.project.as_deref())?;
        let wanted = wanted(&self.workspace, &self.runs)?;
        let ServerView { address, project } = place.view();
        let command =
            command::import_from_server(&address, project.as_deref(), &self.workspace, &self.runs);
        let holding = Holding::open(&api.folder().join(HOLDING))?;
        let (asked, blobs, held) = (api.clone(), api.blobs().clone(), Arc::clone(&holding));
        let report = api
            .take_in(None, command, move |store, telling| {
                let (client, _) = place.known(store)?.client(&asked)?;
                Ok(fetched(&client, &wanted, &held, &blobs, telling)?.found)
            })
            .await?;
        holding.clear();
        Ok(report)
    }
}

impl Answered for ExportFromServer {
    async fn answer(self, api: &Api) -> Result<ExportReport, ApiError> {
        let place = Place::new(&self.address, self.project.as_deref())?;
        let wanted = wanted(&self.workspace, &self.runs)?;
        let holding = Holding::open(&api.folder().join(HOLDING))?;
        let mut telling = Telling::new(api);
        let (asked, blobs, held) = (api.clone(), api.blobs().clone(), Arc::clone(&holding));
        let report = api
            .with_store(move |store| {
                let (client, _) = place.known(store)?.client(&asked)?;
                let fetched = fetched(&client, &wanted, &held, &blobs, &mut telling)?;
                let Found { runs, workspaces, blobs: found, logs, points, .. } = fetched.found;
                let content = Content {
                    runs,
                    workspaces,
                    logs: logs.into_iter().flatten().collect(),
                    points: points.into_iter().flatten().collect(),
                    source: None,
                };
                let blobs = FetchedBlobs { found, store: blobs };
                export::bundle(content, &blobs, &self.redact, self.path)
            })
            .await?;
        holding.clear();
        Ok(report)
    }
}

fn wanted(workspace: &str, runs: &[String]) -> Result<Wanted, ApiError> {
    let runs: Vec<RunId> =
        runs.iter().map(|run| run.parse()).collect::<Result<_, hindcast_model::IdError>>()?;
    if runs.is_empty() {
        return Err(ApiError::new(ErrorCode::BadRequest, "no run is named"));
    }
    Ok(Wanted { workspace: workspace.parse()?, runs })
}

fn fetched(
    client: &Client,
    wanted: &Wanted,
    holding: &Arc<Holding>,
    blobs: &BlobStore,
    telling: &mut Telling,
) -> Result<Fetched, ApiError> {
    telling.says("fetching");
    let mut on_progress = |progress: &_| telling.tell(progress);
    let has = |key: &BlobKey| blobs.has(key);
    Ok(fetch(client, wanted, holding, &has, &mut Watch::new(&mut on_progress))?)
}

/// Blobs that were fetched, and those that were here already.
#[derive(Debug)]
struct FetchedBlobs {
    found: std::collections::BTreeMap<BlobKey, Arc<dyn BlobSource>>,
    store: BlobStore,
}

impl Blobs for FetchedBlobs {
    fn get(&self, key: &BlobKey) -> Option<Arc<[u8]>> {
        let fetched = self.found.get(key).and_then(|source| source.read(key).ok());
        fetched.map(Into::into).or_else(|| self.store.get(key))
    }
}

impl From<ServerError> for ApiError {
    fn from(error: ServerError) -> Self {
        let code = match &error {
            ServerError::Address { .. } | ServerError::Project { .. } | ServerError::Token => {
                ErrorCode::BadRequest
            }
            ServerError::Unauthorized { .. } => ErrorCode::Unauthorized,
            ServerError::NoWorkspace { .. } | ServerError::NoRun { .. } => ErrorCode::NotFound,
            ServerError::Cancelled => ErrorCode::Cancelled,
            ServerError::Holding { .. } | ServerError::Machine { .. } => ErrorCode::Internal,
            ServerError::Unreachable { .. }
            | ServerError::Refused { .. }
            | ServerError::Elsewhere { .. }
            | ServerError::NotCoflux { .. }
            | ServerError::Insecure { .. }
            | ServerError::TooLarge { .. }
            | ServerError::Endless { .. }
            | ServerError::WrongBlob { .. }
            | ServerError::Import(_)
            | ServerError::Keyring { .. } => ErrorCode::Server,
        };
        Self { detail: error.detail(), ..Self::new(code, error.to_string()) }
    }
}
