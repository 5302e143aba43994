"""Both themes can be read."""

from __future__ import annotations

import pytest

from components.theme import CATEGORIES, DARK, LIGHT, MATERIAL, SERIES, category_colour

PAIRS = [
    *((text, surface) for text in ("text", "muted") for surface in ("surface", "raised", "hover")),
    *((text, "surface") for text in ("accent", "up", "down", "amber", "red", "violet")),
    ("accent", "accent-soft"),
    ("amber", "amber-soft"),
    ("red", "red-soft"),
    ("violet", "violet-soft"),
    ("up", "up-soft"),
    ("text", "up-soft"),
    ("up", "hover"),
    ("down", "hover"),
    *((f"category-{n}", "surface") for n in range(1, len(CATEGORIES) + 1)),
    *((f"series-{n}", "surface") for n in range(1, SERIES + 1)),
]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "surface"), PAIRS)
def test_text_has_a_contrast_of_four_and_a_half(theme, text, surface):
    a, b = sorted((luminance(theme[text]), luminance(theme[surface])), reverse=True)
    assert (a + 0.05) / (b + 0.05) >= 4.5


def test_a_category_has_one_colour_however_it_is_spelt_and_strangers_share_the_last():
    assert category_colour("Sports") == category_colour(" SPORTS ") != category_colour("Politics")
    strangers = {category_colour(name) for name in ("<b>", None, "", "Dentistry", "other")}
    assert strangers == {f"category-{len(CATEGORIES)}"}
    for theme in (LIGHT, DARK):
        named = [theme[category_colour(name)] for name in CATEGORIES]
        assert len(set(named)) == len(named)


def test_themes_name_the_same_colours():
    assert LIGHT.keys() == DARK.keys()
    assert MATERIAL["light"]["palette"]["mode"] == "light"
    assert MATERIAL["dark"]["palette"]["mode"] == "dark"
