#!/usr/bin/env python3
"""Runs continuous mode for hours with late, duplicate and broken events, maintenance and a kill, and compares the tables at the end.

    scripts/bench.sh endurance [--hours 3 | --minutes N] [--trigger 2s] [--rate 200] [--maintain-every 10m] [--seed N] [--pause-after 90m]
    scripts/bench.sh endurance --continue FOLDER [--pause-after 180m]

The traffic is that of scripts/demo/traffic.py. It arrives in real time; with less than three hours it arrives faster. Beside
run --trigger, maintain runs every ten minutes (in less than an hour: four times). The loop is killed with SIGKILL at a random
moment in the middle third, and started again. When everything has arrived and is read, the loop is ended by SIGTERM, and a
last run, three hours later by its clock, closes all sessions. Then user_sessions_live must equal what scripts/demo/oracle.py
computes from all lines, no session may be open, and check must find nothing.

With --pause-after, only the lines until then are sent. Then the loop is ended by SIGTERM, and check must find nothing; nothing
is compared yet. Later, --continue FOLDER sends the other lines to the same topic, for the same tables, with another kill, and
compares. They only arrive later than without a pause. A part goes on once: what a second try would send is there already.

The output (printed, and written as JSON at the end, by default to docs/benchmarks/endurance.json) has for each part latencies,
memory and files in its first and in its last hour, or third if it is shorter. See scripts/bench.sh continuous --help for what they mean.

Exit codes: 0 the tables are equal, or the part is over and check finds nothing; 1 the tables differ, the loop ended by itself, or
maintain failed, in any part: what differs is printed; 2 wrong usage. Leaves demo-output/endurance-TIME behind; no process.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from random import Random

from loop import Feed, Job, Loop, leave_no_process
from measure import ROOT, SESSIONIZE, broker
from watch import Watch, latencies, slices
from workload import result, scratch

DEMO = ROOT / "scripts/demo"
sys.path.insert(0, str(DEMO))

from traffic import HOUR_MS, Line, traffic  # noqa: E402

TRAFFIC_HOURS = 3  # at least, which its stories need
EVENTS_PER_USER = 9.7
DRAIN_S = 600
TICK_S = 0.1
CONFLICT = 4
PAUSED, CONTINUED = "paused.json", "continued.json"
# As in the demo: later than the last session and its timeout, and within this skew.
LATER_MS, SKEW = 3 * HOUR_MS, "4h"

LIVE = """
    SELECT uuid, session_id, session_start_time_ms, session_end_time_ms, session_duration_seconds, event_count,
           pages_visited, close_reason, is_open
    FROM user_sessions_live"""


@dataclass(frozen=True)
class Plan:
    """What is sent, and when. The same plan has the same lines.

    :param start_ms: of the traffic
    :param hours: of the traffic, which arrives in length_s
    :param rate: events per second that arrive, about
    """

    start_ms: int
    hours: int
    length_s: float
    rate: int
    seed: int
    trigger: str
    maintain_every_s: float

    @property
    def users(self) -> int:
        return int(self.rate * self.length_s / EVENTS_PER_USER)

    def lines(self) -> list[Line]:
        return [line for hour in traffic(self.start_ms, self.hours, self.seed, self.users) for line in hour]

    def arrival_s(self, line: Line) -> float:
        """Arrivals are in milliseconds of the traffic's own hours."""
        return line.arrival_ms / 1000 * self.length_s / (self.hours * 3600)


@dataclass
class Maintenance(threading.Thread):
    """Runs maintain again and again until the end. Conflicts are allowed: another process works on the tables."""

    job: Job
    every_s: float
    codes: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    # The identity of a thread, not that of its fields.
    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        while not self.ending.wait(self.every_s):
            began = time.monotonic()
            self.codes.append(self.job.start("maintain").wait())
            self.seconds.append(round(time.monotonic() - began, 1))

    def end(self) -> None:
        self.ending.set()
        self.join()


