"""Payload shapes: regular expressions by which a text is known to be canonical without being read as JSON.

A shape is learned from an object that was read and found canonical. It keeps what the grammar of `ledger.canonical`
is strict about (keys, their order, nesting) word for word, and leaves open what varies: true or false, whole
numbers of at most 15 digits, and strings without escapes, noncharacters, U+FEFF and anything beyond U+FFFF. So
whatever a shape matches is canonical; what it does not match may be so too, and is for the slow reader to decide.
"""

import re
from collections.abc import Iterable
from typing import Any

SHAPES_MAX = 12  # for one type; more are not learned
PATTERN_CHARACTERS_MAX = 16_384


class Shape:
    """One shape: `match` takes a payload's text with the line feed that ends an entry.

    Of a match, the groups are the citations in it: seq and stream by turns, as `groups` says how many.
    """

    __slots__ = ("groups", "match", "pattern")

    def __init__(self, pattern: str) -> None:
        compiled = re.compile(pattern)
        self.pattern = pattern
        self.match = compiled.match
        self.groups = compiled.groups


def pattern_of(payload: dict[str, Any]) -> str | None:
    """Return the pattern of a canonical object's shape; None when it has none, as with citations inside a list."""
    pattern = _pattern(payload)
    if pattern is None or len(pattern) > PATTERN_CHARACTERS_MAX:
        return None
    return pattern + r"\n\Z"


# Private

_INTEGER = "(?:0|-?[1-9][0-9]{0,14}+)"
_CHARACTERS = '[^"\\\\\x00-\x1f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff\U00010000-\U0010ffff]*+'
_STRING = f'"{_CHARACTERS}"'
_CITATION = rf'\{{"seq":([1-9][0-9]{{0,14}}+),"stream":"({_CHARACTERS})"\}}'


def _pattern(value: Any) -> str | None:
    if isinstance(value, dict):
        return _CITATION if _is_citation(value) else _members(value)
    if isinstance(value, list):
        return _items(value)
    if isinstance(value, str):
        return _STRING
    if value is True or value is False:
        return "(?:true|false)"
    return _INTEGER


def _is_citation(value: dict[str, Any]) -> bool:
    return value.keys() == {"seq", "stream"} and type(value["seq"]) is int and type(value["stream"]) is str


def _members(value: dict[str, Any]) -> str | None:
    if value.keys() == {"seq", "stream"}:
        return None  # a citation that cites nothing: a finding
    patterns = [_pattern(member) for member in value.values()]
    whole = [f'"{key}":{pattern}' for key, pattern in zip(value, patterns, strict=True) if pattern is not None]
    return rf"\{{{','.join(whole)}\}}" if len(whole) == len(value) else None


def _items(value: list[Any]) -> str | None:
    """Return a pattern for a list of any length whose items are like those that are there."""
    patterns = {_pattern(item) for item in value}
    alike = sorted(pattern for pattern in patterns if pattern is not None)
    if len(alike) < len(patterns) or any(_CITATION in pattern for pattern in alike):
        return None
    return rf"\[(?:{_repeated(alike)})?\]" if alike else r"\[\]"


def _repeated(patterns: Iterable[str]) -> str:
    either = "|".join(patterns)
    return f"(?:{either})(?:,(?:{either}))*"
