"""Clicks of a web site's users at a constant rate, for hours. The same options give the same clicks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generated_events import PAGES, event

MINUTE_MS = 60_000
# The defaults of the job.
TIMEOUT_MS, DELAY_MS = 30 * MINUTE_MS, 10 * MINUTE_MS
# With a given number of open sessions.
SHORT_DELAY_MS = 10_000
LATE_MS = 10 * MINUTE_MS
SPREAD = 2**32


@dataclass(frozen=True)
class Clicks:
    """Each user clicks six times, every ten seconds; then another user starts.

    So the rules alone decide how many sessions are open: the longer the inactivity timeout, the longer a session stays open
    after its last click. The traffic is the same: as many events, users and sessions that close in every batch.

    :param rate: clicks a second, late ones included
    :param timeout_ms: inactivity timeout of the job
    :param delay_ms: watermark delay of the job
    :param late: share of the clicks that are late: they come within ten minutes after their session has closed
    """

    rate: int
    timeout_ms: int = TIMEOUT_MS
    delay_ms: int = DELAY_MS
    late: float = 0.0

    CLICKS = 6
    PAUSE_MS = 10_000
    # A late click leaves a gap of two pauses where it should have been.
    LEAST_TIMEOUT_MS = 2 * PAUSE_MS

    @classmethod
    def with_open(cls, rate: int, sessions: int, late: float) -> Clicks:
        """Clicks by which so many sessions are open at any time.

        :raises ValueError: if so few cannot be open at this rate
        """
        timeout_ms = -(-sessions * cls.CLICKS * 1000 // rate) - cls.visit_ms() - SHORT_DELAY_MS
        if timeout_ms < cls.LEAST_TIMEOUT_MS:
            least = (cls.LEAST_TIMEOUT_MS + cls.visit_ms() + SHORT_DELAY_MS) * rate // (cls.CLICKS * 1000) + 1
            raise ValueError(f"at {rate} events a second at least {least} sessions are open, not {sessions}")
        return cls(rate, timeout_ms, SHORT_DELAY_MS, late)

    @classmethod
    def visit_ms(cls) -> int:
        return (cls.CLICKS - 1) * cls.PAUSE_MS

    @property
    def until_closed_ms(self) -> int:
        """From the first click of a session until the watermark closes it."""
        return self.visit_ms() + self.timeout_ms + self.delay_ms

    @property
    def open_sessions(self) -> int:
        return self.rate * self.until_closed_ms // (self.CLICKS * 1000)

    def rules(self) -> tuple[str, ...]:
        """The options of a run by which the sessions are open for so long."""
        if (self.timeout_ms, self.delay_ms) == (TIMEOUT_MS, DELAY_MS):
            return ()
        longest_ms = max(2 * 60 * MINUTE_MS, self.timeout_ms)
        return (
            *("--inactivity-timeout", f"{self.timeout_ms}ms", "--watermark-delay", f"{self.delay_ms}ms"),
            *("--max-session-duration", f"{longest_ms}ms"),
        )

    def lines(self, begin_ms: int, first: int, end: int) -> Iterator[str]:
        """The clicks with the numbers from first to end, in the order of arrival. Click 0 is at the time begin_ms."""
        slots = self.PAUSE_MS * self.rate // 1000
        share = int(self.late * SPREAD)
        for i in range(first, end):
            number, shift_ms = i, 0
            if i * 2_654_435_761 % SPREAD < share:
                ago_ms = self.until_closed_ms + i * 7919 % LATE_MS
                # Between two clicks of a session that was there, or after its last.
                if ago_ms * self.rate <= i * 1000:
                    number, shift_ms = i - ago_ms * self.rate // 1000, self.PAUSE_MS // 2
            slot = number % slots
            user = (number // slots + slot % self.CLICKS) // self.CLICKS * slots + slot
            yield event(user, begin_ms + number * 1000 // self.rate + shift_ms, i, PAGES[i % len(PAGES)])
