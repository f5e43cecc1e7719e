"""Shared by the DAGs: the settings of the job, and the operator that submits one of its commands."""

from __future__ import annotations

import ctypes
import json
import logging
import os
import pkgutil
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import Asset, BaseHook, Variable
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException

log = logging.getLogger(__name__)

VARIABLE = "sessionize"
CONNECTION = "spark_default"
POOL = "sessionize"

# Announced only after the changed rows have passed the check.
USER_SESSIONS = Asset("user_sessions")

# Exit codes for which a retry is useless: 2, usage or configuration; 3, data loss or a broken invariant.
FINAL = (2, 3)

# Time between SIGTERM and SIGKILL for a driver. Airflow gives the whole task 5 s.
SECONDS_TO_END = 3

TABLES = {"warehouse", "iceberg-database", "iceberg-table", "log-level"}
KAFKA = {"kafka-servers", "kafka-topic", "kafka-properties"}
RULES = {"inactivity-timeout", "max-session-duration", "boundary-rule", "end-session-on-page"}
LATENESS = {"watermark-delay", "late-horizon", "clock-skew"}
READING = {"checkpoint-location", "max-offsets-per-trigger", "fail-on-data-loss"}
OPTIONS = {
    "run": TABLES | KAFKA | RULES | LATENESS | READING,
    "backfill": TABLES | KAFKA | RULES | {"late-horizon", "clock-skew"},
    "check": TABLES | RULES,
    "maintain": TABLES | {"keep-snapshots", "keep-tags"},
    "audit": TABLES | KAFKA | RULES,
}


TEXT = {"type": "string"}
# Booleans are not allowed: true would become the argument True.
VALUE = {"type": ["string", "integer"]}
SETTINGS = {
    "type": "object",
    "required": ["jar", "spark_home"],
    "additionalProperties": False,
    "properties": {
        "jar": TEXT,
        "spark_home": TEXT,
        "env": {"type": "object", "additionalProperties": TEXT},
        "conf": {"type": "object", "additionalProperties": VALUE},
        "options": {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: VALUE for names in OPTIONS.values() for name in names},
        },
        "on_failure": TEXT,
    },
}


def settings() -> dict[str, Any]:
    """Returns the Airflow Variable, checked on the worker. An error in it fails the task without a retry."""
    try:
        value = Variable.get(VARIABLE, default=None, deserialize_json=True)
    except ValueError:
        value = None
    if value is None:
        raise AirflowFailException(f"Variable {VARIABLE} is not set, or is not JSON: see docs/airflow.md")
    try:
        jsonschema.validate(value, SETTINGS)
    except jsonschema.ValidationError as error:
        raise AirflowFailException(f"Variable {VARIABLE}: {error.json_path}: {error.message}") from None
    for file in (value["jar"], f"{value['spark_home']}/bin/spark-submit"):
        if not Path(file).is_file():
            raise AirflowFailException(f"Variable {VARIABLE}: there is no file {file} on this worker")
    return value


def jar(context: Mapping[str, Any], jinja_env: Any) -> str:
    return settings()["jar"]


def spark_conf(context: Mapping[str, Any], jinja_env: Any) -> dict[str, Any]:
    # The same heap as in the launcher. WARN keeps Spark's own INFO lines out of Airflow's log.
    return {"spark.driver.memory": "3g", "spark.log.level": "WARN", **settings().get("conf", {})}


def environment(context: Mapping[str, Any], jinja_env: Any) -> dict[str, str]:
    home = settings()["spark_home"]
    # The provider finds spark-submit only through PATH; it does not accept a path.
    return {"SPARK_HOME": home, "PATH": f"{home}/bin{os.pathsep}{os.environ['PATH']}", **settings().get("env", {})}


def alert(context: Mapping[str, Any]) -> None:
    """Logs a task that has finally failed, and calls the function that the Variable names in on_failure."""
    task = context["task_instance"]
    log.error("%s.%s has failed (%s): %s", task.dag_id, task.task_id, task.run_id, context.get("exception"))
    if function := settings().get("on_failure"):
        pkgutil.resolve_name(function)(context)


# The first retry starts after one to two minutes. Each later delay is twice as long.
DEFAULT_ARGS: dict[str, Any] = {
    "retries": 3,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=15),
    "execution_timeout": timedelta(hours=2),
    "on_failure_callback": alert,
}


class SessionizeOperator(SparkSubmitOperator):
    """Submits a command of the job in client mode, so that spark-submit ends with the exit code of the driver.

    :param command: the command and its fixed arguments; the options come from the Variable
    :param form: converts the params of the DAG run to arguments. No shell or template changes these arguments
    :param report: whether the command writes a report, which becomes the XCom of the task
    """

    def __init__(
        self,
        *,
        command: list[str],
        form: Callable[[Mapping[str, Any]], list[str]] = lambda params: [],
        report: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            application=jar,
            java_class="io.sessionize.cli.Main",
            application_args=self.arguments,
            conf=spark_conf,
            env_vars=environment,
            name="{{ ti.dag_id }}.{{ ti.task_id }}",
            conn_id=CONNECTION,
            deploy_mode="client",
            # One driver at a time, including drivers that only read: between the two commits of a run, `check` has no
            # consistent state to check and ends with 4.
            pool=POOL,
            **kwargs,
        )
        self.command = command
        self.form = form
        self.report = report

    def arguments(self, context: Mapping[str, Any], jinja_env: Any) -> list[str]:
        options = settings().get("options", {})
        known = OPTIONS[self.command[0]]
        return [
            *self.command,
            *(f"--{name}={value}" for name, value in options.items() if name in known),
            *self.form(context["params"]),
        ]

    def execute(self, context: Any) -> dict[str, Any] | None:
        require_connection()
        with tempfile.TemporaryDirectory(prefix="sessionize-") as folder:
            report = Path(folder, "report.json")
            if self.report:
                self.application_args = [*self.application_args, f"--report={report}"]
            try:
                super().execute(context)
            except AirflowException as failure:
                raise self.explained(failure) from None
            return json.loads(report.read_text()) if self.report else None

    def explained(self, failure: AirflowException) -> AirflowException:
        code = self._hook._submit_sp.returncode if self._hook and self._hook._submit_sp else None
        if code is None:
            return failure
        said = re.findall(r"^sessionize: (?!warning)(.*)$", str(failure), re.MULTILINE)[-1:]
        message = f"sessionize {self.command[0]} ended with exit code {code}: {''.join(said) or failure}"
        return AirflowFailException(message) if code in FINAL else AirflowException(message)

    def on_kill(self) -> None:
        driver = self._hook._submit_sp if self._hook else None
        if driver and driver.poll() is None:
            # After a SIGTERM, Spark deletes its temporary files.
            driver.terminate()
            try:
                driver.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                super().on_kill()

    def _get_hook(self) -> Any:
        hook = super()._get_hook()
        hook.submit = partial(hook.submit, preexec_fn=end_with_the_task)
        return hook


def require_connection() -> None:
    """Fails if the connection is missing: the provider would silently submit to YARN."""
    try:
        BaseHook.get_connection(CONNECTION)
    except AirflowNotFoundException as unknown:
        raise AirflowFailException(f"There is no Airflow connection {CONNECTION}: see docs/airflow.md") from unknown


PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_the_task() -> None:
    """Runs in the driver's process before it starts: the driver gets a SIGTERM if the task is killed with SIGKILL."""
    if libc:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
