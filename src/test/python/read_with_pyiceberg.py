#!/usr/bin/env python3
"""Prints a table's rows as PyIceberg reads them, without Spark or Java.

    read_with_pyiceberg.py WAREHOUSE DATABASE TABLE

WAREHOUSE is the folder of the embedded catalog, or the address of a REST catalog (PyIceberg takes what else that needs
from the environment: PYICEBERG_CATALOG__PROD__...).
One JSON object per row on stdout, in no particular order; times as epoch milliseconds, bytes as base64.
Exit codes: 0 done; 2 no such catalog or table.
"""

from __future__ import annotations

import base64
import json
import sys
from datetime import date, datetime
from pathlib import Path

from pyiceberg.catalog import load_catalog
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError


def plain(value: object) -> object:
    """What JSON has no type for."""
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"No JSON for {type(value)}")


def main(arguments: list[str]) -> int:
    if len(arguments) != 3:
        print("Usage: read_with_pyiceberg.py WAREHOUSE DATABASE TABLE", file=sys.stderr)
        return 2
    place, database, name = arguments
    if place.startswith("http"):
        catalog = load_catalog("prod", type="rest", uri=place)
    else:
        warehouse = Path(place).resolve()
        database_file = warehouse / "catalog.db"
        if not database_file.is_file():  # SQLite would make it
            print(f"Cannot read {database}.{name}: there is no catalog {database_file}", file=sys.stderr)
            return 2
        catalog = SqlCatalog(
            "local", uri=f"sqlite:///{database_file}", warehouse=warehouse.as_uri(), init_catalog_tables="false"
        )
    try:
        table = catalog.load_table((database, name))
    except NoSuchTableError:
        print(f"Cannot read {database}.{name}: the catalog in {place} has no such table", file=sys.stderr)
        return 2
    for batch in table.scan().to_arrow_batch_reader():
        for row in batch.to_pylist():
            print(json.dumps(row, default=plain))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
