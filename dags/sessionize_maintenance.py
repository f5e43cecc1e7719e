"""
### Sessionize, daily maintenance

`maintain` tags the state of the day, compacts the tables, and expires old snapshots (`docs/maintenance.md`). `prove`
recomputes the last 24 runs from their Kafka offsets and compares the result with what they published. If a run is not
proven, `prove` ends with exit code 3, and the failure callback is called.
"""

from datetime import datetime, timedelta, timezone

from airflow.sdk import DAG
from sessionize_job import DEFAULT_ARGS, SessionizeOperator

with DAG(
    dag_id="sessionize_maintenance",
    description="Tag, compact and expire; prove the last 24 runs",
    doc_md=__doc__,
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(hours=6)},
    tags=["sessionize"],
):
    maintain = SessionizeOperator(task_id="maintain", command=["maintain"])
    prove = SessionizeOperator(task_id="prove", command=["audit", "prove", "--last=24"])
    maintain >> prove
