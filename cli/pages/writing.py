"""Writing pages so that nobody ever finds a half: beside their place, and then moved there in one step."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from string import ascii_uppercase, digits
from typing import Final

from cli.errors import BadOption
from cli.words import _
from ledger.keyfile import replace_file, sync_directory

MARK: Final = '<meta name="generator" content="mingzhang '
"""By which a page of this program is known; it stands in the first lines of every one."""

_MARK_WITHIN: Final = 2000  # characters
_PLAIN: Final = frozenset(ascii_uppercase + digits + "-")


def is_file_name(target: Path) -> bool:
    """Tell whether a path names one page rather than a folder of pages."""
    return target.suffix.lower() in (".html", ".htm")


def file_stem(case: str) -> str:
    """Return a name for files of a case, another for every case on any file system, and nowhere but in its folder.

    Capital letters, digits and hyphens stay; every other character becomes its number.
    """
    return "".join(one if one in _PLAIN else f"_{ord(one):x}_" for one in case)


def write_page(target: Path, text: str, *, private: bool = False) -> None:
    """Write one page, over an older one; `private` when it shows personal data: then for its owner only."""
    write_file(target, text.encode("utf-8"), private=private)


def write_file(target: Path, data: bytes, *, private: bool = False) -> None:
    """Write one file whole, over an older one; raises BadOption when there is no such folder."""
    check_parent(target)
    replace_file(target, data, 0o600 if private else 0o644)


@contextmanager
def written_folder(target: Path) -> Iterator[Path]:
    """Yield a new folder; when the context ends well, it takes the place of `target`, an older report included.

    Raises BadOption when `target` holds anything that this program did not write there.
    """
    check_parent(target)
    check_folder(target)
    made = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.absolute().parent))
    try:
        made.chmod(0o755)
        yield made
        _take_place(made, target)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    sync_directory(target.absolute().parent)


def check_parent(target: Path) -> None:
    """Raise BadOption unless there is a folder to write into."""
    if not target.absolute().parent.is_dir():
        raise BadOption(_("There is no such folder"), where=str(target), found=str(target.absolute().parent))


def check_folder(target: Path) -> None:
    """Raise BadOption when a folder of pages would replace something else."""
    if not target.exists() and not target.is_symlink():
        return
    foreign = str(target) if not target.is_dir() or target.is_symlink() else _foreign(target.iterdir())
    if foreign:
        raise BadOption(
            _("This folder holds something that is no earlier report; nothing was written"),
            where=str(target),
            found=foreign,
            mend=_("name a new or empty folder"),
        )


# Private


def _foreign(paths: Iterable[Path]) -> str:
    """Return the name of a file that no earlier report wrote; empty when there is none."""
    return next((path.name for path in sorted(paths) if not _is_ours(path)), "")


def _is_ours(path: Path) -> bool:
    if path.suffix != ".html" or path.is_symlink() or not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace") as page:
        return MARK in page.read(_MARK_WITHIN)


def _take_place(made: Path, target: Path) -> None:
    if not target.exists():
        made.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.absolute().parent))
    target.rename(old)  # over the empty folder: POSIX allows it
    try:
        made.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)
