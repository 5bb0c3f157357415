//! Log lines and metric points in a server's databases.

use std::collections::BTreeMap;

use hindcast_model::record::{LogEntry, MetricPoint};

use crate::ImportError;
use crate::log::{LogForm, LogValue};
use crate::server::database::{Database, RowError, id};

/// Every log line.
pub(crate) fn logs(database: &Database) -> Result<Vec<LogEntry>, ImportError> {
    let sql = "SELECT m.execution_id, m.timestamp, m.level, t.template, m.values_json
               FROM messages m LEFT JOIN templates t ON t.id = m.template_id
               ORDER BY m.timestamp, m.id";
    database.all(sql, [], |row| {
        let values: Option<String> = row.get(4)?;
        let values: Option<BTreeMap<String, LogValue>> =
            values.map(|text| serde_json::from_str(&text).map_err(RowError::new)).transpose()?;
        let form = LogForm {
            execution_id: id(row, 0)?,
            timestamp: row.get(1)?,
            level: row.get(2)?,
            template: row.get(3)?,
            values,
        };
        form.try_into().map_err(|reason: String| RowError::new(reason))
    })
}

/// Every metric point.
pub(crate) fn points(database: &Database) -> Result<Vec<MetricPoint>, ImportError> {
    let sql = "SELECT execution_id, key, value, at FROM metrics ORDER BY id";
    database.all(sql, [], |row| {
        Ok(MetricPoint {
            execution: id(row, 0)?,
            key: row.get(1)?,
            value: row.get(2)?,
            at: row.get(3)?,
        })
    })
}
