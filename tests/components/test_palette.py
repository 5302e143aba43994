"""The palette says text as text, cuts it where it matches, and hears only what it offers."""

from __future__ import annotations

import pytest

from components import palette
from components.keyboard import KEYS, Keyboard
from components.palette import Palette


@pytest.fixture
def heard():
    return []


@pytest.fixture
def shown(heard):
    component = Palette(lambda text, serial: heard.append((text, serial)), heard.append)
    component.start = [palette.group("Actions", [palette.option("Light", action="theme")])]
    return component


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"kind": "ask", "text": "rain", "serial": 3}, [("rain", 3)]),
        ({"kind": "do", "action": "theme"}, ["theme"]),
        ({"kind": "do", "action": "refresh"}, []),
        ({"kind": "ask", "text": "", "serial": 3}, []),
        ({"kind": "ask", "text": "x" * 101, "serial": 3}, []),
        ({"kind": "ask", "text": "rain", "serial": True}, []),
        ({"kind": "ask", "text": "rain"}, []),
        ({"kind": ["ask"], "text": "rain", "serial": 1}, []),
        ("ask", []),
        (None, []),
    ],
)
def test_only_questions_and_offered_actions_are_heard(shown, heard, message, said):
    shown._handle_msg(message)
    assert heard == said


def test_every_second_piece_of_a_text_is_marked():
    option = palette.option("Rain in Austin", "yes", href="?page=market", marks=lambda text: [(0, 4), (8, 10)])
    assert option["title"] == ["", "Rain", " in ", "Au", "stin"]
    assert "".join(option["title"]) == "Rain in Austin"
    assert option["href"] == "?page=market"


def test_a_link_that_leads_elsewhere_is_none():
    assert palette.option("x", href="javascript:alert(1)")["href"] == ""
    assert palette.option("x", href="https://example.com")["href"] == ""


def test_text_is_cleaned_before_it_is_marked():
    option = palette.option("evil\u202e \u200bname", marks=lambda text: [(0, len(text))])
    assert option["title"] == ["", "evil name", ""]


def test_the_keys_are_one_table():
    assert [tuple(row) for row in Keyboard().keys] == [tuple(key) for key in KEYS]
    assert len({key.key for key in KEYS}) == len(KEYS)
