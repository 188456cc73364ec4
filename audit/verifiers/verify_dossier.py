#!/usr/bin/env python3
"""Check a dossier of a mingzhang 明账 ledger, offline, with nothing but this file and a policy of your own.

    python verify_dossier.py DOSSIER --policy POLICY [--heads-policy POLICY2] [--json]

Read this file from top to bottom before you trust it. It needs Python 3.9 and the package `cryptography`, takes nothing
from the ledger's own program, opens no network and writes no file. Exit: 0 valid, 1 invalid, 2 wrong usage or a file
that cannot be read, 3 could not check. It follows docs/format.md of mingzhang (its sections are named below), RFC 6962
and RFC 9162 (tree), RFC 8032 (Ed25519), and of c2sp.org: signed-note, tlog-checkpoint, tlog-cosignature, tlog-policy.

A dossier is one JSON object: every entry of one stream (a case), each with its path to the root of the log's tree; the
checkpoint that signs this root at size M+1; and entry M, which seals a sorted map of all streams and the last entry of
each among entries 0 … M-1. The map shows that no entry of the case was left out, or that there is no such case.
"""
# ruff: noqa: D103, UP035, B905, RUF007  (for Python 3.9, and to be read in one sitting: the next line too)
# fmt: off

from __future__ import annotations

import argparse
import base64
import datetime
import hashlib
import json
import re
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any, Callable

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

CHECKS = {  # in the order in which they are made
    "file": "the file is a dossier in its only form 文件是规范的卷宗",
    "policy": "the policy can be followed 策略可以执行",
    "signature": "a log of the policy signed the checkpoint 检查点由策略所列账本签名",
    "quorum": "enough witnesses of the policy cosigned 见证者会签达到策略要求",
    "checkpoint": "it ends with the entry that seals the map 检查点恰止于封存流首图的条目",
    "entries": "the entries are well formed and linked from the first 条目格式正确，自首条起环环相扣",
    "inclusion": "each entry is in the signed log at its position 每一条目在签名账本的所述位置",
    "heads": "the entry that seals the map is in the signed log 封存流首图的条目在签名账本中",
    "map": "these are all entries of the case 本案条目齐全",
    "completeness": "who vouches for the map 流首图由谁担保",
    "disclosures": "each opened field is what was sealed 公开的字段与封存时一致",
}
MARKS = {"OK": "✓", "BROKEN": "✗", "UNCHECKED": "?", "ASSERTED": "!"}
VERDICTS = {"valid": "VALID 有效", "invalid": "INVALID 无效", "could not check": "COULD NOT CHECK 未能核验"}

class Refused(Exception):
    """A rule is broken; the text says which, and where."""
class Missing(Exception):
    """Something that a check needs is not there: this is no finding, and no all-clear either."""
def need(condition: object, text: str) -> None:
    if not condition:
        raise Refused(text)

# Numbers, base64, names: docs/format.md, sections 1 and 3
Hash = Callable[[bytes], bytes]
MAX_INT = 2**53 - 1
NUM = "[1-9][0-9]{0,15}"
HASH = "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="  # base64 of 32 bytes, unused bits zero
ORIGIN = r"(?=[^\n ]{1,255}[\n ])[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)*(?:/(?!\.{1,2}[/\n ])[a-z0-9._-]+)*"
NAME = r"(?=[^\n ]{1,255}[\n ])[a-z][a-z0-9-]*/(?!\.{1,2}[\n ])(?:[A-Za-z0-9._-]|%[0-9A-F]{2})+"
ENDS = "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
BAD_STRING = re.compile(f"[\ud800-\udfff\ufdd0-\ufdef{ENDS}]|^\ufeff|\ufeff\\Z")  # surrogates, noncharacters, marks
SPACES = " \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

