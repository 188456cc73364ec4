"""An import while others record: officers at their cases, another delivery, the same one; over both stores."""

import datetime
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from audit.verification import verify
from cli.intake.loader import load_delivery
from cli.intake.report import DeliveryReport
from domain.events.base import Event
from domain.events.delivery import DeliveryReceived, RowRejected
from domain.events.household import MemberDied, MemberJoined
from domain.events.payment import PaymentInstructed
from domain.vocabulary import HouseholdRelation
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger

ORIGIN = "county.example/ledger"
PAYMENT = PaymentInstructed(batch="FF202404-09", pay_month="2024-04", month="2024-04", amount_fen=67600)
_PSEUDONYM = re.compile("person/[0-9a-f]{32}")
_DIGEST = re.compile("sha256='[0-9a-f]{64}'")


@pytest.fixture(params=["sqlite", "postgres"])
def together(request: pytest.FixtureRequest, office: Any) -> Iterator[Any]:
    """An office whose ledger is in each of the two stores in turn."""
    if request.param == "postgres":
        office.ledger.close()
        office.url = request.getfixturevalue("new_postgres")()
        office.ledger = Ledger.create(office.url, ORIGIN, SHA256, office.keys)
    yield office
    office.close()


class Import:
    """One import, in the midst of which others do their work: each piece in one attempt at reading the files."""

    def __init__(self, office: Any, *folders: Path, meanwhile: Sequence[Callable[[], object]] = ()) -> None:
        self.office = office
        self.meanwhile = list(meanwhile)
        self.attempts = 0
        self.bytes_read = 0
        self.reading = False
        with KeyStore.open(office.home / "keys", ORIGIN, SHA256) as keys, Ledger.open(office.url, keys) as ledger:
            self.report: DeliveryReport = load_delivery(
                ledger, keys, folders, by="system/import", clock=now, progress=self.progress
            )
        files_bytes = sum(file.stat().st_size for folder in folders for file in folder.iterdir())
        assert self.bytes_read in (0, files_bytes)

    def progress(self, name: str, count: int) -> None:
        self.bytes_read += count if name else 0
        if count < 0:
            self.reading = False
        elif not self.reading:
            self.reading = True
            self.attempts += 1
            if self.meanwhile:
                self.meanwhile.pop(0)()


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def record(office: Any, stream: str, event: Event) -> None:
    """Record one event as an officer does: with keys and a ledger opened for it."""
    with (
        KeyStore.open(office.home / "keys", ORIGIN, SHA256) as keys,
        Ledger.open(office.url, keys) as ledger,
        ledger.recording(now) as recording,
    ):
        recording.record(Command(str(uuid.uuid4()), "staff/MZ0001", (Draft(stream, event),)))


def facts(office: Any) -> list[str]:
    """Return what was recorded, without what keys decide (pseudonyms, and with them order) and the digests of files."""
    told = (f"{stream} {topic} {event}" for stream, _, topic, event in office.fingerprint())
    return sorted(_DIGEST.sub("", _PSEUDONYM.sub("person/", one)) for one in told)


def assert_sound(office: Any) -> None:
    found = verify(office.ledger.store, keys=office.keys)
    assert found.sound, found.findings[:3]
    assert all(recorded.opened for recorded in office.ledger.events())


def test_officers_at_other_cases_neither_wait_for_an_import_nor_disturb_it(together: Any) -> None:
    folder = together.deliver(together.sample)
    loaded = Import(together, folder, meanwhile=[lambda: record(together, "case/other", PAYMENT)])
    assert loaded.attempts == 1
    assert next(together.ledger.events()).stream == "case/other"
    assert loaded.report.entries_added == loaded.report.size - 1 == together.ledger.size - 1
    assert_sound(together)


def test_import_that_loses_its_cases_to_officers_is_redone_and_at_last_takes_the_lock_first(
    together: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    quiet = type(together)(tmp_path_factory.mktemp("quiet"))
    expected = quiet.start()
    stream = f"case/{together.case}"
    loaded = Import(
        together, together.deliver(together.sample), meanwhile=[lambda: record(together, stream, PAYMENT)] * 2
    )
    assert loaded.attempts == 3
    assert [file.to_json() for file in loaded.report.files] == [
        {**file.to_json(), "sha256": found.sha256}
        for file, found in zip(expected.files, loaded.report.files, strict=True)
    ]
    assert loaded.report.entries_added == expected.entries_added == together.ledger.size - 2
    assert [one.seq for one in together.ledger.stream(stream)][:3] == [1, 2, 3]
    assert_sound(together)
    quiet.close()


def test_same_folder_imported_twice_at_once_is_loaded_once(together: Any) -> None:
    folder = together.deliver(together.sample)
    other: list[Import] = []
    loaded = Import(together, folder, meanwhile=[lambda: other.append(Import(together, folder))])
    assert other[0].report.entries_added == together.ledger.size
    assert (loaded.attempts, loaded.report.entries_added) == (2, 0)
    assert (loaded.report.size, loaded.report.root) == (other[0].report.size, other[0].report.root)
    assert len(together.events(DeliveryReceived)) == 1
    assert_sound(together)


def test_two_deliveries_at_once_end_as_one_after_the_other(
    together: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each needs the other: cases and their members, their deaths, their payments, a contradicting row."""
    before = ("申请", "家庭成员", "工作人员", "标准")
    cases = {kind: rows for kind, rows in together.sample.items() if kind in before}
    later = {kind: rows for kind, rows in together.sample.items() if kind not in before}
    later["家庭成员"] = [{**together.sample["家庭成员"][0], "申报月收入": "360"}]
    serial = type(together)(tmp_path_factory.mktemp("serial"))
    for rows in (cases, later):
        serial.load_rows(rows)
    first, second = together.deliver(cases), together.deliver(later)
    loaded = Import(together, second, meanwhile=[lambda: Import(together, first)])
    assert loaded.attempts == 2
    assert not together.events(RowRejected)
    assert together.counts(loaded.report, "家庭成员") == {"conflicts": 1}
    assert [one.stream for one in together.events(MemberDied)] == [f"case/{together.case}"]
    assert facts(together) == facts(serial)
    assert_sound(together)
    serial.close()


def test_member_who_joins_while_a_death_is_imported_is_known_to_have_died(together: Any) -> None:
    joined = MemberJoined(
        member=1, relation=HouseholdRelation.SELF, counted=True, name="罗国强", citizen_id=together.wife
    )
    folder = together.deliver({"死亡信息": together.sample["死亡信息"]})
    loaded = Import(together, folder, meanwhile=[lambda: record(together, "case/other", joined)])
    assert loaded.attempts == 2
    assert [(one.stream, one.event.member) for one in together.events(MemberDied)] == [("case/other", 1)]
    assert_sound(together)


def test_case_that_is_opened_while_rows_refer_to_it_is_known(together: Any) -> None:
    folder = together.deliver({"公示": together.sample["公示"]})
    loaded = Import(together, folder, meanwhile=[lambda: record(together, f"case/{together.case}", PAYMENT)])
    assert (loaded.attempts, together.counts(loaded.report, "公示")) == (2, {"loaded": 1})
    assert_sound(together)
