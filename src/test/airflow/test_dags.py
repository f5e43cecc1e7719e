"""The DAGs as Airflow sees them, and what they make of exit codes and forms. Spark is a stand-in here: see
test_end_to_end.py for the real one."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
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
from airflow.providers.apache.spark.hooks.spark_submit import SparkSubmitHook
from airflow.sdk import timezone
from airflow.sdk.api.datamodels._generated import DagRunType
from airflow.sdk.exceptions import ParamValidationError
from airflow.sdk.execution_time.callback_supervisor import execute_callback

# Writes down its arguments and its report, and ends as it is told.
SPARK_SUBMIT = """#!/usr/bin/env bash
printf '%s\\n' "$@" >>"$RECORD"
echo "$LC_ALL" >"$RECORD.locale"
[[ ${!#} != --report=* ]] || echo "$REPORT" >"${!##--report=}"
[[ $CODE != KILL ]] || kill -KILL $$
echo "sessionize: told to" >&2
exit "$CODE"
"""
NOTHING = {"records": 7, "sessions_added": 0, "sessions_changed": 0, "sessions_removed": 0}
NEWS = {"run": "r1", "snapshot": "47", "watermark": "2026-11-22T10:00:00Z", "sessions_changed": 1, "sessions_removed": 0}
DRIVER_SECONDS = 600
PATIENCE_SECONDS = 60
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
        env = {"CODE": str(code), "RECORD": str(self.recorded), "REPORT": json.dumps(report)}
        workplace.settings(self.jar, self.spark_home, env=env, **{"options": OPTIONS, **more})

    def dag(self, name: str) -> Any:
        return workplace.to_test(self.bag.dags[f"sessionize_{name}"])

    def command_lines(self) -> list[list[str]]:
        """What was submitted behind the jar's name."""
        words = self.recorded.read_text().split("\n")[:-1]
        starts = [i for i, word in enumerate(words) if word == "--master"] + [len(words)]
        lines = [words[start:end] for start, end in zip(starts, starts[1:])]
        return [line[line.index(str(self.jar)) + 1 :] for line in lines]


class Structure(AirflowTest):
    def test_imports_without_errors_or_warnings_in_less_than_a_second_each(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            bag = workplace.bag()
        self.assertEqual({}, bag.import_errors)
        self.assertEqual({"sessionize_hourly", "sessionize_backfill", "sessionize_maintenance"}, bag.dags.keys())
        self.assertEqual(3, len(bag.dagbag_stats))
        for file in bag.dagbag_stats:
            self.assertEqual(0, file.warning_num, file)
            self.assertLess(file.duration, timedelta(seconds=1), file)

    def test_schedules(self) -> None:
        schedules = {"hourly": "@hourly", "backfill": None, "maintenance": "@daily"}
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
            {"maintain": {"prove"}, "prove": {"on_sundays"}, "on_sundays": {"check"}, "check": set()},
            {name: task.downstream_task_ids for name, task in tasks.items()},
        )

    def drivers(self) -> list[Any]:
        return [t for dag in self.bag.dags.values() for t in dag.tasks if t.task_type == "SessionizeOperator"]

    def test_every_driver_ends_in_time_and_calls_someone(self) -> None:
        self.assertEqual(7, len(self.drivers()))
        for task in self.drivers():
            with self.subTest(task.task_id):
                self.assertLessEqual(task.execution_timeout, timedelta(hours=6))
                self.assertEqual(["alert"], [f.__name__ for f in task.on_failure_callback])

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
            (late,) = dag.deadline
            hours = int(late.interval.total_seconds() // 3600)
            with self.subTest(name), mock.patch.object(workplace, "ALERTS", []):
                self.assertGreater(late.interval, max(t.execution_timeout for t in dag.tasks if t.execution_timeout))
                context = {"dag_run": {"dag_id": name, "dag_run_id": "r"}, "deadline": {"id": "d"}}
                kwargs = {**late.callback.kwargs, "context": context}
                # As the executor does it.
                self.assertEqual((True, None), execute_callback(late.callback.path, kwargs, "", None, mock.Mock()))
                self.assertRegex(workplace.ALERTS[0], rf"^\(deadline\): has not ended {hours} hours after it was queued")

    def test_the_connection_is_ours_and_not_yarn(self) -> None:
        self.assertEqual(workplace.MASTER, SparkSubmitHook(conn_id="spark_default")._connection["master"])


class Submitting(AirflowTest):
    def test_the_jar_accepts_what_is_submitted_and_knows_no_other_setting(self) -> None:
        for name in ("hourly", "maintenance"):
            self.assertEqual("success", self.dag(name).test().state)
        self.dag("backfill").test(run_conf={"from": "0:1", "to": "latest", "users": ["u"], "dry_run": False})
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
                self.assertEqual(known, {word[2:].split("=")[0] for word in line[1:]} & OPTIONS.keys())

    def test_renders_to_lists_and_texts(self) -> None:
        run = self.dag("hourly").test()
        fields = RenderedTaskInstanceFields.get_templated_fields(run.get_task_instance("run"))
        self.assertEqual("run", fields["application_args"][0])
        self.assertIn("--warehouse=/data/ware house", fields["application_args"])
        self.assertIn("--max-session-duration=3", fields["application_args"])
        self.assertEqual(str(self.jar), fields["application"])
        self.assertEqual("sessionize_hourly.run", fields["name"])
        self.assertEqual(str(self.spark_home), fields["env_vars"]["SPARK_HOME"])
        self.assertEqual("3g", fields["conf"]["spark.driver.memory"])
        self.assertNotIn("None", json.dumps(fields["application_args"]))

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
        right = json.loads(os.environ["AIRFLOW_VAR_SESSIONIZE"])
        wrong = {
            "Additional properties are not allowed ('jarr' was unexpected)": {"jarr": "x"},
            "Additional properties are not allowed ('kafka_topic' was unexpected)": {"options": {"kafka_topic": "x"}},
            "$.conf['spark.x']: True is not of type 'string', 'integer'": {"conf": {"spark.x": True}},
            f"there is no file {self.jar}x on this worker": {"jar": f"{self.jar}x"},
            "there is no file /nowhere/bin/spark-submit on this worker": {"spark_home": "/nowhere"},
        }
        for message, change in wrong.items():
            self.fails_at_once(message, AIRFLOW_VAR_SESSIONIZE=json.dumps(right | change))
        self.fails_at_once("no Airflow connection spark_default", AIRFLOW_CONN_SPARK_DEFAULT=None)
        # With a comma that is missing, the Variable still says whom to call.
        broken = '{"jar": "x" "on_failure" : "workplace:record"}'
        self.fails_at_once("is not set, or is not JSON", AIRFLOW_VAR_SESSIONIZE=broken)
        for value in ("jar=x", None):
            self.fails_silently("Variable sessionize is not set, or is not JSON", value)
        self.fails_silently("[] is not of type 'object'", "[]")
        self.fails_silently("7 is not of type 'string'", json.dumps(right | {"on_failure": 7}))
        self.assertFalse(self.recorded.exists())

    def fails_silently(self, message: str, variable: str | None) -> None:
        """The Variable names no function to call."""
        self.fails_at_once(message, by=workplace.record, AIRFLOW_VAR_SESSIONIZE=variable)

    def fails_at_once(self, message: str, by: Any = None, **environment: str | None) -> None:
        """The real callback calls the function, whatever else is wrong."""
        with self.subTest(message), mock.patch.dict(os.environ):
            for name, value in environment.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value
            workplace.ALERTS.clear()
            dag = self.dag("hourly")
            task = dag.task_dict["run"]
            task.on_failure_callback = [task.on_failure_callback[0], *filter(None, [by])]
            self.assertEqual(("failed", 1), workplace.states(dag.test())["run"])
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
            if any(child.name() == "sleep" for child in self.children):
                break
            self.assertIsNone(self.supervisor.poll(), "ended too early")
            time.sleep(0.1)
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
            {"users": ["user-1", "$(id)", "--dry-run", "Zoë O'Neil"], "dry_run": False},
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
            {"users": "user-1"},
            {"users": [" "]},
            {"users": [7]},
            {"users": ["a\0"]},
            {"users": ["\ud800"]},
            {"users": ["u" * 200_000]},
            {"users": ["u"] * 200_000},
            {"from": ",".join(["0:1"] * 50_000)},
            {"from": "0:1\0"},
            {"to_time": "2026-11-22T10:00:00Z" * 10_000},
            {"dry_run": "no"},
        ):
            with self.subTest(given), self.assertRaises(ParamValidationError):
                self.params(**given)

    def test_the_most_that_is_accepted_can_be_given_to_a_program(self) -> None:
        given = {"from": ",".join(["0:12345678"] * 9_000), "to": "latest", "users": ["ü" * 250] * 1_000}
        self.params(**given)
        self.assertEqual("success", self.dag("backfill").test(run_conf=given).state)

    def test_an_unknown_field_ends_the_plan_at_once(self) -> None:
        run = self.dag("backfill").test(run_conf={"from": "0:1", "to": "latest", "user": ["u"]})
        self.assertEqual(("failed", 1), workplace.states(run)["plan"])
        self.assertIn("plan: The form has no field user, only from, to, ", workplace.ALERTS[0])
        self.assertFalse(self.recorded.exists())

    def test_a_dry_run_ends_with_the_plan(self) -> None:
        run = self.dag("backfill").test(run_conf={"from": "0:1", "to": "0:2"})
        self.assertEqual("success", run.state)
        self.assertEqual(NOTHING, workplace.xcom(run, "plan"))
        states = {task: state for task, (state, _) in workplace.states(run).items()}
        self.assertEqual(
            {"plan": "success", "unless_dry_run": "success", "apply": "skipped", "check": "skipped"}, states
        )
        self.assertEqual(["backfill", "--dry-run"], self.command_lines()[0][:2])

    def test_applies_what_was_planned_with_values_as_they_were_given(self) -> None:
        users = ["$(touch /tmp/x)", "{{ dag.dag_id }}", "--dry-run", "a=b,c d"]
        given = {"from_time": "2026-11-22T10:00:00Z", "to": "0:2", "users": users, "dry_run": False}
        self.assertEqual("success", self.dag("backfill").test(run_conf=given).state)
        plan, applied, check = self.command_lines()
        form = ["--to=0:2", "--from-time=2026-11-22T10:00:00Z", *(f"--user={user}" for user in users)]
        for line in (plan, applied):
            self.assertEqual(form, line[-len(form) - 1 : -1])
        self.assertEqual(["backfill", "--dry-run"], plan[:2])
        self.assertNotIn("--dry-run", applied)
        self.assertEqual("check", check[0])


if __name__ == "__main__":
    unittest.main()
