-- A person may delete a run, or a local environment. What is deleted moves to tables of its own (each
-- named trash_ and the table it is from, made when first needed), from which it can come back until
-- it is purged. The ledger and the journal stay as they are.

CREATE TABLE deletions (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    document TEXT NOT NULL -- what was deleted, and how much that is
) STRICT;

-- Numbers of local work that was deleted: they are never given again, for the ledger names them.
CREATE TABLE retired (
    run     TEXT NOT NULL,
    step    INTEGER NOT NULL,
    attempt INTEGER NOT NULL, -- 0 for the step itself
    PRIMARY KEY (run, step, attempt)
) STRICT, WITHOUT ROWID;

-- Holds one row while a deletion is in progress, inside its transaction, and none otherwise.
CREATE TABLE deleting (id INTEGER PRIMARY KEY CHECK (id = 1)) STRICT;

-- As before, but for a deletion.

DROP TRIGGER runs_deleted;
CREATE TRIGGER runs_deleted BEFORE DELETE ON runs
WHEN NOT EXISTS (SELECT 1 FROM deleting) AND (EXISTS (SELECT 1 FROM importing)
  OR (OLD.origin = 'imported'))
BEGIN SELECT RAISE(ABORT, 'runs: imported rows are never deleted'); END;

DROP TRIGGER steps_deleted;
CREATE TRIGGER steps_deleted BEFORE DELETE ON steps
WHEN NOT EXISTS (SELECT 1 FROM deleting) AND (EXISTS (SELECT 1 FROM importing)
  OR (OLD.origin = 'imported'))
BEGIN SELECT RAISE(ABORT, 'steps: imported rows are never deleted'); END;

DROP TRIGGER executions_deleted;
CREATE TRIGGER executions_deleted BEFORE DELETE ON executions
WHEN NOT EXISTS (SELECT 1 FROM deleting) AND (EXISTS (SELECT 1 FROM importing)
  OR ((SELECT origin FROM environments WHERE id = OLD.environment) = 'imported'))
BEGIN SELECT RAISE(ABORT, 'executions: imported rows are never deleted'); END;

DROP TRIGGER children_deleted;
CREATE TRIGGER children_deleted BEFORE DELETE ON children
WHEN NOT EXISTS (SELECT 1 FROM deleting) AND (EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local')))
BEGIN SELECT RAISE(ABORT, 'children: imported rows are never deleted'); END;

DROP TRIGGER parts_deleted;
CREATE TRIGGER parts_deleted BEFORE DELETE ON parts
WHEN NOT EXISTS (SELECT 1 FROM deleting) AND (EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local')))
BEGIN SELECT RAISE(ABORT, 'parts: imported rows are never deleted'); END;

DROP TRIGGER checkpoints_deleted;
CREATE TRIGGER checkpoints_deleted BEFORE DELETE ON checkpoints
WHEN NOT EXISTS (SELECT 1 FROM deleting) AND (EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local')))
BEGIN SELECT RAISE(ABORT, 'checkpoints: imported rows are never deleted'); END;

DROP TRIGGER calls_deleted;
CREATE TRIGGER calls_deleted BEFORE DELETE ON calls
WHEN NOT EXISTS (SELECT 1 FROM deleting) AND (EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local')))
BEGIN SELECT RAISE(ABORT, 'calls: imported rows are never deleted'); END;

DROP TRIGGER inputs_deleted;
CREATE TRIGGER inputs_deleted BEFORE DELETE ON inputs
WHEN NOT EXISTS (SELECT 1 FROM deleting) AND (EXISTS (SELECT 1 FROM importing)
  OR (OLD.origin = 'imported'))
BEGIN SELECT RAISE(ABORT, 'inputs: imported rows are never deleted'); END;

DROP TRIGGER logs_deleted;
CREATE TRIGGER logs_deleted BEFORE DELETE ON logs
WHEN NOT EXISTS (SELECT 1 FROM deleting) AND (EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local')))
BEGIN SELECT RAISE(ABORT, 'logs: imported rows are never deleted'); END;

DROP TRIGGER points_deleted;
CREATE TRIGGER points_deleted BEFORE DELETE ON points
WHEN NOT EXISTS (SELECT 1 FROM deleting) AND (EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local')))
BEGIN SELECT RAISE(ABORT, 'points: imported rows are never deleted'); END;

DROP TRIGGER effects_deleted;
CREATE TRIGGER effects_deleted BEFORE DELETE ON effects
WHEN NOT EXISTS (SELECT 1 FROM deleting)
BEGIN SELECT RAISE(ABORT, 'effects: what was seen was seen'); END;
