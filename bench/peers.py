#!/usr/bin/env python3
"""Times the hourly run and other engines on the same events, and checks the sessions of each.

    scripts/bench-peers.sh [--engines sessionize,original,...] [--events N] [--users N] [--runs 3] [--out FILE]

    sessionize            the product's run
    original              the original's window functions in Spark SQL, appended to an Iceberg table
    session-window        Spark's session_window with a watermark, appended to an Iceberg table
    flink                 Flink's session windows, appended to an Iceberg table
    ...-without-events    the same three, but a session does not keep its events

The topic has workload A of bench.py and, three hours later, one event each of some other users. With these events the
watermark of every partition passes the hour, so every engine must write all sessions of the hour. Each run is a new
process and writes to a new folder, with the same heap, collector and two cores. The engines take turns. After each run,
outside the measured time, the hour's sessions are compared with those of a few lines of Python: user, start, end, count,
and the ids of the events if the engine keeps them. Any difference ends the benchmark. The programs are in bench/peers;
docs/benchmarks.md says what each of them leaves out.

Leaves its folder demo-output/peers-TIME behind, and no process. Needs what scripts/demo.sh needs, and 10 GB of disk.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from generated_events import HOUR_MS, START_MS, event, hour, write
from measure import JVM, ROOT, SESSIONIZE, broker, median, timed

PROGRAMS = ROOT / "bench/peers"
TOPIC = "bench-peers"
GAP_MS = 30 * 60_000
HOUR_END_MS = START_MS + HOUR_MS
LATER_MS = HOUR_END_MS + 3 * HOUR_MS
# So many that each partition has one.
LATER_USERS = 64

class Program(NamedTuple):
    module: str
    main: str
    with_events: bool


PEERS = {
    "original": Program("spark", "OriginalSql", True),
    "session-window": Program("spark", "SessionWindow", True),
    "flink": Program("flink", "FlinkSessions", True),
    "original-without-events": Program("spark", "OriginalSql", False),
    "session-window-without-events": Program("spark", "SessionWindow", False),
    "flink-without-events": Program("flink", "FlinkSessions", False),
}
ENGINES = ("sessionize", *PEERS)


class Session(NamedTuple):
    uuid: str
    start_ms: int
    end_ms: int
    count: int
    event_ids: str
    """A digest of the ids in the order of the events; empty if the engine does not keep them."""


class Engine:
    def __init__(self, name: str, folder: Path, servers: str) -> None:
        self.name = name
        self.peer = PEERS.get(name)
        self.folder = folder / name
        self.out = self.folder / "out"
        self.log = self.folder / "out.txt"
        self.servers = servers
        self.environment = {
            **{"ICEBERG_WAREHOUSE": str(self.out), "SESSIONIZE_LOGS": str(self.folder / "logs")},
            **{"SESSIONIZE_HEAP": "3g", "SESSIONIZE_JAVA_OPTIONS": "-XX:ActiveProcessorCount=2"},
            **{"SPARK_MASTER": "local[2]", "SPARK_LOCAL_IP": "127.0.0.1"},
        }
        self.folder.mkdir(parents=True)

    def timed(self) -> dict[str, float]:
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()
        return timed(self.command(), self.log, self.environment)

    def command(self) -> list[str]:
        if not self.peer:
            clock = datetime.fromtimestamp((LATER_MS + HOUR_MS) / 1000, timezone.utc)
            at = clock.strftime("%Y-%m-%dT%H:%M:%SZ")
            return [SESSIONIZE, "run", "--kafka-servers", self.servers, "--kafka-topic", TOPIC, "--run-time", at]
        java = f"{os.environ['JAVA_HOME']}/bin/java" if "JAVA_HOME" in os.environ else "java"
        target = PROGRAMS / self.peer.module / "target"
        classes = f"{target / 'classes'}:{(target / 'classpath').read_text()}"
        main = f"io.sessionize.peers.{self.peer.main}"
        return [java, *JVM, "-cp", classes, main, self.servers, TOPIC, str(self.out), str(self.peer.with_events).lower()]

    def sessions(self) -> set[Session]:
        """The sessions of the hour. Those of the later users are still open in some engines."""
        database, table = ("peers", "sessions") if self.peer else ("sessions", "user_sessions")
        with_events = not self.peer or self.peer.with_events
        ids = "md5(array_join(transform(events, e -> e.event_id), ','))" if with_events else "''"
        query = f"SELECT uuid, session_start_time_ms, session_end_time_ms, event_count, {ids} AS ids FROM {table}"
        command = [SESSIONIZE, "sql", "--format", "jsonl", "--iceberg-database", database, query]
        printed = subprocess.run(command, env={**os.environ, **self.environment}, check=True, capture_output=True, text=True)
        read = (Session(*json.loads(line).values()) for line in printed.stdout.splitlines())
        return {session for session in read if session.end_ms < HOUR_END_MS}


def digest(event_ids: Iterable[str]) -> str:
    return hashlib.md5(",".join(event_ids).encode(), usedforsecurity=False).hexdigest()


def expected(lines: Iterable[str]) -> set[Session]:
    clicks: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for click in map(json.loads, lines):
        clicks[click["uuid"]].append((int(click["event_timestamp"]), click["event_id"]))
    sessions = set()
    for uuid, of_user in clicks.items():
        of_user.sort()
        begin = 0
        for i in range(1, len(of_user) + 1):
            if i == len(of_user) or of_user[i][0] - of_user[i - 1][0] > GAP_MS:
                some = of_user[begin:i]
                sessions.add(Session(uuid, some[0][0], some[-1][0], len(some), digest(id for _, id in some)))
                begin = i
    return sessions


def check(engine: Engine, right: set[Session]) -> None:
    if engine.peer and not engine.peer.with_events:
        right = {session._replace(event_ids="") for session in right}
    found = engine.sessions()
    if found != right:
        sys.exit(
            f"bench: {engine.name} has {len(found - right)} sessions of {len(found)} that are wrong, and lacks {len(right - found)},"
            f" such as {min(found ^ right)}: see {engine.folder}"
        )


def later(users: int) -> Iterator[str]:
    for i in range(LATER_USERS):
        yield event(users + i, LATER_MS, 999_000_000_000 + i, "home")


def build() -> None:
    if code := subprocess.run([ROOT / "mvnw", "-q", "-B", "-f", PROGRAMS / "pom.xml", "compile"], check=False).returncode:
        sys.exit(f"bench: the programs of bench/peers cannot be built (mvnw ended with {code})")


def table(medians: dict[str, dict[str, float]], events: int) -> str:
    rows = ["| engine | wall s | CPU s | peak GB | events/s |", "|---|---:|---:|---:|---:|"]
    for name, of in medians.items():
        rows.append(f"| {name} | {of['wall_s']} | {of['cpu_s']} | {of['peak_gb']} | {events / of['wall_s']:,.0f} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default=",".join(ENGINES), help="default: all of them")
    parser.add_argument("--events", type=int, default=2_000_000, help="default: %(default)s")
    parser.add_argument("--users", type=int, default=50_000, help="default: %(default)s")
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks/peers.json")
    options = parser.parse_args()
    names = options.engines.split(",")
    if unknown := set(names) - set(ENGINES):
        parser.error(f"--engines are of {','.join(ENGINES)}, not {','.join(sorted(unknown))}")

    build()
    folder = ROOT / "demo-output" / f"peers-{datetime.now():%Y-%m-%dT%H-%M-%S}"
    folder.mkdir(parents=True)
    with broker(folder / "kafka") as servers:
        file = folder / "events.jsonl"
        write(hour(0, options.events, options.users), file)
        with file.open(encoding="utf-8") as lines:
            right = expected(lines)
        with file.open("a", encoding="utf-8") as out:
            out.writelines(line + "\n" for line in later(options.users))
        produce = [SESSIONIZE, "produce", "--kafka-servers", servers, "--topic", TOPIC, "--from-file", str(file)]
        timed(produce, folder / "out.txt", {"SESSIONIZE_LOGS": str(folder / "logs")})
        file.unlink()

        engines = [Engine(name, folder, servers) for name in names]
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for turn in range(options.runs):
            for engine in engines:
                runs[engine.name].append(engine.timed())
                print(engine.name, turn + 1, json.dumps(median(runs[engine.name][-1:])), flush=True)
                check(engine, right)
    medians = {name: median(some) for name, some in runs.items()}
    result = {
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "events": options.events,
        "users": options.users,
        "sessions": len(right),
        "medians": medians,
        "runs": runs,
    }
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(table(medians, options.events))


if __name__ == "__main__":
    main()
