"""A real Airflow in a folder of its own, for these tests. To be imported before anything of Airflow, which reads its
settings when it is imported; what it starts shares that folder."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
MASTER = "local[2]"

# Set by the first process of a test for those that it starts. A developer's own AIRFLOW_HOME is not touched.
HOME = "SESSIONIZE_TEST_AIRFLOW_HOME"
is_first = HOME not in os.environ
if is_first:
    os.environ[HOME] = tempfile.mkdtemp(prefix="sessionize-airflow-")
    atexit.register(shutil.rmtree, os.environ[HOME], ignore_errors=True)
DAGS = Path(os.environ[HOME], "dags")

os.environ |= {
    "AIRFLOW_HOME": os.environ[HOME],
    "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "CRITICAL",
    "AIRFLOW_CONN_SPARK_DEFAULT": json.dumps({"conn_type": "spark", "host": MASTER}),
}
sys.path[:0] = [str(ROOT / "scripts/soak"), str(ROOT / "dags")]

from airflow.dag_processing.dagbag import BundleDagBag  # noqa: E402
from airflow.models.asset import AssetEvent  # noqa: E402
from airflow.sdk import DAG  # noqa: E402
from airflow.utils import db  # noqa: E402
from airflow.utils.session import create_session  # noqa: E402

# A DAG file of a user, in a folder of their own: two pipelines.
DAG_FILE = """
from sessionize_airflow import dags

dags("sessionize", asset="user_sessions", on_failure="workplace:record")
dags("clicks", asset="clicks_sessions")
"""

if is_first:
    DAGS.mkdir()
    (DAGS / "pipelines.py").write_text(DAG_FILE)
    db.initdb()

# What on_failure was called with.
ALERTS: list[str] = []


def record(context: Mapping[str, Any]) -> None:
    ALERTS.append(f"{context['task_instance'].task_id}: {context['exception']}")


def settings(jar: Path, spark_home: Path, **variable: Any) -> None:
    """Sets the Variable, and the environment of the worker."""
    os.environ["AIRFLOW_VAR_SESSIONIZE"] = json.dumps(variable)
    os.environ |= {"SESSIONIZE_JAR": str(jar), "SPARK_HOME": str(spark_home)}


def bag(folder: Path = DAGS) -> BundleDagBag:
    return BundleDagBag(dag_folder=folder, bundle_path=folder, bundle_name="dags-folder")


def dag(name: str) -> DAG:
    return to_test(bag().dags[f"sessionize_{name}"])


def to_test(dag: DAG) -> DAG:
    """For dag.test(): without delays, and without the deadline, with which dag.test() fails at the end (Airflow 3.3.2)."""
    dag.deadline = None
    for task in dag.tasks:
        task.retry_delay = timedelta()
        task.retry_exponential_backoff = 0
    return dag


def announced(name: str = "user_sessions") -> list[dict[str, Any]]:
    """What each announcement of an asset said, the oldest first."""
    with create_session() as session:
        events = session.query(AssetEvent).order_by(AssetEvent.id)
        return [event.extra for event in events if event.asset.name == name]


def states(run: Any) -> dict[str, tuple[str, int]]:
    """Of each task how it ended, and after how many tries."""
    return {ti.task_id: (str(ti.state), ti.try_number) for ti in run.get_task_instances()}


def xcom(run: Any, task: str) -> Any:
    return run.get_task_instance(task).xcom_pull(task)

