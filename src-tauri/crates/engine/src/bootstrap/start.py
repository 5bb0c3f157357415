"""Puts Hindcast's own parts in place in a Python process, and then runs its main part.

The process was started with `-c`; the first line of its standard input describes what to do. Each part
is a Python file of its own, executed as a namespace that may define

    prepare()                      once, in a warm process: import what `install` will need
    install(execution, options)    in the process of one execution, before anything of the project
    main(execution, options, words)    for the main part: runs the execution to its end

Nothing of this is on `sys.path` or in `sys.modules`.
"""

import os
import sys


class Execution:
    """What every part is told of the execution."""

    def __init__(self, id, scratch, project):
        self.id = id
        # Absolute; `work` in it is where the body runs, `tmp` is for temporary files.
        self.scratch = scratch
        # Absolute: where the project's code is.
        self.project = project
        # Called with what the body raised, before that is told; the last that was added first.
        self.at_failure = []
        # Another main part, by its name, in the place of the one that runs.
        self.main_of = None

    def take_input(self):
        """The standard input, where what is said to the execution comes in. From now on it is empty for
        everybody else: whatever the body read there, or a program that it starts, would be missing."""
        # Nothing has come yet, so nothing was read ahead.
        said = open(os.dup(0), "rb")
        with open(os.devnull) as nothing:
            os.dup2(nothing.fileno(), 0)
        return said

    def failed(self, error):
        """Whoever speaks for the SDK calls this while it handles what the body raised."""
        for hear in reversed(self.at_failure):
            hear(error)


class Part:
    """One of Hindcast's own Python files, with the options it is run with."""

    def __init__(self, name, source):
        self.name = name
        self.names = {"__name__": "hindcast", "__doc__": None}
        # Frames of ours are known by this file name.
        exec(compile(source, f"<hindcast {name}>", "exec"), self.names)

    def prepare(self):
        prepare = self.names.get("prepare")
        if prepare is not None:
            prepare()

    def install(self, execution, options):
        install = self.names.get("install")
        if install is not None:
            install(execution, options)

    def main(self, execution, options, words):
        return self.names["main"](execution, options, words)


def run(parts, description):
    """Runs one execution: `description` names the parts, in order; the last one is the main part."""
    execution = Execution(**description["execution"])
    *concerns, main = description["parts"]
    for concern in concerns:
        parts[concern["name"]].install(execution, concern["options"])
    words = description["words"]
    execution.main_of = lambda name: parts[name].main(execution, {}, words)
    # A main part may be installed as well.
    part = parts[main["name"]]
    part.install(execution, main["options"])
    return part.main(execution, main["options"], words)


def load(sources):
    return {name: Part(name, source) for name, source in sources.items()}


def start(description):
    # `-c` has put the empty path where `-m` puts the folder.
    if sys.path and sys.path[0] == "":
        sys.path[0] = os.getcwd()
    parts = load(description["sources"])
    warm = parts.get("warm")
    if warm is not None and description.get("warm") is not None:
        warm.names["serve"](parts, run, description["warm"])
    else:
        sys.exit(run(parts, description))


start(description)
