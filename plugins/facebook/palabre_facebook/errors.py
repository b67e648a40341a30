"""Meta's error codes as data, and the one function that turns an answer into our taxonomy.

Source: meta.md 2.2 (codes) and 2.3 (subcodes of Page publishing). Only ``code``,
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


class Kind(StrEnum):
    """The classes of meta.md 2.2 that a Page can meet."""

    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - names of classes, not secrets
    TOKEN_INVALID = "token_invalid"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    TOKEN_BLOCKED = "token_blocked"  # noqa: S105
    PERMISSION = "permission"
    CONFIG = "config"
    RATE_LIMIT = "rate_limit"
    POLICY_LIMIT = "policy_limit"
    POLICY_BLOCK = "policy_block"
    TRANSIENT = "transient"
    INVALID = "invalid"
    MEDIA_INVALID = "media_invalid"
    CONTENT_REJECTED = "content_rejected"
    DUPLICATE = "duplicate"
    NOT_FOUND = "not_found"
    RESTART = "restart"
    """The person must start the connection again (a used or expired code)."""
    QUERY = "query"
    """We asked in a way Meta does not serve."""


class Rule(Struct, frozen=True):
    """What a code means, the sentence that says it, and hours to wait where that is known."""

    kind: Kind
    key: str = ""
    hours: int = 0


ANY: Final = -1
"""Any subcode, or none."""

POLICY_BLOCK_HOURS: Final = 6
RATE_LIMIT_FLOOR_S: Final = 60.0
USER_MESSAGE_CAP: Final = 300

_EXPIRED = Rule(Kind.TOKEN_EXPIRED, "token_expired")
_INVALID_TOKEN = Rule(Kind.TOKEN_INVALID, "token_invalid")
_REVOKED = Rule(Kind.TOKEN_REVOKED, "token_revoked")
_PASSWORD = Rule(Kind.TOKEN_REVOKED, "password_changed")
_CHECKPOINT = Rule(Kind.TOKEN_BLOCKED, "account_checkpoint")
_PERMISSION = Rule(Kind.PERMISSION, "permission_missing")
_LIMIT = Rule(Kind.RATE_LIMIT, "rate_limited")
_BLOCKED = Rule(Kind.POLICY_BLOCK, "policy_blocked", POLICY_BLOCK_HOURS)
_TRANSIENT = Rule(Kind.TRANSIENT)
_INVALID = Rule(Kind.INVALID, "content_refused")
_GONE = Rule(Kind.NOT_FOUND, "not_found")
_DUPLICATE = Rule(Kind.DUPLICATE, "duplicate")
_CONFIG = Rule(Kind.CONFIG, "app_settings_wrong")
_QUERY = Rule(Kind.QUERY)

CODES: Final[dict[tuple[int, int], Rule]] = {
    (190, ANY): _INVALID_TOKEN,
    (190, 456): _INVALID_TOKEN,
    (190, 457): _INVALID_TOKEN,
    (190, 458): _REVOKED,
    (190, 459): _CHECKPOINT,
    (190, 460): _PASSWORD,
    (190, 461): _INVALID_TOKEN,
    (190, 462): _INVALID_TOKEN,
    (190, 463): _EXPIRED,
    (190, 464): _CHECKPOINT,
    (190, 465): _INVALID_TOKEN,
    (190, 466): _INVALID_TOKEN,
    (190, 467): _INVALID_TOKEN,
    (190, 468): _INVALID_TOKEN,
    (190, 492): Rule(Kind.PERMISSION, "page_role_lost"),
    (102, ANY): _INVALID_TOKEN,
    (102, 463): _EXPIRED,
    (104, ANY): _CONFIG,
    (191, ANY): Rule(Kind.CONFIG, "redirect_not_allowed"),
    (3, ANY): _PERMISSION,
    (10, ANY): _PERMISSION,
    (4, ANY): _LIMIT,
    (4, 1504022): _LIMIT,
    (4, 1504039): _LIMIT,
    (4, 2207051): _BLOCKED,
    (17, ANY): _LIMIT,
    (17, 2446079): _LIMIT,
    (17, 1885172): Rule(Kind.POLICY_LIMIT, "policy_limit", 24),
    (32, ANY): _LIMIT,
    (341, ANY): _LIMIT,
    (613, ANY): _LIMIT,
    (613, 1487742): _LIMIT,
    (613, 5044001): _LIMIT,
    (613, 1487225): _LIMIT,
    (613, 1996): _LIMIT,
    (613, 1487632): Rule(Kind.POLICY_LIMIT, "policy_limit", 1),
    (80000, ANY): _LIMIT,
    (80000, 2446079): _LIMIT,
    (80001, ANY): _LIMIT,
    (80002, ANY): _LIMIT,
    (80003, ANY): _LIMIT,
    (80003, 2446079): _LIMIT,
    (80004, ANY): _LIMIT,
    (80004, 2446079): _LIMIT,
    (80005, ANY): _LIMIT,
    (80006, ANY): _LIMIT,
    (80007, ANY): _LIMIT,
    (80008, ANY): _LIMIT,
    (80009, ANY): _LIMIT,
    (80014, ANY): _LIMIT,
    (1, ANY): _TRANSIENT,
    (1, 99): _TRANSIENT,
    (2, ANY): _TRANSIENT,
    (100, ANY): _INVALID,
    (100, 33): _GONE,
    (100, 1487534): _QUERY,
    (100, 1487694): _INVALID,
    (100, 36007): Rule(Kind.RESTART, "code_expired"),
    (100, 36008): Rule(Kind.CONFIG, "redirect_not_allowed"),
    (100, 36009): Rule(Kind.RESTART, "code_used"),
    (194, ANY): _INVALID,
    (105, ANY): _INVALID,
    (368, ANY): _BLOCKED,
    (368, 1390008): _BLOCKED,
    (500, ANY): Rule(Kind.CONTENT_REJECTED, "content_rejected"),
    (506, ANY): _DUPLICATE,
    (803, ANY): _GONE,
    (1609005, ANY): Rule(Kind.INVALID, "link_refused"),
    (2500, ANY): _QUERY,
    (2635, ANY): Rule(Kind.CONFIG, "graph_version_ended"),
    (3001, 1504028): _QUERY,
    (3018, ANY): _QUERY,
}
"""By (code, subcode); ``ANY`` where the subcode does not matter."""

SUBCODES: Final[dict[int, Rule]] = {
    1366046: Rule(Kind.MEDIA_INVALID, "photo_refused"),
    1366051: _DUPLICATE,
    1390008: _BLOCKED,
    1346003: Rule(Kind.CONTENT_REJECTED, "content_rejected"),
    1404102: Rule(Kind.CONTENT_REJECTED, "content_rejected"),
    1404006: _CHECKPOINT,
    1404112: _CHECKPOINT,
    1404078: Rule(Kind.TOKEN_BLOCKED, "publishing_authorisation"),
    4854002: Rule(Kind.TOKEN_BLOCKED, "identity_confirmation"),
    1609008: Rule(Kind.INVALID, "facebook_link_refused"),
    2061006: Rule(Kind.INVALID, "link_refused"),
    1349125: _INVALID,
    2069019: Rule(Kind.MEDIA_INVALID, "photo_refused"),
    1363047: _TRANSIENT,
    1609010: _TRANSIENT,
    1363040: Rule(Kind.MEDIA_INVALID, "video_refused"),
    1363127: Rule(Kind.MEDIA_INVALID, "video_refused"),
    1363128: Rule(Kind.MEDIA_INVALID, "video_refused"),
    1363129: Rule(Kind.MEDIA_INVALID, "video_refused"),
}
"""Subcodes of Page publishing; they decide whatever the code beside them is (meta.md 2.3)."""

TEXTS: Final[tuple[tuple[int, str, Rule], ...]] = (
    (100, "No permission to publish the video", _PERMISSION),
    (100, "Name parameter too long", Rule(Kind.INVALID, "text_too_long")),
)
"""Code 100 covers too much: these two texts of 2.3 tell the right from the content."""


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
        return _TRANSIENT
    if by_code is None and 200 <= error.code <= 299:  # noqa: PLR2004 - a range of meta.md 2.2
        return _PERMISSION
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
