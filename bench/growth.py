#!/usr/bin/env python3
"""Measures how the time of a run grows with the history, open sessions, late events and events.

    scripts/bench.sh growth [--axes history,open,late,events] [--runs 3] [--scale 1] [--out FILE]

Each axis has a few points. The points take turns, and the median of the timed runs of a point counts. The output is JSON,
by default docs/benchmarks/growth.json: a list of points for each axis. See docs/benchmarks.md.

    history  an hour on 0, 1 and 10 million sessions of the 90 days before: B0, B1M and B10M of the workloads
    open     an hour of 500,000 events on 0, 50,000 and 200,000 open sessions of other users
    late     an hour of 2,000,000 events on 1,000,000 sessions, of them none, 1 % and 5 % late by up to six days
    events   0.25, 0.5, 1 and 2 million events on empty tables
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from bench import EVENTS, HISTORY, USERS, on_history
from generated_events import hour, once
from measure import ROOT, broker, median
from workload import Spec, prepared, result, scratch, turns


def on_open(scale: float, sessions: int) -> Spec:
    events, users = int(EVENTS / 4 * scale), int(USERS * scale)
    return Spec(
        timed=lambda: hour(1, events, users),
        # One where there are to be none, since there has to be a run before.
        before=(lambda: once(0, max(1, int(sessions * scale))),),
    )


def on_nothing(scale: float, events: int) -> Spec:
    return Spec(timed=lambda: hour(0, int(events * scale), int(USERS * scale)))


def axes(scale: float) -> dict[str, dict[float, Spec]]:
    return {
        "history": {sessions: on_history(scale, sessions, 0) for sessions in (0, HISTORY, 10 * HISTORY)},
        "open": {sessions: on_open(scale, sessions) for sessions in (0, 50_000, 200_000)},
        "late": {share: on_history(scale, HISTORY, share) for share in (0, 0.01, 0.05)},
        "events": {events: on_nothing(scale, events) for events in (EVENTS // 8, EVENTS // 4, EVENTS // 2, EVENTS)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--axes", default="history,open,late,events", help="default: %(default)s")
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each point (default: %(default)s)")
    parser.add_argument("--scale", type=float, default=1, help="of events, users and sessions (default: 1)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks/growth.json")
    options = parser.parse_args()
    known = axes(options.scale)
    names = options.axes.split(",")
    if unknown := set(names) - set(known):
        parser.error(f"--axes are of {','.join(known)}, not {','.join(sorted(unknown))}")

    folder = scratch("growth")
    axes: dict[str, list[dict[str, float]]] = {}
    for axis in names:
        # A broker and folders for each axis: no more of the disk is taken than one of them needs.
        with broker(folder / "kafka") as servers:
            points = {f"{axis}-{point}": spec for point, spec in known[axis].items()}
            runs = turns(prepared(points, folder, servers), options.runs)
            axes[axis] = [{"point": point, **median(runs[f"{axis}-{point}"])} for point in known[axis]]
        shutil.rmtree(folder)
        options.out.write_text(json.dumps(result(scale=options.scale, **axes), indent=2) + "\n")


if __name__ == "__main__":
    main()
