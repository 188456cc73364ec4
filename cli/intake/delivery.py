"""The delivery that is being loaded, and the file of it that is in hand: what every row is judged against."""

from dataclasses import dataclass, field

from cli.intake.earlier import Earlier
from cli.intake.persons import PersonLinks
from cli.intake.references import References
from cli.intake.report import DeliveryReport, FileReport
from domain.fields import Citation
from domain.formats.rows import Place
from domain.vocabulary import FileKind
from ledger.keystore import KeyStore
from ledger.ledger import Recording


@dataclass(frozen=True, slots=True)
class Delivery:
    """What all files of a delivery share, inside its one transaction.

    `stream` is the delivery's own, `import/000001`; `by` who hands it over; `reissues` gathers each reissued transfer's
    place and original, to be looked up when the months of all files are loaded.
    """

    stream: str
    by: str
    recording: Recording
    keys: KeyStore
    references: References
    links: PersonLinks
    earlier: Earlier
    report: DeliveryReport
    reissues: list[tuple[Place, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FileInHand:
    """One file of the delivery: its kind, its month, the entry that says it arrived, and its counts so far.

    `delivery_first` is the number of the delivery that first brought this very file: handed in again, its rows are
    judged as they were then, so that a blank filled beside its own row is not taken for the completion by a later
    delivery.
    """

    kind: FileKind
    month: str | None
    entry: Citation
    counts: FileReport
    delivery_first: int
