-- What is looked up over all runs, as columns made from the documents and indexes over them: so that
-- a command need not read every run. Where SQLite cannot read a document (it is nested too deep), each
-- of these is null.

ALTER TABLE steps ADD COLUMN cache_key TEXT GENERATED ALWAYS AS (
    CASE WHEN json_valid(document) THEN json_extract(document, '$.cacheKey') END) VIRTUAL;
-- As the model's `is_memoised`: by its key, or as exports before 0.6 say it.
ALTER TABLE steps ADD COLUMN memoised INTEGER GENERATED ALWAYS AS (
    CASE WHEN json_valid(document) THEN
        json_extract(document, '$.memoKey') IS NOT NULL
        OR json_type(document, '$.legacy.isMemoised') IS 'true' END) VIRTUAL;
-- Whether it tells of assets.
ALTER TABLE executions ADD COLUMN persisted INTEGER GENERATED ALWAYS AS (
    CASE WHEN json_valid(document) THEN
        coalesce(json_extract(document, '$.assets'), '{}') <> '{}' END) VIRTUAL;
ALTER TABLE own_keys ADD COLUMN cache_key TEXT GENERATED ALWAYS AS (
    CASE WHEN json_valid(keys) THEN json_extract(keys, '$.cache') END) VIRTUAL;

CREATE INDEX steps_by_target ON steps (module, target, memoised);
CREATE INDEX steps_by_cache_key ON steps (cache_key) WHERE cache_key IS NOT NULL;
CREATE INDEX steps_too_deep ON steps (run) WHERE memoised IS NULL;
CREATE INDEX executions_with_assets ON executions (run) WHERE persisted IS NOT 0;
CREATE INDEX parts_that_are_assets ON parts (run) WHERE kind = 'asset';
CREATE INDEX own_keys_by_cache_key ON own_keys (cache_key) WHERE cache_key IS NOT NULL;
