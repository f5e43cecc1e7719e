"""The hourly DAG over a real broker, by Spark's own spark-submit, into real tables.

Needs the packaged jar, and SPARK_HOME of a Spark 3.5.7."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import workplace
from programs import SESSIONIZE, Broker, output

JAR = workplace.ROOT / "target/sessionize.jar"
ALL_DONE = {"run": ("success", 1)}
PATIENCE_SECONDS = 240

# A task as its worker runs it, in a process of its own; without a second try.
HOURLY_RUN = """
import workplace
dag = workplace.dag("hourly")
dag.task_dict["run"].retries = 0
dag.test()
"""


class HourlyRuns(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory(prefix="sessionize-dags-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.broker = Broker(cls.folder / "kafka")
        cls.addClassCleanup(cls.broker.stop)
        cls.servers = cls.broker.start()
        traffic = workplace.ROOT / "scripts/demo/traffic.py"
        output(sys.executable, str(traffic), "--users", "50", "--out", str(cls.folder))
        # A broker that is gone is waited for a minute by default.
        cls.properties = cls.folder / "kafka.properties"
        cls.properties.write_text("default.api.timeout.ms=5000\nrequest.timeout.ms=5000\n")

    def job(self, name: str) -> None:
        """Of a topic and a table of its own."""
        self.name = name
        options = {
            "kafka-servers": self.servers,
            "kafka-topic": name,
            "kafka-properties": str(self.properties),
            "warehouse": str(self.folder / "warehouse"),
            "iceberg-table": name,
        }
        # A driver lives for seconds here: the better compiler and Spark's generated code would cost more than they save.
        java_options = (
            "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
            " -Dspark.sql.codegen.factoryMode=NO_CODEGEN -Dspark.sql.codegen.wholeStage=false"
        )
        os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_SUBMIT_OPTS": java_options}
        conf = {"spark.driver.memory": "1g"}
        workplace.settings(JAR, Path(os.environ["SPARK_HOME"]), options=options, conf=conf)

    def send(self, hour: int) -> None:
        file = str(self.folder / f"hour-{hour}.jsonl")
        output(SESSIONIZE, "produce", "--kafka-servers", self.servers, "--topic", self.name, "--from-file", file)

    def run_the_hour(self, on_retry: Callable[[Any], None] | None = None) -> Any:
        dag = workplace.dag("hourly")
        dag.task_dict["run"].on_retry_callback = [on_retry] if on_retry else []
        return dag.test()

    def test_three_hours_one_of_them_with_the_broker_gone_then_a_topic_made_anew(self) -> None:
        self.job("hourly")
        workplace.ALERTS.clear()
        announced = len(workplace.announced())

        self.send(1)
        hours = [self.run_the_hour()]
        self.assertEqual(ALL_DONE, workplace.states(hours[0]))

        self.send(2)
        self.broker.stop()
        tried: list[str] = []

        def the_broker_comes_back(context: Any) -> None:
            tried.append(str(context["exception"]))
            self.broker.start()

        hours.append(self.run_the_hour(on_retry=the_broker_comes_back))
        self.assertEqual({"run": ("success", 2)}, workplace.states(hours[1]))
        self.assertEqual(1, len(tried))
        self.assertRegex(tried[0], "^sessionize run ended with exit code 5: ")

        self.send(3)
        hours.append(self.run_the_hour())
        self.assertEqual(ALL_DONE, workplace.states(hours[2]))

        reports = [workplace.xcom(run, "run") for run in hours]
        lines = [len((self.folder / f"hour-{hour}.jsonl").read_bytes().splitlines()) for hour in (1, 2, 3)]
        self.assertEqual(lines, [report["records"] for report in reports])
        for before, after in zip(reports, reports[1:]):
            self.assertEqual(before["offsets_next"], after["offsets_from"])
        self.assertTrue(all(report["sessions_added"] > 0 for report in reports))
        self.assertEqual([0, 0, 0], [report["violations"] for report in reports])
        news = workplace.announced()[announced:]
        for report, extra in zip(reports, news, strict=True):
            counts = {f"sessions_{change}" for change in ("added", "changed", "removed")}
            self.assertEqual({"run", "snapshot", "watermark"} | counts, extra.keys())
            self.assertEqual({key: report[key] for key in extra}, extra)
        # The first hour without events closes what is open. The second has nothing to do.
        self.run_the_hour()
        announced = len(workplace.announced())
        self.assertEqual(0, workplace.xcom(self.run_the_hour(), "run")["batches"])
        self.assertEqual(announced, len(workplace.announced()))
        self.assertEqual([], workplace.ALERTS)

        with self.another_topic_of_that_name():
            run = self.run_the_hour(on_retry=lambda context: self.fail("retried"))
        self.assertEqual({"run": ("failed", 1)}, workplace.states(run))
        self.assertEqual(1, len(workplace.ALERTS))
        self.assertRegex(workplace.ALERTS[0], "^run: sessionize run ended with exit code 3: ")

    @contextmanager
    def another_topic_of_that_name(self) -> Iterator[None]:
        broker, servers = Broker(self.folder / "other-kafka"), self.servers
        try:
            self.servers = broker.start()
            self.job(self.name)
            self.send(1)
            yield
        finally:
            broker.stop()
            self.servers = servers

    def test_a_log_of_a_task_is_not_a_list_of_settings(self) -> None:
        self.job("logged")
        self.send(1)
        submit = [f"{os.environ['SPARK_HOME']}/bin/spark-submit", "--master", workplace.MASTER]
        job = ["--conf", "spark.log.level=WARN", "--class", "io.sessionize.cli.Main", str(JAR), "run"]
        options = json.loads(os.environ["AIRFLOW_VAR_SESSIONIZE"])["options"]
        given = [f"--{name}={value}" for name, value in options.items()]
        # Two batches, and the end between them.
        limits = ["--max-offsets-per-trigger=100", "--stop-after=1s"]
        run = subprocess.run([*submit, *job, *given, *limits], capture_output=True, text=True)
        self.assertEqual(0, run.returncode, run.stderr)
        self.assertIn("stopped as --stop-after says: ", run.stdout)
        for unwanted in ("Config values", "ERROR", "Exception"):
            self.assertNotIn(unwanted, run.stderr)
        self.assertLess(len(run.stderr.splitlines()), 40, run.stderr)

    def test_ends_the_driver_when_the_task_is_ended(self) -> None:
        self.the_driver_ends_after(signal.SIGTERM)

    def test_ends_the_driver_when_the_task_is_killed(self) -> None:
        self.the_driver_ends_after(signal.SIGKILL)

    def the_driver_ends_after(self, end: signal.Signals) -> None:
        self.job(f"ended_by_{end.name.lower()}")
        self.send(1)
        task = subprocess.Popen([sys.executable, "-c", HOURLY_RUN], cwd=Path(__file__).parent)
        try:
            driver = self.in_the_middle_of(task)
            task.send_signal(end)
            driver.wait(PATIENCE_SECONDS)
        finally:
            task.kill()
            task.wait()

    def in_the_middle_of(self, task: subprocess.Popen[bytes]) -> psutil.Process:
        """The driver, once its stream has begun."""
        checkpoint = self.folder / f"warehouse/_checkpoints/sessions.{self.name}/offsets/0"
        for _ in range(PATIENCE_SECONDS * 20):
            if checkpoint.exists():
                (driver,) = [child for child in psutil.Process(task.pid).children(True) if child.name() == "java"]
                return driver
            if task.poll() is not None:
                self.fail("ended too early")
            try:
                task.wait(0.05)
            except subprocess.TimeoutExpired:
                pass
        self.fail("no driver")


if __name__ == "__main__":
    unittest.main()
