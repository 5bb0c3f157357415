"""The main part of a throw-away process: says which files Python cannot read. Runs none of them."""

import json
import sys


def main(execution, options, words):
    faults = [fault for file in options["files"] if (fault := check(execution.project, file))]
    sys.stdout.write("\n" + json.dumps({"hindcast_check": faults}) + "\n")
    sys.stdout.flush()


def check(project, file):
    path = f"{project}/{file}"
    try:
        with open(path, "rb") as opened:
            source = opened.read()
    except OSError:
        # It was removed: who imports it will say so.
        return None
    try:
        compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return fault(file, type(error), error.msg, error.lineno, error.offset, error.text)
    except (ValueError, MemoryError, RecursionError) as error:
        return fault(file, type(error), str(error), None, None, None)
    return None


def fault(file, kind, message, line, column, text):
    return {
        "file": file,
        "kind": kind.__name__,
        "message": message,
        "line": line,
        "column": column,
        "text": text.rstrip() if isinstance(text, str) else None,
    }
