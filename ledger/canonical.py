"""The one form in which an object is written: the grammar of payloads, both ways.

    object = "{" [member *("," member)] "}"       array = "[" [value *("," value)] "]"
    member = key ":" value                        keys unique, ascending by bytes
    key    = DQUOTE lower *(lower / DIGIT / "_") DQUOTE
    value  = object / array / string / int / "true" / "false"
    int    = "0" / ["-"] num                      at most 2^53-1 either way; no floats, no null
    string = RFC 8785 string                      valid UTF-8, no surrogates, no noncharacters,
                                                  U+FEFF never first or last
    The outermost object is depth 1, each object or array inside adds one, at most 8.

`decode` reads with the standard JSON scanner, writes what it read in the canonical form and compares the
bytes, so one object has exactly one spelling. Only when they differ does a slow reader, `_Reader`, walk the
text by the grammar above to say where the fault lies; it never decides whether there is one. Messages give
places, never text: the same grammar writes the personal data that is sealed.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring as _quoted  # writes strings as RFC 8785 does
from typing import Any, NoReturn

from ledger.errors import FormatError

INTEGER_MAX = 2**53 - 1
DEPTH_MAX = 8


def encode(members: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of an object; FormatError for a value outside the grammar.

    Takes dict, list, tuple, str, int and bool; nothing else, so that no float or None slips into the log.
    """
    return encode_value(members if type(members) is dict else dict(members))


def encode_value(value: Any) -> bytes:
    """Return the canonical bytes of one value; an object or array given here is depth 1."""
    try:
        return _text(value, 1).encode()
    except _NoForm as error:
        raise FormatError("payload", f"value{error.path}: {error.reason}") from None


