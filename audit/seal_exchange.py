"""Sealed parts that stand at each other's entries: two changed parts are one act when each has the other's hash."""

from collections.abc import Sequence
from dataclasses import replace

from audit.finding import Finding

KIND = "sealed-swapped"


def exchanged_seals(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings with each pair of exchanged sealed parts told as one act and its consequence."""
    changed = [one for one in findings if one.kind == "sealed-changed" and one.expected != one.found]
    expecting = {one.expected: one for one in changed}
    told: dict[Finding, Finding] = {}
    for one in changed:
        other = expecting.get(one.found)
        if other is None or other.found != one.expected or one in told or one.position is None:
            continue
        told[one] = replace(one, kind=KIND, found=f"the sealed part of entry {other.position}")
        found = f"the sealed part of entry {one.position}"
        told[other] = replace(other, kind=KIND, found=found, consequence_of=one.position)
    return [told.get(one, one) for one in findings]
