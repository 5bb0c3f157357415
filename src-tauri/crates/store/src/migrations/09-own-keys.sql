-- Keys of recorded calls that SDKs 0.2 and 0.3 make themselves, and that a run's export does not hold:
-- made here, once, by the project's code. (Beside what was imported, which stays as it is.)
CREATE TABLE own_keys (
    run  TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    keys TEXT NOT NULL,
    PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;
