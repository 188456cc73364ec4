"""Makes tests/golden/v1: a ledger as version 1 of the tables and of the bytes writes it, to be read for ever.

    python tests/golden/make_v1.py FOLDER       FOLDER must not exist

It was run once; what it made is committed and never made again. A later version that cannot read it has broken its
promise. Every topic stands in it, each field filled. Randomness and time are replaced by fixed ones, so that running it
again with the same version gives the same entries: test keys, no passphrase, invented people. Afterwards the databases
leave WAL mode (`journal_mode = DELETE`), so that each is one file; a writer turns WAL on again by itself.
"""

import base64
import datetime
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import sys
import types
from collections.abc import Iterator
from enum import Enum
from itertools import count
from pathlib import Path
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from domain import fields
from domain.events.base import Event
from domain.fields import Citation, DifferingColumn, FaultDetail, Source
from ledger.checkpoint import Checkpoint
from ledger.entry import encode_name, parse_entry
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.merkle import root
from ledger.signer_state import sign_checkpoint
from ledger.topics import TOPICS

ORIGIN: Final = "golden.example/v1"
CASE: Final = encode_name("case", "SQ52012120240300017")
ERASED: Final = encode_name("case", "SQ52012120240300099")
IMPORT: Final = "import/000001"
STREAMS: Final = {
    "ledger": "ledger/main",
    "import": IMPORT,
    "standard": "standard/rural",
    "staff": "staff/MZ0012",
    "relative": "staff/MZ0012",
    "recovery": encode_name("recovery", "追2026-001"),
    "appeal": encode_name("appeal", "FY2026/1"),
    "death": "person/0123456789abcdef0123456789abcdef",
    "credit": "person/0123456789abcdef0123456789abcdef",
    "appeal.received/1": CASE,
    "appeal.applied/1": CASE,
}
CITED: Final = {
    "import.file-loaded/1": (2, IMPORT),
    "repayment.demanded/1": (1, STREAMS["recovery"]),
    "appeal.received/1": (1, STREAMS["appeal"]),
    "appeal.applied/1": (3, STREAMS["appeal"]),
}
TEXTS: Final = {
    "citizen_id": "520121196203153012",
    "head_citizen_id": "520121196203153012",
    "relative_citizen_id": "520121196203153012",
    "subject_citizen_id": "520121196203153012",
    "account": "6200000000000000000",
    "telephone": "00000000000",
    "village": "520121100201",
    "sha256": "00" * 32,
    "purpose": "log-signing",
}
BY_TYPE: Final[tuple[tuple[Any, Any], ...]] = (
    (fields.Month, "2026-03"),
    (fields.Region, "520121100"),
    (fields.StaffNumber, "MZ0031"),
    (fields.DocumentNumber, "开民发〔2026〕12号"),
    (fields.Identifier, "SQ52012120240300017"),
    (fields.Slug, "bad_date"),
    (fields.Hundredths, -650),
)
FREE_TEXT: Final = '测试 "引号" \\ 反斜线\n第二行 𠮷 \u007f'


