"""Values of publishing: the post, its limits, outcomes and what a search after doubt can say."""

from typing import Literal

from palabre.sdk.values import CountingUnit, Instant, MediaRef, Value

PostKind = Literal["text", "link", "image", "carousel", "video", "reel", "story", "article"]
AfterUnknown = Literal["A", "B", "C", "D", "E"]
"""Idempotency class (RELIABILITY section 3): A native key, B two-phase with readable status,
C duplicates refused, D list and match, E none (ask a person)."""


class PostRequest(Value, frozen=True, kw_only=True):
    """One piece as frozen for one account: the same bytes for every attempt.

    ``idempotency_key`` is stable over all attempts of the same step. ``previous_remote_id`` is the
    remote id of the step before (a thread), None for the first.
    """

    publication_id: str
    kind: PostKind
    text: str = ""
    link: str | None = None
    media: tuple[MediaRef, ...] = ()
    options: dict[str, str | int | bool] = {}
    idempotency_key: str = ""
    step: int = 1
    previous_remote_id: str | None = None


class MediaRule(Value, frozen=True, kw_only=True):
    """What a kind of post accepts as files. Sizes in bytes, pixels, seconds; ratio = w / h."""

    content_types: tuple[str, ...]
    min_count: int = 0
    max_count: int = 1
    max_bytes: int | None = None
    min_width: int | None = None
    min_height: int | None = None
    max_pixels: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None
    max_duration_s: float | None = None
    alt_text: bool = False
    """Whether the platform keeps a description."""


class KindSpec(Value, frozen=True, kw_only=True):
    """Everything core must know about one kind of post on one kind of account.

    ``publishes_at`` says which call makes the post visible: ``submit``, or ``finalize`` when
    ``submit`` only uploads or makes a container and may be repeated. ``settle_s`` is how long
    after a send the platform may still show it late, including its listing lag.
    """

    kind: PostKind
    after_unknown: AfterUnknown
    settle_s: float
    publishes_at: Literal["submit", "finalize"] = "submit"
    unit: CountingUnit = "chars"
    max_text: int | None = None
    recommended_text: int | None = None
    text_required: bool = False
    max_hashtags: int | None = None
    link: Literal["no", "optional", "required"] = "no"
    media: MediaRule | None = None


class PreviewSpec(Value, frozen=True, kw_only=True):
    """How a post looks, in a closed vocabulary drawn by one component of the dashboard."""

    layout: Literal["feed", "grid", "message", "video", "article"] = "feed"
    avatar: Literal["round", "square"] = "round"
    truncate_at: int | None = None
    """Characters shown before "see more"."""
    media_position: Literal["below", "above"] = "below"
    media_ratio: float | None = None
    """None: the picture keeps its own ratio."""
    actions: tuple[str, ...] = ()
    """Keys of words under the post, in the plugin's ``locales``."""


class Handle(Value, frozen=True, kw_only=True):
    """What the adapter needs to continue later: plain text, saved by core with the step."""

    value: str
    data: dict[str, str] = {}


class Published(Value, frozen=True, kw_only=True, tag="published"):
    """It is visible at the platform."""

    remote_id: str
    url: str | None = None
    published_at: Instant | None = None


class Pending(Value, frozen=True, kw_only=True, tag="pending"):
    """The platform works on it; ask ``check`` again after ``poll_after_s`` seconds."""

    handle: Handle
    poll_after_s: float = 5.0


class Ready(Value, frozen=True, kw_only=True, tag="ready"):
    """Everything is in place; ``finalize`` makes it visible."""

    handle: Handle


PublishOutcome = Published | Pending | Ready
"""A refusal is raised as ``InvalidContent``."""


class AttemptInfo(Value, frozen=True, kw_only=True):
    """When and as what a send of unknown outcome left."""

    sent_at: Instant
    attempt: int
    handle: Handle | None = None


class Found(Value, frozen=True, kw_only=True, tag="found"):
    """The earlier send is there."""

    published: Published


class Absent(Value, frozen=True, kw_only=True, tag="absent"):
    """The platform's list was read completely up to ``searched_until`` and it is not there."""

    searched_until: Instant


class CannotTell(Value, frozen=True, kw_only=True, tag="cannot_tell"):
    """The platform cannot be asked; a person must look. ``reason`` is for support."""

    reason: str


FindResult = Found | Absent | CannotTell
