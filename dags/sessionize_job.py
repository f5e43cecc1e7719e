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
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import Asset, AssetAlias, BaseHook, DeadlineAlert, DeadlineReference, SyncCallback, Variable
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException

log = logging.getLogger(__name__)

VARIABLE = "sessionize"
CONNECTION = "spark_default"
POOL = "sessionize"
# Airflow creates it.
READERS_POOL = "default_pool"

# Announced only after the changed rows have passed the check. An outlet that is an asset is announced by every task that
# succeeds; an alias only if the task says so.
USER_SESSIONS = Asset("user_sessions")
PUBLISHED = AssetAlias("user_sessions_published")

# Airflow's own backfill would start a driver for each past hour, to read what the tables lack: nothing.
ALLOWED_RUN_TYPES = ["scheduled", "manual", "operator_triggered", "asset_triggered", "asset_materialization"]

# Exit codes for which a retry is useless: 2, usage or configuration; 3, data loss or a broken invariant.
FINAL = (2, 3)

# Time between SIGTERM and SIGKILL for a driver. Airflow gives the whole task 5 s.
SECONDS_TO_END = 3

TABLES = {"warehouse", "iceberg-database", "iceberg-table", "log-level"}
KAFKA = {"kafka-servers", "kafka-topic", "kafka-properties"}
RULES = {"inactivity-timeout", "max-session-duration", "boundary-rule", "end-session-on-page"}
LATENESS = {"watermark-delay", "late-horizon", "clock-skew"}
READING = {"checkpoint-location", "max-offsets-per-trigger", "max-bytes-per-trigger", "stop-after", "fail-on-data-loss"}
OPTIONS = {
    "run": TABLES | KAFKA | RULES | LATENESS | READING | {"set-aside-users", "metrics-file"},
    "backfill": TABLES | KAFKA | RULES | {"late-horizon", "clock-skew"},
    "check": TABLES | RULES,
    "maintain": TABLES | {"keep-snapshots", "keep-tags"},
    "audit": TABLES | KAFKA | RULES,
}
# A backlog is read in batches, each with its own commit, and a run ends before its time limit (execution_timeout).
DEFAULTS = {"run": {"max-offsets-per-trigger": 1_000_000, "stop-after": "90m"}}

# Fresh data first. Readers do not wait for the slot.
PRIORITIES = {"run": 3, "backfill": 2}

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
    return {
        "SPARK_HOME": home,
        # The provider finds spark-submit only through PATH; it does not accept a path.
        "PATH": f"{home}/bin{os.pathsep}{os.environ['PATH']}",
        # Java reads arguments in the charset of the locale, and a worker may have no locale.
        "LC_ALL": "C.UTF-8",
        **settings().get("env", {}),
    }


def alert(context: Mapping[str, Any]) -> None:
    """Logs a task that has finally failed, and calls the function that the Variable names in on_failure."""
    task = context["task_instance"]
    log.error("%s.%s has failed (%s): %s", task.dag_id, task.task_id, task.run_id, context.get("exception"))
    if function := on_failure():
        pkgutil.resolve_name(function)(context)


def on_failure() -> str | None:
    """Returns the function to call. The rest of the Variable may be wrong: this is why it is called."""
    text = Variable.get(VARIABLE, default=None) or ""
    try:
        value = json.loads(text)
        function = value.get("on_failure") if isinstance(value, dict) else None
        return function if isinstance(function, str) else None
    except ValueError:
        found = re.search(r'"on_failure"\s*:\s*"([^"\\]+)"', text)
        return found and found[1]


def late(context: Mapping[str, Any], after: str) -> None:
    """Alerts as for a failed task, if a DAG run has not ended in time. No task has failed, so there is none to name."""
    run = context["dag_run"]
    task = SimpleNamespace(dag_id=run["dag_id"], task_id="(deadline)", run_id=run["dag_run_id"])
    message = f"has not ended {after} after it was queued: see 'A DAG run is late' in docs/airflow.md"
    alert({**context, "task_instance": task, "exception": message})


