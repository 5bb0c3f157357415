//! One database of a server, in memory.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use hindcast_model::{FoundWorkspace, RunId, WorkspaceId};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Params, Row};

use super::journal;
use crate::{ImportError, source};

/// The schema versions we read, by the server's migration number: 1 is 0.9, 2 is 0.10, 3 is 0.11.
const VERSIONS: std::ops::RangeInclusive<i64> = 1..=3;

/// How long a server may keep us waiting.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a database is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    Runs,
    Logs,
    Points,
    /// Runs of 0.2 to 0.8 ([`crate::legacy`]).
    OldRuns,
    /// Log lines of 0.2 to 0.4.
    OldLogs,
}

/// A database, read into memory.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) name: String,
    pub(crate) holds: Holds,
    /// Its schema's version.
    pub(crate) version: i64,
    pub(crate) connection: Connection,
    /// How many bytes may still be read from its rows.
    left: Cell<u64>,
}

/// How many times its own size a database may give, at most: rows may point to one large row again
/// and again. (A server's gives about its own size.)
const EXPANDED: u64 = 16;

/// What any database may give, in bytes.
const SMALL: u64 = 64 << 20;

impl Database {
    /// Reads the database at `path`.
    pub(crate) fn open(path: &Path, limit: u64) -> Result<Self, ImportError> {
        let name = path.display().to_string();
        let bytes = copy(path, &name, limit)?;
        Self::read(bytes, name)
    }

    /// Reads a database from its bytes and those of the journal that lay beside it.
    pub(crate) fn read_with_journal(
        mut bytes: Vec<u8>,
        journal: &[u8],
        name: String,
    ) -> Result<Self, ImportError> {
        if journal::is_hot(journal) {
            journal::roll_back(&mut bytes, journal)
                .map_err(|reason| ImportError::at(&name, "the database", reason))?;
        }
        Self::read(bytes, name)
    }

    /// Reads a database from its bytes.
    pub(crate) fn read(bytes: Vec<u8>, name: String) -> Result<Self, ImportError> {
        no_wal(&bytes, &name)?;
        let failed = |error: rusqlite::Error| broken(&name, "the database", &error);
        let mut connection = Connection::open_in_memory().map_err(failed)?;
        let length = bytes.len();
        connection
            .deserialize_read_exact("main", Cursor::new(bytes), length, true)
            .map_err(failed)?;
        let careful = [
            ("trusted_schema", false),
            ("cell_size_check", true),
            // Expressions in the schema are code of others.
            ("ignore_check_constraints", true),
        ];
        for (pragma, value) in careful {
            connection.pragma_update(None, pragma, value).map_err(failed)?;
        }
        // Sorting many rows would write to a file of its own, outside of the store.
        connection.pragma_update(None, "temp_store", "memory").map_err(failed)?;
        let holds = holds(&connection, &name)?;
        only_tables(&connection, &name)?;
        connection.set_prepared_statement_cache_capacity(100);
        let sound: String =
            connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
        if sound != "ok" {
            let sound = sound.replace('\n', " ");
            return Err(ImportError::at(&name, "the database", format!("damaged: {sound}")));
        }
        let version = connection
            .query_row("SELECT max(version) FROM schema_migrations", [], |row| {
                row.get::<_, Option<i64>>(0)
            })
            .map_err(failed)?
            .unwrap_or(0);
        let known = match holds {
            Holds::Runs => VERSIONS,
            Holds::Logs | Holds::Points | Holds::OldRuns | Holds::OldLogs => 1..=1,
        };
        if !known.contains(&version) {
            let (from, to) = (known.start(), known.end());
            let reason =
                format!("schema version {version}; we read {from} to {to} (Coflux 0.9 to 0.11)");
            return Err(ImportError::at(&name, "schema_migrations", reason));
        }
        let left = Cell::new((length as u64).saturating_mul(EXPANDED).max(SMALL));
        Ok(Self { name, holds, version, connection, left })
    }

