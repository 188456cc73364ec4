"""The verifier that was written from docs/format.md alone agrees with the ledger, and sees what was damaged."""

import base64
import contextlib
import datetime
import importlib.util
import json
import random
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from domain.events.application import ApplicationSubmitted, PayeeRegistered
from domain.events.ledger import ClockCorrected, ErasureEffective, ErasureRequested, KeyAnnounced, LedgerOpened
from domain.events.recovery import RecoveryOrdered, RepaymentDemanded
from domain.fields import Citation
from domain.vocabulary import Channel, Programme, RecoveryCause
from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.entry import encode_name
from ledger.hashing import SHA256, SM3, Suite
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.merkle import root
from ledger.note import sign_note
from ledger.signer_state import sign_checkpoint

VECTORS = Path(__file__).parents[1] / "vectors"
ORIGIN = "county.example/ledger"
START = datetime.datetime(2026, 3, 2, 1, tzinfo=datetime.UTC)


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "independent_verifier", Path(__file__).with_name("independent_verifier.py")
    )
    assert spec is not None and spec.loader is not None
    module = sys.modules["independent_verifier"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verifier = _loaded()


class County:
    """A ledger with several streams, commands, sealed parts, transactions and checkpoints."""

    def __init__(self, folder: Path, suite: Suite) -> None:
        self.path = folder / "county.db"
        self.keys = KeyStore.create(folder / "county.keys", ORIGIN, suite)
        self.ledger = Ledger.create(f"sqlite:///{self.path}", ORIGIN, suite, self.keys)
        self._commands = 0
        self._now = START

    def fill(self) -> None:
        opened = (LedgerOpened(), KeyAnnounced(purpose="log-signing", vkey=self.keys.verifier_key()))
        self.record(*(Draft("ledger/main", event) for event in opened))
        self.checkpoint()
        for number in range(300):
            self.record(*self._application(f"SQ{number:04}"))
        self.checkpoint()
        self._now += datetime.timedelta(hours=2)  # a clock that ran ahead
        self.record(Draft("ledger/main", LedgerOpened()))
        self._now -= datetime.timedelta(hours=2)
        self.record(Draft("ledger/main", ClockCorrected(cites=Citation(seq=3, stream="ledger/main"))))
        self.record(*self._recovery("追2026-001", "SQ0007"))
        kid = self.keys.key_for("case/SQ0001").kid
        self.record(Draft("ledger/main", ErasureRequested(kid=kid)))
        self.record(Draft("ledger/main", ErasureEffective(kid=kid)))
        self.checkpoint()
        self.record(*self._application("SQ0999"))

    def record(self, *drafts: Draft) -> None:
        self._commands += 1
        self._now += datetime.timedelta(seconds=1)
        command = Command(self.keys.command_id("test", str(self._commands)), "staff/MZ0001", drafts)
        with self.ledger.recording(lambda: self._now) as recording:
            recording.record(command)

    def checkpoint(self) -> None:
        head = self.ledger.head()
        leaves = self.leaves()
        checkpoint = Checkpoint(ORIGIN, head.size, head.root)
        note = sign_checkpoint(self.keys, checkpoint, lambda size: root(self.ledger.suite, leaves[:size]))
        self.ledger.store.add_checkpoint(head.size, note)

    def leaves(self) -> list[bytes]:
        return [self.ledger.suite.leaf(record.entry) for record in self.ledger.store.records()]

    def _application(self, case: str) -> list[Draft]:
        day = datetime.date(2024, 3, 5)
        submitted = ApplicationSubmitted(
            programme=Programme.RURAL, channel=Channel.OWN, occurred_on=day, region="520121100", head_name="测试甲"
        )
        payee = PayeeRegistered(bank="测试银行", account="6200000000000000000", holder="测试甲")
        return [Draft(encode_name("case", case), event) for event in (submitted, payee)]

    def _recovery(self, order: str, case: str) -> list[Draft]:
        stream, day = encode_name("recovery", order), datetime.date(2026, 3, 1)
        ordered = RecoveryOrdered(order=order, case=case, cause=RecoveryCause.ERROR, occurred_on=day, refund_fen=82500)
        cites = Citation(seq=1, stream=stream)
        demanded = RepaymentDemanded(
            cites=cites, order=order, cause=RecoveryCause.ERROR, occurred_on=day, refund_fen=82500
        )
        return [Draft(stream, ordered), Draft(encode_name("case", case), demanded)]


@pytest.fixture(scope="module", params=[SHA256, SM3], ids=lambda suite: suite.name)
def county(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> County:
    made = County(tmp_path_factory.mktemp("county"), request.param)
    made.fill()
    return made


def test_verifier_from_the_page_agrees_on_every_hash(county: County) -> None:
    """Same size, same root, the same leaf hash at every position, and nothing to complain of."""
    result = verifier.verify(county.path, [county.keys.verifier_key()])
    head = county.ledger.head()
    assert result.findings == []
    assert (result.size, result.root) == (head.size, head.root)
    assert result.leaves == county.leaves()
    assert result.size > 600


def test_verifier_refuses_checkpoints_of_another_key(county: County, tmp_path: Path) -> None:
    """Another log's key vouches for nothing here."""
    with KeyStore.create(tmp_path / "other.keys", ORIGIN, county.ledger.suite) as other:
        findings = verifier.verify(county.path, [other.verifier_key()]).findings
    assert [one.partition(":")[0] for one in findings] == ["checkpoint 2", "checkpoint 602", "checkpoint 608"]


_COPIES: list[tuple[str, str, str]] = [
    ("entries", "stream", "entries column"),
    ("entries", "type", "entries column"),
    ("entries", "at", "entries column"),
    ("entries", "by", "entries column"),
    ("entries", "command", "entries column"),
    ("entries", "entry", "bytes of an entry"),
    ("blobs", "blob", "sealed part"),
    ("commands", "command", "command id"),
    ("heads", "root", "tree head"),
    ("tiles", "hashes", "tile"),
    ("checkpoints", "note", "signed note"),
]


@pytest.mark.parametrize(("table", "column", "what"), _COPIES, ids=lambda value: value)
def test_one_changed_byte_is_found(county: County, tmp_path: Path, table: str, column: str, what: str) -> None:
    """Each kind of stored value, one byte of it changed behind the guards' back."""
    chosen = random.Random(f"{table} {column}")

    def flip(value: bytes) -> bytes:
        place = chosen.randrange(len(value))
        return value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]

    copy = _damaged(county, tmp_path, lambda database: _change(database, table, column, flip, chosen))
    assert verifier.verify(copy, [county.keys.verifier_key()]).findings, what


def test_values_of_another_class_and_tables_without_strict_are_found(county: County, tmp_path: Path) -> None:
    """The schema's text is edited in place, so that a stream can be bytes and an entry text."""

    def loosen(database: sqlite3.Connection) -> None:
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_schema SET sql = replace(sql, ') STRICT', ') /*LAX*/') WHERE name = 'entries'")

    def change(database: sqlite3.Connection) -> None:
        last = "WHERE position = (SELECT max(position) FROM entries)"
        database.execute(f"UPDATE entries SET stream = CAST(stream AS BLOB), entry = CAST(entry AS TEXT) {last}")

    path = _damaged(county, tmp_path, loosen)
    with contextlib.closing(sqlite3.connect(path)) as database:
        change(database)
        database.commit()
        findings = verifier.storage_findings(database)
    assert findings == [
        "entries: no STRICT table",
        "entries: a stream that is not text",
        "entries: a entry that is not blob",
    ]


def test_checkpoint_that_the_log_signed_twice_or_over_nothing_is_refused(county: County) -> None:
    """One line of the log's key, over at least one entry; what strangers add is passed over."""
    vkey, suite = county.keys.verifier_key(), county.ledger.suite
    note = next(county.ledger.store.checkpoints()).note
    line = note.rpartition(b"\n\n")[2]
    stranger = "— county.example/ledger AAAAAAA=\n".encode()
    assert verifier.check_note(note + stranger, [vkey], ORIGIN, suite.name)[0] == 2
    empty = sign_note(checkpoint_text(Checkpoint(ORIGIN, 0, suite.empty_root)), county.keys.signer())
    for bad in (
        note + line,
        empty,
        note.replace(b" county", "\u2003county".encode()),
        note + "— x AAAAAA==\n".encode(),
    ):
        with pytest.raises(verifier.Bad):
            verifier.check_note(bad, [vkey], ORIGIN, suite.name)


def test_cut_tail_is_found(county: County, tmp_path: Path) -> None:
    """The last command is gone; heads, tiles and the table of commands still know of it."""

    def cut(database: sqlite3.Connection) -> None:
        last = "(SELECT max(position) - 1 FROM entries)"
        database.execute(f"DELETE FROM blobs WHERE position >= {last}")
        database.execute(f"DELETE FROM entries WHERE position >= {last}")

    findings = verifier.verify(_damaged(county, tmp_path, cut), [county.keys.verifier_key()]).findings
    assert {"commands", "tiles", "head 610"} <= set(findings)


def test_verifier_reads_the_vectors_as_they_are() -> None:
    """Valid entries of the vectors parse and hash as they say, in the log and alone."""
    for name in ("entries.json", "sm3.json"):
        vectors = json.loads((VECTORS / name).read_text())
        hash_of = verifier.HASHES[vectors["suite"]]
        for one in [*vectors["entries"], *vectors.get("alone", ())]:
            data = _bytes_of(one)
            verifier.parse(data)
            assert base64.b64encode(hash_of(b"\x00" + data)).decode() == one["leaf"], one.get("about")


def test_verifier_refuses_every_invalid_vector() -> None:
    """Each faulty entry is refused, and each faulty sequence has a finding where its fault lies."""
    vectors = json.loads((VECTORS / "invalid-entries.json").read_text())
    for one in vectors["invalid"]:
        with pytest.raises(verifier.Bad):
            verifier.parse(_bytes_of(one))
            pytest.fail(f"accepted: {one['reason']}")
    good = json.loads((VECTORS / "entries.json").read_text())
    for one in vectors["sequences"]:
        texts = [entry["text"] for entry in good["entries"][: one["take"]]] + one["append"]
        assert _chain_findings(texts, good["origin"]), one["reason"]


def test_verifier_finds_nothing_in_the_log_of_the_vectors() -> None:
    """The valid log, with its correction, erasure and citations, has no finding."""
    vectors = json.loads((VECTORS / "entries.json").read_text())
    assert _chain_findings([one["text"] for one in vectors["entries"]], vectors["origin"]) == []


def test_verifier_judges_the_checkpoints_of_the_vectors() -> None:
    """Valid notes open; a faulty one is refused by itself, or says what the log does not."""
    vectors = json.loads((VECTORS / "checkpoints.json").read_text())
    for log, name in zip(vectors["logs"], ("entries.json", "sm3.json"), strict=True):
        entries = json.loads((VECTORS / name).read_text())
        roots = [base64.b64decode(one) for one in entries["roots"]]
        ends = {end + 1 for end, one in enumerate(entries["entries"]) if _ends_command(one["text"])}
        vkeys = [log["vkey"], *(witness["vkey"] for witness in vectors["witnesses"])]

        def fits(note: bytes, *known: Any) -> bool:
            vkeys, origin, suite, roots, ends = known
            try:
                size, signed = verifier.check_note(note, vkeys, origin, suite)
            except verifier.Bad:
                return False
            return size in ends and signed == roots[size]

        known = (vkeys, entries["origin"], entries["suite"], roots, ends)
        assert all(fits(one["note"].encode(), *known) for one in log["checkpoints"])
        assert not [one["reason"] for one in log["invalid"] if fits(_bytes_of(one, "note"), *known)]


# Private


def _ends_command(text: str) -> bool:
    k, n = verifier.parse(text.encode())[9:11]
    return bool(k == n)


def _bytes_of(one: dict[str, str], key: str = "text") -> bytes:
    if "hex" in one:
        return bytes.fromhex(one["hex"])
    text = one[key]
    if "fill" in one:
        text = text.replace("@", "x" * int(one["fill"]))
    return text.encode()


def _chain_findings(texts: list[str], origin: str) -> list[str]:
    findings, entries, leaves = [], [], []
    for position, text in enumerate(texts):
        data = text.encode()
        leaves.append(verifier.HASHES["mingzhang/v1"](b"\x00" + data))
        try:
            entries.append((position, verifier.parse(data)))
        except verifier.Bad as error:
            findings.append(f"{position}: {error}")
    return findings + list(verifier.check_chain(entries, leaves, "mingzhang/v1", origin))


def _damaged(county: County, folder: Path, damage: Callable[[sqlite3.Connection], None]) -> Path:
    """A copy of the ledger without its guards, damaged."""
    path = folder / "damaged.db"
    with sqlite3.connect(county.path) as source, sqlite3.connect(path) as copy:
        source.backup(copy)
        for (name,) in copy.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            copy.execute(f"DROP TRIGGER {name}")
        damage(copy)
    source.close()
    copy.commit()
    copy.close()
    return path


def _change(
    database: sqlite3.Connection, table: str, column: str, flip: Callable[[bytes], bytes], chosen: random.Random
) -> None:
    key = {"tiles": "level * 1000 + idx", "checkpoints": "size", "heads": "size"}.get(table, "position")
    rows = database.execute(f'SELECT {key}, "{column}" FROM {table} ORDER BY 1').fetchall()
    place, value = chosen.choice(rows)
    changed = flip(value) if isinstance(value, bytes) else flip(value.encode()).decode("latin-1")
    database.execute(f'UPDATE {table} SET "{column}" = ? WHERE {key} = ?', (changed, place))
