-- What is looked up over all runs, as columns made from the documents and indexes over them: so that
-- a command need not read every run. An import makes them for every step: only documents that hold a
-- word as the store writes it are read as JSON, and no more often than that takes. What SQLite cannot
-- read (it is nested too deep) is null.

ALTER TABLE steps ADD COLUMN cache_key TEXT GENERATED ALWAYS AS (
    CASE WHEN instr(document, '"cacheKey":"') AND json_valid(document)
    THEN json_extract(document, '$.cacheKey') END) VIRTUAL;
-- Whether it may be memoised: for certain not if there is no such word in it, be it as key or value.
ALTER TABLE steps ADD COLUMN maybe_memoised INTEGER GENERATED ALWAYS AS (
    instr(document, '"memoKey":"') OR instr(document, '"isMemoised":true')) VIRTUAL;
-- Whether it may tell of assets.
ALTER TABLE executions ADD COLUMN maybe_persisted INTEGER GENERATED ALWAYS AS (
    instr(document, '"assets":{"')) VIRTUAL;
ALTER TABLE own_keys ADD COLUMN cache_key TEXT GENERATED ALWAYS AS (
    CASE WHEN json_valid(keys) THEN json_extract(keys, '$.cache') END) VIRTUAL;

CREATE INDEX steps_by_target ON steps (module, target, maybe_memoised);
CREATE INDEX steps_by_cache_key ON steps (cache_key) WHERE cache_key IS NOT NULL;
CREATE INDEX steps_too_deep ON steps (run)
    WHERE instr(document, '"cacheKey":"') AND NOT json_valid(document);
CREATE INDEX executions_with_assets ON executions (run) WHERE maybe_persisted;
CREATE INDEX parts_that_are_assets ON parts (run) WHERE kind = 'asset';
CREATE INDEX own_keys_by_cache_key ON own_keys (cache_key) WHERE cache_key IS NOT NULL;
