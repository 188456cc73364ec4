"""Trust policies: whose signatures make a checkpoint worth believing, in the form of c2sp.org/tlog-policy.

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <name>…
    quorum <name>|none

A policy is a file that the verifier brings himself. A checkpoint satisfies it when one of its logs signed it and the
quorum cosigned it. A name is an opaque string of bytes here; members of a group, and the quorum, are defined before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.errors import FormatError
from ledger.note import TYPE_COSIGNATURE, NoteError, Verifier, open_note

NO_QUORUM: Final = b"none"
NAMES_MAX: Final = 1_000


class PolicyError(FormatError):
    """A policy that cannot be followed; `where` names its line."""


class Group(NamedTuple):
    """At least `needed` of the members, witnesses or groups, must have witnessed the checkpoint."""

    needed: int
    members: tuple[bytes, ...]


@dataclass(frozen=True)
class Judgement:
    """What a policy says of a note: who signed, when each named witness did, and whether that is enough."""

    checkpoint: Checkpoint
    log: Verifier
    cosigned_at: dict[str, int]  # the policy's name of each witness whose cosignature is good: POSIX seconds
    missing: tuple[str, ...]  # the policy's names of the other witnesses
    satisfied: bool


@dataclass(frozen=True)
class Policy:
    """Logs, witnesses by name, groups by name, and the name of the quorum."""

    logs: tuple[Verifier, ...]
    witnesses: dict[bytes, Verifier] = field(default_factory=dict)
    groups: dict[bytes, Group] = field(default_factory=dict)
    quorum: bytes = NO_QUORUM

    def judge(self, note: bytes) -> Judgement:
        """Verify the signatures of a checkpoint and say whether the policy is satisfied.

        Raises NoteError or CheckpointError: no log of the policy signed it, a signature of a known key fails, the note
        is no checkpoint, or it is one of another origin than its signer's.
        """
        text, verified, _ = open_note(note, [*self.logs, *self.witnesses.values()])
        checkpoint = parse_checkpoint(text)
        signed = [one.verifier for one in verified if one.verifier in self.logs]
        log = next((one for one in signed if one is not None and one.name == checkpoint.origin), None)
        if log is None:
            known = ", ".join(f"{one.name} (key id {one.key_id.hex()})" for one in self.logs) or "none"
            raise NoteError("note", f"no log of the policy signed it for {checkpoint.origin}: its logs are {known}")
        times: dict[Verifier | None, int] = {}
        for one in verified:
            if one.cosigned_at is not None:
                times[one.verifier] = max(one.cosigned_at, times.get(one.verifier, 0))
        found = {name: times[one] for name, one in self.witnesses.items() if one in times}
        return Judgement(
            checkpoint,
            log,
            {_shown(name): moment for name, moment in found.items()},
            tuple(_shown(name) for name in self.witnesses if name not in found),
            self.quorum == NO_QUORUM or self._witnessed(self.quorum, found),
        )

    def quorum_text(self) -> str:
        """Return the quorum in words, such as `2 of (a, b, c)`."""
        return "no witness" if self.quorum == NO_QUORUM else self._text_of(self.quorum)

    # Private

    def _witnessed(self, name: bytes, found: dict[bytes, int]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in found
        return sum(self._witnessed(member, found) for member in group.members) >= group.needed

    def _text_of(self, name: bytes) -> str:
        group = self.groups.get(name)
        if group is None:
            return _shown(name)
        return f"{group.needed} of ({', '.join(map(self._text_of, group.members))})"


def parse_policy(data: bytes) -> Policy:
    """Return the policy of a file; raises PolicyError with the number of the line that is at fault."""
    reading = _Reading()
    for where, words in _lines(data):
        reading.take(where, words)
    if reading.quorum is None:
        raise PolicyError("policy", "no quorum line; `quorum none` asks for no witness")
    return Policy(tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum)


# Private


def _shown(name: bytes) -> str:
    return name.decode(errors="backslashreplace")


def _lines(data: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the words of each line that says something."""
    for number, line in enumerate(data.split(b"\n"), start=1):
        where = f"policy line {number}"
        if any((byte < 0x20 and byte != 0x09) or byte == 0x7F for byte in line):
            raise PolicyError(where, "a control character other than a tab, such as the end of line of Windows")
        words = line.replace(b"\t", b" ").split(b" ")
        words = [word for word in words if word]
        if words and not words[0].startswith(b"#"):
            yield where, words