def from_base64(text: Any, length: int | None = 32) -> bytes:
    """Decode base64 (RFC 4648 section 4) of so many bytes in its one spelling; refuse any other."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (TypeError, ValueError):
        raise Refused("a value is not base64") from None
    need(base64.b64encode(raw).decode() == text, "base64 in another spelling than its own")
    need(length in (None, len(raw)), f"{len(raw)} bytes where {length} belong")
    return raw

def is_name(name: str) -> bool:
    """Say whether this names a stream or an officer: UTF-8, in which %XX stands for what cannot stand for itself."""
    raw = re.sub(rb"%([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), name.encode())
    try:
        text = raw.decode().partition("/")[2]
    except UnicodeDecodeError:
        return False
    needless = any(re.fullmatch("[A-Za-z0-9._-]", chr(int(code, 16))) for code in re.findall("%([0-9A-F]{2})", name))
    bad = needless or BAD_STRING.search(text) or re.search(r"[\x00-\x1f\x7f]", text)
    return bool(re.fullmatch(NAME + "\n", name + "\n")) and not bad

# Canonical objects: docs/format.md, section 4
def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

def parse_canonical(data: bytes) -> dict[str, Any]:
    """Parse an object; any spelling but the canonical one is refused, by writing it again and comparing."""
    try:
        value = json.loads(data.decode())
        need(isinstance(value, dict), "not an object")
        check_value(value, 1)
        again = canonical(value)
    except (ValueError, RecursionError):
        raise Refused("not JSON in UTF-8") from None
    need(again == data, "JSON, but not in its canonical spelling")
    return dict(value)

def check_value(value: Any, depth: int) -> None:
    if isinstance(value, (dict, list)):
        keys = value if isinstance(value, dict) else ()
        good = depth <= 8 and all(re.fullmatch("[a-z][a-z0-9_]*", key) for key in keys)
        need(good, "a key outside the grammar, or deeper than 8")
        for item in value.values() if isinstance(value, dict) else value:
            check_value(item, depth + 1)
    elif isinstance(value, str):
        need(not BAD_STRING.search(value), "a string with forbidden characters")
    else:
        need(isinstance(value, int) and abs(value) <= MAX_INT, "a null, fraction or huge number")

# Hashes and the tree: docs/format.md, sections 2 and 6; RFC 6962 section 2.1; RFC 9162 section 2.1.3.2
def hash_of(suite: str) -> Hash:
    """Return the hash function of a suite; raise Missing when this machine has no SM3."""
    def h(data: bytes) -> bytes:
        digest = hashes.Hash(hashes.SHA256() if suite == "mingzhang/v1" else hashes.SM3())
        digest.update(data)
        return digest.finalize()
    try:
        h(b"")
    except UnsupportedAlgorithm:
        raise Missing("this machine has no SM3") from None
    return h

def prove(text: str, h: Hash, data: bytes, index: int, size: int, path: list[str], root: bytes) -> None:
    """Refuse unless the path proves that this leaf data stands at `index` in the tree of `size` with this root."""
    node, last, result, siblings = index, size - 1, h(b"\x00" + data), [*map(from_base64, path)]
    while siblings and last > 0:
        if node & 1 or node == last:
            result = h(b"\x01" + siblings.pop(0) + result)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            result = h(b"\x01" + result + siblings.pop(0))
        node, last = node >> 1, last >> 1
    need(0 <= index < size and not siblings and last == 0 and result == root, text)

# The file: docs/format.md, the section on dossiers
TEXTS = ("checkpoint", "digest", "format", "log", "stream", "suite")
FILE = {**dict.fromkeys(TEXTS, str), "entries": list, "heads": dict, "map": dict}
PLACED = {"entry": str, "path": list, "position": int}
LEAF = {"head": str, "index": int, "name": str, "path": list, "seq": int}
OPENED = {"commitment": str, "field": str, "index": int, "of": int, "path": list, "salt": str}

def check_shape(where: str, value: Any, shape: dict[str, Any], *others: str) -> None:
    """Refuse all but an object of exactly these members, each of its type, and every hash 32 bytes of base64."""
    names = sorted({*shape, *others})
    need(type(value) is dict and sorted(value) == names, f"{where}: expected {', '.join(names)}")
    for name, kind in shape.items():
        need(type(value[name]) is kind and (kind is not int or value[name] >= 0), f"{where}.{name}: of another type")
    for text in [*value.get("path", ()), *(value[name] for name in ("head", "commitment", "salt") if name in shape)]:
        from_base64(text)

def check_file(data: bytes) -> tuple[Any, str]:
    need(data.endswith(b"\n"), "the file does not end in a line feed")
    dossier = parse_canonical(data[:-1])
    check_shape("dossier", dossier, FILE)
    need(dossier["format"] == "mingzhang/dossier/1", "not a dossier of version 1")
    need(dossier["suite"] in ("mingzhang/v1", "mingzhang/v1-sm3"), "an unknown hash suite")
    need(re.fullmatch(ORIGIN + "\n", dossier["log"] + "\n") and is_name(dossier["stream"]), "not a log or stream")
    for number, one in enumerate(dossier["entries"]):
        check_shape(f"entries[{number}]", one, {"disclosures": list, **PLACED})
        for opened in one["disclosures"]:
            check_shape(f"entries[{number}].disclosures", opened, OPENED, "value")
    check_shape("heads", dossier["heads"], PLACED)
    sides = dict.fromkeys(dossier["map"].keys() & {"after", "at", "before"}, dict)
    check_shape("map", dossier["map"], {"streams": int, **sides})
    for name in sides:
        check_shape(f"map.{name}", dossier["map"][name], LEAF)
        need(is_name(dossier["map"][name]["name"]), f"map.{name}: not the name of a stream")
    members = canonical({name: value for name, value in dossier.items() if name != "digest"})
    digest = hash_of(dossier["suite"])(members + b"\n")
    need(digest == from_base64(dossier["digest"]), "the file was damaged: its digest is another")
    return dossier, f"{len(data)} bytes, {dossier['suite']}"

# Keys and signed notes: docs/format.md, section 8; c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature
PREFIXES = {0x01: b"\x01", 0x04: b"\x04", 0xFF: b"\xffmingzhang.sm3-log/ed25519/v1"}  # before the 32 bytes of key
Note = tuple[bytes, list[tuple[str, bytes]]]  # text; of each signature the name, and id ‖ signature

Checkpoint = namedtuple("Checkpoint", "size root note")
Key = namedtuple("Key", "name key_id type public")  # id 4 bytes, type 1 or 255 a log, 4 a witness, public key 32 bytes

def parse_key(text: str) -> Key:
    """Read name+id+base64(type ‖ [identifier] ‖ public key); the id must be that of the rest."""
    name, key_id, encoded = [*text.split("+", 2), "", ""][:3]
    raw = from_base64(encoded, None)
    need(re.fullmatch(f"[^+\x00-\x1f{SPACES}]+", name) and raw, "not a verifier key")
    if raw[0] not in PREFIXES:
        raise Missing(f"a key of the unknown type {raw[0]:#04x}")
    prefix = PREFIXES[raw[0]]
    need(raw.startswith(prefix) and len(raw) == len(prefix) + 32, "a key of another length")
    computed = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    need(computed.hex() == key_id, "the id of a key is not its own")
    return Key(name, computed, raw[0], raw[-32:])

def split_note(note: bytes) -> Note:
    """Return the text of a note and its signature lines; nothing is verified here."""
    text, empty, tail = note.rpartition(b"\n\n")
    good = len(note) <= 1 << 20 and not re.search(rb"[\x00-\x09\x0b-\x1f]", note) and empty and tail.endswith(b"\n")
    need(good and tail.count(b"\n") <= 100, "the checkpoint is no signed note")
    lines = []
    for line in tail.decode().split("\n")[:-1]:
        parts = re.fullmatch(f"— ([^+{SPACES}]+) ([A-Za-z0-9+/]+=*)", line)
        raw = from_base64(parts[2], None) if parts else b""
        need(len(raw) >= 5, "a signature line of another form")
        lines.append((parts[1] if parts else "", raw))
    return text + b"\n", lines

def signers_of(note: Note, keys: list[Key]) -> list[Key]:
    """Return which of these keys signed; lines of strangers are passed over, a bad line of a known key is refused."""
    known, signers = {(key.name, key.key_id): key for key in keys}, []
    for name, raw in note[1]:
        key, text, signature = known.get((name, raw[:4])), note[0], raw[4:]
        if key is None:
            continue
        if key.type == 0x04:  # a witness signs the time as well
            seconds, signature = int.from_bytes(raw[4:12], "big"), raw[12:]
            need(seconds < 1 << 63, f"{name}: a time beyond all reason")
            text = f"cosignature/v1\ntime {seconds}\n".encode() + text
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            raise Refused(f"the signature of {name} is not of this text") from None
        signers.append(key)
    return signers

# Policies: c2sp.org/tlog-policy
class Policy:
    """Log keys; witnesses' keys by name; groups by name: how many of whom; the name of the quorum."""
    def __init__(self, data: bytes) -> None:
        self.logs: list[Key] = []
        self.witnesses: dict[str, Key] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {}
        self.quorum, self.members = "", set[str]()
        for number, line in enumerate(data.decode("latin-1").split("\n"), start=1):  # names are bytes here
            try:
                need(not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line), "a control character")
                self.take([word for word in re.split("[ \t]+", line) if word] or ["#"])
            except (Refused, UnicodeDecodeError) as error:
                raise Refused(f"line {number} of the policy: {error}") from None
        need(self.quorum, "the policy has no line `quorum`")

    def take(self, words: list[str]) -> None:
        """Take in one line; what it names was defined on an earlier one, and nothing is defined twice."""
        known = {"none", *self.witnesses, *self.groups}
        if words[0].startswith("#"):
            return
        if (words[0], len(words)) in (("log", 2), ("log", 3)):
            key = parse_key(words[1].encode("latin-1").decode())
            twice = key.public in [one.public for one in self.logs]
            need(key.type != 0x04 and not twice, "the key of a witness, or one that was given before")
            self.logs.append(key)
        elif (words[0], len(words)) in (("witness", 3), ("witness", 4)):
            key = parse_key(words[2].encode("latin-1").decode())
            twice = key.public in [one.public for one in self.witnesses.values()] or words[1] in known
            need(key.type == 0x04 and not twice, "no key of a witness, or one or a name that was given before")
            self.witnesses[words[1]] = key
        elif words[0] == "group" and len(words) > 3:
            members = set(words[3:])
            good = members <= known - {"none"} - self.members and len(members) == len(words[3:])
            least = {"all": str(len(members)), "any": "1"}.get(words[2], words[2])
            possible = good and re.fullmatch("[1-9][0-9]{0,3}", least) and int(least) <= len(members)
            need(possible and words[1] not in known, "a group that cannot be")
            self.groups[words[1]] = (int(least), words[3:])
            self.members |= members
        else:
            good = words[0] == "quorum" and len(words) == 2 and words[1] in known and not self.quorum
            need(good, "expected log, witness, group, or one quorum")
            self.quorum = words[1]

    def reached(self, name: str, signers: list[Key]) -> bool:
        """Say whether this witness signed, or enough members of this group did."""
        if name not in self.groups:
            return name == "none" or self.witnesses[name] in signers
        return sum(self.reached(one, signers) for one in self.groups[name][1]) >= self.groups[name][0]

