"""The base of every value of the contract, secrets, and the small types all families share."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
"""A plugin key; an adapter key is ``<plugin>`` or ``<plugin>.<platform>``."""

ADAPTER_KEY = re.compile(r"^[a-z][a-z0-9_]{0,31}(\.[a-z][a-z0-9_]{0,31})?$")

Instant = Annotated[datetime, Meta(tz=True)]
"""An aware point in time, in UTC."""


class Value(Struct, frozen=True, kw_only=True):
    """Base of the contract's values: immutable, named fields, unknown fields ignored when decoded.

    New fields always come with a default, so that an old reader understands a new payload.
    """


class Secret:
    """A text that must not be seen: its ``str`` and ``repr`` are masked and it does not serialise.

    ``reveal()`` is the only way to the text, so that a search for it finds every use.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the plain text; the caller keeps it out of logs, errors, URLs and job payloads."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("A Secret is never serialised: pass the id of the row that holds it.")


SecretText = Annotated[
    Secret, Meta(extra_json_schema={"type": "string", "writeOnly": True, "format": "password"})
]
"""Type of a secret field in a settings Struct: stored in the vault, write-only in the API."""


class Capability(StrEnum):
    """What an adapter can do. Screens, agents and ``GET /v1/plugins`` read these, never classes."""

    CONNECT = "connect"
    PUBLISH_TEXT = "publish.text"
    PUBLISH_LINK = "publish.link"
    PUBLISH_IMAGE = "publish.image"
    PUBLISH_CAROUSEL = "publish.carousel"
    PUBLISH_VIDEO = "publish.video"
    PUBLISH_STORY = "publish.story"
    PUBLISH_DELETE = "publish.delete"
    PUBLISH_EDIT = "publish.edit"
    METRICS_POST = "metrics.post"
    METRICS_ACCOUNT = "metrics.account"
    MEDIA_STORE = "media.store"
    MEDIA_SHARE = "media.share"
    LEAD_PULL = "lead.pull"
    LEAD_PUSH = "lead.push"
    WEBHOOK = "webhook"


class Violation(Value, frozen=True, kw_only=True):
    """One reason why content or a setting is refused, ready to be shown beside its field.

    ``key`` names a sentence in the plugin's ``locales`` (or in core's, for the rules core checks
    from declared limits); ``params`` fill its placeholders. ``field`` is a dotted path such as
    ``text`` or ``media.1``.
    """

    key: str
    field: str
    params: dict[str, str | int | float] = {}


class MediaRef(Value, frozen=True, kw_only=True):
    """A file of the client's library as a publication froze it."""

    id: str
    content_type: str
    size: int
    """Bytes."""
    width: int | None = None
    height: int | None = None
    """Pixels; None where the file has none."""
    duration_s: float | None = None
    alt_text: str = ""
    filename: str = ""


class FilePart(Value, frozen=True, kw_only=True):
    """A file in a multipart body."""

    filename: str
    content_type: str
    content: bytes


class Window(Value, frozen=True, kw_only=True):
    """A half-open span of time in UTC: ``start`` counts, ``end`` does not."""

    start: Instant
    end: Instant


class Money(Value, frozen=True, kw_only=True):
    """An amount in the currency's minor unit."""

    minor: int
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]


CountingUnit = Literal["chars", "utf16", "bytes", "weighted"]
"""How a platform counts a text. ``weighted`` is the 280-unit counting of short-message networks."""


def count_text(text: str, unit: CountingUnit) -> int:
    """Return the length of ``text`` in the platform's unit, the same for checks and counters."""
    if unit == "utf16":
        return len(text.encode("utf-16-le")) // 2
    if unit == "bytes":
        return len(text.encode())
    if unit == "weighted":
        return sum(1 if _is_light(ord(char)) else 2 for char in text)
    return len(text)


def _is_light(point: int) -> bool:
    return (
        point <= 0x10FF
        or 0x2000 <= point <= 0x200D
        or 0x2010 <= point <= 0x201F
        or 0x2032 <= point <= 0x2037
    )
