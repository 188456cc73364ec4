"""Each stored row by itself and after the ones before it: bytes, index columns, the rules between entries.

The bytes are what is believed; every column beside them must say the same. An entry is parsed once, by the checker
of the chain, and its fields are then compared.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from audit.finding import Finding, of_log, shown
from ledger.chain import ChainChecker
from ledger.entry import Entry
from ledger.express import Express, Passed
from ledger.hashing import Suite
from ledger.key_chain import KEY_ANNOUNCED, KEY_ROTATED, KeyStatement, statement_of
from ledger.store import Record

COLUMNS = ("stream", "seq", "type", "at", "by", "command")
LINES = ("suite", "log", "stream", "seq", "type", "prev", "at", "by", "command", "sealed")
STATEMENTS_MAX = 100


class RowCheck:
    """Takes rows in order of position; `entry` and `leaf` are those of the last one, `entry` None if it is none."""

    def __init__(
        self, suite: Suite, origin: str, corrected: set[tuple[str, int]], *, blobs_may_be_absent: bool = False
    ) -> None:
        self.entry: Entry | None = None
        self.leaf = b""
        self.streams = 0
        self.vkeys: list[KeyStatement] = []  # the keys that the log announces
        self.known_by_next: dict[bytes, tuple[str, int]] = {}  # leaf hash -> its (stream, seq), where a chain breaks
        self._suite = suite
        self.checker = ChainChecker(suite, origin, corrected, _never_seen)
        self._express = Express(suite, origin, self.checker, blobs_may_be_absent=blobs_may_be_absent)

    def take(self, rows: Sequence[tuple[Any, ...]], expected: int, *, sealed: bool) -> Passed:
        """Take the rows that are certainly in order, up to the first that is to be given to `check`."""
        if self.checker.citations.held:
            return Passed()  # whether what is cited comes is known when the command ends
        passed = self._express.take(rows, expected, sealed=sealed)
        self.streams += passed.streams
        return passed

    def check(self, record: Record) -> list[Finding]:
        """Return what is wrong with one row: its columns first, then its place in the chain."""
        data = record.entry
        if type(data) is not bytes:
            data = _as_bytes(data)
        self.leaf = leaf = self._suite.leaf(data)
        chain = self.checker.check(record.position, data, leaf)
        self.entry = entry = self.checker.entry
        if entry is None:
            return [replace(of_log(finding), field=_field_of(data, finding.field)) for finding in chain]
        if entry.seq == 1:
            self.streams += 1
        findings: list[Finding] = []
        if (
            entry.stream != record.stream
            or entry.seq != record.seq
            or entry.type != record.type
            or entry.at != record.at
            or entry.by != record.by
            or entry.command != record.command
            or type(record.seq) is not int
            or data is not record.entry
        ):
            findings = list(_column_findings(record, entry))
        if entry.type in (KEY_ANNOUNCED, KEY_ROTATED):
            self._take_key(record.position, entry)
        if chain:
            findings += [of_log(finding) for finding in chain]
            if len(self.known_by_next) < 1_000:
                self.known_by_next.setdefault(entry.prev, (entry.stream, entry.seq - 1))
        if not findings:
            self._express.learn(entry)
        return findings

    def _take_key(self, position: int, entry: Entry) -> None:
        statement = statement_of(position, entry)
        if statement is not None and len(self.vkeys) < STATEMENTS_MAX:
            self.vkeys.append(statement)

    def finish(self) -> list[Finding]:
        """Return what is wrong with the end of the log."""
        return [of_log(finding) for finding in self.checker.finish()]


# Private

_STRANGE = re.compile(rb"[\r\x80-\xff]")  # what no header line holds


def _column_findings(record: Record, entry: Entry) -> list[Finding]:
    place = (record.position, entry.stream, entry.seq)
    findings = [
        Finding("edited-column", *place, column, shown(getattr(entry, column)), shown(getattr(record, column)))
        for column in COLUMNS
        if getattr(record, column) != getattr(entry, column) or type(getattr(record, column)) not in (str, int)
    ]
    if type(record.entry) is not bytes:  # its bytes are right, its storage class is not
        findings.append(Finding("edited-column", *place, "entry", "bytes", "a value of another type"))
    return findings


def _field_of(data: bytes, where: str) -> str:
    """Return the name of the line in which bytes stop being an entry, from where the parser stumbled."""
    stumbled = re.fullmatch("line ([0-9]+)", where)
    if stumbled:
        number = int(stumbled[1])
    elif where in ("header", "entry"):
        strange = _STRANGE.search(data)
        number = data.count(b"\n", 0, strange.start() if strange else len(data)) + 1
    else:
        return where
    return LINES[number - 1] if number <= len(LINES) else "payload"


def _as_bytes(value: object) -> bytes:
    """Return what a column holds that should hold bytes, so that it can be shown to be no entry."""
    return value.encode(errors="surrogateescape") if isinstance(value, str) else str(value).encode()


def _never_seen(_: str) -> bool:
    """Command ids are compared with their table instead, which needs no memory."""
    return False
