"""
### Backfill a range of Kafka offsets

Corrects the sessions of a range of offsets, whether the range was read before or not. Give the beginning and the end of
the range, by offsets or by time.

`plan` writes to its log what would change; the counts are its XCom. With *dry run* the DAG ends after `plan`. Otherwise
`apply` computes the same changes and publishes them, and `check` checks the invariants of the tables. The backfill does
not change the watermark or the committed offsets, so the hourly runs continue as before. `apply` waits for the slot of the
pipeline's pool. If it has published sessions, `check` announces the asset.

This is not Airflow's own backfill: the range of offsets of a run follows from the tables, not from dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import DAG, Param, task
from airflow.sdk.exceptions import AirflowFailException

from sessionize_airflow import settings
from sessionize_airflow.operator import SessionizeOperator
from sessionize_airflow.pipeline import Pipeline

# In Python, $ also matches before a final line break, hence (?!\n). The format date-time is only for the form: Airflow
# does not check it.
OFFSET = r"([A-Za-z0-9._-]{1,249}:)?[0-9]{1,9}:[0-9]{1,18}"
OFFSETS = rf"^(earliest|latest|{OFFSET}(,{OFFSET})*)$(?!\n)"
# A name, no path: see settings.users_file.
FILE = r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$(?!\n)"
TIME = r"^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$(?!\n)"


def offsets(title: str, description: str) -> Param:
    return Param(
        None,
        type=["null", "string"],
        pattern=OFFSETS,
        # Linux gives a program no argument of 128 KiB.
        maxLength=100_000,
        title=title,
        description=f"{description}. Example: 0:100,1:50 or web:0:100",
    )


def time(title: str, description: str) -> Param:
    return Param(
        None, type=["null", "string"], format="date-time", pattern=TIME, title=title, description=description
    )


def form(params: Mapping[str, Any]) -> list[str]:
    # Airflow accepts any key. A mistyped `user_file` would be a backfill of all users.
    if unknown := params.keys() - PARAMS.keys():
        raise AirflowFailException(f"The form has no field {', '.join(sorted(unknown))}, only {', '.join(PARAMS)}")
    ends = {name: params[name] for name in ("from", "to", "from_time", "to_time") if params[name]}
    return [
        *(f"--{name.replace('_', '-')}={value}" for name, value in ends.items()),
        *(f"--users-file={settings.users_file(name)}" for name in [params["users_file"]] if name),
    ]


PARAMS = {
    "from": offsets("From offsets", "First offsets: PARTITION:OFFSET of each partition, or earliest"),
    "to": offsets("To offsets", "End of the range, exclusive: PARTITION:OFFSET of each partition, or latest"),
    "from_time": time("From time", "Instead of offsets: begin with the first records sent at or after this time"),
    "to_time": time("To time", "Instead of offsets: end before the first records sent at or after this time"),
    # The ids themselves would be in the database of Airflow, on its pages and in its logs.
    "users_file": Param(
        None,
        type=["null", "string"],
        pattern=FILE,
        title="File of users",
        description="Backfill only the users of this file, one uuid on each line. The name of a file in the worker's folder "
        "SESSIONIZE_USERS_FOLDER; no name means all users",
    ),
    "dry_run": Param(True, type="boolean", title="Dry run", description="Only show what would change"),
}


@task.short_circuit
def unless_dry_run(params: Mapping[str, Any]) -> bool:
    return not params["dry_run"]


def create(pipeline: Pipeline) -> None:
    arguments = pipeline.dag("backfill", hours=24, task_hours=6, params=PARAMS)
    description = "Correct the sessions of a range of Kafka offsets"
    with DAG(description=description, doc_md=__doc__, schedule=None, **arguments):
        command = ["backfill", "--no-ids"]
        plan = SessionizeOperator(
            pipeline=pipeline, task_id="plan", command=[*command, "--dry-run"], form=form, report=True
        )
        apply = SessionizeOperator(pipeline=pipeline, task_id="apply", command=command, form=form, report=True)
        check = SessionizeOperator(
            pipeline=pipeline, task_id="check", command=["check", "--no-ids"], announces="apply"
        )
        plan >> unless_dry_run() >> apply >> check
