"""Several processes that verify one log: each opens the store for itself, and all of them see one moment of it.

    crew                                     each other process
    starts them                              opens the store and the keys
    begins an inspection, says its moment    begins one of the same moment, and says so
    asks whether all see the same            (if not, both end their inspections and begin again)
    writes the numbers of all parts          takes the next number, reads that part, hands it over, and so on
    does the same, adds up what comes

The parts are those of `audit.part`. Nothing is forked: whoever calls may hold connections and threads. What opens
the keys goes through the pipe by which a process is started, never through its command line or environment.
"""

import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Any, NoReturn, Self

from audit.errors import CouldNotCheck
from audit.part import Part, PartRead, Sum
from ledger.errors import LedgerError
from ledger.keystore import KeyPlace, KeyStore
from ledger.store import Inspection, Store
from ledger.stores import open_store
from ledger.tiles import TILE_WIDTH

MOMENTS_MAX = 20  # attempts to see one moment, beside others who write
PART_ENTRIES_MIN = 32_768
PARTS_EACH = 16  # so that nobody waits long for the last one
HEAR_SECONDS = 0.02
TELL_SECONDS = 0.1
_NUMBER_BYTES = 4


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be read: the bounds of all parts, and the sizes at which roots are wanted."""

    bounds: Sequence[tuple[int, int]]
    wanted_sizes: Sequence[int]
    express: bool

    def read(
        self, number: int, log: Inspection, keys: KeyStore | None, on_progress: Callable[[int], None]
    ) -> PartRead | None:
        """Read one part; report the number of its entries read so far."""
        first = self.bounds[number][0]
        last = number == len(self.bounds) - 1
        part = Part(log, keys, self.bounds[number], last=last, express=self.express)
        return part.taken(self.wanted_sizes, lambda size, _total: on_progress(size - first))


def bounds_of(size: int, jobs: int) -> list[tuple[int, int]]:
    """Return the bounds of the parts of a log; each but the last ends with a full tile."""
    wanted = max(PART_ENTRIES_MIN, size // (jobs * PARTS_EACH))
    step = -(-wanted // TILE_WIDTH) * TILE_WIDTH
    return [(first, min(first + step, size)) for first in range(0, size, step)]


def is_worth_a_crew(store: Store) -> bool:
    """Say whether a log is so long that starting further processes gains anything."""
    with suppress(LedgerError):
        size: object = store.head().size
        return isinstance(size, int) and size > 2 * PART_ENTRIES_MIN
    return False


class Crew:
    """The processes beside this one; they are there until the context ends."""

    def __init__(self, store: Store, keys: KeyStore | None, jobs: int) -> None:
        self.jobs = jobs
        self._store = store
        self._keys = keys
        self._members: dict[Connection, SpawnProcess] = {}
        self._numbers, self._numbers_in = os.pipe()
        self._task = Task((), (), express=True)
        self._sum = Sum()
        self._parts: dict[int, PartRead] = {}
        self._added = 0  # of the parts
        self._spoiled = False  # something is wrong, or may be: what the parts say is of no use
        self._seen: dict[int, int] = {}  # entries of each part

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        place = self._keys.place if self._keys else None
        numbers = Connection(os.dup(self._numbers), writable=False)  # which knows how to reach another process
        for _ in range(self.jobs - 1):
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(theirs, numbers, self._store.url, place), daemon=True)
            process.start()
            theirs.close()
            self._members[ours] = process
        numbers.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._numbers)
        if self._numbers_in >= 0:
            os.close(self._numbers_in)
        self._dismiss()

    @contextmanager
    def inspection(self) -> Iterator[Inspection | None]:
        """Return a reader of one moment that all processes see; None where that cannot be brought about."""
        for _ in range(MOMENTS_MAX):
            with ExitStack() as stack:
                unchanged = stack.enter_context(self._store.watched())
                log = stack.enter_context(self._store.inspection())
                self._tell(log.moment)
                answers = [self._received(connection) for connection in self._members]
                if any(answer != _BEGUN for answer in answers):
                    break  # one of them failed: whoever reads alone will find out how
                if unchanged():
                    yield log
                    return
            self._tell(None)
        yield None

    def begin(self, task: Task) -> None:
        """Let the others begin to read."""
        self._task = task
        self._tell(task)
        numbers = b"".join(number.to_bytes(_NUMBER_BYTES, "big") for number in range(len(task.bounds)))
        os.write(self._numbers_in, numbers)
        os.close(self._numbers_in)
        self._numbers_in = -1

    def read(self, log: Inspection, on_progress: Callable[[int, int], None]) -> Sum | None:
        """Read parts too, and return what all come to; None when anything is wrong in the log.

        Raises CouldNotCheck when one of the processes ended before its work did.
        """
        if not self._task.bounds:
            return None
        total = self._task.bounds[-1][1]
        pace = Pace(HEAR_SECONDS)

        def show(number: int, done: int) -> None:
            self._seen[number] = done
            if pace.is_due():
                self._hear(0)
            on_progress(sum(self._seen.values()), total)

        for number in taken_numbers(self._numbers):
            if not self._spoiled:
                self._take(number, self._task.read(number, log, self._keys, partial(show, number)))
        while self._sum.size < total and not self._spoiled:
            self._hear(None)
            on_progress(sum(self._seen.values()), total)
        if self._spoiled:
            self._dismiss()
            return None
        return self._sum

    # Private

    def _dismiss(self) -> None:
        for connection, process in self._members.items():
            connection.close()
            process.terminate()
        for process in self._members.values():
            process.join()

    def _tell(self, what: object) -> None:
        for connection in self._members:
            try:
                connection.send(what)
            except OSError:
                self._mourn(connection)

    def _hear(self, seconds: float | None) -> None:
        """Take what the others have to say; wait until somebody has when `seconds` is None."""
        for connection in wait(list(self._members), seconds):
            assert isinstance(connection, Connection)
            match self._received(connection):
                case int(number), int(done):
                    self._seen[number] = done
                case int(number), part:
                    self._take(number, part)
                case _:
                    self._spoiled = True  # it failed

    def _received(self, connection: Connection) -> Any:
        try:
            return connection.recv()
        except (EOFError, OSError):
            self._mourn(connection)

    def _mourn(self, connection: Connection) -> NoReturn:
        process = self._members[connection]
        process.join(1)
        code = process.exitcode
        end = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        mend = "run it again; with fewer --jobs if memory was short"
        raise CouldNotCheck(
            f"the log in {self.jobs} processes", "each of them to do its part", f"one ended, {end}", mend
        )

    def _take(self, number: int, part: PartRead | None) -> None:
        """Keep a part until those before it are there, and add up what is complete."""
        if part is None:
            self._spoiled = True
            return
        self._parts[number] = part
        while not self._spoiled and (following := self._parts.pop(self._added, None)) is not None:
            self._spoiled = not self._sum.add(following)
            self._added += 1


class Pace:
    """Says now and then that it is time to say something."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._due = 0.0

    def is_due(self) -> bool:
        """Say whether so many seconds have passed since the last time this was so."""
        now = time.monotonic()
        if now < self._due:
            return False
        self._due = now + self._seconds
        return True


