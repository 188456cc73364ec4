"""The dossier as a file: one canonical JSON object and a line feed, whose members docs/format.md lays down.

    {"checkpoint","digest","entries","format","heads","log","map","stream","suite"}

`digest` is the base64 of H over the file without the member `digest` and its comma. It finds a damaged copy, and
nothing else: whoever makes a dossier computes it himself. All that is worth believing hangs on the checkpoint.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from audit.errors import AuditError
from ledger.canonical import decode, encode
from ledger.entry import check_name, check_origin
from ledger.errors import FormatError
from ledger.hashing import HASH_BYTES, Suite, suite_named
from ledger.heads_map import MapLeaf, MapProof, NamedHead

FORMAT: Final = "mingzhang/dossier/1"


class DossierUnreadable(AuditError):
    """A file that is no dossier of the form; `where` names the member at fault. Quotes no value."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"dossier, {where}: {reason}")
        self.where = where
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DossierEntry:
    """An entry with its place in the log, the path from there to the checkpoint's root, and what is disclosed of it."""

    entry: bytes
    position: int
    path: tuple[bytes, ...]
    disclosures: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """What a dossier says; nothing of it is verified. `heads` is the entry that recorded the map's root."""

    suite: Suite
    log: str
    stream: str
    checkpoint: bytes
    entries: tuple[DossierEntry, ...]
    heads: DossierEntry
    map: MapProof


def write_dossier(dossier: Dossier) -> bytes:
    """Return the bytes of the file; raises FormatError for what has no canonical form."""
    members = _members(dossier)
    digest = dossier.suite.hash(encode(members) + b"\n")
    return encode({**members, "digest": _base64(digest)}) + b"\n"


def read_dossier(data: bytes) -> Dossier:
    """Return the dossier of a file; raises DossierUnreadable for any byte that is not as it must be."""
    try:
        members = decode(data.removesuffix(b"\n"))
    except FormatError as error:
        raise DossierUnreadable("file", f"not in canonical form: {error.reason}") from None
    if not data.endswith(b"\n"):
        raise DossierUnreadable("file", "expected one line feed at its end")
    _shape("file", members, _FILE)
    if members["format"] != FORMAT:
        raise DossierUnreadable("format", f"expected {FORMAT}")
    try:
        suite = suite_named(members["suite"])
        check_origin(members["log"])
        check_name(members["stream"], "stream")
    except FormatError as error:
        raise DossierUnreadable(error.where, error.reason) from None
    digest = _hash("digest", members.pop("digest"))
    if suite.hash(encode(members) + b"\n") != digest:
        raise DossierUnreadable("digest", "the file is not as it was written: a byte of it was changed")
    return Dossier(
        suite,
        members["log"],
        members["stream"],
        members["checkpoint"].encode(),
        tuple(_entry(f"entries[{number}]", one) for number, one in enumerate(members["entries"])),
        _heads(members["heads"]),
        _map(members["map"]),
    )


# Private

_FILE: Final = {
    "checkpoint": str,
    "digest": str,
    "entries": list,
    "format": str,
    "heads": dict,
    "log": str,
    "map": dict,
    "stream": str,
    "suite": str,
}
_HEADS: Final = {"entry": str, "path": list, "position": int}
_ENTRY: Final = {"disclosures": list, **_HEADS}
_LEAF: Final = {"head": str, "index": int, "name": str, "path": list, "seq": int}


def _members(dossier: Dossier) -> dict[str, Any]:
    leaves = {"at": dossier.map.at, "before": dossier.map.before, "after": dossier.map.after}
    return {
        "checkpoint": dossier.checkpoint.decode(),
        "entries": [{**_placed(one), "disclosures": list(one.disclosures)} for one in dossier.entries],
        "format": FORMAT,
        "heads": _placed(dossier.heads),
        "log": dossier.log,
        "map": {
            "streams": dossier.map.streams,
            **{name: _leaf_members(leaf) for name, leaf in leaves.items() if leaf is not None},
        },
        "stream": dossier.stream,
        "suite": dossier.suite.name,
    }


def _placed(one: DossierEntry) -> dict[str, Any]:
    return {"entry": one.entry.decode(), "path": _texts(one.path), "position": one.position}


def _leaf_members(leaf: MapLeaf) -> dict[str, Any]:
    head = leaf.head
    return {
        "head": _base64(head.leaf),
        "index": leaf.index,
        "name": head.name,
        "path": _texts(leaf.path),
        "seq": head.seq,
    }


def _entry(where: str, members: Any) -> DossierEntry:
    _shape(where, members, _ENTRY)
    if not all(isinstance(one, dict) for one in members["disclosures"]):
        raise DossierUnreadable(f"{where}.disclosures", "expected objects")
    path = _hashes(f"{where}.path", members["path"])
    return DossierEntry(members["entry"].encode(), members["position"], path, tuple(members["disclosures"]))


def _heads(members: Any) -> DossierEntry:
    _shape("heads", members, _HEADS)
    return DossierEntry(members["entry"].encode(), members["position"], _hashes("heads.path", members["path"]))


def _map(members: dict[str, Any]) -> MapProof:
    leaves = {name: one for name, one in members.items() if name in ("at", "before", "after")}
    _shape("map", members, {"streams": int, **dict.fromkeys(leaves, dict)})
    return MapProof(members["streams"], **{name: _leaf(f"map.{name}", one) for name, one in leaves.items()})


def _leaf(where: str, members: Any) -> MapLeaf:
    _shape(where, members, _LEAF)
    head = NamedHead(members["name"], members["seq"], _hash(f"{where}.head", members["head"]))
    return MapLeaf(members["index"], head, _hashes(f"{where}.path", members["path"]))


def _shape(where: str, members: Any, shape: Mapping[str, type]) -> None:
    """Check that an object has exactly these members, each of its type; a number is never negative."""
    if type(members) is not dict or members.keys() != shape.keys():
        raise DossierUnreadable(where, f"expected an object of the members {', '.join(sorted(shape))}")
    for name, kind in shape.items():
        value = members[name]
        if type(value) is not kind or (type(value) is int and value < 0):  # a bool is an int to isinstance
            raise DossierUnreadable(f"{where}.{name}", f"expected {_KINDS[kind]}")


_KINDS: Final = {str: "a text", list: "a list", dict: "an object", int: "a number from 0"}


def _hashes(where: str, texts: Sequence[Any]) -> tuple[bytes, ...]:
    return tuple(_hash(f"{where}[{number}]", text) for number, text in enumerate(texts))


def _hash(where: str, text: Any) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raw = b""
    if len(raw) != HASH_BYTES or _base64(raw) != text:
        raise DossierUnreadable(where, f"expected the base64 of {HASH_BYTES} bytes, its unused bits zero")
    return raw


def _texts(hashes: Sequence[bytes]) -> list[str]:
    return [_base64(one) for one in hashes]


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
