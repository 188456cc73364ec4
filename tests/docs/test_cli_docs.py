"""docs/cli.md holds the help of every command, word for word; `python tests/docs/test_cli_docs.py` writes it anew."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli import words
from cli.errors import ExitCode
from cli.main import mingzhang

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
BLOCK = re.compile(r"<!-- help: (?P<path>[a-z -]+) -->\n(?:\n```text\n.*?\n```\n)?", re.DOTALL)


def commands(group: click.Group = mingzhang, path: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield f"{path} {name}".strip(), command
            yield from commands(command, f"{path} {name}".strip())
        else:
            yield f"{path} {name}".strip(), command


def help_of(path: str) -> str:
    words.choose("en")
    command = dict(commands())[path]
    context = click.Context(command, info_name=f"mingzhang {path}", terminal_width=100, max_content_width=100)
    context.help_option_names = ["-h", "--help"]
    return command.get_help(context)


def written_anew(page: str) -> str:
    def block(match: re.Match[str]) -> str:
        return f"<!-- help: {match['path']} -->\n\n```text\n{help_of(match['path'])}\n```\n"

    return BLOCK.sub(block, page)


@pytest.mark.parametrize("path", [path for path, _command in commands()])
def test_the_page_has_the_help_of_every_command(path):
    page = PAGE.read_text(encoding="utf-8")
    assert f"<!-- help: {path} -->" in page
    assert help_of(path) in page, f"run `python {Path(__file__).relative_to(PAGE.parents[1])}`"


def test_the_page_tells_of_no_command_that_is_not_there():
    page = PAGE.read_text(encoding="utf-8")
    assert {match["path"] for match in BLOCK.finditer(page)} == {path for path, _command in commands()}


def test_the_page_tells_every_exit_code():
    page = PAGE.read_text(encoding="utf-8")
    told = re.findall(r"^\| ([0-9]+(?:, [0-9]+)*) \|", page, re.MULTILINE)
    assert [int(code) for codes in told for code in codes.split(", ")] == [int(code) for code in ExitCode]


if __name__ == "__main__":
    PAGE.write_text(written_anew(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
