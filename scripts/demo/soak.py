#!/usr/bin/env python3
"""The promise under kill -9: runs are killed at any moment, the broker too, and in the end nothing is lost or twice.

    scripts/soak.sh [--kills 100] [--seed N] [--broker-kills 0.1]

A real broker, traffic that keeps coming (with late, duplicate and broken events, see traffic.py), and one run after
another, each killed with SIGKILL at a random moment between one second after its start and a little more than a run
takes; so some come to their end. Batches are cut in different ways, and now and then Spark's checkpoint is deleted.
Where the broker is killed instead, it starts again on the same data a few seconds later, and the run is left to end by
itself. When there were enough kills, what has not been sent yet is sent, and two runs come to their end. Then
user_sessions_live must be what oracle.py computes from the files, and `sessionize check` must find nothing.

The seed repeats the traffic and every choice. It cannot repeat the machine's timing: what exactly a kill hits differs.

A run that was not killed may end with 0, 4 (conflict) or 5 (unreachable); anything else ends the soak at once, with the
tables as they are. Leaves its folder demo-output/soak-TIME behind, and no process. Needs what scripts/demo.sh needs.

Exit codes: 0 everything survived; 2 wrong usage; 3 a difference, or a run that failed or hung; 1 anything else.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SESSIONIZE = str(ROOT / "scripts/sessionize")
KAFKA = str(ROOT / "scripts/kafka")

CONFLICT, UNREACHABLE = 4, 5

HOURS = 6  # of event time, far below the late horizon
USERS_PER_KILL = 30
LINES_PER_SECOND = 30
LINES_PER_SLICE = 600

FIRST_MOMENT_S = 1.0
GUESSED_RUN_S = 25.0  # until a run has ended by itself
MORE_THAN_A_RUN = 1.2
LONGER_AFTER_A_KILL = 1.05
HANGING_S = 300.0
MOST_IN_A_ROW_UNHARMED = 30
BROKER_AWAY_S = 5.0  # at most
CHECKPOINT_DELETED = 0.1  # of the attempts
BATCHES = (None, None, 5000, 1000, 200)  # --max-offsets-per-trigger

LIVE = """
    SELECT uuid, session_id, session_start_time_ms, session_end_time_ms, session_duration_seconds, event_count,
           pages_visited, close_reason
    FROM user_sessions_live"""


class Broken(Exception):
    """The promise, or a run, is broken; the message says how."""


def start(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """In a group of its own, which Ctrl-C does not reach."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )


def kill(process: subprocess.Popen[bytes] | None) -> None:
    if process and process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def finish(*command: str, stdout: int | None = None) -> tuple[int, str]:
    """The exit code and, with PIPE, what was printed."""
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=stdout, start_new_session=True)
    try:
        printed, _ = process.communicate()
        return process.returncode, (printed or b"").decode()
    finally:
        kill(process)


def output(*command: str) -> str:
    """What a command printed that must end with 0."""
    code, printed = finish(*command, stdout=subprocess.PIPE)
    if code != 0:
        raise Broken(f"{' '.join(command[:3])} ended with {code}")
    return printed


def ended(code: int | None) -> str:
    return "hung" if code is None else f"ended with {code}"


class Broker:
    def __init__(self, data: Path) -> None:
        self.data = data

    def start(self) -> str:
        """Returns its address, which stays the same after the first start."""
        port = [] if self.data.exists() else ["--port", "0"]
        told = output(KAFKA, "start", "--data", str(self.data), *port)
        address = re.search(r"127\.0\.0\.1:\d+", told)
        assert address, told
        return address[0]

    def kill(self) -> None:
        os.kill(int((self.data / "kafka.pid").read_text()), signal.SIGKILL)

    def stop(self) -> None:
        finish(KAFKA, "stop", "--data", str(self.data), stdout=subprocess.DEVNULL)


