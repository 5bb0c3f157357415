//! The real window, driven as a person would: clicks, drops, and what can be read on it.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::display::{Display, Process};

/// On a busy machine the first paint alone can take 14 seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// The app with a display, a driver and a store of its own. What is declared first ends first.
pub(crate) struct App {
    client: Client,
    _driver: Process,
    pub(crate) display: Display,
    _home: TempDir,
}

impl App {
    /// Opens the window on an empty store.
    pub(crate) async fn open() -> Self {
        let display = Display::start();
        let home = tempfile::tempdir().expect("a folder can be made");
        let port = free_port();
        let mut command = display.command("WebKitWebDriver");
        command
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("HINDCAST_STORE", home.path().join("store"));
        let driver = Process::start(&mut command);
        let client = connect(port).await;
        Self { client, _driver: driver, display, _home: home }
    }

    /// Runs a script in the window, with `arguments` in it.
    pub(crate) async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client
            .execute(script, arguments)
            .await
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Asks, by a script's expression, until the answer is neither null nor false nor empty.
    ///
    /// # Panics
    /// After [`PATIENCE`], with what is on the window then in `target/screenshots`.
    pub(crate) async fn wait(&self, what: &str, expression: &str) -> Value {
        let begun = Instant::now();
        loop {
            let answer = self.run(&format!("return ({expression})"), vec![]).await;
            if !matches!(&answer, Value::Null | Value::Bool(false)) && answer != json!("") {
                return answer;
            }
            if begun.elapsed() > PATIENCE {
                self.shoot("gave-up").await;
                let text = self.run("return document.body.innerText", vec![]).await;
                panic!("waited in vain for {what}; the window says: {text}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until an element says `words` somewhere.
    pub(crate) async fn says(&self, css: &str, words: &str) {
        let found = format!("{}?.textContent.includes({})", element(css), json!(words));
        self.wait(&format!("\"{words}\" in {css}"), &found).await;
    }

    /// Waits for an element that can be pressed, and presses it with the mouse.
    pub(crate) async fn click(&self, css: &str) {
        self.wait(css, &format!("{0} && !{0}.disabled", element(css))).await;
        let found = self.client.find(Locator::Css(css)).await;
        let clicked = match found {
            Ok(element) => element.click().await,
            Err(error) => Err(error),
        };
        clicked.unwrap_or_else(|error| panic!("click {css}: {error}"));
    }

    /// Waits for a button with these words on it in an element, and presses it.
    pub(crate) async fn press(&self, css: &str, words: &str) {
        let buttons = format!("[...document.querySelectorAll({})]", json!(format!("{css} button")));
        let says = format!("button.textContent.includes({}) && !button.disabled", json!(words));
        let button = format!("{buttons}.find((button) => {says})");
        self.wait(&format!("the button {words} in {css}"), &format!("Boolean({button})")).await;
        self.run(&format!("{button}.click()"), vec![]).await;
    }

    /// Presses a key where no field has it, with Ctrl or without.
    pub(crate) async fn key(&self, key: &str, ctrl: bool) {
        let script = "document.body.dispatchEvent(new KeyboardEvent('keydown',
            { key: arguments[0], ctrlKey: arguments[1], bubbles: true, cancelable: true }))";
        self.run(script, vec![json!(key), json!(ctrl)]).await;
    }

    /// Saves what is painted, as `target/screenshots/NAME.png`.
    pub(crate) async fn shoot(&self, name: &str) {
        // A screenshot shows the picture before the last change unless two frames have passed.
        let painted = "const done = arguments[0];
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0)));";
        self.client.execute_async(painted, vec![]).await.expect("the window paints");
        let png = self.client.screenshot().await.expect("the driver takes a picture");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        fs::create_dir_all(&folder).expect("a folder can be made");
        fs::write(folder.join(format!("{name}.png")), png).expect("a picture can be saved");
    }

    /// Closes the window.
    pub(crate) async fn close(self) {
        self.client.close().await.expect("the window closes");
    }
}

fn element(css: &str) -> String {
    format!("document.querySelector({})", json!(css))
}

/// Opens a session, which starts the app.
async fn connect(port: u16) -> Client {
    let options = json!({
        "browserName": "wry",
        "webkitgtk:browserOptions": { "binary": env!("CARGO_BIN_EXE_hindcast-desktop"), "args": [] },
        "timeouts": { "script": 30_000 },
    });
    let Value::Object(capabilities) = options else { unreachable!("it is an object") };
    let capabilities: Capabilities = capabilities;
    let address = format!("http://127.0.0.1:{port}");
    let begun = Instant::now();
    loop {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities.clone());
        let session = builder.connect(&address);
        match tokio::time::timeout(PATIENCE, session).await {
            Ok(Ok(client)) => return client,
            // The driver itself takes a moment to listen.
            Ok(Err(error)) if begun.elapsed() > PATIENCE => panic!("no session: {error}"),
            Ok(Err(_)) => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(late) => panic!("the app did not open a window within {PATIENCE:?}: {late}"),
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}
