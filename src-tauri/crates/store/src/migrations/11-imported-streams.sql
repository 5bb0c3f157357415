-- Bundles bring streams: as all that is imported, they are added and completed by nothing but an
-- import, and an import changes no others.

DROP TRIGGER streams_inserted;
CREATE TRIGGER streams_inserted BEFORE INSERT ON streams
WHEN (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = NEW.run AND executions.step = NEW.step
      AND executions.attempt = NEW.producer AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'streams: only an import adds imported rows, and nothing else'); END;

DROP TRIGGER streams_updated;
CREATE TRIGGER streams_updated BEFORE UPDATE ON streams
WHEN OLD.ended IS NOT NULL OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.producer AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'streams: imported rows are immutable, and what has ended has ended'); END;

CREATE TRIGGER streams_deleted BEFORE DELETE ON streams
WHEN NOT EXISTS (SELECT 1 FROM deleting) AND (EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.producer AND environments.origin = 'local')))
BEGIN SELECT RAISE(ABORT, 'streams: imported rows are never deleted'); END;

CREATE TRIGGER stream_items_inserted BEFORE INSERT ON stream_items
WHEN (NOT EXISTS (
    SELECT 1 FROM streams
    JOIN executions ON executions.run = streams.run AND executions.step = streams.step
      AND executions.attempt = streams.producer
    JOIN environments ON environments.id = executions.environment
    WHERE streams.run = NEW.run AND streams.step = NEW.step AND streams.number = NEW.number
      AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'stream_items: only an import adds imported rows, and nothing else'); END;

CREATE TRIGGER stream_items_deleted BEFORE DELETE ON stream_items
WHEN NOT EXISTS (SELECT 1 FROM deleting) AND (EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM streams
    JOIN executions ON executions.run = streams.run AND executions.step = streams.step
      AND executions.attempt = streams.producer
    JOIN environments ON environments.id = executions.environment
    WHERE streams.run = OLD.run AND streams.step = OLD.step AND streams.number = OLD.number
      AND environments.origin = 'local')))
BEGIN SELECT RAISE(ABORT, 'stream_items: imported rows are never deleted'); END;
