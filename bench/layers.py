#!/usr/bin/env python3
"""What each layer of a run costs, in one warm process, and where its CPU goes.

    scripts/bench.sh layers [--rounds 4] [--scale 1] [--profile] [--out FILE]

The program bench/layers/Layers.java processes workload A's topic once for each layer and round: reading; and decoding; and
the shuffle by user; and sorting and sessionizing (nothing is written); and the whole run with its commit to new tables. The
first round warms the JVM up and does not count. With --profile, async-profiler samples the CPU of the last layer, and
docs/benchmarks/flame-graph.html is written. The output is JSON, by default docs/benchmarks/layers.json.
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
PROGRAM = ROOT / "bench/layers/Layers.java"
MAIN = "io.sessionize.bench.Layers"
LAST = "commit"


def maven(*arguments: str) -> None:
    subprocess.run([str(ROOT / "mvnw"), "-q", "-B", "--no-transfer-progress", *arguments], check=True, cwd=ROOT)


def profiler(folder: Path) -> Path:
    """The profiler's agent for Linux on x86-64, from Maven Central."""
    # Maven remembers that it has unpacked the file, but not into which folder.
    again = "-Dmdep.overWriteReleases=true"
    maven("dependency:unpack", f"-Dartifact={PROFILER}", f"-DoutputDirectory={folder}", again)
    return folder / "linux-x64/libasyncProfiler.so"


def tool(name: str) -> str:
    return f"{os.environ['JAVA_HOME']}/bin/{name}" if "JAVA_HOME" in os.environ else name


def compiled(folder: Path) -> str:
    """The class path of the program, which is compiled into the folder."""
    target = ROOT / "target"
    jars = (target / "spark.classpath").read_text().split(":")
    product = ":".join(str(target / jar) for jar in ("sessionize.jar", *jars))
    subprocess.run([tool("javac"), "-proc:none", "-cp", product, "-d", str(folder), str(PROGRAM)], check=True)
    return f"{folder}:{product}"


def layers(
    classes: str, servers: str, topic: str, rounds: int, folder: Path, *agent: str, only: tuple[str, ...] = ()
) -> list[dict]:
    folder.mkdir(exist_ok=True)
    out = folder / "layers.json"
    log = ("-Dlog4j2.configurationFile=sessionize-log4j2.xml", f"-Dsessionize.logs={folder / 'logs'}")
    program = [tool("java"), *JVM, *log, *agent, "-cp", classes, MAIN]
    arguments = [servers, topic, str(rounds), str(folder / "layers"), str(out), *only]
    subprocess.run([*program, *arguments], check=True, env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"})
    return json.loads(out.read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4, help="the first of them does not count (default: %(default)s)")
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks/layers.json")
    options = parser.parse_args()

    maven("package", "-Dmaven.test.skip=true")
    folder = scratch("layers")
    classes = compiled(folder / "classes")
    spec = workloads(options.scale)["A"]
    with broker(folder / "kafka") as servers:
        workload = Workload("A", spec, folder, servers)
        workload.produce(spec.timed())
        runs = layers(classes, servers, workload.topic, options.rounds, folder)
        if options.profile:
            graph = f"file={ROOT / 'docs/benchmarks/flame-graph.html'},title=Sessionize: CPU of one run,minwidth=0.3"
            agent = f"-agentpath:{profiler(folder)}=start,event=ctimer,interval=5ms,{graph}"
            # Into new tables, because the tables of the runs above have all events already.
            layers(classes, servers, workload.topic, options.rounds, folder / "profiled", agent, only=(LAST,))
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