class Endurance:
    """Sends the lines that arrive between two times of the plan, and reads them in continuous mode."""

    def __init__(self, folder: Path, servers: str, plan: Plan, lines: list[Line], begin_s: float, end_s: float) -> None:
        self.job = Job(folder, servers, "endurance")
        self.plan = plan
        self.lines = [line for line in lines if begin_s <= plan.arrival_s(line) < end_s]
        self.begin_s = begin_s
        self.length_s = end_s - begin_s
        self.kill_at_s = self.length_s * Random(plan.seed + int(begin_s)).uniform(1 / 3, 2 / 3)
        self.killed_at_s: float | None = None
        self.problems: list[str] = []

    def run(self) -> dict[str, object]:
        if not self.begin_s:
            self.create_topic()
        watch = Watch(self.job.warehouse)
        watch.start()
        loop = Loop(self.job, watch, self.plan.trigger)
        maintenance = Maintenance(self.job, self.plan.maintain_every_s)
        feed = Feed(self.job)
        loop.start()
        maintenance.start()
        self.feed(feed, loop)
        loop.await_records(len(self.lines), DRAIN_S)
        stopped = loop.stop()
        if stopped["exit_code"]:
            self.problems.append(f"after SIGTERM the loop ended with {stopped['exit_code']}")
        maintenance.end()
        watch.end()
        if self.killed_at_s is None:
            self.problems.append(f"the loop was not killed: its time was {self.kill_at_s:.0f} s")
        self.problems += [f"maintain ended with {code}" for code in maintenance.codes if code not in (0, CONFLICT)]
        batches = watch.batches
        part_ms = min(HOUR_MS, int(self.length_s * 1000 / 3))
        first, last = batches[0].at_ms, batches[-1].at_ms
        bytes_per_event = feed.bytes / feed.events
        parts = [
            slices(bounds, batches, watch.samples, loop.pauses(), bytes_per_event, latencies)[0]
            for bounds in ((first, first + part_ms), (last - part_ms, last))
        ]
        return {
            "events": feed.events,
            "begin_s": self.begin_s,
            "length_s": self.length_s,
            "killed_at_s": self.killed_at_s,
            "process": {"cpu_s": round(loop.cpu_s), "peak_gb": round(loop.peak_gb, 2), **stopped},
            "maintain": {"exit_codes": maintenance.codes, "seconds": maintenance.seconds},
            "first": parts[0],
            "last": parts[1],
        }

    def create_topic(self) -> None:
        """The loop may start before the producer."""
        command = [ROOT / "scripts/kafka", "topic", "create", self.job.topic, "--data", self.job.folder / "kafka"]
        subprocess.run(command, check=True)

    def feed(self, feed: Feed, loop: Loop) -> None:
        """Sends each line when it arrives, and kills the loop once."""
        began, sent = time.monotonic(), 0
        while sent < len(self.lines):
            elapsed_s = time.monotonic() - began
            due = sent
            while due < len(self.lines) and self.plan.arrival_s(self.lines[due]) <= self.begin_s + elapsed_s:
                due += 1
            feed.send(line.value for line in self.lines[sent:due])
            sent = due
            if self.killed_at_s is None and elapsed_s >= self.kill_at_s:
                self.killed_at_s = round(elapsed_s)
                loop.stop(signal.SIGKILL)
                loop.start()
            if (code := loop.ended()) is not None:
                self.problems.append(f"the loop ended with {code} after {elapsed_s:.0f} s")
                loop.start()
            time.sleep(TICK_S)
        feed.end()

    def compare(self, file: Path) -> None:
        """Closes all sessions, and compares the tables with what the oracle computes from the file of all lines."""
        later = datetime.fromtimestamp(time.time() + LATER_MS / 1000, timezone.utc)
        sent_ms = time.time_ns() // 1_000_000
        self.job.run("--run-time", later.strftime("%Y-%m-%dT%H:%M:%SZ"), "--clock-skew", SKEW)
        live = self.job.folder / "live.jsonl"
        with live.open("wb") as out:
            subprocess.run([SESSIONIZE, "sql", "--format", "jsonl", LIVE], stdout=out, env=self.environment(), check=True)
        if still_open := sum(json.loads(row)["is_open"] for row in live.open()):
            self.problems.append(f"{still_open} sessions are still open")
        oracle = [sys.executable, str(DEMO / "oracle.py"), "--compare", str(live), "--record-time-ms", str(sent_ms)]
        if code := subprocess.run([*oracle, str(file)], check=False).returncode:
            self.problems.append(f"the oracle ended with {code}: see above")

    def check(self) -> None:
        if code := subprocess.run([SESSIONIZE, "check"], env=self.environment(), check=False).returncode:
            self.problems.append(f"check ended with {code}: see above")

    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.job.environment}


def seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+)(s|m|h)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"not a time such as 90s or 10m: {text}")
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--minutes", type=float, help="instead of hours: the same traffic, faster")
    parser.add_argument("--trigger", default="2s", help="default: %(default)s")
    parser.add_argument("--rate", type=int, default=200, help="events per second, about (default: %(default)s)")
    parser.add_argument("--maintain-every", type=seconds, metavar="TIME", help="default: 10m, or a quarter of less than 40m")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="of the traffic and the kill; default: any")
    parser.add_argument("--pause-after", type=seconds, metavar="TIME", help="send only the lines until then (default: all)")
    parser.add_argument("--continue", dest="folder", type=Path, help="folder of a part that was paused; its plan goes on")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks/endurance.json")
    options = parser.parse_args()
    of_plan = ("hours", "minutes", "trigger", "rate", "maintain_every", "seed")
    if options.folder and any(getattr(options, name) != parser.get_default(name) for name in of_plan):
        parser.error("--continue has the plan of its folder; only --pause-after and --out may be given with it")
    leave_no_process()

    if options.folder:
        folder = options.folder.resolve()
        if not (folder / PAUSED).exists():
            parser.error(f"--continue: no paused part in {folder}, or it has gone on already")
        state = json.loads((folder / PAUSED).read_text())
        plan, begin_s, parts = Plan(**state["plan"]), state["after_s"], state["parts"]
    else:
        folder, plan, begin_s, parts = None, planned(options), 0.0, []
    end_s = options.pause_after or plan.length_s
    if not begin_s < end_s <= plan.length_s:
        parser.error(f"--pause-after: not between {begin_s:g} and {plan.length_s:g} s: {end_s:g}")
    folder = folder or scratch("endurance")
    print(f"seed {plan.seed}", flush=True)
    lines = plan.lines()
    file = folder / "events.jsonl"
    all_lines = b"".join(line.value + b"\n" for line in lines)
    if parts and file.read_bytes() != all_lines:
        sys.exit(f"bench: the lines are not those of the first part, in {file}: was scripts/demo changed?")
    file.write_bytes(all_lines)
    if parts:
        (folder / PAUSED).rename(folder / CONTINUED)
    with broker(folder / "kafka") as servers:
        endurance = Endurance(folder, servers, plan, lines, begin_s, end_s)
        print(f"{len(endurance.lines)} of {len(lines)} lines, of {plan.users} users, in {(end_s - begin_s) / 60:g} minutes", flush=True)
        figures = endurance.run()
        if end_s == plan.length_s:
            endurance.compare(file)
        endurance.check()
    parts.append({**figures, "problems": endurance.problems})
    written = json.dumps(result(**asdict(plan), parts=parts), indent=2) + "\n"
    print(written, end="")
    if end_s < plan.length_s:
        (folder / PAUSED).write_text(json.dumps({"plan": asdict(plan), "after_s": end_s, "parts": parts}) + "\n")
        print(f"Paused. Go on with: scripts/bench.sh endurance --continue {folder}")
    else:
        options.out.write_text(written)
    if problems := [problem for part in parts for problem in part["problems"]]:
        print(f"The tables or the loop are not as they must be; everything is in {folder}:", *problems, sep="\n  ", file=sys.stderr)
        return 1
    return 0


def planned(options: argparse.Namespace) -> Plan:
    length_s = (options.minutes or options.hours * 60) * 60
    hours = max(TRAFFIC_HOURS, -(-int(length_s) // 3600))
    # No event is ahead of the clock when it arrives.
    start_ms = int((time.time() - (hours * 3600 - length_s)) * 1000)
    maintain_every_s = options.maintain_every or min(600, length_s / 4)
    return Plan(start_ms, hours, length_s, options.rate, options.seed, options.trigger, maintain_every_s)


if __name__ == "__main__":
    sys.exit(main())
