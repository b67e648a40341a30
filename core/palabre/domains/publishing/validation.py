"""Checks content against what a plugin declares for an account, before anything is queued.

Limits are data of the plugin (``KindSpec``); what data cannot say, the adapter's ``validate`` adds.
"""

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row

from palabre.base.words import say
from palabre.domains.publishing.task import post_of
from palabre.plugins.dispatch import consult
from palabre.plugins.registry import ClientView
from palabre.sdk.errors import NotEnabled, PluginError
from palabre.sdk.publish import KindSpec, MediaRule, PostKind
from palabre.sdk.values import CountingUnit, MediaRef, count_text

_HASHTAG: Final = re.compile(r"(?<!\w)#\w+")
_MEGABYTE: Final = 1024 * 1024
_NO_ID: Final = UUID(int=0)
SHAPES: Final[dict[str, tuple[PostKind, ...]]] = {
    "words": ("text",),
    "link": ("link", "article", "text"),
    "picture": ("image", "carousel"),
    "pictures": ("carousel",),
    "film": ("video", "reel"),
}
"""Kinds that fit a shape of content, the best first."""
_NO_KIND: Final = {
    "words": "no_words",
    "link": "no_link_post",
    "picture": "no_picture",
    "pictures": "no_pictures",
    "film": "no_film",
}


class Draft(Struct, frozen=True, kw_only=True):
    """Content somebody wants to publish."""

    text: str = ""
    link: str | None = None
    media: tuple[MediaRef, ...] = ()

    def shape(self) -> str:
        """Return what kind of thing this is, whatever the platform."""
        if any(not one.content_type.startswith("image/") for one in self.media):
            return "film"
        if self.media:
            return "picture" if len(self.media) == 1 else "pictures"
        return "link" if self.link else "words"


class Finding(Struct, frozen=True, kw_only=True):
    """One thing to mend or to know, with its sentence."""

    field: str
    code: str
    message: str


class Checked(Struct, frozen=True, kw_only=True):
    """What the checks say for one account."""

    account_id: UUID
    kind: str | None
    ok: bool
    length: int
    max_length: int | None
    unit: CountingUnit
    violations: list[Finding]
    warnings: list[Finding]


class Broken(Struct, frozen=True, kw_only=True):
    """A rule that is broken: the sentence is ``check.<code>``."""

    field: str
    code: str
    params: dict[str, str | int | float] = {}  # msgspec copies empty defaults


def check(view: ClientView, account: Row[Any], draft: Draft, locale: str) -> Checked:
    """Return everything that speaks against publishing ``draft`` on ``account``."""
    try:
        kinds: tuple[KindSpec, ...] = consult(
            view, "publisher", account.adapter, "kinds", account_kind=account.kind
        )
    except PluginError as error:
        code = "not_enabled" if isinstance(error, NotEnabled) else "plugin_failed"
        return _refused(account, draft, [Broken(field="account_ids", code=code)], locale)
    spec = choose(kinds, draft)
    if spec is None:
        return _refused(account, draft, [_no_kind(kinds, draft)], locale)
    broken = list(rules(spec, draft))
    own = [] if broken else _own(view, account, spec, draft, locale)
    return Checked(
        account_id=account.id,
        kind=spec.kind,
        ok=not broken and not own,
        length=count_text(draft.text, spec.unit),
        max_length=spec.max_text,
        unit=spec.unit,
        violations=[_finding(one, account, locale) for one in broken] + own,
        warnings=[_finding(one, account, locale) for one in advice(spec, draft)],
    )


def choose(kinds: tuple[KindSpec, ...], draft: Draft) -> KindSpec | None:
    """Return the best kind the account offers for this shape of content."""
    offered = {spec.kind: spec for spec in kinds}
    fitting = (offered[kind] for kind in SHAPES[draft.shape()] if kind in offered)
    return next(fitting, None)


def rules(spec: KindSpec, draft: Draft) -> Iterator[Broken]:
    """Yield the declared rules that the content breaks."""
    yield from _text_rules(spec, draft)
    yield from _link_rules(spec, draft)
    if spec.media is None:
        if draft.media:
            yield Broken(field="media", code="no_media")
        return
    yield from _count_rules(spec.media, draft)
    for n, one in enumerate(draft.media, 1):
        for broken in _file_rules(spec.media, one):
            yield Broken(field=f"media.{n}", code=broken.code, params=broken.params)


def advice(spec: KindSpec, draft: Draft) -> Iterator[Broken]:
    """Yield what is allowed and still worth knowing."""
    length = count_text(draft.text, spec.unit)
    if spec.recommended_text and length > spec.recommended_text:
        params: dict[str, str | int | float] = {"max": spec.recommended_text}
        yield Broken(field="text", code="long_text", params=params)
    if spec.media and spec.media.alt_text:
        for n, one in enumerate(draft.media, 1):
            if not one.alt_text:
                yield Broken(field=f"media.{n}", code="no_alt_text", params={"file": one.filename})


