"""Between psycopg and a real PostgreSQL server: a socket that cuts the connection at a step that a test names.

Every message of the client has a text: a statement has its SQL, `CopyData 3 of COPY …` is the third piece of a COPY's
data and `CopyDone of COPY …` its end. A fault is armed with a pattern for such a text and strikes once:

    before   both sides are cut before the message reaches the server: not persisted
    after    the server does it, its answer is swallowed and both sides are cut: done, but reported failed
    killed   the server's process for this connection is terminated, then gets the message
"""

import re
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

When = Literal["before", "after", "killed"]

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
CANCEL_REQUEST = 80877102
WAIT_SECONDS = 30


@dataclass
class Fault:
    """What is to fail, and how; `number` counts the messages that fit until the one that is struck."""

    pattern: re.Pattern[str]
    when: When
    number: int = 1
    then: Callable[[], object] = lambda: None
    struck: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)


class PostgresProxy:
    """Listens in a folder and passes on to a server; at most one fault is armed."""

    def __init__(self, server: Any, folder: Path) -> None:
        self._upstream = conninfo_to_dict(server.url)
        self._server = server
        self._folder = folder
        self._lock = threading.Lock()
        self._fault: Fault | None = None
        self.seen: list[str] = []
        self._sessions: list[_Session] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def new_url(self) -> str:
        """Make an empty database and return its address by way of this proxy."""
        return self.address(self._server.new_database())

    def direct(self, url: str) -> str:
        """Return the address of the same database without this proxy."""
        direct: str = self._server.address(urlsplit(url).path[1:])
        return direct

    def address(self, url: str) -> str:
        """Return the address of a database by way of this proxy."""
        parts = urlsplit(url)
        user = parts.netloc.rpartition("@")[0]
        return urlunsplit((parts.scheme, f"{user}@" if user else "", parts.path, f"host={self._folder}", ""))

    @contextmanager
    def armed(
        self, pattern: str, when: When, number: int = 1, then: Callable[[], object] = lambda: None
    ) -> Iterator[Fault]:
        """Let the `number`th message that the pattern fits fail, and call `then` as it does; it must come."""
        fault = Fault(re.compile(pattern), when, number, then)
        self.seen.clear()
        with self._lock:
            self._fault = fault
        try:
            yield fault
        finally:
            with self._lock:
                self._fault = None
        assert fault.struck, f"nothing came that fits {pattern}: {self.seen}"
        assert fault.done.wait(WAIT_SECONDS), f"the server never did {fault.struck}"

    def close(self) -> None:
        """Cut every connection and stop listening."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for session in self._sessions:
            session.cut()

    def take(self, text: str) -> Fault | None:
        """Return the armed fault when this message is the one that it strikes, and disarm it."""
        with self._lock:
            self.seen.append(text)
            fault = self._fault
            if fault is None or not fault.pattern.search(text):
                return None
            fault.number -= 1
            if fault.number:
                return None
            self._fault = None
            fault.struck.append(text)
            return fault

    def terminate(self, pid: int) -> None:
        """End a process of the server, and wait until it is gone."""
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(%s, %s)", (pid, WAIT_SECONDS * 1_000))

    def connected(self) -> socket.socket:
        """Return a new socket to the server."""
        host, port = str(self._upstream.get("host", "")), int(self._upstream.get("port", 5432) or 5432)
        if host.startswith("/"):
            upstream = socket.socket(socket.AF_UNIX)
            upstream.connect(f"{host}/.s.PGSQL.{port}")
            return upstream
        return socket.create_connection((host or "127.0.0.1", port))

    # Private

    def _accept(self) -> None:
        while True:
            try:
                client = self._listening.accept()[0]
            except OSError:
                return
            try:
                server = self.connected()
            except OSError:
                client.close()
                continue
            session = _Session(self, client, server)
            self._sessions.append(session)
            session.start()


class _Session:
    """One connection of a client: two threads, each passes on one direction message by message."""

    def __init__(self, proxy: PostgresProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._statements: dict[bytes, str] = {}
        self._portals: dict[bytes, str] = {}
        self._expected: deque[list[Any]] = deque()  # kind of request, text, fault that strikes with its answer
        self._at_sync: Fault | None = None
        self._status = b"I"  # of the transaction: idle until there is one
        self._copied = 0
        self._pid = 0

    def start(self) -> None:
        for direction in (self._from_client, self._from_server):
            threading.Thread(target=self._run, args=(direction,), daemon=True).start()

    def cut(self) -> None:
        for one in (self._client, self._server):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    # Private

    def _run(self, direction: Callable[[], None]) -> None:
        try:
            direction()
        except (OSError, EOFError):
            pass
        finally:
            self.cut()

    def _from_client(self) -> None:
        reading = self._client.makefile("rb")
        while True:
            start = _read(reading, 8)
            length, code = struct.unpack("!ii", start)
            if code not in (SSL_REQUEST, GSS_REQUEST):
                break
            self._client.sendall(b"N")
        self._server.sendall(start + _read(reading, length - 8))
        while code != CANCEL_REQUEST:
            kind, body = _message(reading)
            fault = self._fault_of(kind, body)
            if fault is not None and fault.when == "before":
                self._strike(fault)
                return
            self._server.sendall(_packed(kind, body))
            if fault is not None:
                self._wait_until_done(kind, fault)
                return

    def _fault_of(self, kind: bytes, body: bytes) -> Fault | None:
        """Note what a message of the client asks for; return the fault that ends the connection with it."""
        text = self._text(kind, body)
        fault = None if text is None else self._proxy.take(text)
        if fault is not None and fault.when == "killed":
            self._proxy.terminate(self._pid)
            self._strike(fault)
            fault = None
        if fault is not None and fault.when == "before":
            return fault
        if kind == b"E" and fault is not None and self._status == b"I":  # it is done when it is committed
            self._at_sync, fault = fault, None
        elif kind == b"S":
            fault, self._at_sync = self._at_sync, None
        if kind in (b"Q", b"E", b"S"):
            self._expected.append([kind, text, fault])
        elif kind == b"c" and fault is not None:
            self._expected[0][2] = fault  # it is the COPY that is answered
        return fault

    def _wait_until_done(self, kind: bytes, fault: Fault) -> None:
        """Let the server do it and nothing that the client sent after it, such as the rest of a pipeline."""
        if kind == b"d":  # which has no answer
            self._strike(fault)
        elif kind == b"E":
            self._server.sendall(_packed(b"H", b""))  # answers wait for the end of a pipeline otherwise
        fault.done.wait(WAIT_SECONDS)

    def _text(self, kind: bytes, body: bytes) -> str | None:
        if kind == b"Q":
            return body[:-1].decode()
        if kind == b"P":
            name, query = body.split(b"\0")[:2]
            self._statements[name] = query.decode()
        elif kind == b"B":
            portal, name = body.split(b"\0")[:2]
            self._portals[portal] = self._statements.get(name, "")
        elif kind == b"E":
            return self._portals.get(body.split(b"\0")[0], "")
        elif kind == b"d":
            self._copied += 1
            return f"CopyData {self._copied} of {self._copying()}"
        elif kind == b"c":
            return f"CopyDone of {self._copying()}"
        return None

    def _copying(self) -> str:
        return str(self._expected[0][1]) if self._expected else ""

    def _from_server(self) -> None:
        reading = self._server.makefile("rb")
        while True:
            kind, body = _message(reading)
            if kind == b"K":
                self._pid = struct.unpack("!i", body[:4])[0]
            if kind == b"Z":
                self._status = body
            fault = self._answered(kind)
            if fault is not None:
                self._strike(fault)
                return
            self._client.sendall(_packed(kind, body))

    def _answered(self, kind: bytes) -> Fault | None:
        """Return the fault that strikes with this answer, the last one of what it waits for."""
        if not self._expected:
            return None
        if kind == b"G":  # a COPY has begun
            begun: Fault | None = self._expected[0][2]
            self._copied, self._expected[0][2] = 0, None
            return begun
        if kind in (b"C", b"I", b"s") and self._expected[0][0] == b"E":
            fault: Fault | None = self._expected.popleft()[2]
            return fault
        if kind == b"Z":  # what an error made the server skip has no answer of its own
            while self._expected:
                asked, _, fault = self._expected.popleft()
                if fault is not None:
                    return fault
                if asked in (b"Q", b"S"):
                    break
        return None

    def _strike(self, fault: Fault) -> None:
        fault.then()
        fault.done.set()


# Private


def _message(reading: Any) -> tuple[bytes, bytes]:
    kind = _read(reading, 1)
    return kind, _read(reading, struct.unpack("!i", _read(reading, 4))[0] - 4)


def _packed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _read(reading: Any, size: int) -> bytes:
    found: bytes = reading.read(size)
    if len(found) < size:
        raise EOFError
    return found