# Entries: docs/format.md, sections 3 and 5
HEADER = re.compile(
    rf"(?P<suite>mingzhang/v1(?:-sm3)?)\nlog (?P<log>{ORIGIN})\nstream (?P<stream>{NAME})\nseq (?P<seq>{NUM})\n"
    rf"type (?P<type>[a-z][a-z-]*\.[a-z][a-z-]*/(?P<version>{NUM}))\nprev (?P<prev>{HASH})\n"
    rf"at (?P<at>\d{{4}}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{{6}}Z)\nby (?P<by>{NAME})\n"
    rf"command (?P<command>[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}) (?P<k>{NUM})/(?P<n>{NUM})\n"
    rf"sealed (?:-|[0-9a-f]{{32}} {HASH} (?P<commitment>{HASH}))\n\n",
    re.ASCII,
)

class Entry:
    """One entry: the words of its header, its open part, its bytes, and where the dossier says it stands."""
    def __init__(self, where: str, placed: dict[str, Any]) -> None:
        header = HEADER.match(placed["entry"])
        self.data: bytes = placed["entry"].encode()
        if not header or len(self.data) > 65_535 or not self.data.endswith(b"\n"):
            raise Refused(f"{where}: no entry of the form")
        self.header = header.groupdict()
        self.seq, self.k, self.n, version = (int(header[name]) for name in ("seq", "k", "n", "version"))
        need(max(self.seq, self.n, version) <= MAX_INT and self.k <= self.n, f"{where}: a number out of range")
        need(is_name(header["stream"]) and is_name(header["by"]), f"{where}: a name in another spelling than its own")
        try:
            datetime.datetime.fromisoformat(header["at"][:-1])
        except ValueError:
            raise Refused(f"{where}: `at` is no real moment") from None
        self.open = parse_canonical(self.data[header.end() : -1])
        self.position, self.path, self.opened = placed["position"], placed["path"], placed.get("disclosures", [])

