#!/usr/bin/env python3
"""Times the hourly run as a user starts it: a whole process, cold, on a real broker.

    scripts/bench.sh [--workloads A,B,C,D,E] [--runs 3] [--history SESSIONS] [--out FILE]

Each workload's topic and tables are prepared once; before each timed run the tables are put back as they were. Runs
take turns between the workloads, so that what else the machine does hits all of them alike. Printed and written (JSON,
docs/benchmarks.json by default) are all runs, and per workload the medians: wall and CPU seconds of the process, peak
resident memory, and from the run's own report its records and the seconds of each step. See docs/benchmarks.md.

    A  2,000,000 events of 50,000 users in one hour, 4 partitions, on empty tables
    B  the same as a second hour, on the open sessions of the first and a history of --history sessions over 90 days
    C  as B without history, but 1 % of the events are late by up to six days
    C0 as C, with none of them late: what to compare C with
    D  5,000 events as a second hour: what most hours look like
    E  one user with 1,000,000 events

Leaves its folder demo-output/bench-TIME behind, and no process. Needs what scripts/demo.sh needs, and 10 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from measure import ROOT, SESSIONIZE, broker, median, timed
from workloads import HOUR_MS, START_MS, giant, hour, write

EVENTS, USERS = 2_000_000, 50_000
SMALL = 5_000

# What a run has to find there, then the hour that is timed.
WORKLOADS = {
    "A": lambda: ([], hour(0, EVENTS, USERS)),
    "B": lambda: ([hour(0, EVENTS, USERS)], hour(1, EVENTS, USERS)),
    "C": lambda: ([hour(0, EVENTS, USERS)], hour(1, EVENTS, USERS, late=0.01)),
    "C0": lambda: ([hour(0, EVENTS, USERS)], hour(1, EVENTS, USERS)),
    "D": lambda: ([hour(0, SMALL, SMALL // 10)], hour(1, SMALL, SMALL // 10)),
    "E": lambda: ([], giant(1_000_000)),
}

HISTORY = """
    INSERT INTO user_sessions (uuid, session_id, session_start_time_ms, session_end_time_ms, session_start, session_end,
        session_duration_seconds, event_count, pages_visited, close_reason, events)
    SELECT uuid, concat(uuid, '_session_', start_ms), start_ms, start_ms, timestamp_millis(start_ms),
        timestamp_millis(start_ms), 0, 1, array('home'), 'inactivity',
        array(named_struct('event_id', string(id), 'event_time_ms', start_ms, 'page_name', 'home', 'booking_details', '',
            'event_details', named_struct('event_name', 'n', 'event_type', 't', 'event_value', 'v')))
    FROM (SELECT id, concat('past-', id % 1000000) AS uuid,
        {start} - 86400000 - (id * 7919 % (90 * 86400000)) AS start_ms FROM range({sessions}))
    ORDER BY start_ms"""


class Workload:
    def __init__(self, name: str, folder: Path, servers: str, history: int) -> None:
        self.name = name
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        self.servers = servers
        self.history = history
        self.warehouse = self.folder / "warehouse"
        self.before = self.folder / "warehouse-before"

    def prepare(self) -> None:
        hours, timed = WORKLOADS[self.name]()
        for number, lines in enumerate(hours):
            self.produce(lines)
            self.run(number)
        if self.name == "B" and self.history:
            self.sessionize("sql", HISTORY.format(start=START_MS, sessions=self.history))
            # The next run makes sure that what somebody else has done there is none of its sessions.
            self.produce(hour(0, 1, 1, seed=8))
            self.run(0)
        self.produce(timed)
        if self.warehouse.exists():
            shutil.copytree(self.warehouse, self.before)

    def produce(self, lines: Iterator[str]) -> None:
        file = self.folder / "events.jsonl"
        write(lines, file)
        self.sessionize("produce", "--kafka-servers", self.servers, "--topic", f"bench-{self.name}", "--from-file", str(file))
        file.unlink()

    def run(self, number: int) -> dict[str, float]:
        report = self.folder / "report.json"
        clock = datetime.fromtimestamp((START_MS + (number + 1) * HOUR_MS) / 1000, timezone.utc)
        used = self.sessionize(
            "run",
            *("--kafka-servers", self.servers, "--kafka-topic", f"bench-{self.name}"),
            *("--run-time", clock.strftime("%Y-%m-%dT%H:%M:%SZ"), "--report", str(report)),
        )
        return {**used, **picked(json.loads(report.read_text()))}

    def timed(self) -> dict[str, float]:
        shutil.rmtree(self.warehouse, ignore_errors=True)
        if self.before.exists():
            shutil.copytree(self.before, self.warehouse)
        return self.run(len(WORKLOADS[self.name]()[0]))

    def sessionize(self, *command: str) -> dict[str, float]:
        environment = {"ICEBERG_WAREHOUSE": str(self.warehouse), "SESSIONIZE_LOGS": str(self.folder / "logs")}
        return timed([SESSIONIZE, *command], self.folder / "out.txt", environment)


def picked(report: dict) -> dict[str, float]:
    steps = {f"{step}_s": seconds for step, seconds in report["seconds_by_step"].items()}
    return {"records": report["records"], "late": report["late"], "restated": report["restated"], **steps}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", default="A,C,C0,D,E", help="default: %(default)s")
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each (default: %(default)s)")
    parser.add_argument("--history", type=int, default=1_000_000, help="sessions of workload B (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks.json")
    options = parser.parse_args()
    names = options.workloads.split(",")
    if unknown := set(names) - set(WORKLOADS):
        parser.error(f"--workloads are of {','.join(WORKLOADS)}, not {','.join(sorted(unknown))}")

    folder = ROOT / "demo-output" / f"bench-{datetime.now():%Y-%m-%dT%H-%M-%S}"
    folder.mkdir(parents=True)
    with broker(folder / "kafka") as servers:
        workloads = [Workload(name, folder, servers, options.history) for name in names]
        for workload in workloads:
            print(f"preparing {workload.name}", flush=True)
            workload.prepare()
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for turn in range(options.runs):
            for workload in workloads:
                runs[workload.name].append(workload.timed())
                print(workload.name, turn + 1, json.dumps(median(runs[workload.name][-1:])), flush=True)
    result = {
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "history": options.history,
        "medians": {name: median(some) for name, some in runs.items()},
        "runs": runs,
    }
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    for name in names:
        print(name, json.dumps(result["medians"][name]))


if __name__ == "__main__":
    main()
