#!/usr/bin/env python3
"""Computes the expected rows of user_sessions_live in the simplest way, without code of the product.

    oracle.py FILE.jsonl [FILE...]                     prints the sessions as JSON lines
    oracle.py --compare ACTUAL.jsonl FILE.jsonl ...    compares the product's rows with them

Each line of a FILE is the value of one Kafka record. The oracle sees all lines at once. So the order of files and
lines, batches, copies, crashes and lateness make no difference to it. This is what the product promises.

An event is a JSON object in UTF-8, with nothing after it:
  uuid             text, not blank
  event_timestamp  epoch milliseconds, a whole number such as 1790875736200 or 1790875736200.0, blanks around it or not,
                   not before 2000-01-01 and not after the year 9999
  event_id         text, see below
  page_name        text, null or absent
  event_details    an object, null or absent
A number may be sent as text, and text as a number. Other fields are ignored, except by --shop. Any other line is not an
event and is left out. Empty lines are ignored. The rules are those of the product:
  - Copies, which are events with equal (uuid, event_id, event_timestamp), count once. If they differ, the smallest
    page_name wins; a missing page_name comes last.
  - A user's events are ordered by (event_timestamp, event_id), ids by Unicode code points.
  - An event starts a new session if it is more than the inactivity timeout after the previous event, or more than the
    maximum duration after the start of the session. An event at exactly that time stays in the session.

With --shop, a row also has some of the columns that the demo's definition, shop.yaml, gives a session (shop_columns).
They come from the fields url, user_id and price, and from event_details.

The oracle does not know:
  - Lateness. It counts every event, as the product does without --late-horizon.
  - The timestamps of Kafka's records. Without --record-time-ms it counts events from the future like all others.
  - Kafka's offsets. They are the id of an event without event_id, so the oracle refuses such a file.
  - Which of two copies that differ counts, of the fields of the shop. With --shop it refuses such a file.

Exit codes: 0 done, or equal; 2 wrong usage, unreadable or refused file; 3 the rows differ.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlsplit

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
YEAR_2000_MS = 946_684_800_000
LATEST_MS = 253_402_300_799_999  # the end of the year 9999
LARGEST_NUMBER = 2**63 - 1
LONGEST_NUMBER = 1000  # characters, as in the product
CLOCK_SKEW_MS = 10 * MINUTE_MS
DIFFERENCES_SHOWN = 10
TEXTS = ("uuid", "event_id", "page_name", "event_timestamp")
FIELDS = (*TEXTS, "booking_details", "event_details")
KEY = ("uuid", "session_start_time_ms")
COLUMNS = (
    "uuid",
    "session_id",
    "session_start_time_ms",
    "session_end_time_ms",
    "session_duration_seconds",
    "event_count",
    "pages_visited",
    "close_reason",
)
SHOP_COLUMNS = ("entry_page", "utm_source", "user_id", "key_events", "revenue", "city")
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")

Row = dict[str, Any]
# One user's events, copies merged: (event_time_ms, event_id) -> page_name.
UserEvents = dict[tuple[int, str], str | None]


class Refused(Exception):
    """The oracle cannot give an answer for this input."""


class Invalid(Exception):
    """The line is not an event; the message is the reason, as the product names it."""


def decode(line: bytes, latest_ms: int = LATEST_MS) -> tuple[str, int, str, str | None]:
    """Returns (uuid, event_time_ms, event_id, page_name)."""
    try:
        # Numbers stay text, as they were sent.
        event = json.loads(line.decode("utf-8-sig"), parse_int=str, parse_float=str, parse_constant=_no_constant)
        if not isinstance(event, dict):
            raise ValueError("not an object")
        event = {field: event.get(field) for field in FIELDS}
        json.dumps(event, ensure_ascii=False).encode("utf-8")  # fails on half a surrogate pair
    except (ValueError, RecursionError):
        raise Invalid("malformed") from None
    if not isinstance(event["event_details"], (dict, type(None))):
        raise Invalid("malformed")
    uuid, event_id, page_name, time = (_text(event[field]) for field in TEXTS)
    if uuid is None or not uuid.strip():
        raise Invalid("missing_uuid")
    if time is None or not time.strip():
        raise Invalid("missing_time")
    time_ms = _whole(time.strip(" \t\r\n"))
    if time_ms is None or not -LARGEST_NUMBER - 1 <= time_ms <= LARGEST_NUMBER:
        raise Invalid("malformed")
    if time_ms < YEAR_2000_MS:
        raise Invalid("before_2000")
    if time_ms > min(latest_ms, LATEST_MS):
        raise Invalid("future_time")
    if event_id is None or not event_id.strip():
        raise Refused("the event has no event_id, so its id is its Kafka offset, which a file does not contain")
    return uuid, time_ms, event_id, page_name


def _whole(text: str) -> int | None:
    """A whole number, also with a fraction of zeros or an exponent."""
    if re.fullmatch("-?0*[0-9]{1,19}", text):
        return int(text)
    parts = re.fullmatch(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?", text)
    if len(text) > LONGEST_NUMBER or parts is None:
        return None
    sign, digits, fraction, exponent = parts.groups(default="")
    significant = (digits + fraction).rstrip("0")
    if not significant.strip("0"):
        return 0
    zeros = int(exponent or "0") + len(digits) - len(significant)
    return int(sign + significant) * 10**zeros if 0 <= zeros <= 19 else None


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise Invalid("malformed")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def lines_of(files: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Each line that is not empty, with its file and line number."""
    for file in files:
        with open(file, "rb") as lines:
            for number, line in enumerate(lines, start=1):
                line = line.removesuffix(b"\n").removesuffix(b"\r")
                if line:
                    yield f"{file}:{number}", line


