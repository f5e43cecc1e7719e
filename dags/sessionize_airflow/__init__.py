"""The DAGs of Sessionize. One call makes those of one pipeline: one topic, and its tables."""

from __future__ import annotations

from sessionize_airflow import backfill, hourly, maintenance
from sessionize_airflow.pipeline import Pipeline

__all__ = ["dags"]


def dags(name: str, *, asset: str, on_failure: str | None = None) -> None:
    """Creates NAME_hourly, NAME_backfill and NAME_maintenance in the DAG file that calls it.

    :param name: also the name of the pipeline's Variable, and of its pool with one slot
    :param asset: the asset that is announced when sessions were published
    :param on_failure: MODULE:FUNCTION to call with Airflow's context when a task has finally failed or a DAG run is late
    """
    pipeline = Pipeline(name, asset, on_failure)
    for module in (hourly, backfill, maintenance):
        module.create(pipeline)
