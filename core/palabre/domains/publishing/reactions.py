"""What core does about each error of the taxonomy while it publishes: a pure function over a table.

Only errors that say for certain that nothing became visible lead back to an earlier state. After a
send everything else is ``unknown``.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from palabre.domains.publishing.machine import State
from palabre.domains.publishing.records import FailureRecord, of_error
from palabre.domains.publishing.timing import Timing
from palabre.sdk.errors import (
    AuthExpired,
    AuthRevoked,
    BillingStopped,
    Duplicate,
    NotEnabled,
    PermissionMissing,
    PluginBug,
    PluginError,
    QuotaExhausted,
    RateLimited,
    Transient,
    UnknownOutcome,
)

MOST_TRIES: Final = 3
"""Tries after the first one, 30 min apart (NFR-R01)."""
_JITTER: Final = 0.1


class Verdict(Struct, frozen=True, kw_only=True):
    """Where a publication goes after an error."""

    to: State
    record: FailureRecord
    due_at: datetime | None = None
    """When the work goes on; None: it is finished."""
    held_reason: str | None = None
    renew: bool = False
    """Refresh the grant before going on."""
    remote_id: str | None = None


class Situation(Struct, frozen=True, kw_only=True):
    """What is known when an error arrives. ``sent``: the visible call was made."""

    now: datetime
    timing: Timing
    sent: bool
    before: FailureRecord | None = None

    def tries(self, code: str) -> int:
        """Return how often in a row ``code`` has now happened."""
        return self.before.tries + 1 if self.before and self.before.code == code else 1

    def later(self, seconds: float) -> datetime:
        """Return the time in so many seconds, spread a little so that not all come at once."""
        spread = random.random() * _JITTER  # noqa: S311  # no secret
        return self.now + timedelta(seconds=seconds * (1 + spread))


Reaction = Callable[[PluginError, Situation], Verdict]


def react(error: PluginError, at: Situation) -> Verdict:
    """Return what follows from ``error``."""
    for kind, reaction in _TABLE:
        if isinstance(error, kind):
            return reaction(error, at)
    return _fail(error, at)


def _fail(error: PluginError, _at: Situation) -> Verdict:
    return Verdict(to="failed", record=of_error(error))


def _unknown(error: PluginError, at: Situation) -> Verdict:
    due = at.now + timedelta(seconds=at.timing.first_look_s)
    made = of_error(error, code="unknown_outcome", online="unknown", next_at=due)
    return Verdict(to="unknown", record=made, due_at=due)


def _after_unknown(error: PluginError, at: Situation) -> Verdict:
    """While preparing nothing becomes visible, so it may be repeated."""
    return _unknown(error, at) if at.sent else _transient(error, at)


def _after_bug(error: PluginError, at: Situation) -> Verdict:
    return _unknown(error, at) if at.sent else _fail(error, at)


def _transient(error: PluginError, at: Situation) -> Verdict:
    tries = at.tries("transient")
    if tries > MOST_TRIES:
        return Verdict(to="failed", record=of_error(error, code="transient_end", tries=tries))
    wait = max(at.timing.retry_s, getattr(error, "retry_after_s", None) or 0.0)
    due = at.later(wait)
    made = of_error(error, code="transient", tries=tries, next_at=due)
    return Verdict(to="scheduled", record=made, due_at=due)


def _rate_limited(error: PluginError, at: Situation) -> Verdict:
    assert isinstance(error, RateLimited)  # noqa: S101  # the table's row
    due = at.later(error.retry_after_s)
    return Verdict(to="scheduled", record=of_error(error, next_at=due), due_at=due)


def _until(error: PluginError, at: Situation) -> Verdict:
    assert isinstance(error, QuotaExhausted)  # noqa: S101  # the table's row
    due = max(error.until, at.now + timedelta(seconds=at.timing.busy_s))
    return Verdict(to="scheduled", record=of_error(error, next_at=due), due_at=due)


def _expired(error: PluginError, at: Situation) -> Verdict:
    """Refuse the token once: renew. Twice in a row: only the account's holder can help."""
    tries = at.tries("auth_expired")
    if tries > 1:
        return _hold(of_error(error, code="auth_revoked"), at, "account_away")
    made = of_error(error, tries=tries, next_at=at.now)
    return Verdict(to="scheduled", record=made, due_at=at.now, renew=True)


def _account_away(error: PluginError, at: Situation) -> Verdict:
    return _hold(of_error(error), at, "account_away")


def _not_enabled(error: PluginError, at: Situation) -> Verdict:
    return _hold(of_error(error), at, "not_enabled")


def _billing(error: PluginError, at: Situation) -> Verdict:
    return _hold(of_error(error), at, "billing_stopped")


def _hold(made: FailureRecord, at: Situation, reason: str) -> Verdict:
    return Verdict(
        to="held",
        record=made,
        due_at=at.later(at.timing.held_look_s),
        held_reason=reason,
    )


def _duplicate(error: PluginError, at: Situation) -> Verdict:
    assert isinstance(error, Duplicate)  # noqa: S101  # the table's row
    if error.remote_id:
        return Verdict(to="published", record=of_error(error), remote_id=error.remote_id)
    return _unknown(error, at) if at.sent else _fail(error, at)


_TABLE: Final[tuple[tuple[type[PluginError], Reaction], ...]] = (
    (UnknownOutcome, _after_unknown),
    (PluginBug, _after_bug),
    (Transient, _transient),
    (RateLimited, _rate_limited),
    (QuotaExhausted, _until),
    (AuthExpired, _expired),
    (AuthRevoked, _account_away),
    (PermissionMissing, _account_away),
    (NotEnabled, _not_enabled),
    (BillingStopped, _billing),
    (Duplicate, _duplicate),
)
"""PLUGINS 6.7. Classes that are not here fail with the person named in ``records.WHO``."""
