"""The DAGs as Airflow sees them, and what they make of exit codes and forms. Spark is a stand-in here: see
test_end_to_end.py for the real one."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
import workplace
from airflow.models.renderedtifields import RenderedTaskInstanceFields
from airflow.sdk import timezone
from airflow.sdk.api.datamodels._generated import DagRunType
from airflow.sdk.exceptions import ParamValidationError
from airflow.sdk.execution_time.callback_supervisor import execute_callback

# Writes down its arguments and its report, and ends as it is told.
SPARK_SUBMIT = """#!/usr/bin/env bash
printf '%s\\n' "$@" >>"$RECORD"
echo "$LC_ALL" >"$RECORD.locale"
env >"$RECORD.environment"
umask >"$RECORD.umask"
[[ ${!#} != --report=* ]] || echo "$REPORT" >"${!##--report=}"
[[ $CODE != KILL ]] || kill -KILL $$
[[ " $* " != *" ${FAILING-none} "* ]] || CODE=3
echo "sessionize: told to" >&2
exit "$CODE"
"""
NOTHING = {"records": 7, "sessions_added": 0, "sessions_changed": 0, "sessions_removed": 0}
NEWS = {"run": "r1", "snapshot": "47", "watermark": "2026-11-22T10:00:00Z", "sessions_changed": 1, "sessions_removed": 0}
DRIVER_SECONDS = 600
# The start of Airflow takes a minute on a busy machine.
PATIENCE_SECONDS = 240
OPTIONS = {
    "warehouse": "/data/ware house",
    "iceberg-database": "analytics",
    "iceberg-table": "clicks",
    "log-level": "WARNING",
    "kafka-servers": "kafka1:9092,kafka2:9092",
    "kafka-topic": "clicks",
    "kafka-properties": "/etc/kafka.properties",
    "inactivity-timeout": "45m",
    "max-session-duration": 3,
    "boundary-rule": "com.example.Rule",
    "end-session-on-page": "logout",
    "watermark-delay": "5m",
    "late-horizon": "3d",
    "clock-skew": "1m",
    "checkpoint-location": "/data/checkpoint",
    "max-offsets-per-trigger": 1000,
    "max-bytes-per-trigger": 1000000,
    "stop-after": "1h",
    "metrics-file": "/data/sessionize.prom",
    "fail-on-data-loss": "false",
    "keep-snapshots": "3d",
    "keep-tags": "30d",
}


class AirflowTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        folder = Path(temporary.name)
        self.jar = folder / "sessionize.jar"
        self.jar.touch()
        self.spark_home = folder / "spark"
        self.recorded = folder / "arguments"
        submit = self.spark_home / "bin/spark-submit"
        submit.parent.mkdir(parents=True)
        submit.write_text(SPARK_SUBMIT)
        submit.chmod(0o755)
        environment = mock.patch.dict(os.environ)
        environment.start()
        self.addCleanup(environment.stop)
        workplace.ALERTS.clear()
        self.spark_ends_with(0)
        self.bag = workplace.bag()

    def spark_ends_with(self, code: int | str, report: dict[str, Any] = NOTHING, **more: Any) -> None:
        os.environ |= {"CODE": str(code), "RECORD": str(self.recorded), "REPORT": json.dumps(report)}
        workplace.settings(self.jar, self.spark_home, **{"options": OPTIONS, **more})

    def dag(self, name: str) -> Any:
        return workplace.to_test(self.bag.dags[f"sessionize_{name}"])

    def command_lines(self) -> list[list[str]]:
        """What was submitted behind the jar's name."""
        words = self.recorded.read_text().split("\n")[:-1]
        starts = [i for i, word in enumerate(words) if word.startswith("--master=")] + [len(words)]
        lines = [words[start:end] for start, end in zip(starts, starts[1:])]
        return [line[line.index(str(self.jar)) + 1 :] for line in lines]


class Structure(AirflowTest):
    def test_imports_without_errors_or_warnings_in_less_than_a_second_each(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            bag = workplace.bag(workplace.ROOT / "dags")
        self.assertEqual({}, bag.import_errors)
        self.assertEqual({"sessionize_hourly", "sessionize_backfill", "sessionize_maintenance"}, bag.dags.keys())
        (file,) = bag.dagbag_stats
        self.assertEqual(0, file.warning_num, file)
        self.assertLess(file.duration, timedelta(seconds=1), file)

    def test_the_dags_are_listed_from_their_files_without_an_error(self) -> None:
        environment = {**os.environ, "AIRFLOW__CORE__DAGS_FOLDER": str(workplace.ROOT / "dags")}
        environment.pop("PYTHONPATH", None)
        command = [sys.executable, "-m", "airflow", "dags", "list", "--local", "--output", "json"]
        listed = subprocess.run(command, capture_output=True, text=True, env=environment)
        self.assertEqual(0, listed.returncode, listed.stderr)
        names = [dag["dag_id"] for dag in json.loads(listed.stdout)]
        self.assertEqual(["sessionize_backfill", "sessionize_hourly", "sessionize_maintenance"], names)
        self.assertNotIn("Error", listed.stderr)

    def test_two_pipelines_share_nothing_but_the_worker(self) -> None:
        kinds = ("hourly", "backfill", "maintenance")
        self.assertEqual({f"{p}_{k}" for p in ("sessionize", "clicks") for k in kinds}, self.bag.dags.keys())
        run = self.bag.dags["clicks_hourly"].task_dict["run"]
        self.assertEqual(("clicks", ["clicks_sessions_published"]), (run.pool, [o.name for o in run.outlets]))
        before = len(workplace.announced("clicks_sessions"))
        self.spark_ends_with(0, {**NOTHING, **NEWS})
        os.environ["AIRFLOW_VAR_CLICKS"] = json.dumps({"options": {"kafka-topic": "other", "iceberg-table": "other"}})
        ended = workplace.to_test(self.bag.dags["clicks_hourly"]).test()
        self.assertEqual("success", ended.state)
        (line,) = self.command_lines()
        self.assertLessEqual({"--kafka-topic=other", "--iceberg-table=other"}, set(line))
        self.assertNotIn("--kafka-topic=clicks", line)
        self.assertEqual(1, len(workplace.announced("clicks_sessions")) - before)

    def test_the_documented_dag_file_makes_its_dags(self) -> None:
        text = (workplace.ROOT / "docs/airflow.md").read_text()
        (example,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "dags(" in block]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "example.py")
            file.write_text(example)
            bag = workplace.bag(Path(folder))
            # As `airflow dags list --local` loads it: without help, the folder of the file is not on the path.
            shutil.copytree(workplace.ROOT / "dags/sessionize_airflow", Path(folder, "sessionize_airflow"))
            environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
            code = (
                f"import importlib.util as u; s = u.spec_from_file_location('x', {str(file)!r}); "
                "s.loader.exec_module(u.module_from_spec(s))"
            )
            command = [sys.executable, "-c", code]
            loaded = subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/")
        self.assertEqual(0, loaded.returncode, loaded.stderr)
        self.assertEqual({}, bag.import_errors)
        self.assertEqual({"app_hourly", "app_backfill", "app_maintenance"}, bag.dags.keys())

    def test_schedules(self) -> None:
        schedules = {"hourly": "@hourly", "backfill": None, "maintenance": "35 8 * * *"}
        for name, schedule in schedules.items():
            dag = self.bag.dags[f"sessionize_{name}"]
            with self.subTest(name):
                self.assertEqual(schedule, dag.schedule)
                self.assertFalse(dag.catchup)
                self.assertEqual(1, dag.max_active_runs)
                self.assertIn("###", dag.doc_md)

    def test_order(self) -> None:
        orders = {
            "hourly": ["run"],
            "backfill": ["plan", "unless_dry_run", "apply", "check"],
        }
        for name, order in orders.items():
            tasks = self.bag.dags[f"sessionize_{name}"].task_dict
            with self.subTest(name):
                self.assertEqual(set(order), tasks.keys())
                for task, after in zip(order, [*order[1:], None]):
                    self.assertEqual({after} - {None}, tasks[task].downstream_task_ids)

    def test_order_of_maintenance(self) -> None:
        tasks = self.bag.dags["sessionize_maintenance"].task_dict
        self.assertEqual(
            {
                "maintain": {"prove", "all_ended_well"},
                "prove": {"on_sundays", "all_ended_well"},
                "on_sundays": {"check"},
                "check": {"all_ended_well"},
                "all_ended_well": set(),
            },
            {name: task.downstream_task_ids for name, task in tasks.items()},
        )

    def drivers(self) -> list[Any]:
        tasks = [task for dag in self.bag.dags.values() for task in dag.tasks]
        return [t for t in tasks if t.task_type == "SessionizeOperator" and t.dag_id.startswith("sessionize_")]

    def test_every_driver_ends_in_time_and_calls_someone(self) -> None:
        self.assertEqual(7, len(self.drivers()))
        for task in self.drivers():
            with self.subTest(task.task_id):
                self.assertLessEqual(task.execution_timeout, timedelta(hours=6))
                self.assertEqual(["alert"], [f.func.__name__ for f in task.on_failure_callback])

    def test_writers_share_one_slot_fresh_data_first_and_readers_do_not_wait(self) -> None:
        slots = {f"{t.dag_id}.{t.task_id}": (t.pool, t.priority_weight) for t in self.drivers()}
        self.assertEqual(
            {
                "sessionize_hourly.run": ("sessionize", 3),
                "sessionize_backfill.apply": ("sessionize", 2),
                "sessionize_maintenance.maintain": ("sessionize", 1),
                "sessionize_backfill.plan": ("default_pool", 2),
                "sessionize_backfill.check": ("default_pool", 1),
                "sessionize_maintenance.prove": ("default_pool", 1),
                "sessionize_maintenance.check": ("default_pool", 1),
            },
            slots,
        )

    def test_a_run_ends_before_its_time_limit_and_each_batch_is_progress(self) -> None:
        run = self.bag.dags["sessionize_hourly"].task_dict["run"]
        self.spark_ends_with(0, options={})
        self.dag("hourly").test()
        self.assertIn("--max-offsets-per-trigger=1000000", self.command_lines()[0])
        self.assertIn("--stop-after=90m", self.command_lines()[0])
        self.assertGreaterEqual(run.execution_timeout, timedelta(minutes=120))

    def test_the_asset_is_announced_behind_a_check_alone(self) -> None:
        outlets = {f"{t.dag_id}.{t.task_id}": t.outlets for t in self.drivers() if t.outlets}
        self.assertEqual({"sessionize_hourly.run", "sessionize_backfill.check"}, outlets.keys())
        for aliases in outlets.values():
            # An asset itself would be announced by each task that succeeds.
            self.assertEqual(["AssetAlias"], [type(alias).__name__ for alias in aliases])

    def test_airflows_own_backfill_is_refused(self) -> None:
        for name in ("hourly", "maintenance"):
            allowed = self.bag.dags[f"sessionize_{name}"].allowed_run_types
            self.assertNotIn("backfill", allowed)
            self.assertEqual({t.value for t in DagRunType} - {"backfill"}, {t.value for t in allowed})
        self.assertIsNone(self.bag.dags["sessionize_backfill"].schedule)

    def test_a_dag_run_that_is_late_calls_someone(self) -> None:
        for name, dag in self.bag.dags.items():
            if not name.startswith("sessionize_"):
                continue
            (late,) = dag.deadline
            hours = int(late.interval.total_seconds() // 3600)
            with self.subTest(name), mock.patch.object(workplace, "ALERTS", []):
                self.assertGreater(late.interval, max(t.execution_timeout for t in dag.tasks if t.execution_timeout))
                context = {"dag_run": {"dag_id": name, "dag_run_id": "r"}, "deadline": {"id": "d"}}
                kwargs = {**late.callback.kwargs, "context": context}
                # As the executor does it.
                self.assertEqual((True, None), execute_callback(late.callback.path, kwargs, "", None, mock.Mock()))
                self.assertRegex(workplace.ALERTS[0], rf"^\(deadline\): has not ended {hours} hours after it was queued")

    def test_the_connection_names_the_master_and_nothing_else(self) -> None:
        connection = {"conn_type": "spark", "host": "spark://master", "port": 7077, "extra": {"deploy-mode": "cluster"}}
        os.environ["AIRFLOW_CONN_SPARK_DEFAULT"] = json.dumps(connection)
        self.dag("hourly").test()
        words = self.recorded.read_text().split("\n")
        self.assertEqual(["--master=spark://master:7077", "--deploy-mode=client"], words[:2])


class Submitting(AirflowTest):
    def test_the_jar_accepts_what_is_submitted_and_knows_no_other_setting(self) -> None:
        for name in ("hourly", "maintenance"):
            self.assertEqual("success", self.dag(name).test().state)
        self.dag("backfill").test(run_conf={"from": "0:1", "to": "latest", "dry_run": False})
        lines = {line[0]: [w for w in line if not w.startswith("--report=")] for line in self.command_lines()}
        self.assertEqual({"run", "check", "maintain", "audit", "backfill"}, lines.keys())
        for command, line in lines.items():
            with self.subTest(command):
                launcher = str(workplace.ROOT / "scripts/sessionize")
                shown = subprocess.run([launcher, *line, "--help"], capture_output=True, text=True)
                self.assertEqual((0, ""), (shown.returncode, shown.stderr))
                known = set(re.findall(r"--([a-z-]+)", shown.stdout)) & OPTIONS.keys()
                # The file shows the runs; a backfill would replace it.
                known -= {"metrics-file"} if command == "backfill" else set()
                # Only continuous mode makes tags.
                known -= {"keep-tags"} if command == "run" else set()
                self.assertEqual(known, {word[2:].split("=")[0] for word in line[1:]} & OPTIONS.keys())

    def test_renders_to_lists_and_texts(self) -> None:
        run = self.dag("hourly").test()
        fields = RenderedTaskInstanceFields.get_templated_fields(run.get_task_instance("run"))
        self.assertEqual("run", fields["arguments"][0])
        self.assertIn("--warehouse=/data/ware house", fields["arguments"])
        self.assertIn("--max-session-duration=3", fields["arguments"])
        self.assertEqual("3g", fields["conf"]["spark.driver.memory"])
        self.assertNotIn("None", json.dumps(fields["arguments"]))
        words = self.recorded.read_text().split("\n")
        self.assertLessEqual({"--name=sessionize_hourly.run", "--conf=spark.driver.memory=3g"}, set(words))

    def test_the_report_is_the_xcom(self) -> None:
        self.assertEqual(NOTHING, workplace.xcom(self.dag("hourly").test(), "run"))

    def test_only_what_was_published_is_announced(self) -> None:
        before = len(workplace.announced())
        self.spark_ends_with(0, {**NOTHING, **NEWS})
        self.dag("backfill").test(run_conf={"from": "0:1", "to": "0:2"})
        self.spark_ends_with(0, NOTHING)
        self.dag("hourly").test()
        self.dag("backfill").test(run_conf={"from": "0:1", "to": "0:2", "dry_run": False})
        self.assertEqual([], workplace.announced()[before:])

        self.spark_ends_with(0, {**NOTHING, **NEWS})
        self.dag("hourly").test()
        self.dag("backfill").test(run_conf={"from": "0:1", "to": "0:2", "dry_run": False})
        self.assertEqual([{**NEWS, "sessions_added": 0}] * 2, workplace.announced()[before:])

    def test_what_a_failed_try_has_published_is_announced_by_the_next(self) -> None:
        before = len(workplace.announced())
        self.spark_ends_with(4, {**NOTHING, **NEWS})
        dag = self.dag("hourly")

        def the_next_try_publishes(report: dict[str, Any]) -> None:
            dag.task_dict["run"].on_retry_callback = [lambda context: self.spark_ends_with(0, report)]

        the_next_try_publishes(NOTHING)
        self.assertEqual("success", dag.test().state)
        self.spark_ends_with(4, {**NOTHING, **NEWS})
        the_next_try_publishes({**NOTHING, **NEWS, "run": "r2", "sessions_added": 5})
        self.assertEqual("success", dag.test().state)
        sums = {**NEWS, "run": "r2", "sessions_added": 5, "sessions_changed": 2}
        self.assertEqual([{**NEWS, "sessions_added": 0}, sums], workplace.announced()[before:])

    def test_a_killed_driver_is_reported_as_such_in_one_line(self) -> None:
        self.spark_ends_with("KILL")
        self.assertEqual({"run": ("failed", 4)}, workplace.states(self.dag("hourly").test()))
        (alert,) = workplace.ALERTS
        self.assertRegex(alert, r"^run: sessionize run was killed \(-9\), perhaps because the worker ran out of memory")
        self.assertNotIn("--", alert)
        self.assertLess(len(alert), 200)

    def test_retries_what_another_try_can_mend_and_nothing_else(self) -> None:
        for code, tries in {1: 4, 2: 1, 3: 1, 4: 4, 5: 4, 143: 4}.items():
            with self.subTest(code):
                workplace.ALERTS.clear()
                self.spark_ends_with(code)
                run = self.dag("hourly").test()
                self.assertEqual({"run": ("failed", tries)}, workplace.states(run))
                self.assertEqual([f"run: sessionize run ended with exit code {code}: told to"], workplace.ALERTS)

    def test_waits_longer_from_try_to_try(self) -> None:
        ti = self.dag("hourly").test().get_task_instance("run")
        ti.task = self.bag.dags["sessionize_hourly"].task_dict["run"]
        fresh = workplace.bag().dags["sessionize_hourly"].task_dict["run"]
        ti.task.retry_delay, ti.task.retry_exponential_backoff = fresh.retry_delay, fresh.retry_exponential_backoff
        ti.end_date = timezone.utcnow()
        delays = []
        for ti.try_number in (1, 2, 3):
            delays.append(ti.next_retry_datetime() - ti.end_date)
        for minutes, delay in zip((1, 2, 4), delays):
            self.assertTrue(timedelta(minutes=minutes) <= delay <= timedelta(minutes=2 * minutes), delays)

    def test_spark_submit_reads_its_arguments_as_utf8_whatever_the_locale_of_the_worker_is(self) -> None:
        with mock.patch.dict(os.environ, {"LC_ALL": "C"}):
            self.dag("hourly").test()
        self.assertEqual("C.UTF-8\n", Path(f"{self.recorded}.locale").read_text())

    def test_settings_that_are_wrong_fail_at_once_and_say_why(self) -> None:
        self.fails_at_once(
            "('kafka_topic' was unexpected)", AIRFLOW_VAR_SESSIONIZE='{"options": {"kafka_topic": "x"}}'
        )
        self.fails_at_once(
            "$.options['kafka-topic']: True is not of type 'string', 'integer'",
            AIRFLOW_VAR_SESSIONIZE='{"options": {"kafka-topic": true}}',
        )
        for value in ("topic=x", None):
            self.fails_at_once("Variable sessionize is not set, or is not JSON", AIRFLOW_VAR_SESSIONIZE=value)
        self.fails_at_once("[] is not of type 'object'", AIRFLOW_VAR_SESSIONIZE="[]")
        self.fails_at_once(f"there is no file {self.jar}x on this worker", SESSIONIZE_JAR=f"{self.jar}x")
        self.fails_at_once("there is no file /nowhere/bin/spark-submit on this worker", SPARK_HOME="/nowhere")
        self.fails_at_once("SESSIONIZE_JAR is not set in the environment of this worker", SESSIONIZE_JAR=None)
        self.fails_at_once("no Airflow connection spark_default", AIRFLOW_CONN_SPARK_DEFAULT=None)
        yarn = json.dumps({"conn_type": "spark", "host": "yarn"})
        self.fails_at_once("must be local[N] or spark://..., not yarn", AIRFLOW_CONN_SPARK_DEFAULT=yarn)
        self.assertFalse(self.recorded.exists())

    def test_the_variable_cannot_run_code(self) -> None:
        for key, value in {
            "jar": "/tmp/other.jar",
            "spark_home": "/tmp/spark",
            "env": {"JAVA_TOOL_OPTIONS": "-javaagent:/tmp/agent.jar", "LD_PRELOAD": "/tmp/code.so"},
            "on_failure": "os:abort",
        }.items():
            self.fails_at_once(f"('{key}' was unexpected)", AIRFLOW_VAR_SESSIONIZE=json.dumps({key: value}))
        for name in (
            "spark.driver.extraJavaOptions",
            "spark.driver.extraClassPath",
            "spark.driver.defaultJavaOptions",
            "spark.jars",
            "spark.jars.packages",
            "spark.plugins",
            "spark.extraListeners",
            "spark.sql.extensions",
            "spark.sql.catalog.x",
            "spark.hadoop.fs.file.impl",
            "spark.executorEnv.LD_PRELOAD",
            "spark.master",
        ):
            variable = json.dumps({"conf": {name: "x"}})
            self.fails_at_once(f"('{name}' was unexpected)", AIRFLOW_VAR_SESSIONIZE=variable)
        for value in ("${env:AIRFLOW__DATABASE__SQL_ALCHEMY_CONN}", "3g\n", "3g -Dx=y"):
            variable = json.dumps({"conf": {"spark.driver.memory": value}})
            self.fails_at_once("$.conf['spark.driver.memory']", AIRFLOW_VAR_SESSIONIZE=variable)

    def test_a_definition_is_a_file_of_the_folder_of_the_worker(self) -> None:
        for name in ("/etc/passwd", "../kafka.properties", "..", "a b", "web.yaml\n", 1):
            variable = json.dumps({"options": {"definition": name}})
            self.fails_at_once("$.options.definition", AIRFLOW_VAR_SESSIONIZE=variable)
        variable = json.dumps({"options": {"definition": "web.yaml"}})
        self.fails_at_once("SESSIONIZE_DEFINITIONS_FOLDER is not set", AIRFLOW_VAR_SESSIONIZE=variable)
        self.assertFalse(self.recorded.exists())

    def test_the_driver_sees_no_setting_of_airflow(self) -> None:
        with mock.patch.dict(os.environ, {"_AIRFLOW_WWW_USER_PASSWORD": "secret"}):
            self.dag("hourly").test()
        environment = Path(f"{self.recorded}.environment").read_text()
        self.assertIn("RECORD=", environment)
        self.assertNotIn("AIRFLOW_", environment.replace("SESSIONIZE_TEST_AIRFLOW_HOME", ""))

    def test_others_cannot_read_what_the_driver_writes_and_it_leaves_no_core_file(self) -> None:
        with mock.patch.dict(os.environ, {"SPARK_SUBMIT_OPTS": "-Dx=y"}):
            self.dag("hourly").test()
        self.assertEqual("0027\n", Path(f"{self.recorded}.umask").read_text())
        environment = Path(f"{self.recorded}.environment").read_text()
        self.assertIn("\nSPARK_SUBMIT_OPTS=-XX:-CreateCoredumpOnCrash -Dx=y\n", environment)
        with mock.patch.dict(os.environ, {"SESSIONIZE_UMASK": "022"}):
            self.dag("hourly").test()
        self.assertEqual("0022\n", Path(f"{self.recorded}.umask").read_text())
        self.fails_at_once("SESSIONIZE_UMASK must be an octal number such as 022, not 'u=rwx'", SESSIONIZE_UMASK="u=rwx")

    def fails_at_once(self, message: str, **environment: str | None) -> None:
        """The real callback calls the function of the DAG file."""
        with self.subTest(message), mock.patch.dict(os.environ):
            for name, value in environment.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
            workplace.ALERTS.clear()
            self.assertEqual(("failed", 1), workplace.states(self.dag("hourly").test())["run"])
            self.assertEqual(1, len(workplace.ALERTS))
            self.assertIn(message, workplace.ALERTS[0])


class Maintenance(AirflowTest):
    def check_on(self, day: str) -> str:
        run = self.dag("maintenance").test(run_after=timezone.parse(day))
        self.assertEqual("success", run.state)
        return workplace.states(run)["check"][0]

    def test_all_rows_are_checked_on_sundays(self) -> None:
        self.assertEqual("success", self.check_on("2026-11-22"))
        self.assertEqual(["check"], [line[0] for line in self.command_lines() if line[0] == "check"])
        for day in (21, 23):
            self.assertEqual("skipped", self.check_on(f"2026-11-{day}"))

    def test_the_run_has_failed_if_a_task_has_failed(self) -> None:
        # On a Saturday, nothing behind `prove` fails; on a Sunday, `check` succeeds although `prove` has failed.
        for failing, day in (("maintain", "2026-11-07"), ("audit", "2026-11-14"), ("audit", "2026-11-15")):
            with self.subTest(failing, day=day):
                self.spark_ends_with(0)
                os.environ["FAILING"] = failing
                run = self.dag("maintenance").test(run_after=timezone.parse(day))
                self.assertEqual("failed", run.state, workplace.states(run))


class Ending(AirflowTest):
    """A driver that would run for ten minutes, and the processes above it."""

    def setUp(self) -> None:
        super().setUp()
        submit = self.spark_home / "bin/spark-submit"
        submit.write_text(f"#!/usr/bin/env bash\nexec sleep {DRIVER_SECONDS}\n")
        task = [sys.executable, "-c", "import workplace; workplace.dag('hourly').test()"]
        parent = f"import subprocess; subprocess.run({task!r})"
        self.supervisor = psutil.Popen([sys.executable, "-c", parent], cwd=Path(__file__).parent)
        self.addCleanup(self.end_all)
        for _ in range(PATIENCE_SECONDS * 10):
            self.children = self.supervisor.children(recursive=True)
            # A child may end between the two questions.
            with contextlib.suppress(psutil.NoSuchProcess):
                if [child.name() for child in self.children][1:] == ["sleep"]:
                    break
            self.assertIsNone(self.supervisor.poll(), "ended too early")
            time.sleep(0.1)
        else:
            self.fail(f"no driver after {PATIENCE_SECONDS} s: {self.children}")
        self.task, self.driver = self.children

    def end_all(self) -> None:
        for process in (self.supervisor, *self.children):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.supervisor.wait()

    def test_the_driver_ends_with_its_task(self) -> None:
        self.task.kill()
        self.driver.wait(PATIENCE_SECONDS)

    def test_the_driver_ends_when_its_task_is_stopped(self) -> None:
        self.task.terminate()
        self.driver.wait(PATIENCE_SECONDS)

    def test_the_driver_ends_with_the_supervisor_of_its_task(self) -> None:
        self.supervisor.kill()
        self.driver.wait(PATIENCE_SECONDS)


class Backfill(AirflowTest):
    def params(self, **given: Any) -> None:
        params = copy.deepcopy(self.bag.dags["sessionize_backfill"].params)
        params.update(given)
        params.validate()

    def test_accepts(self) -> None:
        for given in (
            {},
            {"from": "0:100,1:50", "to": "0:200,1:90"},
            {"from": "web-events:0:100,web-events:1:50", "to": "latest"},
            {"from": "earliest", "to": "latest"},
            {"from_time": "2026-11-22T10:00:00Z", "to_time": "2026-11-22T12:30:00+02:00"},
            {"users_file": "ticket-4711.txt", "dry_run": False},
        ):
            with self.subTest(given):
                self.params(**given)

    def test_refuses(self) -> None:
        for given in (
            {"from": "100"},
            {"from": "0:100;rm -rf /"},
            {"to": "0:100\n"},
            {"to": "0:-1"},
            {"to": ""},
            {"from_time": "yesterday"},
            {"to_time": "2026-11-22T10:00:00"},
            {"users_file": "../kafka.properties"},
            {"users_file": "/etc/passwd"},
            {"users_file": ".."},
            {"users_file": "a b"},
            {"users_file": "users\n"},
            {"users_file": ""},
            {"users_file": ["users"]},
            {"users_file": "u" * 201},
            {"from": ",".join(["0:1"] * 50_000)},
            {"from": "0:1\0"},
            {"to_time": "2026-11-22T10:00:00Z" * 10_000},
            {"dry_run": "no"},
        ):
            with self.subTest(given), self.assertRaises(ParamValidationError):
                self.params(**given)

    def test_the_most_that_is_accepted_can_be_given_to_a_program(self) -> None:
        given = {"from": ",".join(["0:12345678"] * 9_000), "to": "latest"}
        self.params(**given)
        self.assertEqual("success", self.dag("backfill").test(run_conf=given).state)

    def test_an_unknown_field_ends_the_plan_at_once(self) -> None:
        run = self.dag("backfill").test(run_conf={"from": "0:1", "to": "latest", "users": ["u"]})
        self.assertEqual(("failed", 1), workplace.states(run)["plan"])
        self.assertIn("plan: The form has no field users, only from, to, ", workplace.ALERTS[0])
        self.assertFalse(self.recorded.exists())

    def test_a_dry_run_ends_with_the_plan(self) -> None:
        run = self.dag("backfill").test(run_conf={"from": "0:1", "to": "0:2"})
        self.assertEqual("success", run.state)
        self.assertEqual(NOTHING, workplace.xcom(run, "plan"))
        states = {task: state for task, (state, _) in workplace.states(run).items()}
        self.assertEqual(
            {"plan": "success", "unless_dry_run": "success", "apply": "skipped", "check": "skipped"}, states
        )
        self.assertEqual(["backfill", "--no-ids", "--dry-run"], self.command_lines()[0][:3])

    def test_applies_what_was_planned(self) -> None:
        given = {"from_time": "2026-11-22T10:00:00Z", "to": "0:2", "dry_run": False}
        self.assertEqual("success", self.dag("backfill").test(run_conf=given).state)
        plan, applied, check = self.command_lines()
        form = ["--to=0:2", "--from-time=2026-11-22T10:00:00Z"]
        for line in (plan, applied):
            self.assertEqual(form, line[-len(form) - 1 : -1])
        self.assertEqual(["backfill", "--no-ids", "--dry-run"], plan[:3])
        self.assertNotIn("--dry-run", applied)
        self.assertEqual(["check", "--no-ids"], check[:2])

    def test_users_are_in_a_file_and_nowhere_else(self) -> None:
        folder = self.jar.parent / "users"
        folder.mkdir()
        file = folder / "ticket-4711"
        file.write_text("ann@example.com\n")
        os.environ["SESSIONIZE_USERS_FOLDER"] = str(folder)
        run = self.dag("backfill").test(run_conf={"from": "0:1", "to": "0:2", "users_file": file.name})
        self.assertEqual("success", run.state)
        self.assertIn(f"--users-file={file}", self.command_lines()[0])
        self.assertNotIn("ann", self.recorded.read_text())
        fields = RenderedTaskInstanceFields.get_templated_fields(run.get_task_instance("plan"))
        self.assertNotIn("ann", json.dumps([fields, run.conf]))

    def test_a_file_of_users_that_is_missing_is_no_backfill_of_all_users(self) -> None:
        given = {"from": "0:1", "to": "0:2", "users_file": "none"}
        self.assertEqual("failed", self.dag("backfill").test(run_conf=given).state)
        self.assertIn("SESSIONIZE_USERS_FOLDER is not set", workplace.ALERTS.pop())
        os.environ["SESSIONIZE_USERS_FOLDER"] = str(self.jar.parent)
        self.assertEqual("failed", self.dag("backfill").test(run_conf=given).state)
        self.assertIn("/none on this worker", workplace.ALERTS.pop())
        self.assertFalse(self.recorded.exists())


if __name__ == "__main__":
    unittest.main()