    /// All rows of a query, each read by `read`.
    pub(crate) fn all<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, RowError>,
    ) -> Result<Vec<T>, ImportError> {
        let rows = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query(parameters)?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                self.take(row)?;
                all.push(read(row)?);
            }
            Ok::<_, RowError>(all)
        };
        rows().map_err(|error| ImportError::at(&self.name, table(sql), error.0))
    }

    /// Counts what a row holds.
    fn take(&self, row: &Row<'_>) -> Result<(), RowError> {
        let mut bytes = 0;
        for column in 0..row.as_ref().column_count() {
            bytes += match row.get_ref(column)? {
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len() as u64,
                ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => 8,
            };
        }
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.ok_or_else(|| RowError::new("far more than such a database can hold"))?);
        Ok(())
    }

    /// The first row of a query.
    pub(crate) fn first<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> Result<T, RowError>,
    ) -> Result<Option<T>, ImportError> {
        Ok(self.all(sql, parameters, read)?.into_iter().next())
    }

    /// The first row of a query that must have one: the row `id` of a table that others point to.
    pub(crate) fn one<T>(
        &self,
        sql: &str,
        id: i64,
        read: impl FnMut(&Row<'_>) -> Result<T, RowError>,
    ) -> Result<T, ImportError> {
        let missing = || {
            ImportError::at(
                &self.name,
                table(sql),
                format!("there is no row {id}, though others point to it"),
            )
        };
        self.first(sql, [id], read)?.ok_or_else(missing)
    }

    /// Every run, by its row.
    pub(crate) fn runs(&self) -> Result<Vec<(i64, RunId)>, ImportError> {
        self.all("SELECT id, external_id FROM runs ORDER BY created_at, id", [], |row| {
            Ok((row.get(0)?, id(row, 1)?))
        })
    }

    /// Names and bases of workspaces: the newest row of each.
    pub(crate) fn workspaces(&self) -> Result<BTreeMap<WorkspaceId, FoundWorkspace>, ImportError> {
        let sql = "SELECT w.external_id, n.name, b.external_id
            FROM workspaces w
            JOIN workspace_names n ON n.rowid = (
                SELECT rowid FROM workspace_names WHERE workspace_id = w.id
                ORDER BY created_at DESC, rowid DESC LIMIT 1)
            LEFT JOIN workspace_bases wb ON wb.rowid = (
                SELECT rowid FROM workspace_bases WHERE workspace_id = w.id
                ORDER BY created_at DESC, rowid DESC LIMIT 1)
            LEFT JOIN workspaces b ON b.id = wb.base_workspace_id";
        let workspaces = self.all(sql, [], |row| {
            let base = row.get::<_, Option<String>>(2)?.map(|_| id(row, 2)).transpose()?;
            Ok((id(row, 0)?, FoundWorkspace { name: id(row, 1)?, base }))
        })?;
        Ok(workspaces.into_iter().collect())
    }
}

/// What is wrong with a row.
#[derive(Debug)]
pub(crate) struct RowError(String);

impl From<rusqlite::Error> for RowError {
    fn from(error: rusqlite::Error) -> Self {
        // Its text would hold all of the query.
        match error {
            rusqlite::Error::SqlInputError { msg, .. } => Self(msg),
            rusqlite::Error::InvalidColumnType(_, name, kind) => {
                Self(format!("a row has {kind} as its {name}"))
            }
            other => Self(other.to_string()),
        }
    }
}

impl RowError {
    pub(crate) fn new(reason: impl Display) -> Self {
        Self(reason.to_string())
    }
}

/// An id in a text column.
pub(crate) fn id<T: FromStr<Err = impl Display>>(
    row: &Row<'_>,
    column: usize,
) -> Result<T, RowError> {
    row.get::<_, String>(column)?.parse().map_err(RowError::new)
}

/// The number of a step, an attempt or an input in a column. They begin at 1.
pub(crate) fn number(row: &Row<'_>, column: usize) -> Result<u32, RowError> {
    match row.get(column)? {
        0 => Err(RowError::new("a step, attempt or input of number 0")),
        number => Ok(number),
    }
}

/// JSON in a text column.
pub(crate) fn json<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> Result<T, RowError> {
    serde_json::from_str(&row.get::<_, String>(column)?).map_err(RowError::new)
}

/// The table a query reads first, for messages.
fn table(sql: &str) -> &str {
    let mut words = sql.split_whitespace();
    words.find(|word| *word == "FROM");
    words.next().unwrap_or("the database")
}

fn broken(name: &str, place: &str, error: &rusqlite::Error) -> ImportError {
    ImportError::at(name, place, error.to_string())
}

/// A copy of the file's bytes, taken while no server can be writing it: `SQLite`'s own read lock is
/// held, for as long as reading the file takes.
fn copy(path: &Path, name: &str, limit: u64) -> Result<Vec<u8>, ImportError> {
    let mut header = Vec::new();
    let unreadable = |error| ImportError::Unreadable { source_name: name.to_owned(), error };
    let file: File = source::open(path)?;
    file.take(100).read_to_end(&mut header).map_err(unreadable)?;
    no_wal(&header, name)?;
    let locked = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.execute_batch("BEGIN; PRAGMA schema_version")?;
        connection.pragma_query_value(None, "schema_version", |row| row.get::<_, i64>(0))?;
        Ok::<_, rusqlite::Error>(connection)
    };
    match locked() {
        Ok(_lock) => source::whole(path, limit),
        Err(error) => left_behind(path, name, limit)?
            .ok_or_else(|| ImportError::at(name, "the database", error.to_string())),
    }
}

