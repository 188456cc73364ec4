"""The engine: every chosen rule put to every case, in one ordered reading of the log, in flat memory."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from audit.flags.aid_file import AidFile
from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.county_reading import Elsewhere, Window, read_county, read_window
from audit.flags.disposition import Standing, standing_of
from audit.flags.flag import Flag
from audit.flags.households import read_households
from audit.flags.links import SharedKeys
from audit.flags.rule import Rule, Subject
from audit.flags.untested import (
    KEYS_GONE,
    KIN_CLOSED,
    MEMBERS_CLOSED,
    NO_AID,
    NO_CLOSING_DATE,
    NO_DATA,
    NO_KEYS,
    NotApplicable,
    Untestable,
    Untested,
    Untests,
)
from domain.case_fold import fold
from domain.events.base import Event
from domain.events.flag import FlagDisposed
from domain.events.ledger import ErasureRequested
from domain.events.staff import RelativeDeclared
from domain.events.temporary_aid import TemporaryAidGranted
from domain.mapping.table import MAPPINGS
from domain.months import month_of
from domain.recorded import Recorded
from domain.vocabulary import FileKind
from ledger.entry import decode_name, encode_name
from ledger.ledger import Ledger

_FILES: Mapping[Subject, type[CaseFile]] = {Subject.CASE: CaseFile, Subject.TEMPORARY_AID: AidFile}

Progress = Callable[[int], None]
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cases are asked about, on which day, as of which position; None asks for no limit."""

    as_of: datetime.date | None = None
    known_at: int | None = None
    region: str | None = None
    programme: str | None = None
    case: str | None = None

    def includes(self, case: CaseFile) -> bool:
        """Tell whether flags of a case are asked for."""
        return (
            (self.case is None or self.case == case.case)
            and (self.programme is None or self.programme == case.programme)
            and (self.region is None or (case.region or "").startswith(self.region))
        )


@dataclass(frozen=True, slots=True)
class Search:
    """What was found: the flags by rule, case, month and reference, what became of them, what was not tested.

    `untested` could not be checked and leaves a doubt; `not_applicable` had nothing to be tested here.
    """

    as_of: datetime.date | None
    known_at: int
    flags: list[Flag] = field(default_factory=list)
    standings: Mapping[Key, Standing] = field(default_factory=dict)
    untested: list[Untested] = field(default_factory=list)
    not_applicable: list[Untested] = field(default_factory=list)
    cases: int = 0
    entries: int = 0

    def standing(self, flag: Flag) -> Standing | None:
        """Return what became of a flag; None when nobody disposed of it."""
        return self.standings.get(flag.key)

    def is_silent(self, flag: Flag) -> bool:
        """Tell whether a flag was disposed of, and nothing new has come since."""
        standing = self.standings.get(flag.key)
        return standing is not None and standing.holds


def search(ledger: Ledger, rules: Iterable[Rule], scope: Scope, progress: Progress = lambda entries: None) -> Search:
    """Put the rules to the cases of a scope; `progress` is told how many entries were just read."""
    known_at = ledger.size if scope.known_at is None else scope.known_at
    window, untests = read_window(ledger, known_at), Untests()
    as_of = scope.as_of or window.closing_date
    usable = [rule for rule in rules if _is_usable(ledger, rule, window, as_of, known_at, untests)]
    if as_of is None or not usable:
        return Search(as_of, known_at, untested=untests.unchecked(), not_applicable=untests.not_applicable())
    horizon = month_of(scope.as_of) if scope.as_of else None
    county, elsewhere = read_county(ledger, window, as_of, known_at, horizon)
    about_aid = [rule for rule in usable if rule.subject is Subject.TEMPORARY_AID]
    if about_aid:
        county.households = read_households(ledger, known_at)
    _note_closed(usable, county, untests)
    cases = _Reading(ledger, county, elsewhere, [rule for rule in usable if rule.subject is Subject.CASE], progress)
    grants = _Reading(ledger, county, {}, about_aid, progress, Subject.TEMPORARY_AID)
    found = [_Finder(reading, scope, untests) for reading in (cases, grants) if reading.rules]
    for finder in found:
        finder.search()
    return Search(
        as_of,
        known_at,
        sorted((flag for finder in found for flag in finder.flags.values()), key=attrgetter("key")),
        {key: standing for finder in found for key, standing in finder.standings.items()},
        untests.unchecked(),
        untests.not_applicable(),
        cases.cases,
        cases.entries + grants.entries,
    )


# Private


def _is_usable(
    ledger: Ledger, rule: Rule, window: Window, as_of: datetime.date | None, known_at: int, untests: Untests
) -> bool:
    if as_of is None:
        untests.add_rule(rule.id, Untestable(NO_CLOSING_DATE))
        return False
    if rule.subject is Subject.TEMPORARY_AID and not _holds(ledger, (TemporaryAidGranted.TOPIC,), known_at):
        untests.add_rule(rule.id, NotApplicable(NO_AID))
        return False
    for kind in rule.data:
        if kind not in window.kinds and not _is_recorded(ledger, kind, known_at):
            untests.add_rule(rule.id, NotApplicable(NO_DATA, kind=kind.value))
            return False
    if rule.opens and (ledger.keys is None or ledger.store.withholds_sealed):
        untests.add_rule(rule.id, Untestable(NO_KEYS))
        return False
    return True


def _note_closed(rules: Iterable[Rule], county: County, untests: Untests) -> None:
    """Tell which rules see only a part of what stands outside the cases: that whose keys are there."""
    for rule in rules:
        if county.kin_closed and RelativeDeclared in rule.opens:
            untests.add_rule(rule.id, Untestable(KIN_CLOSED, count=str(county.kin_closed)))
        if county.households.closed and rule.subject is Subject.TEMPORARY_AID:
            untests.add_rule(rule.id, Untestable(MEMBERS_CLOSED, count=str(county.households.closed)))