def check_entries(dossier: dict[str, Any], h: Hash) -> tuple[list[Entry], str]:
    """Return the entries of the stream: seq 1, 2, 3 …, each with the leaf hash of the one before as `prev`."""
    entries: list[Entry] = []
    commands: dict[str, tuple[int, int, str, str]] = {}
    prev, mine = bytes(32), (dossier["suite"], dossier["log"], dossier["stream"])
    for number, placed in enumerate(dossier["entries"], start=1):
        where = f"{dossier['stream']} seq {number}"
        one = Entry(where, placed)
        head = one.header
        need((head["suite"], head["log"], head["stream"]) == mine, f"{where}: of another log or stream")
        need(one.seq == number, f"{where}: found seq {one.seq}; one is missing or misplaced")
        need(from_base64(head["prev"]) == prev, f"{where}: does not follow the one before")
        # Entry k of n of a command stands k-1 places after its first, with the same n, at and by.
        command = (one.position - one.k, one.n, head["at"], head["by"])
        need(commands.setdefault(head["command"], command) == command, f"{where}: its command is torn")
        prev = h(b"\x00" + one.data)
        entries.append(one)
    spans = [(-1, -1), *sorted((first, first + n) for first, n, _, _ in commands.values())]
    spans.append((dossier["heads"]["position"] - 1, -1))
    need(all(one[1] <= two[0] for one, two in zip(spans, spans[1:])), "commands overlap, or end beyond the map")
    return entries, f"{len(entries)} entries"

