"""The keys that signed for a log in turn: the first is announced in it, each later one signed for by the one before.

    `ledger.key-announced/1`   the first key, recorded with purpose `log-signing` when the ledger is made
    `ledger.key-rotated/1`     the next key, and under it base64(key id ‖ signature) of the key before over
                               "mingzhang/v1 key rotation" LF origin LF vkey LF

The text that is signed cannot be taken for a checkpoint: its first line is no origin and its second no size. A retired
key is good for the sizes that do not reach the entry that retired it, and for no larger one.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ledger.entry import Entry, parse_entry
from ledger.errors import FormatError
from ledger.note import TYPE_COSIGNATURE, NoteError, Signer, Verifier
from ledger.store import Reader

KEY_ANNOUNCED: Final = "ledger.key-announced/1"
KEY_ROTATED: Final = "ledger.key-rotated/1"
PURPOSE: Final = "log-signing"


class KeyStatement(NamedTuple):
    """What one entry says of a key: `signature` is empty for the announcement of the first."""

    position: int
    vkey: str
    signature: str = ""


class UnannouncedKey(NamedTuple):
    """An entry that names a key which the key before it did not announce."""

    position: int
    expected: str
    found: str


@dataclass(frozen=True)
class KeyChain:
    """The keys of a log in turn; the key number i was retired by the entry at `retired_at[i]`, the last by none."""

    verifiers: list[Verifier] = field(default_factory=list)
    retired_at: list[int] = field(default_factory=list)
    unannounced: list[UnannouncedKey] = field(default_factory=list)

    def size_max(self, verifier: Verifier) -> int | None:
        """Return the largest size that a key may have signed; None when there is no such bound."""
        number = self.verifiers.index(verifier) if verifier in self.verifiers else len(self.retired_at)
        return self.retired_at[number] if number < len(self.retired_at) else None

    def with_others(self, known: Iterable[Verifier]) -> list[Verifier]:
        """Return these keys and, when one of them is of this chain, the others of the chain."""
        known = list(known)
        if not any(one in self.verifiers for one in known):
            return known
        return known + [one for one in self.verifiers if one not in known]


def rotation_text(origin: str, vkey: str) -> bytes:
    """Return what the old key signs to announce the new one."""
    return f"mingzhang/v1 key rotation\n{origin}\n{vkey}\n".encode()


def rotation_signature(old: Signer, vkey: str) -> str:
    """Return the old key's signature over the new verifier key, as the entry has it."""
    return old.signature_line(rotation_text(old.name, vkey)).decode().split(" ")[2].removesuffix("\n")


def follow(statements: Iterable[KeyStatement], origin: str) -> KeyChain:
    """Return the keys that the entries of a log lead to, in the order of position; nothing is raised."""
    chain = KeyChain()
    for statement in statements:
        key = _key_of(statement.vkey, origin)
        if not chain.verifiers:
            if key is not None and not statement.signature:
                chain.verifiers.append(key)
            continue
        last = chain.verifiers[-1]
        if not statement.signature:
            continue  # an announcement that the key before did not sign: no finding, and no key to follow
        if key is not None and key.signature_type == last.signature_type and _announces(last, origin, statement):
            chain.verifiers.append(key)
            chain.retired_at.append(statement.position)
        else:
            expected = f"a new key signed by {last.name} (key id {last.key_id.hex()})"
            chain.unannounced.append(UnannouncedKey(statement.position, expected, statement.vkey))
    return chain


def read_chain(reader: Reader) -> KeyChain:
    """Return the keys that a stored log leads to; entries that cannot be read are passed over."""
    statements = []
    for topic in (KEY_ANNOUNCED, KEY_ROTATED):
        for record in reader.records_of_type(topic):
            try:
                statement = statement_of(record.position, parse_entry(record.entry))
            except FormatError:
                continue
            statements += [statement] if statement else []
    return follow(sorted(statements), reader.origin)


def statement_of(position: int, entry: Entry) -> KeyStatement | None:
    """Return what an entry says of the key that signs the log; None for one that says nothing of it."""
    vkey, signature = str(entry.payload.get("vkey")), str(entry.payload.get("signature", "none"))
    if entry.type == KEY_ROTATED:
        return KeyStatement(position, vkey, signature)
    if entry.type == KEY_ANNOUNCED and entry.payload.get("purpose") == PURPOSE:
        return KeyStatement(position, vkey)
    return None


# Private


def _key_of(vkey: str, origin: str) -> Verifier | None:
    try:
        verifier = Verifier.parse(vkey)
    except NoteError:
        return None
    return verifier if verifier.name == origin and verifier.signature_type != TYPE_COSIGNATURE else None


def _announces(old: Verifier, origin: str, statement: KeyStatement) -> bool:
    try:
        raw = base64.b64decode(statement.signature, validate=True)
        old.check(rotation_text(origin, statement.vkey), raw[4:])
    except (NoteError, binascii.Error, ValueError):
        return False
    return raw[:4] == old.key_id
