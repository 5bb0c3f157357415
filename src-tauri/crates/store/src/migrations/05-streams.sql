-- Streams produced here (SDK 0.12). A stream belongs to its step; producer is the attempt that
-- produces it, the newest where one went on after another.
CREATE TABLE streams (
    run         TEXT NOT NULL,
    step        INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    producer    INTEGER NOT NULL,
    ended       TEXT,
    PRIMARY KEY (run, step, number),
    FOREIGN KEY (run, step, producer) REFERENCES executions (run, step, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE stream_items (
    run      TEXT NOT NULL,
    step     INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (run, step, number, sequence),
    FOREIGN KEY (run, step, number) REFERENCES streams (run, step, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER streams_inserted BEFORE INSERT ON streams
WHEN NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = NEW.run AND executions.step = NEW.step
      AND executions.attempt = NEW.producer AND environments.origin = 'local')
BEGIN SELECT RAISE(ABORT, 'streams: only what runs here produces streams here'); END;

CREATE TRIGGER streams_updated BEFORE UPDATE ON streams
WHEN OLD.ended IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'streams: what has ended has ended'); END;

CREATE TRIGGER stream_items_updated BEFORE UPDATE ON stream_items
BEGIN SELECT RAISE(ABORT, 'stream_items: what was yielded was yielded'); END;
