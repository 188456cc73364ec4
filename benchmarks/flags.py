"""How fast all rules are put to a county, against reading and folding the same cases with no rule, on each store.

The log is a county's: 2,000 simulated households over 24 months, imported once. What has no rule reads the same
entries, opens the same sealed parts and folds the same cases, so that the ratio tells what the rules themselves take.
Both sides are entries for a second of CPU of the process, which other work on the machine does not shorten.
`benchmarks.memory_flags` measures a county of the size of Kaiyang.
"""

import time
from collections.abc import Iterable, Iterator

from audit.flags.rule import Certainty, Rule
from audit.flags.rulebook import load_rules
from audit.flags.search import Scope, search
from benchmarks.county_ledger import copy_ledger, make_county
from benchmarks.row import Options, Row, measured
from benchmarks.server import new_database
from domain.events.base import Event
from ledger.keystore import KeyStore
from ledger.ledger import Ledger


def rows(options: Options) -> Iterator[Row]:
    """Yield the row of SQLite, and that of PostgreSQL where there is a server."""
    county = make_county(options)
    with county.open_keys() as keys:
        yield _compared("SQLite", county.url, keys, options.runs)
        if options.postgres is not None:
            with new_database(options.postgres) as url:
                copy_ledger(county.url, url)
                yield _compared("PostgreSQL", url, keys, options.runs)


def no_rule(rules: Iterable[Rule]) -> Rule:
    """Return a rule that opens what these open, and looks for nothing."""
    opens: set[type[Event]] = {event for rule in rules for event in rule.opens}
    return Rule(
        id="NONE",
        title="-",
        sentence="-",
        source="-",
        certainty=Certainty.POSSIBLE,
        next_step="-",
        find=lambda case, county: iter(()),
        opens=tuple(opens),
    )


# Private


def _compared(store: str, url: str, keys: KeyStore, runs: int) -> Row:
    every = load_rules().values()
    with Ledger.open(url, keys, read_only=True) as ledger:
        pairs = [(_rate(ledger, every), _rate(ledger, [no_rule(every)])) for _ in range(runs)]
    ours, other = zip(*pairs, strict=True)
    return measured(f"red flags of all rules, {store}", "the same cases with no rule", ours, other, "/s", 0.5)


def _rate(ledger: Ledger, rules: Iterable[Rule]) -> float:
    began = time.process_time()
    found = search(ledger, rules, Scope())
    return found.entries / (time.process_time() - began)
