"""Due times: zones, offsets, and the two days a year when clocks change."""

from datetime import UTC, datetime

import pytest

from palabre.base.errors import Invalid
from palabre.domains.publishing.times import moment

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "zone", "due", "local"),
    [
        (None, "Africa/Dakar", "2026-03-01T12:00", "2026-03-01T12:00:00"),
        ("2026-11-26T14:30", "Africa/Dakar", "2026-11-26T14:30", "2026-11-26T14:30:00"),
        ("2026-07-01T14:30", "Europe/Paris", "2026-07-01T12:30", "2026-07-01T14:30:00"),
        ("2026-12-01T14:30", "Europe/Paris", "2026-12-01T13:30", "2026-12-01T14:30:00"),
        ("2026-07-01T14:30+05:30", "Europe/Paris", "2026-07-01T09:00", "2026-07-01T11:00:00"),
        ("2026-07-01T14:30Z", "Africa/Dakar", "2026-07-01T14:30", "2026-07-01T14:30:00"),
    ],
)
def test_due(given: str | None, zone: str, due: str, local: str) -> None:
    made = moment(given, zone, NOW)
    assert made.due_at == datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert (made.local_time, made.time_zone, made.twice) == (local, zone, False)


def test_an_hour_that_exists_twice_is_the_first_and_says_so() -> None:
    made = moment("2026-10-25T02:30", "Europe/Paris", NOW)
    assert made.due_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert made.twice


@pytest.mark.parametrize(
    ("given", "zone", "code", "next_time"),
    [
        ("2026-03-29T02:30", "Europe/Paris", "dst_gap", "03:00"),
        ("2011-12-30T10:00", "Pacific/Apia", "dst_gap", "2011-12-31 00:00"),
        ("2026-02-28T12:00", "Africa/Dakar", "past", None),
        ("tomorrow", "Africa/Dakar", "not_a_time", None),
        ("0001-01-01T00:00+14:00", "Africa/Dakar", "not_a_time", None),
        ("2026-11-26T14:30", "Mars/Base", "time_zone_unknown", None),
    ],
)
def test_refused(given: str, zone: str, code: str, next_time: str | None) -> None:
    with pytest.raises(Invalid) as caught:
        moment(given, zone, NOW)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.params.get("next") == next_time
    for locale in ("en", "fr"):
        assert "field." not in problem.message(locale)
        assert "{" not in problem.message(locale)
