#!/usr/bin/env python3
"""Workload A on one and on two executors of one core each, on a standalone Spark cluster on this machine.

    SPARK_HOME=DIR scripts/bench.sh executors [--runs 3] [--scale 1] [--out FILE]

SPARK_HOME is a Spark 3.5, such as that of PyPI: python -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))'.
The driver, the executors and the broker share the machine, so compare the CPU seconds, not the wall seconds. The output is
JSON, by default docs/benchmarks/executors.json. For each number of executors it has the medians of: wall seconds; CPU
seconds of the driver with spark-submit (cpu_s), of the executors' processes (executors_cpu_s), and of their tasks alone
(tasks_cpu_s: without the JVM's start, compiler and garbage collector); and the microseconds of both per event. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path

from bench import workloads
from cluster import EXECUTOR_MEMORY, cluster
from eventlog import totals
from measure import ROOT, broker, median
from workload import Workload, logged, prepared, result, scratch

EXECUTORS = (1, 2)
# As many as a run on two cores in one process has.
SETTINGS = {"spark.executor.memory": EXECUTOR_MEMORY, "spark.sql.shuffle.partitions": "4"}


def timed(workload: Workload, spark_home: Path, executors: int) -> dict[str, float]:
    events = workload.folder / "eventlog"
    events.mkdir()
    settings = [word for name, value in SETTINGS.items() for word in ("--spark-conf", f"{name}={value}")]
    with cluster(spark_home, workload.folder, executors) as spark:
        used = workload.timed(*settings, *logged(events), environment=spark.environment)
        used["executors_cpu_s"] = spark.executors_cpu_s()
    used["tasks_cpu_s"] = totals(events)["tasks_cpu_s"]
    shutil.rmtree(events)
    for name in ("executors", "tasks"):
        used[f"{name}_us_per_event"] = used[f"{name}_cpu_s"] / used["records"] * 1e6
    return used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each (default: %(default)s)")
    parser.add_argument("--scale", type=float, default=1, help="of events and users (default: 1)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks/executors.json")
    options = parser.parse_args()
    if "SPARK_HOME" not in os.environ:
        parser.error("set SPARK_HOME to an installation of Spark 3.5")
    home = Path(os.environ["SPARK_HOME"])

    folder = scratch("executors")
    runs: dict[str, list[dict[str, float]]] = {str(executors): [] for executors in EXECUTORS}
    with broker(folder / "kafka") as servers:
        (workload,) = prepared({"A": workloads(options.scale)["A"]}, folder, servers)
        for turn in range(options.runs):
            for executors in EXECUTORS:
                runs[str(executors)].append(timed(workload, home, executors))
                print(executors, turn + 1, json.dumps(median(runs[str(executors)][-1:])), flush=True)
    medians = {executors: median(some) for executors, some in runs.items()}
    options.out.write_text(json.dumps(result(scale=options.scale, medians=medians, runs=runs), indent=2) + "\n")


if __name__ == "__main__":
    main()
