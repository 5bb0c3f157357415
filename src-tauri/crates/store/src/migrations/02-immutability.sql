-- What was imported is changed by nothing but an import, and an import changes nothing else. An
-- import may add, and complete what was pending; it never deletes.

CREATE TRIGGER runs_inserted BEFORE INSERT ON runs
WHEN (NEW.origin = 'imported') IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'runs: only an import adds imported rows, and nothing else'); END;

CREATE TRIGGER runs_updated BEFORE UPDATE ON runs
WHEN (OLD.origin = 'imported') IS NOT EXISTS (SELECT 1 FROM importing)
  OR (NEW.origin = 'imported') IS NOT EXISTS (SELECT 1 FROM importing)
  OR NEW.id IS NOT OLD.id
BEGIN SELECT RAISE(ABORT, 'runs: imported rows are immutable, and no row changes its identity or its end'); END;

CREATE TRIGGER runs_deleted BEFORE DELETE ON runs
WHEN EXISTS (SELECT 1 FROM importing)
  OR (OLD.origin = 'imported')
BEGIN SELECT RAISE(ABORT, 'runs: imported rows are never deleted'); END;

CREATE TRIGGER steps_inserted BEFORE INSERT ON steps
WHEN (NEW.origin = 'imported') IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'steps: only an import adds imported rows, and nothing else'); END;

CREATE TRIGGER steps_updated BEFORE UPDATE ON steps
WHEN (OLD.origin = 'imported') IS NOT EXISTS (SELECT 1 FROM importing)
  OR (NEW.origin = 'imported') IS NOT EXISTS (SELECT 1 FROM importing)
  OR NEW.run IS NOT OLD.run
  OR NEW.number IS NOT OLD.number
  OR NEW.source_number IS NOT OLD.source_number
BEGIN SELECT RAISE(ABORT, 'steps: imported rows are immutable, and no row changes its identity or its end'); END;

CREATE TRIGGER steps_deleted BEFORE DELETE ON steps
WHEN EXISTS (SELECT 1 FROM importing)
  OR (OLD.origin = 'imported')
BEGIN SELECT RAISE(ABORT, 'steps: imported rows are never deleted'); END;

CREATE TRIGGER executions_inserted BEFORE INSERT ON executions
WHEN ((SELECT origin FROM environments WHERE id = NEW.environment) = 'imported') IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'executions: only an import adds imported rows, and nothing else'); END;

CREATE TRIGGER executions_updated BEFORE UPDATE ON executions
WHEN ((SELECT origin FROM environments WHERE id = OLD.environment) = 'imported') IS NOT EXISTS (SELECT 1 FROM importing)
  OR ((SELECT origin FROM environments WHERE id = NEW.environment) = 'imported') IS NOT EXISTS (SELECT 1 FROM importing)
  OR NEW.environment IS NOT OLD.environment
  OR (OLD.ended IS NOT NULL AND NEW.ended IS NOT OLD.ended)
  OR NEW.run IS NOT OLD.run
  OR NEW.step IS NOT OLD.step
  OR NEW.attempt IS NOT OLD.attempt
  OR NEW.source_attempt IS NOT OLD.source_attempt
BEGIN SELECT RAISE(ABORT, 'executions: imported rows are immutable, and no row changes its identity or its end'); END;

CREATE TRIGGER executions_deleted BEFORE DELETE ON executions
WHEN EXISTS (SELECT 1 FROM importing)
  OR ((SELECT origin FROM environments WHERE id = OLD.environment) = 'imported')
BEGIN SELECT RAISE(ABORT, 'executions: imported rows are never deleted'); END;

CREATE TRIGGER children_inserted BEFORE INSERT ON children
WHEN (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = NEW.run AND executions.step = NEW.step
      AND executions.attempt = NEW.attempt AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'children: only an import adds imported rows, and nothing else'); END;

CREATE TRIGGER children_updated BEFORE UPDATE ON children
WHEN (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'children: imported rows are immutable, and no row changes its identity or its end'); END;

