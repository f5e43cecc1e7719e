#!/usr/bin/env python3
"""Measures what late events cost: an hour's run, the check after it and its proof, on a week of sessions.

    scripts/bench.sh late [--sessions 20000,200000] [--layouts compacted,hourly] [--shares 0,0.001,0.01] [--runs 3]
        [--versions NAME=LAUNCHER,...] [--prepared FOLDER] [--run WORDS] [--check WORDS] [--reads no] [--scale 1] [--out FILE]

The hour has 200,000 events of 20,000 users, after a previous hour of the same size. Before both there are seven days of
about so many sessions each, of 20 events each; the users of the hour are spread over all users of the week. Of the late
events, a quarter joins a session of the week, a quarter bridges two, and half are sessions of their own. All are less than
six days late. The week's files are

    compacted  as maintain leaves them: a day in one file of up to 512 MB, sorted by uuid
    hourly     as hourly runs leave them: 24 files a day, each sorted by uuid

Three whole processes are timed: run, check, and audit prove --last 1. The points take turns, and the median of a point's
runs counts. The output is a table, and JSON, by default docs/benchmarks/late.json: for each point wall and CPU seconds of
the three, the rows restated (changed and removed), the size of the table, and the load of the machine before each. One more
turn is not timed: Java's flight recorder counts the bytes that each process reads from the table's data and delete files,
the number of these files, and the row groups that it opens. --reads no leaves it out. See docs/benchmarks.md.

    --versions  other working copies: before=../old/scripts/sessionize,after=scripts/sessionize. Each point is measured with
                each of them in turn. This working copy makes the week
    --prepared  keeps topics and tables in this folder, and uses those that are there. The tables have absolute paths, so the
                folder cannot be moved. One command at a time may use it
    --run       more options of the run, such as --run=--check
    --check     the command after the run (default: check); empty for none

Takes 1 GB of disk for each 200,000 sessions a day. Without --prepared, it leaves demo-output/late-TIME behind; no process.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from filereads import data_reads, recorded
from generated_events import hour
from history import Week
from measure import ROOT, SESSIONIZE, broker, median
from tables import SESSIONS, current_summary, metadata
from workload import Spec, Workload, copy, result, scratch

EVENTS, USERS, VISITS = 200_000, 20_000, 3
COMPACTED, HOURLY = LAYOUTS = ("compacted", "hourly")
STEPS = ("run", "check", "prove")


@dataclass(frozen=True)
class Point:
    sessions: int
    layout: str
    late_share: float
    version: str


class LateWorkload(Workload):
    """The tables of one week in both layouts, and the data of a broker for each share of late events.

    A share has its own copy of the broker's data, since tables continue only with the topic that they were made from.
    """

    def __init__(self, folder: Path, sessions: int, scale: float) -> None:
        self.week = Week.of(int(sessions * scale))
        self.events, self.users = int(EVENTS * scale), int(USERS * scale)
        before = (lambda: self.hour(0),)
        name = f"{self.week.sessions}-{self.events}"
        super().__init__(name, Spec(timed=lambda: self.hour(1), before=before, history=self.week.statement()), folder, servers="")

    def hour(self, number: int, late: float = 0.0):
        return hour(number, self.events, self.users, late, visits=VISITS, history=self.week)

    def prepare(self) -> None:
        if all(self.state(layout).exists() for layout in LAYOUTS):
            return
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        with broker(self.folder / "kafka") as self.servers:
            self.produce(self.hour(0))
            self.run(0)
            self.insert_history()
            copy(self.warehouse, self.state("inserted"))
            for layout in LAYOUTS:
                self.restore(self.state("inserted"))
                if layout == COMPACTED:
                    self.sessionize("maintain")
                self.run(0)
                copy(self.warehouse, self.state(layout))
        shutil.rmtree(self.state("inserted"))

    def state(self, layout: str) -> Path:
        return self.folder / f"before-{layout}"

    def broker_data(self, share: float) -> Path:
        """The topic with the timed hour of this share."""
        data = self.folder / f"kafka-{share:g}"
        if not data.exists():
            unfinished = self.folder / "kafka-unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            shutil.copytree(self.folder / "kafka", unfinished)
            with broker(unfinished) as self.servers:
                self.produce(self.hour(1, share))
            unfinished.rename(data)
        return data

    def measure(self, point: Point, launcher: str, run: list[str], check: list[str], count_reads: bool) -> dict[str, float]:
        """Runs the timed hour on restored tables, then the check and the proof. Returns figures by step."""
        self.launcher = launcher
        self.restore(self.state(point.layout))
        size = int(current_summary(metadata(self.warehouse, SESSIONS))["total-files-size"])
        figures = {"table_mb": size / 1e6}
        with broker(self.broker_data(point.late_share)) as self.servers:
            prove = ("audit", "prove", "--last", "1", "--kafka-servers", self.servers, "--kafka-topic", self.topic)
            for step in STEPS if check else ("run", "prove"):
                load = os.getloadavg()[0]
                recording = self.folder / f"{step}.jfr"
                environment = recorded(recording) if count_reads else None
                if step == "run":
                    used = self.timed_run(*run, environment=environment)
                else:
                    used = self.sessionize(*(check if step == "check" else prove), environment=environment)
                if count_reads:
                    used = data_reads(recording, self.warehouse)
                    recording.unlink()
                else:
                    used["load"] = load
                figures |= {name if name in ("late", "restated") else f"{step}_{name}": value for name, value in used.items()}
        return figures

    def timed_run(self, *more: str, environment: dict[str, str] | None) -> dict[str, float]:
        run = self.run(1, *more, environment=environment)
        kept = ("wall_s", "cpu_s", "peak_gb", "late", "restate_s", "merge_s")
        return {name: run.get(name, 0) for name in kept} | {"restated": run["sessions_changed"] + run["sessions_removed"]}


def table(points: list[dict]) -> str:
    """As Markdown: wall seconds (CPU seconds; megabytes read from the table, row groups opened)."""

    def cell(point: dict, step: str) -> str:
        if f"{step}_wall_s" not in point:
            return ""
        read = f"; {point[f'{step}_read_mb']:.1f} MB" if f"{step}_read_mb" in point else ""
        opened = f", {point[f'{step}_row_groups']:,.0f} row groups" if f"{step}_row_groups" in point else ""
        return f"{point[f'{step}_wall_s']:.1f} ({point[f'{step}_cpu_s']:.1f}{read}{opened})"

    head = ("sessions a day", "layout", "table", "late", "version", "rows restated", "`run`", "`check`", "`audit prove`")
    rows = [head, ("---",) * len(head)]
    for point in points:
        late = f"{point['late']:,.0f} ({point['late_share']:.1%})"
        facts = (f"{point['sessions']:,}", point["layout"], f"{point['table_mb']:.0f} MB", late, point["version"])
        rows.append((*facts, f"{point['restated']:,.0f}", *(cell(point, step) for step in STEPS)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", default="20000,200000", help="a day (default: %(default)s)")
    parser.add_argument("--layouts", default=",".join(LAYOUTS), help="default: %(default)s")
    parser.add_argument("--shares", default="0,0.001,0.01", help="of late events (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="timed turns of each point (default: %(default)s)")
    parser.add_argument("--versions", default=f"this={SESSIONIZE}", help="NAME=LAUNCHER,... (default: this working copy)")
    parser.add_argument("--prepared", type=Path, help="folder of topics and tables (default: a new one)")
    parser.add_argument("--run", default="", help="more options of the run")
    parser.add_argument("--check", default="check", help="default: %(default)s")
    parser.add_argument("--reads", choices=("yes", "no"), default="yes", help="default: %(default)s")
    parser.add_argument("--scale", type=float, default=1, help="of events, users and sessions (default: 1)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks/late.json")
    options = parser.parse_args()
    layouts = options.layouts.split(",")
    if unknown := set(layouts) - set(LAYOUTS):
        parser.error(f"--layouts are of {','.join(LAYOUTS)}, not {','.join(sorted(unknown))}")
    launchers = {name: str(Path(path).resolve()) for name, path in (pair.split("=", 1) for pair in options.versions.split(","))}

    folder = options.prepared.resolve() if options.prepared else scratch("late")
    workloads = {int(sessions): LateWorkload(folder, int(sessions), options.scale) for sessions in options.sessions.split(",")}
    for sessions, workload in workloads.items():
        print(f"preparing {sessions} sessions a day", flush=True)
        workload.prepare()
    points = [
        Point(sessions, layout, float(share), version)
        for sessions in workloads
        for layout in layouts
        for share in options.shares.split(",")
        for version in launchers
    ]
    turns: dict[Point, list[dict[str, float]]] = {point: [] for point in points}
    written: list[dict] = []
    for turn in range(options.runs + (options.reads == "yes")):
        for point in points:
            words = (options.run.split(), options.check.split())
            count_reads = turn == options.runs
            figures = workloads[point.sessions].measure(point, launchers[point.version], *words, count_reads)
            turns[point].append(figures)
            print(turn + 1, json.dumps(asdict(point) | median([figures])), flush=True)
            # Those of a step are of all turns that have them: times, or reads.
            known = {name for one in turns[point] for name in one}
            medians = {n: round(median([{n: one[n]} for one in turns[point] if n in one])[n], 2) for n in sorted(known)}
            written = [one for one in written if one["point"] != asdict(point)] + [{"point": asdict(point), **medians}]
            options.out.write_text(json.dumps(result(scale=options.scale, points=written), indent=2) + "\n")
    print(table([one["point"] | one for one in written]))


if __name__ == "__main__":
    main()