class Clock:
    """Goes on by a second and a microsecond each time."""

    def __init__(self) -> None:
        self.now = datetime.datetime(2026, 3, 2, 1, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        self.now += datetime.timedelta(seconds=1, microseconds=1)
        return self.now


class Golden:
    """The ledger while it is made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = KeyStore.create(folder / "ledger.keys", ORIGIN, SHA256)
        self.ledger = Ledger.create(f"sqlite:///{folder / 'ledger.db'}", ORIGIN, SHA256, self.keys)
        self.clock = Clock()
        self.seqs: dict[str, int] = {}
        self._commands = count(1)

    def record(self, *drafts: Draft) -> None:
        command = Command(self.keys.command_id("golden", str(next(self._commands))), "staff/MZ0012", drafts)
        with self.ledger.recording(self.clock) as recording:
            recording.record(command)
        for draft in drafts:
            self.seqs[draft.stream] = self.seqs.get(draft.stream, 0) + 1

    def checkpoint(self) -> None:
        head = self.ledger.head()
        leaves = [SHA256.leaf(record.entry) for record in self.ledger.store.records()]
        checkpoint = Checkpoint(ORIGIN, head.size, head.root)
        note = sign_checkpoint(self.keys, checkpoint, lambda size: root(SHA256, leaves[:size]))
        self.ledger.store.add_checkpoint(head.size, note)

    def event(self, topic: str, **given: Any) -> Event:
        """An event of the topic, each field filled."""
        event_class = TOPICS[topic]
        values = dict(_values(event_class, topic)) | {"vkey": self.keys.verifier_key()} | given
        return event_class.model_validate({k: v for k, v in values.items() if k in event_class.model_fields})

    def fill(self) -> None:
        """Every topic, in the order of the table but for what must stand before what cites it."""
        self.record(*(Draft("ledger/main", self.event(f"ledger.{what}/1")) for what in ("opened", "key-announced")))
        self.checkpoint()
        first = ["import.received/1", "import.file-received/1", "application.submitted/1"]
        last = ["ledger.clock-corrected/1", "ledger.erasure-requested/1", "ledger.erasure-effective/1"]
        done = ["ledger.opened/1", "ledger.key-announced/1", *last]
        early = ["recovery.ordered/1", "appeal.lodged/1", "appeal.grounds-stated/1", "appeal.decided/1"]
        rest = [topic for topic in TOPICS if topic not in (*done, *first, *early)]
        for drafts in _by_stream([self.draft(topic) for topic in (*first, *early, *rest)]):
            self.record(*drafts)
        self.checkpoint()
        self.correct_clock()
        self.erase()
        self.checkpoint()
        self.record(Draft(CASE, TOPICS["truth.pledged/1"].read({"occurred_on": "2026-03-02"})))

    def draft(self, topic: str) -> Draft:
        return Draft(STREAMS.get(topic) or STREAMS.get(topic.partition(".")[0], CASE), self.event(topic))

    def correct_clock(self) -> None:
        right = self.clock.now
        self.clock.now += datetime.timedelta(hours=2)
        self.record(self.draft("standard.adopted/1"))
        self.clock.now = right
        wrong = Citation(seq=self.seqs["standard/rural"], stream="standard/rural")
        self.record(Draft("ledger/main", self.event("ledger.clock-corrected/1", cites=wrong)))

    def erase(self) -> None:
        self.record(Draft(ERASED, self.event("application.submitted/1")))
        kid = self.keys.key_for(ERASED).kid
        self.record(Draft("ledger/main", self.event("ledger.erasure-requested/1", kid=kid)))
        self.keys.retire(kid)
        self.record(Draft("ledger/main", self.event("ledger.erasure-effective/1", kid=kid)))
        self.erased = kid

    def expected(self) -> dict[str, Any]:
        """What a reader must find: of each entry the leaf hash and both parts, the sealed one null when erased."""
        entries = []
        for record in self.ledger.store.records():
            entry = parse_entry(record.entry)
            gone = entry.seal is not None and entry.seal.kid == self.erased
            sealed = self.ledger.open_strictly(record)[0] if entry.seal and not gone else None
            leaf = base64.b64encode(SHA256.leaf(record.entry)).decode()
            entries.append({"leaf": leaf, "type": entry.type, "open": entry.payload, "sealed": sealed, "erased": gone})
        head = self.ledger.head()
        sizes = [checkpoint.size for checkpoint in self.ledger.store.checkpoints()]
        return {
            "origin": ORIGIN,
            "size": head.size,
            "root": base64.b64encode(head.root).decode(),
            "vkey": self.keys.verifier_key(),
            "checkpoints": sizes,
            "entries": entries,
        }

    def close(self) -> None:
        """Destroy the erased key and leave one file for each database."""
        self.ledger.close()
        self.keys.close()
        for path in (self.folder / "ledger.db", self.folder / "ledger.keys" / "sealing.db"):
            database = sqlite3.connect(path, isolation_level=None)
            if path.name == "sealing.db":
                database.execute("DELETE FROM sealing_key WHERE kid = ?", (self.erased,))
            database.execute("PRAGMA journal_mode = DELETE")
            database.execute("VACUUM")
            database.close()
        (self.folder / "ledger.keys" / "signer-state.lock").unlink()


def make(folder: Path) -> None:
    """Make the folder and everything in it."""
    folder.mkdir(parents=True)
    golden = Golden(folder)
    golden.fill()
    expected = golden.expected()
    golden.close()
    text = json.dumps(expected, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "expected.json").write_text(text + "\n", encoding="utf-8")


# Private


def _by_stream(drafts: list[Draft]) -> Iterator[list[Draft]]:
    """Split into commands: at most five drafts, neighbours of one stream."""
    command: list[Draft] = []
    for draft in drafts:
        if command and (command[-1].stream != draft.stream or len(command) == 5):
            yield command
            command = []
        command.append(draft)
    yield command


def _values(model: type[BaseModel], topic: str) -> Iterator[tuple[str, Any]]:
    hints = get_type_hints(model, include_extras=True)
    for name in model.model_fields:
        yield name, _value(name, hints[name], topic)


def _value(name: str, hint: Any, topic: str) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(one for one in get_args(hint) if one is not types.NoneType)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)[-1]
    if name in TEXTS:
        return TEXTS[name]
    for alias, value in BY_TYPE:
        if hint == alias:
            return value
    base = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if base is Citation:
        seq, stream = CITED.get(topic, (1, CASE))
        return Citation(seq=seq, stream=stream)
    if base is Source:
        return Source(file=Citation(seq=2, stream=IMPORT), row=7, sheet=1)
    if get_origin(base) is tuple:
        return tuple(_item(get_args(base)[0]) for _ in range(2))
    return {str: FREE_TEXT, int: 3, bool: True, datetime.date: datetime.date(2026, 3, 1)}[base]


def _item(base: Any) -> Any:
    if base is FaultDetail:
        return FaultDetail(code="bad_date", column="受理日期", value="2026-02-30")
    if base is DifferingColumn:
        return DifferingColumn(column="金额", kept="82500", other="82600")
    return "bad_date" if base == fields.Slug else FREE_TEXT


def _fixed_randomness() -> None:
    """Take the operating system's randomness away: what is made here protects nobody."""
    numbers = count()

    def fixed(size: int | None = None) -> bytes:
        wanted = 32 if size is None else size
        blocks = (hashlib.sha256(f"golden v1 {next(numbers)}".encode()).digest() for _ in range(0, wanted, 32))
        return b"".join(blocks)[:wanted]

    secrets.token_bytes = fixed
    secrets.token_hex = lambda size=None: fixed(size).hex()
    os.urandom = fixed


if __name__ == "__main__":
    _fixed_randomness()
    target = Path(sys.argv[1])
    try:
        make(target)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