CREATE TRIGGER children_deleted BEFORE DELETE ON children
WHEN EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local'))
BEGIN SELECT RAISE(ABORT, 'children: imported rows are never deleted'); END;

CREATE TRIGGER parts_inserted BEFORE INSERT ON parts
WHEN (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = NEW.run AND executions.step = NEW.step
      AND executions.attempt = NEW.attempt AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'parts: only an import adds imported rows, and nothing else'); END;

CREATE TRIGGER parts_updated BEFORE UPDATE ON parts
WHEN (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'parts: imported rows are immutable, and no row changes its identity or its end'); END;

CREATE TRIGGER parts_deleted BEFORE DELETE ON parts
WHEN EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local'))
BEGIN SELECT RAISE(ABORT, 'parts: imported rows are never deleted'); END;

CREATE TRIGGER checkpoints_inserted BEFORE INSERT ON checkpoints
WHEN (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = NEW.run AND executions.step = NEW.step
      AND executions.attempt = NEW.attempt AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'checkpoints: only an import adds imported rows, and nothing else'); END;

CREATE TRIGGER checkpoints_updated BEFORE UPDATE ON checkpoints
WHEN (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'checkpoints: imported rows are immutable, and no row changes its identity or its end'); END;

CREATE TRIGGER checkpoints_deleted BEFORE DELETE ON checkpoints
WHEN EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local'))
BEGIN SELECT RAISE(ABORT, 'checkpoints: imported rows are never deleted'); END;

CREATE TRIGGER calls_inserted BEFORE INSERT ON calls
WHEN (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = NEW.run AND executions.step = NEW.step
      AND executions.attempt = NEW.attempt AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'calls: only an import adds imported rows, and nothing else'); END;

CREATE TRIGGER calls_updated BEFORE UPDATE ON calls
WHEN (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'calls: imported rows are immutable, and no row changes its identity or its end'); END;

CREATE TRIGGER calls_deleted BEFORE DELETE ON calls
WHEN EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local'))
BEGIN SELECT RAISE(ABORT, 'calls: imported rows are never deleted'); END;

CREATE TRIGGER inputs_inserted BEFORE INSERT ON inputs
WHEN (NEW.origin = 'imported') IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'inputs: only an import adds imported rows, and nothing else'); END;

CREATE TRIGGER inputs_updated BEFORE UPDATE ON inputs
WHEN (OLD.origin = 'imported') IS NOT EXISTS (SELECT 1 FROM importing)
  OR (NEW.origin = 'imported') IS NOT EXISTS (SELECT 1 FROM importing)
  OR NEW.run IS NOT OLD.run
  OR NEW.number IS NOT OLD.number
  OR NEW.source_number IS NOT OLD.source_number
BEGIN SELECT RAISE(ABORT, 'inputs: imported rows are immutable, and no row changes its identity or its end'); END;

CREATE TRIGGER inputs_deleted BEFORE DELETE ON inputs
WHEN EXISTS (SELECT 1 FROM importing)
  OR (OLD.origin = 'imported')
BEGIN SELECT RAISE(ABORT, 'inputs: imported rows are never deleted'); END;

CREATE TRIGGER logs_inserted BEFORE INSERT ON logs
WHEN (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = NEW.run AND executions.step = NEW.step
      AND executions.attempt = NEW.attempt AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'logs: only an import adds imported rows, and nothing else'); END;

CREATE TRIGGER logs_updated BEFORE UPDATE ON logs
WHEN (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'logs: imported rows are immutable, and no row changes its identity or its end'); END;

CREATE TRIGGER logs_deleted BEFORE DELETE ON logs
WHEN EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local'))
BEGIN SELECT RAISE(ABORT, 'logs: imported rows are never deleted'); END;

CREATE TRIGGER points_inserted BEFORE INSERT ON points
WHEN (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = NEW.run AND executions.step = NEW.step
      AND executions.attempt = NEW.attempt AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'points: only an import adds imported rows, and nothing else'); END;

