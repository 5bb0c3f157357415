//! The window's own content policy, so that what it would refuse is refused in a browser as well.

use std::sync::LazyLock;

/// What the desktop is built with.
const CONFIGURATION: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tauri.conf.json"));

/// The policy of the desktop's window, but for where the core is: here it is where the page is from.
pub(super) fn content() -> &'static String {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let configuration: serde_json::Value =
            serde_json::from_str(CONFIGURATION).unwrap_or_default();
        let policy =
            configuration["app"]["security"]["csp"].as_str().unwrap_or("default-src 'none'");
        policy.replace("connect-src ipc: http://ipc.localhost", "connect-src 'self'")
    });
    &POLICY
}