def events_by_user(
    lines: Iterable[tuple[str, bytes]], latest_ms: int = LATEST_MS
) -> tuple[dict[str, UserEvents], Counter[str]]:
    """The distinct events of each user, and the numbers of events, copies, and invalid lines by reason."""
    users: dict[str, UserEvents] = {}
    counts: Counter[str] = Counter()
    for place, line in lines:
        try:
            uuid, time_ms, event_id, page = decode(line, latest_ms)
        except Invalid as reason:
            counts[str(reason)] += 1
            continue
        except Refused as reason:
            raise Refused(f"{place}: {reason}") from None
        events = users.setdefault(uuid, {})
        identity = (time_ms, event_id)
        counts["copies" if identity in events else "events"] += 1
        events[identity] = min(page, events.get(identity, page), key=lambda p: (p is None, p or ""))
    return users, counts


def sessions_of(
    uuid: str, events: UserEvents, timeout_ms: int = 30 * MINUTE_MS, maximum_ms: int = 2 * HOUR_MS
) -> list[Row]:
    """One user's sessions, from the first event to the last."""
    sessions: list[Row] = []
    for (time_ms, _), page in sorted(events.items(), key=lambda event: event[0]):
        joins = False
        if sessions:
            last = sessions[-1]
            in_time = time_ms - last["session_end_time_ms"] <= timeout_ms
            joins = in_time and time_ms - last["session_start_time_ms"] <= maximum_ms
            if in_time and not joins:
                last["close_reason"] = "max_duration"
        if not joins:
            sessions.append(
                {
                    "uuid": uuid,
                    "session_id": f"{uuid}_session_{time_ms}",
                    "session_start_time_ms": time_ms,
                    "session_end_time_ms": time_ms,
                    "session_duration_seconds": 0,
                    "event_count": 0,
                    "pages_visited": [],
                    "close_reason": "inactivity",
                }
            )
        session = sessions[-1]
        session["session_end_time_ms"] = time_ms
        session["session_duration_seconds"] = (time_ms - session["session_start_time_ms"]) // 1000
        session["event_count"] += 1
        if page is not None and page not in session["pages_visited"]:
            session["pages_visited"].append(page)
    return sessions


def records_by_user(lines: Iterable[tuple[str, bytes]], latest_ms: int = LATEST_MS) -> dict[str, list[tuple[int, Row]]]:
    """The time and the record of each distinct event of each user, in order."""
    users: dict[str, dict[tuple[int, str], Row]] = {}
    for place, line in lines:
        try:
            uuid, time_ms, event_id, _ = decode(line, latest_ms)
        except Invalid:
            continue
        record = json.loads(line.decode("utf-8-sig"))
        if users.setdefault(uuid, {}).setdefault((time_ms, event_id), record) != record:
            raise Refused(f"{place}: a copy that differs from another one, so one of them must be chosen")
    return {uuid: [(key[0], events[key]) for key in sorted(events)] for uuid, events in users.items()}


def shop_columns(records: Iterable[Row]) -> Row:
    """The columns of one session, from the records of its events."""
    row: Row = {**dict.fromkeys(SHOP_COLUMNS), "key_events": 0}
    campaign: dict[str, list[str]] = {}
    for record in records:
        details = record.get("event_details") or {}
        row["entry_page"] = row["entry_page"] or record.get("page_name")
        parameters = parse_qs(urlsplit(record.get("url") or "").query)
        # All five are of the first event that has any of them.
        campaign = campaign or {name: parameters[name] for name in UTM if name in parameters}
        row["user_id"] = record.get("user_id") or row["user_id"]
        if details.get("event_name") == "user-confirmation":
            row["key_events"] += 1
        if record.get("price") is not None:
            # One after the other: sum() of Python 3.12 rounds in another way.
            row["revenue"] = (row["revenue"] or 0.0) + record["price"]
        if details.get("event_name") == "user-search":
            row["city"] = details.get("event_value")
    row["utm_source"] = campaign.get("utm_source", [None])[0]
    return row


