#!/usr/bin/env python3
"""Makes the seeds of the fuzzers that are too large to be written by hand: what a server of each of
today's schema versions keeps, made small out of the recorded data directory, and archives of it.

    python3 src-tauri/fuzz/make_seeds.py
"""

import gzip
import hashlib
import io
import json
import shutil
import sqlite3
import struct
import tarfile
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
FIXTURES = HERE.parents[1] / "fixtures"
PROJECT = FIXTURES / "data-dir" / "projects" / "oracle"

# Few runs that together hold every kind of outcome, reference, asset, input and metric.
RUNS = ("R6y2", "R8Np", "RCcz", "RDV5", "RDXD", "RGMd", "RJWP", "RXLF", "RYLz", "RbY3", "Rcxl", "Rs6D", "Rs82", "RvxF", "RyQF")

# What the reader looks into.
READ = """asset_dependencies asset_entries asset_entry_metadata assets assignments blobs cache_configs children
error_frames errors execution_assets execution_inputs execution_refs executions fragment_formats
fragment_metadata fragments groups input_dependencies input_prompt_placeholders input_prompts
input_responses input_schemas inputs metrics principals result_dependencies results runs
schema_migrations step_arguments steps tag_set_items tag_sets tokens value_references values_
workspace_bases workspace_names workspaces""".split()

# Rows that nothing points to any more, in an order in which none is left.
UNUSED = """
DELETE FROM steps WHERE run_id NOT IN (SELECT id FROM runs);
DELETE FROM executions WHERE step_id NOT IN (SELECT id FROM steps);
DELETE FROM step_arguments WHERE step_id NOT IN (SELECT id FROM steps);
DELETE FROM children WHERE parent_id NOT IN (SELECT id FROM executions);
DELETE FROM values_ WHERE id NOT IN (SELECT value_id FROM step_arguments
    UNION SELECT value_id FROM results WHERE value_id IS NOT NULL
    UNION SELECT value_id FROM input_prompt_placeholders);
DELETE FROM value_references WHERE value_id NOT IN (SELECT id FROM values_);
DELETE FROM errors WHERE id NOT IN (SELECT error_id FROM results WHERE error_id IS NOT NULL);
DELETE FROM error_frames WHERE error_id NOT IN (SELECT id FROM errors);
DELETE FROM assets WHERE id NOT IN (SELECT asset_id FROM execution_assets
    UNION SELECT asset_id FROM asset_dependencies
    UNION SELECT asset_id FROM value_references WHERE asset_id IS NOT NULL);
DELETE FROM asset_entry_metadata WHERE asset_entry_id NOT IN (
    SELECT entry_id FROM asset_entries WHERE asset_id IN (SELECT id FROM assets));
DELETE FROM asset_entries WHERE asset_id NOT IN (SELECT id FROM assets);
DELETE FROM fragments WHERE id NOT IN (
    SELECT fragment_id FROM value_references WHERE fragment_id IS NOT NULL);
DELETE FROM fragment_metadata WHERE fragment_id NOT IN (SELECT id FROM fragments);
DELETE FROM blobs WHERE id NOT IN (SELECT blob_id FROM values_ WHERE blob_id IS NOT NULL
    UNION SELECT blob_id FROM fragments UNION SELECT blob_id FROM asset_entries);
DELETE FROM execution_refs WHERE id NOT IN (
    SELECT parent_ref_id FROM runs WHERE parent_ref_id IS NOT NULL
    UNION SELECT successor_ref_id FROM results WHERE successor_ref_id IS NOT NULL
    UNION SELECT dependency_ref_id FROM result_dependencies
    UNION SELECT execution_ref_id FROM value_references WHERE execution_ref_id IS NOT NULL);
"""

# Tables of what executions did.
OF_EXECUTIONS = {"asset_dependencies", "assignments", "execution_assets", "execution_inputs", "groups",
                 "input_dependencies", "metrics", "result_dependencies", "results"}

