"""When a publication is due: local time and zone, or a time with its offset, checked for sense."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct

from palabre.base.errors import FieldProblem, Invalid

GRACE: Final = timedelta(minutes=1)
"""A time chosen this short ago still counts as now."""
_LONGEST_GAP: Final = 24 * 60 + 1
"""Minutes: an island once left out a whole day."""


class Moment(Struct, frozen=True, kw_only=True):
    """A due time. ``local_time`` is what stands on the client's calendar, in ``time_zone``.

    ``twice``: the clocks show this time twice; the first one counts.
    """

    due_at: datetime
    local_time: str
    time_zone: str
    twice: bool = False


def moment(publish_at: str | None, time_zone: str, now: datetime) -> Moment:
    """Return the moment that ``publish_at`` names; None means now.

    Args:
        publish_at: ISO 8601, local (``2026-11-26T14:30``) or with an offset.
        time_zone: IANA name in which a local time is meant.
        now: The current time.

    Raises:
        Invalid: Not a time, not a zone, in the past, or skipped by the clocks.
    """
    if time_zone not in available_timezones():
        raise _problem("time_zone_unknown", field="time_zone", time_zone=time_zone)
    zone = ZoneInfo(time_zone)
    if publish_at is None:
        return _moment(now, zone, time_zone)
    given = _parse(publish_at)
    if given.tzinfo is not None:
        made = _moment(_in_utc(given), zone, time_zone)
    else:
        made = _from_local(given, zone, time_zone)
    if made.due_at < now - GRACE:
        raise _problem("past")
    return made


def _parse(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _problem("not_a_time") from None


def _in_utc(given: datetime) -> datetime:
    try:
        return given.astimezone(UTC)
    except OverflowError:
        raise _problem("not_a_time") from None


def _from_local(given: datetime, zone: ZoneInfo, name: str) -> Moment:
    """Return the moment of a wall-clock time; of two, the first."""
    first = given.replace(tzinfo=zone, fold=0)
    if not _exists(given, zone):
        raise _problem(
            "dst_gap", time=f"{given:%H:%M}", date=f"{given:%Y-%m-%d}", next=_next(given, zone)
        )
    twice = first.utcoffset() != first.replace(fold=1).utcoffset()
    return _moment(_in_utc(first), zone, name, twice=twice)


def _exists(wall: datetime, zone: ZoneInfo) -> bool:
    back = _in_utc(wall.replace(tzinfo=zone)).astimezone(zone)
    return back.replace(tzinfo=None) == wall


def _next(wall: datetime, zone: ZoneInfo) -> str:
    """Return the first time the clocks show after the gap."""
    start = wall.replace(second=0, microsecond=0)
    steps = (start + timedelta(minutes=n) for n in range(1, _LONGEST_GAP + 1))
    found = next((step for step in steps if _exists(step, zone)), start)
    return f"{found:%H:%M}" if found.date() == wall.date() else f"{found:%Y-%m-%d %H:%M}"


def _moment(due_at: datetime, zone: ZoneInfo, name: str, *, twice: bool = False) -> Moment:
    local = due_at.astimezone(zone).replace(tzinfo=None)
    return Moment(
        due_at=due_at,
        local_time=local.isoformat(timespec="seconds"),
        time_zone=name,
        twice=twice,
    )


def _problem(code: str, *, field: str = "publish_at", **params: str) -> Invalid:
    return Invalid(FieldProblem(field=field, code=code, params=dict(params)))