class Traffic(threading.Thread):
    """Sends the slices one after another, and again from the first: copies count once. A slice that failed is sent
    again as a whole."""

    def __init__(self, slices: list[Path], log: Path) -> None:
        super().__init__(daemon=True)
        self.slices = slices
        self.log = log
        self.sent = 0
        self.resumed = 0
        self.problem = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.ending = threading.Event()

    def run(self) -> None:
        while not self.ending.is_set():
            code = self.send(self.slices[self.sent % len(self.slices)], "--rate", str(LINES_PER_SECOND))
            if code == 0:
                self.sent += 1
            elif code == UNREACHABLE:
                self.resumed += 1
                self.ending.wait(1)
            elif not self.ending.is_set():
                self.problem = f"produce ended with {code}, see {self.log}"
                return

    def send(self, file: Path, *options: str) -> int:
        self.process = start([SESSIONIZE, "produce", "--from-file", str(file), *options], self.log)
        return self.process.wait()

    def end(self) -> None:
        self.ending.set()
        while True:
            kill(self.process)
            if not self.is_alive():
                return
            self.join(0.1)

    def send_the_rest(self, file: Path) -> None:
        rest = b"".join(part.read_bytes() for part in self.slices[self.sent :])
        if not rest:
            return
        file.write_bytes(rest)
        code = self.send(file)
        if code != 0:
            raise Broken(f"produce ended with {code}, see {self.log}")


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
        self.run_s = GUESSED_RUN_S

    def survive(self, kills: int) -> None:
        output(SESSIONIZE, "--help")  # builds, where that is needed
        os.environ["KAFKA_BOOTSTRAP_SERVERS"] = self.broker.start()
        os.environ["ICEBERG_WAREHOUSE"] = str(self.folder / "warehouse")
        os.environ["SESSIONIZE_LOGS"] = str(self.folder / "logs")
        self.traffic = Traffic(self.make_slices(kills), self.folder / "produce.log")
        # Before the first run: it makes the topic.
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
        traffic = str(HERE / "traffic.py")
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

    def attempt(self) -> bool:
        """One run; whether something was killed."""
        # All choices first, so that how many there are does not depend on what happens.
        batch = self.random.choice(BATCHES)
        delete_checkpoint = self.random.random() < CHECKPOINT_DELETED
        kill_broker = self.random.random() < self.broker_kills
        away_s = self.random.uniform(0, BROKER_AWAY_S)
        longest_s = max(self.run_s * MORE_THAN_A_RUN, 2 * FIRST_MOMENT_S)
        moment_s = FIRST_MOMENT_S + self.random.random() * (longest_s - FIRST_MOMENT_S)

        notes = [f"batches of {batch}"] if batch else []
        checkpoints = self.folder / "warehouse/_checkpoints"
        if delete_checkpoint and checkpoints.exists():
            shutil.rmtree(checkpoints)
            notes.append("without checkpoint")
        began = time.monotonic()
        log = self.start_run(batch)
        code = self.wait(moment_s)
        harmed = code is None
        what = ""
        if harmed and not kill_broker:
            kill(self.process)
            self.killed_runs += 1
            # Where runs take ever longer, none would come to its end any more.
            self.run_s *= LONGER_AFTER_A_KILL
            self.tell(f"run killed after {moment_s:.1f} s", notes)
            return True
        if harmed:
            self.broker.kill()
            self.killed_brokers += 1
            time.sleep(away_s)
            self.broker.start()
            what = f"broker killed after {moment_s:.1f} s and away for {away_s:.1f} s, "
            code = self.wait(HANGING_S)
        elif code == 0:
            self.run_s = (self.run_s + time.monotonic() - began) / 2
        self.tell(f"{what}run {ended(code)} after {time.monotonic() - began:.1f} s", notes)
        if code not in (0, CONFLICT, UNREACHABLE):
            raise Broken(self.failed(code, log))
        return harmed

    def start_run(self, batch: int | None = None) -> Path:
        self.attempts += 1
        log = self.folder / f"runs/{self.attempts:04}.log"
        self.process = start([SESSIONIZE, "run", *([f"--max-offsets-per-trigger={batch}"] if batch else [])], log)
        return log

    def wait(self, seconds: float) -> int | None:
        """The run's exit code, or None where it still runs."""
        assert self.process
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def failed(self, code: int | None, log: Path) -> str:
        return f"Attempt {self.attempts} {ended(code)}, see {log}:\n{log.read_text()}"

    def tell(self, what: str, notes: Sequence[str] = ()) -> None:
        print(f"attempt {self.attempts:3}: {what}" + (f" ({', '.join(notes)})" if notes else ""), flush=True)

    def run_to_the_end(self) -> None:
        for _ in range(3):
            log = self.start_run()
            code = self.wait(HANGING_S)
            self.tell(f"run {ended(code)}")
            if code == 0:
                return
            if code not in (CONFLICT, UNREACHABLE):
                break
        raise Broken(self.failed(code, log))

    def compare(self) -> None:
        live = self.folder / "live.jsonl"
        live.write_text(output(SESSIONIZE, "sql", "--format", "jsonl", LIVE), encoding="utf-8")
        now_ms = str(int(time.time() * 1000))
        oracle = [sys.executable, str(HERE / "oracle.py"), "--compare", str(live), "--record-time-ms", now_ms]
        different, _ = finish(*oracle, *map(str, self.files()))
        unsound, _ = finish(SESSIONIZE, "check")
        if different or unsound:
            raise Broken("The tables are not what they must be, see above")

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
    print(f"Everything is in {folder.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
