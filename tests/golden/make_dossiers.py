"""Makes tests/golden/dossier: dossiers, good and bad, with the policies to check them by, for every verifier there is.

    python tests/golden/make_dossiers.py FOLDER       FOLDER must not exist

`expected.json` says of each file with which policies it is checked, what the verdict must be, and of a bad one which
check must fail. A bad one differs from a good one in one thing, its digest computed anew; only `bad/byte-changed.json`
has the old digest. Randomness and time are fixed: test keys, invented people, and the same bytes on every run.
"""

import base64
import datetime
import hashlib
import json
import os
import secrets
import sys
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Final

from audit.dossier import FieldChoice, make_dossier
from audit.dossier_form import write_dossier
from ledger.canonical import decode, encode
from ledger.checkpoint import Checkpoint
from ledger.entry import encode_name
from ledger.hashing import SHA256, SM3, Suite, suite_named
from ledger.heads_map import MapProof, heads_below, map_proof
from ledger.heads_recording import seal_heads
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.merkle import root
from ledger.note import TYPE_COSIGNATURE, Signer, add_cosignature
from ledger.signer_state import sign_checkpoint
from ledger.topics import TOPICS

CASE: Final = encode_name("case", "SQ52012120240300017")
OTHER: Final = encode_name("case", "SQ52012120240300018")
ABSENT: Final = {
    "absent": encode_name("case", "SQ520121202403000175"),
    "absent-first": "a/0",
    "absent-last": encode_name("zz", "9"),
}
COSIGNED_AT: Final = 1_772_500_000
PERSON: Final = {"name": "测试甲", "citizen_id": "520121196203153012", "declared_income_fen": 35_000}
PAYEE: Final = {"account": "6200000000000000000", "holder": "测试甲"}
Change = Callable[[dict[str, Any]], None]

HISTORY: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    (CASE, "application.submitted/1", {"programme": "农村低保", "channel": "本人申请", "occurred_on": "2026-03-02"}),
    (CASE, "member.joined/1", {"member": 1, "relation": "本人", "counted": True, **PERSON}),
    (OTHER, "truth.pledged/1", {"occurred_on": "2026-03-02"}),
    (CASE, "application.accepted/1", {"occurred_on": "2026-03-03", "officer": "MZ0012"}),
    ("staff/MZ0012", "truth.pledged/1", {"occurred_on": "2026-03-20"}),
    (
        CASE,
        "entitlement.granted/1",
        {"occurred_on": "2026-03-22", "effective_from": "2026-04", "amount_fen": 67_600, "review_class": "B"},
    ),
    (
        CASE,
        "payment.instructed/1",
        {"batch": "FF202604-01", "pay_month": "2026-04", "month": "2026-04", "amount_fen": 67_600, **PAYEE},
    ),
)


