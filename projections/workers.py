"""Batches made by several processes: they read and map stretches of the log, one process writes them in its order.

What a batch holds follows from its entries alone, so it is the same whoever makes it. A stretch in which a process
fails is made again in the asking one, where the error can be told; a process that is gone ends the work.
"""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.util import Finalize
from typing import Final

from projections.batch import Batch, BatchMaker, stretches, uncollected
from projections.errors import WorkerLost
from projections.register import Register
from projections.registry import REGISTERS
from projections.source import EventSource

AHEAD: Final = 3  # batches for each process that are asked for before they are needed

Opening = Callable[[], AbstractContextManager[EventSource]]


@dataclass(frozen=True, slots=True)
class Workers:
    """How many processes, and what each calls to open the ledger for itself: it is pickled."""

    jobs: int
    opening: Opening


class SharedWork:
    """Makes batches as a BatchMaker does, in processes that are started anew for each run."""

    def __init__(self, workers: Workers, maker: BatchMaker, registers: Sequence[Register]) -> None:
        known = {register.name: register for register in REGISTERS}
        if any(known.get(register.name) is not register for register in registers):
            raise ValueError("other processes know the registers of projections.registry only")
        self._workers = workers
        self._maker = maker
        self._names = [register.name for register in registers]

    @contextmanager
    def batches(self, start: int, stop: int) -> Iterator[Iterator[Batch]]:
        """Return the batches of positions start … stop - 1, in order; raises WorkerLost."""
        parts = list(stretches(start, stop))
        if len(parts) <= 1:  # starting processes takes longer
            with self._maker.batches(start, stop) as batches:
                yield batches
            return
        pool = ProcessPoolExecutor(
            min(self._workers.jobs, len(parts)), get_context("spawn"), _begin, (self._workers.opening, self._names)
        )
        try:
            with uncollected():
                yield self._in_order(pool, parts)
        except BrokenProcessPool as error:
            raise WorkerLost() from error
        finally:
            pool.shutdown(cancel_futures=True)

    # Private

    def _in_order(self, pool: ProcessPoolExecutor, parts: Sequence[tuple[int, int]]) -> Iterator[Batch]:
        asked: deque[Future[Batch | None]] = deque()
        ahead = AHEAD * self._workers.jobs
        for number, part in enumerate(parts):
            for later in parts[number + len(asked) : number + ahead]:
                asked.append(pool.submit(_batch, *later))
            yield asked.popleft().result() or self._maker.batch(*part)


# Private: what runs in the other processes

_given: tuple[Opening, list[str]]
_maker: BatchMaker | None = None


def _begin(opening: Opening, names: list[str]) -> None:
    global _given
    _given = (opening, names)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the asking process is told, and ends this one
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process that was killed cannot tell the others to end, and they would wait for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _batch(start: int, stop: int) -> Batch | None:
    """Return a batch, None when it could not be made: an error does not travel well between processes."""
    try:
        with uncollected():
            return _opened_maker().batch(start, stop)
    except Exception:
        return None


def _opened_maker() -> BatchMaker:
    global _maker
    if _maker is None:
        opening, names = _given
        context = opening()
        source = context.__enter__()
        Finalize(None, context.__exit__, (None, None, None), exitpriority=1)
        _maker = BatchMaker(source, [register for register in REGISTERS if register.name in names])
    return _maker
