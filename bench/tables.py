"""Reads facts about the tables from Iceberg's metadata files, without Spark."""

from __future__ import annotations

import gzip
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

SESSIONS, OPEN = "user_sessions", "user_sessions_open"


@dataclass(frozen=True)
class Commit:
    """One batch's commit of the staging table: when it became current, what the batch had read, and the open sessions after it."""

    at_ms: int
    records: int
    newest_record_ms: int
    seconds: float
    open: int


def location(warehouse: Path, table: str, timeout_s: float = 60) -> Path | None:
    """The table's current metadata file, or None if there is no such table."""
    if not (warehouse / "catalog.db").exists():
        return None
    # Not read-only: the first to read after a kill takes back what the killed process had begun to write.
    catalog = sqlite3.connect(f"{(warehouse / 'catalog.db').as_uri()}?mode=rw", uri=True, timeout=timeout_s)
    try:
        found = catalog.execute("SELECT metadata_location FROM iceberg_tables WHERE table_name = ?", (table,)).fetchone()
    finally:
        catalog.close()
    return Path(found[0].removeprefix("file:")) if found else None


def is_locked(warehouse: Path) -> bool:
    """Whether a process is just writing the catalog, so that no other one can read it."""
    try:
        location(warehouse, OPEN, timeout_s=0)
    except sqlite3.OperationalError as refused:
        if "locked" in str(refused):
            return True
        raise
    return False


def metadata_at(file: Path) -> dict:
    return json.loads(gzip.decompress(file.read_bytes()))


def metadata(warehouse: Path, table: str) -> dict:
    file = location(warehouse, table)
    assert file, f"no table {table}"
    return metadata_at(file)


def commits_of(staging: dict) -> dict[int, Commit]:
    """The commits of batches that read records by snapshot, the oldest first."""
    summaries = {snapshot["snapshot-id"]: snapshot["summary"] for snapshot in staging["snapshots"]}
    found = {}
    # The log has the time of publication. The snapshot is older: it was written on a branch first.
    for entry in staging["snapshot-log"]:
        summary = summaries.get(entry["snapshot-id"], {})
        counts = json.loads(summary.get("sessionize.counts", "{}"))
        if counts.get("records"):
            newest = int(summary["sessionize.newest-record-ms"])
            seconds = counts["milliseconds_to_restate"] / 1000
            found[entry["snapshot-id"]] = Commit(entry["timestamp-ms"], counts["records"], newest, seconds, counts["open"])
    return found


def current_summary(table: dict) -> dict[str, str]:
    """The summary of the current snapshot; empty if the table has none yet."""
    current = table.get("current-snapshot-id")
    return next((snapshot["summary"] for snapshot in table["snapshots"] if snapshot["snapshot-id"] == current), {})


def files(warehouse: Path) -> dict[str, float]:
    """Live data and delete files of the sessions table; on disk, of both tables, files and bytes of data and metadata.

    Hadoop's checksum files are left out.
    """
    current = metadata(warehouse, SESSIONS)
    summary = current_summary(current)
    counts = {
        "data_files": int(summary["total-data-files"]),
        "delete_files": int(summary["total-delete-files"]),
        "sessions": int(summary["total-records"]),
        "snapshots": len(current["snapshots"]),
    }
    for table in (SESSIONS, OPEN):
        for kind in ("data", "metadata"):
            folder = warehouse / "sessions" / table / kind
            there = [path for path in folder.rglob("*") if path.suffix != ".crc" and path.is_file()]
            counts[f"{table}_{kind}_files"] = len(there)
            counts[f"{table}_{kind}_mb"] = round(sum(path.stat().st_size for path in there) / 1e6, 2)
    return counts
