"""Where the time of a run goes, by folder of tests."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

import pytest


def seconds_by_room(reports: Iterable[pytest.TestReport]) -> dict[str, tuple[int, float]]:
    """Return number of tests and seconds per folder; setup and teardown count where they ran."""
    counts: dict[str, int] = defaultdict(int)
    seconds: dict[str, float] = defaultdict(float)
    for report in reports:
        room = str(PurePosixPath(report.nodeid.partition("::")[0]).parent)
        counts[room] += report.when == "call"
        seconds[room] += report.duration
    return {room: (counts[room], seconds[room]) for room in sorted(seconds)}
