# What an interpreter is, and which SDK it has. Runs nothing of the project, and is understood by any
# Python, however old: what is too old is to be told, too.
import json
import os
import sys


def distribution():
    """The SDK's version and the Python it wants, as its metadata has them."""
    try:
        from importlib import metadata

        known = metadata.metadata("coflux")
        return known["Version"], known["Requires-Python"]
    except Exception:
        return None, None


def origin(name):
    """The file a module would be imported from; an empty text where there is none of its own."""
    try:
        from importlib.util import find_spec

        spec = find_spec(name)
        return spec and (spec.origin or "")
    except Exception:
        return None


def managed():
    """Whether a system keeps its packages, and wants nobody else to (PEP 668)."""
    import sysconfig

    marker = os.path.join(sysconfig.get_path("stdlib") or "", "EXTERNALLY-MANAGED")
    return sys.prefix == getattr(sys, "base_prefix", sys.prefix) and os.path.exists(marker)


version, requires = distribution()
folders = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
sys.stdout.write("\n" + json.dumps({"hindcast_interpreter": {
    "version": list(sys.version_info[:3]),
    "executable": sys.executable,
    "own_environment": sys.prefix != getattr(sys, "base_prefix", sys.prefix),
    "coflux": version,
    "requires": requires,
    "origin": origin("coflux"),
    "pip": origin("pip") is not None,
    "managed": managed(),
    "folders": folders,
}}) + "\n")
