"""Lets a debugger in: debugpy listens, and the execution goes on once one has attached.

Stands before the part that watches for effects, so that what debugpy does for itself is not told as
the body's, and is not refused where the execution is locked.
"""

import json
import os
import sys
import threading


def install(execution, options):
    debugpy = load(options["packages"])
    # Only the execution itself: what it starts is not ours to hold up.
    debugpy.configure(subProcess=False)
    address = (options["host"], options["port"])
    try:
        # The port that it is, where any would do.
        _, execution.debug_port = debugpy.listen(address)
    except Exception as error:
        sys.exit(f"debugpy cannot listen on {address[0]}:{address[1]}: {error}")
    say(execution, "waits")
    debugpy.wait_for_client()
    say(execution, "attached")
    if options["raise"]:
        # The SDK catches what a body raises, so that for a debugger it would not be uncaught.
        execution.at_failure.append(stop)


def say(execution, state):
    """Nothing else speaks yet."""
    params = {"execution_id": execution.id, "state": state, "port": execution.debug_port}
    print(json.dumps({"method": "hindcast_debugger", "params": params}), flush=True)


def load(packages):
    # It would warn, on every start, that frames of Python's own cannot be stepped through.
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    if packages is not None:
        sys.path.insert(0, packages)
    try:
        import debugpy
    except ImportError as error:
        sys.exit(f"debugpy cannot be imported: {error}")
    finally:
        if packages is not None and packages in sys.path:
            # What else is there is not for the project to find.
            sys.path.remove(packages)
    return debugpy


def stop(error):
    """Stops in the frame that raised."""
    if not sys.modules["debugpy"].is_client_connected():
        # Nobody would let it go on.
        return
    try:
        import pydevd
        from _pydevd_bundle.pydevd_api import PyDevdAPI

        debugger = pydevd.get_global_debugger()
        if debugger is None:
            return
        if not debugger.break_on_uncaught_exceptions:
            PyDevdAPI().add_python_exception_breakpoint(
                debugger, "BaseException", None, None, 0, 1, 0, 0, False
            )
        raised = (type(error), error, body(error.__traceback__))
        if hasattr(debugger, "trigger_exception_handler"):
            debugger.trigger_exception_handler(raised)
        else:
            stop_by_hand(debugger, raised)
    except Exception as problem:
        # The failure itself is to be told in any case.
        print(f"Hindcast cannot stop at the raise: {problem!r}", file=sys.stderr)


def stop_by_hand(debugger, raised):
    """As a debugpy does itself that has a word for it."""
    thread = threading.current_thread()
    info = debugger.set_additional_thread_info(thread)
    # From Python 3.12 on it is told of every line of ours otherwise, and stops there.
    monitoring = getattr(sys, "monitoring", None)
    events = monitoring.get_events(monitoring.DEBUGGER_ID) if monitoring else 0
    info.is_tracing += 1
    try:
        if events:
            monitoring.set_events(monitoring.DEBUGGER_ID, 0)
        debugger.stop_on_unhandled_exception(debugger, thread, info, raised)
    finally:
        if events:
            monitoring.set_events(monitoring.DEBUGGER_ID, events)
        info.is_tracing -= 1


def body(traceback):
    """Without the frames of the SDK that are around the body."""
    own = traceback
    while own is not None and own.tb_frame.f_globals.get("__name__", "").startswith("coflux."):
        own = own.tb_next
    return own or traceback
