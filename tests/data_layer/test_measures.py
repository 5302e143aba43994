"""What the Method page says comes from the code, and is complete."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module

import pytest

from data_layer import analytics
from data_layer.measures import MEASURES, PARTS, TOPICS, Measure, explanations, said

#: What a formula of another module does, for many moments at once.
AT_ONCE = {"exponents", "normalised"}
PUBLIC = {
    function
    for module in pkgutil.iter_modules(analytics.__path__, "data_layer.analytics.")
    for _, function in inspect.getmembers(import_module(module.name), inspect.isfunction)
    if function.__module__ == module.name and not function.__name__.startswith("_")
}


def test_every_formula_of_the_package_is_a_measure() -> None:
    listed = {formula for measure in MEASURES for formula in measure.formulas}
    assert {function.__name__ for function in PUBLIC - listed} == AT_ONCE


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.topic)
def test_every_measure_says_where_it_comes_from(measure: Measure) -> None:
    assert measure.formulas or measure.queries or measure.columns
    for formula in measure.formulas:
        parts = said(inspect.getdoc(formula) or "").parts
        heads = [head for head, _ in parts]
        assert "Source" in heads, formula.__name__
        assert heads == [head for head in PARTS if head in heads], f"{formula.__name__}: parts in one order"
        if formula.__name__ != "fee_terms":
            assert {"Formula", "Unit"} <= set(heads), formula.__name__
    (explained,) = (found for found in explanations() if found.measure is measure)
    assert all(text for _, text, sql in explained.queries for text in (text, sql))
    assert all(meaning for *_, meaning in explained.columns)


def test_topics_are_words_of_a_link_and_lead_to_one_measure_each() -> None:
    words = [word for measure in MEASURES for word in (measure.topic, *measure.aliases)]
    assert len(words) == len(set(words)) == len(TOPICS)
    assert all(word == word.lower() and word.replace("-", "").isalnum() and len(word) <= 40 for word in words)


def test_a_docstring_is_taken_apart() -> None:
    text = """Return a thing; None where there is none.

    Formula: a = b
    + c
    Unit: things
    Source: A. Author: a title.
    Raises: ValueError if it is not.
    """
    found = said(inspect.cleandoc(text))
    assert found.about == "A thing; “—” where there is none."
    assert found.parts == (("Formula", "a = b + c"), ("Unit", "things"), ("Source", "A. Author: a title."))
