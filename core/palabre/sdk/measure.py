"""Values of metrics: named counters of posts and accounts, with gaps kept apart from zero."""

from typing import Literal

from palabre.sdk.values import Instant, Value

MetricName = Literal[
    "impressions",
    "reach",
    "engagements",
    "likes",
    "comments",
    "shares",
    "saves",
    "clicks",
    "video_views",
    "followers",
    "profile_views",
]


class PostMetrics(Value, frozen=True, kw_only=True):
    """Counters of one post. A name that is missing was not available; 0 means zero."""

    remote_id: str
    values: dict[MetricName, int] = {}
    collected_at: Instant
    found: bool = True
    """False when the platform no longer knows the post."""


class AccountMetrics(Value, frozen=True, kw_only=True):
    """Counters of an account over a window."""

    values: dict[MetricName, int] = {}
    collected_at: Instant
