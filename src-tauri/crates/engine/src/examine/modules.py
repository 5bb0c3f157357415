"""The main part of a throw-away process: says what keeps modules of the project from being imported.

Asked to `look`, it runs nothing of the project: it reads the text of what would be imported, and tells
which files Python cannot read and what it has doubts about. Asked to `import`, it imports the modules.
"""

import ast
import importlib
import json
import os
import sys
import traceback


def main(execution, options, words):
    if words == ["look"]:
        # A fork of a warm process: what that has seen of folders may be old.
        importlib.invalidate_caches()
        look = Look(execution.project)
        for file in options["files"]:
            look.read(f"{execution.project}/{file}")
        for module, names in options["modules"].items():
            look.at_module(module, names)
        say("hindcast_looked", {"faults": list(look.faults.values()), "doubts": sorted(look.doubts)})
        return
    for module, names in options["modules"].items():
        say("hindcast_imports", module)
        say("hindcast_imported", {"module": module, **import_it(execution.project, module, names)})
    # What the code has started is of no interest.
    os._exit(0)


def say(member, held):
    sys.stdout.write("\n" + json.dumps({member: held}) + "\n")
    sys.stdout.flush()


class Look:
    """What the text of some modules tells."""

    def __init__(self, project):
        self.project = project
        self.faults = {}
        self.doubts = set()
        self.trees = {}

    def read(self, path):
        """The tree of a file, if Python can read it."""
        if path not in self.trees:
            self.trees[path] = None
            try:
                with open(path, "rb") as opened:
                    source = opened.read()
            except OSError:
                # It was removed: who imports it will say so.
                return None
            tree, fault = parse(source, path)
            self.trees[path] = tree
            if fault:
                file = os.path.relpath(path, self.project)
                self.faults[path] = {"file": file, **fault}
        return self.trees[path]

    def at_module(self, name, targets):
        """Follows what importing a module imports, and looks for targets in it."""
        seen, pending = set(), [(name, None)]
        while pending:
            module, importer = pending.pop()
            if module in seen:
                continue
            seen.add(module)
            spec = locate(module)
            if spec is None:
                self.doubts.add(module if importer is None else f"{module} in {importer}")
                continue
            if not is_own(spec.origin, self.project):
                continue
            tree = self.read(spec.origin)
            if tree is None:
                self.doubts.add(module)
                continue
            package = module if spec.submodule_search_locations is not None else parent(module)
            pending += [(parent(module), importer)] if parent(module) else []
            for imported, names in imports(tree, package):
                pending.append((imported, module))
                # A name in a package may be a module of it.
                inner = [f"{imported}.{one}" for one in names]
                pending += [(one, module) for one in inner if locate(one) is not None]
            wanting = [one for one in variables(tree) if one not in os.environ]
            self.doubts.update(f"${one} in {module}" for one in wanting)
            if module == name:
                bound, all_of_it = names_of(tree)
                missing = [one for one in targets if one not in bound and not all_of_it]
                self.doubts.update(f"{name}:{one}" for one in missing)


def parse(source, path):
    """A text as a tree, or what is wrong with it."""
    try:
        tree = compile(source, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        # Some errors only show when it is compiled further.
        compile(source, path, "exec", dont_inherit=True)
        return tree, None
    except SyntaxError as error:
        return None, fault(type(error), error.msg, error.lineno, error.offset, error.text)
    except (ValueError, MemoryError, RecursionError) as error:
        return None, fault(type(error), str(error), None, None, None)


def fault(kind, message, line, column, text):
    text = text.rstrip() if isinstance(text, str) else None
    return {"kind": kind.__name__, "message": message, "line": line, "column": column, "text": text}


def parent(module):
    return module.rpartition(".")[0]


def locate(name):
    """Where a module would be imported from. Neither it nor its packages are imported."""
    path = None
    parts = name.split(".")
    for index in range(len(parts)):
        spec = find(".".join(parts[: index + 1]), path)
        if spec is None:
            return None
        path = spec.submodule_search_locations
        if path is None and index + 1 < len(parts):
            # Some modules make others as they are imported.
            return None
    return spec


def find(name, path):
    for finder in sys.meta_path:
        try:
            spec = finder.find_spec(name, path)
        except Exception:
            continue
        if spec is not None:
            return spec
    return None


def is_own(origin, project):
    if not origin or not origin.endswith(".py"):
        return False
    inside = os.path.realpath(origin).startswith(project + os.sep)
    return inside and "/site-packages/" not in origin and "/dist-packages/" not in origin


def imports(tree, package):
    """The modules that are imported for certain as a module is, and the names taken of each."""
    pending = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from ((one.name, []) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = absolute(node, package)
            if module:
                yield module, [one.name for one in node.names if one.name != "*"]
        elif isinstance(node, (ast.With, ast.ClassDef)):
            pending += node.body


def variables(tree):
    """The environment variables that are asked for as a module is imported: `os.environ[NAME]`."""
    pending = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        pending += ast.iter_child_nodes(node)
        if not (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)):
            continue
        of = getattr(node.value, "attr", None) or getattr(node.value, "id", None)
        if of == "environ" and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            yield node.slice.value


def absolute(node, package):
    if not node.level:
        return node.module
    parts = package.split(".")
    kept = parts[: len(parts) - node.level + 1]
    return ".".join(kept + ([node.module] if node.module else [])) if kept else None


def names_of(tree):
    """The names a module binds as it is imported, and whether it may bind others."""
    bound = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            if any(one.name == "*" for one in node.names):
                return bound, True
            bound.update(one.asname or one.name.partition(".")[0] for one in node.names)
    return bound, "__getattr__" in bound


def import_it(project, name, targets):
    """What comes of importing a module."""
    try:
        module = importlib.import_module(name)
    except BaseException as error:
        return {"error": error_of(project, error), "missing": [], "targets": []}
    has = [one for one in dir(module) if is_target(getattr(module, one, None))]
    missing = [one for one in targets if getattr(module, one, None) is None]
    return {"error": None, "missing": missing, "targets": has}


def is_target(value):
    """What the SDKs' decorators leave behind."""
    kind = type(value)
    return hasattr(value, "_coflux_target") or (kind.__module__.startswith("coflux.") and kind.__name__ == "Target")


def error_of(project, error):
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if is_own(frame.filename, project)]
    told = {
        "kind": type(error).__name__, "message": str(error)[:1000],
        "file": own[-1].filename if own else None, "line": own[-1].lineno if own else None,
        "text": own[-1].line if own else None,
        "syntax": isinstance(error, SyntaxError), "missing": None, "variable": None,
        "path": [entry for entry in sys.path if entry],
    }
    if isinstance(error, SyntaxError):
        told.update(file=error.filename, line=error.lineno, text=error.text, message=error.msg)
    elif isinstance(error, ModuleNotFoundError):
        told["missing"] = error.name
    elif isinstance(error, KeyError) and frames and frames[-1].filename in (os.__file__, "<frozen os>"):
        # `os.environ[NAME]`
        told["variable"] = str(error.args[0])
    for key in ("file", "text"):
        if isinstance(told[key], str):
            told[key] = told[key].strip()
    if told["file"] and os.path.realpath(told["file"]).startswith(project + os.sep):
        told["file"] = os.path.relpath(os.path.realpath(told["file"]), project)
    return told
