"""
### Sessionize, daily maintenance

`maintain` tags the state of the day, compacts the tables, and expires old snapshots (`docs/maintenance.md`). `prove`
recomputes the runs of the last 24 hours from their Kafka offsets and compares the result with what they published. If a run
is not proven, `prove` ends with exit code 3, and the failure callback is called. On Sundays, `check` checks the invariants of
all rows: the hourly runs check only what they changed. `prove` and `check` only read, and run beside the hourly runs.
"""

from datetime import datetime, timedelta, timezone
from typing import Any

from airflow.sdk import DAG, task
from sessionize_job import ALLOWED_RUN_TYPES, DEFAULT_ARGS, SessionizeOperator, deadline

# As Python counts the days of the week.
SUNDAY = 6

with DAG(
    dag_id="sessionize_maintenance",
    description="Tag, compact and expire; prove the runs of the last 24 hours; check all rows once a week",
    doc_md=__doc__,
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    allowed_run_types=ALLOWED_RUN_TYPES,
    deadline=deadline(hours=12),
    default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(hours=6)},
    tags=["sessionize"],
):

    # Also if a run is not proven: then above all.
    @task.short_circuit(trigger_rule="all_done")
    def on_sundays(dag_run: Any) -> bool:
        return dag_run.run_after.weekday() == SUNDAY

    maintain = SessionizeOperator(task_id="maintain", command=["maintain"])
    prove = SessionizeOperator(task_id="prove", command=["audit", "prove", "--since=24h"])
    check = SessionizeOperator(task_id="check", command=["check"])
    # One after the other: each driver needs the memory of a driver.
    maintain >> prove >> on_sundays() >> check
