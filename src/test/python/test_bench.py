"""The benchmark's late events are what its documentation says, and its reads are counted by file."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import unittest
from datetime import datetime
from pathlib import Path
from random import Random
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))

import filereads
import late
from generated_events import HOUR_MS, START_MS, hour, segment
from history import Week

TIMEOUT_MS = 30 * 60_000
MAX_MS = 2 * HOUR_MS
# The statement adds less than this to the time of an event.
JITTER_MS = 10_000
WEEK = Week.of(20_000)


def sessions_near(user: int, time_ms: int) -> list[tuple[int, int]]:
    """The sessions of the week that an event of the user at this time joins: earliest and latest time of each."""
    near = []
    for number in range(WEEK.HOURS):
        if number % WEEK.CYCLE == user % WEEK.CYCLE:
            first = WEEK.start_ms(user, number)
            for start in (first, first + WEEK.APART_MS):
                if start - TIMEOUT_MS <= time_ms <= start + WEEK.LENGTH_MS + TIMEOUT_MS:
                    near.append((start, start + WEEK.LENGTH_MS))
    return near


class WeekTest(unittest.TestCase):
    def test_the_sessions_of_a_user_are_apart_and_in_one_hour(self) -> None:
        for user in range(0, WEEK.users, 97):
            for number in range(user % WEEK.CYCLE, WEEK.HOURS, WEEK.CYCLE):
                begin = WEEK.BEGIN_MS + number * HOUR_MS
                first = WEEK.start_ms(user, number)
                self.assertLessEqual(begin, first)
                self.assertLess(first + WEEK.APART_MS, begin + HOUR_MS)
        self.assertGreater(WEEK.APART_MS - WEEK.LENGTH_MS - JITTER_MS, TIMEOUT_MS)
        self.assertLess(WEEK.APART_MS + WEEK.LENGTH_MS + JITTER_MS, MAX_MS)

    def test_a_quarter_of_the_late_events_joins_a_session_a_quarter_bridges_two_and_half_are_alone(self) -> None:
        random, counts = Random(1), [0, 0, 0]
        for _ in range(4_000):
            user, time_ms = WEEK.late(random)
            self.assertLess(user, WEEK.users)
            # Late for the hours 0 and 1, by less than six days.
            self.assertGreater(time_ms, START_MS + 2 * HOUR_MS - 6 * 24 * HOUR_MS)
            self.assertLess(time_ms, START_MS - HOUR_MS)
            counts[len(sessions_near(user, time_ms))] += 1
        alone, join, bridge = (count / 4_000 for count in counts)
        self.assertAlmostEqual(0.5, alone, delta=0.05)
        self.assertAlmostEqual(0.25, join, delta=0.05)
        self.assertAlmostEqual(0.25, bridge, delta=0.05)

    def test_the_users_of_an_hour_are_spread_over_those_of_the_week(self) -> None:
        users = {int(json.loads(line)["uuid"].split("-")[1]) for line in hour(1, 2_000, 100, history=WEEK)}
        self.assertEqual(100, len(users))
        self.assertGreater(max(users), WEEK.users * 0.98)


class SegmentTest(unittest.TestCase):
    def test_a_call_has_1200_bytes_and_the_click_of_workload_a(self) -> None:
        plain = [json.loads(line) for line in hour(0, 200, 30)]
        calls = [json.loads(line) for line in hour(0, 200, 30, form=segment)]
        for click, call in zip(plain, calls, strict=True):
            at = datetime.fromisoformat(call["timestamp"].replace("Z", "+00:00")).timestamp()
            self.assertEqual(int(click["event_timestamp"]), round(at * 1000))
            self.assertEqual("/" + click["page_name"], call["properties"]["path"])
            self.assertEqual(click["uuid"].split("-")[1], call["anonymousId"].split("-")[1])
            self.assertAlmostEqual(1200, len(json.dumps(call)), delta=60)


class ReadsTest(unittest.TestCase):
    def test_bytes_are_summed_by_file_and_only_those_of_the_table_count(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            warehouse = folder / "warehouse"
            data = warehouse / "sessions/user_sessions/data/session_start_day=2026-09-30"
            jar, file, other = folder / "spark.jar", data / "a.parquet", data / "b.parquet"
            # As Java 17 prints it: slashes are escaped.
            reads = [(jar, 9_000_000), (file, 1_500_000), (other, 500_000), (file, 500_000), (file, -1)]
            printed = "".join(
                '"path": %s, \n"bytesRead": %d, \n' % (json.dumps(str(path)).replace("/", "\\/"), count) for path, count in reads
            )
            jfr = folder / "bin/jfr"
            jfr.parent.mkdir()
            jfr.write_text(f"#!/bin/sh\ncat <<'TEXT'\n{printed}TEXT\n")
            jfr.chmod(0o755)
            with mock.patch.dict(os.environ, JAVA_HOME=name):
                self.assertEqual({"read_mb": 2.5, "read_files": 2}, filereads.data_reads(folder / "run.jfr", warehouse))


class TableTest(unittest.TestCase):
    def test_a_step_that_was_left_out_has_an_empty_cell(self) -> None:
        point = {"sessions": 20000, "layout": "hourly", "late_share": 0.001, "version": "this", "table_mb": 44.2, "late": 201}
        figures = {"restated": 153.0, "run_wall_s": 9.04, "run_cpu_s": 15.0, "run_read_mb": 12.34, "prove_wall_s": 8, "prove_cpu_s": 1}
        self.assertEqual(
            "| 20,000 | hourly | 44 MB | 201 (0.1%) | this | 153 | 9.0 (15.0; 12.3 MB) |  | 8.0 (1.0) |",
            late.table([point | figures]).splitlines()[-1],
        )


if __name__ == "__main__":
    unittest.main()