# What is signed, and what stands in it: docs/format.md, sections 7 and 8, and the one on dossiers
def check_policies(policy: Policy, others: list[Policy | None]) -> tuple[str, str]:
    keys = {key.public for other in others if other for key in other.witnesses.values()}
    if keys & {key.public for key in policy.witnesses.values()}:
        raise Missing("a witness's key stands in both policies, but one key makes one statement")
    return "OK", f"{len(policy.logs)} logs, {len(policy.witnesses)} witnesses"

def check_signature(dossier: dict[str, Any], policy: Policy) -> tuple[Checkpoint, str]:
    note = split_note(dossier["checkpoint"].encode())
    lines = note[0].decode().split("\n")
    need(len(lines) == 4 and re.fullmatch(NUM, lines[1]) and int(lines[1]) <= MAX_INT, "not origin, size and root")
    root, type_ = from_base64(lines[2]), 0x01 if dossier["suite"] == "mingzhang/v1" else 0xFF
    signers = signers_of(note, [key for key in policy.logs if (key.name, key.type) == (lines[0], type_)])
    need(signers, f"not signed by a key that the policy gives {lines[0]}")
    need(len(set(signers)) == len(signers), "signed twice with one key")
    return Checkpoint(int(lines[1]), root, note), f"{signers[0].name}, key {signers[0].key_id.hex()}"

def check_quorum(checkpoint: Checkpoint, policy: Policy) -> tuple[str, str]:
    signers = signers_of(checkpoint.note, list(policy.witnesses.values()))
    names = ", ".join(sorted({key.name for key in signers})) or "none"
    if not policy.reached(policy.quorum, signers):
        raise Missing(f"not enough cosigned; those who did: {names}")
    return "OK", f"cosigned by: {names}" + (", as the policy asks for nobody" if policy.quorum == "none" else "")

def check_checkpoint(dossier: dict[str, Any], checkpoint: Checkpoint) -> tuple[str, str]:
    size, last, origin = checkpoint.size, dossier["heads"]["position"], checkpoint.note[0].decode().partition("\n")[0]
    need(origin == dossier["log"], f"the checkpoint is of {origin}, another log")
    need(size == last + 1, f"the checkpoint has {size} entries, the map is entry {last}")
    return "OK", f"{size} entries; the map covers 0 … {last - 1}"

def check_inclusion(dossier: dict[str, Any], point: Checkpoint, h: Hash) -> tuple[str, str]:
    places = [-1, *(one["position"] for one in dossier["entries"]), dossier["heads"]["position"]]
    for one in dossier["entries"]:
        where = f"position {one['position']}: this entry is not there in the signed log"
        prove(where, h, one["entry"].encode(), one["position"], point.size, one["path"], point.root)
    need(places == sorted(set(places)), "positions do not ascend, or reach beyond the map")
    return "OK", f"{len(dossier['entries'])} entries"

