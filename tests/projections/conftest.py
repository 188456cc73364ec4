"""A log in memory, told event by event, for tests of the registers that need no ledger."""

import datetime
import hashlib
from collections.abc import Callable, Collection, Iterator

import pytest

from domain.events import application, change, decision, delivery, household, payment
from domain.events.base import Event
from domain.recorded import Recorded
from domain.vocabulary import Channel, HouseholdRelation, Programme, ReviewClass, StopGround
from ledger.postgres_connection import connect
from ledger.postgres_privileges import REGISTER_ROLE
from ledger.postgres_roles import make_roles
from ledger.postgres_schema import REGISTER_SCHEMA
from ledger.urls import PostgresAddress, parse_url
from projections.database import Database
from projections.follower import Follower
from projections.postgres import PostgresDatabase
from projections.sqlite import SQLiteDatabase

AT = datetime.datetime(2025, 1, 6, 9, tzinfo=datetime.UTC)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


class DigestKeys:
    """Keys that make pseudonyms in the clear of a test."""

    def index_mac(self, label: str, *parts: str) -> bytes:
        return hashlib.sha256("\n".join((label, *parts)).encode()).digest()


class Story:
    """An event source: what was told so far, sealed parts closed unless they are asked for and there are keys."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Event]] = []
        self.keys: DigestKeys | None = DigestKeys()

    @property
    def size(self) -> int:
        return len(self.told)

    def selected(self, topics: Collection[str], opened: Collection[str], start: int, stop: int) -> Iterator[Recorded]:
        for position in range(start, stop):
            topic = self.told[position][1].TOPIC
            if topic in topics:
                yield self._recorded(position, open_sealed=topic in opened)

    def tell(self, stream: str, *events: Event) -> None:
        self.told += [(stream, event) for event in events]

    def window(self, first_month: str, closing_date: str) -> None:
        self.tell(
            "import/000001",
            delivery.DeliveryDescribed(region="520121", first_month=first_month, closing_date=day(closing_date)),
        )

    def apply(
        self,
        case: str,
        accepted_on: str = "2024-01-03",
        members: tuple[str, ...] = ("p1",),
        region: str = "520121101",
        programme: Programme = Programme.RURAL,
    ) -> None:
        accepted = day(accepted_on)
        submitted = application.ApplicationSubmitted(
            programme=programme, channel=Channel.OWN, occurred_on=accepted, region=region, head_name="罗国强"
        )
        self.tell(f"case/{case}", submitted, application.ApplicationAccepted(occurred_on=accepted))
        for number, person in enumerate(members, 1):
            joined = household.MemberJoined(
                member=number, relation=HouseholdRelation.SELF, counted=True, name="罗国强", citizen_id=person
            )
            self.tell(f"case/{case}", joined)

    def confirm(
        self, case: str, decided_on: str = "2024-01-20", starts_from: str = "2024-02", amount_fen: int = 50_000
    ) -> None:
        self.tell(
            f"case/{case}",
            decision.ApplicationConfirmed(occurred_on=day(decided_on), delegated=False, confirmer="MZ0004"),
            decision.EntitlementGranted(
                occurred_on=day(decided_on),
                effective_from=starts_from,
                amount_fen=amount_fen,
                review_class=ReviewClass.B,
            ),
        )

    def refuse(self, case: str, decided_on: str = "2024-01-20") -> None:
        self.tell(f"case/{case}", decision.ApplicationRefused(occurred_on=day(decided_on), delegated=True))

    def stop(self, case: str, decided_on: str, effective_from: str, ground: StopGround = StopGround.INCOME) -> None:
        self.tell(
            f"case/{case}",
            change.BenefitStopped(occurred_on=day(decided_on), effective_from=effective_from, ground=ground),
        )

    def pay(
        self,
        case: str | None,
        transfer: str,
        cash_month: str,
        amount_fen: int = 50_000,
        *,
        returned: bool = False,
        original: str | None = None,
        month: str | None = None,
        loaded: bool = True,
    ) -> None:
        stream = f"case/{case}" if loaded and case else f"batch/FF{cash_month}"
        event_class = payment.PaymentReturned if returned else payment.PaymentSettled
        moved = event_class(
            transfer=transfer,
            batch="FF202404-01",
            cash_month=cash_month,
            occurred_on=day(f"{cash_month}-10"),
            amount_fen=amount_fen,
            case=case,
            account="6299010000000000018",
            holder="罗国强",
        )
        self.tell(stream, moved)
        if original is not None:
            self.tell(stream, payment.PaymentReissued(transfer=transfer, original=original))
        if month is not None:
            self.tell(stream, payment.PaymentAttributed(transfer=transfer, month=month))

    def _recorded(self, position: int, *, open_sealed: bool) -> Recorded:
        stream, event = self.told[position]
        closed = bool(event.sealed_part()) and not (open_sealed and self.keys is not None)
        seq = 1 + sum(name == stream for name, _ in self.told[:position])
        shown = type(event).read(event.open_part()) if closed else event
        command = "00000000-0000-0000-0000-000000000000"
        return Recorded(position, stream, seq, event.TOPIC, AT, "system/import", command, shown, not closed)


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def new_sqlite_registers() -> Callable[[], Database]:
    return SQLiteDatabase.private


@pytest.fixture
def new_register_schema(new_postgres: Callable[[], str]) -> Callable[[], PostgresAddress]:
    """Return what makes a database in PostgreSQL that registers can be kept in."""

    def make() -> PostgresAddress:
        address = parse_url(new_postgres())
        assert isinstance(address, PostgresAddress)
        with connect(address) as connection:
            make_roles(str(address), connection)
            connection.execute(f"CREATE SCHEMA {REGISTER_SCHEMA}")
            connection.execute(f"GRANT USAGE, CREATE ON SCHEMA {REGISTER_SCHEMA} TO {REGISTER_ROLE}")
        return address

    return make


@pytest.fixture
def new_postgres_registers(new_register_schema: Callable[[], PostgresAddress]) -> Callable[[], Database]:
    return lambda: PostgresDatabase.beside(new_register_schema())


@pytest.fixture(params=["sqlite", "postgres"])
def new_registers(request: pytest.FixtureRequest) -> Iterator[Callable[[], Database]]:
    """Return what makes a database for registers, of each kind in turn."""
    make = request.getfixturevalue(f"new_{request.param}_registers")
    made: list[Database] = []

    def make_one() -> Database:
        made.append(make())
        return made[-1]

    yield make_one
    for database in made:
        database.close()


@pytest.fixture
def followed(story: Story, new_registers: Callable[[], Database]) -> Callable[[], Database]:
    """Return what follows the story to its end and gives the registers."""
    database = new_registers()

    def follow() -> Database:
        Follower(story, database).catch_up()
        return database

    return follow
