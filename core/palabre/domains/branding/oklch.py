"""sRGB to OKLCH and back (Björn Ottosson's matrices), gamut reduction, and WCAG contrast."""

import math
from typing import Final

_FINEST: Final = 1e-5
"""Chroma is reduced to the gamut within this."""
_EDGE: Final = 1e-6
"""Channels this far outside of 0 to 1 count as inside: rounding of the way to OKLCH and back."""
_DARKEST_LINEAR: Final = 0.0031308
_DARKEST_CURVED: Final = 0.04045
"""Up to here the curve of sRGB is a straight line."""
Rgb = tuple[float, float, float]
"""Channels 0 to 1, as written in hexadecimal (with gamma)."""


def read_hex(colour: str) -> Rgb:
    """Return the channels of a colour written ``#RRGGBB``."""
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return red, green, blue


def write_hex(rgb: Rgb) -> str:
    """Return channels as ``#RRGGBB`` in capitals."""
    return "#" + "".join(f"{math.floor(min(max(c, 0.0), 1.0) * 255 + 0.5):02X}" for c in rgb)


def to_oklch(rgb: Rgb) -> tuple[float, float, float]:
    """Return lightness (0 to 1), chroma (0 to about 0.32) and hue (radians)."""
    red, green, blue = (_linear(c) for c in rgb)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.sqrt(a * a + b * b), math.atan2(b, a)


def in_gamut(lightness: float, chroma: float, hue: float) -> Rgb:
    """Return the colour of this lightness and hue with at most this chroma that sRGB can show."""
    if _shown(rgb := _to_rgb(lightness, chroma, hue)):
        return rgb
    low, high = 0.0, chroma
    while high - low > _FINEST:
        middle = (low + high) / 2
        if _shown(_to_rgb(lightness, middle, hue)):
            low = middle
        else:
            high = middle
    return _to_rgb(lightness, low, hue)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2), 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _to_rgb(lightness: float, chroma: float, hue: float) -> Rgb:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _curved(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _curved(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _curved(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def _shown(rgb: Rgb) -> bool:
    return all(-_EDGE <= c <= 1 + _EDGE for c in rgb)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(c) for c in read_hex(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _DARKEST_CURVED else ((channel + 0.055) / 1.055) ** 2.4


def _curved(channel: float) -> float:
    size = abs(channel)
    curved = 12.92 * size if size <= _DARKEST_LINEAR else 1.055 * size ** (1 / 2.4) - 0.055
    return math.copysign(curved, channel)
