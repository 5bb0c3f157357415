"""Sees what an executor does outside of itself, and refuses it where the executor is locked.

Stands in the executor's own process before the SDK runs. An audit hook (PEP 578) is told of every
connection, process, file and database that Python code opens. What the body does is told to Hindcast
as further lines of the protocol; what Python and the SDK do for themselves is not.

This is no sandbox: native code does what it likes without any event.
"""

import io
import itertools
import json
import os
import sys
import threading
from collections import deque

# So many different acts are told in full; the rest is counted by its kind.
MOST = 100
# Of every text, so many characters: a report shall be written in one piece (PIPE_BUF).
LONGEST = 250

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Writing there changes nothing.
SINKS = {"/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/stdout", "/dev/stderr"}
FILE_KINDS = {"write", "remove", "rename", "folder", "link", "change"}
DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21}
INFINITIVES = {
    "connection": "connect to", "datagram": "send to", "lookup": "look up", "listener": "listen on",
    "process": "start", "database": "open the database", "write": "write", "remove": "remove",
    "rename": "rename", "folder": "make the folder", "link": "make the link", "change": "change",
}
STANDARD_LIBRARY = os.path.dirname(os.path.realpath(os.__file__)) + os.sep


class EffectRefused(Exception):
    """Something that a locked execution may not do."""


class WriteRefused(EffectRefused, PermissionError):
    """A file that a locked execution may not change. Code that can do without the file goes on."""


class Output(io.TextIOWrapper):
    """Standard output, where reports stand between the SDK's lines and never inside one."""

    sentinel = None

    def write(self, text):
        with self.sentinel.writing:
            if text.startswith('{"method":"execution_'):
                self.sentinel.settle()
            self.sentinel.write_pending()
            written = super().write(text)
        self.sentinel.tell_pending()
        return written