class Clock:
    """Goes on by a second each time."""

    def __init__(self) -> None:
        self.now = datetime.datetime(2026, 3, 2, 1, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        self.now += datetime.timedelta(seconds=1)
        return self.now


class Golden:
    """A small ledger of one suite with its keys, and the witnesses who cosign its checkpoints."""

    def __init__(self, folder: Path, suite: Suite, origin: str) -> None:
        self.keys = KeyStore.create(folder / "keys", origin, suite)
        self.ledger = Ledger.create(f"sqlite:///{folder / 'ledger.db'}", origin, suite, self.keys)
        self.clock = Clock()
        self.witnesses = {
            name: Signer(f"{name}.example", TYPE_COSIGNATURE, hashlib.sha256(name.encode()).digest())
            for name in ("province", "prefecture", "replay")
        }
        self._commands = count(1)
        vkey = self.keys.verifier_key()
        self.record([("ledger/main", "ledger.opened/1", {})])
        self.record([("ledger/main", "ledger.key-announced/1", {"purpose": "log-signing", "vkey": vkey})])
        self.record(list(HISTORY[:2]))
        for one in HISTORY[2:]:
            self.record([one])

    def record(self, events: list[tuple[str, str, dict[str, Any]]]) -> None:
        drafts = tuple(Draft(stream, TOPICS[topic].read(members)) for stream, topic, members in events)
        command = Command(self.keys.command_id("golden", str(next(self._commands))), "staff/MZ0012", drafts)
        self.ledger.record_command(command, self.clock)

    def checkpoint(self) -> None:
        """Seal the heads and sign."""
        suite = self.ledger.suite
        size = seal_heads(self.ledger, self.clock) + 1
        leaves = [suite.leaf(record.entry) for record in self.ledger.store.records()]
        checkpoint = Checkpoint(self.ledger.origin, size, root(suite, leaves[:size]))
        note = sign_checkpoint(self.keys, checkpoint, lambda count: root(suite, leaves[:count]))
        self.ledger.store.add_checkpoint(size, note)

    def dossier(self, stream: str, cosigned_by: tuple[str, ...], choice: FieldChoice | None = None) -> bytes:
        """The dossier of a stream, its checkpoint cosigned by these."""
        made = make_dossier(self.ledger, stream, choice=choice).dossier
        note = made.checkpoint
        for number, name in enumerate(cosigned_by):
            note = add_cosignature(note, self.witnesses[name], COSIGNED_AT + number)
        members = decode(write_dossier(made).removesuffix(b"\n"))
        members["checkpoint"] = note.decode()
        return resealed(members)

    def policies(self) -> dict[str, str]:
        """The policy files: of two witnesses, of none, of who replays, and of another county's log."""
        keys = {name: signer.verifier.text for name, signer in self.witnesses.items()}
        log = f"log {self.keys.verifier_key()}\n"
        both = "".join(f"witness {name} {keys[name]}\n" for name in ("province", "prefecture"))
        foreign = Signer("other.example/ledger", 1, bytes(32)).verifier.text
        return {
            "policy.txt": f"{log}{both}group both all province prefecture\nquorum both\n",
            "policy-log-alone.txt": f"{log}quorum none\n",
            "policy-foreign.txt": f"log {foreign}\nquorum none\n",
            "heads-policy.txt": f"{log}witness replay {keys['replay']}\nquorum replay\n",
            "heads-policy-shared-key.txt": f"{log}witness replay {keys['province']}\nquorum replay\n",
            "log.vkey": self.keys.verifier_key() + "\n",
        }

    def close(self) -> None:
        self.ledger.close()
        self.keys.close()


def resealed(members: dict[str, Any]) -> bytes:
    """The file of these members with the digest that they have."""
    members = {name: value for name, value in members.items() if name != "digest"}
    suite = suite_named(members["suite"])
    digest = base64.b64encode(suite.hash(encode(members) + b"\n")).decode()
    return encode({**members, "digest": digest}) + b"\n"


def make(folder: Path) -> None:
    """Make the folder and everything in it."""
    folder.mkdir(parents=True)
    expected: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "sha256").mkdir()
        golden = Golden(Path(scratch) / "sha256", SHA256, "golden.example/dossier")
        golden.checkpoint()
        golden.record([(CASE, "truth.pledged/1", {"occurred_on": "2026-05-01"})])
        _good(golden, folder, expected)
        _bad(folder, golden, expected)
        golden.close()
        (Path(scratch) / "sm3").mkdir()
        (folder / "sm3").mkdir()
        national = Golden(Path(scratch) / "sm3", SM3, "golden.example/sm3")
        national.checkpoint()
        _national(national, folder, expected)
        national.close()
    text = json.dumps(expected, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "expected.json").write_text(text + "\n", encoding="utf-8")


# Private

_BOTH: Final = ("province", "prefecture")
_ALL: Final = (*_BOTH, "replay")
_POLICY: Final = "policy.txt"
_HEADS_POLICY: Final = "heads-policy.txt"


def _note(
    expected: dict[str, Any],
    name: str,
    verdict: str,
    fails: str | None = None,
    *,
    policy: str = _POLICY,
    heads_policy: str | None = None,
    completeness: str = "asserted",
) -> None:
    """Write down what a verifier must say of a file; `fails` names the check that is broken or cannot be made."""
    expected[name] = {
        "verdict": verdict,
        "fails": fails,
        "policy": policy,
        "heads_policy": heads_policy,
        "completeness": completeness,
    }


def _good(golden: Golden, folder: Path, expected: dict[str, Any]) -> None:
    for name, text in golden.policies().items():
        (folder / name).write_text(text, encoding="utf-8")
    files = {
        "valid": golden.dossier(CASE, _BOTH),
        "attested": golden.dossier(CASE, _ALL),
        **{name: golden.dossier(stream, _BOTH) for name, stream in ABSENT.items()},
        "disclosed": golden.dossier(CASE, _BOTH, FieldChoice({"declared_income_fen", "holder"})),
        "personal": golden.dossier(CASE, _BOTH, FieldChoice(everything=True)),
    }
    for name, data in files.items():
        (folder / f"{name}.json").write_bytes(data)
        _note(expected, f"{name}.json", "valid")
    _note(expected, "attested.json", "valid", heads_policy=_HEADS_POLICY, completeness="attested")
    for name, cosigned_by in {"log-alone": (), "one-witness": ("province",)}.items():
        (folder / f"{name}.json").write_bytes(golden.dossier(CASE, cosigned_by))
    _note(expected, "log-alone.json", "valid", policy="policy-log-alone.txt")
    _note(expected, "one-witness.json", "could not check", "quorum")

    shared = (folder / "valid.json").read_bytes()
    (folder / "shared-key.json").write_bytes(shared)
    _note(expected, "shared-key.json", "could not check", "policy", heads_policy="heads-policy-shared-key.txt")
    (folder / "unattested.json").write_bytes(shared)
    _note(expected, "unattested.json", "could not check", "completeness", heads_policy=_HEADS_POLICY)


