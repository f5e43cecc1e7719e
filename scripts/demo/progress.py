"""How far a run has come, seen from outside: by the files that it leaves. For soak.py."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PHASES = ("starting", "reading", "writing", "publishing", "committed")

NONE = -1  # no snapshot
SESSIONS, STAGING = "user_sessions", "user_sessions_open"


@dataclass(frozen=True)
class Heads:
    """Where the tables stand. A branch is one that a batch writes on before it publishes."""

    sessions: int
    staging: int
    branches: frozenset[str]


class Progress:
    """One run's, from its start on."""

    def __init__(self, warehouse: Path, temporary: Path) -> None:
        self.tables = warehouse / "sessions"
        self.temporary = temporary
        self.before = self.heads()
        self.commits_before = self.commits()

    def spark_is_up(self) -> bool:
        return any(self.temporary.glob("blockmgr-*"))

    def has_written(self) -> bool:
        """Whether it has begun to: the first thing that a batch writes is its branch of the sessions table."""
        return self.commits() > self.commits_before

    def has_published(self) -> bool:
        """Whether a batch has made its closed sessions visible. Not told of the run that makes the tables."""
        return self.before.sessions != NONE and self.heads().sessions != self.before.sessions

    def phase(self) -> str:
        """What the run was at, of PHASES; to be asked when it has ended."""
        now = self.heads()
        if self.before.staging not in (NONE, now.staging):
            return "committed"
        if self.before.sessions not in (NONE, now.sessions):
            return "publishing"
        if now.branches - self.before.branches:
            return "writing"
        return "reading" if self.spark_is_up() else "starting"

    def commits(self) -> int:
        return sum(1 for _ in self.tables.glob(f"{SESSIONS}/metadata/*.metadata.json"))

    def heads(self) -> Heads:
        sessions, staging = self.references(SESSIONS), self.references(STAGING)
        branches = frozenset(name for name in sessions if name.startswith("sessionize_"))
        return Heads(sessions.get("main", NONE), staging.get("main", NONE), branches)

    def references(self, table: str) -> dict[str, int]:
        """The snapshot of each branch, as the newest metadata has it; none where there is no table yet."""
        ages = {}
        for file in self.tables.glob(f"{table}/metadata/*.metadata.json"):
            with suppress(FileNotFoundError):  # a run deletes the oldest, and what it could not commit
                ages[file] = (file.name[:5], file.stat().st_mtime_ns)
        for file in sorted(ages, key=lambda file: ages[file], reverse=True):
            # What a killed run was writing may end anywhere; nothing refers to it then.
            with suppress(json.JSONDecodeError, FileNotFoundError):
                references = json.loads(file.read_bytes()).get("refs", {})
                return {name: reference["snapshot-id"] for name, reference in references.items()}
        return {}
