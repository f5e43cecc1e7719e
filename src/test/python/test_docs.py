"""The documents' blocks run as they stand, in order, in Bash: what a reader pastes works.

The documents of a journey share a working folder, a broker and one shell. An HTML comment in the line before a block says
what is special about it:

    <!-- not run: WHY -->   it needs what is not here, such as Docker. Its syntax is checked
    <!-- file: NAME -->     the reader saves it as this file
    <!-- output -->         its lines are among those that the block before it prints; ... stands for any text

The packaged jar is needed: scripts/test.sh runs this test after the build.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[3]
DEADLINE_SECONDS = 1800

# Each begins on what the one before it has left.
JOURNEYS = {
    "readme and how to": (
        "README.md",
        *(f"docs/{name}.md" for name in ("maintenance", "reading", "custom-rules", "events", "operations", "recipes")),
    ),
    "tutorial": ("docs/tutorial.md",),
}
DOCUMENTS = ("README.md", *sorted(f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md")), "k8s/README.md")

BLOCK = re.compile(r"^(?:<!-- (?P<mark>[^>]*) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = ("bash", "python")
SHOWN = ("", "mermaid")
# A line, the header, and two lines. A table's last line and the next table are none.
EMPTY_TABLE = re.compile(r"(?<!\|\n)^\+[-+]+\+\n\|.*\|\n(\+[-+]+\+)\n\1$", re.MULTILINE)


class Block(NamedTuple):
    place: str
    mark: str
    language: str
    text: str

    @property
    def is_run(self) -> bool:
        return self.language in RUN and not self.mark.startswith("not run: ")


def blocks(document: str) -> Iterator[Block]:
    text = (ROOT / document).read_text()
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("language")) + 1
        yield Block(f"{document}:{line}", match["mark"] or "", match["language"], match["text"])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def cpu_seconds() -> float:
    """Of all processes that ended; the broker is none of them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Folder:
    """A working folder like a clone of the repository in which the jar was built; nothing is written into the repository."""

    def __init__(self, path: Path) -> None:
        self.path = path
        own = ("scripts", "target")
        for entry in ROOT.iterdir():
            if entry.name not in (*own, ".git", "demo-output", "logs", "warehouse"):
                (path / entry.name).symlink_to(entry)
        for folder in own:
            (path / folder).mkdir()
            for entry in (ROOT / folder).iterdir():
                # These two write beside themselves. The launcher follows its link to the jar and the archive of classes.
                if entry.name in ("kafka", "demo.sh", "kafka-broker.classpath"):
                    if entry.is_file():
                        shutil.copy2(entry, path / folder / entry.name)
                else:
                    (path / folder / entry.name).symlink_to(entry)
        # Where DuckDB looks for extensions. INSTALL downloads nothing that is there.
        (path / "home").mkdir()
        code = "import duckdb_extensions as d; d.import_extension('avro'); d.import_extension('iceberg')"
        subprocess.run([sys.executable, "-c", code], env={**os.environ, "HOME": str(path / "home")}, check=True)
        # The broker takes the last port that was used: here not 9092, which may be taken.
        self.port = free_port()
        settings = path / "target" / "kafka" / "server.properties"
        settings.parent.mkdir()
        settings.write_text(f"listeners=PLAINTEXT://127.0.0.1:{self.port},\n")

    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ICEBERG", "KAFKA", "SESSIONIZE"))},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{self.port}",
            "SESSIONIZE_HEAP": "2g",
            # A process that lives for seconds needs half the CPU without the second compiler and without Spark's generated code.
            "SESSIONIZE_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -Dspark.sql.codegen.factoryMode=NO_CODEGEN"
            " -Dspark.sql.codegen.wholeStage=false",
        }

    def run(self, todo: list[Block]) -> None:
        """Runs the blocks in one shell. The output of block N is in the file N.txt of the folder output."""
        output = self.path / "output"
        output.mkdir()
        script = ["set -e"]
        for number, block in enumerate(todo):
            script.append(f"exec >{output}/{number}.txt 2>&1")
            if block.mark.startswith("file: "):
                (output / f"{number}.file").write_text(block.text)
                script.append(f"cp {output}/{number}.file {block.mark.removeprefix('file: ')}")
            elif block.language == "python":
                (output / f"{number}.py").write_text(block.text)
                script.append(f"HOME={self.path}/home python3 {output}/{number}.py")
            else:
                script.append(block.text)
            script.append(f"echo $((SECONDS)) >{output}/{number}.done")
        (output / "script.sh").write_text("\n".join(script))
        try:
            ended = subprocess.run(
                ["bash", f"{output}/script.sh"],
                cwd=self.path,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=DEADLINE_SECONDS,
            )
        finally:
            for pid in self.path.rglob("kafka.pid"):
                subprocess.run([self.path / "scripts/kafka", "stop", "--data", pid.parent], capture_output=True)
        for number, block in enumerate(todo):
            done, told = output / f"{number}.done", self.output(number)
            if not done.exists():
                raise AssertionError(f"{block.place} ends with {ended.returncode}:\n{block.text}\n{told[-3000:]}")
            print(f"{done.read_text().strip():>4} s  {block.place}")
            if EMPTY_TABLE.search(told):
                raise AssertionError(f"{block.place} shows an empty table:\n{told}")

    def output(self, number: int) -> str:
        return (self.path / "output" / f"{number}.txt").read_text()


