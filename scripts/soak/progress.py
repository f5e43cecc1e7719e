"""Finds out from the files of a run how far it is. For soak.py."""

from __future__ import annotations

import gzip
import json
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PHASES = ("starting", "reading", "writing", "publishing", "committed")

NONE = -1  # no snapshot
SESSIONS, STAGING = "user_sessions", "user_sessions_open"


@dataclass(frozen=True)
class Heads:
    """The current snapshots of the tables, and the branches on which batches write before they publish."""

    sessions: int
    staging: int
    branches: frozenset[str]


class Progress:
    """The progress of one run; created before the run starts."""

    def __init__(self, warehouse: Path, temporary: Path) -> None:
        self.tables = warehouse / "sessions"
        self.temporary = temporary
        self.before = self.heads()
        self.commits_before = self.commits()

    def spark_is_up(self) -> bool:
        return any(self.temporary.glob("blockmgr-*"))

    def has_written(self) -> bool:
        """Whether the run has begun to write. A batch writes its branch of the sessions table first."""
        return self.commits() > self.commits_before

    def has_published(self) -> bool:
        """Whether a batch has published its closed sessions. Always false for the run that creates the tables."""
        return self.before.sessions != NONE and self.heads().sessions != self.before.sessions

    def phase(self) -> str:
        """The phase (of PHASES) that the run was in; call it after the run has ended."""
        now = self.heads()
        if self.before.staging not in (NONE, now.staging):
            return "committed"
        if self.before.sessions not in (NONE, now.sessions):
            return "publishing"
        if now.branches - self.before.branches:
            return "writing"
        return "reading" if self.spark_is_up() else "starting"

    def commits(self) -> int:
        return sum(1 for _ in self.tables.glob(f"{SESSIONS}/metadata/*.gz.metadata.json"))

    def heads(self) -> Heads:
        sessions, staging = self.references(SESSIONS), self.references(STAGING)
        branches = frozenset(name for name in sessions if name.startswith("sessionize_"))
        return Heads(sessions.get("main", NONE), staging.get("main", NONE), branches)

    def references(self, table: str) -> dict[str, int]:
        """The snapshot of each branch in the newest metadata; empty if there is no table yet."""
        ages = {}
        for file in self.tables.glob(f"{table}/metadata/*.gz.metadata.json"):
            with suppress(FileNotFoundError):  # a run deletes the oldest file, and files that it could not commit
                ages[file] = (file.name[:5], file.stat().st_mtime_ns)
        for file in sorted(ages, key=lambda file: ages[file], reverse=True):
            # A killed run may leave an incomplete file, to which nothing refers.
            with suppress(json.JSONDecodeError, EOFError, zlib.error, FileNotFoundError):
                references = json.loads(gzip.decompress(file.read_bytes())).get("refs", {})
                return {name: reference["snapshot-id"] for name, reference in references.items()}
        return {}
