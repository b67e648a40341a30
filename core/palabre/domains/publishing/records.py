"""The failure record: what went wrong, who acts, whether it is online, when we go on."""

from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from palabre.sdk.errors import PermissionMissing, PluginError

Who = Literal["us", "author", "admin", "account_holder", "support", "you", "nobody"]
Online = Literal["yes", "no", "unknown"]

WHO: Final[dict[str, Who]] = {
    "config_error": "admin",
    "auth_expired": "us",
    "auth_revoked": "account_holder",
    "permission_missing": "account_holder",
    "account_away": "account_holder",
    "invalid_content": "author",
    "rate_limited": "us",
    "quota_exhausted": "us",
    "policy_blocked": "us",
    "transient": "us",
    "transient_end": "you",
    "unknown_outcome": "us",
    "unknown_outcome_ask": "you",
    "duplicate": "us",
    "not_found_remote": "account_holder",
    "billing_stopped": "account_holder",
    "spend_not_approved": "admin",
    "signature_invalid": "support",
    "unsupported": "admin",
    "not_enabled": "admin",
    "plugin_bug": "support",
    "stale": "you",
}
"""Who acts, by code (SCREENS 2.5). A code that is not here is for support."""


class FailureRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Stored as ``publications.failure``; the sentence is made when it is read."""

    code: str
    who: Who
    online: Online = "no"
    params: dict[str, str | int] = {}  # msgspec copies empty defaults
    user_key: str = ""
    """A sentence of the plugin that says more than the code's own."""
    remote_code: str = ""
    request_id: str = ""
    next_at: datetime | None = None
    tries: int = 0
    """How often in a row this happened."""


def record(code: str, **more: Any) -> FailureRecord:
    """Return a record whose actor follows from its code."""
    return FailureRecord(code=code, who=WHO.get(code, "support"), **more)


def of_error(error: PluginError, *, code: str = "", **more: Any) -> FailureRecord:
    """Return the record of what an adapter raised."""
    params = dict(error.params)
    if isinstance(error, PermissionMissing):
        params.setdefault("permission", ", ".join(error.scopes))
    return record(
        code or error.code,
        params=params,
        user_key=error.user_key or "",
        remote_code=error.remote_code or "",
        request_id=error.remote_request_id or "",
        **more,
    )


def store(one: FailureRecord) -> dict[str, Any]:
    """Return the record as the column holds it."""
    plain: dict[str, Any] = msgspec.to_builtins(one)
    return plain


def load(column: dict[str, Any] | None) -> FailureRecord | None:
    """Return the record of a column."""
    return None if column is None else msgspec.convert(column, FailureRecord)
