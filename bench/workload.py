"""Prepares the topic and the tables of a workload, and times the run of an hour on them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from eventlog import totals
from generated_events import HOUR_MS, START_MS, hour, write
from measure import ROOT, SESSIONIZE, median, timed

Lines = Callable[[], Iterator[str]]


@dataclass(frozen=True)
class Spec:
    """The timed hour, the hours that earlier runs process, and the SQL that inserts the sessions before them, if any.

    The preset maps the events; without one they have the shape of the built-in definition. With web, sessions have the
    columns of the set web.
    """

    timed: Lines
    before: tuple[Lines, ...] = ()
    history: str = ""
    preset: str = ""
    web: bool = False


class Workload:
    def __init__(self, name: str, spec: Spec, folder: Path, servers: str) -> None:
        self.name = name
        self.spec = spec
        self.folder = folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.servers = servers
        self.launcher = SESSIONIZE
        self.topic = f"bench-{name}"
        self.produced_mb = 0.0
        self.warehouse = self.folder / "warehouse"
        self.before = self.folder / "warehouse-before"

    def prepare(self) -> None:
        for number, lines in enumerate(self.spec.before):
            self.produce(lines())
            self.run(number)
        if self.spec.history:
            self.insert_history()
            self.run(len(self.spec.before) - 1)
        self.produce(self.spec.timed())
        if self.warehouse.exists():
            copy(self.warehouse, self.before)

    def insert_history(self) -> None:
        """Inserts the history, and produces a record for the run that has to follow before anything is timed."""
        self.sessionize("sql", "--write", "--spark-conf", "spark.sql.iceberg.distribution-mode=none", self.spec.history)
        # After an external commit, the next run checks whether it changed the rows of an open session.
        self.produce(hour(0, 1, 1, seed=8))

    def produce(self, lines: Iterator[str]) -> None:
        file = self.folder / "events.jsonl"
        write(lines, file)
        self.produced_mb = file.stat().st_size / 1e6
        self.sessionize("produce", "--kafka-servers", self.servers, "--topic", self.topic, "--from-file", str(file))
        file.unlink()

    def run(self, number: int, *more: str, environment: dict[str, str] | None = None) -> dict[str, float]:
        """Runs at the end of this hour."""
        report = self.folder / "report.json"
        clock = datetime.fromtimestamp((START_MS + (number + 1) * HOUR_MS) / 1000, timezone.utc)
        used = self.sessionize(
            "run",
            *("--kafka-servers", self.servers, "--kafka-topic", self.topic),
            *self.definition(),
            *("--run-time", clock.strftime("%Y-%m-%dT%H:%M:%SZ"), "--report", str(report)),
            *more,
            environment=environment,
        )
        return {**used, **picked(json.loads(report.read_text()))}

    def definition(self) -> tuple[str, ...]:
        if not self.spec.preset:
            return ()
        file = self.folder / "definition.yaml"
        session = "session: {include: [web], web: {own_hosts: [shop.example], views: [page]}}\n" if self.spec.web else ""
        file.write_text(f"version: 1\ntopics: {{{self.topic}: {{preset: {self.spec.preset}}}}}\n{session}")
        return "--definition", str(file)

    def timed(self, *more: str, environment: dict[str, str] | None = None) -> dict[str, float]:
        """Restores the prepared tables and runs the timed hour."""
        self.restore(self.before)
        return self.run(len(self.spec.before), *more, environment=environment)

    def restore(self, before: Path) -> None:
        shutil.rmtree(self.warehouse, ignore_errors=True)
        if before.exists():
            copy(before, self.warehouse)

    def counted(self) -> dict[str, float]:
        """Megabytes that the same run reads, shuffles and writes. It is not timed, because Spark's event log costs time."""
        events = self.folder / "eventlog"
        events.mkdir(exist_ok=True)
        self.timed(*logged(events))
        shuffled = totals(events)["shuffled_mb"]
        shutil.rmtree(events)
        return {"read_mb": self.produced_mb, "shuffled_mb": shuffled, "written_mb": written_mb(self.before, self.warehouse)}

    def sessionize(self, *command: str, environment: dict[str, str] | None = None) -> dict[str, float]:
        own = {"ICEBERG_WAREHOUSE": str(self.warehouse), "SESSIONIZE_LOGS": str(self.folder / "logs")}
        return timed([self.launcher, *command], self.folder / "out.txt", {**own, **(environment or {})})


def logged(folder: Path) -> Sequence[str]:
    """Options of a run that make Spark write its event log into the folder, as one plain file."""
    settings = {"enabled": "true", "dir": folder.as_uri(), "compress": "false", "rolling.enabled": "false"}
    return [word for name, value in settings.items() for word in ("--spark-conf", f"spark.eventLog.{name}={value}")]


def copy(warehouse: Path, to: Path) -> None:
    """Copies the warehouse. Data files never change, so a link is enough; the catalog's database is written in place."""
    shutil.copytree(warehouse, to, copy_function=lambda a, b: os.link(a, b) if a.endswith(".parquet") else shutil.copy2(a, b))


def written_mb(before: Path, after: Path) -> float:
    """Megabytes of new files in the warehouse: data, deletes, Iceberg's metadata, Spark's checkpoint."""
    known = {path.relative_to(before) for path in before.rglob("*")}
    new = (path for path in after.rglob("*") if path.is_file() and path.relative_to(after) not in known)
    return sum(path.stat().st_size for path in new) / 1e6


def picked(report: dict) -> dict[str, float]:
    steps = {f"{step}_s": seconds for step, seconds in report["seconds_by_step"].items()}
    return {name: report[name] for name in ("records", "late", "sessions_added", "sessions_changed", "sessions_removed", "open")} | steps


def prepared(specs: dict[str, Spec], folder: Path, servers: str) -> list[Workload]:
    workloads = [Workload(name, spec, folder, servers) for name, spec in specs.items()]
    for workload in workloads:
        print(f"preparing {workload.name}", flush=True)
        workload.prepare()
    return workloads


def turns(workloads: list[Workload], count: int) -> dict[str, list[dict[str, float]]]:
    """Timed runs of each workload, by turns, so that other load on the machine affects all of them alike."""
    runs: dict[str, list[dict[str, float]]] = {workload.name: [] for workload in workloads}
    for turn in range(count):
        for workload in workloads:
            runs[workload.name].append(workload.timed())
            print(workload.name, turn + 1, json.dumps(median(runs[workload.name][-1:])), flush=True)
    return runs


def scratch(name: str) -> Path:
    folder = ROOT / "demo-output" / f"{name}-{datetime.now():%Y-%m-%dT%H-%M-%S}"
    folder.mkdir(parents=True)
    return folder


def result(**more: object) -> dict[str, object]:
    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return {"at": at, "cores": os.cpu_count(), **more}
