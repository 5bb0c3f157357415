"""The main part: runs the project's Coflux SDK, as `python -m coflux` would."""

import runpy
import sys


def prepare():
    # Brings in everything that running it needs; nothing of it acts when imported.
    import coflux.__main__  # noqa: F401

    # `main` runs it afresh.
    del sys.modules["coflux.__main__"]


def install(execution, options):
    protocol = sys.modules.get("coflux.protocol")
    if protocol is not None:
        # It keeps the streams it saw first.
        protocol._protocol = None


def main(execution, options, words):
    sys.argv[1:] = words
    runpy.run_module("coflux", run_name="__main__", alter_sys=True)
