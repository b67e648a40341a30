"""The table of SCREENS 3.3 to the digit, every condition for random colours, and one text only."""

import random
import re
from pathlib import Path

import pytest

from palabre.base.errors import Invalid
from palabre.domains.branding.colours import (
    BLACK,
    DARK,
    INK,
    LIGHT,
    SHAPE,
    TEXT,
    WHITE,
    derive,
)
from palabre.domains.branding.oklch import contrast, in_gamut, read_hex, to_oklch, write_hex

SEED = 20261121
TOKENS = Path("api/dashboard/src/styles/tokens.css")
TABLE = """
#FFD400  #A58800 4.9   #7F6900 4.5   #FFD400 11.9  #FFD400 9.7
#E30613  #E30613 4.9   #D9000F 4.5   #E71218 4.7   #FF5A4E 4.6
#0057B8  #0057B8 6.9   #0057B8 5.8   #2A74D8 4.6   #4A94FA 4.6
#FF6600  #E95D00 4.9   #B64700 4.6   #FF6600 5.8   #FF6600 4.8
#6C2BD9  #6C2BD9 7.0   #6C2BD9 6.0   #8650FA 4.6   #9C7CFF 4.5
#111111  #111111 18.9  #111111 16.0  #757575 4.6   #939393 4.5
#F7A8C4  #BE748F 4.9   #9C5570 4.5   #F7A8C4 9.2   #F7A8C4 7.6
""".strip()


@pytest.mark.parametrize("row", TABLE.splitlines(), ids=lambda row: row[:7])
def test_the_table_of_the_guide_is_met_exactly(row: str) -> None:
    given, *expected = row.split()
    roles = derive(given)
    found = []
    for theme, own in ((LIGHT, roles.light), (DARK, roles.dark)):
        backgrounds = (theme.bg, theme.surface, theme.sunken, theme.hover, own.selected)
        link = min(contrast(own.accent_text, background) for background in backgrounds)
        button = contrast(own.accent, own.on_accent)
        found += [own.accent, f"{button:.1f}", own.accent_text, f"{link:.1f}"]

    assert found == expected


def test_every_condition_holds_for_random_colours() -> None:
    chance = random.Random(SEED)
    fixed = _tokens()
    for _ in range(2000):
        given = f"#{chance.getrandbits(24):06X}"
        roles = derive(given)
        assert roles.brand == given
        assert contrast(roles.on_brand, given) >= TEXT
        assert roles.on_brand in {WHITE, INK, BLACK}
        for n, (theme, own) in enumerate(((LIGHT, roles.light), (DARK, roles.dark))):
            near = (theme.bg, theme.surface, own.selected)
            assert all(contrast(own.accent, one) >= SHAPE for one in near), given
            assert contrast(own.on_accent, own.accent) >= TEXT, given
            everywhere = (*near, theme.sunken, theme.hover)
            assert all(contrast(own.accent_text, one) >= TEXT for one in everywhere), given
            for name, pair in fixed.items():
                bar = TEXT if name in {"text", "muted", "faint"} or "-text" in name else SHAPE
                assert contrast(pair[n], own.selected) >= bar, (given, name)


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    roles = derive("#0b6576")

    assert roles.brand == "#0B6576"
    assert roles.light.accent == roles.light.accent_text == "#0B6576"
    assert (roles.on_brand, roles.light.on_accent) == (WHITE, WHITE)


def test_the_hue_stays() -> None:
    given = to_oklch(read_hex("#FF6600"))[2]
    moved = to_oklch(read_hex(derive("#FF6600").light.accent_text))[2]

    assert abs(given - moved) < 0.02


def test_the_way_to_oklch_and_back_ends_where_it_began() -> None:
    chance = random.Random(SEED)
    for _ in range(500):
        given = f"#{chance.getrandbits(24):06X}"
        assert write_hex(in_gamut(*to_oklch(read_hex(given)))) == given


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#FFF",
        "FFD400",
        "#FFD40",
        "#FFD4000",
        "#GGGGGG",
        "red",
        "rgb(1,2,3)",
        "var(--x)",
        "#FFD400;}*{x:y",
        "#FFD400\n",
        " #FFD400",
        "#-1-1-1",
        "#\uff26\uff26\uff24\uff14\uff10\uff10",  # full-width FFD400
    ],
)
def test_anything_but_six_digits_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        derive(text)

    assert [problem.code for problem in refused.value.problems] == ["colour_not_valid"]


def _tokens() -> dict[str, tuple[str, str]]:
    """Return text, status, focus and edges of the dashboard, light and dark."""
    declared = re.findall(
        r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS.read_text("utf-8")
    )
    counted = {"text", "muted", "faint", "focus", "border-strong"}
    states = {"success-text", "warn-text", "danger-text", "info-text", "check-text", "draft-text"}
    found = {name: (light, dark) for name, light, dark in declared if name in counted | states}
    assert set(found) == counted | states
    return found
