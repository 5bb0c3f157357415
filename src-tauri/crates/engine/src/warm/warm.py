"""A warm Python: has imported what is slow to import, and forks itself for every execution.

Its standard input is a socket to the engine. Each message is four bytes of length (big-endian) and
that much JSON; a request to fork carries the child's standard input, output and error as descriptors.
It stays a process of one thread that has imported nothing of the project: whatever breaks that when
it is imported is left for the child.
"""

import array
import atexit
import gc
import importlib
import json
import os
import random
import select
import signal
import socket
import struct
import sys
import sysconfig
import threading
import time

# Known to break in a child when they were imported before the fork, though nothing shows it then:
# they hold locks, pools or handles of a device in native code.
KNOWN = {
    "cupy": "it holds the GPU's state",
    "grpc": "its native core does not survive a fork",
    "jax": "its native threads do not survive a fork",
    "jaxlib": "its native threads do not survive a fork",
    "jpype": "it holds a Java machine",
    "mpi4py.MPI": "it holds the state of MPI",
    "polars": "its thread pool does not survive a fork",
    "pyarrow.flight": "its native core, gRPC, does not survive a fork",
    "pyspark": "it holds a Java machine",
    "ray": "its native core does not survive a fork",
    "tensorflow": "its native threads do not survive a fork",
    "torch": "its thread pools and the GPU's state do not survive a fork",
}
# An import may take so long, in seconds, before it is left for the child.
PATIENCE = 60
# A warm process may take so much memory, in bytes; what goes beyond is left for the child.
MEMORY = 1536 << 20
# These say nothing when they are held open.
HARMLESS = {"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"}
# Where Python's own modules are.
LIBRARIES = tuple(
    {os.path.realpath(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib")}
)
MARK = "HINDCAST_EXECUTION"


class Channel:
    """The socket to the engine."""

    def __init__(self, sock):
        self.sock = sock

    def read(self, length, descriptors=None):
        """That many bytes; nothing at the end."""
        parts = []
        while length > 0:
            space = socket.CMSG_SPACE(3 * array.array("i").itemsize) if descriptors is not None else 0
            data, extra, _, _ = self.sock.recvmsg(length, space)
            for level, kind, payload in extra:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    numbers = array.array("i")
                    numbers.frombytes(payload[: len(payload) - len(payload) % numbers.itemsize])
                    descriptors.extend(numbers)
            if not data:
                return None
            parts.append(data)
            length -= len(data)
        return b"".join(parts)

    def next(self):
        """The next message with its descriptors; nothing at the end."""
        descriptors = []
        head = self.read(4, descriptors)
        body = head and self.read(struct.unpack(">I", head)[0])
        return (json.loads(body), descriptors) if body else None

    def say(self, message):
        body = json.dumps(message, separators=(",", ":")).encode()
        self.sock.sendall(struct.pack(">I", len(body)) + body)


# What an import leaves behind.


def tasks():
    return len(os.listdir("/proc/self/task"))


def descriptors():
    """What each open descriptor leads to."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            # The listing's own.
            pass
    return found


def children():
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return file.read().split()
    except OSError:
        return []


def memory():
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def known(before):
    """Why one of the modules imported since must not be imported before a fork."""
    for name in list(sys.modules):
        if name in KNOWN and name not in before:
            return f"{name}: {KNOWN[name]}"
    return None


def written_code(before):
    """Files of modules imported since that stand where a person writes them, and may be others for the
    next fork: the project's own, an editable install, a folder of `PYTHONPATH`."""
    for name in list(sys.modules):
        file = getattr(sys.modules.get(name), "__file__", None)
        if name not in before and isinstance(file, str) and not is_installed(file):
            yield os.path.realpath(file)


def own_code(before, project):
    """Why what was imported since must not stay: it is the project's own."""
    for file in written_code(before):
        if file.startswith(project + os.sep):
            return f"it imports the project's own {os.path.relpath(file, project)}"
    return None


def is_installed(file):
    """Whether a module's file is of Python itself, or where packages are installed. (Some modules make
    up a name for theirs.)"""
    if "/site-packages/" in file or "/dist-packages/" in file or not os.path.isfile(file):
        return True
    return os.path.realpath(file).startswith(LIBRARIES)


def attempt(name, project):
    """Imports a module; gives why it is to be left for the child, or nothing."""
    if name in KNOWN:
        return KNOWN[name]
    before, opened, processes, threads = set(sys.modules), descriptors(), children(), tasks()
    try:
        importlib.import_module(name)
    except BaseException as error:
        return f"it cannot be imported by itself: {type(error).__name__}: {error}"[:300]
    if tasks() > threads:
        return "it starts threads"
    if children() != processes:
        return "it starts a process"
    for number, leads_to in descriptors().items():
        if opened.get(number) != leads_to and leads_to not in HARMLESS:
            kind = "a connection" if leads_to.startswith("socket:") else leads_to
            return f"it keeps {kind} open"[:300]
    reason = known(before)
    if reason:
        return reason
    reason = own_code(before, project)
    for file in written_code(before):
        reason = reason or f"it imports {file}, which is used from where it is written"
    if reason:
        return reason[:300]
    if memory() > MEMORY:
        return f"more than {MEMORY >> 20} MiB of memory would be taken"
    return None


def probe(names, project):
    """Tries imports in throw-away children: the names that can be imported before a fork, and the
    others with the reason."""
    good, left = [], {}
    pending = list(names)
    while pending:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            try_all(good + pending, len(good), project, writing)
        os.close(writing)
        done = follow(reading, pending, left)
        os.close(reading)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        good += [name for name in pending[:done] if name not in left]
        pending = pending[done:]
    return good, left


def try_all(names, trusted, project, writing):
    """In the throw-away child: ends with the first that must be left."""
    try:
        for index, name in enumerate(names):
            reason = attempt(name, project)
            if index >= trusted:
                os.write(writing, (json.dumps(reason) + "\n").encode())
            if reason:
                break
    finally:
        os._exit(0)


def follow(reading, pending, left):
    """How many of the pending were judged."""
    done, buffer = 0, b""
    while done < len(pending):
        ready, _, _ = select.select([reading], [], [], PATIENCE)
        data = os.read(reading, 65536) if ready else None
        if not data:
            left[pending[done]] = (
                "its import ended the process" if ready else f"its import took more than {PATIENCE} s"
            )
            return done + 1
        *lines, buffer = (buffer + data).split(b"\n")
        for line in lines:
            reason = json.loads(line)
            done += 1
            if reason:
                left[pending[done - 1]] = reason
                return done
    return done


def preload(options):
    """Imports what may be imported. `trusted` was probed before, in this very environment."""
    project = options["project"]
    left = dict(options["left"])
    pending = [n for n in options["candidates"] if n not in left and n not in sys.modules]
    # Packages before what is in them: most of that comes with its package.
    pending.sort(key=lambda name: name.count("."))
    trusted = set(options["trusted"])
    if not trusted.issuperset(pending):
        good, more = probe(pending, project)
        left.update(more)
    else:
        good = pending
    done = []
    for name in good:
        if name in sys.modules:
            continue
        begun, before = time.monotonic(), len(sys.modules)
        reason = attempt(name, project)
        if reason:
            # Only a fresh process is without it.
            return done, left, {name: reason}
        ms = (time.monotonic() - begun) * 1000
        done.append({"name": name, "ms": round(ms, 1), "modules": len(sys.modules) - before})
    return done, left, {}


# The mark by which whatever an execution starts is found.


def find_mark():
    """Where in this process's memory the value of its mark stands: that is what others read in
    `/proc/PID/environ`, also of our children."""
    try:
        with open("/proc/self/environ", "rb") as file:
            block = file.read()
        with open("/proc/self/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        # env_start is the 50th field; the first two are before the bracket.
        begin = int(fields[47])
        name = f"{MARK}=".encode()
        at = 0 if block.startswith(name) else block.index(b"\0" + name) + 1
        return begin + at + len(name), block.index(b"\0", at) - at - len(name)
    except (OSError, ValueError, IndexError):
        return None


def set_mark(place, mark):
    if place is None or len(mark) != place[1]:
        return
    try:
        with open("/proc/self/mem", "r+b", buffering=0) as file:
            file.seek(place[0])
            file.write(mark.encode())
    except OSError:
        # Then only its group is found.
        pass


class Server:
    def __init__(self, parts, run, channel, wake, waker, project, chances):
        self.parts, self.run, self.channel = parts, run, channel
        self.wake, self.waker = wake, waker
        self.project, self.chances = project, chances
        self.mark = find_mark()
        self.forked = set()

    def listen(self):
        poll = select.poll()
        poll.register(self.channel.sock, select.POLLIN)
        poll.register(self.wake, select.POLLIN)
        while True:
            for number, _ in poll.poll():
                if number == self.wake.fileno():
                    self.wake.recv(4096)
                    self.reap()
                    continue
                message = self.channel.next()
                if message is None:
                    return
                self.hear(*message)

    def hear(self, message, numbers):
        if "ping" in message:
            self.channel.say({"pong": message["ping"], "memory": memory(), "tasks": tasks()})
            return
        try:
            pid = os.fork()
        except OSError as error:
            self.channel.say({"refused": message["fork"], "reason": str(error)})
            pid = None
        if pid == 0:
            self.become(message, numbers)
        for number in numbers:
            os.close(number)
        if pid is not None:
            self.forked.add(pid)
            self.channel.say({"forked": message["fork"], "pid": pid})

    def reap(self):
        while self.forked:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self.forked.discard(pid)
            self.channel.say({"exited": pid, "status": status})

    def become(self, message, numbers):
        """In the child: an execution's own process, which ends here."""
        code = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            # The folder may be another one of that name by now.
            os.chdir(self.project)
            self.channel.sock.close()
            self.wake.close()
            self.waker.close()
            for target, number in enumerate(numbers):
                os.dup2(number, target)
            for number in numbers:
                if number > 2:
                    os.close(number)
            set_mark(self.mark, message["environment"][MARK])
            os.environ.update(message["environment"])
            for name in message["remove"]:
                os.environ.pop(name, None)
            renew_state(self.chances)
            self.parts.update(message_parts(self.parts, message))
            code = self.run(self.parts, message["description"])
        except SystemExit as ended:
            code = ended.code
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            end(code)

    def end(self):
        """The engine is gone: nothing that was forked outlives it."""
        for pid in self.forked:
            try:
                os.killpg(pid, signal.SIGKILL)
            except OSError:
                pass


def message_parts(parts, message):
    """Parts that this process does not have yet."""
    load = type(next(iter(parts.values())))
    return {name: load(name, source) for name, source in message["sources"].items()}


class Chances:
    """Notes the generators that are seeded by chance while modules are imported: each fork seeds them
    anew, as a fresh process would. One that a module seeds with a number stays as it is."""

    def __init__(self):
        self.seeded = {}
        self.seed = random.Random.seed

    def __enter__(self):
        def seed(generator, *args, **kwargs):
            self.seed(generator, *args, **kwargs)
            if (args[0] if args else kwargs.get("a")) is None:
                self.seeded[id(generator)] = generator
            else:
                self.seeded.pop(id(generator), None)

        random.Random.seed = seed
        return self

    def __exit__(self, *error):
        random.Random.seed = self.seed

    def renew(self):
        for generator in self.seeded.values():
            generator.seed()


def renew_state(chances):
    """What a fresh process would have of its own. (The functions of `random` see to themselves.)"""
    chances.renew()
    tempfile = sys.modules.get("tempfile")
    if tempfile is not None:
        tempfile.tempdir = None
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()


def end(code):
    """Ends the process as Python would, without taking its modules apart one by one."""
    if code is None:
        code = 0
    elif not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass
    os._exit(code & 0xFF)


def places():
    """The folders that third-party modules are imported from, and what says which Python this is."""
    import site

    folders = [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    folders += [f for f in [site.getusersitepackages()] if site.ENABLE_USER_SITE and f not in folders]
    return {
        "version": sys.version, "executable": sys.executable, "prefix": sys.prefix,
        "folders": folders,
    }


def files():
    """The files of modules that were imported and are not Python's own."""
    found = []
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and not os.path.realpath(file).startswith(LIBRARIES):
            found.append(file)
    return found


def taken(begun, project):
    """Names of modules that would be the project's own if it had them, which it has not: those that were
    imported since the process began."""
    tops = {name for name in sys.modules if "." not in name} - begun
    has = {name.removesuffix(".py") for name in os.listdir(project)}
    return sorted(tops - has)


def serve(parts, run, options):
    channel = Channel(socket.socket(fileno=os.dup(0)))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    begun = set(sys.modules)
    try:
        with Chances() as chances:
            for part in parts.values():
                part.prepare()
            # Python's own modules may have others of their names in the project.
            reason = own_code(begun, options["project"])
            done, left, spoiled = ([], {}, {}) if reason else preload(options)
    except Exception as error:
        channel.say({"unfit": f"{type(error).__name__}: {error}"[:2000], "spoiled": {}})
        return
    if reason:
        channel.say({"unfit": f"it cannot be warmed: {reason}"[:2000], "spoiled": {}})
        return
    if spoiled or tasks() != 1:
        channel.say({"unfit": "it cannot be forked as it has threads of its own", "spoiled": spoiled})
        return
    wake, waker = socket.socketpair()
    for sock in (wake, waker):
        sock.setblocking(False)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    # Only a handler of Python's own wakes.
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    gc.collect()
    gc.freeze()
    channel.say({
        "pid": os.getpid(), "preloaded": done, "left": left, "places": places(), "files": files(),
        "names": list(sys.modules), "memory": memory(), "taken": taken(begun, options["project"]),
    })
    server = Server(parts, run, channel, wake, waker, options["project"], chances)
    try:
        server.listen()
    finally:
        server.end()
