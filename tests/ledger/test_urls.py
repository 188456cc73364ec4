"""Addresses of ledgers: which are understood, and that none shows a password."""

import pytest

from ledger.store_errors import BadUrl
from ledger.urls import PostgresAddress, parse_url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ledger.db",
        "sqlite://ledger.db",
        "sqlite:///",
        "sqlite:///:memory:",
        "postgres://host/ledger",
        "postgresql://",
        "postgresql://host",
        "postgresql://host/",
        "postgresql://host/one/two",
        "postgresql://host/ledger?sslmode",
        "postgresql://host/ledger#fragment",
    ],
)
def test_address_of_another_kind_is_refused(url):
    with pytest.raises(BadUrl, match="sqlite:///"):
        parse_url(url)


def test_address_has_three_slashes_for_relative_and_four_for_absolute_paths(tmp_path):
    assert str(parse_url("sqlite:///county/ledger.db")) == "county/ledger.db"
    assert parse_url(f"sqlite:///{tmp_path}/ledger.db").path == tmp_path / "ledger.db"
    assert str(parse_url("sqlite:///ledger.db").keys_directory) == "ledger.db.keys"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://officer@host:5433/ledger",
        "postgresql:///ledger",
        "postgresql://officer@/ledger?host=/var/run/postgresql&sslmode=require",
        "postgresql:///?dbname=ledger",
    ],
)
def test_address_of_a_server_names_its_database(url):
    address = parse_url(url)
    assert isinstance(address, PostgresAddress)
    assert (address.url, str(address), address.database, str(address.keys_directory)) == (
        url,
        url,
        "ledger",
        "ledger.keys",
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://officer:secret@host/ledger", "postgresql://officer@host/ledger"),
        (
            "postgresql://officer:se@cret@host/ledger?sslmode=require",
            "postgresql://officer@host/ledger?sslmode=require",
        ),
        ("postgresql://host/ledger?user=officer&password=secret", "postgresql://host/ledger?user=officer"),
        ("postgresql://host/ledger?password=secret", "postgresql://host/ledger"),
    ],
)
def test_password_in_an_address_is_never_shown(url, shown):
    address = parse_url(url)
    assert (str(address), repr(address)) == (shown, shown)


def test_password_in_a_refused_address_is_never_shown():
    for url in ("mysql://officer:secret@host/ledger", "postgresql://officer:secret@host/one/two"):
        with pytest.raises(BadUrl) as refused:
            parse_url(url)
        assert "secret" not in str(refused.value)
