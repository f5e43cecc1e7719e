"""The benchmarks' events are what their documentation says, and reads, writes, latencies and memory are counted right."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import sqlite3
import sys
import tempfile
import unittest
from datetime import datetime
from pathlib import Path
from random import Random
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))

import continuous
import endurance
import filereads
import late
import watch
from clicks import LATE_MS, MINUTE_MS, Clicks
from generated_events import HOUR_MS, START_MS, hour, segment
from history import Week
from tables import Commit

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


class EnduranceTest(unittest.TestCase):
    def test_the_parts_of_a_plan_have_each_line_once(self) -> None:
        plan = endurance.Plan(START_MS, 3, 600.0, 20, 7, "2s", 60.0)
        lines = plan.lines()
        pause_s = plan.arrival_s(lines[len(lines) // 3])
        with tempfile.TemporaryDirectory() as folder:
            parts = [
                endurance.Endurance(Path(folder), "", plan, lines, begin_s, end_s)
                for begin_s, end_s in ((0.0, pause_s), (pause_s, 450.0), (450.0, plan.length_s))
            ]
        self.assertEqual([line for part in parts for line in part.lines], lines)
        for part in parts:
            self.assertLess(part.length_s / 3, part.kill_at_s)
            self.assertLess(part.kill_at_s, part.length_s * 2 / 3)

    def test_a_plan_is_the_same_after_a_pause(self) -> None:
        plan = endurance.Plan(START_MS, 3, 600.0, 20, 7, "2s", 60.0)
        kept = endurance.Plan(**json.loads(json.dumps(dataclasses.asdict(plan))))
        self.assertEqual(kept, plan)
        self.assertEqual(kept.lines(), plan.lines())


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
    def test_bytes_and_row_groups_are_summed_and_only_those_of_the_table_count(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            warehouse = folder / "warehouse"
            data = warehouse / "sessions/user_sessions/data/session_start_day=2026-09-30"
            jar, file, other = folder / "spark.jar", data / "a.parquet", data / "b.parquet"
            # As Java 17 prints it: slashes are escaped.
            reads = [(jar, 9_000_000), (file, 1_500_000), (other, 500_000), (file, 500_000), (file, -1)]
            opened = [(file, 3), (other, 1), (file, 2)]
            facts = [(str(path), "bytesRead", count) for path, count in reads]
            facts += [(f"file:{path}", "rowGroups", count) for path, count in opened]
            printed = "".join(
                '"path": %s, \n"%s": %d, \n' % (json.dumps(path).replace("/", "\\/"), name, count) for path, name, count in facts
            )
            jfr = folder / "bin/jfr"
            jfr.parent.mkdir()
            jfr.write_text(f"#!/bin/sh\ncat <<'TEXT'\n{printed}TEXT\n")
            jfr.chmod(0o755)
            with mock.patch.dict(os.environ, JAVA_HOME=name):
                expected = {"read_mb": 2.5, "read_files": 2, "row_groups": 6}
                self.assertEqual(expected, filereads.data_reads(folder / "run.jfr", warehouse))


class TableTest(unittest.TestCase):
    def test_a_step_that_was_left_out_has_an_empty_cell(self) -> None:
        point = {"sessions": 20000, "layout": "hourly", "late_share": 0.001, "version": "this", "table_mb": 44.2, "late": 201}
        figures = {"restated": 153.0, "run_wall_s": 9.04, "run_cpu_s": 15.0, "run_read_mb": 12.34, "run_row_groups": 7, "prove_wall_s": 8, "prove_cpu_s": 1}
        self.assertEqual(
            "| 20,000 | hourly | 44 MB | 201 (0.1%) | this | 153 | 9.0 (15.0; 12.3 MB, 7 row groups) |  | 8.0 (1.0) |",
            late.table([point | figures]).splitlines()[-1],
        )


class ClicksTest(unittest.TestCase):
    SECONDS = 900

    def sessions(self, clicks: Clicks) -> list[tuple[int, int, int]]:
        """First and last click, and number of clicks, of each session of the clicks that come in time."""
        users: dict[str, list[int]] = {}
        newest_ms = START_MS
        for line in clicks.lines(START_MS, 0, clicks.rate * self.SECONDS):
            click = json.loads(line)
            time_ms = int(click["event_timestamp"])
            newest_ms = max(newest_ms, time_ms)
            if time_ms > newest_ms - clicks.delay_ms:
                users.setdefault(click["uuid"], []).append(time_ms)
        return [(min(times), max(times), len(times)) for times in users.values()]

    def test_so_many_sessions_are_open_as_are_wanted(self) -> None:
        for wanted in (300, 2_000):
            clicks = Clicks.with_open(20, wanted, late=0)
            at_ms = START_MS + 800_000
            closed_ms = at_ms - clicks.delay_ms - clicks.timeout_ms
            found = sum(first <= at_ms and last > closed_ms for first, last, _ in self.sessions(clicks))
            self.assertAlmostEqual(wanted, found, delta=wanted / 50)
            self.assertEqual(wanted, clicks.open_sessions)

    def test_fewer_sessions_than_the_rate_allows_are_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "at 700 events a second at least 9334 sessions are open, not 9000"):
            Clicks.with_open(700, 9_000, late=0)
        self.assertEqual(9_334, Clicks.with_open(700, 9_334, late=0).open_sessions)

    def test_default_rules_need_no_options(self) -> None:
        self.assertEqual((), Clicks(700).rules())
        self.assertIn("8511429ms", Clicks.with_open(700, 1_000_000, late=0).rules())

    def test_a_user_clicks_six_times(self) -> None:
        counts = {count for first, last, count in self.sessions(Clicks(20)) if first > START_MS + 60_000 and last < START_MS + 800_000}
        self.assertEqual({6}, counts)

    def test_a_late_click_comes_after_the_close_of_a_session_and_belongs_to_it(self) -> None:
        clicks = Clicks.with_open(20, 300, late=0.02)
        arrived = [json.loads(line) for line in clicks.lines(START_MS, 0, clicks.rate * self.SECONDS)]
        seen: dict[str, list[int]] = {}
        late_clicks = possible = 0
        for number, click in enumerate(arrived):
            time_ms, now_ms = int(click["event_timestamp"]), START_MS + number * 1000 // clicks.rate
            possible += now_ms > START_MS + clicks.until_closed_ms + LATE_MS
            if time_ms < now_ms:
                late_clicks += now_ms > START_MS + clicks.until_closed_ms + LATE_MS
                nearest = min(abs(time_ms - other) for other in seen[click["uuid"]])
                self.assertLessEqual(nearest, Clicks.PAUSE_MS)
                self.assertGreater(now_ms - time_ms, clicks.timeout_ms + clicks.delay_ms)
                self.assertLess(now_ms - time_ms, clicks.until_closed_ms + LATE_MS)
            seen.setdefault(click["uuid"], []).append(time_ms)
        self.assertAlmostEqual(0.02, late_clicks / possible, delta=0.005)
        self.assertEqual(len(arrived), len({click["event_id"] for click in arrived}))


class BegunTest(unittest.TestCase):
    def test_batches_are_counted_that_have_begun_since(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "out.txt"
            log.write_text("INFO  BatchLog - Run 1: BEGUN after 1 ms\n")
            begun = continuous.Begun(log)
            with log.open("a") as out:
                for text, count in (("INFO  BatchLog - Run 2: BEG", 0), ("UN after 0 ms\nRun 2: DECODED after 9 ms\n", 1), ("Run 3: BEGUN after 1 ms\n", 2)):
                    out.write(text)
                    out.flush()
                    self.assertEqual(count, begun.count())


class WatchTest(unittest.TestCase):
    """A warehouse of two tables, as a loop leaves it."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.warehouse = Path(folder.name)
        self.snapshots: list[dict] = []
        self.version = 0

    def write(self, table: str, metadata: dict) -> None:
        file = self.warehouse / f"sessions/{table}/metadata/{self.version:05}.gz.metadata.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(json.dumps(metadata).encode()))
        catalog = sqlite3.connect(self.warehouse / "catalog.db")
        catalog.execute("CREATE TABLE IF NOT EXISTS iceberg_tables (table_name PRIMARY KEY, metadata_location)")
        catalog.execute("INSERT OR REPLACE INTO iceberg_tables VALUES (?, ?)", (table, f"file:{file}"))
        catalog.commit()
        catalog.close()

    def commit(self, at_ms: int, records: int, keep: int = 100) -> None:
        """A batch; older snapshots than the last are expired, and the older metadata file is deleted."""
        self.version += 1
        summary = {
            "sessionize.counts": json.dumps({"records": records, "milliseconds_to_restate": 1500, "open": 70}),
            "sessionize.newest-record-ms": str(at_ms - 2_000),
            "total-data-files": "3",
            "total-delete-files": "1",
        }
        self.snapshots = [*self.snapshots, {"snapshot-id": self.version, "timestamp-ms": at_ms, "summary": summary}][-keep:]
        log = [{"snapshot-id": one["snapshot-id"], "timestamp-ms": one["timestamp-ms"]} for one in self.snapshots]
        for table in ("user_sessions", "user_sessions_open"):
            self.write(table, {"snapshots": self.snapshots, "snapshot-log": log, "current-snapshot-id": self.version})

    def test_commits_that_were_expired_since_are_remembered_and_those_from_before_do_not_count(self) -> None:
        self.commit(1_000_000, 500)
        loop = watch.Watch(self.warehouse)
        for number in range(1, 4):
            self.commit(1_000_000 + number * 10_000, 700, keep=1)
            loop.look()
        self.assertEqual([1_010_000, 1_020_000, 1_030_000], [batch.at_ms for batch in loop.batches])
        self.assertEqual((2_100, 70), (loop.records, loop.batches[-1].open))
        self.assertEqual(1, loop.samples[-1].facts["user_sessions_snapshots"])
        self.assertEqual(3, loop.samples[-1].facts["user_sessions_open_data_files"])

    def test_a_warehouse_without_tables_has_no_commit(self) -> None:
        loop = watch.Watch(self.warehouse)
        loop.look()
        self.assertEqual(([], {}), (loop.batches, loop.samples[-1].facts))
        self.write("user_sessions_open", {"snapshots": [], "snapshot-log": [], "current-snapshot-id": -1})
        loop.look()
        self.assertEqual(0, loop.samples[-1].facts["user_sessions_open_data_files"])

    def test_bytes_of_files_that_are_deleted_later_count_and_a_growing_file_counts_once(self) -> None:
        (self.warehouse / "old").write_bytes(b"1234")
        written = watch.Written(self.warehouse)
        written.look()
        self.assertEqual((4, 4), (written.bytes, written.disk))
        growing = self.warehouse / "a/b"
        growing.parent.mkdir()
        growing.write_bytes(b"12")
        written.look()
        growing.write_bytes(b"12345")
        written.look()
        (self.warehouse / "old").unlink()
        written.look()
        self.assertEqual((9, 5, 1), (written.bytes, written.disk, written.files))

    def test_a_slice_has_the_bytes_and_the_memory_of_its_time(self) -> None:
        batches = [Commit(at, 100, at - 1_000, 1.5, 70) for at in (10_000, 20_000, 30_000, 40_000)]
        samples = [watch.Sample(at, at * 10, 5, 7_000_000, at * 1_000, at // 2_000, {}) for at in (11_000, 21_000, 31_000, 41_000)]
        log = self.warehouse / "gc.log"
        log.write_text(
            "[9000ms] Using Parallel\n"
            "[15000ms] GC(0) Pause Young (Allocation Failure) 900M->300M(2048M) 1.5ms\n"
            "[25000ms] GC(1) Pause Full (Ergonomics) 800M->200M(2048M) 90.1ms\n"
            "[35000ms] GC(2) Pause Young (Allocation Failure) 950M->400M(2048M) 1.5ms\n"
        )
        pauses = watch.collections(log)
        first, second = watch.slices([10_000, 30_000, 40_000], batches, samples, pauses, 500.0, watch.cycles)
        self.assertEqual((2, 10.0, 200, 70), tuple(first[name] for name in ("batches", "batch_median_s", "records", "open")))
        # 200 kB and two batches between the samples at 11 and 31 s.
        self.assertEqual((0.2, 2.0), (first["written_mb"], first["written_per_byte"]))
        self.assertEqual((200, 900, 21), tuple(first[name] for name in ("heap_mb", "heap_peak_mb", "rss_mb")))
        self.assertEqual((5.0, 5.0), (first["cpu_per_batch_s"], second["cpu_per_batch_s"]))
        self.assertEqual((1, 400), (second["batches"], second["heap_mb"]))

    def test_this_process_has_used_memory_and_cpu(self) -> None:
        rss, cpu_s = watch.used(os.getpid())
        self.assertGreater(rss, 5_000_000)
        self.assertLess(cpu_s, 3_600)
        self.assertEqual((0, 0), watch.used(0))

    def test_latencies_are_spread_between_the_newest_records_of_two_batches(self) -> None:
        batches = [Commit(10_000, 70, 8_000, 1.5, 7), Commit(20_000, 5_000, 18_000, 1.5, 7), Commit(31_000, 5_000, 28_000, 1.5, 7)]
        found = watch.latencies(batches)
        self.assertEqual((2, 13.0), (found["batches"], found["max_s"]))
        self.assertAlmostEqual(7.5, found["event_median_s"], delta=0.2)
        # Of a batch with a single record.
        self.assertEqual(2.0, watch.latencies([batches[0], Commit(20_000, 1, 18_000, 1.5, 7)])["event_median_s"])


if __name__ == "__main__":
    unittest.main()
