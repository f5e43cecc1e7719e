"""Counts the bytes that a process reads from files, with Java's own flight recorder.

Spark's event log counts the bytes that SQL scans read. The recorder counts every read of a file by the process.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

READ = "jdk.FileRead"
FIELD = re.compile(r'"(path|bytesRead)": (".*"|-?\d+)')


def recorded(file: Path) -> dict[str, str]:
    """Environment of a command that makes its JVM record its reads into the file. Costs time."""
    settings = (f"+{READ}#{setting}" for setting in ("enabled=true", "threshold=0ms", "stackTrace=false"))
    recording = ",".join([f"filename={file}", "settings=none", "maxsize=20g", *settings])
    # Java 17 crashes if it records while it maps an archive of classes.
    return {"SESSIONIZE_JAVA_OPTIONS": f"-Xshare:off -XX:StartFlightRecording={recording}"}


def reads(file: Path) -> Counter[str]:
    """Bytes read by path."""
    found: Counter[str] = Counter()
    path = ""
    with subprocess.Popen([tool("jfr"), "print", "--json", "--events", READ, str(file)], stdout=subprocess.PIPE, text=True) as print_:
        for line in print_.stdout:
            if match := FIELD.search(line):
                # In both cases a JSON value. A read at the end of a file has -1 bytes, in some versions of Java.
                value = json.loads(match[2])
                if match[1] == "path":
                    path = value
                else:
                    found[path] += max(0, value)
    if print_.returncode != 0:
        raise subprocess.CalledProcessError(print_.returncode, print_.args)
    return found


def data_reads(file: Path, warehouse: Path) -> dict[str, float]:
    """Megabytes read from the sessions table's data and delete files, and the number of files they are of."""
    folder = warehouse / "sessions/user_sessions/data"
    of_table = {path: count for path, count in reads(file).items() if path.startswith(f"{folder}/") and path.endswith(".parquet")}
    return {"read_mb": sum(of_table.values()) / 1e6, "read_files": len(of_table)}


def tool(name: str) -> str:
    return f"{os.environ['JAVA_HOME']}/bin/{name}" if "JAVA_HOME" in os.environ else name
