//! Lists that come in pages.

use std::collections::HashSet;

use hindcast_import::ImportError;
use hindcast_import::served::Page;

use crate::client::encoded;
use crate::{Client, ServerError, Watch};

impl Client {
    /// Every item of a list at `path`, which already has a query. A server that has no such list
    /// gives none.
    pub(crate) fn pages<T>(
        &self,
        path: &str,
        read: impl Fn(&[u8], &str) -> Result<Page<T>, ImportError>,
        watch: &mut Watch<'_, '_>,
    ) -> Result<Vec<T>, ServerError> {
        let mut all = Vec::new();
        let mut seen = HashSet::new();
        let mut after: Option<String> = None;
        let mut bytes: u64 = 0;
        for pages in 0.. {
            let url = || self.address().with(path);
            if pages >= self.patience().pages {
                return Err(ServerError::Endless { url: url(), pages });
            }
            let mut question = self.document(path);
            if let Some(after) = &after {
                question.path = format!("{path}&after={}", encoded(after));
            }
            let name = self.url(&question);
            let Some(answer) = self.ask_one(question, watch)? else { break };
            bytes = bytes.saturating_add(answer.len() as u64);
            let limit = self.patience().document;
            if bytes > limit {
                return Err(ServerError::TooLarge { url: url(), limit });
            }
            let Page { items, cursor } = read(&answer, &name)?;
            let was_last = items.is_empty();
            all.extend(items);
            match cursor {
                Some(cursor) if !was_last => {
                    // The server would give the same pages again and again.
                    if !seen.insert(cursor.clone()) {
                        return Err(ServerError::Endless { url: url(), pages: pages + 1 });
                    }
                    after = Some(cursor);
                }
                _ => break,
            }
        }
        Ok(all)
    }
}
