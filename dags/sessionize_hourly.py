"""
### Sessionize, every hour

`run --check` reads the Kafka offsets that the tables do not have yet and publishes the sessions that are now closed. Then
it checks the invariants of what it changed. If it has published sessions, the asset `user_sessions` is announced. Its report
is its XCom.

The tables alone determine which offsets a run reads, not the hour for which it was scheduled. A run that was missed,
retried or started by hand does no harm: the next run reads the missing offsets. So Airflow's own backfill has nothing to do
here, and is refused.

Exit codes 2 (configuration) and 3 (data loss, broken invariant) fail at once; all others are retried with growing
delays. Settings: the Variable `sessionize` and the connection `spark_default`; see `docs/airflow.md`.
"""

from datetime import datetime, timezone

from airflow.sdk import DAG
from sessionize_job import ALLOWED_RUN_TYPES, DEFAULT_ARGS, SessionizeOperator, deadline

with DAG(
    dag_id="sessionize_hourly",
    description="Compute sessions from new events",
    doc_md=__doc__,
    schedule="@hourly",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    allowed_run_types=ALLOWED_RUN_TYPES,
    deadline=deadline(hours=3),
    default_args=DEFAULT_ARGS,
    tags=["sessionize"],
):
    SessionizeOperator(task_id="run", command=["run", "--check"], report=True, announces="run")
