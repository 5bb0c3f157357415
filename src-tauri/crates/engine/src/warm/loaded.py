"""Notes which modules an execution imported: the project's own, and those that a warm process could
have imported before. Told in a file of the scratch folder when the process ends.
"""

import atexit
import json
import os
import sys

# So many of each are told.
MOST = 5000
LIBRARY = os.path.dirname(os.path.realpath(os.__file__)) + os.sep


def install(execution, options):
    known = set(sys.modules)
    # Registered first, so it runs after whatever the body registers.
    atexit.register(note, execution, known)


def note(execution, known):
    folder = os.path.realpath(execution.project) + os.sep
    own, others = [], []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name in known or name == "__main__" or not isinstance(file, str):
            continue
        if "/site-packages/" in file or "/dist-packages/" in file or file.startswith(LIBRARY):
            others.append(name)
        elif os.path.realpath(file).startswith(folder):
            own.append(file)
    if own or others:
        text = json.dumps({"project": own[:MOST], "libraries": others[:MOST]})
        temporary = os.path.join(execution.scratch, "loaded.tmp")
        with open(temporary, "w") as file:
            file.write(text)
        os.replace(temporary, os.path.join(execution.scratch, "loaded.json"))