# Runs that did what the server could not do before its third migration, or its second.
ASKED = "DELETE FROM runs WHERE id IN (SELECT run_id FROM inputs)"
TIMED_OUT_OR_RECURRED = """DELETE FROM runs WHERE id IN (
    SELECT s.run_id FROM steps s JOIN executions e ON e.step_id = s.id
    JOIN results r ON r.execution_id = e.id WHERE r.type IN (8, 9))"""

# What the server's second and third migrations added.
WITHOUT_3 = """
DELETE FROM schema_migrations WHERE version = 3;
DROP TABLE input_responses; DROP TABLE execution_inputs; DROP TABLE input_dependencies; DROP TABLE inputs;
DROP TABLE input_prompt_placeholders; DROP TABLE input_prompts; DROP TABLE input_schemas;
CREATE TABLE fewer (value_id INTEGER NOT NULL, position INTEGER NOT NULL, fragment_id INTEGER,
    execution_ref_id INTEGER, asset_id INTEGER, PRIMARY KEY (value_id, position)) STRICT;
INSERT INTO fewer SELECT value_id, position, fragment_id, execution_ref_id, asset_id
    FROM value_references WHERE input_id IS NULL;
DROP TABLE value_references; ALTER TABLE fewer RENAME TO value_references;
"""
WITHOUT_2 = """
DELETE FROM schema_migrations WHERE version = 2;
DROP TABLE metrics;
ALTER TABLE runs DROP COLUMN requires_tag_set_id; ALTER TABLE runs DROP COLUMN memo;
ALTER TABLE steps DROP COLUMN timeout;
"""


