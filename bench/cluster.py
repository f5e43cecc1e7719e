"""A standalone Spark cluster on this machine: a master, and workers of one core each."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_S = 60
END_S = 60
EXECUTOR_MEMORY = "2g"
WORKER_MEMORY = "3g"


class Cluster:
    def __init__(self, spark_home: Path, folder: Path, port: int) -> None:
        self.url = f"spark://127.0.0.1:{port}"
        self.environment = {
            "SPARK_HOME": str(spark_home),
            "SPARK_MASTER": self.url,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_WORKER_DIR": str(folder / "work"),
        }
        self.folder = folder
        self.workers: list[tuple[subprocess.Popen, int]] = []

    def start(self, role: str, awaited: str, *arguments: str) -> subprocess.Popen:
        command = [f"{self.environment['SPARK_HOME']}/bin/spark-class", f"org.apache.spark.deploy.{role}"]
        log = self.folder / f"{role}-{time.monotonic_ns()}.txt"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--webui-port", "0", *arguments],
                env={**os.environ, **self.environment},
                stdout=out,
                stderr=out,
            )
        deadline = time.monotonic() + START_S
        while awaited not in log.read_text(encoding="utf-8"):
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                sys.exit(f"bench: Spark's {role} did not start: see {log}")
            time.sleep(0.1)
        return process

    def executors_cpu_s(self) -> float:
        """CPU seconds of all executors, one for each worker. A worker has them after its executor has ended."""
        deadline = time.monotonic() + END_S
        while 0 in (ticks := [ended(worker) - before for worker, before in self.workers]):
            if time.monotonic() > deadline:
                sys.exit(f"bench: an executor has not ended after {END_S} s: see {self.folder / 'work'}")
            time.sleep(0.1)
        return sum(ticks) / os.sysconf("SC_CLK_TCK")


def ended(worker: subprocess.Popen) -> int:
    """CPU ticks of the ended child processes of the worker."""
    # The fields from the third on follow the name, which may contain blanks; cutime and cstime are fields 16 and 17.
    fields = Path(f"/proc/{worker.pid}/stat").read_text(encoding="utf-8").rsplit(") ", 1)[1].split()
    return int(fields[13]) + int(fields[14])


@contextmanager
def cluster(spark_home: Path, folder: Path, executors: int) -> Iterator[Cluster]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    one = Cluster(spark_home, folder, port)
    master = one.start("master.Master", "New state: ALIVE", "--port", str(port))
    try:
        for _ in range(executors):
            worker = one.start(
                "worker.Worker", "Successfully registered with master", "--cores", "1", "--memory", WORKER_MEMORY, one.url
            )
            # The script that starts the worker has had child processes too.
            one.workers.append((worker, ended(worker)))
        yield one
    finally:
        for process in [*(worker for worker, _ in one.workers), master]:
            process.terminate()
            process.wait()
