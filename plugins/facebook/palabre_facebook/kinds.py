"""What can be published on a Page, with its limits (meta.md 4 and 12)."""

from typing import Final

from palabre.sdk.publish import KindSpec, MediaRule, PreviewSpec

MAX_TEXT: Final = 63_206
RECOMMENDED_TEXT: Final = 500
MAX_PHOTO_BYTES: Final = 4 * 1024 * 1024
"""Docs say 10 MB, the error message 4 MB (meta.md 4.3 CONFLICT): the safe one."""
MAX_PHOTOS: Final = 10
PHOTO_TYPES: Final = ("image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff")
SETTLE_S: Final = 300.0
"""How late a post may still appear in the list. Meta publishes no figure: a cautious choice."""
SEE_MORE_AT: Final = 477


def _photos(minimum: int, maximum: int) -> MediaRule:
    return MediaRule(
        content_types=PHOTO_TYPES,
        min_count=minimum,
        max_count=maximum,
        max_bytes=MAX_PHOTO_BYTES,
        alt_text=True,
    )


KINDS: Final = (
    KindSpec(
        kind="text",
        after_unknown="D",
        settle_s=SETTLE_S,
        max_text=MAX_TEXT,
        recommended_text=RECOMMENDED_TEXT,
        text_required=True,
    ),
    KindSpec(
        kind="link",
        after_unknown="D",
        settle_s=SETTLE_S,
        max_text=MAX_TEXT,
        recommended_text=RECOMMENDED_TEXT,
        link="required",
    ),
    KindSpec(
        kind="image",
        after_unknown="D",
        settle_s=SETTLE_S,
        max_text=MAX_TEXT,
        recommended_text=RECOMMENDED_TEXT,
        media=_photos(1, 1),
    ),
    KindSpec(
        kind="carousel",
        after_unknown="D",
        settle_s=SETTLE_S,
        publishes_at="finalize",
        max_text=MAX_TEXT,
        recommended_text=RECOMMENDED_TEXT,
        media=_photos(2, MAX_PHOTOS),
    ),
)

PREVIEW: Final = PreviewSpec(
    layout="feed",
    avatar="round",
    truncate_at=SEE_MORE_AT,
    media_position="below",
    actions=("preview.like", "preview.comment", "preview.share"),
)
