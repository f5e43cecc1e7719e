"""
### Sessionize, every hour

`run` reads the Kafka offsets that the tables do not have yet and publishes the sessions that are now closed; its report
is its XCom. `check` holds the tables' invariants, then announces the asset `user_sessions`.

What a run reads follows from the tables alone, never from the hour it was scheduled for: a run that was missed, retried
or started by hand does no harm, and the next one catches up.

Exit codes 2 (configuration) and 3 (data loss, broken invariant) fail at once; everything else is retried with growing
delays. Settings: the Variable `sessionize` and the connection `spark_default`; see `docs/airflow.md`.
"""

from datetime import datetime, timezone

from airflow.sdk import DAG
from sessionize_job import DEFAULT_ARGS, USER_SESSIONS, SessionizeOperator

with DAG(
    dag_id="sessionize_hourly",
    description="New events into sessions",
    doc_md=__doc__,
    schedule="@hourly",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["sessionize"],
):
    run = SessionizeOperator(task_id="run", command=["run"], report=True)
    check = SessionizeOperator(task_id="check", command=["check"], outlets=[USER_SESSIONS])
    run >> check
