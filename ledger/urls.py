"""The address of a ledger: `sqlite:///relative`, `sqlite:////absolute`, `postgresql://user@host/database?options`."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from ledger.store_errors import BadUrl

_MEND = (
    "write sqlite:///name.db for a file here, sqlite:////folder/name.db for an absolute path, "
    "postgresql://user@host/database for a server, postgresql://user@/database?host=/folder for its socket"
)
_POSTGRES = "postgresql://"


@dataclass(frozen=True, slots=True)
class SQLiteAddress:
    """A ledger in a file of its own."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def keys_directory(self) -> Path:
        """Where the keys lie unless somebody says otherwise: beside the file."""
        return self.beside(".keys")

    def beside(self, ending: str) -> Path:
        """Return the name of what belongs to the ledger and lies beside it."""
        return Path(f"{self.path}{ending}")


@dataclass(frozen=True, slots=True, repr=False)
class PostgresAddress:
    """A ledger in a database of a PostgreSQL server; `url` may hold a password, its text and repr never do."""

    url: str
    database: str

    def __str__(self) -> str:
        return _shown(self.url)

    __repr__ = __str__

    @property
    def keys_directory(self) -> Path:
        """Where the keys lie unless somebody says otherwise: in the folder at hand, never on the server."""
        return self.beside(".keys")

    def beside(self, ending: str) -> Path:
        """Return the name, in the folder at hand, of what belongs to the ledger and lies outside the server."""
        return Path(f"{self.database}{ending}")


def parse_url(url: str) -> SQLiteAddress | PostgresAddress:
    """Return where the ledger is: after `sqlite:`, three slashes are a relative path, four an absolute one.

    Raises BadUrl for any other scheme, for a missing path or database, and for a memory database, which would not
    outlive its process.
    """
    if url.startswith(_POSTGRES):
        return _postgres(url)
    prefix = "sqlite:///"
    if not url.startswith(prefix):
        raise _refused("sqlite:///path or postgresql://user@host/database", _shown(url))
    path = url.removeprefix(prefix)
    if not path or path.endswith("/") or "\0" in path or path == ":memory:":
        raise _refused("a path of a file after sqlite:///", _shown(url))
    return SQLiteAddress(Path(path))


# Private


def _postgres(url: str) -> PostgresAddress:
    try:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise _refused("postgresql://user@host/database?option=value", _shown(url)) from None
    database = unquote(parts.path.removeprefix("/")) or options.get("dbname", "")
    if not database or "/" in database or "\0" in url or parts.fragment:
        raise _refused("the name of one database after the host", _shown(url))
    return PostgresAddress(url, database)


def _refused(expected: str, found: str) -> BadUrl:
    return BadUrl(where="ledger address", expected=expected, found=found, mend=_MEND)


def _shown(url: str) -> str:
    """Return the address without the password that a server's address may carry, before the host or as an option."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url or "nothing"
    place, mark, query = rest.partition("?")
    login, at, host = place.rpartition("@")
    user = login.partition(":")[0]
    options = "&".join(one for one in query.split("&") if not one.lower().startswith(("password", "sslpassword")))
    return scheme + separator + user + at + host + (mark if options else "") + options
