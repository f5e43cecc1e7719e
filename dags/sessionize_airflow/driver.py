"""The process of spark-submit, which is the driver in client mode: its end, and what it says."""

from __future__ import annotations

import ctypes
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

# Time between SIGTERM and SIGKILL. Airflow gives the whole task 5 s.
SECONDS_TO_END = 3

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Driver:
    """Starts a command with more variables and a umask. Its output is one stream, stdout and stderr together."""

    def __init__(self, command: list[str], env: dict[str, str], umask: int) -> None:
        self.process = subprocess.Popen(
            command,
            env={**without_airflow(os.environ), **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="backslashreplace",
            umask=umask,
            preexec_fn=end_with_the_task,
        )
        self.said = ""

    def wait(self, log: logging.Logger) -> int:
        """Logs each line, and returns the exit code. The job says in one line why it failed."""
        for line in self.process.stdout:
            log.info("%s", line.rstrip("\n"))
            if found := re.match(r"sessionize: (?!warning)(.*)", line):
                self.said = found[1]
        return self.process.wait()

    def end(self) -> None:
        if self.process.poll() is None:
            # After a SIGTERM, Spark deletes its temporary files.
            self.process.terminate()
            try:
                self.process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                self.process.kill()


def without_airflow(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment without the settings of Airflow: its connections and the password of its database."""
    return {name: value for name, value in environment.items() if not name.lstrip("_").startswith("AIRFLOW_")}


def ending(code: int) -> str:
    """Returns how a driver ended. A shell reports a signal as 128 and its number."""
    number = -code if code < 0 else code - 128
    if number == signal.SIGKILL:
        return f"was killed ({code}), perhaps because the worker ran out of memory (its kernel's log says so)"
    if code < 0:
        return f"was ended by {signal.Signals(number).name} ({code})"
    return f"ended with exit code {code}"


@contextmanager
def while_the_supervisor_lives(end: Callable[[], None]) -> Iterator[None]:
    """Calls a function if the parent of this process ends meanwhile. The task is then an orphan: Airflow cannot stop
    it, waits for its heartbeat's timeout, and tries it again."""
    supervisor, done = os.getppid(), threading.Event()

    def watch() -> None:
        while not done.wait(1):
            if os.getppid() != supervisor:
                return end()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()


def end_with_the_task() -> None:
    """Runs in the driver's process before it starts: the driver gets a SIGTERM if the task is killed with SIGKILL."""
    if libc:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
