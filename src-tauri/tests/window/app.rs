//! The real window, driven as a person would: clicks, drops, and what can be read on it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
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
    home: TempDir,
}

impl App {
    /// Opens the window on an empty store.
    pub(crate) async fn open() -> Self {
        Self::open_with(tempfile::tempdir().expect("a folder can be made"), &[]).await
    }

    /// Opens the window on the store of a home, with these words on its command line.
    pub(crate) async fn open_with(home: TempDir, words: &[&Path]) -> Self {
        let display = Display::start();
        let port = free_port();
        let mut command = display.command("WebKitWebDriver");
        command
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("HINDCAST_STORE", home.path().join("store"));
        let driver = Process::start(&mut command);
        let client = connect(port, words).await;
        Self { client, _driver: driver, display, home }
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
    /// After [`PATIENCE`], with what is on the window then in `target/screenshots/window`.
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

    /// Waits for an element.
    pub(crate) async fn there_is(&self, css: &str) {
        self.wait(css, &format!("{} !== null", element(css))).await;
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

    /// Types text into a field, which had none or loses what it had.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        self.click(css).await;
        self.run(&format!("{}.select()", element(css)), vec![]).await;
        let field = self.client.find(Locator::Css(css)).await;
        let typed = match field {
            Ok(field) => field.send_keys(text).await,
            Err(error) => Err(error),
        };
        typed.unwrap_or_else(|error| panic!("type into {css}: {error}"));
    }

    /// Presses a key on the keyboard.
    pub(crate) async fn key(&self, key: impl Into<char>) {
        self.keys(&[key.into()]).await;
    }

    /// Presses a key while Ctrl is held down.
    pub(crate) async fn ctrl(&self, key: impl Into<char>) {
        self.keys(&[Key::Control.into(), key.into()]).await;
    }

    /// Presses keys one after the other, and lets go of them the other way round.
    async fn keys(&self, keys: &[char]) {
        let down = keys.iter().map(|&value| KeyAction::Down { value });
        let up = keys.iter().rev().map(|&value| KeyAction::Up { value });
        let presses = down.chain(up).fold(KeyActions::new("keys".to_owned()), InputSource::then);
        self.client
            .perform_actions(presses)
            .await
            .unwrap_or_else(|error| panic!("press {keys:?}: {error}"));
    }

    /// Drags these files, as out of a file manager, onto the window, and lets go of them.
    pub(crate) async fn drop_files(&self, files: &[&Path]) {
        let held = self.display.hold_files(files);
        // Before the window knows of them, nothing would come of it.
        self.there_is("[data-testid=drop-overlay]").await;
        self.display.let_go(held);
    }

    /// Makes the window that large, in pixels.
    pub(crate) async fn resize(&self, (width, height): (u32, u32)) {
        self.display.resize("Hindcast", (width, height));
        let size = format!("innerWidth === {width} && innerHeight === {height}");
        self.wait(&format!("a window of {width} by {height}"), &size).await;
    }

    /// Chooses how the window is coloured: `dark` or `light`.
    pub(crate) async fn wear(&self, theme: &str) {
        // By a program: a dialog may stand over it.
        let script = "document.querySelector(`nav input[value=${arguments[0]}]`).click()";
        self.run(script, vec![json!(theme)]).await;
        let worn = format!("document.documentElement.dataset.theme === {}", json!(theme));
        self.wait(theme, &worn).await;
    }

    /// Saves what is painted, as `target/screenshots/window/NAME.png`.
    pub(crate) async fn shoot(&self, name: &str) {
        // A screenshot shows the picture before the last change unless two frames have passed.
        let painted = "const done = arguments[0];
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0)));";
        self.client.execute_async(painted, vec![]).await.expect("the window paints");
        let png = self.client.screenshot().await.expect("the driver takes a picture");
        fs::write(screenshots().join(format!("{name}.png")), png).expect("a picture can be saved");
    }

    /// What the page is told when it asks the desktop for this: an answer as text, or why not.
    pub(crate) async fn ask(&self, command: &str, arguments: Value) -> String {
        let ask = "const [command, given, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, given).then(JSON.stringify, String).then(done);";
        let answer = self.client.execute_async(ask, vec![json!(command), arguments]).await;
        match answer.unwrap_or_else(|error| panic!("{command}: {error}")) {
            Value::String(told) => told,
            other => other.to_string(),
        }
    }

    /// Closes the window.
    pub(crate) async fn close(self) {
        self.close_for_now().await;
    }

    /// Closes the window; its home can be opened again.
    pub(crate) async fn close_for_now(self) -> TempDir {
        let Self { client, _driver: driver, display, home } = self;
        client.close().await.expect("the window closes");
        drop((driver, display));
        home
    }
}

/// A file or folder of the fixtures.
pub(crate) fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(path)
}

/// Where pictures are kept for people to look at.
fn screenshots() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots/window");
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

fn element(css: &str) -> String {
    format!("document.querySelector({})", json!(css))
}

/// Opens a session, which starts the app.
async fn connect(port: u16, words: &[&Path]) -> Client {
    let options = json!({
        "browserName": "wry",
        "webkitgtk:browserOptions": { "binary": env!("CARGO_BIN_EXE_hindcast-desktop"), "args": words },
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
