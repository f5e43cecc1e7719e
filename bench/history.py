"""Histories of sessions, as SQL that inserts them without a run. Their rows obey the invariants that check tests."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from generated_events import DAY_MS, HOUR_MS, PAGES, START_MS

SINGLES_DAYS = 90

COLUMNS = """uuid, session_id, session_start_time_ms, session_end_time_ms, session_start, session_end,
        session_duration_seconds, event_count, pages_visited, close_reason, boundary_rule, events"""
UUID = "concat('user-', lpad(user, 8, '0'), '-', lpad(user * 7919 % 100000, 5, '0'))"
UNKNOWN = "'order', CAST(NULL AS BIGINT), 'definition', CAST(NULL AS INT)"

# One task and one file for each day, without a shuffle: the ids are in the order of time.
SINGLES = f"""
    INSERT INTO user_sessions ({COLUMNS})
    SELECT uuid, concat(uuid, '_session_', start_ms), start_ms, start_ms, timestamp_millis(start_ms),
        timestamp_millis(start_ms), 0, 1, array('home'), 'inactivity', NULL,
        array(named_struct('event_id', string(id), 'event_time_ms', start_ms, 'page_name', 'home', 'booking_details', '',
            'event_details', named_struct('event_name', 'n', 'event_type', 't', 'event_value', 'v'), {UNKNOWN}))
    FROM (SELECT id, {UUID} AS uuid, start_ms
        FROM (SELECT id, id * 7919 % {{users}} AS user, {{start}} + ((id + 1) * {{length}} - 1) DIV {{sessions}} AS start_ms
            FROM range(0, {{sessions}}, 1, {SINGLES_DAYS})))"""

# One task and one file for each hour, sorted by uuid without a shuffle: the ids are in the order of hours and users.
WEEK = f"""
    INSERT INTO user_sessions ({COLUMNS})
    SELECT uuid, concat(uuid, '_session_', start_ms), start_ms, end_ms, timestamp_millis(start_ms), timestamp_millis(end_ms),
        (end_ms - start_ms) DIV 1000, {{events}}, array_distinct(events.page_name), 'inactivity', NULL, events
    FROM (SELECT uuid, start_ms, events, element_at(events, -1).event_time_ms AS end_ms
        FROM (SELECT {UUID} AS uuid, start_ms, transform(times, (time_ms, i) -> named_struct(
                'event_id', concat(lpad(lower(hex(id * {{events}} + i)), 12, '0'), '-', lpad(lower(hex(time_ms)), 13, '0')),
                'event_time_ms', time_ms, 'page_name', element_at(array{PAGES}, int(pmod(hash(id, i), {len(PAGES)}) + 1)),
                'booking_details', '', 'event_details', named_struct('event_name', 'user-selection',
                    'event_type', 'user-action', 'event_value', concat('card-', (id + i) % 10, '-selected')), {UNKNOWN})) AS events
            FROM (SELECT id, user, start_ms,
                    transform(sequence(0, {{events}} - 1), i -> start_ms + i * {{pause}} + i * (user + hour) % 10000) AS times
                FROM (SELECT id, user, hour, {{begin}} + hour * {HOUR_MS}
                        + (user * 7919 + hour * 104729) % {{spread}} + id % 2 * {{apart}} AS start_ms
                    FROM (SELECT id, hour, id % {{sessions}} DIV 2 * {{cycle}} + hour % {{cycle}} AS user
                        FROM (SELECT id, id DIV {{sessions}} AS hour FROM range(0, {{hours}} * {{sessions}}, 1, {{hours}})))))))"""


def singles(sessions: int, users: int) -> str:
    """Sessions of one event each over the 90 days before the last."""
    start = START_MS - (SINGLES_DAYS + 1) * DAY_MS
    return SINGLES.format(start=start, length=SINGLES_DAYS * DAY_MS, sessions=sessions, users=users)


@dataclass(frozen=True)
class Week:
    """Sessions of 20 events over the seven days that end two hours before the first hour.

    A user comes every second day, at the same hour of the day, for two sessions of six and a half minutes with 35 minutes
    between them. An hour has as many users as any other, spread over all of them.
    """

    pairs: int

    DAYS = 7
    HOURS = 24 * DAYS
    CYCLE = 48
    BEGIN_MS = START_MS - 2 * HOUR_MS - DAYS * DAY_MS
    EVENTS = 20
    PAUSE_MS = 20_000
    LENGTH_MS = (EVENTS - 1) * PAUSE_MS
    # From one start to the next. Both are in the same hour, and an event in the middle bridges them.
    APART_MS = LENGTH_MS + 35 * 60_000
    SPREAD_MS = 1_100_000
    JOIN_MS = 25 * 60_000
    LATE_HOURS = 6 * 24 - 6

    @classmethod
    def of(cls, sessions: int) -> Week:
        """About so many sessions a day."""
        return cls(max(1, sessions // cls.CYCLE))

    @property
    def users(self) -> int:
        return self.pairs * self.CYCLE

    @property
    def sessions(self) -> int:
        return self.HOURS * self.pairs * 2

    def statement(self) -> str:
        return WEEK.format(
            events=self.EVENTS,
            pause=self.PAUSE_MS,
            begin=self.BEGIN_MS,
            spread=self.SPREAD_MS,
            apart=self.APART_MS,
            cycle=self.CYCLE,
            sessions=2 * self.pairs,
            hours=self.HOURS,
        )

    def start_ms(self, user: int, hour: int) -> int:
        """Start of the first of the user's two sessions in this hour."""
        return self.BEGIN_MS + hour * HOUR_MS + (user * 7919 + hour * 104729) % self.SPREAD_MS

    def late(self, random: Random) -> tuple[int, int]:
        """User and time of an event that is less than six days late.

        One of four joins a session, one of four bridges two, and half are a day away from all sessions of their users.
        """
        hour = random.randrange(self.HOURS - self.LATE_HOURS, self.HOURS)
        user = random.randrange(self.pairs) * self.CYCLE + hour % self.CYCLE
        first = self.start_ms(user, hour)
        match random.randrange(4):
            case 0:
                return user, first - self.JOIN_MS + random.randrange(self.JOIN_MS + self.LENGTH_MS)
            case 1:
                return user, first + (self.APART_MS + self.LENGTH_MS) // 2
            case _:
                away = (user + self.CYCLE // 2) % self.CYCLE
                return user - user % self.CYCLE + away, first
