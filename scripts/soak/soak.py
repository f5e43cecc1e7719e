#!/usr/bin/env python3
"""Kills runs and the broker with SIGKILL at random moments. At the end no session may be missing, doubled or changed.

    scripts/soak.sh [--kills 100] [--seed N] [--broker-kills 0.1]

The soak uses a real broker and continuous traffic with late, duplicate and broken events (see scripts/demo/traffic.py).
It starts one run after another and kills each run at a random moment. Of five runs, one is killed between its start and
a little after its usual end, one after Spark is up, two after they begin to write, and one after user_sessions is
published. So some runs end normally. Each line names the phase of the run that was killed, as its files show it:
  starting     before Spark is up
  reading      before the first write
  writing      on branches that no reader sees
  publishing   between the commits of the two tables
  committed    after the commit of staging: the run ends, or begins its next batch
The size of the batches varies. From time to time the soak deletes Spark's checkpoint. Sometimes the soak kills the broker
instead of the run. It starts the broker again on the same data some seconds later, and waits for the run.

After the last kill, the soak sends the remaining traffic and completes two runs. Then user_sessions_live must equal what
scripts/demo/oracle.py computes from the files, and `sessionize check` must find nothing.

The same seed gives the same traffic and the same choices. The machine's timing differs: a kill may hit another phase.

A run that was not killed may end with 0, 4 (conflict) or 5 (unreachable). Any other code ends the soak at once; the
tables stay as they are. The folder demo-output/soak-TIME stays; no process does. Needs JDK 17 and Python 3.10 or later.

Exit codes: 0 no difference; 2 wrong usage; 3 a difference, or a run that failed or hung; 1 anything else.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from random import Random

from programs import ROOT, SESSIONIZE, UNREACHABLE, Broken, Broker, Traffic, ended, finish, kill, output, start
from progress import PHASES, Progress

DEMO = ROOT / "scripts/demo"

CONFLICT = 4

HOURS = 6  # of event time
USERS_PER_KILL = 30
LINES_PER_SLICE = 1800

AIMS = ("start", "up", "write", "write", "publish")  # a kill waits for this, and then for a random time
GUESSED_S = {"start": 20.0, "up": 12.0, "write": 5.0, "publish": 0.4}  # from there to the end of the run
MORE_THAN_A_RUN = 1.2
LONGER_AFTER_A_KILL = 1.05
HANGING_S = 300.0
LOOKING_S = 0.02
MOST_IN_A_ROW_UNHARMED = 30
BROKER_AWAY_S = 5.0  # at most
CHECKPOINT_DELETED = 0.1  # of the attempts
# All temporary files are in the folder of the soak. A JVM that lives for seconds is faster without the second compiler.
JAVA_OPTIONS = "-Djava.io.tmpdir={} -XX:-UsePerfData -XX:TieredStopAtLevel=1"
BROKER_OPTIONS = "-Xmx512m -Djava.io.tmpdir=. -XX:-UsePerfData"
RUN_TMP = "tmp-run"
BATCHES = (None, None, 5000, 1000, 200)  # --max-offsets-per-trigger

LIVE = """
    SELECT uuid, session_id, session_start_time_ms, session_end_time_ms, session_duration_seconds, event_count,
           pages_visited, close_reason, is_open
    FROM user_sessions_live"""


class Soak:
    def __init__(self, folder: Path, seed: int, broker_kills: float) -> None:
        self.folder = folder
        self.seed = seed
        self.random = Random(seed)
        self.broker_kills = broker_kills
        self.broker = Broker(folder / "kafka")
        self.traffic: Traffic | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.attempts = 0
        self.killed_runs = 0
        self.killed_brokers = 0
        self.aims: list[str] = []
        self.hit = Counter[str]()
        self.left_s = dict(GUESSED_S)

    def survive(self, kills: int) -> None:
        output(SESSIONIZE, "--help")  # builds the jar if necessary
        os.environ["KAFKA_HEAP_OPTS"] = BROKER_OPTIONS
        os.environ["KAFKA_BOOTSTRAP_SERVERS"] = self.broker.start()
        os.environ["ICEBERG_WAREHOUSE"] = str(self.folder / "warehouse")
        os.environ["SESSIONIZE_LOGS"] = str(self.folder / "logs")
        os.environ["SESSIONIZE_JAVA_OPTIONS"] = self.java_options("tmp")
        self.traffic = Traffic(self.make_slices(kills), self.folder / "produce.log")
        # Before the first run, because it creates the topic.
        if self.traffic.send(self.traffic.slices[0]) != 0:
            raise Broken(f"The first produce failed, see {self.traffic.log}")
        self.traffic.sent = 1
        self.traffic.start()
        unharmed = 0
        while self.killed_runs + self.killed_brokers < kills:
            unharmed = 0 if self.attempt() else unharmed + 1
            if unharmed > MOST_IN_A_ROW_UNHARMED:
                raise Broken(f"The last {unharmed} runs ended before they could be killed")
            if self.traffic.problem:
                raise Broken(self.traffic.problem)
        self.traffic.end()
        print(f"{self.traffic.sent} slices sent, {self.traffic.resumed} tries failed; now the rest", flush=True)
        self.traffic.send_the_rest(self.folder / "rest.jsonl")
        for _ in range(2):
            self.run_to_the_end()

    def make_slices(self, kills: int) -> list[Path]:
        out = self.folder / "traffic"
        users = str(USERS_PER_KILL * kills)
        traffic = str(DEMO / "traffic.py")
        output(sys.executable, traffic, f"--hours={HOURS}", f"--seed={self.seed}", "--users", users, "--out", str(out))
        lines = [line for file in self.files() for line in file.read_bytes().splitlines(keepends=True)]
        slices = []
        for begin in range(0, len(lines), LINES_PER_SLICE):
            slices.append(self.folder / f"slices/{len(slices) + 1:04}.jsonl")
            slices[-1].parent.mkdir(exist_ok=True)
            slices[-1].write_bytes(b"".join(lines[begin : begin + LINES_PER_SLICE]))
        return slices

    def files(self) -> list[Path]:
        return [self.folder / f"traffic/hour-{hour}.jsonl" for hour in range(1, HOURS + 1)]

    def java_options(self, temporary: str) -> str:
        """JVM options with this folder for temporary files, which a killed JVM leaves behind."""
        (self.folder / temporary).mkdir(exist_ok=True)
        # Relative, because the launcher splits the options at blanks.
        return JAVA_OPTIONS.format((self.folder / temporary).relative_to(ROOT))

    def attempt(self) -> bool:
        """One run. Returns whether something was killed."""
        # All choices first, so that their number does not depend on what happens.
        batch = self.random.choice(BATCHES)
        delete_checkpoint = self.random.random() < CHECKPOINT_DELETED
        kill_broker = self.random.random() < self.broker_kills
        away_s = self.random.uniform(0, BROKER_AWAY_S)
        self.aims = self.aims or self.random.sample(AIMS, len(AIMS))
        aim = self.aims.pop()
        moment_s = self.random.random() * self.left_s[aim] * MORE_THAN_A_RUN

        notes = [f"batches of {batch}"] if batch else []
        checkpoints = self.folder / "warehouse/_checkpoints"
        if delete_checkpoint and checkpoints.exists():
            shutil.rmtree(checkpoints)
            notes.append("without checkpoint")
        progress = Progress(self.folder / "warehouse", self.folder / RUN_TMP)
        log = self.start_run(batch)
        code = self.wait_for(progress, aim, moment_s)
        if code is None and not kill_broker:
            kill(self.process)
            self.killed_runs += 1
            # If runs take longer and longer, some must still reach their end.
            self.left_s[aim] *= LONGER_AFTER_A_KILL
            self.report(f"run killed while {self.count_hit(progress)}", notes)
            return True
        harmed = code is None
        what = ""
        if harmed:
            self.broker.kill()
            self.killed_brokers += 1
            what = f"broker killed while {self.count_hit(progress)} and away for {away_s:.1f} s, "
            time.sleep(away_s)
            self.broker.start()
            code = self.wait(HANGING_S)
        self.report(f"{what}run {ended(code)}", notes)
        if code not in (0, CONFLICT, UNREACHABLE):
            raise Broken(self.failed(code, log))
        return harmed

    def count_hit(self, progress: Progress) -> str:
        phase = progress.phase()
        self.hit[phase] += 1
        return phase

    def wait_for(self, progress: Progress, aim: str, moment_s: float) -> int | None:
        """Waits until the run reaches its aim, and then for this time. Returns the exit code if the run ends before."""
        assert self.process
        seen = {"start": time.monotonic()}
        code = None
        while code is None and (aim not in seen or time.monotonic() < seen[aim] + moment_s):
            if time.monotonic() > seen["start"] + HANGING_S:
                raise Broken(f"Attempt {self.attempts} hung")
            if "up" not in seen and progress.spark_is_up():
                seen["up"] = time.monotonic()
            if "write" not in seen and progress.has_written():
                seen["write"] = time.monotonic()
            if "write" in seen and "publish" not in seen and progress.has_published():
                seen["publish"] = time.monotonic()
            code = self.wait(LOOKING_S)
        if code == 0:
            # Not for publishing, which ends long before the run.
            for what in seen.keys() - {"publish"}:
                self.left_s[what] = (self.left_s[what] + time.monotonic() - seen[what]) / 2
        return code

    def start_run(self, batch: int | None = None) -> Path:
        self.attempts += 1
        log = self.folder / f"runs/{self.attempts:04}.log"
        shutil.rmtree(self.folder / RUN_TMP, ignore_errors=True)
        command = [SESSIONIZE, "run", *([f"--max-offsets-per-trigger={batch}"] if batch else [])]
        self.process = start(command, log, SESSIONIZE_JAVA_OPTIONS=self.java_options(RUN_TMP))
        return log

    def wait(self, seconds: float) -> int | None:
        """The run's exit code, or None if it still runs."""
        assert self.process
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def failed(self, code: int | None, log: Path) -> str:
        return f"Attempt {self.attempts} {ended(code)}, see {log}:\n{log.read_text()}"

    def report(self, what: str, notes: Sequence[str] = ()) -> None:
        print(f"attempt {self.attempts:3}: {what}" + (f" ({', '.join(notes)})" if notes else ""), flush=True)

    def run_to_the_end(self) -> None:
        for _ in range(3):
            log = self.start_run()
            code = self.wait(HANGING_S)
            self.report(f"run {ended(code)}")
            if code == 0:
                return
            if code not in (CONFLICT, UNREACHABLE):
                break
        raise Broken(self.failed(code, log))

    def compare(self) -> None:
        live = self.folder / "live.jsonl"
        live.write_text(output(SESSIONIZE, "sql", "--format", "jsonl", LIVE), encoding="utf-8")
        now_ms = str(int(time.time() * 1000))
        oracle = [sys.executable, str(DEMO / "oracle.py"), "--compare", str(live), "--record-time-ms", now_ms]
        different, _ = finish(*oracle, *map(str, self.files()))
        unsound, _ = finish(SESSIONIZE, "check")
        if different or unsound:
            raise Broken("The tables differ from what they must be, see above")

    def end(self) -> None:
        kill(self.process)
        if self.traffic:
            self.traffic.end()
        self.broker.stop()


