"""What `audit flags` is asked, and the search run over the ledger for it, with progress."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from audit.case_records import near_cases
from audit.flags.rule import Rule, Subject
from audit.flags.rulebook import load_rules
from audit.flags.search import Scope, Search, search
from cli.command import Option
from cli.errors import BadOption
from cli.labels import programme_named
from cli.moments import day_of, size_known_at
from cli.output import progress
from cli.selection import check_region
from cli.unknown_case import no_such_case
from cli.words import N_, _
from ledger.entry import encode_name
from ledger.errors import FormatError
from ledger.ledger import Ledger

RULES_VARIABLE: Final = "MINGZHANG_RULES"
_REGION_DIGITS_MAX: Final = 9  # the village is sealed


def rule_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--as-of` and `--rules` to a command."""
    as_of = click.option(
        "--as-of",
        cls=Option,
        metavar="DATE",
        help=N_("The day on which the tests are made; the latest closing date unless given."),
    )
    return as_of(rules_folder(function))


def rules_folder(function: click.decorators.FC) -> click.decorators.FC:
    """Add `--rules`, as `folder`, to a command."""
    return click.option(
        "--rules",
        "folder",
        cls=Option,
        envvar=RULES_VARIABLE,
        type=click.Path(path_type=Path),
        metavar="DIR",
        help=N_("A folder with rules of the bureau's own, one file each; also MINGZHANG_RULES."),
    )(function)


@dataclass(frozen=True)
class Asked:
    """The options that select, as they were typed."""

    as_of: str | None = None
    known_at: str | None = None
    region: str | None = None
    programme: str | None = None
    case: str | None = None

    def scope(self, ledger: Ledger) -> Scope:
        """Return what the search is asked; raises BadOption for a value that cannot be meant."""
        check_region(self.region, _REGION_DIGITS_MAX)
        return Scope(
            as_of=day_of(self.as_of, "--as-of"),
            known_at=None if self.known_at is None else size_known_at(ledger.store, self.known_at),
            region=self.region,
            programme=None if self.programme is None else programme_named(self.programme),
            case=None if self.case is None else _known_case(ledger, self.case),
        )


def chosen_rules(folder: Path | None, names: Sequence[str]) -> Mapping[str, Rule]:
    """Return the rules of these names, all when none is given; raises BadOption and RuleUnusable."""
    rules = load_rules(folder)
    wanted = [name.upper() if name.upper() in rules else name for name in names]
    for name in wanted:
        if name not in rules:
            raise BadOption(_("There is no such rule"), where="--rule", expected=", ".join(rules), found=name)
    return {name: rules[name] for name in rules if not wanted or name in wanted}


def searched(ledger: Ledger, rules: Mapping[str, Rule], scope: Scope) -> Search:
    """Put the rules to the cases, with progress on stderr."""
    with progress(_("Entries searched"), scope.known_at or ledger.size) as advance:
        return search(ledger, rules.values(), scope, advance)


# Private


def _known_case(ledger: Ledger, case: str) -> str:
    """Return the number of what is there to be looked at: of what is not, no flag would look like a clean result."""
    try:
        is_there = any(ledger.store.last_of(encode_name(subject, case)) is not None for subject in Subject)
    except FormatError:
        is_there = False
    if not is_there:
        raise no_such_case(case, near_cases(ledger, case), where="--case")
    return case
