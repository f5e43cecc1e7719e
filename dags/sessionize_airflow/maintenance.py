"""
### Sessionize, daily maintenance

`maintain` tags the state of the day, compacts the tables, and expires old snapshots (`docs/maintenance.md`). `prove`
recomputes the runs of the last 24 hours from their Kafka offsets and compares the result with what they published. If a run
is not proven, `prove` ends with exit code 3, and the failure callback is called. On Sundays, `check` checks the invariants of
all rows: the hourly runs check only what they changed. `prove` and `check` only read, and run beside the hourly runs.

It starts at 08:35 UTC: until about eight, hourly runs read sessions of the day before. Before they are compacted, they are in
files of one hour each, and a run reads only those that it needs.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, task

from sessionize_airflow.operator import SessionizeOperator
from sessionize_airflow.pipeline import ALLOWED_RUN_TYPES, Pipeline

# As Python counts the days of the week.
SUNDAY = 6


# Also if a run is not proven: then above all. The rules of the tasks behind it stay in force, or it would skip the last one too.
@task.short_circuit(trigger_rule="all_done", ignore_downstream_trigger_rules=False)
def on_sundays(dag_run: Any) -> bool:
    return dag_run.run_after.weekday() == SUNDAY


# Airflow takes the state of a DAG run from its last tasks, and `check` is also skipped, or succeeds, behind a task that failed.
@task(trigger_rule="none_failed")
def all_ended_well() -> None:
    pass


def create(pipeline: Pipeline) -> None:
    arguments = pipeline.dag("maintenance", hours=12, task_hours=6, allowed_run_types=ALLOWED_RUN_TYPES)
    description = "Tag, compact and expire; prove the runs of the last 24 hours; check all rows once a week"
    with DAG(description=description, doc_md=__doc__, schedule="35 8 * * *", **arguments):
        maintain = SessionizeOperator(pipeline=pipeline, task_id="maintain", command=["maintain"])
        proof = ["audit", "prove", "--since=24h", "--no-ids"]
        prove = SessionizeOperator(pipeline=pipeline, task_id="prove", command=proof)
        check = SessionizeOperator(pipeline=pipeline, task_id="check", command=["check", "--no-ids"])
        # One after the other: each driver needs the memory of a driver.
        maintain >> prove >> on_sundays() >> check
        [maintain, prove, check] >> all_ended_well()