def _text_rules(spec: KindSpec, draft: Draft) -> Iterator[Broken]:
    length = count_text(draft.text, spec.unit)
    if spec.max_text is not None and length > spec.max_text:
        params: dict[str, str | int | float] = {"max": spec.max_text, "n": length - spec.max_text}
        yield Broken(field="text", code="too_long", params=params)
    empty = not draft.text.strip()
    if empty and (spec.text_required or not (draft.media or draft.link)):
        yield Broken(field="text", code="text_required")
    tags = len(_HASHTAG.findall(draft.text))
    if spec.max_hashtags is not None and tags > spec.max_hashtags:
        yield Broken(field="text", code="hashtags", params={"max": spec.max_hashtags, "n": tags})


def _link_rules(spec: KindSpec, draft: Draft) -> Iterator[Broken]:
    if draft.link and spec.link == "no":
        yield Broken(field="link", code="no_link")
    elif spec.link == "required" and not draft.link:
        yield Broken(field="link", code="link_required")
    if draft.link and urlsplit(draft.link).scheme not in {"http", "https"}:
        yield Broken(field="link", code="not_a_link")


def _count_rules(rule: MediaRule, draft: Draft) -> Iterator[Broken]:
    count = len(draft.media)
    if count < rule.min_count:
        yield Broken(field="media", code="too_few", params={"min": rule.min_count, "n": count})
    if count > rule.max_count:
        yield Broken(field="media", code="too_many", params={"max": rule.max_count, "n": count})


def _file_rules(rule: MediaRule, one: MediaRef) -> Iterator[Broken]:
    checks = (
        (one.content_type not in rule.content_types, "type", _types(rule)),
        (_over(one.size, rule.max_bytes), "size", {"max": _size(rule.max_bytes)}),
        (_under(one.width, rule.min_width), "narrow", {"min": rule.min_width}),
        (_under(one.height, rule.min_height), "low", {"min": rule.min_height}),
        (_over(_pixels(one), rule.max_pixels), "pixels", {"max": rule.max_pixels}),
        (_under(_ratio(one), rule.min_ratio), "tall", {"min": rule.min_ratio}),
        (_over(_ratio(one), rule.max_ratio), "wide", {"max": rule.max_ratio}),
        (_over(one.duration_s, rule.max_duration_s), "duration", {"max": rule.max_duration_s}),
    )
    for wrong, code, params in checks:
        if wrong:
            facts = {"file": one.filename, "size": _size(one.size), **params}
            known = {name: value for name, value in facts.items() if value is not None}
            yield Broken(field="", code=f"file_{code}", params=known)


def _types(rule: MediaRule) -> dict[str, str | None]:
    return {"types": ", ".join(kind.rpartition("/")[2].upper() for kind in rule.content_types)}


def _over(value: float | None, limit: float | None) -> bool:
    return value is not None and limit is not None and value > limit


def _under(value: float | None, limit: float | None) -> bool:
    return value is not None and limit is not None and value < limit


def _pixels(one: MediaRef) -> int | None:
    return one.width * one.height if one.width and one.height else None


def _ratio(one: MediaRef) -> float | None:
    return one.width / one.height if one.width and one.height else None


def _size(size: int | None) -> str | None:
    return None if size is None else f"{size / _MEGABYTE:.1f} MB"


def _own(
    view: ClientView, account: Row[Any], spec: KindSpec, draft: Draft, locale: str
) -> list[Finding]:
    """Ask the adapter what limits cannot express."""
    content = {"kind": spec.kind, "text": draft.text, "link": draft.link, "media": draft.media}
    post = post_of(_NO_ID, content)
    try:
        found = consult(
            view, "publisher", account.adapter, "validate", post=post, account_kind=account.kind
        )
    except PluginError:
        return [_finding(Broken(field="account_ids", code="plugin_failed"), account, locale)]
    registry = view.registry
    return [
        Finding(
            field=one.field,
            code=one.key,
            message=registry.say(
                account.plugin, locale, one.key, {"account": account.name, **one.params}
            ),
        )
        for one in found
    ]


def _no_kind(kinds: tuple[KindSpec, ...], draft: Draft) -> Broken:
    """Say what is missing: files where every kind wants some, else that this does not go there."""
    if kinds and not draft.media and all(spec.media and spec.media.min_count for spec in kinds):
        return Broken(field="media", code="media_required")
    return Broken(field="media" if draft.media else "text", code=_NO_KIND[draft.shape()])


def _refused(account: Row[Any], draft: Draft, broken: list[Broken], locale: str) -> Checked:
    return Checked(
        account_id=account.id,
        kind=None,
        ok=False,
        length=len(draft.text),
        max_length=None,
        unit="chars",
        violations=[_finding(one, account, locale) for one in broken],
        warnings=[],
    )


def _finding(one: Broken, account: Row[Any], locale: str) -> Finding:
    params = {"account": account.name, **one.params}
    return Finding(field=one.field, code=one.code, message=say(locale, f"check.{one.code}", params))