class DocsTest(unittest.TestCase):
    maxDiff = None

    def test_a_block_is_run_or_says_why_not(self) -> None:
        journeys = [document for documents in JOURNEYS.values() for document in documents]
        for document in DOCUMENTS:
            text = (ROOT / document).read_text()
            found = list(blocks(document))
            fences = len(re.findall(r"^\s*```", text, re.MULTILINE))
            self.assertEqual(fences, 2 * len(found), f"{document}: a block is not closed, or is indented")
            for block in found:
                with self.subTest(block.place):
                    if document not in journeys:
                        self.assertFalse(block.is_run, "in no journey")
                    # RulesDocsTest runs the blocks of rules.
                    self.assertRegex(block.mark, r"^(not run: \w.*|file: \S+|rules:\w+|output|)$")
                    if block.language == "json":
                        json.loads(block.text)
                    elif block.language == "yaml":
                        list(yaml.safe_load_all(block.text))
                    elif block.language == "properties":
                        for line in block.text.replace("\\\n", "").splitlines():
                            self.assertRegex(line, r"^(#.*|[\w.-]+=\S.*|)$")
                    elif block.language == "python":
                        compile(block.text, block.place, "exec")
                    elif block.language == "bash":
                        subprocess.run(["bash", "-n"], input=block.text, text=True, check=True)
                    elif (document, block.language) == ("docs/columns-web.md", "sql"):
                        pass  # WebDocsTest writes it, and WebColumnsSqlTest runs it.
                    elif block.language not in SHOWN:
                        self.assertTrue(block.mark, f"How is a block of {block.language} run?")

    def journey(self, name: str) -> None:
        found = [block for document in JOURNEYS[name] for block in blocks(document)]
        todo = [block for block in found if block.is_run or block.mark.startswith("file: ")]
        with tempfile.TemporaryDirectory() as path:
            folder = Folder(Path(path))
            before_s = cpu_seconds()
            folder.run(todo)
            print(f"{name}: {cpu_seconds() - before_s:.0f} s of CPU")
            for before, block in zip(found, found[1:]):
                if block.mark == "output":
                    pattern = ".*\n".join(
                        re.escape(line).replace(re.escape("..."), ".*") for line in block.text.splitlines()
                    )
                    told = folder.output(todo.index(before))
                    self.assertRegex(told, pattern, block.place)

    def test_readme_and_how_to(self) -> None:
        self.journey("readme and how to")

    def test_tutorial(self) -> None:
        self.journey("tutorial")


if __name__ == "__main__":
    unittest.main()
