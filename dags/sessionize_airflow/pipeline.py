"""What the DAGs of one pipeline share: names, the arguments of a DAG, and alerts."""

from __future__ import annotations

import logging
import pkgutil
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

from airflow.sdk import Asset, AssetAlias, DeadlineAlert, DeadlineReference, SyncCallback

log = logging.getLogger(__name__)

# Airflow's own backfill would start a driver for each past hour, to read what the tables lack: nothing.
ALLOWED_RUN_TYPES = ["scheduled", "manual", "operator_triggered", "asset_triggered", "asset_materialization"]


class Pipeline(NamedTuple):
    """One topic and its tables; the parameters are those of sessionize_airflow.dags."""

    name: str
    asset_name: str
    on_failure: str | None

    @property
    def asset(self) -> Asset:
        return Asset(self.asset_name)

    @property
    def alias(self) -> AssetAlias:
        """Announced only after the changed rows have passed the check. An outlet that is an asset is announced by every task
        that succeeds; an alias only if the task says so."""
        return AssetAlias(f"{self.asset_name}_published")

    def dag(self, kind: str, *, hours: int, task_hours: int, **more: Any) -> dict[str, Any]:
        """Returns the arguments of a DAG.

        :param hours: after which a DAG run is late
        :param task_hours: after which a task has failed
        """
        return {
            "dag_id": f"{self.name}_{kind}",
            "start_date": datetime(2026, 1, 1, tzinfo=timezone.utc),
            "catchup": False,
            "max_active_runs": 1,
            "deadline": self.deadline(hours),
            # The first retry starts after one to two minutes. Each later delay is twice as long.
            "default_args": {
                "retries": 3,
                "retry_delay": timedelta(minutes=1),
                "retry_exponential_backoff": 2.0,
                "max_retry_delay": timedelta(minutes=15),
                "execution_timeout": timedelta(hours=task_hours),
                "on_failure_callback": partial(alert, on_failure=self.on_failure),
            },
            "tags": ["sessionize"],
            **more,
        }

    def deadline(self, hours: int) -> DeadlineAlert:
        """Covers what fails no task: a missing pool, an occupied slot, no free worker, a DAG paused after its run began."""
        return DeadlineAlert(
            reference=DeadlineReference.DAGRUN_QUEUED_AT,
            interval=timedelta(hours=hours),
            callback=SyncCallback(late, kwargs={"after": f"{hours} hours", "on_failure": self.on_failure}),
        )


def alert(context: Mapping[str, Any], on_failure: str | None) -> None:
    """Logs a task that has finally failed, and calls the function that the DAG file names."""
    task = context["task_instance"]
    log.error("%s.%s has failed (%s): %s", task.dag_id, task.task_id, task.run_id, context.get("exception"))
    if on_failure:
        pkgutil.resolve_name(on_failure)(context)


def late(context: Mapping[str, Any], after: str, on_failure: str | None) -> None:
    """Alerts as for a failed task, if a DAG run has not ended in time. No task has failed, so there is none to name."""
    run = context["dag_run"]
    task = SimpleNamespace(dag_id=run["dag_id"], task_id="(deadline)", run_id=run["dag_run_id"])
    message = f"has not ended {after} after it was queued: see 'A DAG run is late' in docs/airflow.md"
    alert({**context, "task_instance": task, "exception": message}, on_failure)
