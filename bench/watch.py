"""Follows a loop of runs from outside: its commits, the files in its warehouse, and its memory."""

from __future__ import annotations

import bisect
import os
import re
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tables import OPEN, SESSIONS, Commit, commits_of, current_summary, location, metadata_at

POLL_S = 5.0
# A poll may take this share of the time.
POLL_SHARE = 0.1
# One of so many records stands for its neighbours.
RECORDS_PER_POINT = 50

PAUSE = re.compile(r"\[(\d+)ms\].* Pause .* (\d+)M->(\d+)M\(\d+M\)")


@dataclass(frozen=True)
class Sample:
    """The state at one time.

    :param written: bytes of all files that were written in the warehouse since the first sample
    :param files: files in the warehouse, and their bytes
    :param rss: resident memory of the process, bytes; 0 if there is none
    :param cpu_s: CPU seconds of the process so far; 0 if there is none
    """

    at_ms: int
    written: int
    files: int
    disk: int
    rss: int
    cpu_s: int
    facts: dict[str, float]


@dataclass
class Written:
    """Counts the bytes of files that come to a folder, also if they are deleted later.

    A file counts once, with the size that it has at the second look, because it may still be written at the first. Files that come
    and go between two looks, and what is written into an old file, do not count: the database of the embedded catalog.
    """

    folder: Path
    bytes: int = 0
    files: int = 0
    disk: int = 0
    _sizes: dict[str, int] = field(default_factory=dict)
    _fresh: set[str] = field(default_factory=set)

    def look(self) -> None:
        there: dict[str, os.DirEntry[str]] = {}
        self._list(str(self.folder), there)
        for path in self._fresh & there.keys():
            self._count(path, there[path])
        fresh = there.keys() - self._sizes.keys()
        for path in self._sizes.keys() - there.keys():
            self.disk -= self._sizes.pop(path)
        for path in fresh:
            self._count(path, there[path])
        self._fresh = set(fresh)
        self.files = len(self._sizes)

    def _count(self, path: str, entry: os.DirEntry[str]) -> None:
        with suppress(FileNotFoundError):
            size = os.stat(path).st_size
            grown = size - self._sizes.get(path, 0)
            self._sizes[path] = size
            self.bytes += grown
            self.disk += grown

    def _list(self, folder: str, there: dict[str, os.DirEntry[str]]) -> None:
        with suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    self._list(entry.path, there)
                else:
                    there[entry.path] = entry


class Watch(threading.Thread):
    """Looks every few seconds, so that it also sees commits and files that the loop itself removes soon."""

    def __init__(self, warehouse: Path) -> None:
        super().__init__(daemon=True)
        self.warehouse = warehouse
        self.pid = 0
        self.commits: dict[int, Commit] = {}
        self.samples: list[Sample] = []
        self._written = Written(warehouse)
        self._written.look()
        self._before = self._written.bytes
        self._known = set(self._staging_commits())
        self._ending = threading.Event()
        self._looking = threading.Lock()

    def run(self) -> None:
        while not self._ending.is_set():
            begin = time.monotonic()
            self.look()
            self._ending.wait(max(POLL_S, (time.monotonic() - begin) / POLL_SHARE))

    def end(self) -> None:
        self._ending.set()
        self.join()
        self.look()

    def look(self) -> None:
        with self._looking:
            for snapshot, commit in self._staging_commits().items():
                if snapshot not in self._known:
                    self.commits[snapshot] = commit
            self._written.look()
            written = self._written
            self.samples.append(
                Sample(
                    time.time_ns() // 1_000_000,
                    *(written.bytes - self._before, written.files, written.disk, *used(self.pid)),
                    self._facts(),
                )
            )

    @property
    def batches(self) -> list[Commit]:
        """The batches that read records, the oldest first."""
        return sorted(self.commits.copy().values(), key=lambda commit: commit.at_ms)

    @property
    def records(self) -> int:
        return sum(batch.records for batch in self.batches)

    def _staging_commits(self) -> dict[int, Commit]:
        while found := location(self.warehouse, OPEN):
            # A loop may delete a metadata file as soon as it is not the current one.
            with suppress(FileNotFoundError):
                return commits_of(metadata_at(found))
        return {}

    def _facts(self) -> dict[str, float]:
        """Sizes of the tables' metadata files, and numbers of snapshots and live files."""
        facts: dict[str, float] = {}
        for table in (SESSIONS, OPEN):
            found = location(self.warehouse, table)
            if found is None:
                continue
            # It may have been deleted by the time it is read.
            with suppress(FileNotFoundError):
                size = found.stat().st_size
                current = metadata_at(found)
                summary = current_summary(current)
                facts |= {
                    f"{table}_metadata_kb": round(size / 1e3, 1),
                    f"{table}_snapshots": len(current["snapshots"]),
                    f"{table}_data_files": int(summary.get("total-data-files", 0)),
                    f"{table}_delete_files": int(summary.get("total-delete-files", 0)),
                }
        return facts


