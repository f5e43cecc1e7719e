"""What Spark's event log tells of the tasks of an application."""

from __future__ import annotations

import json
from pathlib import Path


def totals(folder: Path) -> dict[str, float]:
    """Over all tasks of all applications logged there: bytes written to shuffles, CPU seconds."""
    shuffled = nanos = 0
    for file in folder.iterdir():
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                # Most lines are others, and long.
                if line.startswith('{"Event":"SparkListenerTaskEnd"'):
                    metrics = json.loads(line)["Task Metrics"]
                    shuffled += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
                    nanos += metrics["Executor CPU Time"]
    return {"shuffled_mb": shuffled / 1e6, "tasks_cpu_s": nanos / 1e9}
