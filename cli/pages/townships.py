"""What townships are called: the office that most staff of a region's code work in, as their postings say."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from domain.events.staff import StaffAppointed
from domain.vocabulary import Post
from ledger.ledger import Ledger


def township_names(ledger: Ledger, known_at: int | None = None) -> Mapping[str, str]:
    """Return the name of each region's code that postings before the position tell; empty without the keys."""
    offices: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for recorded in ledger.events_of_type(StaffAppointed.TOPIC):
        event = recorded.event
        if known_at is not None and recorded.position >= known_at:
            continue
        if isinstance(event, StaffAppointed) and event.region and event.office and event.post is not Post.VILLAGE:
            offices[event.region][_place(event.office)] += 1
    return {region: max(sorted(names), key=names.__getitem__) for region, names in offices.items()}


def township_label(region: str | None, names: Mapping[str, str]) -> str:
    """Return a region as people name it: `青石镇 520121101`, or its code alone."""
    if region is None:
        return "—"
    return f"{names[region]} {region}" if region in names else region


def township_name(region: str | None, names: Mapping[str, str]) -> str:
    """Return what a region is called, where there is little room: its name, or its code."""
    return "—" if region is None else names.get(region, region)


# Private

_OFFICES = ("人民政府", "办事处")


def _place(office: str) -> str:
    """Return the place that an office is of: `青石镇` of 青石镇人民政府."""
    return next((office.removesuffix(one) for one in _OFFICES if office.endswith(one)), office)
