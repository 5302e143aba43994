"""The controls of the bar take only what they offer; the first paint follows the choice, then the browser."""

from __future__ import annotations

import pytest

from components.bar_controls import BarControls
from components.first_paint import TEMPLATE, prefers_dark


@pytest.fixture
def heard():
    return []


@pytest.fixture
def controls(heard):
    return BarControls(
        lambda *said: heard.append(said),
        lambda: heard.append("refresh"),
        lambda: heard.append("theme"),
        lambda: heard.append("pause"),
    )


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"kind": "choose", "name": "zone", "word": "utc"}, [("zone", "utc")]),
        ({"kind": "choose", "name": "unit", "word": "american"}, [("unit", "american")]),
        ({"kind": "choose", "name": "side", "word": "no"}, [("side", "no")]),
        ({"kind": "choose", "name": "times", "word": "absolute"}, [("times", "absolute")]),
        ({"kind": "refresh"}, ["refresh"]),
        ({"kind": "theme"}, ["theme"]),
        ({"kind": "pause"}, ["pause"]),
        ({"kind": "choose", "name": "zone", "word": "mars"}, []),
        ({"kind": "choose", "name": "zone", "word": ["utc"]}, []),
        ({"kind": "choose", "name": "unit", "word": "no"}, []),
        ({"kind": "choose", "name": "page", "word": "status"}, []),
        ({"kind": "choose", "name": ["unit"], "word": "cents"}, []),
        ({"kind": ["refresh"]}, []),
        ({"kind": "choose"}, []),
        ("refresh", []),
        (None, []),
    ],
)
def test_only_what_is_offered_is_heard(controls, heard, message, said):
    controls._handle_msg(message)
    assert heard == said


def test_a_countdown_starts_anew_even_with_the_same_seconds(controls):
    controls.wait_for(40)
    first = controls.wait
    controls.wait_for(40)
    assert controls.wait != first
    controls.wait_for(-3)
    assert controls.wait["seconds"] == 0


def test_the_browsers_own_zone_is_named(controls):
    controls.name_local("Kolkata")
    assert ["local", "Local · Kolkata"] in controls.names


@pytest.mark.parametrize(
    ("chosen", "scheme", "dark"),
    [
        ("", "dark", True),
        ("", "light", False),
        ("", "", False),
        ("light", "dark", False),
        ("dark", "light", True),
        ("purple", "dark", True),
    ],
)
def test_the_choice_of_a_visitor_wins_over_the_browsers(chosen, scheme, dark):
    assert prefers_dark(chosen, scheme) is dark


def test_the_script_before_the_page_is_no_template_of_its_own():
    script = TEMPLATE.split("<script>")[1].split("</script>")[0]
    assert "{{" not in script
    assert "{%" not in script
