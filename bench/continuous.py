#!/usr/bin/env python3
"""Measures continuous mode over time: seconds of a batch, latency of an event, bytes written, metadata, files and memory.

    scripts/bench.sh continuous [--minutes 10] [--trigger 10s] [--rate 700] [--open N,...] [--late 0.01]
    scripts/bench.sh continuous --hours 24 [--batches-per-hour 360] [--rate 700] [--open 10000,1000000] [--late 0.01]

Clicks come at a constant rate; see bench/clicks.py. A first run reads clicks of the time before, so that from the first batch
on as many sessions are open as later. --open sets their number by the rules of the job: with a longer inactivity timeout a
session stays open for longer, and the events, users and closing sessions of a batch stay the same. Without it, the job has its
default rules: 286,000 open sessions at 700 events/s.

With --minutes, clicks come in real time, and run --trigger reads them. When a batch commits staging, its records are visible
in user_sessions_live. The latency of a batch is the time from the newest record of the previous batch to this commit: no
record has waited longer. The latencies of its events are spread evenly between this time and the time since the newest record
of the batch. The first batch is left out, because it waits for the start of the process. At the end maintain runs twice: as it
does every day, and so that everything but the last state expires. Several numbers of open sessions are measured one after another.

With --hours, it is a simulated day: each batch gets the clicks of ten seconds, and begins as soon as the one before it has
ended. So 8,640 batches of a day take as long as the loop needs for them. Clicks have simulated times, and the watermark
follows them. Only what the loop does by this machine's clock, such as expiry, does not: --loop gives it other options. An hour
is so many batches: fewer, for a try. batch_s is the time from commit to commit. Several numbers of open sessions take turns, an
hour each; the process of the other loop is stopped meanwhile. So other load on the machine affects all of them alike. The first
batch of an hour has no seconds.

    --late      share of the clicks that come within ten minutes after their session has closed
    --loop      more options of the loop, such as --loop='--keep-history 20m --maintain-every 3m' for a day in eight hours

Bytes written are those of all new files in the warehouse, checksums and Spark's checkpoint included, but not the embedded
catalog's database; divided by the bytes of the events' JSON. The heap is the smallest one after a garbage collection. The output
is JSON, by default docs/benchmarks/continuous.json or continuous-day.json, and a table. Leaves demo-output/continuous-TIME
behind; no process. A whole day at 700 events/s takes 3 GB of disk, and as much as the loop writes if it expires nothing: 10 GB with
10,000 open sessions.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from clicks import LATE_MS, Clicks
from loop import Feed, Job, Loop, leave_no_process
from measure import ROOT, broker
from tables import Commit, files
from watch import Watch, cycles, latencies, slices, table
from workload import result, scratch

BATCH_S = 10
DRAIN_S = 300
# Until the broker has what was sent: the producer, which is still starting at first, tells nothing before its end.
START_S = 5
ARRIVE_S = 1
TICK_S = 0.1
# In a simulated day, the loop looks for records again at once.
AT_ONCE = "1ms"
DAY = (10_000, 1_000_000)

COLUMNS = {
    "batches": "batches",
    "batch_median_s": "batch, median s",
    "batch_p95_s": "95 % s",
    "cpu_per_batch_s": "CPU of a batch s",
    "event_median_s": "event, median s",
    "event_p95_s": "95 % s",
    "open": "open",
    "written_per_byte": "written per byte",
    "user_sessions_open_metadata_kb": "metadata of staging kB",
    "user_sessions_metadata_kb": "of sessions kB",
    "files": "files",
    "disk_mb": "MB",
    "rss_mb": "RSS MB",
    "heap_mb": "heap MB",
}


class Measurement:
    """One loop over one stream of clicks."""

    def __init__(self, job: Job, clicks: Clicks, begin_ms: int) -> None:
        self.job = job
        self.clicks = clicks
        # The clicks before this time fill staging, and make the sessions that late clicks belong to.
        self.filled = clicks.rate * (clicks.until_closed_ms + LATE_MS) // 1000
        self.begin_ms = begin_ms - self.filled * 1000 // clicks.rate

    def fill(self) -> None:
        feed = Feed(self.job)
        for first in range(0, self.filled, 10_000):
            feed.send(self.lines(first, min(first + 10_000, self.filled)))
        feed.end()
        self.job.run()

    def lines(self, first: int, end: int) -> list[bytes]:
        return [line.encode() for line in self.clicks.lines(self.begin_ms, first, end)]

    def started(self, trigger: str, more: list[str]) -> tuple[Watch, Loop, Feed]:
        watch = Watch(self.job.warehouse)
        watch.start()
        return watch, Loop(self.job, watch, trigger, *more), Feed(self.job)

    def in_real_time(self, minutes: int, trigger: str, more: list[str]) -> dict[str, object]:
        watch, loop, feed = self.started(trigger, more)
        began = time.monotonic()
        loop.start()
        sent = 0
        while sent < (count := self.clicks.rate * 60 * minutes):
            due = min(count, int((time.monotonic() - began) * self.clicks.rate))
            feed.send(self.lines(self.filled + sent, self.filled + due))
            sent = due
            loop.require_running()
            time.sleep(TICK_S)
        feed.end()
        loop.await_records(count, DRAIN_S)
        used = self.used(watch, loop, began)
        batches = watch.batches
        length_ms = max(60_000, minutes * 6_000)
        bounds = [batches[0].at_ms + n * length_ms for n in range(max(1, minutes * 60_000 // length_ms))]
        bounds.append(batches[-1].at_ms)
        parts = slices(bounds, batches, watch.samples, loop.pauses(), feed.bytes / feed.events, latencies)
        return {"latency": latencies(batches), **used, "slices": parts}

    def used(self, watch: Watch, loop: Loop, began: float) -> dict[str, object]:
        """Ends the loop. What it has used in all."""
        stopped = loop.stop()
        watch.end()
        wall_s = round(time.monotonic() - began, 1)
        return {"process": {"wall_s": wall_s, "cpu_s": round(loop.cpu_s, 1), "peak_gb": round(loop.peak_gb, 2), **stopped}}


class SimulatedDay:
    """A loop that gets the clicks of ten seconds for each batch. Between two hours its process is stopped, so that another day
    can have its turn."""

    def __init__(self, measurement: Measurement, batches_per_hour: int, more: list[str]) -> None:
        self.measurement = measurement
        self.batches_per_hour = batches_per_hour
        self.size = measurement.clicks.rate * BATCH_S
        self.sent = 0
        self.ends_ms: list[int] = []
        # Spark must not give up a process that was stopped for a turn.
        patient = ("--spark-conf", "spark.network.timeout=24h")
        self.watch, self.loop, self.feed = measurement.started(AT_ONCE, ["--verbose", *patient, *more])
        self.begun = Begun(measurement.job.log)
        self.began = time.monotonic()

    def start(self) -> None:
        """Lets the first batch commit, and stops the process: its start is not part of an hour."""
        self.send()
        time.sleep(START_S)
        self.loop.start()
        self.end_hour()

    def hour(self) -> None:
        self.send()
        time.sleep(ARRIVE_S)
        self.loop.go_on()
        for _ in range(self.batches_per_hour - 1):
            # The next clicks come when the batch has begun: it has its offsets then, and does not read them.
            self.begun.await_batch(self.sent, self.loop)
            self.send()
        self.end_hour()

    def send(self) -> None:
        number = self.measurement.filled + self.sent * self.size
        self.feed.send(self.measurement.lines(number, number + self.size))
        self.sent += 1

    def end_hour(self) -> None:
        self.loop.await_records(self.sent * self.size, DRAIN_S)
        self.loop.pause()
        self.watch.look()
        self.ends_ms.append(self.watch.samples[-1].at_ms)

    def end(self) -> dict[str, object]:
        self.loop.go_on()
        self.feed.end()
        used = self.measurement.used(self.watch, self.loop, self.began)
        # Most of it is the turns of the others.
        del used["process"]["wall_s"]
        batches, samples, pauses = self.watch.batches, self.watch.samples, self.loop.pauses()
        per_event = self.feed.bytes / self.feed.events
        return {**used, "hours": slices(self.ends_ms, batches, samples, pauses, per_event, cycles_of_hour)}


def cycles_of_hour(batches: Sequence[Commit]) -> dict[str, float | None]:
    """The first batch has waited for the turn of its day."""
    return cycles(batches[1:])


class Begun:
    """Notices that a batch has begun, from a log with --verbose: it has its offsets then, and will read nothing more."""

    MARK = b": BEGUN after "

    def __init__(self, log: Path) -> None:
        self.log = log
        self._read = log.stat().st_size
        self._rest = b""
        self._batches = 0

    def count(self) -> int:
        """The batches that have begun since this was created."""
        with self.log.open("rb") as lines:
            lines.seek(self._read)
            new = lines.read()
        self._read += len(new)
        whole, _, self._rest = (self._rest + new).rpartition(b"\n")
        self._batches += whole.count(self.MARK)
        return self._batches

    def await_batch(self, number: int, loop: Loop) -> None:
        since = time.monotonic()
        while self.count() < number:
            loop.require_running()
            if time.monotonic() > since + DRAIN_S:
                sys.exit(f"bench: the loop has begun no batch for {DRAIN_S} s: see {self.log}")
            time.sleep(0.02)


def in_real_time(folder: Path, clicks: Clicks, minutes: int, trigger: str, more: list[str]) -> dict[str, object]:
    with measured(folder, clicks, time.time_ns() // 1_000_000) as (measurement, found):
        job = measurement.job
        found |= measurement.in_real_time(minutes, trigger, more)
    # What each does lies in out.txt.
    for state, options in ("maintained", ()), ("expired", ("--keep-snapshots", "0", "--keep-tags", "0")):
        job.sessionize("maintain", *options)
        found["files"][state] = files(job.warehouse)
    return found


def days(folder: Path, streams: Sequence[Clicks], hours: int, batches_per_hour: int, more: list[str]) -> list[dict[str, object]]:
    """The days of all streams, hour by hour in turn."""
    # No click may be ahead of the clock.
    begin_ms = time.time_ns() // 1_000_000 - (hours * batches_per_hour + 1) * BATCH_S * 1000
    with ExitStack() as stack:
        runs = [stack.enter_context(measured(folder, clicks, begin_ms)) for clicks in streams]
        turns = [SimulatedDay(measurement, batches_per_hour, more) for measurement, _ in runs]
        for day in turns:
            day.start()
        for _ in range(hours):
            for day in turns:
                day.hour()
        for day, (_, found) in zip(turns, runs, strict=True):
            found |= day.end()
    return [found for _, found in runs]


@contextmanager
def measured(folder: Path, clicks: Clicks, begin_ms: int) -> Iterator[tuple[Measurement, dict[str, object]]]:
    """A measurement whose tables are filled, and what is known of it before and after."""
    name = f"open-{clicks.open_sessions}"
    with broker(folder / name / "kafka") as servers:
        job = Job(folder / name, servers, f"bench-{name}", clicks.rules())
        measurement = Measurement(job, clicks, begin_ms)
        measurement.fill()
        at_start = files(job.warehouse)
        found: dict[str, object] = {"open": clicks.open_sessions, "timeout_s": clicks.timeout_ms / 1000}
        yield measurement, found
        found["files"] = {"at_start": at_start, "at_end": files(job.warehouse)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=10, help="of real time (default: %(default)s)")
    parser.add_argument("--trigger", default="10s", help="in real time (default: %(default)s)")
    parser.add_argument("--hours", type=int, help="simulated hours, instead of real time")
    parser.add_argument("--batches-per-hour", type=int, default=360, help="of a simulated hour (default: %(default)s)")
    parser.add_argument("--rate", type=int, default=700, help="events per second (default: %(default)s)")
    parser.add_argument("--open", help="open sessions (default: by the default rules; with --hours 10000,1000000)")
    parser.add_argument("--late", type=float, default=0.01, help="share of late events (default: %(default)s)")
    parser.add_argument("--loop", default="", help="more options of run --trigger")
    parser.add_argument("--out", type=Path, help="default: docs/benchmarks/continuous.json, with --hours continuous-day.json")
    options = parser.parse_args()
    leave_no_process()
    try:
        numbers = options.open.split(",") if options.open else DAY if options.hours else ()
        streams = [Clicks.with_open(options.rate, int(number), options.late) for number in numbers]
    except ValueError as problem:
        parser.error(f"--open: {problem}")
    streams = streams or [Clicks(options.rate, late=options.late)]
    out = options.out or ROOT / f"docs/benchmarks/continuous{'-day' if options.hours else ''}.json"

    folder = scratch("continuous")
    names = ("rate", "late", "loop", *(("hours", "batches_per_hour") if options.hours else ("minutes", "trigger")))
    given = {name: getattr(options, name) for name in names}
    more = shlex.split(options.loop)
    if options.hours:
        runs = days(folder, streams, options.hours, options.batches_per_hour, more)
        out.write_text(json.dumps(result(**given, runs=runs), indent=2) + "\n")
    else:
        runs = []
        for clicks in streams:
            runs.append(in_real_time(folder, clicks, options.minutes, options.trigger, more))
            out.write_text(json.dumps(result(**given, runs=runs), indent=2) + "\n")
    for found in runs:
        rows = found["hours" if options.hours else "slices"]
        print(f"\n{found['open']:,} open sessions\n")
        print(table(rows, {name: title for name, title in COLUMNS.items() if any(name in row for row in rows)}))


if __name__ == "__main__":
    main()
