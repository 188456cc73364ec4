"""The address of a ledger: `sqlite:///relative`, `sqlite:////absolute`, `postgresql://…`."""

from dataclasses import dataclass
from pathlib import Path

from ledger.store_errors import BadUrl

_MEND = "write sqlite:///name.db for a file here, sqlite:////folder/name.db for an absolute path"


@dataclass(frozen=True, slots=True)
class SQLiteAddress:
    """A ledger in a file of its own."""

    path: Path


def parse_url(url: str) -> SQLiteAddress:
    """Return where the ledger is: three slashes are a relative path, four an absolute one.

    Raises BadUrl for any other scheme, for a missing path, and for a memory database, which would not
    outlive its process.
    """
    prefix = "sqlite:///"
    if not url.startswith(prefix):
        raise BadUrl(where="ledger address", expected="sqlite:///path", found=_shown(url), mend=_MEND)
    path = url.removeprefix(prefix)
    if not path or path.endswith("/") or "\0" in path or path == ":memory:":
        raise BadUrl(
            where="ledger address",
            expected="a path of a file after sqlite:///",
            found=_shown(url),
            mend=_MEND,
        )
    return SQLiteAddress(Path(path))


# Private


def _shown(url: str) -> str:
    """Return the address without the password that a server's address may carry."""
    scheme, separator, rest = url.partition("://")
    return scheme + separator + rest.rpartition("@")[2] if separator else url or "nothing"
