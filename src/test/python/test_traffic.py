"""The demo's traffic holds what the demo is about."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts" / "demo"))

import oracle
import shop
import traffic

START = traffic.epoch_ms("2026-01-12T08:00:00Z")
SENT = START + 365 * 24 * traffic.HOUR_MS  # when the records reach Kafka
HOURS = traffic.traffic(START, hours=3, seed=7, users=2000)
LINES = [line for hour in HOURS for line in hour]
FIELDS = {"url", "referrer", "user_agent", "user_id", "price"}  # that shop.py adds


def decoded(line: traffic.Line) -> tuple[str, int, str, str | None]:
    return oracle.decode(line.value, SENT)


def sessions_after(hours: int) -> dict[str, dict[str, Any]]:
    """All sessions after that many hours, by id."""
    values = [("", line.value) for hour in HOURS[:hours] for line in hour]
    users, _ = oracle.events_by_user(values, SENT)
    return {s["session_id"]: s for uuid in users for s in oracle.sessions_of(uuid, users[uuid])}


def closed_after(hours: int) -> dict[str, dict[str, Any]]:
    greatest = max(decoded(line)[1] for hour in HOURS[:hours] for line in hour if line.kind != "broken")
    watermark = greatest - traffic.WATERMARK_DELAY_MS
    sessions = sessions_after(hours).items()
    return {i: s for i, s in sessions if watermark > s["session_end_time_ms"] + 30 * traffic.MINUTE_MS}


class Files(unittest.TestCase):
    def test_each_line_is_in_the_hour_of_its_arrival_in_order(self) -> None:
        for number, hour in enumerate(HOURS):
            arrivals = [line.arrival_ms for line in hour]
            self.assertEqual(arrivals, sorted(arrivals))
            self.assertEqual({arrival // traffic.HOUR_MS for arrival in arrivals}, {number})

    def test_nothing_arrives_before_it_happens(self) -> None:
        for line in LINES:
            if line.kind != "broken":
                self.assertLess(decoded(line)[1], START + line.arrival_ms)

    def test_about_twenty_thousand_lines_none_empty(self) -> None:
        self.assertAlmostEqual(len(LINES), 20_000, delta=2_000)
        self.assertTrue(all(line.value.strip() and b"\n" not in line.value for line in LINES))

    def test_a_seed_makes_the_same_bytes_and_another_one_others(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for out, seed in (("a", "1"), ("b", "1"), ("c", "2")):
                summary = io.StringIO()
                with contextlib.redirect_stdout(summary):
                    code = traffic.main(["--users", "50", "--seed", seed, "--out", f"{folder}/new/{out}"])
                self.assertEqual(code, 0)
                self.assertRegex(summary.getvalue(), r"^hour-1\.jsonl: \d+ lines, 0 late, \d+ duplicates, \d+ broken\n")
                files.append([(f.name, f.read_bytes()) for f in sorted(Path(folder, "new", out).iterdir())])
        self.assertEqual([name for name, _ in files[0]], ["hour-1.jsonl", "hour-2.jsonl", "hour-3.jsonl"])
        self.assertEqual(files[0], files[1])
        self.assertNotEqual(files[0], files[2])

    def test_a_time_without_zone_is_utc(self) -> None:
        self.assertEqual(traffic.epoch_ms("2026-01-12T08:00:00"), START)
        self.assertEqual(traffic.epoch_ms("2026-01-12T09:00:00+01:00"), START)

    def test_wrong_options(self) -> None:
        for wrong in (["--hours", "2"], ["--start", "monday"], ["--users", "-1"]):
            with self.assertRaises(SystemExit) as caught, contextlib.redirect_stderr(io.StringIO()):
                traffic.main([*wrong, "--out", "nowhere"])
            self.assertEqual(caught.exception.code, 2)


class Journeys(unittest.TestCase):
    def test_events_have_the_shape_of_the_original(self) -> None:
        shape = {"event_id", "page_name", "event_timestamp", "booking_details", "uuid", "event_details"}
        details = {"event_name", "event_type", "event_value"}
        times = Counter[type]()
        for line in LINES:
            if line.kind != "broken":
                event = json.loads(line.value)
                self.assertEqual((event.keys() | {"page_name"}) - FIELDS, shape)
                self.assertEqual(event["event_details"].keys(), details)
                times[type(event["event_timestamp"])] += 1
        self.assertEqual(times.keys(), {str, int})

    def test_all_pages_and_some_events_without_one(self) -> None:
        pages = {decoded(line)[3] for line in LINES if line.kind != "broken"}
        self.assertEqual(pages, {*traffic.NEXT_PAGES, None})

    def test_users_give_up_book_and_come_back(self) -> None:
        sessions = sessions_after(3).values()
        booked = sum("confirmation" in s["pages_visited"] for s in sessions)
        self.assertTrue(len(sessions) / 20 < booked < len(sessions) / 2, booked)
        visits = Counter(s["uuid"] for s in sessions if s["close_reason"] == "inactivity")
        self.assertGreater(sum(n > 1 for n in visits.values()), 100)

    def test_the_maximum_cuts(self) -> None:
        cut = [s for s in sessions_after(3).values() if s["close_reason"] == "max_duration"]
        self.assertGreater(len(cut), 50)

    def test_stories_at_the_timeout(self) -> None:
        per_user = Counter(s["uuid"] for s in sessions_after(3).values())
        self.assertEqual((per_user["user-just-in-time-1"], per_user["user-just-too-late-1"]), (1, 2))


class WebShop(unittest.TestCase):
    """The fields that shop.py adds."""

    @classmethod
    def setUpClass(cls) -> None:
        events = [json.loads(line.value) for line in LINES if line.kind in ("on time", "late")]
        cls.events = sorted(events, key=lambda event: (int(event["event_timestamp"]), event["event_id"]))
        cls.by_user: dict[str, list[dict[str, Any]]] = {}
        for event in cls.events:
            cls.by_user.setdefault(event["uuid"], []).append(event)
        cls.sessions = [
            [
                event
                for event in cls.by_user[row["uuid"]]
                if row["session_start_time_ms"] <= int(event["event_timestamp"]) <= row["session_end_time_ms"]
            ]
            for row in sessions_after(3).values()
        ]

    def test_the_definition_knows_each_field_and_no_other(self) -> None:
        text = (Path(traffic.__file__).parent / "shop.yaml").read_text()
        mapped = set(re.findall(r"^      \w+: (?:{at: )?/(\w+)", text, re.MULTILINE))
        self.assertEqual(mapped, FIELDS)
        self.assertLessEqual(FIELDS, {field for event in self.events for field in event})

    def test_users_times_and_ids_do_not_depend_on_it(self) -> None:
        with mock.patch.object(shop.Shop, "browse"):
            plain = [line for hour in traffic.traffic(START, 3, 7, 2000) for line in hour]
        for line, without in zip(LINES, plain, strict=True):
            self.assertEqual(line[:3], without[:3])
            if line.kind != "broken":
                event = json.loads(line.value)
                self.assertEqual(json.loads(without.value), {f: v for f, v in event.items() if f not in FIELDS})

    def test_visitors_come_by_each_link_and_from_the_page_before(self) -> None:
        came = {link[1:]: 0 for link in shop.LINKS}
        for events in self.by_user.values():
            before = ""
            for event in events:
                url, referrer = event.get("url"), event.get("referrer")
                self.assertEqual({url is None, referrer is None}, {"page_name" not in event})
                if url is not None and (referrer != before or before == ""):
                    self.assertTrue(url.startswith(f"{shop.SITE}/"), url)
                    query = re.sub(r"\w{30}", "{id}", url.partition("?")[2])
                    came[referrer, re.sub(r"^city=[^&]*&?", "", query)] += 1
                before = url or before
        self.assertEqual(len(came), len(shop.LINKS))
        self.assertGreater(min(came.values()), 10)

    def test_each_browser_and_bots_that_do_not_buy(self) -> None:
        self.assertEqual({event["user_agent"] for event in self.events}, {*shop.BROWSERS, shop.BOT})
        for events in self.by_user.values():
            self.assertEqual(len({event["user_agent"] for event in events}), 1)
            if events[0]["user_agent"] == shop.BOT:
                self.assertFalse(any("price" in event or "user_id" in event for event in events))

    def test_a_booking_has_a_price_and_nothing_else_has(self) -> None:
        for event in self.events:
            self.assertEqual("price" in event, event["event_details"]["event_name"] == "user-confirmation")
            self.assertTrue(60 <= event.get("price", 60) < 900)

    def test_visitors_log_in_during_a_session_and_two_use_one_device(self) -> None:
        customers = [[event.get("user_id") for event in events] for events in self.sessions]
        self.assertGreater(sum(ids[0] is None and ids[-1] is not None for ids in customers), 500)
        self.assertGreater(sum(len({*ids} - {None}) == 2 for ids in customers), 3)
        devices: dict[str, set[str]] = {}
        for event in self.events:
            if "user_id" in event:
                devices.setdefault(event["user_id"], set()).add(event["uuid"])
        self.assertEqual({len(uuids) for uuids in devices.values()}, {1, 2})

    def test_some_campaigns_are_not_on_the_first_event(self) -> None:
        later = [events for events in self.sessions if any("utm_" in event.get("url", "") for event in events[1:])]
        self.assertGreater(sum("utm_" not in events[0].get("url", "") for events in later), 20)
        self.assertGreater(sum("url" not in events[0] for events in later), 5)


class Faults(unittest.TestCase):
    def test_every_breaker_makes_an_invalid_line(self) -> None:
        event = traffic.World(START, 3, 1).event("anna", 0, "home")
        for name, breaker in traffic.BREAKERS.items():
            for seed in range(200):
                with self.subTest(name, seed=seed), self.assertRaises(oracle.Invalid):
                    oracle.decode(breaker(dict(event), Random(seed)), SENT)

    def test_every_kind_of_broken_line_is_there(self) -> None:
        broken = [line.value for line in LINES if line.kind == "broken"]
        for name, known in {
            "truncated": lambda v: v.startswith(b"{") and b"}" not in v,
            "not JSON": lambda v: v.startswith(b"GET "),
            "no uuid": lambda v: b'"uuid"' not in v and v.endswith(b"}"),
            "blank uuid": lambda v: b'"uuid": "  "' in v,
            "no time": lambda v: b"event_timestamp" not in v and v.endswith(b"}"),
            "seconds": lambda v: b'"event_timestamp": 1768' in v and b'"uuid"' in v,
            "from 2099": lambda v: b"4083868800000" in v,
            "not UTF-8": lambda v: b"caf\xe9" in v,
            "null": lambda v: v == b"null",
            "trailing garbage": lambda v: v.endswith(b'}"}'),
        }.items():
            with self.subTest(name):
                self.assertIn(name, traffic.BREAKERS)
                self.assertTrue(any(map(known, broken)))

    def test_the_oracle_leaves_out_the_broken_lines_and_no_others(self) -> None:
        _, counts = oracle.events_by_user((("", line.value) for line in LINES), SENT)
        kinds = Counter(line.kind for line in LINES)
        self.assertEqual(counts["events"], kinds["on time"] + kinds["late"])
        self.assertEqual(counts["copies"], kinds["duplicates"])

    def test_faults_come_at_the_rates_stated(self) -> None:
        kinds = Counter(line.kind for line in LINES)
        events = kinds["on time"] + kinds["late"]
        self.assertAlmostEqual(kinds["duplicates"] / events, traffic.DUPLICATED, delta=0.001)
        self.assertAlmostEqual(kinds["broken"] / events, traffic.BROKEN, delta=0.001)
        delays = [START + line.arrival_ms - decoded(line)[1] for line in LINES if line.kind in ("on time", "late")]
        # Somewhat fewer than drawn: what would arrive after the last hour comes on time instead.
        share = sum(delay > 5 * traffic.MINUTE_MS for delay in delays) / events
        self.assertTrue(0.6 * traffic.DELAYED < share < 1.1 * traffic.DELAYED, share)
        self.assertGreater(sum(delay > traffic.HOUR_MS for delay in delays), 50)

    def test_copies_come_in_the_same_hour_and_later(self) -> None:
        first_hour: dict[bytes, int] = {}
        apart = Counter[int]()
        for number, hour in enumerate(HOURS):
            for line in hour:
                if line.kind == "duplicates":
                    apart[number - first_hour[line.value]] += 1
                elif line.kind != "broken":
                    first_hour[line.value] = number
        self.assertEqual(apart.keys(), {0, 1, 2})

    def test_late_events_change_sessions_that_were_closed(self) -> None:
        for hours in (1, 2):
            with self.subTest(hours):
                before, after = closed_after(hours), sessions_after(hours + 1)
                gone = before.keys() - after.keys()
                grown = [i for i in before.keys() & after.keys() if before[i] != after[i]]
                self.assertTrue(gone)
                self.assertTrue(grown)

    def test_a_late_event_joins_two_closed_sessions(self) -> None:
        before, after = (
            [s["event_count"] for s in sessions.values() if s["uuid"] == "user-bridge-1"]
            for sessions in (closed_after(2), sessions_after(3))
        )
        self.assertEqual((before, after), ([3, 3], [7]))


if __name__ == "__main__":
    unittest.main()
