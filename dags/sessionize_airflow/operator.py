"""The operator that submits one command of the job."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from airflow.sdk import BaseHook, BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException

from sessionize_airflow import settings
from sessionize_airflow.driver import Driver, ending, while_the_supervisor_lives
from sessionize_airflow.pipeline import Pipeline

CONNECTION = "spark_default"
# Airflow creates it.
READERS_POOL = "default_pool"

# Exit codes for which a retry is useless: 2, usage or configuration; 3, data loss or a broken invariant.
FINAL = (2, 3)

# Fresh data first. Readers do not wait for the slot.
PRIORITIES = {"run": 3, "backfill": 2}

COUNTS = ("sessions_added", "sessions_changed", "sessions_removed")


class SessionizeOperator(BaseOperator):
    """Submits a command of the job in client mode, so that spark-submit ends with the exit code of the driver.

    :param command: the command and its fixed arguments; the options come from the Variable
    :param form: converts the params of the DAG run to arguments. No shell or template changes these arguments
    :param report: whether the command writes a report, which becomes the XCom of the task
    :param announces: the task whose report says what was published, and thus what to announce; may be this task
    """

    template_fields: Sequence[str] = ("arguments", "conf")

    def __init__(
        self,
        *,
        pipeline: Pipeline,
        command: list[str],
        form: Callable[[Mapping[str, Any]], list[str]] = lambda params: [],
        report: bool = False,
        announces: str | None = None,
        **kwargs: Any,
    ) -> None:
        # These commands read fixed snapshots of both tables, so that a run may commit meanwhile.
        reads = command[0] in ("audit", "check") or "--dry-run" in command
        super().__init__(
            # One writer at a time.
            pool=READERS_POOL if reads else pipeline.name,
            priority_weight=PRIORITIES.get(command[0], 1),
            weight_rule="absolute",
            outlets=[pipeline.alias] if announces else [],
            **kwargs,
        )
        self.pipeline = pipeline
        self.command = command
        self.form = form
        self.report = report
        self.announces = announces
        # Airflow calls both on the worker, before the task is executed.
        self.arguments = self.of_run
        self.conf = self.of_variable
        self.driver: Driver | None = None

    def of_run(self, context: Mapping[str, Any], jinja_env: Any) -> list[str]:
        options = settings.options(self.pipeline.name, self.command[0])
        return [*self.command, *options, *self.form(context["params"])]

    def of_variable(self, context: Mapping[str, Any], jinja_env: Any) -> dict[str, Any]:
        return settings.conf(self.pipeline.name)

    def execute(self, context: Any) -> dict[str, Any] | None:
        with tempfile.TemporaryDirectory(prefix="sessionize-") as folder:
            report = Path(folder, "report.json")
            arguments = [*self.arguments, f"--report={report}"] if self.report else self.arguments
            self.driver = Driver(self.spark_submit(context, arguments), env=variables(), umask=settings.umask())
            with while_the_supervisor_lives(self.on_kill):
                code = self.driver.wait(self.log)
            did = json.loads(report.read_text()) if report.is_file() else None
            self.announce(context, did, failed=code != 0)
            if code:
                raise self.failure(code)
            return did

    def spark_submit(self, context: Any, arguments: list[str]) -> list[str]:
        conf = [f"--conf={name}={value}" for name, value in self.conf.items()]
        name = f"--name={context['ti'].dag_id}.{context['ti'].task_id}"
        job = ["--class=io.sessionize.cli.Main", settings.jar(), *arguments]
        return [settings.spark_submit(), f"--master={master()}", "--deploy-mode=client", name, *conf, *job]

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
            context["outlet_events"][self.pipeline.alias].add(self.pipeline.asset, extra=news)

    def failure(self, code: int) -> AirflowException:
        said = self.driver.said or "see the log of this task"
        message = f"sessionize {self.command[0]} {ending(code)}: {said}"
        return AirflowFailException(message) if code in FINAL else AirflowException(message)

    def on_kill(self) -> None:
        if self.driver:
            self.driver.end()


def variables() -> dict[str, str]:
    """Returns what the driver needs beside the environment of the worker."""
    return {
        # Java reads arguments in the charset of the locale, and a worker may have no locale.
        "LC_ALL": "C.UTF-8",
        # A core file has all rows in memory. The options of the worker follow, so they win.
        "SPARK_SUBMIT_OPTS": f"-XX:-CreateCoredumpOnCrash {os.environ.get('SPARK_SUBMIT_OPTS', '')}",
    }


def master() -> str:
    """Returns the master that the connection names. Its other fields are not used."""
    try:
        connection = BaseHook.get_connection(CONNECTION)
    except AirflowNotFoundException as unknown:
        raise AirflowFailException(f"There is no Airflow connection {CONNECTION}: see docs/airflow.md") from unknown
    named = f"{connection.host}:{connection.port}" if connection.port else str(connection.host)
    if not re.fullmatch(r"local(\[[0-9*,]+\])?|spark://\S+", named):
        raise AirflowFailException(f"Connection {CONNECTION}: the host must be local[N] or spark://..., not {named}")
    return named


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
