"""The option `-o/--output FILE`: the folder that must be there, and a file that is written whole or not at all."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from cli.command import Option
from cli.errors import BadOption
from cli.words import _
from ledger.keyfile import replace_file


def output_option(text: str, *, required: bool = False) -> Callable[[click.decorators.FC], click.decorators.FC]:
    """Return the option, as `output`, with its help; what it names is checked by `check_output`."""
    return click.option(
        "-o",
        "--output",
        cls=Option,
        required=required,
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help=text,
    )


def check_output(output: Path | None) -> None:
    """Raise BadOption unless there is a folder to write into; to be called before anything is read."""
    if output is not None and not output.absolute().parent.is_dir():
        raise BadOption(_("There is no such folder"), where="--output", found=str(output.parent))


def write_output(output: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file whole, over an older one; into a pipe, or /dev/stdout, the bytes are only sent."""
    if output.exists() and not output.is_file():
        output.write_bytes(data)
    else:
        replace_file(output, data, mode)


@contextmanager
def becoming(output: Path) -> Iterator[Path]:
    """Yield a file beside the one wanted, which takes its name when the context has ended without an error.

    For what is too large to be held in memory. Raises BadOption when there is no such folder.
    """
    check_output(output)
    descriptor, name = tempfile.mkstemp(prefix=f".{output.name}.", dir=output.parent)
    os.close(descriptor)
    path = Path(name)
    try:
        yield path
        path.chmod(0o644)
        path.replace(output)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
