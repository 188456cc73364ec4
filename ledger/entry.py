"""The bytes of one entry, both ways: ten header lines, an empty line, one canonical object, one line feed.

    mingzhang/v1                                 the suite: SHA-256; mingzhang/v1-sm3: SM3
    log minzheng.kaiyang.example/ledger          origin, at most 255 bytes
    stream case/SQ52012120240300017              kind "/" id, at most 255 bytes
    seq 7                                        from 1, dense in its stream
    type payment.settled/1
    prev 9f2c…=                                  leaf hash of (stream, seq - 1); 32 zero bytes at seq 1
    at 2026-11-21T08:00:00.123456Z               when the ledger learned it
    by staff/MZ0012
    command 3f0e… 1/1                            k/n: entry k of the n of one command
    sealed 5be1… q83v…= 77aX…=                   key id, H(blob), commitment; or: sealed -

    {"amount_fen":82500,"month":"2026-10"}

The stored bytes are the hashed bytes: `parse_entry` takes exactly what `encode_entry` writes and nothing else.
One regular expression, joined from the lines listed below, reads a whole header; when it does not match, the
lines are tried one by one to name the faulty one.
"""

import re
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NoReturn

from ledger import canonical
from ledger.errors import FormatError

ENTRY_BYTES_MAX = 65_535
NAME_BYTES_MAX = 255
NO_PREVIOUS = bytes(32)


@dataclass(frozen=True, slots=True)
class Seal:
    """What an entry says of its sealed part: key id (32 hex digits), hash of the blob and commitment (32 bytes)."""

    kid: str
    blob_hash: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, field by field; `at` stays the text of the bytes, `payload` is the open part."""

    suite: str
    log: str
    stream: str
    seq: int
    type: str
    prev: bytes
    at: str
    by: str
    command: str
    k: int
    n: int
    seal: Seal | None
    payload: dict[str, Any]


def encode_entry(entry: Entry) -> bytes:
    """Return the bytes of an entry; FormatError, naming the field, when a field has no form in the grammar."""
    seal = entry.seal
    sealed = f"{seal.kid} {_base64(seal.blob_hash)} {_base64(seal.commitment)}" if seal else "-"
    header = (
        f"{entry.suite}\nlog {entry.log}\nstream {entry.stream}\nseq {entry.seq}\ntype {entry.type}\n"
        f"prev {_base64(entry.prev)}\nat {entry.at}\nby {entry.by}\n"
        f"command {entry.command} {entry.k}/{entry.n}\nsealed {sealed}"
    )
    if not _is_sound(entry):
        match = _HEADER.fullmatch(header)
        if match is None:
            _refuse(f"{header}\n\n{{}}\n".encode(errors="surrogatepass"))
        _entry(match, entry.payload)
    data = b"%b\n\n%b\n" % (header.encode(), canonical.encode(entry.payload))
    if len(data) > ENTRY_BYTES_MAX:
        raise FormatError("entry", f"{len(data)} bytes, expected at most {ENTRY_BYTES_MAX}; split the list in it")
    return data


def parse_entry(data: bytes) -> Entry:
    """Return the entry that these bytes are; FormatError, naming the field, for any others."""
    if len(data) > ENTRY_BYTES_MAX:
        raise FormatError("entry", f"{len(data)} bytes, expected at most {ENTRY_BYTES_MAX}")
    header, _, rest = data.partition(b"\n\n")
    match = _HEADER.fullmatch(header.decode("ascii", "replace"))
    if match is None or rest[-1:] != b"\n" or b"\r" in rest:
        _refuse(data)
    return _entry(match, canonical.decode(rest[:-1]))


def parse_seal(text: bytes) -> Seal:
    """Return what a header line says after "sealed "; FormatError for what is no seal, "-" included."""
    match = _SEAL.fullmatch(text.decode("ascii", "replace"))
    if match is None:
        raise FormatError("sealed", "expected key id, blob hash and commitment")
    return Seal(match[1], a2b_base64(match[2]), a2b_base64(match[3]))


def rechained(data: bytes, prev: bytes, at: str) -> bytes:
    """Return the bytes of a well-formed entry with another `prev` and `at`; what is sealed is bound to neither."""
    before, _, after = data.partition(b"\nprev ")
    by = after.index(b"\nby ")
    return b"%b\nprev %b\nat %b%b" % (before, _base64(prev).encode(), at.encode(), after[by:])


def header_through_type(suite: str, log: str, stream: str, seq: int, type: str) -> bytes:
    """Return an entry's bytes from line 1 through the line feed of "type": the associated data of sealing."""
    return f"{suite}\nlog {log}\nstream {stream}\nseq {seq}\ntype {type}\n".encode("ascii")