class Outbox:
    """Hands over what is put in, in order, while the reading goes on: whoever is to hear it may be busy for long."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._send_all, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting.put(_ENOUGH)
        self._thread.join()

    def put(self, what: object) -> None:
        """Leave something to be handed over; raises EOFError when there is nobody left to hear of it."""
        if not self._thread.is_alive():
            raise EOFError
        self._waiting.put(what)

    # Private

    def _send_all(self) -> None:
        with suppress(OSError):
            while (what := self._waiting.get()) is not _ENOUGH:
                self._connection.send(what)


def work(connection: Connection, numbers: Connection, url: str, place: KeyPlace | None) -> None:
    """Do what each of the other processes does, until there is nobody left to hear of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began the work ends it
    with suppress(EOFError, OSError):
        try:
            with open_store(url, read_only=True) as store, _opened(place) as keys:
                while True:
                    with store.inspection(connection.recv()) as log:
                        connection.send(_BEGUN)
                        task = connection.recv()
                        if task is not None:
                            _read_parts(task, connection, numbers, log, keys)
        except LedgerError as error:
            connection.send(str(error))


def taken_numbers(source: int) -> Iterator[int]:
    """Yield numbers of parts that nobody else takes, until there are no more."""
    while len(number := os.read(source, _NUMBER_BYTES)) == _NUMBER_BYTES:
        yield int.from_bytes(number, "big")


# Private

_BEGUN = "begun"
_ENOUGH = object()


@contextmanager
def _opened(place: KeyPlace | None) -> Iterator[KeyStore | None]:
    if place is None:
        yield None
        return
    with KeyStore.open(*place) as keys:
        yield keys


def _read_parts(
    task: Task, connection: Connection, numbers: Connection, log: Inspection, keys: KeyStore | None
) -> None:
    pace = Pace(TELL_SECONDS)
    with Outbox(connection) as outbox:
        for number in taken_numbers(numbers.fileno()):

            def tell(done: int, number: int = number) -> None:
                if pace.is_due():
                    outbox.put((number, done))

            outbox.put((number, task.read(number, log, keys, tell)))