def check_heads(dossier: dict[str, Any], point: Checkpoint, h: Hash) -> tuple[dict[str, Any], str]:
    """Return the open part of entry M, which seals the map of entries 0 … M-1."""
    one = Entry("heads", dossier["heads"])
    head, streams = one.header, one.open.get("streams")
    found = (head["suite"], head["log"], head["stream"], head["type"], one.k, one.n, head["commitment"])
    mine = (dossier["suite"], dossier["log"], "ledger/heads", "ledger.heads-sealed/1", 1, 1, None)
    need(found == mine, "heads: not the entry of this log that seals a map, alone in its command")
    good = one.open.keys() == {"root", "streams"} and type(streams) is int and streams >= 1
    need(good and from_base64(one.open["root"]), "heads: expected root and streams")
    prove("heads: not in the signed log", h, one.data, one.position, point.size, one.path, point.root)
    return one.open, f"entry {one.position}, {head['at']}"

def check_map(dossier: dict[str, Any], entries: list[Entry], sealed: dict[str, Any], h: Hash) -> tuple[str, str]:
    """Presence is the stream's own leaf; absence, two leaves side by side whose names enclose it, or the end one."""
    proof, count, root, stream = dossier["map"], sealed["streams"], from_base64(sealed["root"]), dossier["stream"]
    need(proof["streams"] == count, "the number of streams is not the sealed one")
    before, at, after = (proof.get(side) for side in ("before", "at", "after"))
    for leaf in filter(None, (before, at, after)):
        data = f"mingzhang/v1 head\n{leaf['name']}\n{leaf['seq']}\n{leaf['head']}\n".encode()
        prove(f"{leaf['name']}: not so in the sealed map", h, data, leaf["index"], count, leaf["path"], root)
    if at and not before and not after:
        need(at["name"] == stream, "the leaf shown is of another stream")
        need(entries and at["seq"] == len(entries), f"the case has {at['seq']} entries, given are {len(entries)}")
        need(h(b"\x00" + entries[-1].data) == from_base64(at["head"]), "the last entry is not the one in the map")
        return "OK", f"all {len(entries)} entries"
    need(not at and (before or after) and not entries, "the map shows neither the case nor its absence")
    start, end = (before["index"] + 1 if before else 0), (after["index"] if after else count)
    enclosed = (not before or before["name"] < stream) and (not after or stream < after["name"])  # names are ASCII
    need(start == end and enclosed, "the case could stand between the neighbours given")
    return "OK", "there is no such case in the log"

def check_completeness(dossier: dict[str, Any], policy: Policy, replayers: Policy | None) -> tuple[str, str]:
    """Say whether witnesses of the second policy, who recomputed the map from every entry, cosigned as well."""
    if replayers is None or replayers.quorum == "none":
        return "ASSERTED", "ASSERTED BY THE BUREAU alone: nobody else recomputed the map 仅由经办机构声明，无他人重算"
    checkpoint, _ = check_signature(dossier, replayers if replayers.logs else policy)
    return "OK", "attested, " + check_quorum(checkpoint, replayers)[1]

def check_disclosures(entries: list[Entry], h: Hash) -> tuple[str, str]:
    """Each field with its salt and path must lead to the commitment in its entry's line `sealed`."""
    for entry in entries:
        need(len({one["field"] for one in entry.opened}) == len(entry.opened), f"seq {entry.seq}: a field opened twice")
        for one in entry.opened:
            where = f"seq {entry.seq}, {one['field']}"
            need(one["commitment"] == entry.header["commitment"], f"{where}: of another entry")
            need(re.fullmatch("[a-z][a-z0-9_]*", one["field"]), f"{where}: no name of a field")
            data = b"mingzhang/v1 field\n" + from_base64(one["salt"]) + f"{one['field']}:".encode()
            data, root = data + canonical(one["value"]), from_base64(one["commitment"])
            prove(f"{where}: not what was sealed", h, data, one["index"] - 1, one["of"], one["path"], root)
    return "OK", f"{sum(len(entry.opened) for entry in entries)} fields"

