"""The ledger's own acts: opened, keys announced, changed or erased, a clock put right, stream heads sealed, logins."""

from typing import ClassVar

from domain.events.base import Event
from domain.fields import (
    ActorName,
    KeyIdentifier,
    KeySignature,
    LoginName,
    OpenCitation,
    OpenDuties,
    Ordinal,
    Slug,
    TreeRoot,
    VerifierKey,
)


class LedgerOpened(Event):
    """Entry 0 of every ledger."""

    TOPIC: ClassVar[str] = "ledger.opened/1"


class KeyAnnounced(Event):
    """The public key that signs this ledger's checkpoints, as a C2SP verifier key."""

    TOPIC: ClassVar[str] = "ledger.key-announced/1"

    purpose: Slug
    vkey: VerifierKey


class KeyRotated(Event):
    """From here on `vkey` signs this ledger's checkpoints; `signature` is that of the key before (docs/format.md 8)."""

    TOPIC: ClassVar[str] = "ledger.key-rotated/1"

    vkey: VerifierKey
    signature: KeySignature


class ClockCorrected(Event):
    """The cited entry's `at` was wrong and no longer counts (docs/format.md section 5, rule 4)."""

    TOPIC: ClassVar[str] = "ledger.clock-corrected/1"

    cites: OpenCitation


class ErasureRequested(Event):
    """The key `kid` is to be destroyed; after this no entry may be sealed with it."""

    TOPIC: ClassVar[str] = "ledger.erasure-requested/1"

    kid: KeyIdentifier


class ErasureEffective(Event):
    """The key `kid` is gone everywhere."""

    TOPIC: ClassVar[str] = "ledger.erasure-effective/1"

    kid: KeyIdentifier


class HeadsSealed(Event):
    """The map of all streams and their last entries as of the entries before this one (docs/format.md section 16)."""

    TOPIC: ClassVar[str] = "ledger.heads-sealed/1"

    root: TreeRoot
    streams: Ordinal


class LoginAdmitted(Event):
    """A login of the database may stand as `actor` from here on, and holds these duties besides those it had."""

    TOPIC: ClassVar[str] = "ledger.login-admitted/1"

    login: LoginName
    actor: ActorName
    duties: OpenDuties


class LoginDismissed(Event):
    """A login stands as nobody any more and holds no duty, until it is admitted again."""

    TOPIC: ClassVar[str] = "ledger.login-dismissed/1"

    login: LoginName
