#!/usr/bin/env python3
"""Generates some hours of clickstream with the usual faults: late, duplicate and broken events.

    traffic.py --hours 3 --start 2026-01-12T08:00:00Z --seed 7 --users 2000 --out DIR

Writes DIR/hour-1.jsonl, hour-2.jsonl ... A file has the records that ARRIVE in its hour, in the order of arrival: one
line for the value of each Kafka record. The same options write the same bytes.

Most users visit some pages (home, search, selection, review, booking, confirmation), leave or book, and some come back.
4 % of the users never pause for more than a few minutes in over two hours. Events arrive within seconds, except for
these faults:
  3 %    of the events are delayed by 5 to 110 minutes, half of them by less than an hour
  1 %    arrive twice, byte for byte; every second copy arrives an hour or two later, so in a later file
  0.5 %  more lines are broken, in ten ways in turn (see BREAKERS)
Events that would arrive after the last hour are not sent. A dozen users in STORIES are the same in every run: they
make the cases that random users may not make, such as an event that joins two sessions that closed long ago.

Each event also has what a web shop sends with it: URL, referrer, browser, login and price (see shop.py).

The summary of a file counts each line once. A late event is not a copy, and its time is more than ten minutes before the
start of the file's hour: the watermark has passed it then.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from shop import Shop

SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS

DELAYED = 0.03
DUPLICATED = 0.01
BROKEN = 0.005
WATERMARK_DELAY_MS = 10 * MINUTE_MS

EVER_ACTIVE = 0.04  # of the users
WITHOUT_PAGE = 0.02  # of the events
OLD_APP = 0.2  # of the users: this app sends the time as a number

Event = dict[str, Any]


class Line(NamedTuple):
    """A line that arrives. Lines of the same millisecond keep the order in which they were generated."""

    arrival_ms: int  # from the start of the first hour, like all times here
    number: int
    kind: str  # "on time", "late", "duplicates" or "broken"
    value: bytes


class Step(NamedTuple):
    """An event of a user, when it happens and when it arrives."""

    event: Event
    time_ms: int
    arrival_ms: int


# page -> the next pages of a user, with weights; None: the user leaves.
NEXT_PAGES: dict[str, dict[str | None, int]] = {
    "home": {"search": 75, "home": 5, None: 20},
    "search": {"search": 30, "selection": 50, "home": 5, None: 15},
    "selection": {"selection": 15, "search": 25, "review": 40, None: 20},
    "review": {"booking": 55, "selection": 25, None: 20},
    "booking": {"confirmation": 75, "review": 10, None: 15},
    "confirmation": {"home": 10, None: 90},
}
PLACES = ("Lisbon", "Zürich", "São Paulo", "東京", "Málaga", "Oslo")


class Story(NamedTuple):
    """All events of some users, in minutes from the start."""

    name: str
    on_time: tuple[float, ...]
    late: float | None = None
    late_arrival: float = 0


STORIES = (
    Story("bridge", on_time=(5, 9, 12, 52, 55, 60), late=32, late_arrival=135),  # joins two closed sessions
    Story("earlier-start", on_time=(8, 12, 15), late=2, late_arrival=75),  # gives a closed session another id
    Story("longer", on_time=(3, 7, 11), late=18, late_arrival=130),  # extends a closed session
    Story("forgotten", on_time=(170,), late=20, late_arrival=125),  # a separate session, already closed when it arrives
    Story("just-in-time", on_time=(10, 40)),  # exactly the inactivity timeout
    Story("just-too-late", on_time=(10, 40 + 1 / MINUTE_MS)),  # one millisecond longer
)
USERS_PER_STORY = 2


def think_ms(random: Random) -> int:
    """A pause: mostly seconds, sometimes minutes, always shorter than the inactivity timeout."""
    return 1500 + int(random.random() ** 4 * 8 * MINUTE_MS)


def visit(random: Random, start_ms: int) -> Iterator[tuple[int, str]]:
    """The time and page of each step until the user leaves."""
    time_ms = start_ms
    page: str | None = random.choice(("home", "home", "home", "search", "selection"))
    while page is not None:
        yield time_ms, page
        time_ms += think_ms(random)
        page = random.choices(list(NEXT_PAGES[page]), list(NEXT_PAGES[page].values()))[0]


def day_of(random: Random, hours: int) -> Iterator[tuple[int, str]]:
    """The steps of one to three visits of a user."""
    time_ms = random.randrange(hours * HOUR_MS)
    for _ in range(random.choice((1, 1, 1, 2, 2, 3))):
        for step in visit(random, time_ms):
            yield step
            time_ms = step[0]
        time_ms += random.randrange(20 * MINUTE_MS, 100 * MINUTE_MS)


def day_without_pause(random: Random, hours: int) -> Iterator[tuple[int, str]]:
    time_ms = random.randrange(25 * MINUTE_MS)
    end_ms = time_ms + random.randrange(130 * MINUTE_MS, 155 * MINUTE_MS)
    while time_ms < end_ms:
        for step in visit(random, time_ms):
            yield step
            time_ms = step[0]
        time_ms += think_ms(random)


class World:
    """Generates the events of users, and the lines of events. All randomness comes from one seed."""

    def __init__(self, start_ms: int, hours: int, seed: int) -> None:
        self.start_ms = start_ms
        self.end_ms = hours * HOUR_MS
        self.hours = hours
        self.random = Random(seed)
        self.shop = Shop(seed)
        self.numbers = count()
        self.lines: list[Line] = []

    def digits(self, n: int) -> str:
        return "".join(self.random.choice("0123456789") for _ in range(n))

    def event(self, uuid: str, time_ms: int, page: str, old_app: bool = False) -> Event:
        random = self.random
        time = self.start_ms + time_ms
        value = f"card-{random.randrange(1, 9)}-selected"
        if page == "search":
            value = random.choice(PLACES)
        event = {
            "event_id": f"{self.digits(4)}-{random.getrandbits(20):05x}-{random.getrandbits(20):05x}-{self.digits(6)}",
            "page_name": page,
            "event_timestamp": time if old_app else str(time),
            "booking_details": f"booking-{self.digits(6)}" if page in ("booking", "confirmation") else "",
            "uuid": uuid,
            "event_details": {"event_name": f"user-{page}", "event_type": "user-action", "event_value": value},
        }
        if random.random() < WITHOUT_PAGE:
            del event["page_name"]
            event["event_details"] = {"event_name": "app-in-background", "event_type": "system", "event_value": ""}
        return event

    def arrive(self, arrival_ms: int, value: bytes, kind: str) -> None:
        if arrival_ms < self.end_ms:
            self.lines.append(Line(arrival_ms, next(self.numbers), kind, value))

    def send(self, steps: list[Step]) -> None:
        """All events of one user."""
        self.shop.browse([step.event for step in sorted(steps, key=lambda step: step.time_ms)])
        for event, time_ms, arrival_ms in steps:
            hour_began_ms = arrival_ms // HOUR_MS * HOUR_MS
            kind = "late" if time_ms < hour_began_ms - WATERMARK_DELAY_MS else "on time"
            self.arrive(arrival_ms, to_bytes(event), kind)

    def network_ms(self) -> int:
        return self.random.randrange(40, 3 * SECOND_MS)

    def ordinary_users(self, users: int) -> None:
        random = self.random
        for number in range(users):
            uuid = f"user-{number + 1:04d}-{self.digits(4)}-{self.digits(5)}-{self.digits(5)}"
            old_app = random.random() < OLD_APP
            # Evenly spread, so that a small number of users includes one.
            ever_active = int(number * EVER_ACTIVE) != int((number + 1) * EVER_ACTIVE)
            day = day_without_pause if ever_active else day_of
            steps = []
            for time_ms, page in day(random, self.hours):
                arrival_ms = time_ms + self.network_ms()
                if random.random() < DELAYED:
                    delay_ms = random.choice((1, 12)) * 5 * MINUTE_MS + random.randrange(50 * MINUTE_MS)
                    if arrival_ms + delay_ms < self.end_ms:
                        arrival_ms += delay_ms
                steps.append(Step(self.event(uuid, time_ms, page, old_app), time_ms, arrival_ms))
            self.send(steps)

    def users_with_a_story(self) -> None:
        for story in STORIES:
            for number in range(USERS_PER_STORY):
                uuid = f"user-{story.name}-{number + 1}"
                times = [(minute, minute) for minute in story.on_time]
                if story.late is not None:
                    times.append((story.late, story.late_arrival))
                steps = []
                for minute, arrival in times:
                    time_ms = round(minute * MINUTE_MS)
                    event = self.event(uuid, time_ms, "home" if minute == times[0][0] else "search")
                    steps.append(Step(event, time_ms, round(arrival * MINUTE_MS) + self.network_ms()))
                self.send(steps)

    def duplicates(self) -> None:
        originals = [line for line in sorted(self.lines) if line.kind != "broken"]
        for number, line in enumerate(self.some(originals, DUPLICATED)):
            hour_end_ms = (line.arrival_ms // HOUR_MS + 1) * HOUR_MS
            later_ms = line.arrival_ms + HOUR_MS + self.random.randrange(HOUR_MS)
            if number % 2 == 0 or later_ms >= self.end_ms:
                later_ms = min(line.arrival_ms + self.random.randrange(5 * MINUTE_MS), hour_end_ms - 1)
            self.arrive(later_ms, line.value, "duplicates")

    def broken_lines(self) -> None:
        originals = [line for line in sorted(self.lines) if line.kind == "on time"]
        breakers = list(BREAKERS.values())
        chosen = self.some(originals, BROKEN, at_least=2 * len(breakers))
        for number, line in enumerate(chosen):
            value = breakers[number % len(breakers)](json.loads(line.value), self.random)
            self.arrive(line.arrival_ms, value, "broken")

    def some(self, lines: list[Line], share: float, at_least: int = 1) -> list[Line]:
        return self.random.sample(lines, min(len(lines), max(at_least, round(len(lines) * share))))


def to_bytes(event: Event) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode("utf-8")


def without(event: Event, field: str) -> bytes:
    return to_bytes({name: value for name, value in event.items() if name != field})


# The ways to break a line. No result is a valid event.
BREAKERS: dict[str, Callable[[Event, Random], bytes]] = {
    "truncated": lambda event, random: to_bytes(event)[: random.randrange(1, 150)],
    "not JSON": lambda event, random: f"GET /{event.get('page_name', '')} HTTP/1.1".encode(),
    "no uuid": lambda event, random: without(event, "uuid"),
    "blank uuid": lambda event, random: to_bytes({**event, "uuid": "  "}),
    "no time": lambda event, random: without(event, "event_timestamp"),
    "seconds": lambda event, random: to_bytes({**event, "event_timestamp": int(event["event_timestamp"]) // 1000}),
    "from 2099": lambda event, random: to_bytes({**event, "event_timestamp": "4083868800000"}),
    "not UTF-8": lambda event, random: to_bytes({**event, "page_name": "caf@"}).replace(b"caf@", b"caf\xe9"),
    "null": lambda event, random: b"null",
    "trailing garbage": lambda event, random: to_bytes(event) + b'"}',
}


def traffic(start_ms: int, hours: int, seed: int, users: int) -> list[list[Line]]:
    """The lines of each hour, in the order of arrival."""
    world = World(start_ms, hours, seed)
    world.users_with_a_story()
    world.ordinary_users(users)
    world.broken_lines()
    world.duplicates()
    by_hour: list[list[Line]] = [[] for _ in range(hours)]
    for line in sorted(world.lines):
        by_hour[line.arrival_ms // HOUR_MS].append(line)
    return by_hour


def epoch_ms(text: str) -> int:
    time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if time.tzinfo is None:
        time = time.replace(tzinfo=timezone.utc)
    return int(time.timestamp()) * 1000


def main(arguments: list[str] | None = None) -> int:
    summary, rest = (__doc__ or "").split("\n", 1)
    parser = argparse.ArgumentParser(
        description=summary, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hours", type=int, default=3, metavar="N", help="at least 3, which the stories need")
    parser.add_argument(
        "--start", default="2026-01-12T08:00:00Z", metavar="ISO", help="start of the first hour, in the past"
    )
    parser.add_argument("--seed", type=int, default=7, metavar="N")
    parser.add_argument("--users", type=int, default=2000, metavar="N")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="created if it does not exist")
    options = parser.parse_args(arguments)
    if options.hours < 3:
        parser.error(f"--hours must be at least 3, not {options.hours}")
    if options.users < 0:
        parser.error(f"--users must not be negative: {options.users}")
    try:
        start_ms = epoch_ms(options.start)
    except ValueError:
        parser.error(f"--start must look like 2026-01-12T08:00:00Z, not {options.start!r}")

    try:
        options.out.mkdir(parents=True, exist_ok=True)
        for hour, lines in enumerate(traffic(start_ms, options.hours, options.seed, options.users), start=1):
            file = options.out / f"hour-{hour}.jsonl"
            file.write_bytes(b"".join(line.value + b"\n" for line in lines))
            kinds = Counter(line.kind for line in lines)
            print(
                f"{file.name}: {len(lines):,} lines,"
                f" {kinds['late']} late, {kinds['duplicates']} duplicates, {kinds['broken']} broken"
            )
    except OSError as problem:
        print(f"Cannot write {problem.filename}: {problem.strerror}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
