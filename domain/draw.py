"""Drawing by lot so that anybody can repeat it: method 1 of docs/draws.md, from texts alone.

    line       = text LF of each part, the first being "mingzhang-draw/1 <label>"
    digest     = SHA-256 over "mingzhang-draw/1 pool" and one line "case TAB stratum TAB weight" for each case, by case
    seed       = SHA-256 over "mingzhang-draw/1 seed", the number, the checkpoint's three lines, and for each witness
                 the line "verifier key SPACE base64 of its 64 bytes of Ed25519", by verifier key
    ticket     = SHA-256 over "mingzhang-draw/1 <label>", the seed in hex, and what the ticket is for
    cases      of a stratum in the order of their least ticket; a case has as many tickets as its weight
    inspectors in the order of their tickets

The least ticket of all is anybody's with the same chance, so that a case comes first with exactly weight ÷ sum of
weights, and then the next of those left: no remainder, no floating point. Two tickets are never the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from domain.vocabulary import SampleSize

METHOD: Final = 1
WEIGHT_MAX: Final = 1_000
PERCENT_MAX: Final = 100


class PoolLine(NamedTuple):
    """A case that may be drawn: the stratum that it is drawn in, and how many tickets it has."""

    case: str
    stratum: str
    weight: int = 1


class SeedSignature(NamedTuple):
    """What one witness made of the checkpoint: its verifier key, and in base64 its 64 bytes of Ed25519."""

    vkey: str
    signature: str


def pool_text(pool: Iterable[PoolLine]) -> bytes:
    """Return the text that the digest of a pool is over, whatever the order in which the cases come."""
    return _text("pool", *(f"{case}\t{stratum}\t{weight}" for case, stratum, weight in sorted(pool)))


def pool_digest(pool: Iterable[PoolLine]) -> str:
    """Return the digest of a pool, 64 hexadecimal digits."""
    return sha256(pool_text(pool)).hexdigest()


def seed_text(number: str, checkpoint: str, signatures: Iterable[SeedSignature]) -> bytes:
    """Return the text that the seed is the hash of; `checkpoint` is its three lines, the last line feed included."""
    lines = checkpoint.removesuffix("\n").split("\n")
    return _text("seed", number, *lines, *(f"{one.vkey} {one.signature}" for one in sorted(signatures)))


def seed_of(number: str, checkpoint: str, signatures: Iterable[SeedSignature]) -> str:
    """Return the seed of a draw, 64 hexadecimal digits."""
    return sha256(seed_text(number, checkpoint, signatures)).hexdigest()


def samples_of(rule: SampleSize, size: int, strata: Mapping[str, int]) -> dict[str, int]:
    """Return how many cases each stratum gives, of the `strata` with so many cases each.

    A percentage is rounded up in each stratum, so that no stratum is below it. A total is shared out in proportion,
    what is left over going to the largest remainders, and among equal ones to the first by name.
    """
    if rule is SampleSize.PERCENT:
        return {name: -(-count * size // PERCENT_MAX) for name, count in strata.items()}
    if rule is SampleSize.EACH:
        return {name: min(size, count) for name, count in strata.items()}
    return _shared_out(min(size, sum(strata.values())), strata)


def drawn_cases(seed: str, pool: Iterable[PoolLine], samples: Mapping[str, int]) -> list[PoolLine]:
    """Return the drawn cases, stratum after stratum by name, in each in the order in which they came out."""
    by_stratum: dict[str, list[PoolLine]] = {name: [] for name in samples}
    for line in pool:
        by_stratum[line.stratum].append(line)
    drawn: list[PoolLine] = []
    for name, lines in sorted(by_stratum.items()):
        lines.sort(key=lambda line: (_least_ticket(seed, line), line.case))
        drawn += lines[: samples[name]]
    return drawn


def drawn_inspectors(seed: str, inspectors: Iterable[str]) -> list[str]:
    """Return all inspectors in the order in which they came out: the team are the first, the others stand in."""
    return sorted(inspectors, key=lambda staff: (_ticket(seed, "inspector", staff), staff))


def assigned(
    seed: str,
    cases: Sequence[str],
    inspectors: Sequence[str],
    team_size: int,
    each: int,
    recused: Mapping[str, Collection[str]],
) -> list[tuple[str, ...]]:
    """Return for each drawn case the `each` inspectors who go there; fewer where nobody is left who may.

    Who has been given the fewest cases goes first, among equals who has the smaller ticket for the case. Whoever is
    recused from it does not go; then those who stand in do, by the same rule.
    """
    given = dict.fromkeys(inspectors, 0)
    parties: list[tuple[str, ...]] = []
    for case in cases:
        party: list[str] = []
        for group in (inspectors[:team_size], inspectors[team_size:]):
            free = [staff for staff in group if staff not in recused.get(case, ())]
            free.sort(key=lambda staff: (given[staff], _ticket(seed, "pair", case, staff), staff))
            party += free[: each - len(party)]
        for staff in party:
            given[staff] += 1
        parties.append(tuple(party))
    return parties


# Private


def _text(label: str, *lines: str) -> bytes:
    return "".join(f"{line}\n" for line in (f"mingzhang-draw/{METHOD} {label}", *lines)).encode()


def _ticket(seed: str, label: str, *parts: str) -> bytes:
    return sha256(_text(label, seed, *parts)).digest()


def _least_ticket(seed: str, line: PoolLine) -> bytes:
    return min(_ticket(seed, "case", line.case, str(number)) for number in range(1, line.weight + 1))


def _shared_out(total: int, strata: Mapping[str, int]) -> dict[str, int]:
    cases = sum(strata.values())
    if not cases:
        return dict.fromkeys(strata, 0)
    shares = {name: divmod(total * count, cases) for name, count in strata.items()}
    samples = {name: whole for name, (whole, _) in shares.items()}
    left = total - sum(samples.values())
    for name in sorted(shares, key=lambda name: (-shares[name][1], name))[:left]:
        samples[name] += 1
    return samples