CREATE TRIGGER points_updated BEFORE UPDATE ON points
WHEN (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local')) IS NOT EXISTS (SELECT 1 FROM importing)
BEGIN SELECT RAISE(ABORT, 'points: imported rows are immutable, and no row changes its identity or its end'); END;

CREATE TRIGGER points_deleted BEFORE DELETE ON points
WHEN EXISTS (SELECT 1 FROM importing)
  OR (NOT EXISTS (
    SELECT 1 FROM executions JOIN environments ON environments.id = executions.environment
    WHERE executions.run = OLD.run AND executions.step = OLD.step
      AND executions.attempt = OLD.attempt AND environments.origin = 'local'))
BEGIN SELECT RAISE(ABORT, 'points: imported rows are never deleted'); END;

CREATE TRIGGER ledger_updated BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'ledger: rows are only ever added'); END;

CREATE TRIGGER ledger_deleted BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'ledger: rows are only ever added'); END;

CREATE TRIGGER journal_updated BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'journal: rows are only ever added'); END;

CREATE TRIGGER journal_deleted BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'journal: rows are only ever added'); END;

CREATE TRIGGER environments_updated BEFORE UPDATE ON environments
WHEN NEW.id IS NOT OLD.id OR NEW.origin IS NOT OLD.origin
BEGIN SELECT RAISE(ABORT, 'environments: an environment is imported or local for good'); END;

CREATE TRIGGER environments_deleted BEFORE DELETE ON environments
WHEN OLD.origin = 'imported'
BEGIN SELECT RAISE(ABORT, 'environments: an imported one is never deleted'); END;

CREATE TRIGGER workspaces_updated BEFORE UPDATE ON workspaces
WHEN 1
BEGIN SELECT RAISE(ABORT, 'workspaces: a workspace stands for one environment for good'); END;

CREATE TRIGGER workspaces_deleted BEFORE DELETE ON workspaces
WHEN (SELECT origin FROM environments WHERE id = OLD.environment) = 'imported'
BEGIN SELECT RAISE(ABORT, 'workspaces: an imported one is never deleted'); END;

CREATE TRIGGER assets_updated BEFORE UPDATE ON asset_entries
WHEN 1
BEGIN SELECT RAISE(ABORT, 'asset_entries: content never changes'); END;

-- A number stands for one row for good: `INSERT OR REPLACE` must not slip past the rules above.

CREATE TRIGGER runs_taken BEFORE INSERT ON runs
WHEN EXISTS (SELECT 1 FROM runs WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'runs: this one is there already'); END;

CREATE TRIGGER steps_taken BEFORE INSERT ON steps
WHEN EXISTS (SELECT 1 FROM steps WHERE run = NEW.run AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'steps: this one is there already'); END;

CREATE TRIGGER executions_taken BEFORE INSERT ON executions
WHEN EXISTS (SELECT 1 FROM executions WHERE run = NEW.run AND step = NEW.step AND attempt = NEW.attempt)
BEGIN SELECT RAISE(ABORT, 'executions: this one is there already'); END;

CREATE TRIGGER inputs_taken BEFORE INSERT ON inputs
WHEN EXISTS (SELECT 1 FROM inputs WHERE run = NEW.run AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'inputs: this one is there already'); END;

CREATE TRIGGER environments_taken BEFORE INSERT ON environments
WHEN EXISTS (SELECT 1 FROM environments WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'environments: this one is there already'); END;

CREATE TRIGGER workspaces_taken BEFORE INSERT ON workspaces
WHEN EXISTS (SELECT 1 FROM workspaces WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'workspaces: this one is there already'); END;

CREATE TRIGGER ledger_taken BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'ledger: this one is there already'); END;

CREATE TRIGGER journal_taken BEFORE INSERT ON journal
WHEN EXISTS (SELECT 1 FROM journal WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'journal: this one is there already'); END;
