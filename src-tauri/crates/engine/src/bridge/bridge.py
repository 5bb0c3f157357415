"""Runs a target under a Coflux SDK of 0.2 to 0.8, and speaks the newer SDKs' protocol of lines.

Those SDKs had no such protocol: their agent started one Python process for each execution, and
pickled tuples went through a pipe. Here the SDK's own entry point for such a process is called with
a connection of ours in the pipe's place, and with blobs that are files instead of HTTP. Nothing is
needed that the SDK does not need.

Beyond the protocol, Hindcast tells (`number`) the integer that an execution or an asset had where it
was recorded, since old keys are made of those; what has none gets one far outside their range. And
SDKs that make the keys themselves, 0.2 and 0.3, send them along (`keys`), and make those of recorded
calls where these were not exported (`keys_wanted`).
"""

import contextlib
import datetime as dt
import decimal
import hashlib
import importlib
import importlib.metadata
import inspect
import io
import json
import math
import os
import pickle
import re
import sys
import tempfile
import threading
import traceback
import uuid
from collections import deque

# A value of more JSON than this goes as a file (as with the newer SDKs).
INLINE = 64 << 10
# How long threads that the body started may go on after it returned, in seconds.
LINGER = 4.0
# Numbers of what was not recorded begin with this byte and have at least eight more: no row of a
# server's database has such a number.
OWN = b"\x01"


def dumps(data):
    return json.dumps(data, separators=(",", ":"))


class Missing(Exception):
    """A blob that is not there."""


class Line:
    """The protocol's two ends: lines out, and an answer for each request."""

    def __init__(self, source):
        # Where the sentinel stands, this is its own: its reports and these lines do not mix.
        self.out = sys.stdout
        self.source = source
        self.writing = threading.RLock()
        self.waiting = {}
        self.last = 0
        self.ended = False

    def write(self, message):
        text = dumps(message) + "\n"
        with self.writing:
            self.out.write(text)
            self.out.flush()

    def read(self):
        text = self.source.readline()
        return json.loads(text) if text else None

    def notify(self, method, **params):
        self.write({"method": method, "params": params})

    def request(self, method, params, then):
        """Sends a request; `then` gets its result and its error, in the reading thread."""
        with self.writing:
            self.last += 1
            self.waiting[self.last] = then
            self.write({"id": self.last, "method": method, "params": params})

    def ask(self, method, params):
        """Sends a request and waits. Not to be called in the reading thread."""
        answered, answer = threading.Event(), []

        def then(result, error):
            answer.extend((result, error))
            answered.set()

        self.request(method, params, then)
        answered.wait()
        result, error = answer
        if error:
            raise RuntimeError(error)
        return result

    def listen(self):
        while (message := self.read()) is not None:
            then = self.waiting.pop(message.get("id"), None)
            if then is not None:
                error = message.get("error")
                then(message.get("result"), error and f"{error.get('code')}: {error.get('message')}")
        if not self.ended:
            # Nobody is there any more to hear how this ends.
            os._exit(1)


