"""The DAGs sessionize_hourly, sessionize_backfill and sessionize_maintenance, for Airflow.

A second pipeline is one more call, in a file of yours: docs/airflow.md.
"""

import sys
from pathlib import Path

# `airflow dags list --local` does not find what is beside a DAG file.
sys.path.append(str(Path(__file__).parent))

from sessionize_airflow import dags  # noqa: E402

dags("sessionize", asset="user_sessions")
