"""Tells when a debugger goes away from an execution, and when one comes back: its time limits count
only while none is there.

Stands after the part that watches for effects, between whose lines it says so.
"""

import sys
import threading
import time

# How often it is looked, in seconds.
PAUSE = 0.1


def install(execution, options):
    sentinel = getattr(sys.stdout, "sentinel", None)
    debugpy = sys.modules["debugpy"]
    if sentinel is not None:
        # A debugger that stops the body's threads leaves this one alone.
        watch = threading.Thread(target=follow, args=(debugpy, sentinel, execution.debug_port), daemon=True)
        watch.is_pydev_daemon_thread = watch.pydev_do_not_trace = True
        watch.start()


def follow(debugpy, sentinel, port):
    attached = True
    while True:
        if debugpy.is_client_connected() != attached:
            attached = not attached
            state = "attached" if attached else "detached"
            sentinel.tell("hindcast_debugger", {"state": state, "port": port})
        time.sleep(PAUSE)
