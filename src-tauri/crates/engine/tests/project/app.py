"""Targets that say and ask everything an SDK can, one feature each."""

import os
import subprocess
import sys

import coflux as cf


@cf.task()
def echo(value):
    return value


@cf.task()
def add(a, b=2):
    print("adding", a)
    print("careful", file=sys.stderr)
    return a + b


@cf.task()
def fails(what):
    raise KeyError(what)


@cf.workflow()
def calls(text):
    with cf.group("pairs"):
        first = add.submit(1)
        second = echo.submit({"long": text * 100, "raw": b"bytes"})
    try:
        fails("CH")
    except Exception as error:
        caught = f"{type(error).__name__}: {error.args[0]}"
    cf.log_info("{n} calls", n=3)
    return [first.result(), second.result(), caught]


@cf.task()
def not_finite(where):
    value = {"rates": [1.5, float("nan")]}
    if where == "result":
        return value
    if where == "log":
        cf.log_info("rate {rate}", rate=float("inf"))
        return "logged"
    return echo(value)


@cf.task()
def noise():
    os.write(1, b"plain\n")
    os.write(1, b'{"method": "mine", "params": {}}\n[1]\n')
    os.write(1, b"\xff\xfe odd bytes\n")
    subprocess.run(["echo", "from a child"], check=True)
    sys.__stderr__.write("raw error\n")
    return "quiet"


@cf.task()
def prints_a_lot(megabytes):
    print("x" * (megabytes << 20))
    for _ in range(megabytes):
        print("y" * (1 << 20))
    return "done"


@cf.task()
def surrogate():
    return "a\ud83d"


@cf.task()
def dies(status):
    sys.__stderr__.write("the last words\n")
    sys.__stderr__.flush()
    os._exit(status)


@cf.task()
def persists():
    os.makedirs("data")
    for name in ("data/a.csv", "b.txt"):
        with open(name, "w") as file:
            file.write(name)
    cf.asset(match="*")
    return os.environ.get("TMPDIR")


@cf.task()
def starts_others(pid_file):
    """One child in the group, one that left it, one that outlives its parent."""
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    children = [subprocess.Popen(sleeper), subprocess.Popen(sleeper, start_new_session=True)]
    orphan = subprocess.run(
        [sys.executable, "-c", "import subprocess, sys; print(subprocess.Popen(sys.argv[1:], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).pid)", *sleeper],
        check=True,
        capture_output=True,
        text=True,
    )
    with open(pid_file + ".part", "w") as file:
        print(os.getpid(), *(child.pid for child in children), orphan.stdout, file=file)
    os.rename(pid_file + ".part", pid_file)
    for child in children:
        child.wait()