def _is_recorded(ledger: Ledger, kind: FileKind, known_at: int) -> bool:
    """Tell whether something of a kind was recorded live: an event that a row of such a file begins with."""
    topics = [rule.event.TOPIC for rule in MAPPINGS[kind].rules if not rule.optional]
    return _holds(ledger, topics, known_at)


def _holds(ledger: Ledger, topics: Sequence[str], known_at: int) -> bool:
    return next(ledger.selected(topics, (), 0, known_at), None) is not None


class _Reading:
    """Reads what rules are about, such as cases: all in the order of their streams, or one by its number."""

    def __init__(
        self,
        ledger: Ledger,
        county: County,
        elsewhere: Elsewhere,
        rules: Sequence[Rule],
        progress: Progress,
        subject: Subject = Subject.CASE,
    ) -> None:
        self.county = county
        self.rules = rules
        self.cases = 0
        self.entries = 0
        self._ledger = ledger
        self._elsewhere = elsewhere
        opened: set[type[Event]] = {event for rule in rules for event in rule.opens}
        self._opened = frozenset(event.TOPIC for event in opened | {FlagDisposed})
        self._progress = progress
        self._subject = subject
        # What is gone is gone for every question, also for one about what was known before it went.
        requests = ledger.events_of_type(ErasureRequested.TOPIC, open_sealed=False)
        self._erased = frozenset(one.stream for one in requests)

    def all(self) -> Iterator[CaseFile]:
        """Yield every case that has a stream."""
        entries = self._ledger.by_stream(f"{self._subject}/", self._opened, self.county.known_at)
        for stream, records in groupby(entries, key=attrgetter("stream")):
            listed = list(records)
            self._progress(len(listed))
            case = self._case(decode_name(stream)[1], listed)
            self.county.transfers.note(case.state.transfers.values())
            yield case

    def one(self, number: str) -> CaseFile | None:
        """Return the case of this number, None when there is no such stream."""
        stream = encode_name(self._subject, number)
        entries = self._ledger.by_stream(stream, self._opened, self.county.known_at)
        records = [recorded for recorded in entries if recorded.stream == stream]
        return self._case(number, records) if records else None

    # Private

    def _case(self, number: str, records: list[Recorded]) -> CaseFile:
        if positions := self._elsewhere.get(number):
            known = {recorded.position for recorded in records}
            records += self._ledger.at([one for one in set(positions) if one not in known], self._opened)
            records.sort(key=attrgetter("position"))
        self.cases += 1
        self.entries += len(records)
        closed = frozenset(one.topic for one in records if not one.opened and one.topic in self._opened)
        file = _FILES[self._subject]
        state = fold(records)
        state.erased = encode_name(self._subject, number) in self._erased
        return file(number, state, records, closed, self.county.transfers.link_of)


class _Finder:
    """Puts the rules to the cases, and keeps what they find once."""

    def __init__(self, reading: _Reading, scope: Scope, untests: Untests) -> None:
        self.flags: dict[Key, Flag] = {}
        self.standings: dict[Key, Standing] = {}
        self._reading = reading
        self._scope = scope
        self._untests = untests
        self._alone = [rule for rule in reading.rules if rule.find is not None]
        self._linking = {rule: SharedKeys() for rule in reading.rules if rule.links is not None}

    def search(self) -> None:
        """Read all cases once, then those again that share something or whose money leads to another case."""
        if self._scope.case is not None and not self._linking:
            case = self._reading.one(self._scope.case)
            if case is None or not case.leads_elsewhere:
                self._put(case)
                return
        later: list[str] = []
        for case in self._reading.all():
            self._link(case)
            if case.leads_elsewhere:
                later.append(case.case)  # its months are known once every case was read
            else:
                self._put(case)
        for number in later:
            self._put(self._reading.one(number))
        for rule, shared in self._linking.items():
            self._compare(rule, shared)

    # Private

    def _link(self, case: CaseFile) -> None:
        for rule, shared in self._linking.items():
            assert rule.links is not None
            if self._is_open(rule, case):
                shared.add(case.case, rule.links(case, self._reading.county))

    def _put(self, case: CaseFile | None) -> None:
        if case is None or not self._scope.includes(case):
            return
        for rule in self._alone:
            assert rule.find is not None
            if self._is_open(rule, case):
                self._keep(rule, rule.find(case, self._reading.county), [case])

    def _compare(self, rule: Rule, shared: SharedKeys) -> None:
        assert rule.find_among is not None
        for numbers in shared.groups():
            cases = [case for number in numbers if (case := self._reading.one(number)) is not None]
            wanted = [case for case in cases if self._scope.includes(case)]
            if wanted:
                self._keep(rule, rule.find_among(cases, self._reading.county), wanted)

    def _keep(self, rule: Rule, flags: Iterator[Flag], wanted: Sequence[CaseFile]) -> None:
        cases = {case.case: case for case in wanted}
        try:
            for flag in flags:
                if flag.case in cases and flag.key not in self.flags:
                    self.flags[flag.key] = flag
                    if standing := standing_of(flag, cases[flag.case]):
                        self.standings[flag.key] = standing
        except Untestable as error:
            for case in cases:
                self._untests.add_case(rule.id, case, error)

    def _is_open(self, rule: Rule, case: CaseFile) -> bool:
        if not case.closed or not any(event.TOPIC in case.closed for event in rule.opens):
            return True
        if self._scope.includes(case) and not case.state.erased:
            self._untests.add_case(rule.id, case.case, Untestable(KEYS_GONE))
        return False