class Numbers:
    """Which integer stands for which execution, or asset, towards the SDK."""

    def __init__(self):
        self.ids = {}

    def learn(self, slots, number=None):
        """What a reference tells: its kind, its id, and what belongs to it."""
        kind, name = slots[:2]
        if number is None:
            number = int.from_bytes(OWN + name.encode().rjust(8, b"\0"), "big")
        self.ids[kind, number] = slots
        return number

    def reference(self, kind, number):
        slots = self.ids.get((kind, number))
        if slots is not None:
            return slots
        with contextlib.suppress(ValueError, OverflowError, UnicodeDecodeError):
            name = number.to_bytes((number.bit_length() + 7) // 8, "big")
            if name.startswith(OWN) and len(name) > 8:
                return [kind, name[len(OWN) :].lstrip(b"\0").decode()]
        raise ValueError(f"{kind} {number} is not known here")

    def name(self, kind, number):
        return self.reference(kind, number)[1]


class Blobs:
    """What stands for the SDK's blob store: files, found by key. New ones are kept beside the body's
    other temporary files, and go to Hindcast with the value that refers to them."""

    def __init__(self, line):
        self.line = line
        self.paths = {}

    def add(self, path):
        """A file that needs no real key, as only the SDK will ask for it."""
        key = f"file:{path}"
        self.paths[key] = str(path)
        return key

    def keep(self, content):
        key = hashlib.sha256(content).hexdigest()
        if key not in self.paths:
            self.paths[key] = write_file(content)
        return key

    def keep_file(self, path):
        return self.keep(open(path, "rb").read())

    def path(self, key):
        if key not in self.paths:
            target = os.path.join(tempfile.mkdtemp(prefix="hindcast_"), "blob")
            self.line.ask("download_blob", {**self.line.about, "blob_key": key, "target_path": target})
            self.paths[key] = target
        return self.paths[key]

    def content(self, key):
        with open(self.path(key), "rb") as file:
            return file.read()

    def copy(self, key, path):
        content = self.content(key)
        with open(path, "wb") as file:
            file.write(content)


def write_file(content):
    descriptor, path = tempfile.mkstemp(prefix="hindcast_")
    with open(descriptor, "wb") as file:
        file.write(content)
    return path


def store_of(blobs):
    """The class that stands for `coflux.blobs.Store` (to 0.4) and `coflux.blobs.Manager` (from 0.5)."""

    class Store:
        def __init__(self, *_):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def get(self, key):
            content = blobs.content(key)
            return content if blobs.as_bytes else io.BytesIO(content)

        def put(self, content):
            if isinstance(content, bytes):
                return blobs.keep(content)
            content.seek(0)
            return blobs.keep(content.read())

        def download(self, key, path):
            blobs.copy(key, path)

        def upload(self, path):
            return blobs.keep_file(path)

    return Store


class Values:
    """What both forms of values have in common."""

    def __init__(self, blobs, numbers):
        self.blobs = blobs
        self.numbers = numbers

    def give(self, data, references):
        """Data in the newer SDKs' wrappers, as it goes on the line."""
        try:
            text = json.dumps(data, separators=(",", ":"), allow_nan=False)
        except ValueError:
            # NaN is no JSON, and would not survive on the line.
            text = None
        if text is not None and len(text) <= INLINE:
            return {"type": "inline", "format": "json", "value": data, "references": references}
        path = write_file((text or dumps(data)).encode())
        return {"type": "file", "format": "json", "path": path, "references": references}

    def load(self, wire):
        """Data and references of a value on the line."""
        references = wire.get("references") or []
        if wire["type"] == "inline":
            return wire.get("value"), references
        with open(wire["path"], "rb") as file:
            return json.load(file), references

    def known(self, slots):
        """The number of an execution or an asset that a reference tells of."""
        size = 4 if slots[0] == "execution" else 5
        number = slots[size] if len(slots) > size else None
        return self.numbers.learn(slots[:size], number)

    def fragment(self, slots):
        """What is in a fragment, as Python has it."""
        _, format, path, _, metadata = slots
        with open(path, "rb") as file:
            content = file.read()
        if format == "bytes":
            return content
        if format in ("json", "pydantic", "legacy-json"):
            model = (metadata or {}).get("model")
            if not model:
                return json.loads(content)
            module, name = model.rsplit(".", 1)
            return getattr(importlib.import_module(module), name).model_validate_json(content)
        if format == "pickle":
            return pickle.loads(content)
        raise ValueError(f"a fragment of the format {format!r} cannot be read by this SDK")

    def python(self, data, references, refer):
        """The value as Python has it; `refer` makes what stands for a handle."""
        inner = lambda part: self.python(part, references, refer)
        if isinstance(data, list):
            return [inner(item) for item in data]
        if not isinstance(data, dict):
            return data
        kind, value = data.get("type"), data.get("value")
        if kind == "ref":
            slots = references[data["index"]]
            return self.fragment(slots) if slots[0] == "fragment" else refer(slots)
        if kind == "dict":
            items = data["items"]
            return {inner(k): inner(v) for k, v in zip(items[::2], items[1::2])}
        if kind == "tuple":
            return tuple(inner(item) for item in data["items"])
        if kind == "set":
            return {inner(item) for item in data["items"]}
        read = SCALARS.get(kind)
        return read(value) if read else {key: inner(item) for key, item in data.items()}


SCALARS = {
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "duration": lambda seconds: dt.timedelta(seconds=seconds),
    "decimal": decimal.Decimal,
    "uuid": uuid.UUID,
}
# What a whole value of 0.2 to 0.4 in a blob is to Hindcast, and to the SDK.
FORMATS = {"pickle": "pickle", "legacy-json": "json"}
# Wrappers that 0.5 to 0.8 know.
WRAPPERS = ("dict", "set", "tuple", "ref")


def plain(value):
    """A Python value of plain JSON, in wrappers; anything else as Python writes it."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, tuple):
        return {"type": "tuple", "items": [plain(item) for item in value]}
    if isinstance(value, dict):
        return {"type": "dict", "items": [plain(part) for pair in value.items() for part in pair]}
    return repr(value)


# What stands for a handle in values of 0.2 to 0.4.
PLACEHOLDER = re.compile(r"\{(\d+)\}")


def wrap(data, places):
    """Plain JSON in wrappers; a text that stands for a handle becomes a reference to its index."""
    if isinstance(data, str):
        found = PLACEHOLDER.fullmatch(data)
        index = places.get(int(found[1])) if found else None
        return data if index is None else {"type": "ref", "index": index}
    if isinstance(data, list):
        return [wrap(item, places) for item in data]
    if isinstance(data, dict):
        return {"type": "dict", "items": [part for key, value in data.items() for part in (key, wrap(value, places))]}
    return data


class OldValues(Values):
    """0.2 to 0.4: bytes in a format, with numbered placeholders for handles."""

    def take(self, value):
        """A value of the SDK's, as it goes on the line."""
        match value:
            case ("raw", content, format, placeholders):
                path = None
            case ("blob", key, _, format, placeholders):
                path = self.blobs.path(key)
                content = None if format == "pickle" else self.blobs.content(key)
            case other:
                raise ValueError(f"not a value of this SDK: {other!r}")
        references, places = [], {}
        if format == "pickle":
            path = path or write_file(content)
            metadata = {"placeholders": {}} if placeholders else {}
            references.append(["fragment", "pickle", path, os.path.getsize(path), metadata])
        for number, (execution, asset) in placeholders.items():
            kind, id = ("execution", execution) if asset is None else ("asset", asset)
            places[int(number)] = len(references)
            references.append(self.numbers.reference(kind, id))
        if format == "pickle":
            if places:
                metadata["placeholders"] = {str(n): index for n, index in places.items()}
            return self.give({"type": "ref", "index": 0}, references)
        return self.give(wrap(json.loads(content), places), references)

    def tell(self, wire):
        """A value on the line, as the SDK reads it."""
        data, references = self.load(wire)
        whole = self.whole(data, references)
        if whole:
            return whole
        used = self.numbers_in(data)
        placeholders = {}

        def refer(slots):
            id = self.known(slots)
            pair = (id, None) if slots[0] == "execution" else (None, id)
            for number, known in placeholders.items():
                if known == pair:
                    return f"{{{number}}}"
            number = next(n for n in range(len(used) + len(placeholders) + 1) if n not in used and n not in placeholders)
            placeholders[number] = pair
            return f"{{{number}}}"

        value = self.python(data, references, refer)
        try:
            return ("raw", dumps(value).encode(), "json", placeholders)
        except TypeError:
            # What JSON cannot hold these SDKs pickle as a whole.
            content = pickle.dumps(value)
            return ("blob", self.blobs.keep(content), {"size": len(content)}, "pickle", placeholders)

    def whole(self, data, references):
        """A value that is nothing but a pickle, or recorded JSON, goes on as it is."""
        if not (isinstance(data, dict) and data.get("type") == "ref"):
            return None
        slots = references[data["index"]]
        format = FORMATS.get(slots[1]) if slots[0] == "fragment" else None
        if format is None:
            return None
        placeholders = {}
        for number, index in ((slots[4] or {}).get("placeholders") or {}).items():
            other = references[index]
            id = self.known(other)
            placeholders[int(number)] = (id, None) if other[0] == "execution" else (None, id)
        return ("blob", self.blobs.add(slots[2]), {"size": slots[3]}, format, placeholders)

    def numbers_in(self, data):
        """Numbers that a text could be taken for a placeholder by."""
        if isinstance(data, str):
            return {int(found[1]) for found in PLACEHOLDER.finditer(data)}
        parts = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
        return set().union(*(self.numbers_in(part) for part in parts))


class NewValues(Values):
    """0.5 to 0.8: data in wrappers, with references, nearly as today."""

    def take(self, value):
        match value:
            case ("raw", data, references):
                pass
            case ("blob", key, _, references):
                data = json.loads(self.blobs.content(key))
            case other:
                raise ValueError(f"not a value of this SDK: {other!r}")
        return self.give(data, [self.reference(one) for one in references])

    def reference(self, reference):
        kind = reference[0]
        if kind == "fragment":
            _, format, key, size, metadata = reference
            return ["fragment", format, self.blobs.path(key), size, metadata]
        return self.numbers.reference(kind, reference[1])

    def tell(self, wire):
        data, references = self.load(wire)
        known = []

        def refer(reference):
            known.append(reference)
            return {"type": "ref", "index": len(known) - 1}

        def keep(value):
            content = pickle.dumps(value)
            metadata = {"type": str(type(value))}
            return refer(("fragment", "pickle", self.blobs.keep(content), len(content), metadata))

        def convert(data):
            if isinstance(data, list):
                return [convert(item) for item in data]
            if not isinstance(data, dict):
                return data
            kind = data.get("type")
            if kind == "ref":
                slots = references[data["index"]]
                if slots[0] != "fragment":
                    return refer((slots[0], self.known(slots)))
                if slots[1] == "bytes":
                    return keep(self.fragment(slots))
                if slots[1] == "legacy-json":
                    places = (slots[4] or {}).get("placeholders") or {}
                    return convert(wrap(self.fragment(slots), {int(n): i for n, i in places.items()}))
                return refer(("fragment", slots[1], self.blobs.add(slots[2]), slots[3], slots[4]))
            if kind in WRAPPERS:
                return {"type": kind, "items": [convert(item) for item in data["items"]]}
            if kind in SCALARS:
                return keep(SCALARS[kind](data["value"]))
            return {"type": "dict", "items": [convert(part) for pair in data.items() for part in pair]}

        return ("raw", convert(data), known)


# How the only file of an asset is marked that is a folder as an archive.
ARCHIVE = {"legacy": {"type": 1}}


class Connection:
    """Stands for the child's end of the pipe."""

    def __init__(self, hear):
        self.hear = hear
        self.answers = deque()
        self.changed = threading.Condition()
        self.over = False

    def send(self, message):
        self.hear(message)

    def answer(self, message):
        with self.changed:
            self.answers.append(message)
            self.changed.notify_all()

    def end(self):
        with self.changed:
            self.over = True
            self.changed.notify_all()

    def poll(self, timeout=0.0):
        with self.changed:
            if not self.answers and not self.over:
                self.changed.wait(timeout)
            if self.over and not self.answers:
                # Ends the SDK's reading thread, which otherwise asks again for ever.
                raise SystemExit
            return bool(self.answers)

    def recv(self):
        with self.changed:
            return self.answers.popleft()

    def close(self):
        self.end()


class Execution:
    """One execution: what the SDK says becomes lines, and what is answered becomes its messages."""

    def __init__(self, line, params, failed):
        import coflux
        import coflux.blobs
        import coflux.execution
        import coflux.loader

        self.line = line
        # Called with what the body raised.
        self.failed = failed
        self.sdk = coflux.execution
        self.params = params
        line.about = {"execution_id": params["execution_id"]}
        self.numbers = Numbers()
        self.blobs = Blobs(line)
        parameters = inspect.signature(self.sdk._execute).parameters
        self.is_old = "blob_url_format" in parameters
        self.blobs.as_bytes = self.is_old
        self.values = (OldValues if self.is_old else NewValues)(self.blobs, self.numbers)
        store = store_of(self.blobs)
        setattr(coflux.blobs, "Store" if self.is_old else "Manager", store)
        self.connection = Connection(self.hear)
        # How it ended: the line's method and parameters.
        self.outcome = None
        # How many positional checkpoints there were.
        self.checkpoints = len(params.get("checkpoints") or {})
        self.calling = threading.local()
        self.keys = Keys(self) if hasattr(self.sdk, "_build_key") else None

    def run(self):
        from coflux import loader

        params = self.params
        load, loaded = loader.load_module, {}

        def load_once(name):
            # A module that is named by its file would be run again each time.
            if name not in loaded:
                loaded[name] = load(name)
            return loaded[name]

        loader.load_module = load_once
        try:
            module = load_once(params["module"])
            self.check(module)
            arguments = [self.values.tell(value) for value in self.arguments()]
            number = self.numbers.learn(["execution", params["execution_id"]], params.get("number"))
            self.sdk._execute(params["module"], params["target"], arguments, number, *self.settings(), self.connection)
            if not self.outcome:
                self.fail("KeyboardInterrupt", "the body was interrupted", [])
        except SystemExit as error:
            text = f"the body called sys.exit({'' if error.code is None else repr(error.code)}), so it has no result"
            self.fail_with(error, text)
        except BaseException as error:
            self.fail_with(error)
        finally:
            self.connection.end()
            # What was printed last is told by the SDK only after the outcome, which ends everything.
            method, params = self.outcome
            self.line.ended = True
            self.line.notify(method, **self.line.about, **params)

    def check(self, module):
        name = f"{self.params['module']}:{self.params['target']}"
        found = getattr(module, self.params["target"], None)
        if found is None:
            raise ValueError(f"there is no target {name}: its module has no such attribute")
        if target_of(found) is None:
            raise ValueError(f"{name} is no target of this project: it is not declared as one, or a stub")

    def arguments(self):
        """A step that has a checkpoint goes on with the arguments kept there."""
        kept = self.params.get("checkpoints") or {}
        if not kept:
            return self.params["arguments"]
        return [kept[name] for name in sorted(kept, key=int)]

    def settings(self):
        if self.is_old:
            return ["hindcast:{key}"]
        import coflux.config

        config = coflux.config.Config()
        with contextlib.suppress(Exception):
            config = coflux.config.Config.model_validate(configured())
        return [config.serialisers, config.blobs.threshold, config.blobs.stores, "hindcast"]

    # What the SDK says.

    def hear(self, message):
        match message:
            case ("notify", what) if type(message) is tuple:
                self.told(what, None)
            case ("request", id, what) if type(message) is tuple:
                self.told(what, id)
            case what:
                self.told(what, None)

    def told(self, message, id):
        handler = getattr(self, type(message).__name__, None)
        if handler is None:
            raise RuntimeError(f"Hindcast does not know what {type(message).__name__} of this SDK means")
        handler(message._asdict(), id)

    def reply(self, method, params, answered, refused):
        """Sends a request whose answer becomes a message of the SDK's."""

        def then(result, error):
            try:
                message = refused(error) if error else answered(result)
            except Exception as problem:
                message = refused(f"{type(problem).__name__}: {problem}")
            self.connection.answer(message)

        self.line.request(method, {**self.line.about, **params}, then)

    def respond(self, method, params, id, read, old=None):
        """As above, in the form of 0.3 and later, or that of 0.2: two message types and a key."""
        if old is None:
            answered = lambda result: ("success_result", (id, read(result)))
            refused = lambda error: ("error_result", (id, error))
        else:
            good, bad, key = old
            good, bad = getattr(self.sdk, good), getattr(self.sdk, bad)
            answered = lambda result: good(key, *as_tuple(read(result)))
            refused = lambda error: bad(key, error)
        self.reply(method, params, answered, refused)

    def ExecutingNotification(self, _, __):
        pass

    def RecordResultRequest(self, message, _):
        self.end("execution_result", result=self.values.take(message["value"]))

    def RecordErrorRequest(self, message, _):
        error = message["error"] if "error" in message else message
        type_, text, frames = error if isinstance(error, tuple) else (error["type"], error["message"], error["frames"])
        # The SDK says so while it handles it.
        if sys.exc_info()[1] is not None:
            self.failed(sys.exc_info()[1])
        self.fail(type_, text, frames)

    def end(self, method, **params):
        self.outcome = self.outcome or (method, params)

    def fail(self, type_, text, frames):
        own = [frame for frame in frames if not is_own(frame[0])]
        lines = ["Traceback (most recent call last):"]
        for file, number, name, code in own:
            lines.append(f'  File "{file}", line {number}, in {name}')
            if code:
                lines.append(f"    {code}")
        trace = "\n".join(lines) if len(lines) > 1 else ""
        self.end("execution_error", error={"type": type_, "message": str(text), "traceback": trace})

    def fail_with(self, error, text=None):
        self.failed(error)
        frames = [(f.filename, f.lineno or 0, f.name, f.line) for f in traceback.extract_tb(error.__traceback__)]
        kind = type(error)
        name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
        self.fail(name, str(error) if text is None else text, frames)

    def ScheduleExecutionRequest(self, message, id):
        """0.2 and 0.3: keys are made here."""
        type_ = message.get("type") or kind_of(message["repository"], message["target"])
        keys = {name: message[f"{name}_key"] for name in ("memo", "cache", "defer") if message[f"{name}_key"]}
        params = self.call(message, type_, message["repository"], message["wait"])
        settings = getattr(self.calling, "settings", None)
        params["keys"] = {**keys, "by_function": callable(settings and settings[2].get("memo"))}
        if "cache" in keys:
            age = message["cache_max_age"]
            params["cache"] = {"params": True} | ({} if age is None else {"max_age_ms": age * 1000})
        if "defer" in keys:
            params["defer"] = {"params": True}
        if "memo" in keys:
            params["memo"] = True
        if message["retry_count"]:
            params["retries"] = retries(message["retry_count"], message["retry_delay_min"], message["retry_delay_max"])
        old = None
        if "schedule_id" in message:
            old = ("ExecutionScheduledResponse", "ScheduleExecutionFailedResponse", message["schedule_id"])

        # Answered with calls whose keys are wanted, it makes them, and calls again.
        def then(result, error):
            if error or "keys_wanted" not in result:
                return called(result, error)
            # Not in the reading thread: a function may take its time.
            threading.Thread(target=again, args=(result,), daemon=True).start()

        def again(result):
            params["recorded"] = self.keys.of_recorded(result, settings)
            self.line.request("submit_execution", {**self.line.about, **params}, then)

        def called(result, error):
            try:
                if error:
                    raise RuntimeError(error)
                number = self.submitted(result)
            except Exception as problem:
                text = str(problem)
                bad = ("error_result", (id, text)) if old is None else getattr(self.sdk, old[1])(old[2], text)
                return self.connection.answer(bad)
            good = ("success_result", (id, number)) if old is None else getattr(self.sdk, old[0])(old[2], number)
            self.connection.answer(good)

        self.line.request("submit_execution", {**self.line.about, **params}, then)

    def SubmitExecutionRequest(self, message, id):
        """0.4 to 0.8: keys are made by the server."""
        module = message["module"] if "module" in message else message["repository"]
        params = self.call(message, message["type"], module, message["wait_for"])
        if message.get("group_id") is not None:
            params["group_id"] = message["group_id"]
        cache, defer, tried = message["cache"], message["defer"], message["retries"]
        if cache:
            params["cache"] = {"params": cache.params, "namespace": cache.namespace, "version": cache.version}
            if cache.max_age is not None:
                # Until 0.5 seconds, then milliseconds: with `module` the name of the field changed too.
                params["cache"]["max_age_ms"] = cache.max_age * (1 if "module" in message else 1000)
        if defer:
            params["defer"] = {"params": defer.params}
        if message["memo"] is not False and message["memo"] is not None:
            params["memo"] = message["memo"]
        if tried:
            params["retries"] = retries(tried.limit, tried.delay_min, tried.delay_max)
        if message["requires"]:
            params["requires"] = message["requires"]
        self.respond("submit_execution", params, id, self.submitted)

    def call(self, message, type_, module, wait_for):
        params = {
            "module": module,
            "target": message["target"],
            "type": type_,
            "arguments": [self.values.take(value) for value in message["arguments"]],
        }
        if wait_for:
            params["wait_for"] = sorted(wait_for)
        after = message["execute_after"]
        if after is not None:
            delay = (after - dt.datetime.now(after.tzinfo)).total_seconds() * 1000
            if delay > 0:
                params["delay"] = math.ceil(delay)
        return params

    def submitted(self, result):
        slots = ["execution", result["execution_id"], result.get("module"), result.get("target")]
        return self.numbers.learn(slots, result.get("number"))

    def ResolveReferenceRequest(self, message, id):
        name = self.numbers.name("execution", message["execution_id"])
        params = {"handles": [{"type": "execution", "id": name}], "suspend": True}
        if message.get("timeout") is not None:
            params["timeout_ms"] = message["timeout"] * 1000
        if id is None:
            old = ("ResultResolvedResponse", "ResolveResultFailedResponse", message["execution_id"])
            # A result is a tuple itself, and one field of that response.
            self.respond("select", params, id, lambda result: (self.result(result),), old)
        else:
            self.respond("select", params, id, self.result)

    def result(self, result):
        if result is None:
            # The engine ends the process of an execution that it suspends.
            return ("suspended",)
        status = result["status"]
        if status == "ok":
            return ("value", self.values.tell(result["value"]))
        if status == "error":
            return ("error", result["error"]["type"], result["error"]["message"])
        if status in ("cancelled", "abandoned"):
            return (status,)
        if status == "crashed":
            return ("abandoned",)
        return ("error", f"coflux.Execution{status.capitalize()}", f"the execution ended with {status}")

    def PersistAssetRequest(self, message, id):
        line = self.line

        def keep():
            # Requests of its own come first, which the reading thread must be free to answer.
            try:
                entries, name = self.files(message)
                params = {"entries": entries, "metadata": {"name": name}}
                result = line.ask("persist_asset", {**line.about, **params})
                reference = result["reference"]
                number = self.numbers.learn(reference[:5], result.get("number"))
            except Exception as problem:
                return self.connection.answer(refused(str(problem)))
            self.connection.answer(answered(number))

        if id is None:
            key = message["persist_id"]
            answered = lambda number: self.sdk.AssetPersistedResponse(key, number)
            refused = lambda error: self.sdk.PersistAssetFailedResponse(key, error)
        else:
            answered = lambda number: ("success_result", (id, number))
            refused = lambda error: ("error_result", (id, error))
        threading.Thread(target=keep, daemon=True).start()

    def files(self, message):
        if "entries" in message:
            entries = {path: self.file(*entry) for path, entry in message["entries"].items()}
            return entries, message["name"]
        metadata = {key: value for key, value in message["metadata"].items() if value is not None}
        size = message.get("size", metadata.pop("size", None))
        if message["type"] == 1:
            metadata = {**metadata, **ARCHIVE}
            if "size" in message:
                metadata["totalSize"] = size
            size = None
        return {message["path"]: self.file(message["blob_key"], size, metadata)}, None

    def file(self, key, size, metadata):
        path = self.blobs.paths.get(key)
        if path is not None:
            self.line.ask("upload_blob", {**self.line.about, "source_path": path})
            size = os.path.getsize(path)
        return [key, size, {k: v for k, v in dict(metadata).items() if v is not None}]

    def GetAssetRequest(self, message, id):
        """0.8: the listing itself."""
        self.asset(message, id, lambda result: {path: tuple(entry) for path, entry in result["entries"].items()})

    def ResolveAssetRequest(self, message, id):
        """Until 0.7: one file, or a folder as an archive."""

        def read(result):
            entries = result["entries"]
            if len(entries) != 1:
                raise ValueError(f"the asset has {len(entries)} files, which this SDK cannot have")
            ((path, (key, _, metadata)),) = entries.items()
            return ((metadata or {}).get("legacy", {}).get("type", 0), path, key)

        self.asset(message, id, read)

    def asset(self, message, id, read):
        params = {"asset_id": self.numbers.name("asset", message["asset_id"])}
        old = ("AssetResolvedResponse", "ResolveAssetFailedResponse", message["asset_id"]) if id is None else None
        self.respond("get_asset", params, id, read, old)

    def SuspendRequest(self, message, _):
        """The SDK goes on after it; the process must not."""
        waiting = message.get("execution_ids") or []
        done, problem = threading.Event(), []

        def then(_, error):
            if not error:
                self.line.ended = True
                self.line.out.flush()
                os._exit(0)
            problem.append(error)
            done.set()

        if waiting and message["execute_after"] is None:
            handles = [{"type": "execution", "id": self.numbers.name("execution", id)} for id in waiting]
            params = {"handles": handles, "suspend": True, "timeout_ms": 0}
            # One that has ended meanwhile: the next attempt has its result at once.
            then_select = lambda result, error: then(result, error) if result is None or error else suspend()
            self.line.request("select", {**self.line.about, **params}, then_select)
        else:
            self.line.request("suspend", {**self.line.about, **self.until(message)}, then)

        def suspend():
            self.line.request("suspend", dict(self.line.about), then)

        done.wait()
        raise RuntimeError(problem[0])

    def until(self, message):
        after = message["execute_after"]
        return {} if after is None else {"execute_after": math.ceil(after.timestamp() * 1000)}

    def CancelExecutionRequest(self, message, _):
        handles = [{"type": "execution", "id": self.numbers.name("execution", message["execution_id"])}]
        self.line.request("cancel", {**self.line.about, "handles": handles}, lambda *_: None)

    def RegisterGroupRequest(self, message, _):
        self.line.notify("register_group", **self.line.about, group_id=message["group_id"], name=message["name"])

    def RecordCheckpointRequest(self, message, _):
        values = [self.values.take(value) for value in message["arguments"]]
        kept, self.checkpoints = self.checkpoints, len(values)
        names = {str(index): value for index, value in enumerate(values)}
        reset = [str(index) for index in range(len(values), kept)]
        self.line.notify("checkpoint_update", **self.line.about, set=names, reset=reset)

    def LogMessageRequest(self, message, _):
        if "values" in message:
            values = {key: self.values.take(value) for key, value in message["values"].items()}
        else:
            values = {key: self.values.give(plain(value), []) for key, value in message["labels"].items()}
        template = message["template"]
        template = template if template is None else str(template)
        about = self.line.about
        self.line.notify("log", **about, level=message["level"], template=template, **({"values": values} if values else {}))


class Keys:
    """Keys of recorded calls, made by the SDK with what the call at hand is declared with."""

    def __init__(self, execution):
        self.execution = execution
        sdk = execution.sdk
        channel = sdk.Channel
        schedule = channel.schedule_execution
        calling = execution.calling

        def remembering(self_, *args, **options):
            # Type, repository, target, arguments; 0.2 has no type.
            repository, target = args[-3:-1]
            calling.settings = (repository, target, options)
            try:
                return schedule(self_, *args, **options)
            finally:
                calling.settings = None

        channel.schedule_execution = remembering

    def of_recorded(self, wanted, settings):
        known = wanted.get("results") or {}
        if settings is None:
            problem = {"problem": "the call was not made through its target"}
            return {call["step"]: problem for call in wanted["keys_wanted"]}
        return {call["step"]: self.of_call(call, known, settings) for call in wanted["keys_wanted"]}

    def of_call(self, call, known, settings):
        """The keys of one call; what its function raised, if it did."""
        repository, target, options = settings
        sdk, values = self.execution.sdk, self.execution.values
        own = f"{repository}:{target}"
        if "arguments" not in call:
            return {"problem": call["problem"]}
        try:
            channel = Recorded(self.execution, known)
            arguments = tuple(
                sdk._deserialise_value(values.tell(value), channel, f"argument {index}")
                for index, value in enumerate(call["arguments"])
            )
            from coflux import serialisation

            extra = [channel.directory] if "execution_dir" in inspect.signature(serialisation.serialise).parameters else []
            serialised = [serialisation.serialise(value, channel.blob_store, *extra) for value in arguments]
        except Exception as problem:
            return {"problem": f"{type(problem).__name__}: {problem}"}
        keys = {}
        makers = {
            "memo": lambda: sdk._build_key(options.get("memo", False), arguments, serialised, own),
            "cache": lambda: sdk._parse_cache(
                options.get("cache", False),
                options.get("cache_key"),
                options.get("cache_namespace") or own,
                arguments,
                serialised,
            )[0],
        }
        for name, make in makers.items():
            try:
                key = make()
            except Exception as problem:
                keys["problem"] = f"{type(problem).__name__}: {problem}"
                continue
            if key is not None:
                keys[name] = key
        return keys


class Recorded:
    """Stands for a channel: what handles in recorded arguments lead to is what was recorded."""

    def __init__(self, execution, known):
        self.execution = execution
        self.known = known
        from coflux import blobs

        self.blob_store = blobs.Store("")
        self.directory = os.getcwd()

    def resolve_reference(self, number):
        execution = self.execution
        name = execution.numbers.name("execution", number)
        if name not in self.known:
            raise RuntimeError(f"{name} has no result that was recorded")
        result = execution.result(self.known[name])
        parameters = inspect.signature(execution.sdk._deserialise_result).parameters
        extra = [self.blob_store] if "blob_store" in parameters else []
        return execution.sdk._deserialise_result(result, *extra, self, "reference")


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


def retries(limit, low, high):
    return {"limit": limit, "backoff_min_ms": low * 1000, "backoff_max_ms": high * 1000}


def is_own(file):
    """Whether a frame is the SDK's, or ours."""
    return file == "<hindcast bridge>" or os.path.dirname(file) == os.path.dirname(sys.modules["coflux"].__file__)


def configured():
    """What the project's coflux.toml (0.7, 0.8) or coflux.yaml (0.5) says of serialisers and blobs."""
    if os.path.isfile("coflux.toml"):
        try:
            import tomllib
        except ImportError:
            import tomlkit as tomllib
        with open("coflux.toml", "rb") as file:
            found = tomllib.load(file)
    elif os.path.isfile("coflux.yaml"):
        import yaml

        with open("coflux.yaml") as file:
            found = yaml.safe_load(file) or {}
    else:
        return {}
    return {name: found[name] for name in ("serialisers", "blobs") if name in found}


# What modules declare.


def target_of(found):
    """A target's own name and type, and its function; none for a stub, or what is no target."""
    old = getattr(found, "_coflux_target", None)
    if isinstance(old, tuple):
        name, (type_, fn) = old
        return name, type_, fn
    if not hasattr(found, "fn") or not hasattr(found, "name"):
        return None
    definition = getattr(found, "definition", None)
    if getattr(definition or found, "is_stub", False):
        return None
    return found.name, (definition or found).type, found.fn


def kind_of(repository, target):
    """0.2 does not say whether a call is a workflow's; its module does."""
    try:
        from coflux import loader

        module = sys.modules.get(repository) or loader.load_module(repository)
        found = target_of(getattr(module, target))
    except Exception:
        return "task"
    return found[1] if found else "task"


def declared(module_name, found):
    name, type_, fn = target_of(found)
    definition = getattr(found, "definition", None)
    target = {"module": module_name, "name": name, "type": type_}
    if definition is not None:
        target["parameters"] = [parameter._asdict() for parameter in definition.parameters]
        target["wait_for"] = sorted(definition.wait_for)
        target["delay"] = definition.delay * 1000
        if definition.retries:
            tried = definition.retries
            target["retries"] = retries(tried.limit, tried.delay_min, tried.delay_max)
        if definition.requires:
            target["requires"] = definition.requires
        if definition.memo:
            target["memo"] = definition.memo
        return target
    target["parameters"] = [parameter_of(parameter) for parameter in inspect.signature(fn).parameters.values()]
    return target


def parameter_of(parameter):
    empty = inspect.Parameter.empty
    default = None
    if parameter.default is not empty:
        with contextlib.suppress(TypeError, ValueError):
            default = dumps(parameter.default)
    annotation = parameter.annotation
    annotation = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    annotation = None if parameter.annotation is empty else annotation
    return {"name": parameter.name, "annotation": annotation, "default": default}


def discover(modules):
    from coflux import loader

    out, sys.stdout = sys.stdout, sys.stderr
    targets = []
    for name in modules:
        module = loader.load_module(name)
        for found in vars(module).values():
            target = target_of(found)
            # Sensors need what only the server does.
            if target and target[1] in ("task", "workflow") and getattr(target[2], "__module__", name) == module.__name__:
                targets.append(declared(name, found))
    out.write(dumps({"targets": targets}) + "\n")
    out.flush()


def execute(source, failed):
    line = Line(source)
    line.notify("ready", version="bridge", sdk=importlib.metadata.version("coflux"))
    first = line.read()
    if first is None:
        return
    line.about = {"execution_id": first["params"]["execution_id"]}
    threading.Thread(target=line.listen, daemon=True).start()
    before = set(threading.enumerate())
    try:
        execution = Execution(line, first["params"], failed)
    except Exception as error:
        text = f"the SDK is not one that Hindcast can bridge to: {type(error).__name__}: {error}"
        line.notify("execution_error", **line.about, error={"type": "hindcast.UnknownSdk", "message": text, "traceback": ""})
        return
    execution.run()
    linger(before)


def linger(before):
    """What the body left running may end, within limits, as it might in the agent's process."""
    end = dt.datetime.now() + dt.timedelta(seconds=LINGER)
    for thread in threading.enumerate():
        if thread not in before and not thread.daemon and thread is not threading.current_thread():
            thread.join(max(0.0, (end - dt.datetime.now()).total_seconds()))
    sys.stdout.flush()
    sys.stderr.flush()
    if any(t for t in threading.enumerate() if t not in before and not t.daemon and t is not threading.current_thread()):
        os._exit(0)


def is_old():
    """Whether the installed SDK is one of these. One that is no distribution is taken for the newest."""
    try:
        numbers = importlib.metadata.version("coflux").split(".")
        return (int(numbers[0]), int(numbers[1])) < (0, 9)
    except (importlib.metadata.PackageNotFoundError, ValueError, IndexError):
        return False


def prepare():
    if is_old():
        import coflux.execution  # noqa: F401


def main(execution, options, words):
    verb, *rest = words
    if options.get("unsure") and not is_old():
        execution.main_of("sdk")
    elif verb == "discover":
        discover(rest)
    else:
        execute(execution.take_input(), execution.failed)