def database(source: Path, change, page: int = 512) -> bytes:
    """A copy of a database, changed, in pages of few bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.sqlite"
        shutil.copyfile(source, path)
        path.chmod(0o644)
        connection = sqlite3.connect(path, isolation_level=None)
        change(connection)
        connection.executescript(f"PRAGMA page_size = {page}; VACUUM;")
        connection.close()
        content = bytearray(path.read_bytes())
    # Which SQLite wrote it: not the same on every machine.
    content[96:100] = bytes(4)
    return bytes(content)


def names(connection: sqlite3.Connection, kind: str) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = ? AND sql IS NOT NULL", [kind])
    return [name for (name,) in rows.fetchall()]


def orchestration(version: int) -> bytes:
    def change(connection: sqlite3.Connection) -> None:
        run = connection.execute
        run(f"DELETE FROM runs WHERE external_id NOT IN ({','.join('?' * len(RUNS))})", RUNS)
        if version < 3:
            run(ASKED)
        if version < 2:
            run(TIMED_OUT_OR_RECURRED)
        for name in names(connection, "index"):
            run(f'DROP INDEX "{name}"')
        for name in set(names(connection, "table")) - set(READ):
            run(f'DROP TABLE "{name}"')
        connection.executescript(UNUSED)
        for name in OF_EXECUTIONS & set(names(connection, "table")):
            run(f"DELETE FROM {name} WHERE execution_id NOT IN (SELECT id FROM executions)")
        connection.executescript(UNUSED)
        if version < 3:
            connection.executescript(WITHOUT_3)
        if version < 2:
            connection.executescript(WITHOUT_2)

    return database(PROJECT / "orchestration.sqlite", change)


def telemetry(name: str, table: str) -> bytes:
    def change(connection: sqlite3.Connection) -> None:
        connection.execute(f"DELETE FROM {table} WHERE id NOT IN (SELECT id FROM {table} ORDER BY id LIMIT 12)")

    return database(PROJECT / f"{name}.sqlite", change)


def begun(content: bytes) -> tuple[bytes, bytes]:
    """A database whose writer was killed in the middle, and the journal it left: of one page."""
    size = struct.unpack_from(">H", content, 16)[0]
    page = content[size:2 * size]
    header = bytes.fromhex("d9d505f920a163d7") + struct.pack(">5I", 1, 0, len(content) // size, 512, size)
    check = sum(page[at] for at in range(size - 200, 0, -200))
    journal = header.ljust(512, b"\0") + struct.pack(">I", 2) + page + struct.pack(">I", check)
    return content[:size] + bytes(size) + content[2 * size:], journal


def zipped(*entries: tuple[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def tarred(*entries: tuple[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in entries:
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return content.getvalue()


# A run with everything that a bundle can hold.

def value(data, *references: dict) -> dict:
    return {"type": "raw", "data": data, "references": list(references)}


def execution(id: str, workspace: str, result, **fields) -> dict:
    return {
        "executionId": id, "workspaceId": workspace, "createdAt": 1000, "createdBy": None, "executeAfter": None,
        "assignedAt": 1001, "completedAt": 1002, "groups": {}, "assets": {}, "dependencies": {}, "children": [],
        "inputs": {}, "metrics": {}, "result": result, **fields,
    }


def step(number: int, parent: str | None, arguments: list, executions: dict, **fields) -> dict:
    return {
        "stepNumber": number, "module": "flow", "target": f"t{number}", "parentId": parent, "cacheConfig": None,
        "cacheKey": None, "memoKey": None, "retries": None, "recurrent": False, "timeout": 0, "createdAt": 1000,
        "arguments": arguments, "requires": {}, "executions": executions, **fields,
    }


BLOB = json.dumps({"type": "dict", "items": ["a", [1, 2.5, None]]}).encode()
KEY = hashlib.sha256(BLOB).hexdigest()
ASSET = {"name": "out", "totalCount": 1, "totalSize": len(BLOB),
         "entry": {"path": "a.json", "blobKey": KEY, "size": len(BLOB), "metadata": {"type": "x"}}}
METRIC = {"group": None, "groupUnits": None, "groupLower": None, "groupUpper": 1.5, "scale": None,
          "units": "s", "progress": True, "lower": 0, "upper": None}


def seen_from(workspace: str) -> dict:
    failed = {"type": "error", "createdBy": None, "retry": 2, "retryable": True, "error": {
        "type": "builtins.KeyError", "message": "'a'",
        "frames": [{"file": "flow.py", "line": 3, "name": "t2", "code": "d['a']"}]}}
    blob = {"type": "blob", "key": KEY, "size": len(BLOB), "references": [
        {"type": "fragment", "format": "json", "blobKey": KEY, "size": len(BLOB), "metadata": {}},
        {"type": "asset", "assetId": "A1", "asset": ASSET}, {"type": "input", "inputId": "Rwhl/i1"},
        {"type": "execution", "executionId": "Rwhl:2:1", "module": "flow", "target": "t2"}]}
    spawned = {"type": "spawned", "createdBy": None, "result": None,
               "execution": {"executionId": "Rkid:1:1", "module": "flow", "target": "t1"}}
    root = execution(
        "Rwhl:1:1", "W1", {"type": "value", "createdBy": None, "value": blob},
        children=[{"stepId": "Rwhl:2", "attempt": 1, "groupId": 0}, {"stepId": "Rwhl:3", "attempt": 1, "groupId": None}],
        groups={"0": "all"}, metrics={"loss": METRIC}, inputs={"Rwhl/i1": {"title": "Go?", "status": "value"}},
        dependencies={"Rwhl/i1": {"type": "input", "inputId": "Rwhl/i1", "title": "Go?", "status": "value"},
                      "A1": {"type": "asset", "assetId": "A1", "asset": ASSET}},
    )
    tried = {"1": execution("Rwhl:2:1", "W1", failed, assets={"A1": ASSET})}
    if workspace == "W2":
        tried["2"] = execution("Rwhl:2:2", "W2", {"type": "value", "createdBy": None, "value": value(3)})
    return {
        "createdAt": 1000, "createdBy": {"type": "user", "externalId": "u"}, "requires": {}, "parent": None, "odd": [1],
        "steps": {
            "Rwhl:1": step(1, None, [value({"type": "ref", "index": 0}, blob["references"][3]), blob], {"1": root}),
            "Rwhl:2": step(2, "Rwhl:1:1", [value(1)], tried, memoKey="0123456789",
                           retries={"limit": 1, "backoffMin": 0, "backoffMax": 5}),
            "Rwhl:3": step(3, "Rwhl:1:1", [], {"1": execution("Rwhl:3:1", "W1", spawned)}, cacheKey="0123456789",
                           cacheConfig={"params": [0], "maxAge": 5, "namespace": None, "version": "1"}),
        },
    }


WORKSPACES = {"W1": {"name": "production", "baseId": None, "state": "active"},
              "W2": {"name": "development", "baseId": "W1", "state": "active"}}
LOG = {"executionId": "Rwhl:2:1", "workspaceId": "W1", "timestamp": 1001, "level": 2, "template": "{a}",
       "values": {"a": {"type": "raw", "data": 1, "references": [
           {"type": "asset", "assetId": "A1", "name": "out", "totalCount": 1, "totalSize": 2}]}}}
POINT = {"executionId": "Rwhl:1:1", "workspaceId": "W1", "key": "loss", "value": 0.5, "at": 1.5}
DETAILS = {
    "memo": True,
    "declared": {"1": {"kind": "workflow", "memo": None, "defer": None, "defer_key": None, "wait_for": [0], "delay": 0,
                       "streams": None}},
    "inputs": [{"id": "Rwhl/i1", "workspace": "W1", "key": None, "template": "{a}", "placeholders": {"a": value(1)},
                "schema": "{}", "initial": None, "title": "Go?", "actions": ["yes", "no"], "requires": {},
                "created_at": 1000, "response": {"Value": {"value": 1, "at": 1001}}}],
    "assets": {"A1": [ASSET["entry"]]},
    "checkpoints": [{"step": 2, "attempt": 1, "values": {"c": value(1), "gone": None}}],
}
STREAM = {"step": 2, "index": 0, "producer": 1, "end": "complete", "items": [value(1), value([2])]}


def compact(document) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def bundle() -> bytes:
    entries = {
        "manifest.json": compact({"formatVersion": 1, "created": 1002, "runs": ["Rwhl"]}),
        "runs/Rwhl@W1.json": compact(seen_from("W1")),
        "runs/Rwhl@W2.json": compact(seen_from("W2")),
        "workspaces.json": compact(WORKSPACES),
        "details/Rwhl.json": compact(DETAILS),
        "streams/Rwhl@W1.jsonl": compact(STREAM) + b"\n",
        "logs/Rwhl.jsonl": compact(LOG) + b"\n",
        "metrics/Rwhl.jsonl": compact(POINT) + b"\n",
        f"blobs/{KEY}": BLOB,
        "source.json": compact({"commit": "abc"}),
    }
    return zipped(*entries.items())


def main() -> None:
    newest = orchestration(3)
    logs = telemetry("logs", "messages")
    torn, journal = begun(logs)
    folder = "projects/p"
    data = [(f"{folder}/orchestration/20260101_0001.sqlite", orchestration(1)),
            (f"{folder}/logs.sqlite", torn), (f"{folder}/logs.sqlite-journal", journal),
            (f"{folder}/orchestration/index.json", b"{}"), (f"blobs/{KEY[:2]}/{KEY[2:4]}/{KEY[4:]}", BLOB)]
    exports = [("runs/a.json", compact(seen_from("W1"))), ("workspaces.json", compact(WORKSPACES)),
               ("logs.json", compact({"logs": [LOG], "cursor": None}))]
    seeds = {
        "database/0.9": orchestration(1), "database/0.10": orchestration(2), "database/0.11": newest,
        "database/logs": logs, "database/metrics": telemetry("metrics", "metrics"),
        "bundle/whole": bundle(), "bundle/data": zipped(*data), "bundle/exports": zipped(*exports),
        "tar/data": tarred(*data), "tar/exports": tarred(*exports),
        "run/run": compact(seen_from("W2")), "run/workspaces": compact(WORKSPACES),
        "run/logs": compact({"logs": [LOG], "cursor": None}),
        "run/metrics": compact({"metrics": [POINT], "cursor": None}),
        "run/environments": compact({"1": {"name": "production", "baseId": None}, "2": {"name": "dev", "baseId": 1}}),
    }
    for name, content in seeds.items():
        path = HERE / "seeds" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        print(f"{len(content):>7} {name}")


if __name__ == "__main__":
    main()
