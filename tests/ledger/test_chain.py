"""What the rules between entries find, and what they leave alone."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger import chain
from ledger.chain import ChainChecker, Finding
from ledger.entry import NO_PREVIOUS, Entry, Seal, encode_entry, parse_entry
from ledger.hashing import SHA256, suite_named

VECTORS = Path(__file__).parents[1] / "vectors"
LOG = json.loads((VECTORS / "entries.json").read_text())
SM3_LOG = json.loads((VECTORS / "sm3.json").read_text())
SEQUENCES = json.loads((VECTORS / "invalid-entries.json").read_text())["sequences"]
ENTRIES = [one["text"].encode() for one in LOG["entries"]]
ORIGIN = "a.example/log"
KID = "ab" * 16


def findings_of(
    entries: Iterable[bytes],
    suite: str = LOG["suite"],
    origin: str = LOG["origin"],
    seen: Callable[[str], bool] | None = None,
) -> list[Finding]:
    entries = list(entries)
    checker = ChainChecker(suite_named(suite), origin, chain.corrected_entries(entries), seen)
    found = [one for position, data in enumerate(entries) for one in checker.check(position, data)]
    return found + checker.finish()


def kinds_of(entries: Iterable[bytes]) -> list[tuple[str, int]]:
    return [(one.kind, one.position) for one in findings_of(entries, origin=ORIGIN)]


@pytest.mark.parametrize("log", [LOG, SM3_LOG], ids=["sha256", "sm3"])
def test_sound_log_gives_no_alarm(log: dict[str, Any]) -> None:
    assert findings_of([one["text"].encode() for one in log["entries"]], log["suite"], log["origin"]) == []


@pytest.mark.parametrize("one", SEQUENCES, ids=lambda one: one["reason"])
def test_faulty_sequence_is_found_at_its_place_and_nowhere_else(one: dict[str, Any]) -> None:
    appended = [text.encode() for text in one["append"]]
    found = findings_of([*ENTRIES[: one["take"]], *appended])
    assert [(finding.position, finding.field) for finding in found] == [(one["position"], one["where"].split(" ")[0])]


SETTLED = [one for one in SEQUENCES if one["append"] and one["position"] == one["take"] + len(one["append"]) - 1]


@pytest.mark.parametrize("one", SETTLED, ids=lambda one: one["reason"])
def test_faulty_sequence_without_its_last_entry_has_not_that_fault(one: dict[str, Any]) -> None:
    appended = [text.encode() for text in one["append"][:-1]]
    kinds = {finding.kind for finding in findings_of([*ENTRIES[: one["take"]], *appended])}
    assert kinds <= {"unfinished-command"}


def test_number_known_at_a_time_is_that_of_the_vectors() -> None:
    corrected = chain.corrected_entries(ENTRIES)
    assert corrected == {("case/c-0020", 1)}
    parsed = [parse_entry(data) for data in ENTRIES]
    times = [(entry.at, (entry.stream, entry.seq) in corrected) for entry in parsed]
    for one in LOG["known_at"]:
        assert chain.known_at(times, one["time"]) == one["entries"]
    assert chain.known_at([], "2026-01-01T00:00:00.000000Z") == 0


class Writer:
    """Writes sound logs to be damaged: a command a minute, each stream chained."""

    def __init__(self) -> None:
        self.heads: dict[str, tuple[int, bytes]] = {}
        self.commands = 0

    def command(self, *streams: str, **fields: Any) -> list[bytes]:
        self.commands += 1
        return [self.entry(stream, k, len(streams), **fields) for k, stream in enumerate(streams, 1)]

    def entry(self, stream: str, k: int, n: int, **fields: Any) -> bytes:
        seq, prev = self.heads.get(stream, (0, NO_PREVIOUS))
        made = Entry(
            suite="mingzhang/v1",
            log=ORIGIN,
            stream=stream,
            seq=seq + 1,
            type="case.noted/1",
            prev=prev,
            at=f"2026-03-01T{self.commands // 60:02}:{self.commands % 60:02}:00.000000Z",
            by="staff/1",
            command=f"00000000-0000-0000-0000-{self.commands:012}",
            k=k,
            n=n,
            seal=None,
            payload={"days": self.commands},
        )
        data = encode_entry(replace(made, **fields))
        self.heads[stream] = seq + 1, SHA256.leaf(data)
        return data


def sound_log() -> list[bytes]:
    """Twelve commands of one entry in two streams, one of three entries in three streams, six more of one."""
    writer = Writer()
    log: list[bytes] = []
    for number in range(12):
        log += writer.command(f"case/{number % 2}")
    log += writer.command("case/0", "case/1", "case/2")
    for number in range(6):
        log += writer.command(f"case/{number % 3}")
    return log


def changed(data: bytes, **fields: Any) -> bytes:
    return encode_entry(replace(parse_entry(data), **fields))


def test_written_log_is_sound() -> None:
    assert kinds_of(sound_log()) == []


def test_removed_entry_is_one_gap_at_its_successor() -> None:
    log = sound_log()
    assert kinds_of([*log[:4], *log[5:]]) == [("stream-gap", 5)]


def test_entry_removed_from_a_command_shows_in_the_command() -> None:
    log = sound_log()
    assert kinds_of([*log[:13], *log[14:]]) == [("command-order", 13), ("stream-gap", 15)]


@pytest.mark.parametrize("to", range(5, 12))
def test_copied_entry_is_one_repeat(to: int) -> None:
    log = sound_log()
    assert kinds_of([*log[:to], log[4], *log[to:]]) == [("stream-repeat", to)]


@pytest.mark.parametrize("to", [13, 14, 15, 18, 21])
def test_copied_entry_inside_or_of_a_command_is_one_repeat(to: int) -> None:
    log = sound_log()
    assert kinds_of([*log[:to], log[12], *log[to:]]) == [("stream-repeat", to)]


def test_swapped_entries_of_a_stream_are_named_as_such() -> None:
    log = sound_log()
    log[4], log[6] = log[6], log[4]
    assert kinds_of(log) == [("stream-gap", 4), ("stream-order", 6)]


def test_changed_entry_shows_at_its_successor_alone() -> None:
    log = sound_log()
    log[4] = changed(log[4], payload={"days": 99})
    found = findings_of(log, origin=ORIGIN)
    assert [(one.kind, one.position, one.field) for one in found] == [("stream-chain", 6, "prev")]
    assert "of seq 3 at position 4" in found[0].expected


@pytest.mark.parametrize("seq", [2, 4, 5, 2000])
def test_changed_seq_is_one_finding(seq: int) -> None:
    log = sound_log()
    log[4] = changed(log[4], seq=seq)
    assert [position for _, position in kinds_of(log)] == [4]


def test_foreign_entry_with_a_later_seq_does_not_move_its_stream() -> None:
    log = sound_log()
    foreign = Writer().entry("case/0", 1, 1, seq=9, command="ffffffff-0000-0000-0000-000000000000", prev=bytes(32))
    log.insert(6, changed(foreign, at=parse_entry(log[6]).at))
    assert kinds_of(log) == [("stream-gap", 6)]


def test_forged_entry_before_the_true_one_is_one_repeat() -> None:
    """Which of the two is true the chain cannot tell; that there are two it can."""
    log = sound_log()
    log.insert(4, changed(log[4], payload={}, command="ffffffff-0000-0000-0000-000000000000"))
    assert kinds_of(log) == [("stream-repeat", 5)]


def test_entry_that_does_not_parse_is_one_finding() -> None:
    for position, data in enumerate(sound_log()):
        log = sound_log()
        log[position] = data.replace(b'"days":', b'"Days":')
        assert kinds_of(log) == [("bytes", position)]
    log = sound_log()
    log[4] = log[4].replace(b"mingzhang", b"Mingzhang")
    found = findings_of(log, origin=ORIGIN)[0]
    assert (found.stream, found.seq, found.field) == ("case/0", 3, "line 1")


def test_unreadable_bytes_name_no_stream() -> None:
    log = sound_log()
    log[-1] = b"\xff"
    assert [(one.kind, one.stream, one.seq) for one in findings_of(log, origin=ORIGIN)] == [("bytes", "", 0)]


def test_foreign_command_inside_another_is_one_finding() -> None:
    log = sound_log()
    writer = Writer()
    foreign = changed(
        writer.entry("case/9", 1, 1), at=parse_entry(log[12]).at, command="f" * 8 + "-0000" * 3 + "-" + "0" * 12
    )
    log.insert(13, foreign)
    assert kinds_of(log) == [("command-order", 13)]


def test_changed_time_is_one_finding() -> None:
    """Ahead, it shows at the entry after; behind, at the entry itself; in a command, as a mixture."""
    ahead, behind, mixed = (Writer() for _ in range(3))
    far = "2026-03-02T00:00:00.000000Z"
    log = [
        *ahead.command("case/0"),
        *ahead.command("case/1", at=far),
        *ahead.command("case/0"),
        *ahead.command("case/0"),
    ]
    assert kinds_of(log) == [("time", 2)]
    early = "2026-02-01T00:00:00.000000Z"
    log = [*behind.command("case/0"), *behind.command("case/1", at=early), *behind.command("case/0")]
    assert kinds_of(log) == [("time", 1)]
    log = mixed.command("case/0", "case/1", "case/2")
    log[1] = changed(log[1], at="2026-03-01T00:01:00.000001Z")
    assert kinds_of(log) == [("command-mixed", 1)]


def test_time_may_fall_behind_by_exactly_300_seconds() -> None:
    for at, kinds in (("2026-03-01T00:56:00.000000Z", []), ("2026-03-01T00:55:59.999999Z", [("time", 1)])):
        writer = Writer()
        first = writer.command("case/0", at="2026-03-01T01:01:00.000000Z")
        assert kinds_of([*first, *writer.command("case/0", at=at)]) == kinds


AHEAD = "2026-03-01T09:00:00.000000Z"


def correction(writer: Writer, stream: str, seq: Any, **fields: Any) -> list[bytes]:
    payload = {"cites": {"seq": seq, "stream": stream}}
    return writer.command("ledger/main", type=chain.CLOCK_CORRECTED, payload=payload, **fields)


def test_correction_is_itself_held_to_the_rule_until_another_cites_it() -> None:
    """What the first one cites stays corrected even where the first one is at fault."""
    writer = Writer()
    log = [*writer.command("case/0"), *writer.command("case/1", at=AHEAD)]
    log += correction(writer, "case/1", 1, at="2026-02-28T00:00:00.000000Z")
    assert kinds_of(log) == [("time", 2)]
    log += [*correction(writer, "ledger/main", 1), *writer.command("case/0")]
    assert kinds_of(log) == []


def test_correction_of_what_comes_later_or_of_itself_corrects_nothing() -> None:
    writer = Writer()
    log = [*correction(writer, "case/1", 1), *writer.command("case/1", at=AHEAD), *writer.command("case/0")]
    assert kinds_of(log) == [("citation", 0), ("time", 2)]
    writer = Writer()
    log = [*correction(writer, "ledger/main", 1, at=AHEAD), *writer.command("case/0")]
    assert kinds_of(log) == [("citation", 0), ("time", 1)]


def test_correction_that_cites_true_does_not_cite_the_first_entry() -> None:
    """In some languages true equals 1; in the format it does not."""
    writer = Writer()
    log = [*writer.command("case/1", at=AHEAD), *correction(writer, "case/1", True, at=AHEAD)]
    assert chain.corrected_entries(log) == set()
    assert kinds_of([*log, *writer.command("case/0")]) == [("citation", 1), ("time", 2)]


def test_citation_of_the_same_command_may_point_ahead_but_not_at_itself() -> None:
    ahead, itself, missing = (Writer() for _ in range(3))
    cite = {"cites": [{"seq": 1, "stream": "case/1"}]}
    assert kinds_of(ahead.command("case/0", "case/1")) == []
    log = [ahead.entry("case/2", 1, 2, payload=cite), ahead.entry("case/3", 2, 2)]
    assert kinds_of([*Writer().command("case/1"), *log]) == [("command-repeated", 1)]
    assert kinds_of([itself.entry("case/1", 1, 1, payload=cite)]) == [("citation", 0)]
    log = [missing.entry("case/0", 1, 3, payload=cite), missing.entry("case/1", 2, 3), missing.entry("case/2", 3, 3)]
    assert kinds_of(log) == []
    missing = Writer()
    log = [missing.entry("case/0", 1, 2, payload=cite), missing.entry("case/2", 2, 2)]
    assert kinds_of(log) == [("citation", 0)]


@pytest.mark.parametrize(
    "target", [{"seq": True, "stream": "case/0"}, {"seq": 1, "stream": 1}, {"seq": [], "stream": {}}]
)
def test_citation_that_names_no_entry_is_found(target: dict[str, Any]) -> None:
    writer = Writer()
    log = [*writer.command("case/0"), *writer.command("case/0", payload={"cites": target})]
    assert kinds_of(log) == [("citation", 1)]


def test_object_with_a_third_key_cites_nothing() -> None:
    assert list(chain.citations({"a": {"seq": 1, "stream": "x/1", "year": 1}, "seq": 1})) == []
    assert list(chain.citations({"seq": 1, "stream": "x/1"})) == [("x/1", 1)]


def test_erasure_reported_without_a_request_is_found() -> None:
    writer = Writer()
    effect, request = (
        {"type": topic, "payload": {"kid": KID}} for topic in (chain.ERASURE_EFFECTIVE, chain.ERASURE_REQUESTED)
    )
    log = writer.command("ledger/main", **effect)
    log += writer.command("ledger/main", **request)
    log += writer.command("ledger/main", **effect)
    assert [(one.kind, one.field, one.position) for one in findings_of(log, origin=ORIGIN)] == [
        ("erasure", "payload", 0)
    ]


def test_key_of_an_erased_case_seals_nothing_more() -> None:
    writer = Writer()
    seal = Seal(KID, bytes(32), bytes(32))
    log = writer.command("case/0", seal=seal)
    log += writer.command("ledger/main", type=chain.ERASURE_REQUESTED, payload={"kid": KID})
    log += writer.command("case/0", seal=seal)
    log += writer.command("case/1", seal=replace(seal, kid="cd" * 16))
    log += writer.command("case/2", seal=replace(seal, kid="cd" * 16))
    assert kinds_of(log) == [("key-erased", 2), ("key-scope", 4)]


def test_command_ids_may_be_kept_by_the_caller() -> None:
    seen: list[str] = []

    def record(command: str) -> bool:
        seen.append(command)
        return command in seen[:-1]

    log = sound_log()
    assert findings_of(log, origin=ORIGIN, seen=record) == []
    assert len(seen) == len(set(seen)) == 19


def test_entry_checked_last_is_at_hand() -> None:
    checker = ChainChecker(SHA256, LOG["origin"])
    checker.check(0, ENTRIES[0], SHA256.leaf(ENTRIES[0]))
    assert checker.entry == parse_entry(ENTRIES[0])
    checker.check(1, b"")
    assert checker.entry is None


def test_correction_that_does_not_parse_corrects_nothing() -> None:
    correction = next(data for data in ENTRIES if b"clock-corrected" in data)
    assert chain.corrected_entries([correction.replace(b"seq 5\n", b"seq 05\n")]) == set()
    marked = {"a": "\ntype ledger.clock-corrected/1\n"}
    assert chain.corrected_entries([Writer().entry("case/0", 1, 1, payload=marked)]) == set()