def _national(golden: Golden, folder: Path, expected: dict[str, Any]) -> None:
    for name, text in golden.policies().items():
        (folder / "sm3" / name).write_text(text, encoding="utf-8")
    files = {
        "valid": (CASE, None),
        "personal": (CASE, FieldChoice(everything=True)),
        "absent": (ABSENT["absent"], None),
    }
    for name, (stream, choice) in files.items():
        (folder / "sm3" / f"{name}.json").write_bytes(golden.dossier(stream, _BOTH, choice))
        _note(expected, f"sm3/{name}.json", "valid", policy=f"sm3/{_POLICY}")


def _hidden(golden: Golden) -> bytes:
    """A dossier of absence for a stream that is there: its neighbours, which are not neighbours of each other."""
    made = make_dossier(golden.ledger, CASE).dossier
    found = made.map.at
    assert found is not None
    heads = list(heads_below(golden.ledger.store, made.heads.position))
    beside = [map_proof(golden.ledger.suite, heads, heads[found.index + step].name).at for step in (-1, 1)]
    proof = MapProof(made.map.streams, before=beside[0], after=beside[1])
    return write_dossier(replace(made, entries=(), map=proof))


def _bad(folder: Path, golden: Golden, expected: dict[str, Any]) -> None:
    (folder / "bad").mkdir()
    (folder / "bad" / "absent-is-hidden.json").write_bytes(_hidden(golden))
    _note(expected, "bad/absent-is-hidden.json", "invalid", "map", policy="policy-log-alone.txt")
    for name, (good, fails, change) in _CHANGES.items():
        members = decode((folder / f"{good}.json").read_bytes().removesuffix(b"\n"))
        change(members)
        (folder / "bad" / f"{name}.json").write_bytes(resealed(members))
        heads_policy = _HEADS_POLICY if good == "attested" else None
        _note(expected, f"bad/{name}.json", "invalid", fails, heads_policy=heads_policy)
    changed = (folder / "valid.json").read_bytes().replace(b"67600", b"67601", 1)
    for name, data in {
        "byte-changed": changed,
        "no-line-feed": (folder / "valid.json").read_bytes()[:-1],
        "spaced": (folder / "valid.json").read_bytes().replace(b'","entries"', b'", "entries"', 1),
    }.items():
        (folder / "bad" / f"{name}.json").write_bytes(data)
        _note(expected, f"bad/{name}.json", "invalid", "file")
    (folder / "bad" / "foreign-log.json").write_bytes((folder / "valid.json").read_bytes())
    _note(expected, "bad/foreign-log.json", "invalid", "signature", policy="policy-foreign.txt")


def _edit(number: int, old: str, new: str) -> Change:
    def change(members: dict[str, Any]) -> None:
        entry = members["entries"][number]
        assert old in entry["entry"]
        entry["entry"] = entry["entry"].replace(old, new, 1)

    return change


def _signature_of(name: str) -> Change:
    """Change the last byte of somebody's signature."""

    def change(members: dict[str, Any]) -> None:
        lines = members["checkpoint"].split("\n")
        number = next(number for number, line in enumerate(lines) if line.startswith(f"— {name} "))
        start, _, encoded = lines[number].rpartition(" ")
        raw = bytearray(base64.b64decode(encoded))
        raw[-1] ^= 1
        lines[number] = f"{start} {base64.b64encode(raw).decode()}"
        members["checkpoint"] = "\n".join(lines)

    return change


def _other_hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _change_path(*where: str | int) -> Change:
    def change(members: dict[str, Any]) -> None:
        found: Any = members
        for step in where:
            found = found[step]
        found["path"][0] = _other_hash(found["path"][0])

    return change


def _set(value: Any, *where: str | int) -> Change:
    def change(members: dict[str, Any]) -> None:
        found: Any = members
        for step in where[:-1]:
            found = found[step]
        found[where[-1]] = value

    return change


def _last_left_out(members: dict[str, Any]) -> None:
    del members["entries"][-1]


def _first_left_out(members: dict[str, Any]) -> None:
    del members["entries"][0]


