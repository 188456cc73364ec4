"""What verification reports: one thing that is wrong with a log, where, and what it should have been."""

from base64 import b64encode
from dataclasses import asdict, dataclass

from ledger.finding import Finding as LogFinding

SHOWN_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: its kind, the entry and field where it shows, what had to be there, what is.

    `position`, `stream` and `seq` are None where no entry is meant. A finding that follows from an act that was
    found as well names that act's position in `consequence_of`. `file` is the one where it shows, in a folder of tiles.
    """

    kind: str
    position: int | None = None
    stream: str | None = None
    seq: int | None = None
    field: str | None = None
    expected: str | None = None
    found: str | None = None
    consequence_of: int | None = None
    file: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return the finding as JSON has it; `consequence_of` and `file` only where they are set."""
        members = asdict(self)
        for name in ("consequence_of", "file"):
            if members[name] is None:
                del members[name]
        return members


def of_log(finding: LogFinding) -> Finding:
    """Return a finding of the ledger's rules as one of the audit's."""
    return Finding(
        finding.kind,
        finding.position if finding.stream or finding.position >= 0 else None,
        finding.stream or None,
        finding.seq or None,
        finding.field,
        shown(finding.expected),
        shown(finding.found),
    )


def shown(value: object) -> str:
    """Return a stored value as text, never long and always printable; bytes in base64, as entries have hashes."""
    if isinstance(value, bytes):
        text = base64(value) if len(value) <= 64 else f"{base64(value[:32])}… ({len(value)} bytes)"
    elif isinstance(value, str):
        text = value.encode(errors="backslashreplace").decode()
        text = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
    else:
        text = "nothing" if value is None else str(value)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else text[: SHOWN_CHARACTERS_MAX - 1] + "…"


def base64(raw: bytes) -> str:
    """Return bytes as the format writes them: RFC 4648 section 4."""
    return b64encode(raw).decode()
