"""Commands whose help has an example and follows the language in use, and groups that import a command when used."""

import inspect
from collections.abc import Callable, Mapping
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
            record = super().get_help_record(ctx)
        finally:
            self.help = original
        return record and (record[0], record[1].replace("[default: ", _("[default: ")))


class Worded(click.Command):
    """A command whose help says everything in the language in use, click's own words included."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the line of the usage."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), _("Usage:") + " ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help in the language in use."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_(inspect.cleandoc(self.help)) if self.help else "")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, and below them the commands of a group."""
        options = (one for one in self.get_params(ctx) if isinstance(one, click.Option))
        records = [record for one in options if (record := one.get_help_record(ctx)) is not None]
        with formatter.section(_("Options")):
            formatter.write_dl(
                [(names, _CLICKS_OWN[text]() if text in _CLICKS_OWN else text) for names, text in records]
            )
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)


class Command(Worded):
    """A command with an example; its help is a text of the catalogue."""

    def __init__(self, *arguments: Any, example: str = "", **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.example = inspect.cleandoc(example)

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


class LazyGroup(Worded, click.Group):
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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one line per command, from the table alone, so that help needs no command's module."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(place.summary)) for name, place in self.places.items()])


class RunnableGroup(LazyGroup):
    """A group that does its own work when none of its commands is named; its options go with that work alone."""

    def __init__(self, *arguments: Any, example: str = "", **settings: Any) -> None:
        super().__init__(*arguments, invoke_without_command=True, **settings)
        self.example = inspect.cleandoc(example)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example."""
        Command.format_epilog(self, ctx, formatter)  # type: ignore[arg-type]  # it asks for the example alone

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is named, else the work of the group; refuse options that would go to neither."""
        callback = self.callback
        assert callback is not None

        def run(*arguments: Any, **options: Any) -> Any:
            if ctx.invoked_subcommand is None:
                return callback(*arguments, **options)
            for name in options:
                if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
                    place = f"{ctx.command_path} {ctx.invoked_subcommand}"
                    raise click.UsageError(_("Options go after the command: {place} …").format(place=place), ctx)
            return None

        self.callback = run
        try:
            return super().invoke(ctx)
        finally:
            self.callback = callback


# Private

_CLICKS_OWN: Mapping[str, Callable[[], str]] = {
    "Show this message and exit.": lambda: _("Show this message and exit."),
    "Show the version and exit.": lambda: _("Show the version and exit."),
}
