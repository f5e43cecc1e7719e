"""
### Once a day

`maintain` tags the day's state, compacts, and expires what is older than the job keeps (`docs/maintenance.md`). `prove`
recomputes the last 24 runs from their Kafka offsets and compares them with what was published; where one is not proven
it ends with exit code 3, and the failure callback is called.
"""

from datetime import datetime, timedelta, timezone

from airflow.sdk import DAG
from sessionize_job import DEFAULT_ARGS, SessionizeOperator

with DAG(
    dag_id="sessionize_maintenance",
    description="Tag, compact, expire; prove the last day",
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
