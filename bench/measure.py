"""Shared by the benchmarks: times a whole process, starts a broker, computes medians."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SESSIONIZE = str(ROOT / "scripts/sessionize")
KAFKA = str(ROOT / "scripts/kafka")

# The options that scripts/sessionize gives its own JVM.
JVM = (
    *("-XX:+UseParallelGC", "-Xmx3g", "-XX:ActiveProcessorCount=2", "-Duser.timezone=UTC"),
    *(f"@{ROOT / 'scripts/jvm' / name}.options" for name in ("compiler", "spark")),
)


def timed(command: Sequence[str], log: Path, environment: dict[str, str] | None = None) -> dict[str, float]:
    """Runs the command, with its output in the log. Returns wall and CPU seconds and the peak resident memory."""
    with log.open("ab") as out:
        started = time.monotonic()
        process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
    if status != 0:
        sys.exit(f"bench: {Path(command[0]).name} {command[1]} ended with {os.waitstatus_to_exitcode(status)}: see {log}")
    peak = usage.ru_maxrss * (1 if platform.system() == "Darwin" else 1024)
    return {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_gb": peak / 1e9}


@contextmanager
def broker(data: Path) -> Iterator[str]:
    """Starts a Kafka broker, yields its HOST:PORT, and stops it."""
    started = subprocess.run([KAFKA, "start", "--data", data, "--port", "0"], check=True, capture_output=True, text=True)
    try:
        yield started.stdout.split("running at ")[1].split(" ")[0]
    finally:
        subprocess.run([KAFKA, "stop", "--data", data], check=False, capture_output=True)


def median(runs: list[dict[str, float]]) -> dict[str, float]:
    names = list(dict.fromkeys(name for run in runs for name in run))
    return {name: round(statistics.median(run.get(name, 0) for run in runs), 2) for name in names}
