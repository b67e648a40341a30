"""From the one colour people give to every colour role of both themes (SCREENS 3.3).

The dashboard's ``branding/colours.ts`` is the same function; both are tested with the same cases.
"""

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from palabre.base.errors import FieldProblem, Invalid
from palabre.domains.branding.oklch import contrast, in_gamut, read_hex, to_oklch, write_hex

WHITE: Final = "#FFFFFF"
INK: Final = "#1F1C18"
BLACK: Final = "#000000"
TEXT: Final = 4.5
"""Contrast of text (WCAG 1.4.3)."""
SHAPE: Final = 3.0
"""Contrast of what is not text (WCAG 1.4.11)."""
STEP: Final = 0.005
_HEX: Final = re.compile(r"#[0-9A-Fa-f]{6}")


class Theme(Struct, frozen=True, kw_only=True):
    """What a theme brings: its unbranded backgrounds, and how ``selected`` is tinted."""

    bg: str
    surface: str
    sunken: str
    hover: str
    selected_lightness: float
    selected_chroma: float
    direction: int
    """Where lightness moves when a colour is not readable: -1 darker, 1 lighter."""


LIGHT: Final = Theme(
    bg="#FAF9F7",
    surface="#FFFFFF",
    sunken="#F2F0EC",
    hover="#EFECE7",
    selected_lightness=0.955,
    selected_chroma=0.03,
    direction=-1,
)
DARK: Final = Theme(
    bg="#131210",
    surface="#1B1917",
    sunken="#0E0D0B",
    hover="#262320",
    selected_lightness=0.295,
    selected_chroma=0.045,
    direction=1,
)


class ThemeRoles(Struct, frozen=True, kw_only=True):
    """Colours of one theme, each ``#RRGGBB``."""

    accent: str
    """Buttons."""
    on_accent: str
    accent_text: str
    """Links."""
    selected: str


class Roles(Struct, frozen=True, kw_only=True):
    """Every branded colour role. ``brand`` is the colour as given, ``on_brand`` its text."""

    brand: str
    on_brand: str
    light: ThemeRoles
    dark: ThemeRoles


def derive(colour: str) -> Roles:
    """Return the roles of a colour.

    Raises:
        Invalid: It is not written ``#RRGGBB``.
    """
    if not _HEX.fullmatch(colour):
        raise Invalid(FieldProblem(field="colour", code="colour_not_valid"))
    brand = colour.upper()
    return Roles(
        brand=brand,
        on_brand=text_on(brand),
        light=_theme_roles(brand, LIGHT),
        dark=_theme_roles(brand, DARK),
    )


def text_on(colour: str) -> str:
    """Return white if that can be read on the colour, else ink, else black: one of them can."""
    return next((text for text in (WHITE, INK) if contrast(text, colour) >= TEXT), BLACK)


def _theme_roles(brand: str, theme: Theme) -> ThemeRoles:
    _, chroma, hue = to_oklch(read_hex(brand))
    tint = min(chroma, theme.selected_chroma)
    selected = write_hex(in_gamut(theme.selected_lightness, tint, hue))
    near = (theme.bg, theme.surface, selected)
    accent = _readable(brand, near, SHAPE, theme.direction)
    everywhere = (*near, theme.sunken, theme.hover)
    return ThemeRoles(
        accent=accent,
        on_accent=text_on(accent),
        accent_text=_readable(brand, everywhere, TEXT, theme.direction),
        selected=selected,
    )


def _readable(brand: str, backgrounds: Iterable[str], ratio: float, direction: int) -> str:
    """Move the lightness until the colour reaches the ratio on every background."""
    lightness, chroma, hue = to_oklch(read_hex(brand))
    found, steps = brand, 0
    while any(contrast(found, background) < ratio for background in backgrounds):
        steps += 1
        found = write_hex(in_gamut(lightness + direction * STEP * steps, chroma, hue))
    return found
