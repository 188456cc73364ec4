"""The ledger that version 1 wrote, kept as it was: every later version must read and verify it."""

import base64
import datetime
import importlib.util
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.verification import verify
from domain.events.application import PayeeRegistered
from ledger.entry import parse_entry
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.note import Verifier
from ledger.topics import TOPICS

CASE = "case/SQ52012120240300017"
GOLDEN = Path(__file__).parent / "v1"
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    """A copy with the permissions that git does not keep."""
    folder = tmp_path / "golden"
    shutil.copytree(GOLDEN, folder)
    keys = folder / "ledger.keys"
    keys.chmod(0o700)
    for path in keys.iterdir():
        path.chmod(0o644 if path.suffix == ".vkey" else 0o600)
    return folder


@pytest.fixture
def ledger(golden: Path) -> Iterator[Ledger]:
    """The golden ledger, opened for reading, with its keys."""
    with (
        KeyStore.open(golden / "ledger.keys", EXPECTED["origin"], SHA256) as keys,
        Ledger.open(f"sqlite:///{golden / 'ledger.db'}", keys, read_only=True) as opened,
    ):
        yield opened


def test_every_hash_of_the_golden_ledger_is_as_it_was(ledger: Ledger) -> None:
    """Leaf hash by leaf hash, the size and the root."""
    leaves = [base64.b64encode(SHA256.leaf(record.entry)).decode() for record in ledger.store.records()]
    assert leaves == [entry["leaf"] for entry in EXPECTED["entries"]]
    assert ledger.origin == EXPECTED["origin"]
    assert (ledger.size, base64.b64encode(ledger.head().root).decode()) == (EXPECTED["size"], EXPECTED["root"])
    assert [one.size for one in ledger.store.checkpoints()] == EXPECTED["checkpoints"]


def test_every_event_of_the_golden_ledger_reads_as_it_was(ledger: Ledger) -> None:
    """Through the table of topics, open and sealed parts, but for the one whose key was destroyed."""
    recorded = list(ledger.events())
    assert [one.topic for one in recorded] == [entry["type"] for entry in EXPECTED["entries"]]
    for one, entry in zip(recorded, EXPECTED["entries"], strict=True):
        assert one.event is not None, one.topic
        assert one.opened is not entry["erased"]
        assert one.event.open_part() == entry["open"]
        assert one.event.sealed_part() == (entry["sealed"] or {})


def test_no_topic_of_the_golden_ledger_was_removed() -> None:
    """Every topic that version 1 knew stands in it, and the table still knows each of them."""
    there = {entry["type"] for entry in EXPECTED["entries"]}
    assert there <= set(TOPICS)
    assert len(there) == 78


def test_sealed_parts_of_the_golden_ledger_open_strictly(ledger: Ledger) -> None:
    """Key, blob, plaintext and commitment of each sealed part agree."""
    opened = 0
    for record, entry in zip(ledger.store.records(), EXPECTED["entries"], strict=True):
        if parse_entry(record.entry).seal and not entry["erased"]:
            assert ledger.open_strictly(record)[0] == entry["sealed"]
            opened += 1
    assert opened > 30
    assert sum(entry["erased"] for entry in EXPECTED["entries"]) == 1


def test_golden_ledger_verifies(ledger: Ledger) -> None:
    """The verification of this version finds it sound, anchored to its last checkpoint."""
    result = verify(ledger.store, keys=ledger.keys)
    assert result.findings == []
    assert (result.size, base64.b64encode(result.root).decode()) == (EXPECTED["size"], EXPECTED["root"])
    assert tuple(result.anchor) == ("own", EXPECTED["checkpoints"][-1])
    public = verify(ledger.store, log_verifier=Verifier.parse(EXPECTED["vkey"]))
    assert public.sound


def test_verifier_from_the_page_agrees_on_the_golden_ledger(golden: Path) -> None:
    """docs/format.md still describes what version 1 wrote."""
    path = Path(__file__).parents[1] / "docs" / "independent_verifier.py"
    spec = importlib.util.spec_from_file_location("independent_verifier", path)
    assert spec is not None and spec.loader is not None
    verifier = sys.modules["independent_verifier"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(verifier)
    result = verifier.verify(golden / "ledger.db", [EXPECTED["vkey"]])
    assert result.findings == []
    leaves = [base64.b64encode(one).decode() for one in result.leaves]
    assert leaves == [entry["leaf"] for entry in EXPECTED["entries"]]


def test_golden_ledger_can_still_be_written_to(golden: Path) -> None:
    """A later version goes on where version 1 stopped: the same keys, the same chain, the same tree."""
    with (
        KeyStore.open(golden / "ledger.keys", EXPECTED["origin"], SHA256) as keys,
        Ledger.open(f"sqlite:///{golden / 'ledger.db'}", keys) as opened,
    ):
        payee = PayeeRegistered(bank="测试银行", account="6200000000000000000", holder="测试甲")
        command = Command(keys.command_id("after golden"), "staff/MZ0012", (Draft(CASE, payee),))
        with opened.recording(lambda: datetime.datetime(2026, 3, 3, tzinfo=datetime.UTC)) as recording:
            (recorded,) = recording.record(command)
        kids = {parse_entry(record.entry).seal for record in opened.store.stream(CASE)}
        assert recorded.position == EXPECTED["size"]
        assert len({seal.kid for seal in kids if seal}) == 1
        assert verify(opened.store, keys=keys).findings == []
