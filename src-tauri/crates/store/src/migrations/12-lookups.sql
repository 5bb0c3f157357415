-- What is looked up over all runs, as columns made from the documents and indexes over them: so that
-- a command need not read every run. An import makes them for every step: only documents that hold a
-- word as the store writes it are read as JSON. What is too large to look into, or what SQLite cannot
-- read (it is nested too deep), is null.

ALTER TABLE steps ADD COLUMN cache_key TEXT GENERATED ALWAYS AS (
    CASE WHEN octet_length(document) < 1000000 AND instr(document, '"cacheKey":"')
              AND json_valid(document)
    THEN json_extract(document, '$.cacheKey') END) VIRTUAL;
ALTER TABLE steps ADD COLUMN short_target TEXT GENERATED ALWAYS AS (
    CASE WHEN octet_length(target) < 1000 THEN target END) VIRTUAL;
ALTER TABLE own_keys ADD COLUMN cache_key TEXT GENERATED ALWAYS AS (
    CASE WHEN json_valid(keys) THEN json_extract(keys, '$.cache') END) VIRTUAL;

CREATE INDEX steps_by_target ON steps (short_target);
CREATE INDEX steps_by_cache_key ON steps (cache_key)
    WHERE octet_length(document) >= 1000000 OR instr(document, '"cacheKey":"');
CREATE INDEX executions_with_assets ON executions (run)
    WHERE octet_length(document) >= 1000000 OR instr(document, '"assets":{"');
CREATE INDEX parts_that_are_assets ON parts (run) WHERE kind = 'asset';
CREATE INDEX own_keys_by_cache_key ON own_keys (cache_key) WHERE cache_key IS NOT NULL;
