"""Commands whose help has an example and follows the language in use, and groups that import a command when used."""

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from cli.words import _


class Option(click.Option):
    """An option whose help is looked up in the catalogue when it is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help in the language in use."""
        original = self.help
        self.help = _(original) if original else None
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = original


class Command(click.Command):
    """A command with an example; its help is a text of the catalogue."""

    def __init__(self, *arguments: Any, example: str = "", **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.example = inspect.cleandoc(example)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help in the language in use."""
        _write_help(self.help, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example."""
        if self.example:
            with formatter.section(_("Example")):
                formatter.write("".join(f"  {line}\n" for line in self.example.splitlines()))


class Place(NamedTuple):
    """Where a command is: its module, its name there, and the line that a list of commands shows."""

    module: str
    attribute: str
    summary: str


class LazyGroup(click.Group):
    """A group that imports the module of a command only when that command is used."""

    def __init__(self, *arguments: Any, places: Mapping[str, Place], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table: the order in which a person needs them."""
        return [*self.places, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, imported now."""
        place = self.places.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        command = getattr(import_module(place.module), place.attribute)
        assert isinstance(command, click.Command)
        return command

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help in the language in use."""
        _write_help(self.help, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one line per command, from the table alone, so that help needs no command's module."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(place.summary)) for name, place in self.places.items()])


# Private


def _write_help(text: str | None, formatter: click.HelpFormatter) -> None:
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(_(inspect.cleandoc(text)) if text else "")
