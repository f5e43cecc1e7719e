#!/usr/bin/env python3
"""Measures continuous mode: the time from an event's arrival until readers see it, and the number of files.

    scripts/bench.sh continuous [--minutes 10] [--rate 700] [--trigger 10s] [--out FILE]

A first run reads 45 minutes of the same traffic, so that from the first batch on the staging table has as many rows as
after hours. Then run --trigger and produce work at the same time. When a batch commits the staging table, its records are
visible in user_sessions_live. The latency of a batch is the time from the newest record of the previous batch to this
commit: no record has waited longer. The latencies of its events are spread evenly between this time and the time since
the newest record of the batch. The first batch is left out, because it waits for the start of the process. Then maintain
runs twice: as it does every day, and so that everything but the last state expires. The output is JSON, by default
docs/benchmarks/continuous.json.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

from generated_events import browsing, write
from measure import ROOT, SESSIONIZE, broker, timed
from tables import Commit, commits, files
from workload import result, scratch

TOPIC = "bench-continuous"
BEFORE_MINUTES = 45
# A user clicks every ten seconds.
USERS_PER_RATE = 10
DRAIN_S = 300
SAMPLE = 50


def latencies(batches: list[Commit]) -> dict[str, float]:
    """Latencies in seconds: of the batches (the longest wait of a record) and of the events."""
    longest, events = [], []
    for before, batch in zip(batches, batches[1:]):
        most, least = (batch.at_ms - newest for newest in (before.newest_record_ms, batch.newest_record_ms))
        longest.append(most / 1000)
        count = batch.records // SAMPLE
        events += [(least + (most - least) * i / count) / 1000 for i in range(count)]
    return {
        "batches": len(longest),
        "batch_median_s": quantile(longest, 0.5),
        "batch_p95_s": quantile(longest, 0.95),
        "max_s": max(longest),
        "event_median_s": quantile(events, 0.5),
        "event_p95_s": quantile(events, 0.95),
        "work_median_s": statistics.median(batch.seconds for batch in batches[1:]),
    }


def quantile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 2)


class Continuous:
    def __init__(self, folder: Path, servers: str) -> None:
        self.warehouse = folder / "warehouse"
        self.folder = folder
        self.log = folder / "out.txt"
        self.environment = {
            "ICEBERG_WAREHOUSE": str(self.warehouse),
            "SESSIONIZE_LOGS": str(folder / "logs"),
            "KAFKA_BOOTSTRAP_SERVERS": servers,
        }

    def sessionize(self, *command: str) -> dict[str, float]:
        return timed([SESSIONIZE, *command], self.log, self.environment)

    def fill(self, rate: int) -> None:
        file = self.folder / "events.jsonl"
        write(browsing(rate, BEFORE_MINUTES, time.time_ns() // 1_000_000), file)
        self.sessionize("produce", "--topic", TOPIC, "--from-file", str(file))
        file.unlink()
        self.sessionize("run", "--kafka-topic", TOPIC)

    def loop(self, rate: int, minutes: int, trigger: str) -> tuple[list[Commit], dict[str, float]]:
        """The commits while it ran, the first one left out, and what the process has used."""
        known = len(commits(self.warehouse))
        with self.log.open("ab") as out:
            started = time.monotonic()
            command = [SESSIONIZE, "run", "--kafka-topic", TOPIC, "--trigger", trigger]
            loop = subprocess.Popen(command, env={**os.environ, **self.environment}, stdout=out, stderr=out)
            try:
                users = ("--num-users", str(USERS_PER_RATE * rate))
                self.sessionize("produce", "--topic", TOPIC, "--rate", str(rate), *users, "--duration", str(minutes))
                self.await_records(rate * 60 * minutes, known)
            finally:
                loop.send_signal(signal.SIGTERM)
                _, _, usage = os.wait4(loop.pid, 0)
            wall = time.monotonic() - started
        used = {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_gb": usage.ru_maxrss * 1024 / 1e9}
        return commits(self.warehouse)[known:], used

    def await_records(self, count: int, known: int) -> None:
        deadline = time.monotonic() + DRAIN_S
        while sum(batch.records for batch in commits(self.warehouse)[known:]) < count:
            if time.monotonic() > deadline:
                sys.exit(f"bench: the loop has not read {count} records {DRAIN_S} s after the last was sent: see {self.log}")
            time.sleep(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=10, help="default: %(default)s")
    parser.add_argument("--rate", type=int, default=700, help="events per second (default: %(default)s)")
    parser.add_argument("--trigger", default="10s", help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks/continuous.json")
    options = parser.parse_args()

    folder = scratch("continuous")
    with broker(folder / "kafka") as servers:
        job = Continuous(folder, servers)
        job.fill(options.rate)
        written: dict[str, dict[str, float]] = {"at_start": files(job.warehouse)}
        batches, used = job.loop(options.rate, options.minutes, options.trigger)
        written["at_end"] = files(job.warehouse)
    # What each does lies in out.txt.
    job.sessionize("maintain")
    written["maintained"] = files(job.warehouse)
    job.sessionize("maintain", "--keep-snapshots", "0", "--keep-tags", "0")
    written["expired"] = files(job.warehouse)
    given = {"rate": options.rate, "minutes": options.minutes, "trigger": options.trigger}
    all_of_it = result(**given, latency=latencies(batches), process=used, files=written)
    options.out.write_text(json.dumps(all_of_it, indent=2) + "\n")
    print(json.dumps(all_of_it, indent=2))


if __name__ == "__main__":
    main()
