"""Looks at one uploaded file in a process of its own: decodes it whole and cleans it.

Run as ``python -m palabre.domains.media.inspecting SOURCE TARGET [afresh]``. It prints one JSON
object: the kind and size of the picture, or the rule it breaks. ``TARGET`` is written when the file
carried metadata, trailing bytes or a turned orientation; what people see stays the same. With
``afresh`` it is always written, as one still picture.
"""

import json
import resource
import sys
import warnings
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS: Final = 50_000_000
"""Width times height; ours, far below what Pillow warns of (RELIABILITY section 11)."""
MAX_FRAMES: Final = 500
MAX_ALL_PIXELS: Final = 500_000_000
"""Pixels of all frames together."""
MAX_SIDE: Final = 30_000
MEMORY: Final = 1_500_000_000
"""Bytes of address space; a 50-megapixel picture with transparency needs 200 MB per copy."""
CPU_S: Final = 20
FORMATS: Final = {
    "JPEG": ("image/jpeg", "jpg"),
    "MPO": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
    "GIF": ("image/gif", "gif"),
}
"""What is accepted, by content: MPO is a JPEG of a phone with a second picture inside."""
_ASKED: Final = tuple(name for name in FORMATS if name != "MPO")
"""Pillow finds an MPO by opening a JPEG; asked for by name it is an unknown format."""
_PLAIN_SEGMENTS: Final = frozenset({"APP0", "APP2", "APP14"})
"""JPEG segments without metadata about people: JFIF, colour profile, Adobe's colour transform."""
_ENDS: Final = {"JPEG": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82", "GIF": b"\x3b"}
_WORDS: Final = (
    "exif",
    "xmp",
    "XML:com.adobe.xmp",
    "comment",
    "photoshop",
    "Raw profile type exif",
)


class Refused(Exception):
    """The file breaks a rule; the text is the rule's code."""


def main(source: Path, target: Path, *, afresh: bool) -> None:
    """Inspect ``source`` and print what it is."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error")
    try:
        answer = inspect(source, target, afresh=afresh)
    except Refused as error:
        answer = {"refused": str(error)}
    sys.stdout.write(json.dumps(answer))


def inspect(source: Path, target: Path, *, afresh: bool = False) -> dict[str, Any]:
    """Return what the file is, after decoding every frame of it.

    Raises:
        Refused: It is no picture we take, is broken, or is larger than the limits.
    """
    try:
        with Image.open(source, formats=_ASKED) as picture:
            _check_size(picture)
            frames = _decode(picture)
            kind, extension = FORMATS[picture.format or ""]
            if not frames:
                raise Refused("media_broken")
            size = _clean(picture, source, target, 1 if afresh else frames, afresh=afresh)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("media_too_many_pixels") from None
    except UnidentifiedImageError:
        raise Refused("media_not_image") from None
    except MemoryError:
        raise Refused("media_too_many_pixels") from None
    except (OSError, SyntaxError, ValueError, EOFError, Warning, KeyError, IndexError):
        raise Refused("media_broken") from None
    return {"content_type": kind, "extension": extension, "width": size[0], "height": size[1]}


def _check_size(picture: Image.Image) -> None:
    width, height = picture.size
    if not width or not height:
        raise Refused("media_broken")
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Refused("media_too_many_pixels")
    frames = int(getattr(picture, "n_frames", 1))
    if frames > MAX_FRAMES or frames * width * height > MAX_ALL_PIXELS:
        raise Refused("media_too_many_frames")


def _decode(picture: Image.Image) -> int:
    """Decode every frame, so that a broken or lying file is found now; return how many."""
    frames = 1 if picture.format == "MPO" else int(getattr(picture, "n_frames", 1))
    for number in range(frames):
        picture.seek(number)
        picture.load()
    picture.seek(0)
    return frames


def _clean(
    picture: Image.Image, source: Path, target: Path, frames: int, *, afresh: bool
) -> tuple[int, int]:
    """Write a copy without metadata if there is any or ``afresh``; return the size people see."""
    turned = picture.getexif().get(0x0112, 1) not in (0, 1)
    if not (afresh or turned or _carries_more(picture, source)):
        return picture.size
    if frames > 1:
        picture.save(target, format=picture.format, save_all=True, **_kept(picture))
        return picture.size
    upright = ImageOps.exif_transpose(picture)
    form = "JPEG" if picture.format == "MPO" else picture.format
    bare = upright.copy()
    kept = _kept(picture)
    bare.info = {name: bare.info[name] for name in ("transparency",) if name in bare.info}
    bare.getexif().clear()
    bare.save(target, format=form, **kept)
    return bare.size


def _kept(picture: Image.Image) -> dict[str, Any]:
    """Return what a copy keeps: the colour profile, and quality nobody sees a difference to."""
    kept: dict[str, Any] = {"exif": b""}
    if picture.info.get("icc_profile"):
        kept["icc_profile"] = picture.info["icc_profile"]
    if picture.format in {"JPEG", "MPO"}:
        kept |= {"quality": 95, "subsampling": "4:4:4", "optimize": True}
    elif picture.format == "WEBP":
        kept |= {"quality": 95, "xmp": b""}
    elif picture.format == "GIF":
        kept = {"comment": b""}
    return kept


def _carries_more(picture: Image.Image, source: Path) -> bool:
    """Tell whether the file holds more than its picture: metadata, or bytes behind its end."""
    if any(picture.info.get(word) for word in _WORDS) or len(picture.getexif()):
        return True
    if getattr(picture, "text", None):
        return True
    segments = {name for name, _ in getattr(picture, "applist", ())}
    if picture.format in {"JPEG", "MPO"} and segments - _PLAIN_SEGMENTS:
        return True
    return not _ends_well(picture.format or "", source)


def _ends_well(form: str, source: Path) -> bool:
    raw = source.read_bytes()
    if form == "WEBP":
        return int.from_bytes(raw[4:8], "little") + 8 in (len(raw), len(raw) - 1)
    return raw.endswith(_ENDS.get(form, b"\x00never"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), afresh=sys.argv[3:] == ["afresh"])
