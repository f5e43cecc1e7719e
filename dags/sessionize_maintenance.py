"""
### Sessionize, daily maintenance

`maintain` tags the state of the day, compacts the tables, and expires old snapshots (`docs/maintenance.md`). `prove`
recomputes the last 24 runs from their Kafka offsets and compares the result with what they published. If a run is not
proven, `prove` ends with exit code 3, and the failure callback is called. On Sundays, `check` checks the invariants of all
rows: the hourly runs check only what they changed.
"""

from datetime import datetime, timedelta, timezone
from typing import Any

from airflow.sdk import DAG, task
from sessionize_job import DEFAULT_ARGS, SessionizeOperator

# As Python counts the days of the week.
SUNDAY = 6

with DAG(
    dag_id="sessionize_maintenance",
    description="Tag, compact and expire; prove the last 24 runs; check all rows once a week",
    doc_md=__doc__,
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(hours=6)},
    tags=["sessionize"],
):

    @task.short_circuit
    def on_sundays(dag_run: Any) -> bool:
        return dag_run.run_after.weekday() == SUNDAY

    maintain = SessionizeOperator(task_id="maintain", command=["maintain"])
    prove = SessionizeOperator(task_id="prove", command=["audit", "prove", "--last=24"])
    check = SessionizeOperator(task_id="check", command=["check"])
    sunday = on_sundays()
    maintain >> [prove, sunday]
    sunday >> check
