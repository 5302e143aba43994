"""Rules in a person's words: the form makes what can be, says what cannot, and what is kept is read again."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import link_words
from app.alert_rules import KINDS, WINDOWS, Rule, RuleError, checked, made, measured, read
from tests.app.test_url import TICKERS

FORM = {"kind": "price", "direction": "above", "threshold": "60", "scope": "tickers", "tickers": "A-1, B-2\nA-1"}

RULES = st.sampled_from(list(KINDS)).flatmap(
    lambda kind: st.builds(
        Rule,
        kind=st.just(kind),
        direction=st.sampled_from(list(KINDS[kind].directions)),
        threshold=st.decimals(KINDS[kind].least, KINDS[kind].most, places=2),
        hours=st.sampled_from(WINDOWS),
        tickers=st.lists(TICKERS, max_size=3).map(tuple),
        view=st.sampled_from(["", "?page=markets&category=Sports"]),
        name=st.text(max_size=30),
        paused=st.booleans(),
    )
)


def test_kinds_are_those_of_links():
    assert tuple(KINDS) == link_words.ALERT_KINDS


@given(RULES)
def test_a_rule_survives_being_kept(rule):
    assert read(json.loads(json.dumps(rule.body()))) == rule
    condition = rule.condition(4)
    assert condition.key == 4
    assert condition.tickers == rule.tickers


@given(
    st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.integers() | st.none() | st.lists(st.integers()))
)
def test_what_is_no_rule_is_none(body):
    assert read(body) is None


def test_the_form_makes_a_rule():
    rule = made(FORM, {})
    assert rule == Rule("price", "above", Decimal(60), tickers=("A-1", "B-2"))
    assert (rule.words, rule.scope) == ("Chance rises to 60%", "2 markets")


def test_a_list_is_copied_and_a_view_keeps_its_filters_alone():
    rule = made(FORM | {"scope": "list", "list": "Macro"}, {"Macro": ("C-3",)})
    assert rule.tickers == ("C-3",)
    link = "https://dash.example/x/?page=markets&category=Sports&pmin=10&sort=ends&p=3&tz=utc"
    rule = made(FORM | {"scope": "view", "view": link}, {})
    assert rule.view == "?page=markets&category=Sports&pmin=10"
    condition = rule.condition(1)
    assert condition.filter.categories == ("Sports",)
    assert condition.filter.probability_min == Decimal("0.1")
    assert condition.filter.statuses == ("active",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "coherence"}, "no such kind"),
        ({"threshold": "abc"}, "is no number"),
        ({"threshold": "nan"}, "has to be from"),
        ({"threshold": "1e9"}, "has to be from"),
        ({"threshold": "0"}, "has to be from 0.1% to 99.9%"),
        ({"threshold": "60.001"}, "two decimals"),
        ({"threshold": "٦٠"}, "has to be from"),
        ({"tickers": "  "}, "Name a market"),
        ({"tickers": "<script>"}, "is no ticker"),
        ({"tickers": " ".join(f"T{n}" for n in range(501))}, "at most 500"),
        ({"scope": "list", "list": "Gone"}, "has no markets"),
        ({"scope": "view", "view": "?page=pulse"}, "has to lead to the page Markets"),
        ({"scope": "view", "view": "?page=markets&pmin=x"}, "pmin"),
        ({"scope": "everything"}, "Choose what"),
    ],
)
def test_what_cannot_be_is_said(change, words):
    with pytest.raises(RuleError, match=words):
        made(FORM | change, {})


@pytest.mark.parametrize(
    ("kind", "direction", "threshold", "metric", "rising", "bound"),
    [
        ("price", "above", "60", "price", True, "60"),
        ("price", "below", "60", "price", False, "60"),
        ("move", "either", "10", "size_6", True, "10"),
        ("move", "up", "10", "move_6", True, "10"),
        ("move", "down", "10", "move_6", False, "-10"),
        ("surge", "above", "3", "surge", True, "3"),
        ("spread", "narrower", "2", "spread", False, "2"),
        ("spread", "wider", "10", "spread", True, "10"),
        ("closing", "below", "24", "closing", False, "24"),
    ],
)
def test_words_become_a_condition(kind, direction, threshold, metric, rising, bound):
    condition = checked(Rule(kind, direction, Decimal(threshold), hours=6)).condition(1)
    assert (condition.metric, condition.rising, condition.threshold) == (metric, rising, Decimal(bound))
    assert condition.growing is (kind in {"move", "surge"})


def test_values_are_said_with_their_unit():
    assert measured(Decimal("61.50000"), "%") == "61.5%"
    assert measured(Decimal("-10"), "pp", signed=True) == "−10 pp"
    assert Rule("move", "up", Decimal(10)).why(Decimal("12.34567"), None) == "Chance moved +12.35 pp in 1 h"
    assert Rule("move", "down", Decimal(10)).why(Decimal(-11), None) == "Chance moved −11 pp in 1 h"
    either = Rule("move", "either", Decimal(10)).why(Decimal(11), Decimal(9))
    assert either == "Chance moved 11 pp up or down in 1 h, was 9 pp"
    assert Rule("spread", "wider", Decimal(10)).why(Decimal(12), Decimal(2)) == "Spread is 12¢, was 2¢"
