-- What a person set by hand in a local environment: pins, mocks, matching rules, renamed targets.
CREATE TABLE by_hand (
    environment INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    subject     TEXT NOT NULL,
    setting     TEXT NOT NULL,
    PRIMARY KEY (environment, subject)
) STRICT, WITHOUT ROWID;

-- What was changed of it, so that it can be undone and redone. Of an environment, the changes that
-- are undone are its last ones.
CREATE TABLE by_hand_changes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    environment INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    at          INTEGER NOT NULL,
    label       TEXT NOT NULL,
    before      TEXT NOT NULL, -- settings, as a JSON list
    after       TEXT NOT NULL,
    undone      INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1))
) STRICT;
CREATE INDEX by_hand_changes_of ON by_hand_changes (environment, id);

CREATE TRIGGER by_hand_inserted BEFORE INSERT ON by_hand
WHEN NOT EXISTS (SELECT 1 FROM environments WHERE id = NEW.environment AND origin = 'local')
BEGIN SELECT RAISE(ABORT, 'by_hand: nothing is set by hand in an imported environment'); END;

CREATE TRIGGER by_hand_updated BEFORE UPDATE ON by_hand
WHEN NEW.environment IS NOT OLD.environment OR NEW.subject IS NOT OLD.subject
BEGIN SELECT RAISE(ABORT, 'by_hand: a setting stays in its environment'); END;

CREATE TRIGGER by_hand_changes_inserted BEFORE INSERT ON by_hand_changes
WHEN NOT EXISTS (SELECT 1 FROM environments WHERE id = NEW.environment AND origin = 'local')
BEGIN SELECT RAISE(ABORT, 'by_hand_changes: nothing is set by hand in an imported environment'); END;

-- Re-runs: what was asked for, and the plan that was made of it before anything started.
CREATE TABLE reruns (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    environment INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    run         TEXT NOT NULL,
    at          INTEGER NOT NULL,
    plan        TEXT NOT NULL
) STRICT;
CREATE INDEX reruns_of_run ON reruns (run, id);

-- The executions that a re-run asked for.
CREATE TABLE rerun_executions (
    run     TEXT NOT NULL,
    step    INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    rerun   INTEGER NOT NULL REFERENCES reruns (id) ON DELETE CASCADE,
    PRIMARY KEY (run, step, attempt)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER reruns_inserted BEFORE INSERT ON reruns
WHEN NOT EXISTS (SELECT 1 FROM environments WHERE id = NEW.environment AND origin = 'local')
BEGIN SELECT RAISE(ABORT, 'reruns: nothing runs in an imported environment'); END;

CREATE TRIGGER reruns_updated BEFORE UPDATE ON reruns
BEGIN SELECT RAISE(ABORT, 'reruns: a plan stays as it was made'); END;