class Sentinel:
    def __init__(self, execution, scratch, locked, folder, output):
        self.execution = execution
        self.scratch = os.path.realpath(scratch) + os.sep
        self.locked = locked
        self.folder = os.path.realpath(folder) + os.sep
        self.output = output
        self.pipe = identity(output)
        self.owned = {}
        # By act: the event that began it, its counter, the newest count, and its report.
        self.acts = {}
        self.pending = deque()
        # A finalizer may act while its own thread is writing.
        self.writing = threading.RLock()
        os.register_at_fork(after_in_child=self.after_fork)

    def hook(self, event, args):
        read = EVENTS.get(event)
        if read is None:
            return
        try:
            act = read(self, args)
            found = act and self.judge(event, sys._getframe(1), *act)
        except Exception as error:
            # What cannot be understood is let through, or refused, as the execution is.
            if self.locked:
                raise EffectRefused(f"Hindcast refused {event}: {error!r}") from None
            return
        if found:
            raise found

    def judge(self, event, frame, kind, target, detail=None):
        """Notes an act; gives the exception to raise if it is refused."""
        if kind in FILE_KINDS and is_file_of_rmtree(frame):
            return None
        own, asked, importing = self.walk(frame)
        if importing and (kind in FILE_KINDS or kind == "process"):
            return None
        if asked is not None and kind in ("connection", "lookup"):
            kind, target = "connection", asked
        if target is None:
            return None
        place = self.place(own)
        family = "network" if kind in ("connection", "lookup") else kind
        family = "file" if kind in FILE_KINDS else family
        self.count(event, (family, target, place), (kind, target, detail, place))
        if not self.locked:
            return None
        where = f" at {place[0]}:{place[1]}" if place else ""
        text = (
            f"Hindcast refused to {INFINITIVES[kind]} {target}{where}: this re-run is locked, so its "
            "bodies may not reach anything outside of themselves. Without --locked it is allowed."
        )
        return (WriteRefused if kind in FILE_KINDS else EffectRefused)(text)

    def walk(self, frame):
        """The frame of the project's code that acts; the address that is being connected to; and
        whether all this is because something is being imported."""
        asked, importing, elsewhere = None, False, None
        while frame is not None:
            name = frame.f_code.co_filename
            if self.owns(name):
                return frame, asked, importing
            if name.startswith("<frozen importlib"):
                importing = True
            elif elsewhere is None and not is_library(name):
                elsewhere = frame
            if asked is None and frame.f_code.co_name == "create_connection":
                asked = asked_for(frame.f_locals)
            frame = frame.f_back
        return elsewhere, asked, importing

    def owns(self, name):
        owned = self.owned.get(name)
        if owned is None:
            owned = not is_library(name) and os.path.realpath(name).startswith(self.folder)
            self.owned[name] = owned
        return owned

    def place(self, frame):
        if frame is None:
            return None
        file = self.shown(os.path.realpath(frame.f_code.co_filename))
        return file, frame.f_lineno, frame.f_code.co_name

    def shown(self, path):
        return path[len(self.folder):] if path.startswith(self.folder) else path

    def count(self, event, key, act):
        if key not in self.acts and len(self.acts) >= MOST:
            kind = act[0]
            key, act = ("more", kind), ("more", kind, None, None)
            event = None
        # One act makes several events: a request, a lookup, a connection. The first stands for all.
        entry = self.acts.setdefault(key, [event, itertools.count(1), 0, 0, act])
        if entry[0] not in (event, None):
            return
        entry[2] = next(entry[1])
        if entry[2] & (entry[2] - 1) == 0:
            self.report(entry)
            self.tell_pending()

    def report(self, entry):
        count, entry[3] = entry[2] - entry[3], entry[2]
        kind, target, detail, place = entry[4]
        if count > 0:
            self.pending.append(("hindcast_effect", {
                "execution_id": self.execution, "kind": kind, "target": cut(target),
                "detail": detail and cut(detail), "count": count, "refused": self.locked,
                "place": place and {
                    "file": cut(place[0]), "line": place[1], "function": cut(place[2]),
                },
            }))

    def settle(self):
        """Before the last word: what was counted since it was last told."""
        for entry in list(self.acts.values()):
            self.report(entry)

    def tell(self, method, params):
        """Tells what is no act, between the SDK's lines."""
        self.pending.append((method, {"execution_id": self.execution, **params}))
        self.tell_pending()

    def tell_pending(self):
        """Writes what is to be told, unless somebody is writing, who then writes it."""
        while self.pending and self.writing.acquire(blocking=False):
            try:
                self.write_pending()
            finally:
                self.writing.release()

    def write_pending(self):
        while self.pending:
            method, params = self.pending.popleft()
            line = {"method": method, "params": params}
            text = json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n"
            try:
                # The body may have closed what it did not open, and opened something else there.
                if identity(self.output) == self.pipe:
                    os.write(self.output, text.encode("utf-8", "backslashreplace"))
            except OSError:
                # Nobody listens any more.
                self.pending.clear()

    def after_fork(self):
        self.writing = threading.RLock()
        self.pending = deque()
        for entry in self.acts.values():
            entry[3] = entry[2]

    def outside(self, path, base=-1, follow=True):
        """The path made whole, if it is outside of the scratch directory."""
        if isinstance(path, int):
            return None
        path = os.fsdecode(path)
        if not os.path.isabs(path):
            path = os.path.join(os.readlink(f"/proc/self/fd/{base}") if base >= 0 else os.getcwd(), path)
        if follow:
            path = os.path.realpath(path)
        else:
            path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        inside = path.startswith(self.scratch) or path in SINKS or path.startswith("/dev/fd/")
        return None if inside else path

    # What each event means: kind, target and perhaps more; nothing where it is of no interest.

    def connect(self, args):
        return self.address("connection", args[1])

    def bind(self, args):
        return self.address("listener", args[1])

    def send(self, args):
        # Without an address it was connected before.
        return self.address("datagram", args[1]) if args[1] else None

    def address(self, kind, address):
        if isinstance(address, (str, bytes)):
            text = os.fsdecode(address)
            if text.startswith("\0"):
                return kind, "@" + text[1:]
            path = self.outside(text)
            return path and (kind, path)
        return kind, endpoint(*address[:2])

    def lookup(self, args):
        return looked_up(args[0])

    def lookup_address(self, args):
        return looked_up(args[0][0])

    def request(self, args):
        from urllib.parse import urlsplit

        url, _, _, method = args
        parts = urlsplit(url)
        if parts.hostname is None or parts.scheme not in DEFAULT_PORTS:
            return None
        port = parts.port or DEFAULT_PORTS[parts.scheme]
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        shown = f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}"
        return "connection", endpoint(parts.hostname, port), f"{method} {shown}"

    def popen(self, args):
        executable, words = args[:2]
        return "process", command_line(executable, words)

    def system(self, args):
        return "process", os.fsdecode(args[0])

    def opened(self, args):
        path, mode, flags = args
        writes = any(c in mode for c in "wax+") if isinstance(mode, str) else flags & WRITING
        path = self.outside(path) if writes else None
        return path and ("write", self.shown(path))

    def removed(self, args):
        path = self.outside(args[0], args[1], follow=False)
        return path and os.path.lexists(path) and ("remove", self.shown(path))

    def tree_removed(self, args):
        path = self.outside(args[0], (args[1] if len(args) > 1 and args[1] is not None else -1), follow=False)
        return path and os.path.lexists(path) and ("remove", self.shown(path), "shutil.rmtree")

    def renamed(self, args):
        old, new, old_base, new_base = args
        source = self.outside(old, old_base, follow=False)
        target = self.outside(new, new_base, follow=False)
        if source and target:
            return os.path.lexists(source) and ("rename", f"{self.shown(source)} -> {self.shown(target)}")
        if source:
            return os.path.lexists(source) and ("remove", self.shown(source))
        return target and ("write", self.shown(target))

    def folder_made(self, args):
        path = self.outside(args[0], args[2], follow=False)
        return path and not os.path.lexists(path) and ("folder", self.shown(path))

    def linked(self, args):
        base = args[3] if len(args) > 3 else args[2]
        path = self.outside(args[1], base, follow=False)
        return path and ("link", self.shown(path))

    def changed(self, args):
        path = self.outside(args[0], args[-1] if isinstance(args[-1], int) else -1)
        return path and ("change", self.shown(path))

    def resized(self, args):
        path = self.outside(args[0])
        return path and ("change", self.shown(path))

    def database(self, args):
        text = os.fsdecode(args[0])
        if text.startswith("file:"):
            text, _, options = text[5:].partition("?")
            if "mode=ro" in options or "mode=memory" in options or "immutable=1" in options:
                return None
        if text in ("", ":memory:"):
            return None
        path = self.outside(text)
        return path and ("database", self.shown(path), "sqlite3")


