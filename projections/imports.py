"""`register imports`: each delivery, each of its files, and what became of the rows.

Source: docs/import-formats.md section 3.
"""

from collections.abc import Callable
from typing import Any

from projections.database import Database
from projections.registers.delivery_facts import (
    COUNT_COLUMNS,
    COUNTS,
    DELIVERY_COUNT,
    DESCRIPTION,
    FILE,
    FILE_COUNT,
    RECEIPT,
)
from projections.scope import Scope, open_view

FileName = Callable[[int], str | None]


def imports(database: Database, scope: Scope, file_name: FileName | None = None) -> dict[str, Any]:
    """Return the files and deliveries known at the scope's position, in the order they came.

    `file_name(position)` opens the sealed name in the `import.file-received/1` entry there; without it none is given.
    """
    with open_view(database, scope) as view:
        described = {row[0]: row[1:] for row in view.rows(DESCRIPTION, *DESCRIPTION.column_names()[1:])}
        loaded = {row[0]: row[1:] for row in view.rows(DELIVERY_COUNT, "delivery", "at", *COUNT_COLUMNS)}
        counted = {row[:2]: row[2:] for row in view.rows(FILE_COUNT, "delivery", "seq", *COUNT_COLUMNS, "warnings")}
        files = list(view.rows(FILE, "position", *FILE.column_names()[1:]))
        receipts = list(view.rows(RECEIPT, "position", "delivery", "at", "files"))
        return {
            "known_at": view.known_at,
            "rows": [_file_row(row, counted, file_name) for row in files],
            "deliveries": [_delivery_row(row, described, loaded) for row in receipts],
            **view.asked,
        }


# Private


def _file_row(row: tuple[Any, ...], counted: dict[Any, tuple[Any, ...]], file_name: FileName | None) -> dict[str, Any]:
    position, delivery, at, seq, number, kind, month = row
    counts = counted.get((delivery, seq), (None,) * (len(COUNTS) + 1))
    name = {"name": file_name(position)} if file_name else {}
    return {
        "delivery": delivery,
        "file": number,
        **name,
        "kind": kind,
        "month": month,
        **dict(zip((*COUNTS, "warnings"), counts, strict=True)),
        "position": position,
        "at": at,
    }


def _delivery_row(
    row: tuple[Any, ...], described: dict[str, tuple[Any, ...]], loaded: dict[str, tuple[Any, ...]]
) -> dict[str, Any]:
    position, delivery, at, files = row
    region, first_month, closing_date = described.get(delivery, (None, None, None))
    loaded_at, *counts = loaded.get(delivery, (None,) * (len(COUNTS) + 1))
    return {
        "delivery": delivery,
        "region": region,
        "first_month": first_month,
        "closing_date": closing_date,
        "files": files,
        **dict(zip(COUNTS, counts, strict=True)),
        "position": position,
        "received_at": at,
        "loaded_at": loaded_at,
    }
