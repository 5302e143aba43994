"""Categories: shares add up, what has no price is said, a category opens into its tags, days are what is stored."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import url
from app.models.categories import CategoriesModel
from app.pages.categories import CategoriesPage
from app.state import State
from components.charts import shares
from components.live_chart import columns_of
from components.theme import palette
from tests.app.fakes import NOW, FakeContext, FakeRepository, default_rows


def model_of(repository: FakeRepository | None = None, **state: object) -> CategoriesModel:
    model = CategoriesModel(FakeContext(repository), State(**state), lambda: NOW)
    model.active = True
    return model


def test_shares_add_up_and_follow_the_measure() -> None:
    model = model_of()
    contracts = {row["name"]: row["share"] for row in model.rows}
    assert sum(contracts.values()) == pytest.approx(1)
    model.state.share = "interest"
    assert sum(row["share"] for row in model.rows) == pytest.approx(1)
    whole = sum(row["open_interest_contracts"] for row in model.rows)
    for row in model.rows:
        assert row["share"] == pytest.approx(float(row["open_interest_contracts"] / whole))


def test_the_concentration_is_the_sum_of_squares() -> None:
    model = model_of()
    assert model.concentration == pytest.approx(sum(row["share"] ** 2 for row in model.rows))
    assert model.effective == pytest.approx(1 / model.concentration)


def test_the_table_sorts_by_a_column_and_turns() -> None:
    model = model_of()
    model.sort_by("name")
    names = [row["name"] for row in model.rows]
    assert names == sorted(names, key=str.casefold)
    model.sort_by("name")
    assert [row["name"] for row in model.rows] == names[::-1]
    model.sort_by("markets")
    assert [row["markets"] for row in model.rows] == sorted((r["markets"] for r in model.rows), reverse=True)


def page_of(model: CategoriesModel) -> CategoriesPage:
    page = CategoriesPage(model, model.state, lambda: "", lambda: None)
    model.refresh()
    return page


def test_a_category_opens_into_its_tags_and_a_tag_into_its_series() -> None:
    model = model_of()
    page = page_of(model)
    first = model.rows[0]["name"]
    assert {row[1].partition("&")[0] for row in page.table.rows} == {"?page=categories"}
    model.state.within = first
    assert page.title == f"{first} · Categories"
    assert f"<h1>{first}</h1>" in page.strip.object
    links = [url.decode(row[1]).values for row in page.table.rows]
    assert {link["page"] for link in links} == {"series"}
    assert {link["series_category"] for link in links} == {first}
    assert [link["series_tag"] for link in links] == [row[0] for row in page.table.rows]


def test_a_category_that_is_none_says_so_and_offers_the_way_back() -> None:
    model = model_of(within="<b>none</b>")
    page = page_of(model)
    assert "is open" in page.face.object
    assert "<b>none" not in page.face.object
    assert not page.body.visible


def test_contracts_without_a_price_are_left_out_of_dollars_and_counted() -> None:
    rows = [row | {"probability": None} if n == 0 else row for n, row in enumerate(default_rows())]
    rows[0]["volume_24h_contracts"] = Decimal(777)
    page = page_of(model_of(FakeRepository(rows)))
    assert "777" in page.strip.object
    assert "that have no chance" in page.strip.object


def test_days_are_drawn_in_the_colours_of_the_bar_and_follow_the_theme() -> None:
    repository = FakeRepository()
    names = sorted({row["category"] for row in repository.rows})
    days = [date(2026, 11, 20), date(2026, 11, 21)]
    repository.category_history = [
        {"day": day, "name": name, "markets": 3, "volume_contracts": Decimal(10 * (n + 1))}
        for day in days
        for n, name in enumerate(names)
    ]
    page = page_of(model_of(repository))
    assert page.chart.visible
    light = set(page.chart.data["colour"])
    assert {palette(False)[part[2]] for part in page.bar.parts} >= light
    page.follow_theme(True)
    assert not light & set(page.chart.data["colour"])
    assert sum(page.chart.data["share"]) == pytest.approx(len(days))


def test_pictures_say_where_they_come_from_and_charts_offer_their_figures_as_files() -> None:
    repository = FakeRepository()
    name = repository.rows[0]["category"]
    day = {"day": date(2026, 11, 21), "name": name, "markets": 3, "volume_contracts": Decimal(10)}
    repository.category_history = [day]
    page = page_of(model_of(repository))
    for chart, key in ((page.bar, "split"), (page.chart, "days")):
        assert "as of" in chart.credit
        assert chart.info_key == key
        assert [label for label, _ in chart.files] == ["CSV", "Parquet"]
        assert all(f"table={key}" in address for _, address in chart.files)
        assert key in page.panels()
        assert chart.file


def test_no_stored_day_is_a_face_and_no_empty_chart() -> None:
    page = page_of(model_of())
    assert not page.chart.visible
    assert "No day is stored yet" in page.days_face.object


@given(st.lists(st.tuples(st.integers(1, 28), st.sampled_from("abc"), st.integers(1, 10**9)), max_size=40))
def test_the_shares_of_every_day_add_up(found: list[tuple[int, str, int]]) -> None:
    unique = {(day, name): amount for day, name, amount in found}
    rows = [
        {"day": date(2026, 11, day), "name": name, "markets": 1, "volume_contracts": Decimal(amount)}
        for (day, name), amount in unique.items()
    ]
    frame = shares.shares_view(rows, {"a": "category-1"}, dark=False).frame
    for _, group in frame.groupby("day"):
        assert group["share"].sum() == pytest.approx(1)
    assert set(columns_of(frame)) >= {"day", "name", "contracts", "colour"}
