"""Passes `breakpoint()` where no debugger is: what it would ask at the standard input, nobody answers, and
the body would hang.
"""

import os
import sys


def install(execution, options):
    # A debugger has its own, and a project may say what it wants.
    if sys.breakpointhook is not sys.__breakpointhook__ or "PYTHONBREAKPOINT" in os.environ:
        return
    step = execution.id.rpartition(":")[0]
    passed = set()

    def tell_and_pass(*args, **kwargs):
        frame = sys._getframe(1)
        place = frame.f_code.co_filename, frame.f_lineno
        if place not in passed:
            passed.add(place)
            file = os.path.relpath(place[0], execution.project)
            file = place[0] if file.startswith(os.pardir) else file
            print(
                f"breakpoint() at {file}:{place[1]} is passed: this execution has no debugger. "
                f"To stop there: hindcast rerun {step} --debug",
                file=sys.stderr,
            )

    sys.breakpointhook = tell_and_pass
