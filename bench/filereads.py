"""Counts the bytes and row groups that a process reads from files, with Java's own flight recorder.

Spark's event log counts the bytes that SQL scans read. The recorder counts every read of a file by the process. The job
records how many row groups of a data file it opens.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

READ = "jdk.FileRead"
# Of versions that record it. Row groups that Spark's own scans read are not among them.
OPENED = "sessionize.OpenedRowGroups"
FIELD = re.compile(r'"(path|bytesRead|rowGroups)": (".*"|-?\d+)')


def recorded(file: Path) -> dict[str, str]:
    """Environment of a command that makes its JVM record its reads into the file. Costs time."""
    settings = (f"+{READ}#{setting}" for setting in ("enabled=true", "threshold=0ms", "stackTrace=false"))
    recording = ",".join([f"filename={file}", "settings=none", "maxsize=20g", *settings, f"+{OPENED}#enabled=true"])
    # Java 17 crashes if it records while it maps an archive of classes.
    return {"SESSIONIZE_JAVA_OPTIONS": f"-Xshare:off -XX:StartFlightRecording={recording}"}


def reads(file: Path) -> dict[str, Counter[str]]:
    """Bytes read and row groups opened, each by path."""
    found: dict[str, Counter[str]] = {"bytesRead": Counter(), "rowGroups": Counter()}
    path = ""
    command = [tool("jfr"), "print", "--json", "--events", f"{READ},{OPENED}", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as print_:
        for line in print_.stdout:
            if match := FIELD.search(line):
                # In both cases a JSON value. A read at the end of a file has -1 bytes, in some versions of Java.
                value = json.loads(match[2])
                if match[1] == "path":
                    path = value.removeprefix("file:")
                else:
                    found[match[1]][path] += max(0, value)
    if print_.returncode != 0:
        raise subprocess.CalledProcessError(print_.returncode, print_.args)
    return found


def data_reads(file: Path, warehouse: Path) -> dict[str, float]:
    """Megabytes read from the sessions table's data and delete files, the number of these files, and the row groups opened.

    Without row groups if no event tells them.
    """
    folder = warehouse / "sessions/user_sessions/data"

    def of_table(counts: Counter[str]) -> list[int]:
        return [count for path, count in counts.items() if path.startswith(f"{folder}/") and path.endswith(".parquet")]

    found = reads(file)
    read = of_table(found["bytesRead"])
    opened = of_table(found["rowGroups"])
    return {"read_mb": sum(read) / 1e6, "read_files": len(read)} | ({"row_groups": sum(opened)} if opened else {})


def tool(name: str) -> str:
    return f"{os.environ['JAVA_HOME']}/bin/{name}" if "JAVA_HOME" in os.environ else name
