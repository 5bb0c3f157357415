//! The api over HTTP, for tests of the window in a plain browser.
//!
//! `POST /call/NAME` with the parameters as JSON: 200 with the answer, or 422 with an `ApiError`.
//! `GET /events`: server-sent events, one `ApiEvent` each. Anything else: a file of the window.

mod files;
mod policy;

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::view::ApiEvent;
use crate::{Api, ApiError, ErrorCode};

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Serves until the process ends. `ui` is the folder with the built window.
///
/// # Errors
/// If the listener fails.
pub async fn serve(listener: TcpListener, api: Api, ui: PathBuf) -> std::io::Result<()> {
    let ui: Arc<std::path::Path> = ui.into();
    loop {
        let (stream, _) = listener.accept().await?;
        let (api, ui) = (api.clone(), ui.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let (api, ui) = (api.clone(), ui.clone());
                async move { Ok::<_, Infallible>(answer(&api, &ui, request).await) }
            });
            // A browser that hangs up is no error here.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(api: &Api, ui: &std::path::Path, request: Request<Incoming>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    match (request.method(), path.as_str()) {
        (&Method::POST, path) if path.starts_with("/call/") => call(api, &path[6..], request).await,
        (&Method::GET, "/events") => events(api.subscribe()),
        (&Method::GET, path) => files::file(ui, path).await,
        _ => respond(StatusCode::METHOD_NOT_ALLOWED, "text/plain", Vec::new()),
    }
}

async fn call(api: &Api, name: &str, request: Request<Incoming>) -> Response<Body> {
    let answer = async {
        let bad = |error: &dyn std::fmt::Display| {
            ApiError::new(ErrorCode::BadRequest, format!("the body of {name}: {error}"))
        };
        let body = request.into_body().collect().await.map_err(|error| bad(&error))?.to_bytes();
        let params = serde_json::from_slice(&body).map_err(|error| bad(&error))?;
        api.call(name, params).await
    };
    let (status, body) = match answer.await {
        Ok(answer) => (StatusCode::OK, Ok(String::from(Box::<str>::from(answer)).into_bytes())),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, serde_json::to_vec(&error)),
    };
    respond(status, "application/json", body.unwrap_or_default())
}

fn events(receiver: Receiver<ApiEvent>) -> Response<Body> {
    let body = EventBody { next: Box::pin(next(receiver)), greeted: false };
    let response = Response::builder()
        .header(header::CONTENT_TYPE, "text/event-stream")
        .header(header::CACHE_CONTROL, "no-store")
        .body(body.boxed_unsync());
    response.unwrap_or_default()
}

async fn next(mut receiver: Receiver<ApiEvent>) -> (Option<ApiEvent>, Receiver<ApiEvent>) {
    let event = match receiver.recv().await {
        Ok(event) => Some(event),
        // Who missed events shall ask for everything again.
        Err(RecvError::Lagged(_)) => Some(ApiEvent::OverviewChanged),
        Err(RecvError::Closed) => None,
    };
    (event, receiver)
}

type Next = std::pin::Pin<
    Box<dyn Future<Output = (Option<ApiEvent>, Receiver<ApiEvent>)> + Send + 'static>,
>;

/// Events as they come, one frame each.
struct EventBody {
    next: Next,
    greeted: bool,
}

impl hyper::body::Body for EventBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        use std::task::Poll;
        // A first frame at once, so that the browser knows it is connected.
        if !self.greeted {
            self.greeted = true;
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b": connected\n\n")))));
        }
        let Poll::Ready((event, receiver)) = self.next.as_mut().poll(context) else {
            return Poll::Pending;
        };
        let Some(event) = event else { return Poll::Ready(None) };
        self.next = Box::pin(next(receiver));
        let json = serde_json::to_string(&event).unwrap_or_default();
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(format!("data: {json}\n\n"))))))
    }
}

fn respond(status: StatusCode, kind: &str, body: Vec<u8>) -> Response<Body> {
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::CONTENT_SECURITY_POLICY, policy::content().as_str())
        .body(Full::new(Bytes::from(body)).boxed_unsync());
    response.unwrap_or_default()
}