def share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError
    return value


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def main() -> int:
    summary, rest = (__doc__ or "").split("\n", 1)
    parser = argparse.ArgumentParser(
        prog="soak.sh", description=summary, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=positive, default=100, metavar="N", help="default: 100")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), metavar="N", help="default: any")
    parser.add_argument(
        "--broker-kills", type=share, default=0.1, metavar="P", help="share that hits the broker, 0 to 1; default: 0.1"
    )
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    began = time.monotonic()

    folder = ROOT / datetime.now(timezone.utc).strftime("demo-output/soak-%Y-%m-%dT%H-%M-%S")
    folder.mkdir(parents=True)
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in signals:
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    soak = Soak(folder, options.seed, options.broker_kills)
    try:
        soak.survive(options.kills)
        soak.compare()
    except Broken as broken:
        print(f"seed {options.seed}: {broken}\nEverything is in {folder}", file=sys.stderr)
        return 3
    finally:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        soak.end()
    kills = soak.killed_runs + soak.killed_brokers
    print(f"{kills} kills survived ({soak.killed_brokers} of the broker), 0 differences")
    hit = ", ".join(f"{soak.hit[phase]} {phase}" for phase in PHASES)
    print(f"hit: {hit}; {soak.attempts} runs, {time.monotonic() - began:.0f} s")
    print(f"Everything is in {folder.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
