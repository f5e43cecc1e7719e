"""The events of the benchmarks: seeded, so that the same options write the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
VISIT_MS = HOUR_MS // 6
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


def hour(number: int, events: int, users: int, late: float = 0.0, seed: int = 7) -> Iterator[str]:
    """One hour's events as they arrive: each user comes once, for ten minutes. Of them this part is late, by up to six days."""
    random = Random(seed * 1_000_003 + number)
    start = START_MS + number * HOUR_MS
    visits = [random.randrange(HOUR_MS - VISIT_MS) for _ in range(users)]
    arrivals = sorted(
        (visits[user] + random.randrange(VISIT_MS)) * users + user for user in (i % users for i in range(events))
    )
    for i, arrival in enumerate(arrivals):
        time_ms, user = start + arrival // users, arrival % users
        if random.random() < late:
            time_ms -= random.randrange(HOUR_MS, 6 * DAY_MS)
        yield event(user, time_ms, number * 1_000_000_000 + i, random.choice(PAGES))


def giant(events: int) -> Iterator[str]:
    """A user who never pauses, for less than two hours."""
    for i in range(events):
        yield event(0, START_MS + i * 7_000_000 // events, i, PAGES[i % len(PAGES)])


def write(lines: Iterator[str], file: Path) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in lines)
