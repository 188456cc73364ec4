"""A verifier of a whole ledger in SQLite, written from docs/format.md alone; it imports nothing of this project.

    python independent_verifier.py ledger.db [VKEY…]      prints size, root and findings; exit code 0 when sound

The numbers in the comments are the sections of that page. Everything is held in memory: this is for reading, not for
large logs.
"""

import base64
import datetime
import hashlib
import json
import re
import sqlite3
import sys
from collections import namedtuple
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAX_INT = 2**53 - 1

# 3. An entry

NUM = "[1-9][0-9]*"
ID = r"(?!\.{1,2}$)(?:[A-Za-z0-9._-]|%[0-9A-F]{2})+"
NAME = re.compile(rf"[a-z][a-z0-9-]*/{ID}")
ORIGIN = re.compile(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*(/(?!\.{1,2}(/|$))[a-z0-9._-]+)*")
TOPIC = re.compile(rf"[a-z][a-z-]*\.[a-z][a-z-]*/({NUM})")
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})Z", re.ASCII)
COMMAND = re.compile(rf"([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}) ({NUM})/({NUM})")
SEAL = re.compile(r"([0-9a-f]{32}) (\S+) (\S+)")
PREFIXES = ("", "log ", "stream ", "seq ", "type ", "prev ", "at ", "by ", "command ", "sealed ")


class Bad(Exception):
    """Bytes that break a rule of the page."""


def need(condition: object, what: str) -> None:
    if not condition:
        raise Bad(what)


def matched(pattern: re.Pattern[str], text: str, what: str) -> Any:
    match = pattern.fullmatch(text)
    need(match, what)
    return match


def from_b64(text: str, length: int | None = 32) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Bad("base64") from None
    need(base64.b64encode(raw).decode() == text and (length is None or len(raw) == length), "base64")
    return raw


def number(text: str, what: str) -> int:
    need(re.fullmatch(NUM, text) and len(text) <= 16 and int(text) <= MAX_INT, what)
    return int(text)


def good_string(text: str) -> bool:
    bad = any(0xFDD0 <= ord(c) <= 0xFDEF or ord(c) & 0xFFFE == 0xFFFE or 0xD800 <= ord(c) <= 0xDFFF for c in text)
    return not bad and not text.startswith("\ufeff") and not text.endswith("\ufeff")


def check_name(name: str, what: str) -> None:
    need(NAME.fullmatch(name) and len(name) <= 255, what)
    for pair in re.findall("%(..)", name):
        need(not re.fullmatch("[A-Za-z0-9._-]", chr(int(pair, 16))), what)
    raw = re.sub(rb"%(..)", lambda m: bytes([int(m[1], 16)]), name.split("/", 1)[1].encode())
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Bad(what) from None
    need(good_string(text) and not any(ord(c) < 32 or ord(c) == 127 for c in text), what)


def moment(text: str) -> datetime.datetime:
    try:
        return datetime.datetime(*map(int, matched(TIME, text, "at").groups()))
    except ValueError:
        raise Bad("at") from None


# 4. Canonical objects


def check_value(value: Any, depth: int) -> None:
    if isinstance(value, (dict, list)):
        need(depth <= 8, "depth")
        for item in value.values() if isinstance(value, dict) else value:
            check_value(item, depth + 1)
        need(isinstance(value, list) or all(re.fullmatch("[a-z][a-z0-9_]*", key) for key in value), "key")
    elif isinstance(value, str):
        need(good_string(value), "string rule")
    else:
        need(isinstance(value, int) and abs(value) <= MAX_INT, "number or null")


def canonical(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data.decode())
        need(isinstance(value, dict), "not an object")
        check_value(value, 1)
        again = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        raise Bad("not a canonical object") from None
    need(again == data, "not canonical")
    return dict(value)


Entry = namedtuple("Entry", "suite log stream seq type prev at by command k n seal payload")
Entries = list[tuple[int, Any]]