def format_time(moment: datetime) -> str:
    """Return an aware datetime as the format writes it, in UTC with microseconds; FormatError for a naive one."""
    if moment.tzinfo is None:
        raise FormatError("at", "expected a time with its zone, found one without")
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"


def parse_time(text: str) -> datetime:
    """Return the UTC datetime of a time in the bytes; FormatError unless it is a real instant in that one form."""
    if not _TIME.fullmatch(text):
        raise FormatError("at", f"expected YYYY-MM-DDThh:mm:ss.ffffffZ, found {_shown(text)}")
    return _moment(text)


def encode_name(kind: str, id_text: str) -> str:
    """Return kind "/" id, each byte of the id's UTF-8 outside A-Z a-z 0-9 - . _ as %XX; FormatError if it cannot be."""
    raw = id_text.encode(errors="surrogatepass")
    name = f"{kind}/" + "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in raw)
    check_name(name)
    return name


def decode_name(name: str) -> tuple[str, str]:
    """Return the kind of a name and its id as people write it; FormatError for what is not a name."""
    check_name(name)
    kind, _, encoded = name.partition("/")
    return kind, _unescape(encoded).decode()


def check_name(name: str, where: str = "name") -> None:
    """Raise FormatError unless this is the one spelling of a stream's or an actor's name."""
    if not _NAME.fullmatch(name):
        raise FormatError(where, f"expected {_NAME_FORM}, found {_shown(name)}")
    _check_name_further(name, where)


def check_origin(origin: str) -> None:
    """Raise FormatError unless this can be a log's origin, such as minzheng.kaiyang.example/ledger."""
    if not _ORIGIN.fullmatch(origin) or len(origin) > NAME_BYTES_MAX:
        raise FormatError("log", f"expected {_ORIGIN_FORM}, found {_shown(origin)}")


def check_topic(topic: str) -> None:
    """Raise FormatError unless this can be an entry's type, such as payment.settled/1."""
    if not _TOPIC.fullmatch(topic):
        raise FormatError("type", f"expected {_TOPIC_FORM}, found {_shown(topic)}")
    _number("type", topic.rpartition("/")[2])


def is_name(value: object) -> bool:
    """Say whether a value is a well-formed name."""
    try:
        check_name(value if isinstance(value, str) else "")
    except FormatError:
        return False
    return True


def is_time(value: object) -> bool:
    """Say whether a value is the text of a real instant in the one form."""
    return isinstance(value, str) and _TIME.fullmatch(value) is not None and _is_day(value[:10])


def is_uuid(value: object) -> bool:
    """Say whether a value can be the id of a command."""
    return isinstance(value, str) and _COMMAND.fullmatch(value) is not None


# Private

_NUM = "[1-9][0-9]{0,15}"
_NOT_DOTS = r"(?!\.\.?(?:[/\n]|\Z))"
_LABEL = "[a-z0-9][a-z0-9-]*"
_ORIGIN_TEXT = rf"{_LABEL}(?:\.{_LABEL})*(?:/{_NOT_DOTS}[a-z0-9._-]+)*"
_NAME_TEXT = f"[a-z][a-z0-9-]*/{_NOT_DOTS}(?:[A-Za-z0-9._-]|%[0-9A-F]{{2}})+"
_TOPIC_TEXT = rf"[a-z][a-z-]*\.[a-z][a-z-]*/{_NUM}"
_BASE64 = "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="  # 43 characters hold 258 bits; the last two must be zero
_TIME_TEXT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_KID = "[0-9a-f]{32}"