def connects(protocol):
    return lambda sentinel, args: ("connection", endpoint(args[1], args[2]), protocol)


EVENTS = {
    "socket.connect": Sentinel.connect,
    "socket.bind": Sentinel.bind,
    "socket.sendto": Sentinel.send,
    "socket.sendmsg": Sentinel.send,
    "socket.getaddrinfo": Sentinel.lookup,
    "socket.gethostbyname": Sentinel.lookup,
    "socket.gethostbyaddr": Sentinel.lookup,
    "socket.getnameinfo": Sentinel.lookup_address,
    "urllib.Request": Sentinel.request,
    "http.client.connect": connects("HTTP"),
    "smtplib.connect": connects("SMTP"),
    "ftplib.connect": connects("FTP"),
    "imaplib.open": connects("IMAP"),
    "poplib.connect": connects("POP3"),
    "nntplib.connect": connects("NNTP"),
    "telnetlib.Telnet.open": connects("Telnet"),
    "syslog.syslog": lambda sentinel, args: ("connection", "the system log"),
    "subprocess.Popen": Sentinel.popen,
    "os.posix_spawn": Sentinel.popen,
    "os.exec": Sentinel.popen,
    "os.system": Sentinel.system,
    "pty.spawn": lambda sentinel, args: ("process", command_line(None, args[0])),
    "open": Sentinel.opened,
    "os.remove": Sentinel.removed,
    "os.rmdir": Sentinel.removed,
    "shutil.rmtree": Sentinel.tree_removed,
    "os.rename": Sentinel.renamed,
    "os.mkdir": Sentinel.folder_made,
    "os.link": Sentinel.linked,
    "os.symlink": Sentinel.linked,
    "os.truncate": Sentinel.resized,
    "os.chmod": Sentinel.changed,
    "os.chown": Sentinel.changed,
    "os.utime": Sentinel.changed,
    "os.setxattr": Sentinel.resized,
    "os.removexattr": Sentinel.resized,
    "sqlite3.connect": Sentinel.database,
}


