"""Starts and stops programs, a broker and the traffic, for soak.py and the tests of the DAGs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SESSIONIZE = str(ROOT / "scripts/sessionize")
KAFKA = str(ROOT / "scripts/kafka")

UNREACHABLE = 5

LINES_PER_SECOND = 30


class Broken(Exception):
    """The tables differ, or a program failed; the message says how."""


def start(command: Sequence[str], log: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Starts the command in a new process group, so that Ctrl-C does not reach it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def kill(process: subprocess.Popen[bytes] | None) -> None:
    if process and process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def finish(*command: str, stdout: int | None = None) -> tuple[int, str]:
    """Runs the command. Returns the exit code and, with PIPE, its output."""
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=stdout, start_new_session=True)
    try:
        printed, _ = process.communicate()
        return process.returncode, (printed or b"").decode()
    finally:
        kill(process)


def output(*command: str) -> str:
    """Runs the command, which must end with 0. Returns its output."""
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
        """Starts the broker. Returns its address, which stays the same after the first start."""
        port = [] if self.data.exists() else ["--port", "0"]
        printed = output(KAFKA, "start", "--data", str(self.data), *port)
        address = re.search(r"127\.0\.0\.1:\d+", printed)
        assert address, printed
        return address[0]

    def kill(self) -> None:
        os.kill(int((self.data / "kafka.pid").read_text()), signal.SIGKILL)

    def stop(self) -> None:
        finish(KAFKA, "stop", "--data", str(self.data), stdout=subprocess.DEVNULL)


class Traffic(threading.Thread):
    """Sends the slices one after another, and then again from the first: copies count once. A slice that failed is sent
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