def parse(data: bytes) -> Any:
    need(len(data) <= 65_535 and data.endswith(b"\n"), "length or last line feed")
    head, empty, rest = data[:-1].partition(b"\n\n")
    need(empty and head.isascii(), "header")
    lines = head.decode("ascii").split("\n")
    need(len(lines) == 10 and all(map(str.startswith, lines, PREFIXES)), "ten header lines")
    suite, log, stream, seq, topic, prev, at, by, command, sealed = map(str.removeprefix, lines, PREFIXES)
    need(suite in HASHES, "suite")
    need(matched(ORIGIN, log, "log") and len(log) <= 255, "log")
    check_name(stream, "stream")
    check_name(by, "by")
    number(matched(TOPIC, topic, "type")[1], "type")
    moment(at)
    command, k, n = matched(COMMAND, command, "command").groups()
    k, n = number(k, "command"), number(n, "command")
    need(k <= n, "command")
    seal = None
    if sealed != "-":
        kid, blob_hash, commitment = matched(SEAL, sealed, "sealed").groups()
        seal = (kid, from_b64(blob_hash), from_b64(commitment))
    seq, prev = number(seq, "seq"), from_b64(prev)
    need(seq > 1 or prev == bytes(32), "prev at seq 1")
    return Entry(suite, log, stream, seq, topic, prev, at, by, command, k, n, seal, canonical(rest))


# 2. Hash suites; 6. The tree


def sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


HASHES = {"mingzhang/v1": lambda data: hashlib.sha256(data).digest(), "mingzhang/v1-sm3": sm3}


@dataclass
class Result:
    size: int = 0
    root: bytes = b""
    leaves: list[bytes] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