def identity(descriptor):
    state = os.fstat(descriptor)
    return state.st_dev, state.st_ino


def endpoint(host, port):
    host = (host.decode() if isinstance(host, bytes) else str(host)).lower()
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def asked_for(names):
    """The address that a function called `create_connection` was asked for: the standard library's,
    asyncio's, urllib3's."""
    address = names.get("address")
    if address is None:
        address = names.get("host"), names.get("port")
    known = isinstance(address, (tuple, list)) and len(address) >= 2 and None not in address[:2]
    return endpoint(*address[:2]) if known else None


def looked_up(host):
    """A name that is not this machine's own, nor a number: those are looked up nowhere."""
    if host is None:
        return None
    name = host.decode() if isinstance(host, bytes) else str(host)
    import socket

    own = socket.gethostname().lower()
    if name.lower() in ("", "localhost", "0.0.0.0", own) or is_address(name):
        # A lookup in the course of a connection is that connection.
        return "lookup", None
    return "lookup", name.lower()


def is_address(name):
    import socket

    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, name.partition("%")[0])
            return True
        except (OSError, ValueError):
            pass
    return False


def command_line(executable, words):
    if isinstance(words, (str, bytes, os.PathLike)):
        words = [words]
    words = [os.fsdecode(word) for word in words or [executable]]
    if len(words) > 2 and words[1] == "-c" and os.path.basename(words[0]) == "sh":
        return words[2]
    return " ".join(words)


def is_file_of_rmtree(frame):
    """What `shutil.rmtree` removes one by one was told as a whole."""
    code = frame.f_code
    return code.co_name.startswith("_rmtree") and code.co_filename.startswith(STANDARD_LIBRARY)


def is_library(name):
    if name.startswith("<") or "/site-packages/" in name or "/dist-packages/" in name:
        return True
    if sys.prefix != sys.base_prefix and name.startswith(sys.prefix + os.sep):
        return True
    return name.startswith(STANDARD_LIBRARY)


def cut(text):
    return text if len(text) <= LONGEST else text[:LONGEST] + "\u2026"


def install(execution, options):
    # Not inherited by processes that the body starts.
    locked, folder = options["locked"], execution.project
    sentinel = Sentinel(execution.id, execution.scratch, locked, folder, os.dup(1))
    old = sys.stdout
    if isinstance(old, io.TextIOWrapper):
        new = Output(
            old.buffer, encoding=old.encoding, errors=old.errors, newline="\n",
            line_buffering=old.line_buffering, write_through=old.write_through,
        )
        new.mode, new.sentinel = old.mode, sentinel
        # `sys.__stdout__` still holds the old one, which shares its buffer.
        sys.stdout = new
    sys.addaudithook(sentinel.hook)
