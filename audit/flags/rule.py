"""What a rule is: its words, its law, what it must be given, and the functions that look for it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Flag
from domain.events.base import Event
from domain.vocabulary import FileKind, StandardItem


class Subject(StrEnum):
    """What a rule looks at, as the names of its streams begin."""

    CASE = "case"
    TEMPORARY_AID = "temporary-aid"  # one grant, which belongs to no case


class Certainty(StrEnum):
    """How much a flag says by itself."""

    RECORDED = "recorded"  # the entries alone show it; only a wrong entry could explain it
    LIKELY = "likely"  # the entries point to it; somebody must look
    POSSIBLE = "possible"  # a hint that often has a harmless reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule. A file in audit/rules, or in a bureau's own folder, defines one as `RULE`.

    `title`, `sentence`, `next_step` are texts for people: msgids, or plain Chinese in a bureau's own rule. `sentence`
    is a format string over the facts of a flag; amounts are named `…_fen` there and shown in yuan.

    `find` looks at one case. `links` names what ties cases together (a person's id, an account); for each group of
    two or more cases that share such a key `find_among` is called with all of them.

    `subject` says what the rule is given: cases, or the grants of temporary aid (`AidFile`), which stand beside them.

    `opens` are the events whose sealed part the rule reads: a case in which one stays closed is not tested. `data` are
    kinds of file of which something must have been recorded, or at least a file received, for the rule to mean
    anything. `parameters` are the standards it asks for. What cannot be tested is told, never guessed.
    """

    id: str
    title: str
    sentence: str
    source: str
    certainty: Certainty
    next_step: str
    find: Callable[[CaseFile, County], Iterator[Flag]] | None = None
    links: Callable[[CaseFile, County], Iterable[str]] | None = None
    find_among: Callable[[Sequence[CaseFile], County], Iterator[Flag]] | None = None
    parameters: tuple[StandardItem, ...] = ()
    opens: tuple[type[Event], ...] = ()
    data: tuple[FileKind, ...] = ()
    subject: Subject = Subject.CASE
