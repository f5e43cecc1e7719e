"""The phase of a killed run follows from the files that the run has left."""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts" / "soak"))

from progress import PHASES, SESSIONS, STAGING, Progress


class Phases(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.warehouse = Path(folder.name) / "warehouse"
        self.temporary = Path(folder.name) / "tmp"
        self.commit(SESSIONS, main=1, sessionize_of_a_crash=2)
        self.commit(STAGING, main=1)
        self.progress = Progress(self.warehouse, self.temporary)

    def commit(self, table: str, **references: int) -> Path:
        metadata = self.warehouse / "sessions" / table / "metadata"
        metadata.mkdir(parents=True, exist_ok=True)
        file = metadata / f"{len(list(metadata.iterdir())):05}-uuid.gz.metadata.json"
        refs = {name: {"snapshot-id": snapshot, "type": "branch"} for name, snapshot in references.items()}
        file.write_bytes(gzip.compress(json.dumps({"refs": refs}).encode()))
        return file

    def test_a_run_goes_through_all_of_them(self) -> None:
        phases = [self.progress.phase()]
        self.assertFalse(self.progress.spark_is_up())
        (self.temporary / "blockmgr-1").mkdir(parents=True)
        phases.append(self.progress.phase())
        self.assertFalse(self.progress.has_written())
        self.commit(SESSIONS, main=1, sessionize_of_a_crash=2, sessionize_new=1)
        self.assertTrue(self.progress.has_written())
        phases.append(self.progress.phase())
        self.assertFalse(self.progress.has_published())
        self.commit(SESSIONS, main=3, sessionize_of_a_crash=2)
        self.assertTrue(self.progress.has_published())
        phases.append(self.progress.phase())
        self.commit(STAGING, main=2)
        phases.append(self.progress.phase())
        self.assertEqual(tuple(phases), PHASES)

    def test_a_file_that_a_kill_cut_off_does_not_count(self) -> None:
        (self.temporary / "blockmgr-1").mkdir(parents=True)
        file = self.commit(SESSIONS, main=3)
        file.write_bytes(file.read_bytes()[:-5])
        self.assertEqual(self.progress.phase(), "reading")

    def test_a_file_that_is_deleted_while_it_is_looked_for_does_not_count(self) -> None:
        gone = self.warehouse / "sessions" / SESSIONS / "metadata" / "99999-gone.gz.metadata.json"
        gone.symlink_to(self.warehouse / "gone")
        self.assertEqual(self.progress.phase(), "starting")
        self.assertFalse(self.progress.has_published())

    def test_making_the_tables_is_not_publishing(self) -> None:
        self.warehouse = self.warehouse / "new"
        progress = Progress(self.warehouse, self.temporary)
        self.assertFalse(progress.has_written())
        self.commit(SESSIONS, main=1)
        self.commit(STAGING, main=1)
        self.assertTrue(progress.has_written())
        self.assertFalse(progress.has_published())
        self.assertEqual(progress.phase(), "starting")


if __name__ == "__main__":
    unittest.main()
