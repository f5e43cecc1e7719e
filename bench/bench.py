#!/usr/bin/env python3
"""Times the hourly run as a user starts it: a whole process, cold, on a real broker.

    scripts/bench.sh [--workloads A,A-segment,A-web,B0,B1M,B10M,C,D,D-segment,D-web,D-late,E] [--runs 3] [--scale 1] [--out FILE]
    scripts/bench.sh layers|growth|late|executors|continuous --help

Each workload's topic and tables are prepared once. Before each timed run the tables are restored. The workloads take
turns, so that other load on the machine affects all of them alike. The output (printed, and written as JSON, by default to
docs/benchmarks/workloads.json) has all runs and the medians of each workload: wall and CPU seconds of the process, peak
resident memory, and, from the run's report, the records and the seconds of each step. One more run, which is not timed,
measures the bytes that are read, shuffled and written. See docs/benchmarks.md.

    A    2,000,000 events of 50,000 users in one hour, 4 partitions, on empty tables; each user visits for 20 minutes
    A-segment  as A, but the events are calls of Segment, of 1.2 kB each, read by the preset: to be compared with A, in events
         and in bytes a second
    A-web  as A-segment, and each session has the columns of the set web: to be compared with A-segment
    B0   as A, but a second hour, on the open sessions of the first, so that the run merges as many as it opens
    B1M  as B0, on a history of 1,000,000 sessions of the same users over the 90 days before
    B10M as B0, on 10,000,000
    C    as B1M, but 1 % of the events are late by up to six days: to be compared with it
    D    5,000 events as a second hour: what most hours look like
    D-segment, D-web  as D, with the events of A-segment and the columns of A-web: to be compared with each other
    D-late  as D, on a history of 3,696 sessions of 20 events each over seven days; 1 % of the events are late by up to six
         days, and half of these join or bridge sessions of the history: to be compared with D
    E    one user with 1,000,000 events

Leaves its folder demo-output/bench-TIME behind, and no process. Needs what scripts/demo.sh needs, and 10 GB of disk.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from generated_events import giant, hour, segment
from history import Week, singles
from measure import ROOT, broker, median
from workload import Spec, prepared, result, scratch, turns

EVENTS, USERS, GIANT = 2_000_000, 50_000, 1_000_000
SMALL = 5_000
# Sessions a day before D-late, of about as many users as the hour has.
SMALL_HISTORY = 528
HISTORY = 1_000_000
# So many visits to an hour that sessions end within it.
VISITS = 3


def on_history(scale: float, sessions: int, late: float = 0.0) -> Spec:
    """A second hour, in which the sessions of the first end."""
    events, users = int(EVENTS * scale), int(USERS * scale)
    return Spec(
        timed=lambda: hour(1, events, users, late, visits=VISITS),
        before=(lambda: hour(0, events, users, visits=VISITS),),
        history=singles(int(sessions * scale), users) if sessions else "",
    )


def workloads(scale: float) -> dict[str, Spec]:
    events, users = int(EVENTS * scale), int(USERS * scale)
    week = Week.of(SMALL_HISTORY)
    return {
        "A": Spec(timed=lambda: hour(0, events, users, visits=VISITS)),
        "A-segment": Spec(timed=lambda: hour(0, events, users, visits=VISITS, form=segment), preset="segment"),
        "A-web": Spec(timed=lambda: hour(0, events, users, visits=VISITS, form=segment), preset="segment", web=True),
        "B0": on_history(scale, 0),
        "B1M": on_history(scale, HISTORY),
        "B10M": on_history(scale, 10 * HISTORY),
        "C": on_history(scale, HISTORY, late=0.01),
        "D": Spec(timed=lambda: hour(1, SMALL, SMALL // 10), before=(lambda: hour(0, SMALL, SMALL // 10),)),
        "D-segment": small_segment(),
        "D-web": small_segment(web=True),
        "D-late": Spec(
            timed=lambda: hour(1, SMALL, SMALL // 10, late=0.01, history=week),
            before=(lambda: hour(0, SMALL, SMALL // 10, history=week),),
            history=week.statement(),
        ),
        "E": Spec(timed=lambda: giant(int(GIANT * scale))),
    }


def small_segment(web: bool = False) -> Spec:
    return Spec(
        timed=lambda: hour(1, SMALL, SMALL // 10, form=segment),
        before=(lambda: hour(0, SMALL, SMALL // 10, form=segment),),
        preset="segment",
        web=web,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", default="A,A-segment,A-web,B0,B1M,B10M,C,D,D-segment,D-web,D-late,E", help="default: %(default)s")
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each (default: %(default)s)")
    parser.add_argument("--scale", type=float, default=1, help="of events, users and history, but of D and D-late (default: 1)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks/workloads.json")
    options = parser.parse_args()
    specs = workloads(options.scale)
    names = options.workloads.split(",")
    if unknown := set(names) - set(specs):
        parser.error(f"--workloads are of {','.join(specs)}, not {','.join(sorted(unknown))}")

    folder = scratch("bench")
    with broker(folder / "kafka") as servers:
        chosen = prepared({name: specs[name] for name in names}, folder, servers)
        runs = turns(chosen, options.runs)
        medians = {one.name: median(runs[one.name]) | median([one.counted()]) for one in chosen}
    written = result(scale=options.scale, medians=medians, runs=runs)
    options.out.write_text(json.dumps(written, indent=2) + "\n")
    for name, figures in medians.items():
        print(name, json.dumps(figures))


if __name__ == "__main__":
    main()
