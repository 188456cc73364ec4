"""What README and docs tell people to type exists, and their links lead somewhere."""

import re
import shlex
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli.main import mingzhang

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md"))]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(mingzhang [^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_TARGET = re.compile(r"(?:^|`)make ([a-z]+)", re.MULTILINE)


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _typed(page: Path) -> Iterator[tuple[str, bool]]:
    """Yield the commands of a page, and whether each is only spoken of in a sentence, not typed in a code block."""
    text = page.read_text(encoding="utf-8")
    for block in _FENCED.findall(text):
        lines = (line.strip() for line in block.replace("\\\n", " ").split("\n"))
        yield from ((line, False) for line in lines if line.startswith("mingzhang "))
    yield from ((line, True) for line in _INLINE.findall(_FENCED.sub("", text)))


TYPED = [(_name(page), line, spoken) for page in PAGES for line, spoken in _typed(page)]
README = PAGES[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(("page", "line", "spoken"), TYPED)
def test_command_of_a_page_parses(page: str, line: str, spoken: bool) -> None:
    """The command is there, takes these options, and gets every argument it needs."""
    _check_parses(line, spoken=spoken)


def test_readme_shows_commands() -> None:
    """The pages are read as they should be: there is something to check."""
    assert sum(page == "README.md" for page, *_ in TYPED) >= 8
    assert sum(page == "docs/cli.md" for page, *_ in TYPED) >= 14


@pytest.mark.parametrize("line", ["mingzhang nothing", "mingzhang import", "mingzhang audit verify --sinse x"])
def test_command_that_is_not_there_is_found(line: str) -> None:
    """The check itself can fail."""
    with pytest.raises(click.UsageError):
        _check_parses(line)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    """Every relative link names a file or folder of the repository, and its heading where it names one."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    for target in _LINK.findall(text):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, heading = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists() and found.is_relative_to(ROOT), target
        assert not heading or heading in _anchors(found), target


@pytest.mark.parametrize("target", sorted(set(_TARGET.findall(README))))
def test_make_target_of_the_readme_exists(target: str) -> None:
    """A person with only the README finds the target, and make does not take it for a file."""
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)
    assert re.search(rf"^\.PHONY:.*\b{target}\b", MAKEFILE, re.MULTILINE)


def test_both_languages_of_the_readme_type_the_same_and_read_the_same_pages() -> None:
    """Whoever reads the Chinese one misses no command and no page that exists in one language only."""
    chinese = PAGES[1].read_text(encoding="utf-8")
    typed = [
        [line.partition(" #")[0].strip() for block in _FENCED.findall(text) for line in block.split("\n")]
        for text in (README, chinese)
    ]
    assert typed[0] == typed[1]
    linked = [set(_LINK.findall(text)) for text in (README, chinese)]
    assert linked[0] - linked[1] == {"README.zh.md", "docs/threat-model.md"}


def test_readme_names_the_two_targets() -> None:
    """Two commands are all that is needed."""
    assert {"demo", "test"} <= set(_TARGET.findall(README))


# Private


def _check_parses(line: str, *, spoken: bool = False) -> None:
    """Parse a command line without running it; raises click.UsageError when the program would refuse it.

    A command that is only spoken of may stand without its arguments.
    """
    words = shlex.split(line.partition(" > ")[0].partition(" | ")[0], comments=True)[1:]
    command: click.Command = mingzhang
    context = click.Context(mingzhang, info_name="mingzhang")
    while isinstance(command, click.Group):
        while words and words[0].startswith("--"):  # options of the program itself, such as --lang zh
            words = words[2:]
        found = command.get_command(context, words[0]) if words else None
        if found is None and (command.invoke_without_command or (spoken and not words)):
            break  # a group that works by itself, or is only spoken of
        if found is None:
            raise click.UsageError(f"no such command: {line}")
        command, words = found, words[1:]
        context = click.Context(command, info_name=command.name, parent=context)
    if words or not spoken:
        _parse_arguments(command, context, words)


def _parse_arguments(command: click.Command, context: click.Context, words: list[str]) -> None:
    """Check options and arguments, not whether the files that they name are here."""
    options, left, _ = command.make_parser(context).parse_args(args=words)
    if left:
        raise click.UsageError(f"unexpected: {left}")
    for parameter in command.get_params(context):
        given = options.get(parameter.name or "")
        if isinstance(given, str) and not isinstance(parameter.type, click.Path):
            parameter.type_cast_value(context, given)
        if parameter.required and not (isinstance(given, str | tuple | list) and given):  # absent is a mark of click
            raise click.UsageError(f"missing: {parameter.name}")


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, made as the usual viewers make them."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {_anchor(heading) for heading in headings}


def _anchor(heading: str) -> str:
    kept = (one for one in heading.lower() if one in " -_" or unicodedata.category(one)[0] in "LN")
    return "".join(kept).replace(" ", "-")
