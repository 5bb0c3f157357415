"""Installs debugpy into a folder of its own: arguments are the folder. Nothing else is changed, and
nothing of the package is run: only what needs no building is taken.

A Python without pip (uv makes such environments) uses the copy that comes with Python itself, from its
wheel, or else uv.
"""

import glob
import importlib.util
import os
import shutil
import subprocess
import sys

folder = sys.argv[1]
package = ["--only-binary", ":all:", "--no-deps", "--target", folder, "debugpy>=1.8,<2"]
pip = [sys.executable, "-m", "pip", "install", "--no-user", "--no-input", "--no-cache-dir",
       "--disable-pip-version-check", "--progress-bar", "off"]
environment = {**os.environ, "PIP_REQUIRE_VIRTUALENV": "0"}


def wheel():
    spec = importlib.util.find_spec("ensurepip")
    if spec is None or spec.origin is None:
        return None
    found = glob.glob(os.path.join(os.path.dirname(spec.origin), "_bundled", "pip-*.whl"))
    return found[0] if found else None


if importlib.util.find_spec("pip") is None:
    uv = shutil.which("uv")
    if wheel() is not None:
        environment["PYTHONPATH"] = wheel()
    elif uv is not None:
        pip = [uv, "pip", "install", "--python", sys.executable]
    else:
        sys.exit("this Python has no pip, and uv is not on the PATH")
sys.exit(subprocess.call([*pip, *package], env=environment))
