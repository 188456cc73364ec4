"""How long a proof takes in a large ledger, against one a hundred times smaller, in the same run.

    python -m benchmarks prove                       the rows of the table
    python -m benchmarks.prove [--size N] FOLDER     milliseconds of single proofs in a new ledger of N entries

What is timed is everything that the command does but starting Python: a snapshot is opened, the checkpoint in the
ledger verified with its signature and against the tiles, the path read from tiles that this process has not read
before, the text made. A hundred times more entries need about seven more hashes and one more tile.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from audit.proofs import prove_consistency, prove_inclusion
from audit.signed_checkpoint import SignedCheckpoint, accepted, latest_checkpoint
from benchmarks.generated_ledger import ORIGIN, generate
from benchmarks.row import Options, Row, measured
from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.note import TYPE_ED25519, Signer, sign_note
from ledger.proof_text import format_consistency, format_inclusion
from ledger.store import Store
from ledger.stores import open_store
from ledger.tiles import root_from_tiles

SIZE = 500_000
SMALLER = 100  # times
PROOFS = 100  # in a run
WANTED = 0.3
_SIGNER = Signer(ORIGIN, TYPE_ED25519, bytes(range(32)))


def rows(options: Options) -> Iterator[Row]:
    """Yield a row for inclusion and one for consistency, as proofs a second."""
    size = options.sized(SIZE)
    urls = [f"sqlite:///{options.scratch}/proofs-{name}.db" for name in ("large", "small")]
    for url, entries in zip(urls, (size, size // SMALLER), strict=True):
        _make(url, entries)
    with open_store(urls[0], read_only=True) as large, open_store(urls[1], read_only=True) as small:
        for what, proof in (("inclusion", _inclusion), ("consistency", _consistency)):
            pairs = [(_rate(large, proof, run), _rate(small, proof, run)) for run in range(options.runs)]
            ours, others = zip(*pairs, strict=True)
            against = f"the same with {size // SMALLER:,}"
            yield measured(f"{what} proofs from {size:,} entries", against, ours, others, "/s", WANTED)


# Private


def _make(url: str, size: int) -> None:
    generate(url, size)
    with open_store(url) as store:
        store.add_checkpoint(size, _signed(store, size).note)


def _signed(store: Store, size: int) -> SignedCheckpoint:
    checkpoint = Checkpoint(ORIGIN, size, root_from_tiles(store.suite, size, store.tile))
    return SignedCheckpoint(sign_note(checkpoint_text(checkpoint), _SIGNER), checkpoint)


def _inclusion(store: Store, position: int) -> None:
    with store.snapshot() as reader:
        (proof,) = prove_inclusion(reader, latest_checkpoint(reader, [_SIGNER.verifier]), [position])
    format_inclusion(proof)


def _consistency(store: Store, position: int) -> None:
    note = _signed(store, position + 1).note  # with the work of making it, which is less than that of the proof
    with store.snapshot() as reader:
        keys = [_SIGNER.verifier]
        old = accepted(reader, note, keys, "the older one")
        proof = prove_consistency(reader, old, latest_checkpoint(reader, keys))
    format_consistency(proof)


def _rate(store: Store, proof: Callable[[Store, int], None], run: int) -> float:
    return 1 / statistics.mean(_seconds(store, proof, run))


def _seconds(store: Store, proof: Callable[[Store, int], None], run: int) -> list[float]:
    """Return what each of `PROOFS` proofs took, at places that are the same for the same run."""
    chance, seconds = random.Random(run), []
    size = store.head().size
    for _ in range(PROOFS):
        begun = time.perf_counter()
        proof(store, chance.randrange(size))
        seconds.append(time.perf_counter() - begun)
    return seconds


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    url = f"sqlite:///{options.folder}/proofs.db"
    _make(url, options.size)
    with open_store(url, read_only=True) as store:
        for what, proof in (("inclusion", _inclusion), ("consistency", _consistency)):
            taken = sorted(1_000 * second for second in _seconds(store, proof, run=1))
            print(
                f"{what}, {options.size:,} entries: median {statistics.median(taken):.2f} ms, most {taken[-1]:.2f} ms"
            )


if __name__ == "__main__":
    _main()
