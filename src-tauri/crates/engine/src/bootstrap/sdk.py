"""The main part: runs the project's Coflux SDK, as `python -m coflux` would."""

import importlib.util
import io
import runpy
import sys

# The command line of the SDKs 0.9.1 to 0.12.0, by its SHA-256: of `execute` it makes a call of
# `run_executor`. To read the command line takes longer than all else that a small body needs, so a fork
# makes the call itself.
KNOWN = "21b6fdb363dfe544e00b73330f108a38af85289b1fc6a06e27207a5a0a0788a6"

known = None


def prepare():
    global known

    if not speaks():
        return
    # Brings in everything that running it needs; nothing of it acts when imported.
    import coflux.__main__

    # `main` runs it afresh, unless it is known what that comes to.
    module = sys.modules.pop("coflux.__main__")
    if digest(module) == KNOWN:
        known = module


def digest(module):
    import hashlib

    try:
        with open(module.__file__, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except (OSError, TypeError, AttributeError):
        return None


def speaks():
    """Whether the SDK has the protocol: since 0.9."""
    try:
        return importlib.util.find_spec("coflux.protocol") is not None
    except Exception:
        # Running it will say why.
        return False


def install(execution, options):
    if not speaks():
        return
    try:
        from coflux import protocol
    except Exception:
        # As above.
        return
    # It keeps the streams it saw first.
    protocol._protocol = None
    line = protocol.get_protocol()
    if hasattr(line, "_stdin"):
        line._stdin = io.TextIOWrapper(execution.take_input(), encoding="utf-8")
    send = getattr(protocol, "send_execution_error", None)
    if send is None:
        return

    def tell_and_send(*args, **kwargs):
        error = sys.exc_info()[1]
        if error is not None:
            execution.failed(error)
        return send(*args, **kwargs)

    protocol.send_execution_error = tell_and_send


def main(execution, options, words):
    sys.argv[1:] = words
    if known is not None and words == ["execute"]:
        # As running it would leave them.
        sys.argv[0] = known.__file__
        known.__name__ = "__main__"
        sys.modules["__main__"] = known
        return known.run_executor()
    runpy.run_module("coflux", run_name="__main__", alter_sys=True)