_ORIGIN_FORM = "a lower-case origin of at most 255 bytes such as county.example/ledger"
_NAME_FORM = "kind/id, other bytes than A-Z a-z 0-9 - . _ as %XX"
_TOPIC_FORM = "a type such as payment.settled/1"
_HASH_FORM = "the base64 of 32 bytes"

# Each line: the field that a fault is reported under, what the line begins with, the rest, and the rest in words.
_LINES = (
    ("line 1", "", "(mingzhang/v1(?:-sm3)?)", "mingzhang/v1 or mingzhang/v1-sm3"),
    ("log", "log ", f"({_ORIGIN_TEXT})", _ORIGIN_FORM),
    ("stream", "stream ", f"({_NAME_TEXT})", _NAME_FORM),
    ("seq", "seq ", f"({_NUM})", "a number from 1 to 2^53-1"),
    ("type", "type ", f"({_TOPIC_TEXT})", _TOPIC_FORM),
    ("prev", "prev ", f"({_BASE64})", _HASH_FORM),
    ("at", "at ", f"({_TIME_TEXT})", "YYYY-MM-DDThh:mm:ss.ffffffZ"),
    ("by", "by ", f"({_NAME_TEXT})", _NAME_FORM),
    ("command", "command ", f"({_UUID}) ({_NUM})/({_NUM})", "a lower-case uuid, a space and k/n"),
    ("sealed", "sealed ", f"(?:-|({_KID}) ({_BASE64}) ({_BASE64}))", "- or key id, blob hash and commitment"),
)
_SEAL = re.compile(f"({_KID}) ({_BASE64}) ({_BASE64})")
_HEADER = re.compile("\n".join(start + rest for _, start, rest, _ in _LINES))
_ORIGIN, _NAME, _TOPIC, _TIME, _COMMAND = map(re.compile, (_ORIGIN_TEXT, _NAME_TEXT, _TOPIC_TEXT, _TIME_TEXT, _UUID))
_KEY_ID = re.compile(_KID)
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")
_ESCAPED = re.compile(b"%([0-9A-F]{2})")


def _is_sound(entry: Entry) -> bool:
    """Say whether the header is known to be well-formed, field by field; of one that is not, the expression decides.

    A log has few names and topics and writes them again and again, so what was found of them is kept.
    """
    seq, prev, k, n = entry.seq, entry.prev, entry.k, entry.n
    return (
        type(seq) is type(k) is type(n) is int
        and 1 <= seq <= canonical.INTEGER_MAX
        and 1 <= k <= n <= canonical.INTEGER_MAX
        and type(prev) is bytes
        and len(prev) == len(NO_PREVIOUS)
        and (seq > 1 or prev == NO_PREVIOUS)
        and (entry.seal is None or _is_sound_seal(entry.seal))
        and _COMMAND.fullmatch(entry.command) is not None
        and _is_known_log(entry.suite, entry.log, entry.type)
        and _is_known_name(entry.stream)
        and _is_known_name(entry.by)
        and _is_known_time(entry.at)
    )


def _is_sound_seal(seal: Seal) -> bool:
    hashes = (seal.blob_hash, seal.commitment)
    return _KEY_ID.fullmatch(seal.kid) is not None and all(
        type(one) is bytes and len(one) == len(NO_PREVIOUS) for one in hashes
    )


@lru_cache(maxsize=1024)
def _is_known_log(suite: str, log: str, topic: str) -> bool:
    try:
        check_origin(log)
        check_topic(topic)
    except FormatError:
        return False
    return re.fullmatch(_LINES[0][2], suite) is not None


@lru_cache(maxsize=65_536)
def _is_known_name(name: str) -> bool:
    return is_name(name)


