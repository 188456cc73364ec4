"""The types a field of an event may have; the type, not the author's care, decides whether it is open or sealed.

Open: integers, booleans, enumerated values, dates, months, ids, document numbers, staff numbers, regions of at most
nine digits. Sealed: whatever names, describes or locates a person, and every free text that came from a file.
"""

import datetime
from enum import Enum
from typing import Annotated, Any, Final, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from domain.duties import Duty
from domain.identity import holds_citizen_id
from domain.vocabulary import CaseStatus, Post, RecusalGround


class Openness(Enum):
    """Where a value is written: in the open part of the entry, or under the key of the stream."""

    OPEN = "open"
    SEALED = "sealed"


OPEN: Final = Openness.OPEN
SEALED: Final = Openness.SEALED

INTEGER_MAX: Final = 2**53 - 1
STAFF_NUMBER_PATTERN: Final = r"^[A-Za-z]{0,6}[0-9]{1,10}$"
DOCUMENT_NUMBER_PATTERN: Final = r"^[\u4e00-\u9fff]{1,20}[〔\[(][0-9]{4}[〕\])]第?[0-9]{1,6}号$"
TREE_ROOT_PATTERN: Final = r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"  # base64 of 32 bytes, its unused bits zero
REGION_PATTERN: Final = r"^[0-9]{6}([0-9]{3})?$"
STRATUM_PATTERN: Final = r"^(-|[0-9]{6,9}|[\u4e00-\u9fff]{2,12}|[0-9]{6,9} [\u4e00-\u9fff]{2,12})$"
LOGIN_PATTERN: Final = r"^[a-z0-9_.-]{1,63}$"
ACTOR_PATTERN: Final = r"^(staff/[A-Za-z]{0,6}[0-9]{1,10}|system/[a-z][a-z-]{0,62})$"


def _impersonal(text: str) -> str:
    """Refuse a citizen id that was typed where a number belongs: open values stay open for ever."""
    if holds_citizen_id(text):
        raise ValueError("a citizen id cannot stand in the open part")
    return text


