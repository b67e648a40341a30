"""The one place that turns Meta's answer into our taxonomy, by the tables of ``codes``.

Only ``code``,
``error_subcode`` and ``is_transient`` decide, never a text alone (meta.md 0.1 rule 2); the texts
of 2.3 that have no code of their own only choose the sentence people read.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from palabre.sdk.errors import (
    AuthExpired,
    AuthRevoked,
    ConfigError,
    Duplicate,
    InvalidContent,
    NotFoundRemote,
    PermissionMissing,
    PluginBug,
    PluginError,
    PolicyBlocked,
    QuotaExhausted,
    RateLimited,
    Transient,
    UnknownOutcome,
)
from palabre_facebook.codes import ANY, CODES, PERMISSION, SUBCODES, TEXTS, TRANSIENT, Kind, Rule


class Purpose(StrEnum):
    """What a call is for: it decides what an unclear answer means."""

    READ = "read"
    """Changes nothing; may be repeated."""
    PREPARE = "prepare"
    """Uploads something nobody sees; may be repeated."""
    PUBLISH = "publish"
    """Makes something visible or removes it: an unclear answer may have worked."""
    OAUTH = "oauth"
    """Exchanges codes and tokens."""


RATE_LIMIT_FLOOR_S: Final = 60.0
USER_MESSAGE_CAP: Final = 300


class GraphError(Struct, frozen=True, kw_only=True):
    """The error envelope (meta.md 2.1), already without what we do not use."""

    code: int
    subcode: int = 0
    message: str = ""
    is_transient: bool = False
    user_message: str = ""
    trace_id: str = ""

    @property
    def remote_code(self) -> str:
        """Return the code as support writes it: ``190/463``."""
        return f"{self.code}/{self.subcode}" if self.subcode else str(self.code)


def decode_error(body: Any) -> GraphError | None:
    """Return the error inside a decoded body, None if there is none; also answers with 200."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("code"), int):
        return None
    subcode = error.get("error_subcode")
    return GraphError(
        code=error["code"],
        subcode=subcode if isinstance(subcode, int) else 0,
        message=str(error.get("message", "")),
        is_transient=error.get("is_transient") is True,
        user_message=str(error.get("error_user_msg", ""))[:USER_MESSAGE_CAP],
        trace_id=str(error.get("fbtrace_id", "")),
    )


def rule_for(error: GraphError) -> Rule | None:
    """Return the rule of an error, the most precise first; None if Meta never told us of it."""
    exact = CODES.get((error.code, error.subcode)) or SUBCODES.get(error.subcode)
    if exact is not None:
        return exact
    by_text = next((r for c, t, r in TEXTS if c == error.code and t in error.message), None)
    by_code = by_text or CODES.get((error.code, ANY))
    if error.is_transient and (by_code is None or by_code.kind is Kind.INVALID):
        return TRANSIENT
    if by_code is None and 200 <= error.code <= 299:  # noqa: PLR2004 - a range of meta.md 2.2
        return PERMISSION
    return by_code


def to_plugin_error(
    error: GraphError, *, status: int, purpose: Purpose, now: datetime, regain_s: float = 0.0
) -> PluginError:
    """Translate an error envelope.

    Args:
        error: The decoded envelope.
        status: HTTP status; only used where the code says nothing.
        purpose: What the call was for.
        now: Current time, for dates until which to wait.
        regain_s: Seconds until access returns, from the rate headers.
    """
    rule = rule_for(error)
    details: dict[str, Any] = {
        "remote_code": error.remote_code,
        "remote_request_id": error.trace_id or None,
        "user_key": (rule.key or None) if rule else None,
        "params": {"message": error.user_message} if error.user_message else None,
    }
    # The message of the platform is not repeated: it may quote a token.
    internal = f"Graph code {error.remote_code}, HTTP {status}"
    if rule is None or rule.kind is Kind.TRANSIENT:
        return _unclear(rule, internal, details, status, purpose)
    if rule.kind is Kind.RATE_LIMIT:
        wait = max(regain_s, RATE_LIMIT_FLOOR_S)
        return RateLimited(internal, retry_after_s=wait, **details)
    if rule.kind in _UNTIL:
        return _UNTIL[rule.kind](internal, until=now + timedelta(hours=rule.hours), **details)
    if purpose is Purpose.OAUTH and rule.kind is Kind.INVALID:
        return ConfigError(internal, **{**details, "user_key": "app_settings_wrong"})
    return _PLAIN[rule.kind](internal, **details)


def _unclear(
    rule: Rule | None, internal: str, details: dict[str, Any], status: int, purpose: Purpose
) -> PluginError:
    """Decide where Meta says "perhaps" or something new.

    Code 1 or 2 on a publishing call may have landed (meta.md 2.2); a new code with a 4xx is a
    refusal there, because Meta answers 5xx for what it does not know itself.
    """
    server_side = rule is not None or status >= 500  # noqa: PLR2004
    if purpose is Purpose.PUBLISH:
        if server_side:
            return UnknownOutcome(internal, **details)
        return InvalidContent(internal, **{**details, "user_key": "content_refused"})
    if purpose is Purpose.OAUTH and status < 500:  # noqa: PLR2004
        # A wrong app id or secret is answered with code 1 or 101 and HTTP 400.
        return ConfigError(internal, **{**details, "user_key": "app_settings_wrong"})
    if purpose is Purpose.PREPARE and not server_side:
        return InvalidContent(internal, **{**details, "user_key": "content_refused"})
    return Transient(internal, **details)


_UNTIL: Final[dict[Kind, type[QuotaExhausted]]] = {
    Kind.POLICY_BLOCK: PolicyBlocked,
    Kind.POLICY_LIMIT: QuotaExhausted,
}
_PLAIN: Final[dict[Kind, Callable[..., PluginError]]] = {
    Kind.TOKEN_EXPIRED: AuthExpired,
    Kind.TOKEN_INVALID: AuthRevoked,
    Kind.TOKEN_REVOKED: AuthRevoked,
    Kind.TOKEN_BLOCKED: AuthRevoked,
    Kind.RESTART: AuthRevoked,
    Kind.PERMISSION: PermissionMissing,
    Kind.CONFIG: ConfigError,
    Kind.INVALID: InvalidContent,
    Kind.MEDIA_INVALID: InvalidContent,
    Kind.CONTENT_REJECTED: InvalidContent,
    Kind.DUPLICATE: Duplicate,
    Kind.NOT_FOUND: NotFoundRemote,
    Kind.QUERY: PluginBug,
}
