"""Starts the programs of continuous mode: a producer that is fed line by line, and the loop of runs."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from measure import ROOT, SESSIONIZE, timed
from tables import is_locked
from watch import Collection, Watch, collections

STOP_S = 300
LOCK_S = 0.02


def leave_no_process() -> None:
    """Lets SIGTERM end this process like an error, so that what it has started ends too."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


class Job:
    """The tables, the topic and the logs of one job, all in its folder."""

    def __init__(self, folder: Path, servers: str, topic: str, options: Iterable[str] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.topic = topic
        self.options = tuple(options)
        self.warehouse = folder / "warehouse"
        self.log = folder / "out.txt"
        self.environment = {
            "ICEBERG_WAREHOUSE": str(self.warehouse),
            "SESSIONIZE_LOGS": str(folder / "logs"),
            "KAFKA_BOOTSTRAP_SERVERS": servers,
        }

    def sessionize(self, *command: str) -> dict[str, float]:
        return timed([SESSIONIZE, *command], self.log, self.environment)

    def run(self, *options: str) -> dict[str, float]:
        return self.sessionize("run", "--kafka-topic", self.topic, *self.options, *options)

    def start(self, *command: str, stdin: int | None = None, **environment: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as out:
            process = subprocess.Popen(
                [SESSIONIZE, *command],
                cwd=ROOT,
                env={**os.environ, **self.environment, **environment},
                stdin=stdin,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        # Does nothing to a process that has ended.
        atexit.register(process.kill)
        return process


class Feed:
    """A producer that sends each line as soon as it gets it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.events = 0
        self.bytes = 0
        command = ("produce", "--topic", job.topic, "--from-file", "/dev/stdin")
        self.process = job.start(*command, stdin=subprocess.PIPE, SESSIONIZE_HEAP="512m")

    def send(self, lines: Iterable[bytes]) -> None:
        values = list(lines)
        self.events += len(values)
        self.bytes += sum(map(len, values))
        try:
            self.process.stdin.write(b"".join(value + b"\n" for value in values))
            self.process.stdin.flush()
        except BrokenPipeError:
            sys.exit(f"bench: the producer has ended: see {self.job.log}")

    def end(self) -> None:
        """Waits until Kafka has all lines."""
        self.process.stdin.close()
        if code := self.process.wait():
            sys.exit(f"bench: the producer ended with {code}: see {self.job.log}")


class Loop:
    """run --trigger. It may be killed and started again."""

    def __init__(self, job: Job, watch: Watch, trigger: str, *options: str) -> None:
        self.job = job
        self.watch = watch
        self.command = ("run", "--kafka-topic", job.topic, *job.options, "--trigger", trigger, *options)
        self.starts = 0
        self.cpu_s = 0.0
        self.peak_gb = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.starts += 1
        # Relative, because the launcher splits the options at blanks.
        log = self._gc_log(self.starts).relative_to(ROOT)
        options = f"-Xlog:gc:file={log}:tm:filecount=0 {os.environ.get('SESSIONIZE_JAVA_OPTIONS', '')}"
        self.process = self.job.start(*self.command, SESSIONIZE_JAVA_OPTIONS=options)
        self.watch.pid = self.process.pid

    def pauses(self) -> list[Collection]:
        return [pause for start in range(self.starts) for pause in collections(self._gc_log(start + 1))]

    def _gc_log(self, start: int) -> Path:
        return self.job.folder / f"gc-{start}.log"

    def ended(self) -> int | None:
        """The exit code, if the loop has ended by itself."""
        return self.process.poll() if self.process else None

    def require_running(self) -> None:
        if (code := self.ended()) is not None:
            sys.exit(f"bench: the loop ended with {code}: see {self.job.log}")

    def await_records(self, count: int, patience_s: float) -> None:
        """Waits until the loop has read so many records in all. Exits if it makes no progress for so long."""
        seen, since = -1, time.monotonic()
        while (records := self.watch.records) < count:
            self.require_running()
            self.watch.look()
            if records > seen:
                seen, since = records, time.monotonic()
            if time.monotonic() > since + patience_s:
                sys.exit(f"bench: the loop has read {records} of {count} records, and none for {patience_s:g} s: see {self.job.log}")
            time.sleep(0.5)

    def pause(self) -> None:
        """Stops the process until go_on, while it has no lock on the catalog. It uses nothing but memory meanwhile."""
        self._stop_it()
        while is_locked(self.job.warehouse):
            self.go_on()
            time.sleep(LOCK_S)
            self._stop_it()

    def _stop_it(self) -> None:
        self.process.send_signal(signal.SIGSTOP)
        # The signal takes effect later.
        _, status = os.waitpid(self.process.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            sys.exit(f"bench: the loop ended with {os.waitstatus_to_exitcode(status)}: see {self.job.log}")

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self, number: int = signal.SIGTERM) -> dict[str, float]:
        """Ends the loop by the signal. Returns the seconds until it has ended, and its exit code."""
        began = time.monotonic()
        self.process.send_signal(number)
        killer = None
        while True:
            pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                break
            if not killer and time.monotonic() > began + STOP_S:
                killer = self.process.kill() or True
            time.sleep(0.05)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.watch.pid = 0
        self.cpu_s += usage.ru_utime + usage.ru_stime
        # Not ru_maxrss: it has the memory of this process too, from which the loop was forked.
        self.peak_gb = max((sample.rss for sample in self.watch.samples), default=0) / 1e9
        return {"stop_s": round(time.monotonic() - began, 2), "exit_code": self.process.returncode}
