-- Which session (process) works on an execution. Gone once the execution has ended.
CREATE TABLE owners (
    run     TEXT NOT NULL,
    step    INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    session TEXT NOT NULL,
    PRIMARY KEY (run, step, attempt)
) STRICT, WITHOUT ROWID;

-- What one session asks of another. The one asked writes the answer, the one that asks removes it.
CREATE TABLE requests (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT NOT NULL, -- of which session
    request TEXT NOT NULL,
    answer  TEXT
) STRICT;
CREATE INDEX unanswered ON requests (session) WHERE answer IS NULL;
