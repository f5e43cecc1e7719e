"""Reads the tasks' metrics from Spark's event log."""

from __future__ import annotations

import json
from pathlib import Path


def totals(folder: Path) -> dict[str, float]:
    """Sums over all tasks of all applications in the folder: megabytes written to shuffles, CPU seconds."""
    shuffled = nanos = 0
    for file in folder.iterdir():
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                # Most lines are of other events, and long.
                if line.startswith('{"Event":"SparkListenerTaskEnd"'):
                    metrics = json.loads(line)["Task Metrics"]
                    shuffled += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
                    nanos += metrics["Executor CPU Time"]
    return {"shuffled_mb": shuffled / 1e6, "tasks_cpu_s": nanos / 1e9}
