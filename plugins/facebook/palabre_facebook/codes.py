"""Meta's error codes for Pages, as data (meta.md 2.2 codes, 2.3 subcodes of Page publishing)."""

from enum import StrEnum
from typing import Final

from msgspec import Struct


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

_EXPIRED = Rule(Kind.TOKEN_EXPIRED, "token_expired")
_INVALID_TOKEN = Rule(Kind.TOKEN_INVALID, "token_invalid")
_REVOKED = Rule(Kind.TOKEN_REVOKED, "token_revoked")
_PASSWORD = Rule(Kind.TOKEN_REVOKED, "password_changed")
_CHECKPOINT = Rule(Kind.TOKEN_BLOCKED, "account_checkpoint")
PERMISSION = Rule(Kind.PERMISSION, "permission_missing")
_LIMIT = Rule(Kind.RATE_LIMIT, "rate_limited")
_BLOCKED = Rule(Kind.POLICY_BLOCK, "policy_blocked", POLICY_BLOCK_HOURS)
TRANSIENT = Rule(Kind.TRANSIENT)
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
    (3, ANY): PERMISSION,
    (10, ANY): PERMISSION,
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
    (1, ANY): TRANSIENT,
    (1, 99): TRANSIENT,
    (2, ANY): TRANSIENT,
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
    1363047: TRANSIENT,
    1609010: TRANSIENT,
    1363040: Rule(Kind.MEDIA_INVALID, "video_refused"),
    1363127: Rule(Kind.MEDIA_INVALID, "video_refused"),
    1363128: Rule(Kind.MEDIA_INVALID, "video_refused"),
    1363129: Rule(Kind.MEDIA_INVALID, "video_refused"),
}
"""Subcodes of Page publishing; they decide whatever the code beside them is (meta.md 2.3)."""

TEXTS: Final[tuple[tuple[int, str, Rule], ...]] = (
    (100, "No permission to publish the video", PERMISSION),
    (100, "Name parameter too long", Rule(Kind.INVALID, "text_too_long")),
)
"""Code 100 covers too much: these two texts of 2.3 tell the right from the content."""