def read_rows(file: str) -> list[Row]:
    rows = []
    for place, line in lines_of([file]):
        try:
            row = json.loads(line)
        except ValueError as problem:
            raise Refused(f"{place}: not JSON: {problem}") from None
        if not isinstance(row, dict):
            raise Refused(f"{place}: not a row, but {line[:60]!r}")
        rows.append(row)
    return rows


def differences(expected: Iterable[Row], actual: Iterable[Row], columns: Sequence[str] = COLUMNS) -> list[str]:
    """Every session that is missing, changed, or extra (which includes a second row of a session)."""

    def key(row: Row) -> str:
        return json.dumps([row.get(column) for column in KEY])

    unmatched = {key(row): row for row in expected}
    known = set(unmatched)
    changed, extra = [], []
    for row in actual:
        match = unmatched.pop(key(row), None)
        if match is None:
            why = "a second row of one session" if key(row) in known else "extra"
            extra.append(f"{why}: {_shown(row)}")
            continue
        if row.get("is_open"):
            # The live view shows no reason before the session is closed.
            match = {**match, "close_reason": None}
        wrong = [column for column in columns if row.get(column) != match[column]]
        if wrong:
            details = [f"\n    {c}: expected {json.dumps(match[c])}, actual {json.dumps(row.get(c))}" for c in wrong]
            changed.append(f"changed: {match['session_id']}" + "".join(details))
    return [f"missing: {_shown(row)}" for row in unmatched.values()] + extra + changed


def _shown(row: Row) -> str:
    return json.dumps({column: row.get(column) for column in COLUMNS})


def main(arguments: list[str] | None = None) -> int:
    summary, rest = (__doc__ or "").split("\n", 1)
    parser = argparse.ArgumentParser(
        description=summary, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="events, one JSON object per line")
    parser.add_argument("--compare", metavar="ACTUAL", help="the product's rows, one JSON object per line")
    parser.add_argument("--inactivity-timeout", type=int, default=30, metavar="MINUTES", help="default: 30")
    parser.add_argument("--max-session-duration", type=int, default=2, metavar="HOURS", help="default: 2")
    parser.add_argument(
        "--record-time-ms",
        type=int,
        metavar="N",
        help="when the records were sent (the latest, if at several times): events more than 10 min later are left out",
    )
    parser.add_argument("--shop", action="store_true", help="also " + ", ".join(SHOP_COLUMNS))
    options = parser.parse_args(arguments)
    timeout_ms = options.inactivity_timeout * MINUTE_MS
    maximum_ms = options.max_session_duration * HOUR_MS
    if not 0 < timeout_ms <= maximum_ms:
        parser.error("--inactivity-timeout must be above 0 and not above --max-session-duration")
    latest_ms = LATEST_MS if options.record_time_ms is None else options.record_time_ms + CLOCK_SKEW_MS

    try:
        users, counts = events_by_user(lines_of(options.files), latest_ms)
        records = records_by_user(lines_of(options.files), latest_ms) if options.shop else {}
        actual = read_rows(options.compare) if options.compare else None
    except OSError as problem:
        print(f"Cannot read {problem.filename}: {problem.strerror}", file=sys.stderr)
        return 2
    except Refused as problem:
        print(f"Cannot judge {problem}", file=sys.stderr)
        return 2
    expected = [row for uuid in sorted(users) for row in sessions_of(uuid, users[uuid], timeout_ms, maximum_ms)]
    if options.shop:
        for row in expected:
            start_ms, end_ms = row["session_start_time_ms"], row["session_end_time_ms"]
            row |= shop_columns(record for time_ms, record in records[row["uuid"]] if start_ms <= time_ms <= end_ms)

    print(f"{counts.total()} lines: " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())), file=sys.stderr)
    if actual is None:
        for row in expected:
            print(json.dumps(row))
        return 0
    found = differences(expected, actual, COLUMNS + SHOP_COLUMNS if options.shop else COLUMNS)
    if not found:
        print(f"equal: {len(expected)} sessions of {len(users)} users, {counts['events']} events")
        return 0
    print(f"different: {len(found)} differences, {len(expected)} sessions expected, {len(actual)} rows found")
    for difference in found[:DIFFERENCES_SHOWN]:
        print(f"  {difference}")
    if len(found) > DIFFERENCES_SHOWN:
        print(f"  and {len(found) - DIFFERENCES_SHOWN} more")
    return 3


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader, such as `head`, has ended
        sys.stderr.close()
        sys.exit(0)
