"""Rules a plugin declares, checked one by one."""

import pytest

from palabre.base.words import has
from palabre.domains.publishing.validation import Draft, advice, choose, rules
from palabre.sdk.publish import KindSpec, MediaRule
from palabre.sdk.values import MediaRef

PNG = MediaRef(id="1", content_type="image/png", size=1000, width=800, height=400, filename="a.png")
RULE = MediaRule(
    content_types=("image/png", "image/jpeg"),
    min_count=1,
    max_count=2,
    max_bytes=2000,
    min_width=100,
    min_height=100,
    max_pixels=1_000_000,
    min_ratio=0.8,
    max_ratio=2.0,
    max_duration_s=60,
    alt_text=True,
)


def _spec(**more: object) -> KindSpec:
    fields = {"kind": "text", "after_unknown": "D", "settle_s": 0.0, **more}
    return KindSpec(**fields)  # type: ignore[arg-type]


def _png(**more: object) -> MediaRef:
    fields = {name: getattr(PNG, name) for name in PNG.__struct_fields__}
    return MediaRef(**{**fields, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spec", "draft", "codes"),
    [
        (_spec(max_text=5), Draft(text="Bonjour"), ["too_long"]),
        (_spec(max_text=2, unit="utf16"), Draft(text="🙂🙂"), ["too_long"]),
        (_spec(max_text=2, unit="chars"), Draft(text="🙂🙂"), []),
        (_spec(text_required=True), Draft(text="  "), ["text_required"]),
        (_spec(), Draft(), ["text_required"]),
        (_spec(max_hashtags=1), Draft(text="#un #deux a#b"), ["hashtags"]),
        (_spec(), Draft(text="a", link="https://a.example"), ["no_link"]),
        (_spec(link="required"), Draft(text="a"), ["link_required"]),
        (_spec(link="optional"), Draft(text="a", link="ftp://a"), ["not_a_link"]),
        (_spec(), Draft(text="a", media=(PNG,)), ["no_media"]),
        (_spec(media=RULE), Draft(text="a", media=(PNG,)), []),
        (_spec(media=RULE), Draft(text="a"), ["too_few"]),
        (_spec(media=RULE), Draft(media=(PNG, PNG, PNG)), ["too_many"]),
        (_spec(media=RULE), Draft(media=(_png(content_type="image/gif"),)), ["file_type"]),
        (_spec(media=RULE), Draft(media=(_png(size=2001),)), ["file_size"]),
        (_spec(media=RULE), Draft(media=(_png(width=99, height=100),)), ["file_narrow"]),
        (_spec(media=RULE), Draft(media=(_png(width=100, height=99),)), ["file_low"]),
        (_spec(media=RULE), Draft(media=(_png(width=1001, height=1000),)), ["file_pixels"]),
        (_spec(media=RULE), Draft(media=(_png(width=790, height=1000),)), ["file_tall"]),
        (_spec(media=RULE), Draft(media=(_png(width=801, height=400),)), ["file_wide"]),
        (_spec(media=RULE), Draft(media=(_png(duration_s=61.0),)), ["file_duration"]),
    ],
)
def test_rules(spec: KindSpec, draft: Draft, codes: list[str]) -> None:
    found = list(rules(spec, draft))
    assert [one.code for one in found] == codes
    assert all(has(f"check.{one.code}") for one in found)


def test_the_rule_names_the_file() -> None:
    (found,) = rules(_spec(media=RULE), Draft(media=(PNG, _png(size=3_000_000, filename="b.png"))))
    assert found.field == "media.2"
    assert found.params["file"] == "b.png"
    assert found.params["size"] == "2.9 MB"


def test_advice_refuses_nothing() -> None:
    spec = _spec(recommended_text=3, media=RULE)
    found = list(advice(spec, Draft(text="Bonjour", media=(PNG,))))
    assert [one.code for one in found] == ["long_text", "no_alt_text"]
    assert all(has(f"check.{one.code}") for one in found)


@pytest.mark.parametrize(
    ("draft", "offered", "kind"),
    [
        (Draft(text="a"), ("text", "image"), "text"),
        (Draft(text="a", link="https://a"), ("text", "link"), "link"),
        (Draft(text="a", link="https://a"), ("text",), "text"),
        (Draft(media=(PNG,)), ("text", "image", "carousel"), "image"),
        (Draft(media=(PNG, PNG)), ("image", "carousel"), "carousel"),
        (Draft(media=(PNG, PNG)), ("text", "image"), None),
        (Draft(media=(_png(content_type="video/mp4"),)), ("video", "image"), "video"),
        (Draft(text="a"), ("image",), None),
    ],
)
def test_the_kind_follows_from_the_content(
    draft: Draft, offered: tuple[str, ...], kind: str | None
) -> None:
    spec = choose(tuple(_spec(kind=name) for name in offered), draft)
    assert (spec.kind if spec else None) == kind
