"""What is said of a ledger's hash suite: what people call it, and of SM3 what it is not."""

from collections.abc import Mapping
from typing import Final

from cli.output import print_line
from cli.words import _
from ledger.hashing import SHA256, SM3, Suite

HASHES: Final[Mapping[str, Suite]] = {"sha256": SHA256, "sm3": SM3}
"""The suites by the name that `init --hash` takes."""


def suite_label(suite: Suite) -> str:
    """Return the name of the hash with that of the suite; for SM3 also that others' tools do not know it."""
    if suite == SM3:
        return _("SM3, {suite}: outside the C2SP tools").format(suite=suite.name)
    return f"SHA-256, {suite.name}"


def print_suite_limits(suite: Suite) -> None:
    """Print what a ledger of SM3 must not be taken for; nothing of one of SHA-256."""
    if suite != SM3:
        return
    print_line(
        _(
            "This ledger hashes with SM3. Checkpoints, proofs and tiles keep their structure but are outside the C2SP "
            "formats, which lay down SHA-256: programs of others do not take them, mingzhang does."
        )
    )
    print_line(
        _(
            "It is not a complete suite of national algorithms: signatures stay Ed25519, not SM2, and sealed parts "
            "stay AES-256-GCM, not SM4."
        )
    )
