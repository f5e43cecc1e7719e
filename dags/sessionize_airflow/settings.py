"""The settings of a pipeline: its Variable, and the environment of the worker.

The right to edit Variables in Airflow must not be a right to run code on a worker. So what could run code (the jar, Spark, Java,
their environment) comes from the worker itself, and the Variable holds only what is listed here.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import jsonschema
from airflow.sdk import Variable
from airflow.sdk.exceptions import AirflowFailException

TABLES = {"warehouse", "iceberg-database", "iceberg-table", "log-level"}
KAFKA = {"kafka-servers", "kafka-topic", "kafka-properties"}
RULES = {"inactivity-timeout", "max-session-duration", "boundary-rule", "end-session-on-page"}
LATENESS = {"watermark-delay", "late-horizon", "clock-skew"}
READING = {"checkpoint-location", "max-offsets-per-trigger", "max-bytes-per-trigger", "stop-after", "fail-on-data-loss"}
OPTIONS = {
    "run": TABLES | KAFKA | RULES | LATENESS | READING | {"definition", "max-rejected", "set-aside-users", "metrics-file"},
    "backfill": TABLES | KAFKA | RULES | {"definition", "late-horizon", "clock-skew"},
    "check": TABLES | RULES,
    "maintain": TABLES | {"keep-snapshots", "keep-tags"},
    "audit": TABLES | KAFKA | RULES,
}
# A backlog is read in batches, each with its own commit, and a run ends before its time limit (execution_timeout).
DEFAULTS = {"run": {"max-offsets-per-trigger": 1_000_000, "stop-after": "90m"}}

# Sizes, and the choice among the catalogs that spark-defaults.conf describes. No setting that names a class, a jar or options of
# Java.
CONF = {
    "spark.cores.max",
    "spark.driver.maxResultSize",
    "spark.driver.memory",
    "spark.executor.cores",
    "spark.executor.instances",
    "spark.executor.memory",
    "spark.log.level",
    "spark.sql.defaultCatalog",
    "spark.sql.shuffle.partitions",
}
# The same heap as in the launcher. WARN keeps Spark's own INFO lines out of Airflow's log.
DEFAULT_CONF = {"spark.driver.memory": "3g", "spark.log.level": "WARN"}

# Booleans are not allowed: true would become the argument True.
VALUE = {"type": ["string", "integer"]}
# Spark replaces ${env:NAME} in a setting by the environment of the worker, which may hold passwords. In Python, $ also matches
# before a final line break.
PLAIN = {**VALUE, "pattern": r"^[A-Za-z0-9_.-]+$(?!\n)"}
# A name, no path: see definition().
FILE = {"type": "string", "pattern": r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$(?!\n)"}


def only(names: set[str], value: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": {name: value for name in names}}


SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"options": only(set().union(*OPTIONS.values()), VALUE), "conf": only(CONF, PLAIN)},
}
SCHEMA["properties"]["options"]["properties"]["definition"] = FILE


def of_variable(name: str) -> dict[str, Any]:
    """Returns the Airflow Variable, checked on the worker. An error in it fails the task without a retry."""
    try:
        value = Variable.get(name, default=None, deserialize_json=True)
    except ValueError:
        value = None
    if value is None:
        raise AirflowFailException(f"Variable {name} is not set, or is not JSON: see docs/airflow.md")
    try:
        jsonschema.validate(value, SCHEMA)
    except jsonschema.ValidationError as error:
        raise AirflowFailException(f"Variable {name}: {error.json_path}: {error.message}") from None
    return value


def options(variable: str, command: str) -> list[str]:
    """Returns the options that the command knows, as its arguments."""
    given = {**DEFAULTS.get(command, {}), **of_variable(variable).get("options", {})}
    known = {name: value for name, value in given.items() if name in OPTIONS[command]}
    if "definition" in known:
        known["definition"] = definition(known["definition"])
    return [f"--{name}={value}" for name, value in known.items()]


def conf(variable: str) -> dict[str, Any]:
    return {**DEFAULT_CONF, **of_variable(variable).get("conf", {})}


def file(of: str, within: str = "") -> str:
    """Returns a file that an environment variable of the worker names, or that is in the folder that it names."""
    if not (named := os.environ.get(of)):
        raise AirflowFailException(f"{of} is not set in the environment of this worker: see docs/airflow.md")
    path = str(Path(named, within))
    if not Path(path).is_file():
        raise AirflowFailException(f"{of}: there is no file {path} on this worker")
    return path


def jar() -> str:
    return file("SESSIONIZE_JAR")


def spark_submit() -> str:
    return file("SPARK_HOME", "bin/spark-submit")


def umask() -> int:
    """Returns the umask of the driver: as in the launcher, others cannot read its files unless SESSIONIZE_UMASK allows it."""
    given = os.environ.get("SESSIONIZE_UMASK", "027")
    if not re.fullmatch("0?[0-7]{3}", given):
        raise AirflowFailException(f"SESSIONIZE_UMASK must be an octal number such as 022, not {given!r}")
    return int(given, 8)


def users_file(name: str) -> str:
    """Returns the path of a file of users. The form names only files of this folder: their lines are not for everybody."""
    return file("SESSIONIZE_USERS_FOLDER", name)


def definition(name: str) -> str:
    """Returns the path of a definition. The Variable names only files of this folder: errors show parts of the file."""
    return file("SESSIONIZE_DEFINITIONS_FOLDER", name)
