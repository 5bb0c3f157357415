CREATE TABLE environments (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    base   INTEGER REFERENCES environments (id),
    origin TEXT NOT NULL CHECK (origin IN ('imported', 'local'))
) STRICT;

-- The server's ids of environments; several may stand for one.
CREATE TABLE workspaces (
    id          TEXT PRIMARY KEY,
    environment INTEGER NOT NULL REFERENCES environments (id)
) STRICT, WITHOUT ROWID;

-- Holds one row while an import is in progress, inside its transaction, and none otherwise.
CREATE TABLE importing (id INTEGER PRIMARY KEY CHECK (id = 1)) STRICT;

CREATE TABLE runs (
    id         TEXT PRIMARY KEY,
    origin     TEXT NOT NULL CHECK (origin IN ('imported', 'local')),
    created_at INTEGER NOT NULL,
    memo       INTEGER CHECK (memo IN (0, 1)),
    document   TEXT NOT NULL -- the run in the export's own form, without its steps
) STRICT, WITHOUT ROWID;

CREATE TABLE steps (
    run           TEXT NOT NULL REFERENCES runs (id),
    number        INTEGER NOT NULL CHECK (number > 0),
    source_number INTEGER NOT NULL, -- the export's; another one where local work had taken it
    origin        TEXT NOT NULL CHECK (origin IN ('imported', 'local')),
    parent        TEXT, -- null for the root step
    module        TEXT NOT NULL,
    target        TEXT NOT NULL,
    document      TEXT NOT NULL, -- the step in the export's own form, without its executions
    declared      TEXT,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE executions (
    run              TEXT NOT NULL,
    step             INTEGER NOT NULL,
    attempt          INTEGER NOT NULL CHECK (attempt > 0),
    source_attempt   INTEGER NOT NULL, -- as steps.source_number
    environment      INTEGER NOT NULL REFERENCES environments (id),
    created_at       INTEGER NOT NULL,
    assigned_at      INTEGER,
    completed_at     INTEGER,
    ended            TEXT, -- how, in the export's words; null while it has not
    document         TEXT NOT NULL, -- the execution in the export's own form, without its result
    result           TEXT,
    because          TEXT, -- local executions only, as are edited arguments
    edited_arguments TEXT,
    PRIMARY KEY (run, step, attempt),
    FOREIGN KEY (run, step) REFERENCES steps (run, number),
    CHECK ((ended IS NULL) = (result IS NULL))
) STRICT, WITHOUT ROWID;

-- Without result, and local: what a restart has to look at.
CREATE INDEX unfinished ON executions (environment, run) WHERE ended IS NULL;

-- What local executions called, registered, consumed and defined. (Imported ones have all of it in
-- their document.)
CREATE TABLE children (
    run          TEXT NOT NULL,
    step         INTEGER NOT NULL,
    attempt      INTEGER NOT NULL,
    position     INTEGER NOT NULL,
    child        TEXT NOT NULL, -- an execution
    group_number INTEGER,
    PRIMARY KEY (run, step, attempt, position),
    UNIQUE (run, step, attempt, child),
    FOREIGN KEY (run, step, attempt) REFERENCES executions (run, step, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE parts (
    run      TEXT NOT NULL,
    step     INTEGER NOT NULL,
    attempt  INTEGER NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('group', 'dependency', 'metric', 'asset', 'input')),
    key      TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (run, step, attempt, kind, key),
    FOREIGN KEY (run, step, attempt) REFERENCES executions (run, step, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
    run     TEXT NOT NULL,
    step    INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    name    TEXT NOT NULL,
    value   TEXT, -- null for a reset
    PRIMARY KEY (run, step, attempt, name),
    FOREIGN KEY (run, step, attempt) REFERENCES executions (run, step, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE calls (
    run      TEXT NOT NULL,
    step     INTEGER NOT NULL,
    attempt  INTEGER NOT NULL,
    ordinal  INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (run, step, attempt, ordinal),
    FOREIGN KEY (run, step, attempt) REFERENCES executions (run, step, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE inputs (
    run           TEXT NOT NULL REFERENCES runs (id),
    number        INTEGER NOT NULL,
    source_number INTEGER NOT NULL,
    origin        TEXT NOT NULL CHECK (origin IN ('imported', 'local')),
    document      TEXT NOT NULL,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

-- Files of assets; the same content has the same id, so they belong to no environment.
CREATE TABLE asset_entries (
    asset    TEXT NOT NULL,
    path     TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (asset, path)
) STRICT, WITHOUT ROWID;

-- Logs and metric points can be recorded of executions that are not in the store.
CREATE TABLE logs (
    id       INTEGER PRIMARY KEY,
    run      TEXT NOT NULL,
    step     INTEGER NOT NULL,
    attempt  INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX logs_of_run ON logs (run, step, attempt);

CREATE TABLE points (
    id      INTEGER PRIMARY KEY,
    run     TEXT NOT NULL,
    step    INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    key     TEXT NOT NULL,
    value   REAL NOT NULL,
    at      REAL NOT NULL
) STRICT;
CREATE INDEX points_of_run ON points (run, step, attempt);

-- Every body that ran here.
CREATE TABLE ledger (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    run      TEXT NOT NULL,
    document TEXT NOT NULL
) STRICT;

-- Every fact about local work, in order.
CREATE TABLE journal (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT NOT NULL,
    record  TEXT NOT NULL
) STRICT;

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Rows under another number than their export's; few, if any.
CREATE INDEX renumbered_steps ON steps (run) WHERE number <> source_number;
CREATE INDEX renumbered_executions ON executions (run) WHERE attempt <> source_attempt;
CREATE INDEX renumbered_inputs ON inputs (run) WHERE number <> source_number;
