"""
### Backfill a range of Kafka offsets

Corrects the sessions of a range of offsets, whether the range was read before or not. Give the beginning and the end of
the range, by offsets or by time.

`plan` writes to its log what would change; the counts are its XCom. With *dry run* the DAG ends after `plan`. Otherwise
`apply` computes the same changes and publishes them, and `check` checks the invariants of the tables. The backfill does
not change the watermark or the committed offsets, so the hourly runs continue as before. `apply` waits for the slot of the
pool `sessionize`. If it has published sessions, `check` announces the asset `user_sessions`.

This is not Airflow's own backfill: the range of offsets of a run follows from the tables, not from dates.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from airflow.sdk import DAG, Param, task
from airflow.sdk.exceptions import AirflowFailException
from sessionize_job import DEFAULT_ARGS, SessionizeOperator, deadline

# In Python, $ also matches before a final line break, hence (?!\n). The format date-time is only for the form: Airflow
# does not check it.
OFFSET = r"([A-Za-z0-9._-]{1,249}:)?[0-9]{1,9}:[0-9]{1,18}"
OFFSETS = rf"^(earliest|latest|{OFFSET}(,{OFFSET})*)$(?!\n)"
# Neither NUL nor half a character (a lone surrogate) can be given to a program; and not only blanks.
USER = r"^(?=[\s\S]*\S)[^\x00\ud800-\udfff]+$"
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
    # Airflow accepts any key. A mistyped `user` would be a backfill of all users.
    if unknown := params.keys() - PARAMS.keys():
        raise AirflowFailException(f"The form has no field {', '.join(sorted(unknown))}, only {', '.join(PARAMS)}")
    ends = {name: params[name] for name in ("from", "to", "from_time", "to_time") if params[name]}
    return [
        *(f"--{name.replace('_', '-')}={value}" for name, value in ends.items()),
        *(f"--user={user}" for user in params["users"] or []),
    ]


PARAMS = {
    "from": offsets("From offsets", "First offsets: PARTITION:OFFSET of each partition, or earliest"),
    "to": offsets("To offsets", "End of the range, exclusive: PARTITION:OFFSET of each partition, or latest"),
    "from_time": time("From time", "Instead of offsets: begin with the first records sent at or after this time"),
    "to_time": time("To time", "Instead of offsets: end before the first records sent at or after this time"),
    "users": Param(
        [],
        type=["null", "array"],
        items={"type": "string", "pattern": USER, "maxLength": 250},
        maxItems=1_000,
        title="Users",
        description="Backfill only these users: one uuid on each line; no line means all users",
    ),
    "dry_run": Param(True, type="boolean", title="Dry run", description="Only show what would change"),
}

with DAG(
    dag_id="sessionize_backfill",
    description="Correct the sessions of a range of Kafka offsets",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    deadline=deadline(hours=24),
    default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(hours=6)},
    tags=["sessionize"],
    params=PARAMS,
):

    @task.short_circuit
    def unless_dry_run(params: Mapping[str, Any]) -> bool:
        return not params["dry_run"]

    plan = SessionizeOperator(task_id="plan", command=["backfill", "--dry-run"], form=form, report=True)
    apply = SessionizeOperator(task_id="apply", command=["backfill"], form=form, report=True)
    check = SessionizeOperator(task_id="check", command=["check"], announces="apply")
    plan >> unless_dry_run() >> apply >> check
