"""The oracle's own answers, worked out by hand: it judges the product, so nothing judges it but these."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts" / "demo"))

import oracle

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
START = 1_768_204_800_000  # 2026-01-12T08:00:00Z


def event(after_ms: int = 0, event_id: str = "e", **fields: Any) -> dict[str, Any]:
    defaults = {"uuid": "anna", "page_name": "home", "event_details": {"event_name": "x"}, "booking_details": ""}
    return {"event_id": event_id, "event_timestamp": str(START + after_ms), **defaults, **fields}


def line(*args: Any, **fields: Any) -> bytes:
    return json.dumps(event(*args, **fields), ensure_ascii=False).encode("utf-8")


def sessions(*lines: bytes, **options: int) -> list[dict[str, Any]]:
    users, _ = oracle.events_by_user((("here", value) for value in lines), **options)
    return [session for uuid in sorted(users) for session in oracle.sessions_of(uuid, users[uuid])]


def spans(*lines: bytes) -> list[tuple[int, int, int, str]]:
    """Start and end in milliseconds after START, events, close reason."""
    return [
        (s["session_start_time_ms"] - START, s["session_end_time_ms"] - START, s["event_count"], s["close_reason"])
        for s in sessions(*lines)
    ]


class Boundaries(unittest.TestCase):
    def test_exactly_the_timeout_stays(self) -> None:
        self.assertEqual(spans(line(0), line(30 * MINUTE)), [(0, 30 * MINUTE, 2, "inactivity")])

    def test_a_millisecond_more_than_the_timeout_starts_a_new_session(self) -> None:
        later = 30 * MINUTE + 1
        self.assertEqual(spans(line(0), line(later)), [(0, 0, 1, "inactivity"), (later, later, 1, "inactivity")])

    def test_exactly_the_maximum_stays(self) -> None:
        lines = [line(n * 30 * MINUTE) for n in range(5)]
        self.assertEqual(spans(*lines), [(0, 2 * HOUR, 5, "inactivity")])

    def test_a_millisecond_more_than_the_maximum_starts_a_new_session(self) -> None:
        lines = [line(n * 25 * MINUTE) for n in range(5)] + [line(2 * HOUR + 1)]
        last = 2 * HOUR + 1
        self.assertEqual(spans(*lines), [(0, 100 * MINUTE, 5, "max_duration"), (last, last, 1, "inactivity")])

    def test_a_gap_at_the_maximum_is_inactivity(self) -> None:
        lines = [line(n * 25 * MINUTE) for n in range(5)] + [line(100 * MINUTE + 30 * MINUTE + 1)]
        self.assertEqual([reason for *_, reason in spans(*lines)], ["inactivity", "inactivity"])

    def test_a_user_active_for_seven_hours_is_cut_every_two(self) -> None:
        lines = [line(n * MINUTE, f"e{n}") for n in range(7 * 60 + 1)]
        # A session holds the events of minute 0 to 120, so the next one starts at minute 121.
        expected = [
            (0, 120 * MINUTE, 121, "max_duration"),
            (121 * MINUTE, 241 * MINUTE, 121, "max_duration"),
            (242 * MINUTE, 362 * MINUTE, 121, "max_duration"),
            (363 * MINUTE, 420 * MINUTE, 58, "inactivity"),
        ]
        self.assertEqual(spans(*lines), expected)
        self.assertEqual(spans(*reversed(lines)), expected)

    def test_other_rules(self) -> None:
        events: oracle.UserEvents = {(START + n * MINUTE, "e"): None for n in (0, 5, 11, 16)}
        cut = oracle.sessions_of("anna", events, timeout_ms=5 * MINUTE, maximum_ms=10 * MINUTE)
        self.assertEqual([s["event_count"] for s in cut], [2, 2])


class Rows(unittest.TestCase):
    def test_all_columns(self) -> None:
        self.assertEqual(
            sessions(line(1, "b", page_name="search"), line(0, "a"), line(2000, "c", page_name=None), line(2000, "d")),
            [
                {
                    "uuid": "anna",
                    "session_id": f"anna_session_{START}",
                    "session_start_time_ms": START,
                    "session_end_time_ms": START + 2000,
                    "session_duration_seconds": 2,
                    "event_count": 4,
                    "pages_visited": ["home", "search"],
                    "close_reason": "inactivity",
                }
            ],
        )

    def test_duration_is_rounded_down(self) -> None:
        self.assertEqual(sessions(line(0), line(1999))[0]["session_duration_seconds"], 1)

    def test_equal_times_are_ordered_by_id(self) -> None:
        lines = line(0, "10", page_name="second"), line(0, "1", page_name="first"), line(0, "9", page_name="third")
        self.assertEqual(sessions(*lines)[0]["pages_visited"], ["first", "second", "third"])

    def test_ids_are_ordered_by_code_point_not_by_utf16(self) -> None:
        lines = line(0, "\U0001f600", page_name="emoji"), line(0, "\uff5e", page_name="tilde")
        self.assertEqual(sessions(*lines)[0]["pages_visited"], ["tilde", "emoji"])

    def test_users_do_not_mix_and_keep_their_names(self) -> None:
        names = [line(uuid=name) for name in ("żółw", "東京", "Anna ", "Anna")]
        self.assertEqual([s["uuid"] for s in sessions(*names)], ["Anna", "Anna ", "żółw", "東京"])


class Copies(unittest.TestCase):
    def test_count_once(self) -> None:
        self.assertEqual(spans(line(0), line(0), line(0)), [(0, 0, 1, "inactivity")])

    def test_are_no_copies_at_another_time_or_of_another_user(self) -> None:
        self.assertEqual(sum(s["event_count"] for s in sessions(line(0), line(1), line(0, uuid="bert"))), 3)

    def test_time_as_text_or_number_is_the_same_time(self) -> None:
        self.assertEqual(spans(line(0), line(0, event_timestamp=START)), [(0, 0, 1, "inactivity")])

    def test_of_two_contents_the_smallest_wins_whatever_came_first(self) -> None:
        home, search, none = line(page_name="home"), line(page_name="search"), line(page_name=None)
        for lines in ((home, search), (search, home)):
            self.assertEqual(sessions(*lines)[0]["pages_visited"], ["home"])
        for lines in ((home, none), (none, home)):
            self.assertEqual(sessions(*lines)[0]["pages_visited"], ["home"])


class LeftOut(unittest.TestCase):
    def reason(self, value: bytes, latest_ms: int = oracle.LATEST_MS) -> str:
        with self.assertRaises(oracle.Invalid) as caught:
            oracle.decode(value, latest_ms)
        return str(caught.exception)

    def test_whole_numbers_of_any_notation(self) -> None:
        for time in (f"{START}.0", f" {START}\n", f"{START}000e-3", f"{START // 1000}E3", f"0{START}.00"):
            self.assertEqual(oracle.decode(line(event_timestamp=time))[1], START)
        number = line(event_timestamp=START).replace(str(START).encode(), f"{START}.0".encode())
        self.assertEqual(oracle.decode(number)[1], START)

    def test_malformed(self) -> None:
        for value in (
            b"{",
            b"hello",
            b"null",
            b"[]",
            b'"text"',
            b"17",
            line()[:-1],
            line() + b"}",
            line() + line(),
            line().replace(b"home", b"caf\xe9"),
            line().replace(b'"home"', b"NaN"),
            line().replace(b"home", rb"\ud83d"),
            line(uuid=["anna"]),
            line(page_name={"a": 1}),
            line(event_details="click"),
            line(event_timestamp=START + 0.5),
            line(event_timestamp=f"{START}.5"),
            line(event_timestamp=f"{START}."),
            line(event_timestamp=f"{START}\u00a0"),
            line(event_timestamp="1e-99999999999999999999"),
            line(event_timestamp="1e99999999999999999999"),
            line(event_timestamp=f"{START}." + "0" * 1000),
            line(event_timestamp="soon"),
            line(event_timestamp=str(2**63)),
            b"[" * 100_000,
        ):
            with self.subTest(value[:60]):
                self.assertEqual(self.reason(value), "malformed")

    def test_without_uuid(self) -> None:
        for uuid in (None, "", " \t"):
            self.assertEqual(self.reason(line(uuid=uuid)), "missing_uuid")

    def test_without_time(self) -> None:
        for time in (None, "", " "):
            self.assertEqual(self.reason(line(event_timestamp=time)), "missing_time")

    def test_before_2000(self) -> None:
        first = oracle.YEAR_2000_MS
        self.assertEqual(self.reason(line(event_timestamp=first - 1)), "before_2000")
        self.assertEqual(self.reason(line(event_timestamp=START // 1000)), "before_2000")
        self.assertEqual(oracle.decode(line(event_timestamp=first))[1], first)

    def test_later_than_ten_minutes_after_the_record(self) -> None:
        users, counts = oracle.events_by_user([("a", line(0)), ("b", line(1))], latest_ms=START)
        self.assertEqual((len(users), counts["events"], counts["future_time"]), (1, 1, 1))

    def test_after_the_year_9999(self) -> None:
        last = oracle.LATEST_MS
        self.assertEqual(oracle.decode(line(event_timestamp=last))[1], last)
        self.assertEqual(self.reason(line(event_timestamp=last + 1)), "future_time")
        self.assertEqual(self.reason(line(event_timestamp=last + 1), latest_ms=2 * last), "future_time")

    def test_numbers_are_taken_as_text(self) -> None:
        self.assertEqual(oracle.decode(line(0, 17, uuid=12.50)), ("12.5", START, "17", "home"))

    def test_an_event_without_id_is_refused(self) -> None:
        for event_id in (None, "", " "):
            with self.assertRaises(oracle.Refused):
                oracle.decode(line(0, event_id))


class ShopColumns(unittest.TestCase):
    def columns(self, *records: dict[str, Any]) -> dict[str, Any]:
        return oracle.shop_columns(records)

    def test_nothing_is_known(self) -> None:
        nothing = {name: None for name in oracle.SHOP_COLUMNS} | {"key_events": 0}
        self.assertEqual(self.columns(event(page_name=None, event_details=None)), nothing)

    def test_entry_page_is_of_the_first_event_with_a_page(self) -> None:
        pages = [event(page_name=page) for page in (None, "", "search", "home")]
        self.assertEqual(self.columns(*pages)["entry_page"], "search")

    def test_the_source_is_of_the_first_event_with_any_part_of_a_campaign(self) -> None:
        for urls, source in (
            (("https://a.example/", "https://a.example/?x=1&utm_source=my+mail%21", "?utm_source=b"), "my mail!"),
            (("https://a.example/?utm_medium=email", "https://a.example/?utm_source=b"), None),
            (("https://a.example/?utm_source=&utm_source=second",), "second"),
            (("https://a.example/?gclid=1#utm_source=no", "https://a.example/?utm_source=b#?utm_source=c"), "b"),
        ):
            with self.subTest(urls):
                self.assertEqual(self.columns(*(event(url=url) for url in urls))["utm_source"], source)

    def test_the_last_known_customer(self) -> None:
        self.assertEqual(self.columns(event(user_id="a"), event(user_id="b"), event())["user_id"], "b")

    def test_bookings_and_their_prices_added_one_after_the_other(self) -> None:
        booked = {"event_details": {"event_name": "user-confirmation"}}
        found = self.columns(*(event(price=price, **booked) for price in (0.1, 0.2, 0.3)), event(**booked), event())
        self.assertEqual((found["key_events"], found["revenue"]), (4, 0.1 + 0.2 + 0.3))

    def test_the_city_searched_last(self) -> None:
        searches = [("user-search", "Oslo"), ("user-search", "東京"), ("user-home", "card-1-selected")]
        details = [{"event_name": name, "event_value": value} for name, value in searches]
        self.assertEqual(self.columns(*(event(event_details=of_one) for of_one in details))["city"], "東京")


class CommandLine(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, name: str, *lines: bytes) -> str:
        path = self.folder / name
        path.write_bytes(b"".join(value + b"\n" for value in lines))
        return str(path)

    def run_oracle(self, *arguments: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = oracle.main(list(arguments))
        return code, out.getvalue(), err.getvalue()

    def compare(self, rows: list[dict[str, Any]]) -> tuple[int, str]:
        events = self.file("events.jsonl", line(0), line(HOUR), line(2 * HOUR), line(0, uuid="bert"))
        actual = self.file("actual.jsonl", *(json.dumps(row).encode() for row in rows))
        code, out, _ = self.run_oracle("--compare", actual, events)
        return code, out

    def expected(self) -> list[dict[str, Any]]:
        return sessions(line(0), line(HOUR), line(2 * HOUR), line(0, uuid="bert"))

    def test_prints_sorted_rows(self) -> None:
        first = self.file("1.jsonl", line(HOUR), b"", line(0, uuid="bert"))
        second = self.file("2.jsonl", line(0), b"broken")
        code, out, err = self.run_oracle(first, second)
        rows = [json.loads(row) for row in out.splitlines()]
        self.assertEqual(code, 0)
        self.assertEqual(
            [row["session_id"] for row in rows],
            [f"anna_session_{START}", f"anna_session_{START + HOUR}", f"bert_session_{START}"],
        )
        self.assertEqual(err, "4 lines: 3 events, 1 malformed\n")

    def test_record_time_allows_ten_minutes(self) -> None:
        events = self.file("events.jsonl", line(10 * MINUTE), line(10 * MINUTE + 1))
        _, out, _ = self.run_oracle("--record-time-ms", str(START), events)
        self.assertEqual([json.loads(row)["event_count"] for row in out.splitlines()], [1])

    def test_equal_in_any_order_with_other_columns(self) -> None:
        rows = [{**row, "is_open": False} for row in reversed(self.expected())]
        self.assertEqual(self.compare(rows), (0, "equal: 4 sessions of 2 users, 4 events\n"))

    def test_missing_row(self) -> None:
        code, out = self.compare(self.expected()[1:])
        self.assertEqual(code, 3)
        self.assertIn(f'missing: {{"uuid": "anna", "session_id": "anna_session_{START}"', out)
        self.assertEqual(len(out.splitlines()), 2)

    def test_extra_row(self) -> None:
        code, out = self.compare(self.expected() + sessions(line(0, uuid="ghost")))
        self.assertEqual(code, 3)
        self.assertIn('extra: {"uuid": "ghost"', out)
        self.assertEqual(len(out.splitlines()), 2)

    def test_the_same_row_twice(self) -> None:
        code, out = self.compare(self.expected() + self.expected()[:1])
        self.assertEqual(code, 3)
        self.assertIn('a second row of one session: {"uuid": "anna"', out)

    def test_changed_row(self) -> None:
        rows = self.expected()
        rows[2] = {**rows[2], "event_count": 7, "pages_visited": ["home", "search"]}
        code, out = self.compare(rows)
        self.assertEqual(code, 3)
        self.assertEqual(
            out.splitlines()[1:],
            [
                f"  changed: anna_session_{START + 2 * HOUR}",
                "    event_count: expected 1, actual 7",
                '    pages_visited: expected ["home"], actual ["home", "search"]',
            ],
        )

    def test_a_column_that_is_not_there_is_null(self) -> None:
        rows = self.expected()
        del rows[0]["close_reason"]
        code, out = self.compare(rows)
        self.assertEqual(code, 3)
        self.assertIn('close_reason: expected "inactivity", actual null', out)

    def test_columns_of_the_shop_by_session(self) -> None:
        lines = [line(0, price=5.5), line(0, price=5.5), b"{", line(HOUR, user_id="c"), line(0, uuid="bert", price=7)]
        events = self.file("events.jsonl", *lines)
        code, out, _ = self.run_oracle("--shop", events)
        rows = [json.loads(row) for row in out.splitlines()]
        self.assertEqual(code, 0)
        self.assertEqual([(row["revenue"], row["user_id"]) for row in rows], [(5.5, None), (None, "c"), (7.0, None)])
        actual = self.file("actual.jsonl", *(json.dumps(row).encode() for row in rows))
        self.assertEqual(self.run_oracle("--shop", "--compare", actual, events)[0], 0)
        changed = self.file("changed.jsonl", *(json.dumps({**row, "revenue": 5.5}).encode() for row in rows))
        self.assertEqual(self.run_oracle("--compare", changed, events)[0], 0)
        code, out, _ = self.run_oracle("--shop", "--compare", changed, events)
        self.assertEqual((code, out.count("revenue: expected")), (3, 2))

    def test_an_open_session_has_no_close_reason(self) -> None:
        rows = self.expected()
        rows[0] = {**rows[0], "close_reason": None, "is_open": True}
        self.assertEqual(self.compare(rows)[0], 0)
        rows[0]["close_reason"] = "inactivity"
        code, out = self.compare(rows)
        self.assertEqual(code, 3)
        self.assertIn('close_reason: expected null, actual "inactivity"', out)

    def test_shows_ten_differences_of_many(self) -> None:
        code, out = self.compare(self.expected() + sessions(*(line(0, uuid=f"ghost-{n}") for n in range(12))))
        self.assertEqual(code, 3)
        self.assertEqual(len(out.splitlines()), 12)
        self.assertTrue(out.endswith("  and 2 more\n"))

    def test_one_clear_line_and_exit_code_2(self) -> None:
        no_id = self.file("no-id.jsonl", line(0), line(0, None))
        good = self.file("good.jsonl", line(0))
        no_row = self.file("no-row.jsonl", b"[]")
        copies = self.file("copies.jsonl", line(0, price=1), line(0, price=2))
        for arguments, words in (
            ((no_id,), "no-id.jsonl:2: the event has no event_id"),
            ((str(self.folder / "absent.jsonl"),), "absent.jsonl: No such file"),
            (("--compare", no_row, good), "no-row.jsonl:1: not a row"),
            (("--shop", copies), "copies.jsonl:2: a copy that differs"),
        ):
            with self.subTest(words):
                code, out, err = self.run_oracle(*arguments)
                self.assertEqual((code, out, len(err.splitlines())), (2, "", 1))
                self.assertIn(words, err)

    def test_rules_that_cannot_be(self) -> None:
        for rules in (("--inactivity-timeout", "0"), ("--inactivity-timeout", "121")):
            with self.assertRaises(SystemExit) as caught, contextlib.redirect_stderr(io.StringIO()):
                oracle.main([*rules, self.file("good.jsonl", line(0))])
            self.assertEqual(caught.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
