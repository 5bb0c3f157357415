"""Captures the local variables of the frames that a body failed in, and the exceptions that the failure
is chained to, of which the SDK tells nothing: bounded, as text, in a file of the scratch folder, before
the failure is told.
"""

import json
import linecache
import os
import reprlib
import threading
from types import ModuleType

# The frames nearest to the raise are kept.
MOST_FRAMES = 50
MOST_LOCALS = 50
# The exceptions nearest to the failure are kept.
MOST_CHAINED = 10
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
    execution.at_failure.append(lambda error: note(execution, error))


def note(execution, error):
    """Never raises, and never takes much longer than its patience: the failure itself is to be told."""
    frames = []
    # A thread of its own, as a `repr` may never return.
    reader = threading.Thread(target=read, args=(error, frames), daemon=True)
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


def read(error, frames):
    left = read_frames(error.__traceback__, frames, MOST, None)
    for number, (direct, one) in enumerate(chain(error), 1):
        chained = {
            "number": number, "direct": direct, "message": text_of(one),
            "kind": f"{type(one).__module__}.{type(one).__qualname__}",
        }
        before = len(frames)
        left = read_frames(one.__traceback__, frames, left, chained)
        if len(frames) == before:
            # It was never raised.
            frames.append({
                "file": "", "line": 0, "name": "", "locals": [], "more": 0, "chained": chained,
            })


def chain(error):
    """The exceptions before it, the nearest first, each with whether it is the cause, or else was being
    handled: as Python prints them."""
    seen = {id(error)}
    while len(seen) <= MOST_CHAINED:
        if error.__cause__ is not None:
            direct, error = True, error.__cause__
        elif error.__context__ is not None and not error.__suppress_context__:
            direct, error = False, error.__context__
        else:
            return
        if id(error) in seen:
            return
        seen.add(id(error))
        yield direct, error


def text_of(error):
    try:
        return cut(str(error))
    except BaseException as problem:
        return f"<no message: str raised {type(problem).__name__}>"


def cut(text):
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def read_frames(traceback, frames, left, chained):
    """Adds the frames of one exception; gives how many characters are left for the others."""
    places = []
    while traceback is not None:
        frame = traceback.tb_frame
        module = frame.f_globals.get("__name__")
        own = isinstance(module, str) and (module == "coflux" or module.startswith("coflux."))
        if not own and not frame.f_code.co_filename.startswith("<hindcast"):
            places.append((frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    for frame, line in places[-MOST_FRAMES:]:
        code = frame.f_code
        told = {
            "file": code.co_filename, "line": line or 0, "name": code.co_name, "locals": [],
            "more": 0,
        }
        if chained is not None:
            told["chained"] = chained
            # The code that ran, whatever the file holds now.
            linecache.lazycache(code.co_filename, frame.f_globals)
            told["code"] = cut(linecache.getline(code.co_filename, line or 0).strip())
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
                text = cut(Short().repr(value))
            except BaseException as error:
                text = f"<{type(value).__name__} whose repr raised {type(error).__name__}>"
            left -= len(text)
            told["locals"].append((cut(str(name)), text))
    return left
