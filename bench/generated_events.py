"""Generates the events of the benchmarks. The same options give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from random import Random
from typing import Protocol

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
PAGES = ("home", "search", "selection", "review", "booking", "confirmation")
START_MS = 1_790_812_800_000  # 2026-10-01T00:00:00Z, the first hour


def event(user: int, time_ms: int, number: int, page: str) -> str:
    return json.dumps(
        {
            "event_id": f"{number:012x}-{time_ms:013x}",
            "page_name": page,
            "event_timestamp": str(time_ms),
            "booking_details": "",
            "uuid": f"user-{user:08d}-{user * 7919 % 100_000:05d}",
            "event_details": {
                "event_name": "user-selection",
                "event_type": "user-action",
                "event_value": f"card-{number % 10}-selected",
            },
        }
    )


def segment(user: int, time_ms: int, number: int, page: str) -> str:
    """The same click as a page call of Segment, in 1.2 kB: all fields that its browser library sends, few of them mapped."""
    at = datetime.fromtimestamp(time_ms / 1000, timezone.utc)
    seen = {"path": f"/{page}", "referrer": "https://shop.example/", "search": "?utm_source=news", "title": f"Shop: {page}"}
    return json.dumps(
        {
            "anonymousId": f"5f2b9c1e-{user:08d}-{user * 7919 % 100_000:05d}",
            "channel": "web",
            "context": {
                "active": True,
                "campaign": {"name": f"spring-{user % 7}", "source": "news", "medium": "email", "term": "boots", "content": "top"},
                "ip": "192.0.2.1",
                "library": {"name": "analytics.js", "version": "next-1.70.0"},
                "locale": "en-GB",
                "page": {**seen, "url": f"https://shop.example/{page}?utm_source=news&utm_medium=email&utm_campaign=spring"},
                "screen": {"width": 1920, "height": 1080, "density": 2},
                "timezone": "Europe/Berlin",
                "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
            },
            "integrations": {},
            "messageId": f"ajs-next-{number:012x}-{time_ms:013x}",
            "name": page,
            "originalTimestamp": iso(at),
            "properties": {**seen, "url": f"https://shop.example/{page}?utm_source=news&utm_medium=email"},
            "receivedAt": iso(at),
            "sentAt": iso(at),
            "timestamp": iso(at),
            "type": "page",
            "userId": None,
            "version": 2,
        }
    )


def iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class History(Protocol):
    """Says which users the sessions before the first hour are of, and where late events are to be."""

    @property
    def users(self) -> int: ...

    def late(self, random: Random) -> tuple[int, int]: ...


def hour(
    number: int,
    events: int,
    users: int,
    late: float = 0.0,
    seed: int = 7,
    visits: int = 1,
    history: History | None = None,
    form: Callable[[int, int, int, str], str] = event,
) -> Iterator[str]:
    """The events of one hour in the order of arrival.

    Late is the share of the events that are late, by up to six days. The users are split into as many shifts as there are
    visits; each shift visits for its part of the hour. With a history, the users are spread over those of the history, and
    it says what the late events are.
    """
    random = Random(seed * 1_000_003 + number)
    start = START_MS + number * HOUR_MS
    shift = users // visits
    for i in range(events):
        user = i * visits // events * shift + random.randrange(shift)
        time_ms = start + i * HOUR_MS // events
        if history:
            user = user * history.users // users
        if random.random() < late:
            if history:
                user, time_ms = history.late(random)
            else:
                time_ms -= random.randrange(HOUR_MS, 6 * DAY_MS)
        yield form(user, time_ms, number * 1_000_000_000 + i, random.choice(PAGES))


def once(number: int, sessions: int) -> Iterator[str]:
    """One event of each of so many users, in the last quarter of the hour."""
    start = START_MS + number * HOUR_MS + 3 * HOUR_MS // 4
    for i in range(sessions):
        yield event(10_000_000 + i, start + i * HOUR_MS // 4 // sessions, i, PAGES[i % len(PAGES)])


def giant(events: int) -> Iterator[str]:
    """A user who never pauses, for less than two hours."""
    for i in range(events):
        yield event(0, START_MS + i * 7_000_000 // events, i, PAGES[i % len(PAGES)])


def write(lines: Iterator[str], file: Path) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in lines)
