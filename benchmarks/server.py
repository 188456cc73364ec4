"""Databases on a PostgreSQL server, made for one benchmark and dropped after it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """Make a database on a server, give its address, and drop it when the context ends."""
    name = f"mingzhang_bench_{uuid.uuid4().hex}"
    parts = urlsplit(server)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            yield urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
