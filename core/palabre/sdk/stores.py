"""Values of media stores: what is put, where it went, links to it."""

from palabre.sdk.values import Instant, Value


class MediaMeta(Value, frozen=True, kw_only=True):
    """A file about to be stored. ``path`` is relative, made by core, unique, without user text."""

    path: str
    content_type: str
    size: int
    filename: str = ""


class StoredMedia(Value, frozen=True, kw_only=True):
    """A file in a store; ``locator`` finds it again in this store only."""

    locator: str
    size: int
    sha256: str = ""


class ShareRequest(Value, frozen=True, kw_only=True):
    """Ask for a link that works for ``ttl_s`` seconds without signing in."""

    ttl_s: int
    filename: str = ""
    content_type: str = ""


class ShareLink(Value, frozen=True, kw_only=True):
    """A link and when it stops working."""

    url: str
    expires_at: Instant
