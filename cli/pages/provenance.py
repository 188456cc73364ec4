"""Where the numbers of a page come from: which log, how much of it, up to which day, when and by which version."""

import base64
import datetime
from dataclasses import dataclass

from cli.pages.frame import Facts
from cli.words import _
from ledger.entry import format_time
from ledger.ledger import Ledger


@dataclass(frozen=True)
class Provenance:
    """The log as it stood when a page was made: `size` entries with this root, of which those before `known_at` count.

    `made_at` is None on a page that must be the same whenever it is made.
    """

    origin: str
    size: int
    root: bytes
    known_at: int
    as_of: datetime.date | None
    made_at: datetime.datetime | None

    def facts(self) -> Facts:
        """Return what the head of a page says of it."""
        return {
            _("as of"): self.as_of.isoformat() if self.as_of else "—",
            _("known at"): _("the first {count:,} entries").format(count=self.known_at),
            _("log"): self.origin,
            _("entries of the log"): f"{self.size:,}",
            _("root of the log"): base64.b64encode(self.root).decode(),
            **({_("made at"): format_time(self.made_at)} if self.made_at else {}),
        }


def provenance_of(
    ledger: Ledger, as_of: datetime.date | None, known_at: int | None, made_at: datetime.datetime | None
) -> Provenance:
    """Return where a page comes from that is made of this ledger now."""
    head = ledger.head()
    return Provenance(ledger.origin, head.size, head.root, head.size if known_at is None else known_at, as_of, made_at)