def _swapped(members: dict[str, Any]) -> None:
    entries = members["entries"]
    entries[2], entries[3] = entries[3], entries[2]


def _all_hidden(members: dict[str, Any]) -> None:
    members["entries"] = []


def _older_map(members: dict[str, Any]) -> None:
    """Say that the map covers one entry less: the entry given for it is not the map's."""
    members["heads"] = {name: members["entries"][-1][name] for name in ("entry", "path", "position")}


def _neighbour_missing(members: dict[str, Any]) -> None:
    del members["map"]["after"]


def _size_changed(members: dict[str, Any]) -> None:
    lines = members["checkpoint"].split("\n")
    lines[1] = str(int(lines[1]) + 1)
    members["checkpoint"] = "\n".join(lines)


def _disclosed(members: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = next(one["disclosures"][0] for one in members["entries"] if one["disclosures"])
    return shown


def _value_changed(members: dict[str, Any]) -> None:
    _disclosed(members)["value"] = 1


def _field_renamed(members: dict[str, Any]) -> None:
    _disclosed(members)["field"] = "income_fen"


def _salt_changed(members: dict[str, Any]) -> None:
    _disclosed(members)["salt"] = _other_hash("salt")


def _commitment_changed(members: dict[str, Any]) -> None:
    _disclosed(members)["commitment"] = _other_hash("commitment")


def _disclosed_twice(members: dict[str, Any]) -> None:
    for one in members["entries"]:
        one["disclosures"] += one["disclosures"]


_CHANGES: Final[dict[str, tuple[str, str, Change]]] = {
    "log-signature": ("valid", "signature", _signature_of("golden.example/dossier")),
    "cosignature": ("valid", "quorum", _signature_of("province.example")),
    "attestation": ("attested", "completeness", _signature_of("replay.example")),
    "checkpoint-size": ("valid", "signature", _size_changed),
    "log-renamed": ("valid", "checkpoint", _set("golden.example/other", "log")),
    "suite-changed": ("valid", "entries", _set("mingzhang/v1-sm3", "suite")),
    "entry-edited": ("valid", "inclusion", _edit(3, "67600", "67601")),
    "entry-not-canonical": ("valid", "entries", _edit(3, '{"', '{ "')),
    "entry-of-other-stream": ("valid", "entries", _edit(3, f"stream {CASE}", f"stream {OTHER}")),
    "entry-last-left-out": ("valid", "map", _last_left_out),
    "entry-first-left-out": ("valid", "entries", _first_left_out),
    "entries-swapped": ("valid", "entries", _swapped),
    "entries-hidden": ("valid", "map", _all_hidden),
    "entry-path": ("valid", "inclusion", _change_path("entries", 0)),
    "entry-position": ("valid", "inclusion", _set(4, "entries", 2, "position")),
    "heads-path": ("valid", "heads", _change_path("heads")),
    "heads-other-entry": ("valid", "heads", _older_map),
    "map-path": ("valid", "map", _change_path("map", "at")),
    "map-seq": ("valid", "map", _set(4, "map", "at", "seq")),
    "map-streams": ("valid", "map", _set(6, "map", "streams")),
    "map-neighbour-missing": ("absent", "map", _neighbour_missing),
    "map-neighbour-path": ("absent", "map", _change_path("map", "before")),
    "absent-is-present": ("absent", "map", _set(CASE, "stream")),
    "disclosed-value": ("disclosed", "disclosures", _value_changed),
    "disclosed-field": ("disclosed", "disclosures", _field_renamed),
    "disclosed-salt": ("disclosed", "disclosures", _salt_changed),
    "disclosed-commitment": ("disclosed", "disclosures", _commitment_changed),
    "disclosed-twice": ("disclosed", "disclosures", _disclosed_twice),
    "member-unknown": ("valid", "file", _set(1, "extra")),
    "member-of-map-unknown": ("valid", "file", _set(1, "map", "extra")),
}


def _fixed_randomness() -> None:
    """Take the operating system's randomness away: what is made here protects nobody."""
    numbers = count()

    def fixed(size: int | None = None) -> bytes:
        wanted = 32 if size is None else size
        blocks = (hashlib.sha256(f"golden dossier {next(numbers)}".encode()).digest() for _ in range(0, wanted, 32))
        return b"".join(blocks)[:wanted]

    secrets.token_bytes = fixed
    secrets.token_hex = lambda size=None: fixed(size).hex()
    os.urandom = fixed
    uuid.uuid4 = lambda: uuid.UUID(bytes=fixed(16))


if __name__ == "__main__":
    _fixed_randomness()
    make(Path(sys.argv[1]))