def used(pid: int) -> tuple[int, int]:
    """Resident memory of the process in bytes, and its CPU seconds so far; zeros if there is none."""
    if not pid:
        return 0, 0
    command = ["ps", "-o", "rss=,time=", "-p", str(pid)]
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    if len(printed) < 2:
        return 0, 0
    # [DAYS-][HOURS:]MINUTES:SECONDS, on macOS with hundredths.
    days, _, clock = printed[1].rpartition("-")
    seconds = int(days or 0) * 86_400
    for unit, number in enumerate(reversed(clock.split(":"))):
        seconds += int(float(number)) * 60**unit
    return int(printed[0]) * 1024, seconds


def quantile(values: Sequence[float], part: float) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 2)


def latencies(batches: Sequence[Commit]) -> dict[str, float | None]:
    """Latencies in seconds of the batches after the first: the longest wait of a record, and those of the events."""
    longest, events = [], []
    for before, batch in zip(batches, batches[1:]):
        most, least = (batch.at_ms - newest for newest in (before.newest_record_ms, batch.newest_record_ms))
        longest.append(most / 1000)
        count = -(-batch.records // RECORDS_PER_POINT)
        events += [(least + (most - least) * i / count) / 1000 for i in range(count)]
    return {
        "batches": len(longest),
        "batch_median_s": quantile(longest, 0.5),
        "batch_p95_s": quantile(longest, 0.95),
        "max_s": max(longest, default=None),
        "event_median_s": quantile(events, 0.5),
        "event_p95_s": quantile(events, 0.95),
        "work_median_s": quantile([batch.seconds for batch in batches[1:]], 0.5),
    }


@dataclass(frozen=True)
class Collection:
    """A pause of the garbage collector: megabytes of the heap before and after it."""

    at_ms: int
    before_mb: int
    after_mb: int


def collections(log: Path) -> list[Collection]:
    """Reads a log of -Xlog:gc with the time in milliseconds."""
    text = log.read_text() if log.exists() else ""
    return [Collection(*(int(number) for number in found.groups())) for found in PAUSE.finditer(text)]


def slices(
    bounds_ms: Sequence[int],
    batches: Sequence[Commit],
    samples: Sequence[Sample],
    pauses: Sequence[Collection],
    bytes_per_event: float,
    timing: Callable[[Sequence[Commit]], dict[str, float | None]],
) -> list[dict[str, float | None]]:
    """The figures of each slice of time between two bounds.

    Timing gets the batches of the slice with the one before them. Bytes written are those between the samples that follow the
    bounds, and so are the events to which they are compared.
    """
    at = [batch.at_ms for batch in batches]
    found = []
    for begin_ms, end_ms in zip(bounds_ms, bounds_ms[1:]):
        first, last = bisect.bisect_right(at, begin_ms), bisect.bisect_right(at, end_ms)
        begin, end = sample_after(samples, begin_ms), sample_after(samples, end_ms)
        events = sum(batch.records for batch in batches if begin.at_ms < batch.at_ms <= end.at_ms)
        within = [sample for sample in samples if begin_ms <= sample.at_ms <= end_ms] or [end]
        paused = [pause for pause in pauses if begin_ms <= pause.at_ms <= end_ms]
        written = end.written - begin.written
        count = sum(begin.at_ms < batch.at_ms <= end.at_ms for batch in batches)
        found.append(
            {
                "minutes": round((end_ms - begin_ms) / 60_000, 1),
                **timing(batches[max(0, first - 1) : last]),
                "records": sum(batch.records for batch in batches[first:last]),
                # Of another process after a restart.
                "cpu_per_batch_s": round((end.cpu_s - begin.cpu_s) / count, 2) if count and end.cpu_s >= begin.cpu_s else None,
                "open": batches[last - 1].open if last else None,
                "written_mb": round(written / 1e6, 1),
                "written_per_byte": round(written / (events * bytes_per_event), 2) if events else None,
                "files": end.files,
                "disk_mb": round(end.disk / 1e6, 1),
                **end.facts,
                "rss_mb": round(max(sample.rss for sample in within) / 1e6),
                # The smallest heap after a collection is the closest to what is in use.
                "heap_mb": min((pause.after_mb for pause in paused), default=None),
                "heap_peak_mb": max((pause.before_mb for pause in paused), default=None),
            }
        )
    return found


def sample_after(samples: Sequence[Sample], at_ms: int) -> Sample:
    return next((sample for sample in samples if sample.at_ms >= at_ms), samples[-1])


def cycles(batches: Sequence[Commit]) -> dict[str, float | None]:
    """Seconds from commit to commit, of a loop that never waits."""
    seconds = [(batch.at_ms - before.at_ms) / 1000 for before, batch in zip(batches, batches[1:])]
    return {
        "batches": len(seconds),
        "batch_median_s": quantile(seconds, 0.5),
        "batch_p95_s": quantile(seconds, 0.95),
        "batch_max_s": max(seconds, default=None),
        "batch_mean_s": round(statistics.fmean(seconds), 2) if seconds else None,
    }


def table(rows: Sequence[dict[str, float | None]], columns: dict[str, str]) -> str:
    """As Markdown, with a number for each row."""
    lines = [["", *columns.values()], ["---"] * (len(columns) + 1)]
    for number, row in enumerate(rows, start=1):
        lines.append([str(number), *("" if row.get(name) is None else f"{row[name]:,}" for name in columns)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