# Open values
Fen = Annotated[int, OPEN, Field(ge=0, le=INTEGER_MAX)]
Count = Annotated[int, OPEN, Field(ge=0, le=INTEGER_MAX)]
Ordinal = Annotated[int, OPEN, Field(ge=1, le=INTEGER_MAX)]
Hundredths = Annotated[int, OPEN, Field(ge=-INTEGER_MAX, le=INTEGER_MAX)]
Flag = Annotated[bool, OPEN]
Day = Annotated[datetime.date, OPEN]
Month = Annotated[str, OPEN, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Region = Annotated[str, OPEN, StringConstraints(pattern=REGION_PATTERN)]
StaffNumber = Annotated[str, OPEN, StringConstraints(pattern=STAFF_NUMBER_PATTERN)]
DocumentNumber = Annotated[str, OPEN, StringConstraints(pattern=DOCUMENT_NUMBER_PATTERN)]
Identifier = Annotated[str, OPEN, StringConstraints(min_length=1, max_length=80), AfterValidator(_impersonal)]
KeyIdentifier = Annotated[str, OPEN, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Slug = Annotated[str, OPEN, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
VerifierKey = Annotated[str, OPEN, StringConstraints(max_length=512)]
TreeRoot = Annotated[str, OPEN, StringConstraints(pattern=TREE_ROOT_PATTERN)]  # over what stands in the log itself
KeySignature = Annotated[
    str, OPEN, StringConstraints(pattern=r"^[A-Za-z0-9+/]{91}=$")
]  # key id of 4 bytes, 64 of Ed25519
TextDigest = Annotated[str, OPEN, StringConstraints(pattern=r"^[0-9a-f]{64}$")]  # SHA-256 over open facts of the log
CosignatureText = Annotated[str, OPEN, StringConstraints(pattern=r"^[A-Za-z0-9+/]{86}==$")]  # 64 bytes of Ed25519
StratumName = Annotated[str, OPEN, StringConstraints(pattern=STRATUM_PATTERN)]
LoginName = Annotated[str, OPEN, StringConstraints(pattern=LOGIN_PATTERN), AfterValidator(_impersonal)]
ActorName = Annotated[str, OPEN, StringConstraints(pattern=ACTOR_PATTERN)]

# Sealed values
PersonName = Annotated[str, SEALED]
CitizenId = Annotated[str, SEALED]
AccountNumber = Annotated[str, SEALED]
Telephone = Annotated[str, SEALED]
Address = Annotated[str, SEALED]
Village = Annotated[str, SEALED]
Health = Annotated[str, SEALED]
HealthGrade = Annotated[int, SEALED]
IncomeFen = Annotated[int, SEALED]
PrivateDay = Annotated[datetime.date, SEALED]
FreeText = Annotated[str, SEALED]
FileName = Annotated[str, SEALED]
FileDigest = Annotated[str, SEALED]


class Citation(BaseModel):
    """Names an earlier entry, or another of the same command; exactly these two keys (docs/format.md section 5)."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    seq: int = Field(ge=1, le=INTEGER_MAX)
    stream: str


class Source(BaseModel):
    """The file, sheet and row that an entry came from, so that a row can be followed into the log and back.

    `file` cites the `import.file-received/1` entry, whose sealed part names the file. `sheet` counts the workbook's
    sheets from 1 and is absent for CSV; `row` is the physical row or line from 1.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    file: Citation
    row: int = Field(ge=1)
    sheet: int | None = Field(default=None, ge=1)


class FaultDetail(BaseModel):
    """One fault of a rejected row, as it stood in the file."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    code: str
    column: str
    value: str


class DifferingColumn(BaseModel):
    """One column in which a later row contradicts the row that stands."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    column: str
    kept: str
    other: str


class Stratum(BaseModel):
    """A part of a draw's pool that is drawn from by itself: its cases, the sum of their weights, how many come out.

    `name` is a township, a programme, or both with a space between; `-` when the pool is one.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    name: StratumName
    cases: Ordinal
    weight: Ordinal
    sample: Count


class CaseWeight(BaseModel):
    """How many tickets a case has in a draw."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    case: Identifier
    weight: Ordinal


class Recusal(BaseModel):
    """An inspector who must not inspect a case, and the ground in one word."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    staff: StaffNumber
    ground: RecusalGround


OpenCitation = Annotated[Citation, OPEN]
OpenSource = Annotated[Source, OPEN]
SealedSource = Annotated[Source, SEALED]
SealedFaults = Annotated[tuple[FaultDetail, ...], SEALED]
SealedDifferences = Annotated[tuple[DifferingColumn, ...], SEALED]
SealedNames = Annotated[tuple[str, ...], SEALED]
OpenSlugs = Annotated[tuple[Slug, ...], OPEN]
OpenDuties = Annotated[tuple[Duty, ...], OPEN]
OpenIdentifiers = Annotated[tuple[Identifier, ...], OPEN]
OpenPosts = Annotated[tuple[Post, ...], OPEN]
OpenStatuses = Annotated[tuple[CaseStatus, ...], OPEN]
OpenStaffNumbers = Annotated[tuple[StaffNumber, ...], OPEN]
OpenVerifierKeys = Annotated[tuple[VerifierKey, ...], OPEN]
OpenCosignatures = Annotated[tuple[CosignatureText, ...], OPEN]
OpenStrata = Annotated[tuple[Stratum, ...], OPEN]
OpenWeights = Annotated[tuple[CaseWeight, ...], OPEN]
OpenRecusals = Annotated[tuple[Recusal, ...], OPEN]


def openness_of(annotation: Any, metadata: tuple[Any, ...] = ()) -> Openness:
    """Tell where values of this type are written.

    Raises TypeError for a type that does not say: every field of an event must.
    """
    found = {item for item in metadata if isinstance(item, Openness)}
    found |= set(_markers(annotation))
    if len(found) != 1:
        raise TypeError(f"{annotation!r} must be open or sealed by its type, found {sorted(m.value for m in found)}")
    return found.pop()


# Private


def _markers(annotation: Any) -> list[Openness]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [OPEN]
    if isinstance(annotation, Openness):
        return [annotation]
    metadata = getattr(annotation, "__metadata__", ())
    own = [item for item in metadata if isinstance(item, Openness)]
    if own:
        return own
    return [marker for argument in get_args(annotation) for marker in _markers(argument)]
