"""Facts of a person that touch cases: a death, a credit entry, noted in each case under a command of their own.

The open part must not link one person's cases: a notice shares neither command nor open source with another, and all
of a delivery stand at its end in the order of their cases, so that no neighbourhood in the log tells who is who.
"""

import datetime
from dataclasses import dataclass, field

from domain.events.household import DishonestyNoted, MemberDied, MemberJoined
from domain.events.person import CreditRecorded, DeathRecorded
from ledger.entry import encode_name
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Recording

ASKED_AT_ONCE = 250  # persons or notices whose look-ups are one journey to the database

MemberOf = tuple[str, int]  # case stream and number of the member


@dataclass(slots=True)
class PersonLinks:
    """Members, deaths and credit entries of the running delivery, to be matched with what the log holds."""

    recording: Recording
    keys: KeyStore
    by: str
    members: dict[str, list[MemberOf]] = field(default_factory=dict)
    deaths: dict[str, DeathRecorded] = field(default_factory=dict)
    notices: dict[tuple[str, str], MemberDied | DishonestyNoted] = field(default_factory=dict)

    def pseudonym(self, citizen_id: str) -> str:
        """Return the keyed id of the person's stream: 32 hex digits, the same for the same person."""
        return self.keys.index_mac("person", citizen_id).hex()[:32]

    def add_member(self, case_stream: str, member: int, citizen_id: str) -> None:
        """Remember a member that was just recorded."""
        self.members.setdefault(self.pseudonym(citizen_id), []).append((case_stream, member))

    def add_death(self, death: DeathRecorded) -> None:
        """Remember a death that was just recorded."""
        if death.citizen_id:
            self.deaths[self.pseudonym(death.citizen_id)] = death

    def add_credit(self, case_stream: str, credit: CreditRecorded, member: int | None) -> None:
        """Remember a credit entry that was just recorded; `member` is the person's number in the case it names."""
        if credit.decided_on is None or credit.begins_on is None or credit.ends_on is None:
            return
        event = DishonestyNoted(
            occurred_on=credit.decided_on,
            begins_on=credit.begins_on,
            ends_on=credit.ends_on,
            member=member,
            fact=credit.fact,
            subject_citizen_id=credit.citizen_id,
            source=credit.source,
        )
        person = self.pseudonym(credit.citizen_id or "")
        identity = ("credit-noted", case_stream, person, credit.decided_on.isoformat())
        self.notices[case_stream, self.keys.command_id(*identity)] = event

    def record_notices(self) -> None:
        """Record every death and credit entry in every case that it touches and that does not know of it yet."""
        self._find_deaths()
        notices = sorted(self.notices.items(), key=_order)
        for number, ((case_stream, command), event) in enumerate(notices):
            if number % ASKED_AT_ONCE == 0:
                told = [one for one, _ in notices[number : number + ASKED_AT_ONCE]]
                self.recording.expect({stream for stream, _ in told}, {command for _, command in told})
            if self.recording.find(command) is None:
                self.recording.record(Command(command, self.by, (Draft(case_stream, event),)))

    # Private

    def _find_deaths(self) -> None:
        earlier = self._earlier_members() if self.deaths else {}
        for person, death in self.deaths.items():
            for case_stream, member in (*self.members.get(person, ()), *earlier.get(person, ())):
                self._add_death_notice(case_stream, member, death)
        persons = list(self.members)
        for number, (person, places) in enumerate(self.members.items()):
            if number % ASKED_AT_ONCE == 0:
                told = persons[number : number + ASKED_AT_ONCE]
                self.recording.expect({encode_name("person", one) for one in told}, ())
            if person not in self.deaths and (known := self._death_on_record(person)):
                for case_stream, member in places:
                    self._add_death_notice(case_stream, member, known)

    def _earlier_members(self) -> dict[str, list[MemberOf]]:
        """Return the members that earlier deliveries loaded, of the persons whose death is new."""
        found: dict[str, list[MemberOf]] = {}
        for item in self.recording.earlier_events_of_type(MemberJoined.TOPIC):
            event = item.event
            if isinstance(event, MemberJoined) and event.citizen_id:
                person = self.pseudonym(event.citizen_id)
                if person in self.deaths:
                    found.setdefault(person, []).append((item.stream, event.member))
        return found

    def _death_on_record(self, person: str) -> DeathRecorded | None:
        stream = encode_name("person", person)
        if self.recording.head_of(stream) is None:
            return None
        events = (item.event for item in self.recording.stream(stream))
        return next((event for event in events if isinstance(event, DeathRecorded)), None)

    def _add_death_notice(self, case_stream: str, member: int, death: DeathRecorded) -> None:
        if death.died_on and death.received_on:
            command = self.keys.command_id("member-died", case_stream, str(member))
            self.notices[case_stream, command] = MemberDied(
                member=member, occurred_on=death.died_on, received_on=death.received_on, source=death.source
            )


# Private


def _order(notice: tuple[tuple[str, str], MemberDied | DishonestyNoted]) -> tuple[str, str, int, datetime.date, str]:
    """Order notices by case, and within a case by what anybody can read of them: the same in every ledger."""
    (case_stream, command), event = notice
    return case_stream, event.TOPIC, event.member or 0, event.occurred_on, command
