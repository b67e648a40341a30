"""The clock every room asks, so that tests can move time."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time in UTC."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return datetime.now(UTC)


class MovableClock:
    """A clock that runs with the machine's, shifted by what ``advance`` added."""

    def __init__(self) -> None:
        self._shift = timedelta()

    def now(self) -> datetime:
        """Return the shifted time, aware, in UTC."""
        return datetime.now(UTC) + self._shift

    def advance(self, **span: float) -> None:
        """Move time forward by a ``timedelta`` given as keywords."""
        self._shift += timedelta(**span)
