"""The main part of a throw-away process: says what an object is that was pickled or kept as a table.

Loading it runs whatever code the object brings: so only in a project that is trusted, when a person
asks, in a process of its own that is locked. One line of JSON says what was found.
"""

import itertools
import json
import pickle
import resource
import sys

# So much of a text is told, so many rows, columns and parts.
TEXT = 4000
CELL = 120
ROWS = 100
COLUMNS = 50
PARTS = 100
# A preview must not take the machine's memory, in bytes.
MEMORY = 4 << 30


def main(execution, options, words):
    limit(resource.RLIMIT_AS, MEMORY)
    output = sys.stdout
    # What the object prints when it is looked at is none of ours.
    sys.stdout = sys.stderr
    found = describe(load(options["format"], options["path"]))
    output.write("\n" + json.dumps({"hindcast_preview": found}) + "\n")
    output.flush()


def limit(which, most):
    try:
        _, hard = resource.getrlimit(which)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(which, (most, hard))
    except (OSError, ValueError):
        pass


def load(format, path):
    if format == "parquet":
        import pandas

        return pandas.read_parquet(path)
    with open(path, "rb") as file:
        return pickle.load(file)


def describe(value):
    kind = type(value)
    return {
        "class": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins."),
        "text": shown(value, TEXT),
        "table": attempt(table, value),
        "parts": attempt(parts, value) or [],
    }


def attempt(look, value):
    """What cannot be looked at is not shown; the rest still is."""
    try:
        return look(value)
    except Exception:
        return None


def shown(value, most):
    try:
        text = repr(value)
    except Exception as error:
        text = f"<its repr raised {type(error).__name__}: {error}>"
    return text if len(text) <= most else text[: most - 1] + "…"


def cell(value):
    text = value if isinstance(value, str) else shown(value, CELL)
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def table(value):
    columns = getattr(value, "columns", None)
    if columns is not None and hasattr(value, "iloc"):
        return pandas_table(value)
    if columns is not None and hasattr(value, "rows") and hasattr(value, "dtypes"):
        return polars_table(value)
    if hasattr(value, "dtype") and hasattr(value, "iloc"):
        return pandas_table(value.to_frame())
    if getattr(value, "ndim", None) in (1, 2) and hasattr(value, "dtype") and hasattr(value, "tolist"):
        return array_table(value)
    return None


def pandas_table(frame):
    head = frame.iloc[:ROWS, :COLUMNS]
    index = str(frame.index.name or "")
    return {
        "rows": len(frame),
        "width": len(frame.columns),
        "columns": [index, *(cell(name) for name in head.columns)],
        "types": [str(frame.index.dtype), *(str(one) for one in head.dtypes)],
        "head": [[cell(row[0]), *(cell(one) for one in row[1:])] for row in head.itertuples(name=None)],
    }


def polars_table(frame):
    names = list(frame.columns)[:COLUMNS]
    head = frame.head(ROWS).select(names)
    return {
        "rows": frame.height,
        "width": frame.width,
        "columns": [cell(name) for name in names],
        "types": [str(one) for one in head.dtypes],
        "head": [[cell(one) for one in row] for row in head.rows()],
    }


def array_table(array):
    rows = array[:ROWS].tolist()
    if array.ndim == 1:
        rows = [[row] for row in rows]
    width = array.shape[1] if array.ndim == 2 else 1
    return {
        "rows": array.shape[0],
        "width": width,
        "columns": [str(at) for at in range(min(width, COLUMNS))],
        "types": [str(array.dtype)] * min(width, COLUMNS),
        "head": [[cell(one) for one in row[:COLUMNS]] for row in rows],
    }


def parts(value):
    if isinstance(value, dict):
        pairs = ((shown(key, CELL), one) for key, one in value.items())
    elif isinstance(value, (list, tuple, set, frozenset)):
        pairs = ((str(at), one) for at, one in enumerate(value))
    elif hasattr(value, "iloc") or hasattr(value, "dtype"):
        return []
    else:
        pairs = own(value)
    return [(name, cell(one)) for name, one in itertools.islice(pairs, PARTS)]


def own(value):
    names = dict.fromkeys(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        names.update(dict.fromkeys([slots] if isinstance(slots, str) else slots))
    return ((name, getattr(value, name)) for name in names if hasattr(value, name))
