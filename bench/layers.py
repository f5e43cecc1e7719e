#!/usr/bin/env python3
"""What each layer of a run costs, in one warm process, and where its CPU goes.

    scripts/bench.sh layers [--rounds 4] [--scale 1] [--profile] [--out FILE]

Reads workload A's topic once for each layer and round: read alone; and decode; and shuffle and sort; and sessionize (the
engine, nothing written); and all of it with its commit to new Iceberg tables. The first round warms the process up and
does not count. With --profile async-profiler samples the last layer's CPU meanwhile, and a flame graph is written too:
docs/flame-graph.html. Written as JSON, docs/benchmarks-layers.json by default.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
from pathlib import Path

from bench import workloads
from measure import JVM, ROOT, broker
from workload import Workload, result, scratch

PROFILER = "tools.profiler:async-profiler:4.6"
MAIN = "io.sessionize.spark.LayersBenchmark"
LAST = "commit"


def maven(*arguments: str) -> None:
    subprocess.run([str(ROOT / "mvnw"), "-q", "-B", "--no-transfer-progress", *arguments], check=True, cwd=ROOT)


def profiler(folder: Path) -> Path:
    """The profiler's agent for Linux on x86-64, from Maven Central."""
    # Maven remembers that it has unpacked it, not where.
    again = "-Dmdep.overWriteReleases=true"
    maven("dependency:unpack", f"-Dartifact={PROFILER}", f"-DoutputDirectory={folder}", again)
    return folder / "linux-x64/libasyncProfiler.so"


def java() -> str:
    return f"{os.environ['JAVA_HOME']}/bin/java" if "JAVA_HOME" in os.environ else "java"


def layers(servers: str, topic: str, rounds: int, folder: Path, *agent: str, only: tuple[str, ...] = ()) -> list[dict]:
    target = ROOT / "target"
    classes = f"{target / 'test-classes'}:{target / 'sessionize.jar'}:{(target / 'spark.classpath').read_text()}"
    folder.mkdir(exist_ok=True)
    out = folder / "layers.json"
    log = ("-Dlog4j2.configurationFile=sessionize-log4j2.xml", f"-Dsessionize.logs={folder / 'logs'}")
    command = [java(), *JVM, *log, *agent, "-cp", classes, MAIN, servers, topic, str(rounds), str(folder / "layers"), str(out)]
    subprocess.run([*command, *only], check=True, env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"})
    return json.loads(out.read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4, help="the first of them does not count (default: %(default)s)")
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks-layers.json")
    options = parser.parse_args()

    maven("package", "-DskipTests")
    folder = scratch("layers")
    spec = workloads(options.scale)["A"]
    with broker(folder / "kafka") as servers:
        workload = Workload("A", spec, folder, servers)
        workload.produce(spec.timed())
        runs = layers(servers, workload.topic, options.rounds, folder)
        if options.profile:
            graph = f"file={ROOT / 'docs/flame-graph.html'},title=Sessionize: CPU of one run,minwidth=0.3"
            agent = f"-agentpath:{profiler(folder)}=start,event=ctimer,interval=5ms,{graph}"
            # In tables of its own: in those of the runs above it would find nothing new.
            layers(servers, workload.topic, options.rounds, folder / "profiled", agent, only=(LAST,))
    medians = {
        name: {
            figure: round(statistics.median(run[figure] for run in runs if run["layer"] == name and run["round"] > 0), 2)
            for figure in ("wall_s", "cpu_s")
        }
        for name in dict.fromkeys(run["layer"] for run in runs)
    }
    options.out.write_text(json.dumps(result(scale=options.scale, medians=medians, runs=runs), indent=2) + "\n")
    for name, figures in medians.items():
        print(name, json.dumps(figures))


if __name__ == "__main__":
    main()
