"""Several folders given at once: each that describes itself (资料说明) is a delivery of its own, loaded in its turn."""

from collections.abc import Callable, Sequence
from pathlib import Path

from cli.intake.report import DeliveryReport
from domain.vocabulary import FileKind

Load = Callable[[Sequence[Path]], DeliveryReport]
Loaded = Callable[[Path], None]


def deliveries_of(paths: Sequence[Path]) -> list[Sequence[Path]]:
    """Return the deliveries that these paths are: one for each folder where all of several describe themselves.

    Anything else is one delivery: loose files and folders that belong together.
    """
    if len(paths) > 1 and all(path.is_dir() and any(path.glob(f"{FileKind.DESCRIPTION}*")) for path in paths):
        return [[path] for path in paths]
    return [paths]


def load_in_turn(paths: Sequence[Path], load: Load, is_loaded: Loaded) -> DeliveryReport:
    """Load each delivery in a transaction of its own, in the order given; return what all of them came to.

    `is_loaded` is told of each folder that is in the ledger whatever becomes of the next. Raises what `load` raises.
    """
    whole = DeliveryReport()
    deliveries = deliveries_of(paths)
    for delivery in deliveries:
        whole.add(load(delivery))
        if len(deliveries) > 1:
            is_loaded(delivery[0])
    return whole