def deadline(hours: int) -> DeadlineAlert:
    """Covers what fails no task: a missing pool, an occupied slot, no free worker, a DAG paused after its run began."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=hours),
        callback=SyncCallback(late, kwargs={"after": f"{hours} hours"}),
    )


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
    :param announces: the task whose report says what was published, and thus what to announce; may be this task
    """

    def __init__(
        self,
        *,
        command: list[str],
        form: Callable[[Mapping[str, Any]], list[str]] = lambda params: [],
        report: bool = False,
        announces: str | None = None,
        **kwargs: Any,
    ) -> None:
        # These commands read fixed snapshots of both tables, so that a run may commit meanwhile.
        reads = command[0] in ("audit", "check") or "--dry-run" in command
        super().__init__(
            application=jar,
            java_class="io.sessionize.cli.Main",
            application_args=self.arguments,
            conf=spark_conf,
            env_vars=environment,
            name="{{ ti.dag_id }}.{{ ti.task_id }}",
            conn_id=CONNECTION,
            deploy_mode="client",
            # One writer at a time.
            pool=READERS_POOL if reads else POOL,
            priority_weight=PRIORITIES.get(command[0], 1),
            weight_rule="absolute",
            outlets=[PUBLISHED] if announces else [],
            **kwargs,
        )
        self.command = command
        self.form = form
        self.report = report
        self.announces = announces

    def arguments(self, context: Mapping[str, Any], jinja_env: Any) -> list[str]:
        known = OPTIONS[self.command[0]]
        options = {**DEFAULTS.get(self.command[0], {}), **settings().get("options", {})}
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
            failure = None
            try:
                with while_the_supervisor_lives(self.on_kill):
                    super().execute(context)
            except AirflowException as ended:
                failure = self.explained(ended)
            did = json.loads(report.read_text()) if report.is_file() else None
            self.announce(context, did, failed=failure is not None)
            if failure:
                raise failure
            return did

    def announce(self, context: Any, did: dict[str, Any] | None, failed: bool) -> None:
        """Announces the asset if sessions were published. What a failed try has published is for the next try."""
        if not self.announces:
            return
        if self.announces != self.task_id:
            # The XCom of the other task is the same in each try.
            news = published(context["ti"].xcom_pull(task_ids=self.announces))
        else:
            store = context["task_state_store"]
            news = together(store.get("published"), published(did))
            if failed and news:
                store.set("published", news)
            elif news:
                # A cleared task must not announce it again.
                store.delete("published")
        if news and not failed:
            context["outlet_events"][PUBLISHED].add(USER_SESSIONS, extra=news)

    def explained(self, failure: AirflowException) -> AirflowException:
        code = self._hook._submit_sp.returncode if self._hook and self._hook._submit_sp else None
        if code is None:
            return failure
        said = re.findall(r"^sessionize: (?!warning)(.*)$", str(failure), re.MULTILINE)[-1:]
        message = f"sessionize {self.command[0]} {ending(code)}: {''.join(said) or 'see the log of this task'}"
        return AirflowFailException(message) if code in FINAL else AirflowException(message)

    def on_kill(self) -> None:
        driver = self._hook._submit_sp if self._hook else None
        if driver and driver.poll() is None:
            # After a SIGTERM, Spark deletes its temporary files.
            driver.terminate()
            try:
                driver.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                # First of all: the rest writes to a log that may be gone with the supervisor.
                driver.kill()
                super().on_kill()

    def _get_hook(self) -> Any:
        hook = super()._get_hook()
        hook.submit = partial(hook.submit, preexec_fn=end_with_the_task)
        return hook


def ending(code: int) -> str:
    """Returns how a driver ended. A shell reports a signal as 128 and its number."""
    number = -code if code < 0 else code - 128
    if number == signal.SIGKILL:
        return f"was killed ({code}), perhaps because the worker ran out of memory (its kernel's log says so)"
    if code < 0:
        return f"was ended by {signal.Signals(number).name} ({code})"
    return f"ended with exit code {code}"


COUNTS = ("sessions_added", "sessions_changed", "sessions_removed")


def published(did: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Returns what a report says for the consumers of the sessions table; None if nothing changed for them."""
    if not did or not any(did.get(count) for count in COUNTS):
        return None
    return {key: did[key] for key in ("run", "snapshot", "watermark", *COUNTS) if key in did}


def together(before: dict[str, Any] | None, now: dict[str, Any] | None) -> dict[str, Any] | None:
    """Returns what two tries have published."""
    if not before or not now:
        return now or before
    return {**before, **now, **{count: before[count] + now[count] for count in COUNTS}}


@contextmanager
def while_the_supervisor_lives(end: Callable[[], None]) -> Iterator[None]:
    """Calls a function if the parent of this process ends meanwhile. The task is then an orphan: Airflow cannot stop
    it, waits for its heartbeat's timeout, and tries it again."""
    supervisor, done = os.getppid(), threading.Event()

    def watch() -> None:
        while not done.wait(1):
            if os.getppid() != supervisor:
                return end()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()


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
