"""Passes `breakpoint()` and `pdb.set_trace()` where no debugger is: nobody answers what they would ask at
the standard input.
"""

import importlib.util
import os
import sys


def install(execution, options):
    # A debugger has its own, and a project may say what it wants.
    if sys.breakpointhook is not sys.__breakpointhook__ or "PYTHONBREAKPOINT" in os.environ:
        return
    step = execution.id.rpartition(":")[0]
    passed = set()

    def passing(name):
        def tell_and_pass(*args, **kwargs):
            frame = sys._getframe(1)
            place = frame.f_code.co_filename, frame.f_lineno
            if place not in passed:
                passed.add(place)
                file = os.path.relpath(place[0], execution.project)
                file = place[0] if file.startswith(os.pardir) else file
                print(
                    f"{name}() at {file}:{place[1]} is passed: this execution has no debugger. "
                    f"To stop there: hindcast rerun {step} --debug",
                    file=sys.stderr,
                )

        return tell_and_pass

    sys.breakpointhook = passing("breakpoint")
    set_trace = passing("pdb.set_trace")
    if "pdb" in sys.modules:
        sys.modules["pdb"].set_trace = set_trace
    else:
        sys.meta_path.insert(0, Pdb(set_trace))


class Pdb:
    """Finds `pdb` as it is found anyway, and has another `set_trace` stand in it. (It takes long to import.)"""

    def __init__(self, set_trace):
        self.set_trace = set_trace

    def find_spec(self, name, path=None, target=None):
        if name != "pdb":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_replace(module):
                execute(module)
                module.set_trace = self.set_trace

            spec.loader.exec_module = execute_and_replace
        return spec
