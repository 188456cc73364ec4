"""What stored values are called when people read them.

The field's own words are stored in Chinese, as the files have them: in Chinese they are shown as they are, in English
by the tables here. Codes of the program (statuses, classes) are English phrases, with their Chinese in the catalogue.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from cli.errors import BadOption
from cli.words import N_, _, language
from domain.change_kind import ChangeKind
from domain.vocabulary import (
    AbandonGround,
    AppealKind,
    AppealOutcome,
    CaseStatus,
    Channel,
    CheckItem,
    DispositionOutcome,
    EvidenceKind,
    FileKind,
    FindingKind,
    FindingSeverity,
    HouseholdRelation,
    InspectionOutcome,
    Kin,
    Post,
    Programme,
    PublicPlace,
    RecoveryCause,
    RecusalGround,
    RepaymentManner,
    ReviewConclusion,
    SampleSize,
    StandardItem,
    StandardUnit,
    StopGround,
    Stratification,
    TemporaryAidKind,
    Weighting,
)

UNKNOWN_PROGRAMME: Final = "未知"  # the programme of money that names no known case (docs/import-formats.md section 7)


ENGLISH: Final[Mapping[type[StrEnum], tuple[str, ...]]] = {
    Programme: ("urban dibao", "rural dibao", "extreme hardship"),
    Channel: ("own application", "found by the office"),
    HouseholdRelation: ("self", "spouse", "child", "parent", "sibling", "grandchild", "other"),
    Kin: (
        "spouse",
        "parent",
        "child",
        "sibling",
        "paternal grandparent",
        "maternal grandparent",
        "grandchild",
        "daughter's child",
        "other",
    ),
    Post: ("intake", "survey", "confirmation", "payment", "supervision", "village cadre"),
    CheckItem: ("vehicle", "homes", "shops", "business", "wage", "housing fund base", "deposits", "custody"),
    ChangeKind: ("increase", "decrease", "stop", "grace", "suspension", "resumption", "household change"),
    ReviewConclusion: ("kept", "increase", "decrease", "stop", "grace"),
    StopGround: (
        "death",
        "income over the limit",
        "property over the limit",
        "moved away",
        "to extreme hardship",
        "grace period over",
        "renounced",
        "fraud",
    ),
    StandardUnit: ("yuan per person and month", "%", "days", "working days", "months", "yuan", "times"),
    RecoveryCause: ("fraud", "paid in error"),
    RepaymentManner: ("at once", "instalment", "waived", "written off"),
    AppealKind: ("administrative reconsideration", "lawsuit", "petition"),
    TemporaryAidKind: ("sudden need", "expense"),
    AppealOutcome: ("upheld", "changed", "revoked"),
    DispositionOutcome: ("confirmed", "explained", "referred"),
    FileKind: (
        "description",
        "standards",
        "staff",
        "declared relatives",
        "filed relatives",
        "applications",
        "household members",
        "means-test answers",
        "home visits",
        "publicity",
        "decisions",
        "changes",
        "reviews",
        "deaths",
        "payment plan",
        "bank slips",
        "recoveries",
        "repayments",
        "appeals",
        "credit",
    ),
    Stratification: ("none", "township", "programme", "both"),
    SampleSize: ("total", "percent", "each"),
    Weighting: ("equal", "undisposed flags", "list"),
    RecusalGround: ("handled it", "kin", "stands aside"),
    AbandonGround: ("no seed", "wrong scope", "inspectors", "other"),
    PublicPlace: ("website", "office", "village", "other"),
    InspectionOutcome: ("clean", "problem", "unreachable"),
    FindingKind: (
        "wrongly aided",
        "wrongly left out",
        "wrong amount",
        "procedure",
        "papers",
        "kinship",
        "money held",
        "other",
    ),
    FindingSeverity: ("minor", "major", "grave"),
    EvidenceKind: ("document", "record", "bank", "photograph", "other"),
    StandardItem: (
        "urban dibao",
        "rural dibao",
        "extreme hardship",
        "minimum wage",
        "hardship care: independent",
        "hardship care: half",
        "hardship care: full",
        "supplement, urban: severe disability",
        "supplement, urban: elderly with disability",
        "supplement, urban: other disability",
        "supplement, rural: severe disability",
        "supplement, rural: elderly with disability",
        "supplement, rural: other disability",
        "dibao edge line",
        "days a means test is valid",
        "days of publicity",
        "months between reviews, class A",
        "months between reviews, class B",
        "months between reviews, class C",
        "deadline: home visit",
        "deadline: whole procedure",
        "deadline: extended",
        "deadline: delegated",
        "hardship deadline: visit",
        "hardship deadline: confirmation",
        "deadline: handling a death",
        "deadline: handling a returned payment",
        "days until a recovery counts as stalled",
        "months of the standard allowed as deposits",
        "days until an entry counts as back-dated",
        "temporary aid: time for the papers of an advance",
        "temporary aid: what a township may grant alone",
        "temporary aid: days within which parts are one grant",
        "temporary aid: grants a year for one reason",
    ),
}
"""The English of each closed list that is stored in Chinese, in the order of its members."""

CODES: Final[Mapping[str, str]] = {
    CaseStatus.PENDING: N_("pending"),
    CaseStatus.REFUSED: N_("refused"),
    CaseStatus.TERMINATED: N_("terminated"),
    CaseStatus.NOT_STARTED: N_("not started"),
    CaseStatus.ACTIVE: N_("active"),
    CaseStatus.GRACE: N_("grace"),
    CaseStatus.SUSPENDED: N_("suspended"),
    CaseStatus.STOPPED: N_("stopped"),
    "confirmed": N_("confirmed"),
    "settled": N_("settled"),
    "returned": N_("returned"),
    "instructed": N_("instructed"),
    "regular": N_("regular"),
    "reissue": N_("reissue"),
    "arrears": N_("arrears"),
    "filed": N_("filed"),
    "wider_unfiled": N_("not filed (wider scope)"),
    "discovered_unfiled": N_("not filed (found out)"),
    "implied_unfiled": N_("not filed (implied)"),
    "handled_by_kin": N_("handled by kin"),
    "unvisited": N_("not visited"),
    "visited_late": N_("visited late"),
    "certain": N_("certain"),
    "likely": N_("likely"),
    "possible": N_("possible"),
    "intake": N_("intake"),
    "survey": N_("survey"),
    "confirmation": N_("confirmation"),
    "filed_late": N_("filed late"),
    "unfiled": N_("not filed"),
    "visited": N_("visited"),
    "matched": N_("matched"),
    "duplicate": N_("paid twice"),
    "paid_not_due": N_("paid, not due"),
    "due_not_paid": N_("due, not paid"),
    "returned_unresolved": N_("returned, unresolved"),
    "amount_mismatch": N_("amount differs"),
    "unknown_case": N_("unknown case"),
    "deaths": N_("deaths"),
    "core": N_("core"),
    "recusal": N_("recusal"),
    "extended": N_("extended"),
    "members": N_("members"),
    "relatives": N_("relatives"),
    "officers": N_("officers"),
    "open": N_("open"),
    "new_facts": N_("new facts came"),
    "given_back": N_("given back"),
    "no_hit": N_("no hit"),
    "hit": N_("hit"),
    "reported": N_("something reported"),
    "unreadable": N_("unreadable"),
    "to_come": N_("to come"),
    "standing": N_("standing"),
    "expired": N_("expired"),
    "cleared": N_("cleared"),
    "running": N_("running"),
    "stalled": N_("stalled"),
    "to_decision": N_("to the decision"),
    "to_visit": N_("to the home visit"),
    "after_posting": N_("after the posting"),
    "authorization": N_("authorisation"),
    "pledge": N_("pledge"),
    "before_decision": N_("before the decision"),
    "granted": N_("new entry"),
    "overdue": N_("overdue"),
    "to_rectify": N_("to be put right"),
    "to_accept": N_("reported, to be accepted"),
    "to_inspect": N_("to be inspected"),
    "unreachable": N_("could not be inspected"),
    "closed": N_("put right"),
    "clean": N_("nothing found"),
    "announced": N_("announced"),
    "drawn": N_("drawn"),
    "published": N_("published"),
    "abandoned": N_("given up"),
}
"""Codes that this program writes in place of a value."""

_PROGRAMME_SYNONYMS: Final[Mapping[str, str]] = {
    "城市最低生活保障": Programme.URBAN,
    "城低": Programme.URBAN,
    "农村最低生活保障": Programme.RURAL,
    "农低": Programme.RURAL,
    "特困人员救助供养": Programme.EXTREME_HARDSHIP,
    "特困": Programme.EXTREME_HARDSHIP,
}


def value_label(value: str, vocabulary: type[StrEnum] | None = None) -> str:
    """Return what a stored value is called in the language in use; values of no list stay as they are.

    An outcome of a red flag may be given by its code as well, which `confirmed` shares with that of an application.
    """
    if vocabulary is DispositionOutcome and value.upper() in DispositionOutcome.__members__:
        value = str(DispositionOutcome[value.upper()])
    if value in CODES:
        return _(CODES[value])
    if value == UNKNOWN_PROGRAMME:
        return _(N_("unknown"))
    if vocabulary is None or language() == "zh":
        return value
    return _english(vocabulary).get(value, value)


def programme_named(text: str) -> str:
    """Return the programme of a Chinese name, a synonym of it or the English label, case and hyphens aside.

    未知 (unknown) stands for money that names no known case.

    Raises BadOption.
    """
    plain = " ".join(text.replace("-", " ").replace("_", " ").lower().split())
    names = {english: word for word, english in _english(Programme).items()}
    names |= {str(programme): str(programme) for programme in Programme}
    names |= {UNKNOWN_PROGRAMME: UNKNOWN_PROGRAMME, "unknown": UNKNOWN_PROGRAMME}
    names |= _PROGRAMME_SYNONYMS
    names |= {"urban": Programme.URBAN, "rural": Programme.RURAL, "hardship": Programme.EXTREME_HARDSHIP}
    if plain not in names:
        expected = ", ".join(f"{programme} ({english})" for programme, english in _english(Programme).items())
        raise BadOption(_("There is no such programme"), where="--programme", expected=expected, found=text)
    return names[plain]


def word_named(text: str, vocabulary: type[StrEnum], option: str) -> str:
    """Return the word of a closed list that a text means: the word as it is stored, or its English label.

    Raises BadOption, which names the list.
    """
    labels = _english(vocabulary)
    known = {str(member): str(member) for member in vocabulary} | {label: word for word, label in labels.items()}
    found = known.get(text.strip()) or known.get(" ".join(text.lower().replace("-", " ").replace("_", " ").split()))
    if found is None:
        expected = ", ".join(f"{word} ({label})" for word, label in labels.items())
        raise BadOption(_("This is none of the words for it"), where=option, expected=expected, found=text)
    return found


# Private


def _english(vocabulary: type[StrEnum]) -> Mapping[str, str]:
    english = ENGLISH.get(vocabulary, ())
    return dict(zip((str(member) for member in vocabulary), english, strict=True)) if english else {}