@lru_cache(maxsize=256)
def _is_known_time(at: str) -> bool:
    return is_time(at)


def _entry(match: re.Match[str], payload: dict[str, Any]) -> Entry:
    """Return the entry of a header that matched; FormatError for what the expression cannot tell."""
    suite, log, stream, seq_text, topic, prev_text, at, by, command, k_text, n_text, *sealed = match.groups()
    if len(log) > NAME_BYTES_MAX:
        raise FormatError("log", f"{len(log)} bytes, expected at most {NAME_BYTES_MAX}")
    _check_name_further(stream, "stream")
    _check_name_further(by, "by")
    seq, k, n = _number("seq", seq_text), _number("command", k_text), _number("command", n_text)
    _number("type", topic[topic.index("/") + 1 :])
    _moment(at)
    if k > n:
        raise FormatError("command", f"entry {k} of only {n}")
    prev = a2b_base64(prev_text)
    if seq == 1 and prev != NO_PREVIOUS:
        raise FormatError("prev", "expected 32 zero bytes at seq 1")
    seal = Seal(sealed[0], a2b_base64(sealed[1]), a2b_base64(sealed[2])) if sealed[0] else None
    return Entry(suite, log, stream, seq, topic, prev, at, by, command, k, n, seal, payload)


def _refuse(data: bytes) -> NoReturn:
    """Raise the FormatError that names the first faulty line of an entry."""
    if data.startswith(b"\xef\xbb\xbf"):
        raise FormatError("entry", "begins with a byte order mark")
    if b"\r" in data:
        raise FormatError("entry", f"carriage return at byte {data.index(13)}")
    if not data.endswith(b"\n"):
        raise FormatError("entry", "expected a line feed at its end")
    header = data.partition(b"\n\n")[0]
    if not header.isascii():
        raise FormatError("header", "a byte outside ASCII")
    lines = data.decode("ascii", "replace").split("\n")
    for number, (line, (field, start, rest, form)) in enumerate(zip(lines, _LINES, strict=False), 1):
        if not line.startswith(start):
            raise FormatError(f"line {number}", f'expected "{start}" at its start, found {_shown(line)}')
        if not re.fullmatch(rest, line[len(start) :]):
            raise FormatError(field, f"expected {form}, found {_shown(line[len(start) :])}")
    number = min(len(lines), len(_LINES) + 1)
    raise FormatError(f"line {number}", "expected ten header lines, an empty one and the payload")


def _check_name_further(name: str, where: str) -> None:
    """Refuse a name that has the form but is too long or spells an id in a second way."""
    if len(name) > NAME_BYTES_MAX:
        raise FormatError(where, f"{len(name)} bytes, expected at most {NAME_BYTES_MAX}")
    if "%" not in name:
        return
    try:
        plain = _unescape(name.partition("/")[2]).decode()
    except UnicodeDecodeError:
        raise FormatError(where, f"the %XX of {_shown(name)} are not UTF-8") from None
    if not canonical.is_string(plain) or any(ord(letter) < 32 or ord(letter) == 127 for letter in plain):
        raise FormatError(where, f"a control character, noncharacter or byte order mark in {_shown(name)}")
    if any(int(code, 16) in _UNRESERVED for code in _ESCAPED.findall(name.encode())):
        raise FormatError(where, f"a byte of {_shown(name)} is written %XX without need")


def _unescape(encoded: str) -> bytes:
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), encoded.encode())


def _number(where: str, text: str) -> int:
    number = int(text)
    if number > canonical.INTEGER_MAX:
        raise FormatError(where, f"{number} is beyond 2^53-1")
    return number


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise FormatError("at", f"{text} is no real instant") from None


@lru_cache(maxsize=4096)
def _is_day(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _base64(raw: bytes) -> str:
    return b2a_base64(raw, newline=False).decode()


def _shown(text: str) -> str:
    """Return a piece of a header for a message: quoted, and never long."""
    return ascii(text if len(text) <= 60 else text[:57] + "…")
