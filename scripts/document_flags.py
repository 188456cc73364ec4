"""Writes the table and the sections of docs/flags.md from audit/rules, so that the page cannot promise another rule.

python scripts/document_flags.py            writes the parts between the page's markers
python scripts/document_flags.py --check    exit code 1 when the page is not what would be written

The prose of the page, and the rule that it works out, are written by hand.
"""

import pkgutil
import re
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

import audit.rules
from audit.flags.rule import Certainty, Rule
from cli import words
from cli.flag_list import CERTAINTIES

PAGE: Final = Path(__file__).parents[1] / "docs" / "flags.md"

_MARKED = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_HEADING = re.compile(r"RF\d\d, (?P<name>.+?) \(.+?\): (?P<definition>.+)")


class Told(NamedTuple):
    """A rule, what its file says it finds, and the paragraphs that follow there."""

    rule: Rule
    definition: str
    paragraphs: list[str]


def page(text: str) -> str:
    """Return the page with its generated parts as they would be written now."""
    return _MARKED.sub(lambda found: f"{found[1]}\n{_PARTS[found[2]]()}\n\n{found[3]}", text)


def rules() -> list[Told]:
    """Return the rules of audit/rules by id; raises ValueError for a file whose first line says not what it finds."""
    found = []
    for module_info in pkgutil.iter_modules(audit.rules.__path__):
        module = import_module(f"{audit.rules.__name__}.{module_info.name}")
        head, _, body = (module.__doc__ or "").strip().partition("\n\n")
        said = _HEADING.fullmatch(head)
        if said is None:
            raise ValueError(f"{module_info.name}: the first line must be `RF00, name (Chinese name): what it finds.`")
        definition = said["definition"][0].upper() + said["definition"][1:]
        found.append(Told(module.RULE, definition, _paragraphs(body)))
    return sorted(found, key=lambda told: told.rule.id)


def main() -> int:
    """Write the page, or say whether it is current."""
    text = PAGE.read_text(encoding="utf-8")
    written = page(text)
    if "--check" in sys.argv[1:]:
        return int(written != text)
    PAGE.write_text(written, encoding="utf-8")
    return 0


# Private


def _paragraphs(body: str) -> list[str]:
    """Return the paragraphs of a docstring: a line that begins with a capital after a full stop begins another."""
    paragraphs: list[str] = []
    for line in body.splitlines():
        begins = re.match(r"(Law|Worked example|Silent|Parameters?)\b", line)
        if begins or not paragraphs:
            paragraphs.append(line.strip())
        else:
            paragraphs[-1] += " " + line.strip()
    return paragraphs


def _table() -> str:
    rows = ["| rule | | finds | law | parameters | says |", "|---|---|---|---|---|---|"]
    for rule, definition, _ in rules():
        parameters = "、".join(item.value for item in rule.parameters) or "–"
        name = f"[{rule.title}](#{rule.id.lower()})<br>{_chinese(rule.title)}"
        law = _chinese(rule.source)
        rows.append(f"| {rule.id} | {name} | {definition} | {law} | {parameters} | {rule.certainty.value} |")
    return "\n".join(rows)


def _certainties() -> str:
    rows = ["| | |", "|---|---|"]
    rows += [f"| `{one.value}` | {CERTAINTIES[one]} · {_chinese(CERTAINTIES[one])} |" for one in Certainty]
    return "\n".join(rows)


def _sections() -> str:
    return "\n\n".join(_section(told) for told in rules())


def _section(told: Told) -> str:
    rule = told.rule
    lines = [
        f"### {rule.id}",
        "",
        f"**{rule.title}（{_chinese(rule.title)}）.** {told.definition}",
        "",
        *(f"- {paragraph}" for paragraph in told.paragraphs),
        f"- Next: {rule.next_step}.（{_chinese(rule.next_step)}）",
    ]
    return "\n".join(lines)


def _chinese(text: str) -> str:
    words.choose("zh")
    try:
        return words._(text)
    finally:
        words.choose("en")


_PARTS: Final[Mapping[str, Callable[[], str]]] = {
    "rules": _table,
    "certainties": _certainties,
    "sections": _sections,
}


if __name__ == "__main__":
    sys.exit(main())