/// The bytes of a database whose writer was killed, with what it had begun taken back; none if no
/// journal of such a writer lies beside it.
fn left_behind(path: &Path, name: &str, limit: u64) -> Result<Option<Vec<u8>>, ImportError> {
    /// How often a server that starts again meanwhile is given a second look.
    const LOOKS: usize = 3;
    let mut journal_path = path.as_os_str().to_owned();
    journal_path.push("-journal");
    let journal_path = Path::new(&journal_path);
    for _ in 0..LOOKS {
        let Ok(journal) = source::whole(journal_path, limit) else { return Ok(None) };
        if !journal::is_hot(&journal) {
            return Ok(None);
        }
        let mut database = source::whole(path, limit)?;
        // As long as the journal is there, nobody has written.
        if source::whole(journal_path, limit).is_ok_and(|again| again == journal) {
            journal::roll_back(&mut database, &journal)
                .map_err(|reason| ImportError::at(name, "the database", reason))?;
            return Ok(Some(database));
        }
    }
    Ok(None)
}

/// `SQLite`'s header has the file format's write and read version at 18 and 19: 2 is WAL. Coflux never
/// uses it, and reading such a file would make files beside it.
fn no_wal(header: &[u8], name: &str) -> Result<(), ImportError> {
    if header.is_empty() {
        // A server that has just begun it; there is nothing in it yet.
        let (source_name, reason) = (name.to_owned(), "it is empty".to_owned());
        return Err(ImportError::NotAnExport { source_name, reason });
    }
    match header.get(18..20) {
        Some([1, 1]) => Ok(()),
        Some([2, _] | [_, 2]) => {
            let reason = "a database in WAL mode, which no Coflux server makes".to_owned();
            Err(ImportError::NotAnExport { source_name: name.to_owned(), reason })
        }
        _ => Err(ImportError::at(name, "the header", "not a database we know")),
    }
}

/// A view, a trigger or a computed column would run its own SQL under the name of a table; no server
/// makes any.
fn only_tables(connection: &Connection, name: &str) -> Result<(), ImportError> {
    // Of a column, `hidden` is 2 or 3 where it is computed; of an index, `cid` is -2.
    let sql = "SELECT type || ' ' || name FROM sqlite_master
               WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'
               UNION ALL
               SELECT 'computed column ' || m.name || '.' || x.name
               FROM sqlite_master m, pragma_table_xinfo(m.name) x
               WHERE m.type = 'table' AND x.hidden > 1
               UNION ALL
               SELECT 'computed index ' || m.name FROM sqlite_master m, pragma_index_xinfo(m.name) x
               WHERE m.type = 'index' AND x.cid = -2";
    let other = connection.prepare(sql).and_then(|mut statement| {
        let mut rows = statement.query([])?;
        rows.next()?.map(|row| row.get::<_, String>(0)).transpose()
    });
    match other {
        Ok(None) => Ok(()),
        Ok(Some(other)) => {
            let reason = format!("it has a {other:?}, which no Coflux server makes");
            Err(ImportError::at(name, "the schema", reason))
        }
        Err(error) => Err(broken(name, "the schema", &error)),
    }
}

fn holds(connection: &Connection, name: &str) -> Result<Holds, ImportError> {
    let tables = connection
        .prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .map_err(|error| broken(name, "the database", &error))?;
    let tables: BTreeSet<String> = tables;
    let has = |names: &[&str]| names.iter().all(|name| tables.contains(*name));
    // Until 0.8 steps have no number, but an id.
    let steps_have_ids = || {
        let sql = "SELECT 1 FROM pragma_table_info('steps') WHERE name = 'external_id'";
        connection.prepare(sql).and_then(|mut statement| statement.exists([])).unwrap_or(false)
    };
    if has(&["schema_migrations", "runs", "steps", "executions", "execution_refs", "values_"]) {
        Ok(Holds::Runs)
    } else if has(&["schema_migrations", "runs", "steps", "executions", "values_"])
        && steps_have_ids()
    {
        Ok(Holds::OldRuns)
    } else if has(&["schema_migrations", "runs", "messages", "message_templates"]) {
        Ok(Holds::OldLogs)
    } else if has(&["schema_migrations", "messages", "templates"]) {
        Ok(Holds::Logs)
    } else if has(&["schema_migrations", "metrics"]) && !has(&["steps"]) {
        Ok(Holds::Points)
    } else {
        let reason = "a database, but not one of a Coflux server since 0.2".to_owned();
        Err(ImportError::NotAnExport { source_name: name.to_owned(), reason })
    }
}