class _Reading:
    """What the lines of a policy have said so far."""

    def __init__(self) -> None:
        self.logs: list[Verifier] = []
        self.witnesses: dict[bytes, Verifier] = {}
        self.groups: dict[bytes, Group] = {}
        self.quorum: bytes | None = None
        self._members: set[bytes] = set()

    def take(self, where: str, words: list[bytes]) -> None:
        """Take one line in."""
        match words:
            case [b"log", key] | [b"log", key, _]:
                self._take_log(where, key)
            case [b"witness", name, key] | [b"witness", name, key, _]:
                self._take_witness(where, name, key)
            case [b"group", name, needed, _, *_]:
                self._take_group(where, name, needed, tuple(words[3:]))
            case [b"quorum", name]:
                self._take_quorum(where, name)
            case _:
                expected = "log VKEY [URL], witness NAME VKEY [URL], group NAME all|any|K NAME…, or quorum NAME"
                raise PolicyError(where, f"expected {expected}")

    def _take_log(self, where: str, text: bytes) -> None:
        key = _verifier(where, text)
        if key.signature_type == TYPE_COSIGNATURE:
            raise PolicyError(where, f"{key.name} is the key of a witness (type 0x04), expected a log's")
        if any(one.public_key == key.public_key for one in self.logs):
            raise PolicyError(where, f"the public key of {key.name} stands in an earlier log line")
        self.logs.append(key)

    def _take_witness(self, where: str, name: bytes, text: bytes) -> None:
        self._check_new(where, name)
        key = _verifier(where, text)
        if key.signature_type != TYPE_COSIGNATURE:
            raise PolicyError(where, f"{key.name} is no key of a witness, whose type is 0x04")
        if any(one.public_key == key.public_key for one in self.witnesses.values()):
            raise PolicyError(where, f"the public key of {_shown(name)} stands in an earlier witness line")
        self.witnesses[name] = key

    def _take_group(self, where: str, name: bytes, needed: bytes, members: tuple[bytes, ...]) -> None:
        self._check_new(where, name)
        for number, member in enumerate(members):
            if not self._is_defined(member):
                raise PolicyError(where, f"{_shown(member)} is no witness or group of an earlier line")
            if member in self._members or member in members[:number]:
                raise PolicyError(where, f"{_shown(member)} is a member of a group already")
        self._members.update(members)
        self.groups[name] = Group(_needed(where, needed, len(members)), members)

    def _take_quorum(self, where: str, name: bytes) -> None:
        if self.quorum is not None:
            raise PolicyError(where, "a second quorum line")
        if name != NO_QUORUM and not self._is_defined(name):
            raise PolicyError(where, f"{_shown(name)} is no witness or group of an earlier line")
        self.quorum = name

    def _is_defined(self, name: bytes) -> bool:
        return name in self.witnesses or name in self.groups

    def _check_new(self, where: str, name: bytes) -> None:
        if name == NO_QUORUM:
            raise PolicyError(where, "`none` cannot be the name of a witness or group")
        if self._is_defined(name):
            raise PolicyError(where, f"{_shown(name)} is defined already")
        if len(self.witnesses) + len(self.groups) >= NAMES_MAX:
            raise PolicyError(where, f"more than {NAMES_MAX} witnesses and groups")


def _needed(where: str, text: bytes, members: int) -> int:
    if text == b"all":
        return members
    if text == b"any":
        return 1
    number = int(text) if text.isdigit() and len(text) <= 4 and not text.startswith(b"0") else 0
    if not 1 <= number <= members:
        raise PolicyError(where, f"expected all, any, or a number from 1 to {members}, found {_shown(text)}")
    return number


def _verifier(where: str, text: bytes) -> Verifier:
    try:
        return Verifier.parse(text.decode())
    except (NoteError, UnicodeDecodeError) as error:
        raise PolicyError(where, f"no verifier key: {error}") from None
