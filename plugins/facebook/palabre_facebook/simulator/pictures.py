"""Reading a picture's header: what it is and how large, as Facebook checks it on arrival."""

import struct
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from palabre_facebook.simulator.answers import GraphRefusal

MAX_BYTES: Final = 4 * 1024 * 1024


class Picture(Struct, frozen=True, kw_only=True):
    """What the header says."""

    suffix: str
    content_type: str
    width: int
    height: int


def examine(content: bytes) -> Picture:
    """Return what the bytes are.

    Raises:
        GraphRefusal: 1366046 for anything that is not an accepted picture of accepted size.
    """
    picture = _read(content)
    if picture is None or len(content) > MAX_BYTES:
        raise GraphRefusal(
            100,
            "Invalid parameter",
            subcode=1366046,
            user_message="Your photos couldn't be uploaded. Photos should be less than 4 MB and "
            "saved as JPG, PNG, GIF, TIFF or BMP files.",
        )
    return picture


def _read(content: bytes) -> Picture | None:
    """Return what the first bytes say, None if they say nothing known."""
    for magic, suffix, size in _FORMATS:
        if content.startswith(magic):
            try:
                width, height = size(content)
            except (struct.error, IndexError):
                return None
            kind = "jpeg" if suffix == "jpg" else suffix
            return Picture(
                suffix=suffix, content_type=f"image/{kind}", width=width, height=abs(height)
            )
    return None


def _packed(layout: str, at: int) -> Callable[[bytes], tuple[int, int]]:
    def size(content: bytes) -> tuple[int, int]:
        width, height = struct.unpack_from(layout, content, at)
        return width, height

    return size


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Walk the segments to the frame header; its marker is SOF0-SOF15 without DHT, JPG and DAC."""
    at = 2
    while True:
        marker, length = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # noqa: PLR2004
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length


_FORMATS: Final = (
    (b"\x89PNG\r\n\x1a\n", "png", _packed(">II", 16)),
    (b"GIF87a", "gif", _packed("<HH", 6)),
    (b"GIF89a", "gif", _packed("<HH", 6)),
    (b"BM", "bmp", _packed("<ii", 18)),
    (b"II*\0", "tiff", lambda _: (0, 0)),  # the size stands anywhere; nobody needs it here
    (b"MM\0*", "tiff", lambda _: (0, 0)),
    (b"\xff\xd8\xff", "jpg", _jpeg_size),
)