def encode_members(members: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the canonical bytes of each value of an object, in the order of the keys; FormatError as `encode`."""
    try:
        return {key: text.encode() for key, text in _members(members, 1)}
    except _NoForm as error:
        raise FormatError("payload", f"value{error.path}: {error.reason}") from None


def joined(encoded_members: Mapping[str, bytes]) -> bytes:
    """Return the canonical bytes of the object whose members `encode_members` gave."""
    return b"{%b}" % b",".join([b'"%b":%b' % (key.encode(), value) for key, value in encoded_members.items()])


def decode(data: bytes) -> dict[str, Any]:
    """Return the object whose canonical bytes these are; FormatError("payload", …) for any other bytes."""
    return _decoded(data)[0]


def decode_members(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return what `decode` returns, and the canonical bytes of each member; FormatError as `decode`."""
    members, written = _decoded(data)
    return members, {key: text.encode() for key, text in written}


def is_string(text: str) -> bool:
    """Say whether a text obeys the string rule: no surrogate, no noncharacter, no U+FEFF first or last."""
    return text.isascii() or not (_FORBIDDEN.search(text) or text.startswith("\ufeff") or text.endswith("\ufeff"))


# Private

_NONCHARACTERS = "".join(f"{chr(plane << 16 | 0xFFFE)}-{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
_FORBIDDEN = re.compile(f"[\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")
_KEY = re.compile(r"[a-z][a-z0-9_]*")
# RFC 8785 section 3.2.2.2 escapes what it must, the short way where there is one, hex in lower case.
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\["\\bfnrt]|\\u00(?:0[0-7bef]|1[0-9a-f]))*"')
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")


def _refuse_number(_: str) -> NoReturn:
    raise FormatError("payload", "a number with a fraction or an exponent, or none at all")


_SCANNER = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number)


def _decoded(data: bytes) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the object and its members as they are written, in order; FormatError unless that is what was read."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise FormatError("payload", f"not UTF-8 at byte {error.start}") from None
    written: list[tuple[str, str]] = []
    try:
        members, _ = _SCANNER.raw_decode(text)
        sound = type(members) is dict
        if sound:
            written = _members(members, 1)
            sound = _object(written) == text
    except (_NoForm, FormatError, ValueError, RecursionError):  # the last three: what the scanner says of faulty text
        sound = False
    if not sound:
        _Reader(text).refuse()
    return members, written


class _NoForm(Exception):
    """A Python value that the grammar has no form for; `path` leads to it and grows as the calls return."""

    def __init__(self, reason: str, path: str = "") -> None:
        self.reason = reason
        self.path = path

    def inside(self, step: str) -> "_NoForm":
        return _NoForm(self.reason, step + self.path)


def _text(value: Any, depth: int) -> str:
    """Return a value as it is written."""
    kind = type(value)
    if kind is str:
        if not is_string(value):
            raise _NoForm("surrogate, noncharacter, or U+FEFF at an end")
        return _quoted(value)
    if kind is int:
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise _NoForm("integer beyond 2^53-1")
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is dict:
        return _object(_members(value, depth))
    if kind is list or kind is tuple:
        return "[" + ",".join(_items(value, depth)) + "]"
    raise _NoForm(f"{kind.__name__} has no form; omit what is absent")


def _object(written: Sequence[tuple[str, str]]) -> str:
    return "{" + ",".join([f'"{key}":{text}' for key, text in written]) + "}"


def _members(members: Mapping[Any, Any], depth: int) -> list[tuple[str, str]]:
    """Return the members in the order of their keys, by code point, which for UTF-8 is the order of bytes."""
    if depth > DEPTH_MAX:
        raise _NoForm(f"deeper than {DEPTH_MAX} levels")
    if not all(map(_is_key, members)):
        raise _NoForm("key outside the grammar")
    written = []
    for key in sorted(members):
        value = members[key]
        kind = type(value)  # the two commonest cases are told here, to save a call
        if kind is str and value.isascii():
            text = _quoted(value)
        elif kind is int and -INTEGER_MAX <= value <= INTEGER_MAX:
            text = str(value)
        else:
            try:
                text = _text(value, depth + 1)
            except _NoForm as error:
                raise error.inside(f".{key}") from None
        written.append((key, text))
    return written


def _items(items: Sequence[Any], depth: int) -> Iterator[str]:
    if depth > DEPTH_MAX:
        raise _NoForm(f"deeper than {DEPTH_MAX} levels")
    for index, item in enumerate(items):
        try:
            yield _text(item, depth + 1)
        except _NoForm as error:
            raise error.inside(f"[{index}]") from None


@lru_cache(maxsize=4096, typed=True)  # a log has few keys and writes them millions of times
def _is_key(key: object) -> bool:
    return type(key) is str and _KEY.fullmatch(key) is not None


class _Reader:
    """Reads a text that is not canonical, character by character, up to its first fault."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def refuse(self) -> NoReturn:
        """Raise the FormatError that names the first fault."""
        if not self.text.startswith("{"):
            self.fault("expected an object")
        self.value(1)
        if self.at < len(self.text):
            self.fault("something after the object")
        self.fault("not in canonical form")

    def fault(self, reason: str, at: int | None = None) -> NoReturn:
        raise FormatError("payload", f"{reason}, at character {self.at if at is None else at}")

    def taken(self, literal: str) -> bool:
        """Step over a literal if it stands here."""
        found = self.text.startswith(literal, self.at)
        self.at += len(literal) if found else 0
        return found

    def value(self, depth: int) -> None:
        if self.text.startswith('"', self.at):
            self.string()
        elif self.text[self.at : self.at + 1] in ("{", "["):
            if depth > DEPTH_MAX:
                self.fault(f"deeper than {DEPTH_MAX} levels")
            if self.taken("{"):
                self.members(depth)
            elif self.taken("["):
                self.items(depth)
        elif not (self.taken("true") or self.taken("false")):
            self.integer()

    def members(self, depth: int) -> None:
        before = ""
        if self.taken("}"):
            return
        while True:
            start = self.at
            key = self.string()[1:-1]
            if not _KEY.fullmatch(key):
                self.fault("key outside the grammar", start)
            if key <= before:
                self.fault("key twice" if key == before else "keys out of order", start)
            before = key
            if not self.taken(":"):
                self.fault("expected a colon")
            self.value(depth + 1)
            if self.taken("}"):
                return
            if not self.taken(","):
                self.fault("expected a comma or }")

    def items(self, depth: int) -> None:
        if self.taken("]"):
            return
        while True:
            self.value(depth + 1)
            if self.taken("]"):
                return
            if not self.taken(","):
                self.fault("expected a comma or ]")

    def string(self) -> str:
        found = _STRING.match(self.text, self.at)
        if not found:
            self.fault("expected a string in RFC 8785 form")
        if not is_string(json.loads(found[0])):
            self.fault("noncharacter in a string, or U+FEFF at its end")
        self.at = found.end()
        return found[0]

    def integer(self) -> None:
        found = _INTEGER.match(self.text, self.at)
        if not found:
            self.fault("expected a value")
        if len(found[0]) > 17 or abs(int(found[0])) > INTEGER_MAX:
            self.fault("integer beyond 2^53-1")
        if self.text.startswith((".", "e", "E"), found.end()):
            self.fault("number with a fraction or an exponent")
        self.at = found.end()
