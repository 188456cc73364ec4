"""A ledger of any size for measuring: entries of about 600 bytes, 25 types, made from numbers alone.

Cases have 20 entries each, written in turns of 500 cases; every payload cites its file, as imported ones do.
"""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256, shake_128
from itertools import islice

from ledger.hashing import SHA256
from ledger.stores import create_store
from ledger.writer import PreparedEntry

ORIGIN = "county.example/ledger"
COMMAND_ENTRIES = 10
TRANSACTION_ENTRIES = 10_000
_TURN_STREAMS = 500
_TURN_ENTRIES = 20 * _TURN_STREAMS
_FILE = "import/main"
_TOPICS = tuple(f"measured.kind-{chr(ord('a') + number)}/1" for number in range(25))
_ZERO = bytes(32)


def generate(url: str, size: int, *, sealed: bool = False) -> None:
    """Make a ledger of `size` entries at an address, in transactions of 10,000.

    With `sealed`, nine entries of ten have a sealed part of 150 to 400 bytes. Nobody has the keys to them, so that
    only their hashes can be checked.
    """
    entries = _entries(size, sealed=sealed)
    with create_store(url, ORIGIN, SHA256) as store:
        for _ in range(0, size, TRANSACTION_ENTRIES):
            with store.writer() as writer:
                writer.append(list(islice(entries, TRANSACTION_ENTRIES)))


# Private


def _entries(size: int, *, sealed: bool) -> Iterator[PreparedEntry]:
    heads: dict[str, tuple[int, bytes]] = {}
    for position in range(size):
        stream = _stream_of(position)
        seq, prev = heads.get(stream, (0, _ZERO))
        first = position - position % COMMAND_ENTRIES
        command = f"{first:08x}-0000-4000-8000-{first:012x}"
        k, n = position - first + 1, min(COMMAND_ENTRIES, size - first)
        at = f"2026-{first // 400_000 % 12 + 1:02}-01T{first // 20_000 % 20:02}:00:00.{first % 20_000:06}Z"
        topic = _TOPICS[position % len(_TOPICS)]
        blob = _blob(position) if sealed and position % 10 else None
        sealing = _seal(stream, blob)
        data = (
            f"mingzhang/v1\nlog {ORIGIN}\nstream {stream}\nseq {seq + 1}\ntype {topic}\n"
            f"prev {b64encode(prev).decode()}\n"
            f"at {at}\nby staff/MZ0012\ncommand {command} {k}/{n}\nsealed {sealing}\n\n{_payload(position)}\n"
        ).encode()
        heads[stream] = (seq + 1, SHA256.leaf(data))
        if position >= _TURN_ENTRIES and seq + 1 == 20:
            del heads[stream]  # its last one
        yield PreparedEntry(stream, seq + 1, topic, prev, at, "staff/MZ0012", command, k, n, data, blob)


def _stream_of(position: int) -> str:
    if position == 0:
        return _FILE
    turn, place = divmod(position, _TURN_ENTRIES)
    return f"case/SQ520121{turn:06}{place % _TURN_STREAMS:06}"


def _blob(position: int) -> bytes:
    return shake_128(b"%d" % position).digest(150 + position % 251)


def _seal(stream: str, blob: bytes | None) -> str:
    if blob is None:
        return "-"
    kid, commitment = sha256(stream.encode()).hexdigest()[:32], b64encode(_ZERO).decode()
    return f"{kid} {b64encode(sha256(blob).digest()).decode()} {commitment}"


def _payload(position: int) -> str:
    """Return a payload of about 350 bytes; each type has a key of its own, and one in three leaves a key out."""
    kind = chr(ord("a") + position % 25)
    case = "" if position % 3 else f'"case":"SQ52012120240{position % 10_000_000:07}",'
    source = "" if position == 0 else f',"source":{{"file":{{"seq":1,"stream":"{_FILE}"}},"row":{position},"sheet":1}}'
    return (
        f'{{"amount_fen":{80_000 + position % 9_999},"batch":"FF-202610-{position % 1000:04}",{case}'
        f'"cash_month":"2026-10","channel":"本人申请","grounds":"收入低于标准，予以确认","kind_{kind}":true,'
        f'"members":{position % 7 + 1},"occurred_on":"2026-10-{position % 28 + 1:02}","programme":"农村低保",'
        f'"region":"520121{position % 1000:03}","settled":false{source},"transfer":"T{position:010}"}}'
    )
