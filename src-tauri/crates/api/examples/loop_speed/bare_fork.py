"""The least that a fork of a warm Python takes: for each line of its input it forks, has the child
execute what the line says, and prints how many ms passed until the result was there."""

import gc
import importlib
import os
import sys
import time

for name in sys.argv[1:]:
    importlib.import_module(name)

import coflux.executor
import coflux.protocol as protocol

sys.path.insert(0, os.getcwd())
gc.collect()
gc.freeze()

for line in sys.stdin:
    begun = time.perf_counter()
    child_in, to_child = os.pipe()
    from_child, child_out = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.dup2(child_in, 0)
        os.dup2(child_out, 1)
        sys.stdin, sys.stdout = open(0), open(1, "w")
        protocol._protocol = None
        coflux.executor.run_executor()
        sys.stdout.flush()
        os._exit(0)
    os.close(child_in)
    os.close(child_out)
    os.write(to_child, line.encode())
    said = b""
    while b'"execution_result"' not in said:
        part = os.read(from_child, 65536)
        if not part:
            sys.exit("the child ended without a result")
        said += part
    print((time.perf_counter() - begun) * 1000, flush=True)
    os.close(to_child)
    os.close(from_child)
    os.waitpid(pid, 0)
