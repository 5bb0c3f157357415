"""Captures the local variables of the frames that a body failed in: bounded, as text, in a file of the
scratch folder, before the failure is told.
"""

import json
import os
import reprlib
import sys
import threading
from types import ModuleType

# The frames nearest to the raise are kept.
MOST_FRAMES = 50
MOST_LOCALS = 50
# In characters: of one value, and of all.
LONGEST = 500
MOST = 100_000
# What the `repr` of a value may take altogether, in seconds: it is the project's code.
PATIENCE = 1.0


class Short(reprlib.Repr):
    def __init__(self):
        super().__init__()
        self.maxlevel = 4
        self.maxstring = self.maxother = LONGEST
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = 20


def install(execution, options):
    try:
        from coflux import protocol
    except Exception:
        # Running it will say why.
        return
    send = protocol.send_execution_error

    def note_and_send(*args, **kwargs):
        error = sys.exc_info()[1]
        if error is not None:
            note(execution, error)
        return send(*args, **kwargs)

    protocol.send_execution_error = note_and_send


def note(execution, error):
    """Never raises, and never takes much longer than its patience: the failure itself is to be told."""
    frames = []
    # A thread of its own, as a `repr` may never return.
    reader = threading.Thread(target=read, args=(error.__traceback__, frames), daemon=True)
    try:
        reader.start()
        reader.join(PATIENCE)
        text = json.dumps(list(frames))
        temporary = os.path.join(execution.scratch, "locals.tmp")
        with open(temporary, "w", encoding="ascii") as file:
            file.write(text)
        os.replace(temporary, os.path.join(execution.scratch, "locals.json"))
    except Exception:
        return


def read(traceback, frames):
    places = []
    while traceback is not None:
        frame = traceback.tb_frame
        module = frame.f_globals.get("__name__")
        own = isinstance(module, str) and (module == "coflux" or module.startswith("coflux."))
        if not own and not frame.f_code.co_filename.startswith("<hindcast"):
            places.append((frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    left = MOST
    for frame, line in places[-MOST_FRAMES:]:
        code = frame.f_code
        told = {
            "file": code.co_filename, "line": line or 0, "name": code.co_name, "locals": [],
            "more": 0,
        }
        frames.append(told)
        # Those of a module or a class are no variables of a call.
        if frame.f_locals is frame.f_globals:
            continue
        for name, value in list(frame.f_locals.items()):
            if isinstance(value, ModuleType):
                continue
            if len(told["locals"]) == MOST_LOCALS or left <= 0:
                told["more"] += 1
                continue
            try:
                text = Short().repr(value)
            except BaseException as error:
                text = f"<{type(value).__name__} whose repr raised {type(error).__name__}>"
            if len(text) > LONGEST:
                text = text[: LONGEST - 1] + "…"
            left -= len(text)
            told["locals"].append((str(name)[:LONGEST], text))
