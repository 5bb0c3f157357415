-- The local variables, as text, of the frames that a local execution failed in.
CREATE TABLE locals (
    run     TEXT NOT NULL,
    step    INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    frames  TEXT NOT NULL,
    PRIMARY KEY (run, step, attempt),
    FOREIGN KEY (run, step, attempt) REFERENCES executions (run, step, attempt)
        ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TRIGGER locals_inserted BEFORE INSERT ON locals
WHEN NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = NEW.run AND executions.step = NEW.step
      AND executions.attempt = NEW.attempt AND environments.origin = 'local')
BEGIN SELECT RAISE(ABORT, 'locals: only what runs here has local variables'); END;
