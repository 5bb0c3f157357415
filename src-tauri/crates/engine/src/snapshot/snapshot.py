"""Imports the project's modules from the snapshot that was taken when the re-run began.

What was saved since belongs to the next one. Modules keep their own paths: in `__file__`, tracebacks
and breakpoints stands where the code is in the project. Only Python source files are in a snapshot;
whatever else a body reads, it reads from the project's folder as it is.
"""

import _imp
import json
import linecache
import marshal
import os
import sys
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    SourceFileLoader,
    SourcelessFileLoader,
)
from importlib.util import MAGIC_NUMBER, decode_source, spec_from_file_location


class Snapshot:
    """Which content each file had."""

    def __init__(self, folder, index, store):
        with open(index, encoding="utf-8") as file:
            known = json.load(file)
        self.files = {os.path.join(folder, name): key for name, key in known["files"].items()}
        self.folders = {os.path.join(folder, name) if name else folder for name in known["folders"]}
        self.store = store
        tag = f"{sys.implementation.cache_tag}-{sys.flags.optimize}"
        self.compiled = os.path.join(store, "compiled", tag)

    def read(self, path):
        key = self.files[path]
        with open(os.path.join(self.store, key[:2], key), "rb") as file:
            return file.read()

    def hook(self, path):
        """For `sys.path_hooks`."""
        path = os.path.abspath(path or os.curdir)
        if path not in self.folders:
            raise ImportError(f"{path} is not in the snapshot", path=path)
        return Finder(self, path)

    def lines(self, filename, module_globals=None):
        """For `linecache`, which would read the file as it is now."""
        if filename not in self.files:
            return self.lines_of_others(filename, module_globals)
        try:
            text = decode_source(self.read(filename))
        except (OSError, SyntaxError, UnicodeDecodeError):
            return []
        lines = text.splitlines(keepends=True)
        # Without a time it is never looked at again.
        linecache.cache[filename] = (len(text), None, lines, filename)
        return lines


class Finder(FileFinder):
    """Finds source files in the snapshot, and everything else where it is."""

    def __init__(self, snapshot, path):
        super().__init__(
            path,
            (ExtensionFileLoader, EXTENSION_SUFFIXES),
            (SourcelessFileLoader, BYTECODE_SUFFIXES),
        )
        self.snapshot = snapshot

    def find_spec(self, fullname, target=None):
        base = os.path.join(self.path, fullname.rpartition(".")[2])
        package = os.path.join(base, "__init__.py")
        if package in self.snapshot.files:
            return self.source(fullname, package, [base])
        other = super().find_spec(fullname, target)
        if other is not None and isinstance(other.loader, ExtensionFileLoader):
            return other
        module = base + ".py"
        if module in self.snapshot.files:
            return self.source(fullname, module, None)
        if other is None and base in self.snapshot.folders:
            other = ModuleSpec(fullname, None)
            other.submodule_search_locations = [base]
        return other

    def source(self, fullname, path, places):
        loader = Loader(fullname, path, self.snapshot)
        return spec_from_file_location(
            fullname, path, loader=loader, submodule_search_locations=places
        )


class Loader(SourceFileLoader):
    """Loads one source file of the snapshot."""

    def __init__(self, fullname, path, snapshot):
        super().__init__(fullname, path)
        self.snapshot = snapshot

    def get_data(self, path):
        if path in self.snapshot.files:
            return self.snapshot.read(path)
        return super().get_data(path)

    def path_stats(self, path):
        # So that Python neither looks for its own compiled file of it nor makes one.
        raise OSError(path)

    def get_code(self, fullname):
        path = self.get_filename(fullname)
        kept = os.path.join(self.snapshot.compiled, self.snapshot.files[path])
        code = load_compiled(kept)
        if code is None:
            code = self.source_to_code(self.get_data(path), path)
            keep_compiled(kept, code)
        elif code.co_filename != path:
            # The same content stands at another path.
            _imp._fix_co_filename(code, path)
        return code


def load_compiled(path):
    try:
        with open(path, "rb") as file:
            data = file.read()
        if data.startswith(MAGIC_NUMBER):
            return marshal.loads(data[len(MAGIC_NUMBER):])
    except (OSError, ValueError, EOFError, TypeError):
        pass
    return None


def keep_compiled(path, code):
    temporary = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(MAGIC_NUMBER + marshal.dumps(code))
        os.replace(temporary, path)
    except OSError:
        # It only saves time. What is half of it on a full disk is nothing.
        try:
            os.unlink(temporary)
        except OSError:
            pass


def install(execution, options):
    if options["index"] is None:
        return
    snapshot = Snapshot(execution.project, options["index"], options["store"])
    sys.path_hooks.insert(0, snapshot.hook)
    for path in list(sys.path_importer_cache):
        if os.path.abspath(path or os.curdir) in snapshot.folders:
            del sys.path_importer_cache[path]
    snapshot.lines_of_others = linecache.updatecache
    linecache.updatecache = snapshot.lines
