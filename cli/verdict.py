"""The words of a verification: what each check and each kind of finding is called, and what the result means.

The audit writes its details in English; here they are recognised by their form and said in the language in use.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from audit.finding import Finding
from audit.result import CheckLine, Verification
from cli.columns import columns_named
from cli.output import field_lines, print_line, print_table
from cli.words import N_, _, language, ngettext

CHECKS: Final[Mapping[str, str]] = {
    "database": N_("database"),
    "folder": N_("folder"),
    "entries": N_("entries"),
    "chain": N_("chain"),
    "tree": N_("tree"),
    "commands": N_("commands"),
    "sealed": N_("sealed parts"),
    "checkpoints": N_("checkpoints"),
    "anchor": N_("anchor"),
}
"""The checks of a verification, in its order."""

STATES: Final[Mapping[str, str]] = {"OK": N_("OK"), "BROKEN": N_("BROKEN"), "UNCHECKED": N_("UNCHECKED")}

KINDS: Final[Mapping[str, str]] = {
    "bytes": N_("these bytes are no entry"),
    "checkpoint-changed": N_("a stored checkpoint was changed"),
    "checkpoint-empty": N_("a stored checkpoint covers no entry"),
    "checkpoint-foreign": N_("a stored checkpoint is that of another log"),
    "checkpoint-retired-key": N_("a checkpoint was signed with a key that was retired before"),
    "checkpoint-inside-command": N_("a checkpoint ends inside a command"),
    "citation": N_("an entry cites what was not there"),
    "command-changed": N_("the table of commands was changed"),
    "command-mixed": N_("time or officer changes within a command"),
    "command-order": N_("a command is not whole, or not in order"),
    "command-repeated": N_("a command was recorded twice"),
    "deleted-tail": N_("the end of the log was deleted"),
    "duplicated-entry": N_("an entry was duplicated"),
    "edited-column": N_("an index column was changed"),
    "edited-entry": N_("an entry was changed"),
    "erasure": N_("an erasure without a request, or of no key"),
    "folder-changed": N_("a file of the folder is one too many, or was changed"),
    "head-changed": N_("a tree head was changed"),
    "heads-false": N_("a recorded map of stream heads is not that of the entries"),
    "history-rewritten": N_("the history was written anew"),
    "inserted-entry": N_("an entry was inserted"),
    "key-destroyed": N_("a sealing key is gone without an entry of its erasure"),
    "key-erased": N_("an entry was sealed with a key whose erasure was requested"),
    "key-kept": N_("a key is still there after its erasure"),
    "key-unannounced": N_("a new signing key without the signature of the one before"),
    "key-scope": N_("a key sealed entries of two streams"),
    "log-row": N_("the log is not the one that its entries name"),
    "moved-entry": N_("an entry was moved"),
    "origin": N_("an entry of another log"),
    "pages": N_("pages of the database are damaged"),
    "rechained-entry": N_("an entry was chained anew after another one was altered"),
    "removed-entry": N_("an entry was removed"),
    "schema": N_("tables or guards of the database were changed"),
    "sealed-changed": N_("a sealed part was changed"),
    "sealed-false": N_("a sealed part is not what its entry commits to"),
    "sealed-missing": N_("a sealed part is gone"),
    "sealed-orphan": N_("a sealed part belongs to no entry"),
    "sealed-scope": N_("a sealed part was sealed with the key of another stream"),
    "sealed-swapped": N_("the sealed parts of two entries were exchanged"),
    "sealed-unexpected": N_("a sealed part where the entry has none"),
    "since-empty": N_("the checkpoint handed in covers no entry"),
    "since-foreign": N_("the checkpoint handed in is not this log's"),
    "stream-chain": N_("an entry does not follow the one before it in its stream"),
    "stream-gap": N_("an entry of a stream is missing"),
    "stream-order": N_("entries of a stream stand in the wrong order"),
    "stream-repeat": N_("an entry of a stream is there twice"),
    "suite": N_("an entry of another hash suite"),
    "swapped-entries": N_("two entries were swapped"),
    "tail-cut": N_("the end of the log was cut off"),
    "time": N_("an entry is dated back"),
    "tree-changed": N_("the tree was changed"),
    "unfinished-command": N_("the log ends inside a command"),
    "unreadable": N_("a part of the database cannot be read"),
}
"""What each kind of finding means; a kind that is not here is shown by its name alone."""

EVIDENCE: Final = N_(
    "Next: sign nothing and import nothing. Keep the database, the keys and every checkpoint as they are, with this "
    "result (--json), and compare with a copy that was made earlier."
)
"""What to do when something was found, whatever it is."""

PAGE: Final = "docs/errors.md"
"""Where each kind of finding is explained, under its own name."""

_FORMS: Final = (
    N_("tables, guards and pages"),
    N_("names of files, and partial tiles"),
    N_("{} entries, bytes and index columns"),
    N_("{} entries, bytes"),
    N_("{} streams, root {}"),
    N_("tiles and heads"),
    N_("tiles"),
    N_("each recorded once and whole"),
    N_("{} sealed parts"),
    N_("none yet"),
    N_("{} of {} signatures, by {} keys in turn"),
    N_("{} of {} signatures"),
    N_("maps of stream heads: {} were not computed again"),
    N_("maps of stream heads: could not be read"),
    N_("no map"),
    N_("none: {} entries could be written anew unseen"),
    N_("the checkpoint handed in at {}; {} entries after it"),
    N_("the log's own last checkpoint at {}; {} entries after it"),
    N_("the checkpoint that the witnesses cosigned at {}; {} entries after it"),
    N_("1 finding"),
    N_("{} findings"),
    N_("sealed parts of {} entries: no key"),
    N_("sealed parts of {} entries: key erased"),
    N_("sealed parts of {} entries: not in this folder"),
    N_("checkpoint witnesses: the policy asks for {}; missing are {}"),
    N_("sealed parts of {} entries: this login may not open them"),
    N_("sealed parts: the keys cannot be read ({})"),
    N_("checkpoint signatures: only with the key that the log itself announces"),
    N_("checkpoint signatures: no key of the log"),
    N_("policy: it names no log {}"),
    N_("the last checkpoint that was signed: {}"),
    N_("{}: could not be read to the end"),
    N_("Nothing of this log can be trusted before the findings are explained."),
    N_("The {} entries verify among themselves."),
    N_("No entry can be trusted before the findings are explained."),
    N_("Entries 0–{} verify. What stands later cannot be trusted before the findings are explained."),
    N_("nothing"),
    N_("missing"),
    N_("no such entry"),
    N_("as this version makes it"),
    N_("the checkpoint handed in"),
    N_("the checkpoint handed in at {}"),
    N_("the last one signed"),
    N_("the last one signed at {}"),
    N_("checkpoint {}"),
    N_("trigger {}"),
    N_("table {}"),
    N_("index {}"),
    N_("view {}"),
    N_("function {}"),
    N_("privilege {}"),
    N_("owner of {}"),
    N_("role {}"),
    N_("login {}"),
    N_("a right or an owner of its own"),
    N_("nothing of this login there"),
    N_("head {}"),
    N_("tile {}"),
    N_("leaf hash {}"),
    N_("root {}"),
    N_("{} entries: entries {} to {} are gone"),
    N_("{} entries"),
    N_("no entry at {}"),
    N_("no entries from {} to {}"),
    N_("{}, of seq {} at position {}"),
    N_("a sealed part of an entry"),
    N_("the sealed part of entry {}"),
    N_("key {}, or an entry that requests its erasure"),
    N_("no such key; {} entries were sealed with it"),
    N_("a checkpoint of {}"),
    N_("a note signed by {}"),
    N_("a size at which a command ends"),
    N_("one inside a command"),
    N_("a signed checkpoint"),
    N_("the chain as it was kept: with it, these are the bytes of old"),
    N_("another one"),
)


def said(text: str, forms: Iterable[str] = _FORMS) -> str:
    """Return a detail of the audit in the language in use; one of an unknown form stays as it is."""
    for form in forms:
        if match := _pattern(form).fullmatch(text):
            return _(form).format(*match.groups())
    return text


def check_row(line: CheckLine) -> dict[str, str]:
    """Return a check as a row of a table: its name, its state, its detail."""
    details = (
        "; ".join(said(part) for part in line.detail.split("; ")) if line.state == "UNCHECKED" else said(line.detail)
    )
    return {"check": _(CHECKS.get(line.name, line.name)), "state": _(STATES[line.state]), "detail": details}


def finding_lines(finding: Finding) -> Iterator[str]:
    """Yield a finding for people: what it means, where it is, what was expected and found."""
    meaning = _(KINDS.get(finding.kind, finding.kind))
    where = [] if finding.position is None else [_("entry {position}").format(position=finding.position)]
    if finding.stream:
        where.append(f"{finding.stream} {finding.seq}" if finding.seq else finding.stream)
    if finding.field:
        where.append(said(finding.field))
    if finding.file and finding.file != finding.field:
        where.append(finding.file)
    yield f"{finding.kind}  {meaning}  {', '.join(where)}".rstrip()
    parts = {_("expected"): finding.expected, _("found"): finding.found}
    for line in field_lines({name: said(text) for name, text in parts.items() if text is not None}):
        yield f"  {line}"
    if finding.consequence_of is not None:
        yield "  " + _("follows from what was found at entry {position}").format(position=finding.consequence_of)
    yield "  " + _("See {page}#{kind}").format(page=PAGE, kind=finding.kind)


def anchor_sentence(verification: Verification) -> str:
    """Return in plain words what the result is worth against somebody who holds the database and the keys."""
    kind, size = verification.anchor
    later = verification.unanchored_entries
    after = ngettext("{count:,} entry came after it.", "{count:,} entries came after it.", later).format(count=later)
    after = after if language() == "zh" else f" {after}"
    if kind == "since":
        text = _("The first {size:,} entries are those of the checkpoint that was handed in.")
        return text.format(size=size) + after
    if kind == "quorum":
        text = _("The first {size:,} entries are those that the witnesses of the policy cosigned.")
        return text.format(size=size) + after
    if kind == "own" and verification.in_files:
        text = _(
            "The folder's checkpoint covers {size:,} entries. Whoever holds the signing key could write all of it "
            "anew: verify with --policy, by witnesses, or with --since, by a checkpoint kept elsewhere."
        )
        return text.format(size=size) + after
    if kind == "own":
        text = _(
            "The log's own last checkpoint covers {size:,} entries. Whoever holds the database and the signing key "
            "could write all of it anew: keep a checkpoint elsewhere, and verify with --since."
        )
        return text.format(size=size) + after
    if not verification.sound:
        return _(
            "No checkpoint speaks for this log as it stands. Do not sign one before the findings are explained: it "
            "would vouch for what was done."
        )
    text = _(
        "No checkpoint speaks for this log: all {size:,} entries could be written anew unseen. Sign one with "
        "`mingzhang audit checkpoint -o FILE`, and keep it elsewhere."
    )
    return text.format(size=verification.size)


def print_verification(verification: Verification) -> None:
    """Print one line for each check, the findings, what to do, and what the result is worth."""
    lines = verification.check_lines()
    print_table(columns_named("check", "state", "detail"), [check_row(line) for line in lines])
    for finding in verification.findings:
        print_line()
        for text in finding_lines(finding):
            print_line(text)
    print_line()
    if verification.findings:
        print_line(said(verification.trusted()))
        print_line(_(EVIDENCE))
    print_line(anchor_sentence(verification))
    broken = sum(line.state == "BROKEN" for line in lines)
    unchecked = sum(line.state == "UNCHECKED" for line in lines)
    kept = len(lines) - broken - unchecked
    print_line(
        _("Audit: {kept} kept, {broken} broken, {unchecked} unchecked.").format(
            kept=kept, broken=broken, unchecked=unchecked
        )
    )


# Private


@functools.cache
def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(re.escape(form).replace(r"\{\}", "(.+)"), re.DOTALL)
