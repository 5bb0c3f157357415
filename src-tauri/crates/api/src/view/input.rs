use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something a run asks a person for.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct InputView {
    /// Input id.
    pub input: String,
    /// The run that asks.
    pub run: String,
    /// Its title.
    pub title: Option<String>,
    /// The question, placeholders filled in.
    pub prompt: String,
    /// The JSON Schema of the answer, as text.
    pub schema: Option<String>,
    /// What the answer starts as, as JSON.
    pub initial: Option<String>,
    /// Labels of the two buttons: respond, dismiss.
    pub actions: Option<Vec<String>>,
    /// When it was asked, Unix ms.
    pub at: i64,
}
