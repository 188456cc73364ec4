"""The section on red flags: by rule, by township, and every open one with the page of its case."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from audit.flags.flag import Flag
from audit.flags.rule import Rule, Subject
from audit.flags.search import Search
from audit.flags.untested import Untested
from cli.columns import yuan
from cli.flag_list import CERTAINTIES, disposition_text, sentence
from cli.pages.case_page import FlagCard
from cli.pages.charts import Chart, Figure, Series, bars
from cli.pages.tables import Cell, Link, Side, Table, sides_of
from cli.pages.townships import township_label, township_name
from cli.report.section import KeyFigure, Section, State
from cli.words import _

Address = Callable[[str], str]
"""Where the page of a case is, from its number."""


@dataclass(frozen=True)
class Sums:
    """How many flags, in how many cases, with how much money at stake, in fen."""

    flags: int
    cases: int
    amount_fen: int


def flags_section(
    search: Search,
    rules: Mapping[str, Rule],
    regions: Mapping[str, str],
    townships: Mapping[str, str],
    address: Address,
) -> Section:
    """Return the flags that were found and what could not be tested; `address` leads to the page of a case."""
    text = _(
        "A flag is a lead, not a finding: somebody must look. One payment can be at stake under several rules, so the "
        "sums of money may count it more than once."
    )
    loud = loud_flags(search)
    tables = [
        _by_rule(loud, rules, {one.rule for one in search.untested}),
        _by_township(loud, regions, townships),
        _matrix(loud, rules, regions, townships),
        _flagged_cases(loud, rules, regions, townships, address),
    ]
    if len(loud) < len(search.flags):
        tables.append(_disposed(search, rules, address))
    if search.untested:
        tables.append(_untested(_("What could not be tested"), search.untested))
    if search.not_applicable:
        tables.append(_untested(_("What does not apply here"), search.not_applicable))
    figures = [_chart(loud, rules)] if loud else []
    return Section(_("Red flags"), "flags", text, figures, tables, ["mingzhang audit flags"])


def flags_figures(search: Search) -> list[KeyFigure]:
    """Return how many flags there are, and the money at stake."""
    found = sums(loud_flags(search))
    note = _("in {count:,} cases").format(count=found.cases)
    if search.untested:
        note += _("; not everything could be tested")
    state: State = "bad" if found.flags else ("open" if search.untested else "good")
    return [
        KeyFigure(_("red flags"), f"{found.flags:,}", note, state),
        KeyFigure(_("at stake under the flags"), yuan(found.amount_fen), _("yuan")),
    ]


def cards_by_case(search: Search, rules: Mapping[str, Rule]) -> dict[str, list[FlagCard]]:
    """Return the flags of each case in words, in the order of their rules, those disposed of included."""
    found: defaultdict[str, list[FlagCard]] = defaultdict(list)
    for flag in search.flags:
        if rules[flag.rule].subject is Subject.CASE:
            found[flag.case].append(_card(search, flag, rules[flag.rule]))
    return dict(sorted(found.items()))


def loud_flags(search: Search) -> list[Flag]:
    """Return the flags that nobody disposed of, or to which new facts came."""
    return [flag for flag in search.flags if not search.is_silent(flag)]


def sums(flags: Iterable[Flag]) -> Sums:
    """Return the sums of some flags."""
    listed = list(flags)
    return Sums(len(listed), len({flag.case for flag in listed}), sum(flag.amount_fen for flag in listed))


# Private


def _card(search: Search, flag: Flag, rule: Rule) -> FlagCard:
    return FlagCard(
        rule=flag.rule,
        title=_(rule.title),
        sentence=sentence(flag, rule),
        certainty=_(CERTAINTIES[rule.certainty]),
        next_step=_(rule.next_step),
        source=_(rule.source),
        month=flag.month or "",
        reference=flag.shown_reference or "",
        amount=_money(flag.amount_fen),
        entries=flag.entries,
        disposition=disposition_text(search, flag),
        settled=search.is_silent(flag),
    )


def _chart(flags: Sequence[Flag], rules: Mapping[str, Rule]) -> Figure:
    counts = Counter(flag.rule for flag in flags)
    shown = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return bars(
        Chart(
            _("Flags by rule"),
            _("One bar for each rule that found something, the most frequent first."),
            _("rule"),
            [f"{rule} {_(rules[rule].title)}" for rule, _count in shown],
            [Series(_("flags"), [count for _rule, count in shown])],
            _("flags"),
            has_table_below=True,
        )
    )


def _by_rule(flags: Sequence[Flag], rules: Mapping[str, Rule], untested: Collection[str]) -> Table:
    groups: defaultdict[str, list[Flag]] = defaultdict(list)
    for flag in flags:
        groups[flag.rule].append(flag)
    body = [
        [rule.id, _(rule.title), _(rule.source), *_cells(sums(groups[rule.id]))]
        for rule in rules.values()
        if rule.id in groups
    ]
    silent = [rule.id for rule in rules.values() if rule.id not in groups and rule.id not in untested]
    note = _("Nothing was found by {rules}.").format(rules=", ".join(silent)) if silent else ""
    return Table(
        _("By rule"),
        [_("rule"), _("what it finds"), _("law"), _("flags"), _("cases"), _("at stake (yuan)")],
        ["code", "text", "text", "number", "number", "number"],
        body,
        [_("Total"), "", "", *_cells(sums(flags))],
        note,
    )


def _by_township(flags: Sequence[Flag], regions: Mapping[str, str], townships: Mapping[str, str]) -> Table:
    groups: defaultdict[str, list[Flag]] = defaultdict(list)
    for flag in flags:
        groups[regions.get(flag.case) or ""].append(flag)
    body = [
        [township_label(region or None, townships), *_cells(sums(found))] for region, found in sorted(groups.items())
    ]
    return Table(
        _("By township"),
        [_("township"), _("flags"), _("cases"), _("at stake (yuan)")],
        sides_of(1, 3),
        body,
        [_("Total"), *_cells(sums(flags))],
    )


def _matrix(
    flags: Sequence[Flag], rules: Mapping[str, Rule], regions: Mapping[str, str], townships: Mapping[str, str]
) -> Table:
    """Return how many flags each rule has in each township."""
    counts = Counter((flag.rule, regions.get(flag.case) or "") for flag in flags)
    found, places = sorted({rule for rule, _place in counts}), sorted({place for _rule, place in counts})
    body = [[f"{rule} {_(rules[rule].title)}", *(str(counts[rule, place] or "") for place in places)] for rule in found]
    headings = [_("rule"), *(township_name(place or None, townships) for place in places)]
    return Table(_("Flags by township and rule"), headings, sides_of(1, len(places)), body)


def _flagged_cases(
    flags: Sequence[Flag],
    rules: Mapping[str, Rule],
    regions: Mapping[str, str],
    townships: Mapping[str, str],
    address: Address,
) -> Table:
    """Return one line for each case and rule; what each flag says stands on the page of the case."""
    body: list[list[Cell]] = []
    for (rule, case), group in groupby(flags, key=attrgetter("rule", "case")):
        found = list(group)
        months = sorted({flag.month for flag in found if flag.month})
        cells = [_span(months), f"{len(found):,}", _money(sum(flag.amount_fen for flag in found))]
        township = township_name(regions.get(case), townships)
        body.append([rule, _leading(rules[rule], case, address), township, *cells, sentence(found[0], rules[rule])])
    headings = [_("rule"), _("case"), _("township"), _("months"), _("flags"), _("at stake (yuan)"), _("what it says")]
    sides: list[Side] = ["code", "code", "code", "code", "number", "number", "text"]
    note = _("Where a rule found several things in a case, the first is told here.")
    return Table(_("Flagged cases"), headings, sides, body, note=note, anchor="flagged-cases")


def _disposed(search: Search, rules: Mapping[str, Rule], address: Address) -> Table:
    body: list[list[Cell]] = [
        [
            flag.rule,
            _leading(rules[flag.rule], flag.case, address),
            flag.month or "",
            flag.shown_reference or "",
            _money(flag.amount_fen),
            disposition_text(search, flag),
        ]
        for flag in search.flags
        if search.is_silent(flag)
    ]
    headings = [_("rule"), _("case"), _("month"), _("about"), _("at stake (yuan)"), _("disposed of as")]
    return Table(_("Flags disposed of"), headings, ["code", "code", "code", "code", "number", "text"], body)


def _leading(rule: Rule, case: str, address: Address) -> Cell:
    """Return the number of a case with the way to its page; something else has no page."""
    return Link(case, address(case)) if rule.subject is Subject.CASE else case


def _span(months: Sequence[str]) -> str:
    return "" if not months else months[0] if len(months) == 1 else f"{months[0]} – {months[-1]}"


def _money(amount_fen: int) -> str:
    return yuan(amount_fen) if amount_fen else ""


def _untested(title: str, untested: Sequence[Untested]) -> Table:
    body = [
        [one.rule, _("all") if one.cases is None else f"{one.cases:,}", _(one.reason).format(**one.facts)]
        for one in untested
    ]
    return Table(
        title,
        [_("rule"), _("cases not tested"), _("why")],
        ["text", "number", "text"],
        body,
    )


def _cells(found: Sums) -> list[str]:
    return [f"{found.flags:,}", f"{found.cases:,}", yuan(found.amount_fen)]
