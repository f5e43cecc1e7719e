"""
### Sessionize, every hour

`run --check` reads the Kafka offsets that the tables do not have yet and publishes the sessions that are now closed. Then
it checks the invariants of what it changed. If it has published sessions, the asset is announced. Its report
is its XCom.

The tables alone determine which offsets a run reads, not the hour for which it was scheduled. A run that was missed,
retried or started by hand does no harm: the next run reads the missing offsets. So Airflow's own backfill has nothing to do
here, and is refused.

Exit codes 2 (configuration) and 3 (data loss, broken invariant) fail at once; all others are retried with growing
delays. Settings: the Variable of the pipeline and the connection `spark_default`; see `docs/airflow.md`.
"""

from __future__ import annotations

from airflow.sdk import DAG

from sessionize_airflow.operator import SessionizeOperator
from sessionize_airflow.pipeline import ALLOWED_RUN_TYPES, Pipeline


def create(pipeline: Pipeline) -> None:
    arguments = pipeline.dag("hourly", hours=3, task_hours=2, allowed_run_types=ALLOWED_RUN_TYPES)
    with DAG(description="Compute sessions from new events", doc_md=__doc__, schedule="@hourly", **arguments):
        SessionizeOperator(
            pipeline=pipeline, task_id="run", command=["run", "--check", "--no-ids"], report=True, announces="run"
        )