# Making the checks, and telling the result
def verify(data: bytes, policy: Any, replayers: Policy | None) -> dict[str, Any]:
    """Make every check; return the verdict, the state of each check, and the history that the dossier tells."""
    checks: dict[str, dict[str, str]] = {}
    def run(name: str, check: Callable[..., tuple[Any, str]], *given: Any) -> Any:
        """Make a check, unless one that it builds on did not pass; return what it found, or None."""
        value, state, detail = None, "UNCHECKED", "an earlier check did not pass 前面的检查未通过"
        if all(one is not None for one in given):
            try:
                value, detail = check(*given)
                state = value if value == "ASSERTED" else "OK"
            except (Refused, Missing) as error:
                state, detail = "BROKEN" if isinstance(error, Refused) else "UNCHECKED", str(error)
        checks[name] = {"state": state, "detail": detail}
        return value
    dossier = run("file", check_file, data)
    h = dossier and hash_of(dossier["suite"])
    policy = run("policy", check_policies, policy, [replayers]) and policy
    checkpoint = run("signature", check_signature, dossier, policy)
    run("quorum", check_quorum, checkpoint, policy)
    run("checkpoint", check_checkpoint, dossier, checkpoint)
    entries = run("entries", check_entries, dossier, h)
    run("inclusion", check_inclusion, dossier, checkpoint, h)
    run("map", check_map, dossier, entries, run("heads", check_heads, dossier, checkpoint, h), h)
    run("completeness", lambda given, own: check_completeness(given, own, replayers), dossier, policy)
    run("disclosures", check_disclosures, entries, h)
    states = [checks[name]["state"] for name in CHECKS]
    verdict = "invalid" if "BROKEN" in states else "could not check" if "UNCHECKED" in states else "valid"
    return {
        "verdict": verdict,
        "broken": [name for name in CHECKS if checks[name]["state"] == "BROKEN"],
        "completeness": {"OK": "attested", "ASSERTED": "asserted"}.get(checks["completeness"]["state"]),
        "checks": {name: checks[name] for name in CHECKS},
        "log": dossier and dossier["log"],
        "stream": dossier and dossier["stream"],
        "history": [
            {**one.header, "seq": one.seq, "position": one.position, "open": one.open,
             "disclosed": {opened["field"]: opened["value"] for opened in one.opened}} for one in entries or ()],
    }

def shown(value: Any) -> str:
    """Return a value on one line; what is no visible character is written as an escape."""
    text = value if isinstance(value, str) else canonical(value).decode()
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

def print_report(result: dict[str, Any]) -> None:
    print(f"{result['stream']}  {result['log']}\n")
    for one in result["history"]:
        print(f"  {one['seq']}. {one['at'][:19]}Z  {one['type']}  {one['by']}  #{one['position']}", end="")
        for name, value in one["open"].items():
            if name.endswith("_fen") and type(value) is int:  # fen is 0.01 yuan
                print(f"  {name[:-4]} {'-' * (value < 0)}{abs(value) // 100}.{abs(value) % 100:02}", end="")
        print(f"  {shown(one['open'].get('occurred_on', ''))}".rstrip())
        for name, value in one["disclosed"].items():
            print(f"       {name}: {shown(value)}")
    for name, one in result["checks"].items():
        print(f"{MARKS[one['state']]} {name:<12} {CHECKS[name]}: {shown(one['detail'])}")
    print(f"\n{VERDICTS[result['verdict']]} {', '.join(result['broken'])}".rstrip())

def main() -> int:
    arguments = argparse.ArgumentParser(description="Check a dossier offline. 离线核验卷宗。")
    arguments.add_argument("dossier")
    arguments.add_argument("--policy", required=True, help="whose signatures you believe (c2sp.org/tlog-policy)")
    arguments.add_argument("--heads-policy", help="whose word you take that the map was recomputed")
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    try:
        files = [Path(path).read_bytes() for path in (options.dossier, options.policy, options.heads_policy) if path]
        policies = [*map(Policy, files[1:]), None]
    except (OSError, Refused, Missing) as error:
        print(f"cannot be read or followed 无法读取或执行: {error}", file=sys.stderr)
        return 3 if isinstance(error, Missing) else 2
    result = verify(files[0], *policies[:2])
    print(json.dumps(result, ensure_ascii=False, indent=1)) if options.json else print_report(result)
    return {"valid": 0, "invalid": 1}.get(result["verdict"], 3)

if __name__ == "__main__":
    sys.exit(main())
