-- Local executions whose bodies were watched by the sentinel, and whether they were locked.
CREATE TABLE watched (
    run     TEXT NOT NULL,
    step    INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    locked  INTEGER NOT NULL CHECK (locked IN (0, 1)),
    PRIMARY KEY (run, step, attempt),
    FOREIGN KEY (run, step, attempt) REFERENCES executions (run, step, attempt)
) STRICT, WITHOUT ROWID;

-- What their bodies did outside of themselves, in the order it was first seen.
CREATE TABLE effects (
    id      INTEGER PRIMARY KEY,
    run     TEXT NOT NULL,
    step    INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    act     TEXT NOT NULL,
    count   INTEGER NOT NULL,
    UNIQUE (run, step, attempt, act),
    FOREIGN KEY (run, step, attempt) REFERENCES executions (run, step, attempt)
) STRICT;

CREATE TRIGGER watched_inserted BEFORE INSERT ON watched
WHEN NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = NEW.run AND executions.step = NEW.step
      AND executions.attempt = NEW.attempt AND environments.origin = 'local')
BEGIN SELECT RAISE(ABORT, 'watched: only what runs here is watched'); END;

CREATE TRIGGER effects_inserted BEFORE INSERT ON effects
WHEN NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = NEW.run AND executions.step = NEW.step
      AND executions.attempt = NEW.attempt AND environments.origin = 'local')
BEGIN SELECT RAISE(ABORT, 'effects: only what runs here has effects here'); END;

CREATE TRIGGER effects_updated BEFORE UPDATE ON effects
WHEN NEW.run IS NOT OLD.run OR NEW.step IS NOT OLD.step OR NEW.attempt IS NOT OLD.attempt
  OR NEW.act IS NOT OLD.act OR NEW.count < OLD.count
BEGIN SELECT RAISE(ABORT, 'effects: what was seen was seen'); END;

CREATE TRIGGER effects_deleted BEFORE DELETE ON effects
BEGIN SELECT RAISE(ABORT, 'effects: what was seen was seen'); END;