def levels_of(leaves: list[bytes], hash_of: Any) -> list[list[bytes]]:
    """All roots over complete runs of 1, 2, 4 … leaves: levels[h][j] covers the 2^h leaves from j * 2^h on."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([hash_of(b"\x01" + below[i] + below[i + 1]) for i in range(0, len(below) - 1, 2)])
    return levels


def root_of(levels: list[list[bytes]], size: int, hash_of: Any) -> bytes:
    result, start = None, size
    for height in range(size.bit_length()):
        if size >> height & 1:  # from the right, the smallest run first
            start -= 1 << height
            left = levels[height][start >> height]
            result = left if result is None else hash_of(b"\x01" + left + result)
    return hash_of(b"") if result is None else result


# 5. Rules between entries


def citations(value: Any) -> list[tuple[Any, Any]]:
    found = [(value["stream"], value["seq"])] if isinstance(value, dict) and value.keys() == {"seq", "stream"} else []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return found + [one for item in inner for one in citations(item)]


def check_chain(entries: Entries, leaves: list[bytes], suite: str, origin: str) -> list[str]:
    findings: list[str] = []
    last: dict[str, tuple[int, bytes]] = {}
    places = {(e.stream, e.seq): (p, e.command) for p, e in reversed(entries)}

    def cites(position: int, e: Any, stream: Any, seq: Any) -> bool:
        if type(stream) is not str or type(seq) is not int or (stream, seq) not in places:
            return False
        where, command = places[stream, seq]
        return where != position and (where < position or command == e.command)

    corrections = [(p, e) for p, e in entries if e.type == "ledger.clock-corrected/1"]
    corrected = {one for p, e in corrections for one in citations(e.payload) if cites(p, e, *one)}
    latest, scopes, requested, ids = None, {}, set(), set()
    before: Any = None
    for position, e in entries:

        def find(kind: str, position: int = position) -> None:
            findings.append(f"{position}: {kind}")

        if (e.suite, e.log) != (suite, origin):
            find("suite or origin")
        seq, leaf = last.get(e.stream, (0, bytes(32)))
        if (e.seq, e.prev) != (seq + 1, leaf):
            find("stream chain")
        last[e.stream] = (e.seq, leaves[position])
        if before is not None and before.k < before.n:
            same = (before.command, before.k + 1, before.n, before.at, before.by)
            if (e.command, e.k, e.n, e.at, e.by) != same:
                find("command")
        elif e.k != 1 or e.command in ids:
            find("command")
        ids.add(e.command)
        before = e
        if (e.stream, e.seq) not in corrected:
            at = moment(e.at)
            if latest is not None and latest - at > datetime.timedelta(seconds=300):
                find("time")
            latest = at if latest is None else max(at, latest)
        for stream, number_ in citations(e.payload):
            if not cites(position, e, stream, number_):
                find("citation")
        if e.seal:
            if scopes.setdefault(e.seal[0], e.stream) != e.stream:
                find("key-scope")
            if e.seal[0] in requested:
                find("key-erased")
        if e.type in ("ledger.erasure-requested/1", "ledger.erasure-effective/1"):
            kid = e.payload.get("kid")
            if not isinstance(kid, str) or not re.fullmatch("[0-9a-f]{32}", kid):
                find("erasure: no kid")
            elif e.type == "ledger.erasure-effective/1" and kid not in requested:
                find("erasure: no request")
            requested |= {kid} if e.type == "ledger.erasure-requested/1" else set()
    if before is not None and before.k < before.n:
        findings.append("end: unfinished-command")
    return findings


# 8. Checkpoints

SPACES = " \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
OWN_TYPES = {"mingzhang/v1": 0x01, "mingzhang/v1-sm3": 0xFF}


def check_note(note: bytes, vkeys: list[str], origin: str, suite: str) -> tuple[int, bytes]:
    """The size and root of a note that the log signed; Bad for any other."""
    need(len(note) <= 1 << 20 and not re.search(rb"[\x00-\x09\x0b-\x1f]", note), "note")
    text, empty, tail = note.rpartition(b"\n\n")
    need(empty and tail.endswith(b"\n") and tail.count(b"\n") <= 100, "note")
    text += b"\n"
    log_signed = 0
    for line in tail.decode().split("\n")[:-1]:
        parts = line.split(" ")
        need(len(parts) == 3 and parts[0] == "—" and re.fullmatch(f"[^+{SPACES}]+", parts[1]), "signature line")
        raw = from_b64(parts[2], None)
        need(len(raw) >= 5, "signature line")
        for vkey in vkeys:
            name, key_id, encoded = vkey.split("+", 2)
            key = base64.b64decode(encoded)
            need(hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] == key_id, "vkey")
            if (name, key_id) != (parts[1], raw[:4].hex()):
                continue
            signature, message = raw[4:], text
            if key[0] == 4:
                seconds, signature = int.from_bytes(raw[4:12], "big"), raw[12:]
                need(seconds < 1 << 63, "time of a cosignature")
                message = f"cosignature/v1\ntime {seconds}\n".encode() + text
            try:
                Ed25519PublicKey.from_public_bytes(key[-32:]).verify(signature, message)
            except InvalidSignature:
                raise Bad("signature") from None
            log_signed += name == origin and key[0] == OWN_TYPES[suite]
    need(log_signed == 1, "not signed once by the log")
    lines = text.decode().split("\n")
    need(len(lines) == 4 and lines[0] == origin, "checkpoint")
    return number(lines[1], "size"), from_b64(lines[2])


# 13. To verify


def verify(path: Path, vkeys: list[str]) -> Result:
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    database.execute("BEGIN")
    try:
        return _verify(database, vkeys)
    finally:
        database.close()


def _verify(database: sqlite3.Connection, vkeys: list[str]) -> Result:
    result = Result(findings=storage_findings(database))
    settings = dict(database.execute("SELECT key, value FROM log"))
    need(settings.keys() == {"origin", "suite", "schema"} and settings["schema"] == "1", "not a ledger")
    suite, origin = settings["suite"], settings["origin"]
    hash_of = HASHES[suite]
    entries: Entries = []
    commands, with_blob = [], 0
    for position, *columns, data, blob in database.execute(
        'SELECT e.position, e.stream, e.seq, e.type, e.at, e."by", e.command, e.entry, b.blob'
        " FROM entries e LEFT JOIN blobs b ON b.position = e.position ORDER BY e.position"
    ):
        need(position == len(result.leaves), f"{position}: positions are not dense")
        result.leaves.append(hash_of(b"\x00" + data))
        with_blob += blob is not None
        try:
            e = parse(data)
        except Bad as error:
            result.findings.append(f"{position}: bytes, {error}")
            continue
        entries.append((position, e))
        if columns != [e.stream, e.seq, e.type, e.at, e.by, e.command]:
            result.findings.append(f"{position}: columns")
        if (e.seal and e.seal[1]) != (hash_of(blob) if blob is not None and 67 <= len(blob) <= 1 << 20 else None):
            result.findings.append(f"{position}: blob")
        if e.k == 1:
            commands.append((position, e.n, e.command))
    if with_blob != database.execute("SELECT count(*) FROM blobs").fetchone()[0]:
        result.findings.append("a blob of no entry")
    result.findings += check_chain(entries, result.leaves, suite, origin)
    if commands != database.execute("SELECT position, n, command FROM commands ORDER BY position").fetchall():
        result.findings.append("commands")
    levels = levels_of(result.leaves, hash_of)
    result.size, result.root = len(result.leaves), root_of(levels, len(result.leaves), hash_of)
    ends = {position + 1 for position, e in entries if e.k == e.n}
    sizes = [0]
    for size, root in database.execute("SELECT size, root FROM heads ORDER BY size"):
        sizes.append(size)
        if size > result.size or size not in ends or root != root_of(levels, size, hash_of):
            result.findings.append(f"head {size}")
    if sizes[-1] != result.size:
        result.findings.append("the last head is not of all entries")
    if expected_tiles(levels) != database.execute("SELECT level, idx, hashes FROM tiles ORDER BY 1, 2").fetchall():
        result.findings.append("tiles")
    for size, note in database.execute("SELECT size, note FROM checkpoints ORDER BY size, note"):
        try:
            signed, root = check_note(note, vkeys, origin, suite)
            need(signed == size and size in ends and root == root_of(levels, size, hash_of), "another history")
        except Bad as error:
            result.findings.append(f"checkpoint {size}: {error}")
    return result


# 9. The tables

TABLES = {
    "log": "key text, value text",
    "entries": "position integer, stream text, seq integer, type text, at text, by text, command text, entry blob",
    "blobs": "position integer, blob blob",
    "commands": "position integer, n integer, command text",
    "heads": "size integer, root blob",
    "tiles": "level integer, idx integer, hashes blob",
    "checkpoints": "size integer, note blob",
}


def storage_findings(database: sqlite3.Connection) -> list[str]:
    findings = [f"database: {text}" for (text,) in database.execute("PRAGMA integrity_check") if text != "ok"]
    known = database.execute("SELECT name, type, strict FROM pragma_table_list WHERE schema = 'main'").fetchall()
    for table, columns in TABLES.items():
        if (table, "table", 1) not in known:
            findings.append(f"{table}: no STRICT table")
        for column, kind in map(str.split, columns.split(", ")):
            wrong = f'SELECT 1 FROM {table} WHERE typeof("{column}") <> ? LIMIT 1'
            if database.execute(wrong, (kind,)).fetchone():
                findings.append(f"{table}: a {column} that is not {kind}")
    return findings


def expected_tiles(levels: list[list[bytes]]) -> list[tuple[int, int, bytes]]:
    tiles = []
    for level, row in enumerate(levels[::8]):
        for index in range(0, len(row), 256):
            tiles.append((level, index // 256, b"".join(row[index : index + 256])))
    return tiles


if __name__ == "__main__":
    outcome = verify(Path(sys.argv[1]), sys.argv[2:])
    print(f"size {outcome.size}\nroot {base64.b64encode(outcome.root).decode()}", *outcome.findings, sep="\n")
    sys.exit(1 if outcome.findings else 0)
