"""Red flags on paper: a table for each rule in plain words, sums, what could not be checked; and the same as JSON."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from audit.flags.search import Search
from audit.flags.untested import Untested
from cli.columns import columns_named, yuan
from cli.labels import value_label
from cli.output import print_line, print_note, print_table
from cli.words import N_, _, ngettext
from domain.vocabulary import DispositionOutcome

Rules = Mapping[str, Rule]

CERTAINTIES: Final[Mapping[str, str]] = {
    Certainty.RECORDED: N_("the entries show it"),
    Certainty.LIKELY: N_("likely; somebody must look"),
    Certainty.POSSIBLE: N_("a hint that often has a harmless reason"),
}
_COLUMNS: Final = columns_named("case", "month", "ref", "amount_fen", "text", "entries")
_WITH_DISPOSITION: Final = columns_named("case", "month", "ref", "amount_fen", "text", "disposition", "entries")
_SUMMARY: Final = columns_named("rule", "title", "count", "amount_fen")


def print_flags(search: Search, flags: Sequence[Flag], rules: Rules) -> None:
    """Print a table for each rule that found something, then the sums, and on stderr what was not tested."""
    for rule_id, found in groupby(flags, key=lambda flag: flag.rule):
        _print_rule(search, rules[rule_id], list(found))
    as_of = search.as_of.isoformat() if search.as_of else _("no day")
    title = ngettext("{count} red flag as of {day}", "{count} red flags as of {day}", len(flags))
    print_table(_SUMMARY, _sums(flags, rules), title.format(count=f"{len(flags):,}", day=as_of))
    for untested in (*search.untested, *search.not_applicable):
        print_note(_untested_text(untested))


def flags_document(search: Search, flags: Sequence[Flag], rules: Rules) -> dict[str, Any]:
    """Return the flags as a JSON-ready document; texts are in the language in use, codes are not."""
    return {
        "as_of": search.as_of.isoformat() if search.as_of else None,
        "flags": [_document(search, flag, rules[flag.rule]) for flag in flags],
        "known_at": search.known_at,
        "summary": _sums(flags, rules),
        "unchecked": untested_rows(search.untested),
        "not_applicable": untested_rows(search.not_applicable),
    }


def untested_rows(untested: Iterable[Untested]) -> list[dict[str, Any]]:
    """Return what was not tested as rows: `rule`, `reason` in the language in use, `cases` or None for all."""
    return [{"rule": one.rule, "reason": untested_reason(one), "cases": one.cases} for one in untested]


def sentence(flag: Flag, rule: Rule) -> str:
    """Return what a flag says, in the language in use."""
    return _(flag.sentence or rule.sentence).format_map(_Shown(flag.facts))


def disposition_text(search: Search, flag: Flag) -> str:
    """Return what became of a flag and when, and whether new facts came since; empty when nothing was recorded."""
    standing = search.standing(flag)
    if standing is None:
        return ""
    outcome = value_label(standing.disposition.outcome, DispositionOutcome)
    text = _("{outcome}, {day}") if standing.holds else _("{outcome}, {day}; new facts since")
    return text.format(outcome=outcome, day=standing.disposition.disposed_on.isoformat())


def ranges(positions: Sequence[int]) -> str:
    """Return ascending positions as text, neighbours joined: `17-19, 33`."""
    parts: list[list[int]] = []
    for position in positions:
        if parts and position == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], position]
        else:
            parts.append([position])
    return ", ".join("-".join(map(str, part)) for part in parts)


def untested_reason(untested: Untested) -> str:
    """Return why something could not be tested, in the language in use."""
    return _(untested.reason).format(**untested.facts)


# Private


class _Shown(dict[str, str]):
    """The facts of a flag as people read them; a fact that a rule names and does not give stays as it is named."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        super().__init__((name, _shown(name, value)) for name, value in facts.items())

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def _shown(name: str, value: Fact) -> str:
    if isinstance(value, StrEnum):
        return value_label(str(value), type(value))
    if isinstance(value, int):
        return yuan(value) if name.endswith("_fen") else f"{value:,}"
    return value


def _print_rule(search: Search, rule: Rule, flags: Sequence[Flag]) -> None:
    title = _("{title} ({certainty})").format(title=_(rule.title), certainty=_(CERTAINTIES[rule.certainty]))
    print_line(f"{rule.id}  {title}")
    print_line(f"  {_(rule.source)}")
    rows = [_row(search, flag, rule) for flag in flags]
    print_table(_WITH_DISPOSITION if any(row["disposition"] for row in rows) else _COLUMNS, rows)
    print_line("  " + _("Next: {step}.").format(step=_(rule.next_step)))
    print_line()


def _row(search: Search, flag: Flag, rule: Rule) -> dict[str, Any]:
    return {
        "case": flag.case,
        "month": flag.month,
        "ref": flag.shown_reference,
        "amount_fen": flag.amount_fen,
        "text": sentence(flag, rule),
        "disposition": disposition_text(search, flag),
        "entries": ranges(flag.entries),
    }


def _document(search: Search, flag: Flag, rule: Rule) -> dict[str, Any]:
    standing = search.standing(flag)
    return {
        "rule": flag.rule,
        "case": flag.case,
        "month": flag.month,
        "ref": flag.shown_reference,
        "amount_fen": flag.amount_fen,
        "entries": list(flag.entries),
        "text": sentence(flag, rule),
        "certainty": rule.certainty.value,
        "title": _(rule.title),
        "source": _(rule.source),
        "next": _(rule.next_step),
        "disposition": standing
        and {
            "outcome": DispositionOutcome(standing.disposition.outcome).name.lower(),
            "on": standing.disposition.disposed_on.isoformat(),
            "entry": standing.disposition.positions[0],
            "holds": standing.holds,
        },
    }


def _sums(flags: Sequence[Flag], rules: Rules) -> list[dict[str, Any]]:
    return [
        {
            "rule": rule_id,
            "title": _(rules[rule_id].title),
            "count": len(listed),
            "amount_fen": sum(flag.amount_fen for flag in listed),
        }
        for rule_id, listed in _by_rule(flags)
    ]


def _by_rule(flags: Sequence[Flag]) -> Iterator[tuple[str, list[Flag]]]:
    for rule_id, found in groupby(flags, key=lambda flag: flag.rule):
        yield rule_id, list(found)


def _untested_text(untested: Untested) -> str:
    if not untested.applies:
        return _("{rule} does not apply here: {reason}").format(rule=untested.rule, reason=untested_reason(untested))
    if untested.cases is None:
        return _("{rule} was not checked: {reason}").format(rule=untested.rule, reason=untested_reason(untested))
    text = ngettext(
        "{rule} was not checked in {count} case: {reason}",
        "{rule} was not checked in {count} cases: {reason}",
        untested.cases,
    )
    return text.format(rule=untested.rule, count=f"{untested.cases:,}", reason=untested_reason(untested))
