"""The screener without a browser: what is typed, pressed and removed is in the link, and the link is on the screen."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app import link_words, url
from app.pages import markets_columns, markets_filters, markets_presets
from app.shell import Shell
from data_layer.questions import MarketColumn
from tests.app.fakes import HOSTILE, FakeContext
from tests.app.protocol import Served, Visitor, run

MARKETS = "?page=markets"


@pytest.fixture
def opened(context, clock):
    def build(query=MARKETS):
        shell = Shell(context, query, now=clock)
        return shell, shell._pages["markets"]

    return build


def chips(page):
    return [words for _, words in page.filters.chips]


def test_a_link_with_every_filter_fills_every_input_and_has_a_chip_for_each(opened):
    _, page = opened(
        MARKETS
        + "&q=number&category=Sports&series=KXTEST,KXNOPE&status=any&pmin=1&pmax=99&smin=0.5&spread=2.5&v24=1000"
        "&vol=2000&oi=10&dmin=0.5&dmax=90&new=300&quote=tight,one-sided"
    )
    assert chips(page) == [
        "Search “number”",
        "Category: Sports",
        "Series: KXTEST",
        "Series: KXNOPE",
        "Status: any",
        "Chance ≥ 1%",
        "Chance ≤ 99%",
        "Spread ≥ 0.5¢",
        "Spread ≤ 2.5¢",
        "Volume 24 h ≥ 1,000",
        "Volume ≥ 2,000",
        "Open interest ≥ 10",
        "Ends in ≥ 0.5 d",
        "Ends in ≤ 90 d",
        "Opened within 300 d",
        "Quote: tight or one-sided",
    ]
    values = page.filters.values
    assert (values["chance_min"], values["spread_max"], values["days_min"]) == ("1", "2.5", "0.5")
    assert (values["series"], values["quality"], values["status"]) == ("KXTEST,KXNOPE", "tight,one-sided", "")
    keys = {key for field in markets_filters.FIELDS for key in _keys(field)}
    assert keys <= values.keys(), "an input that Python never fills"


def _keys(field):
    return [key for key, _ in field["ends"]] if field["kind"] == "bounds" else [field["key"]]


@pytest.mark.parametrize(
    ("key", "raw", "said"),
    [
        ("text", " rain ", "q=rain"),
        ("category", "Sports", "category=Sports"),
        ("series", "kxtest", "series=KXTEST"),
        ("status", "paused", "status=paused"),
        ("status", "open,closed", "status=open%2Cclosed"),
        ("status", "", "status=any"),
        ("chance_min", "07.50", "pmin=7.5"),
        ("days_max", "30", "dmax=30"),
        ("quality", "tight,ok", "quote=tight%2Cok"),
        ("columns", "time", "cols=time"),
        ("density", "dense", "rows=dense"),
    ],
)
def test_what_is_set_is_in_the_link_and_begins_at_the_first_page(opened, key, raw, said):
    shell, page = opened(MARKETS + "&p=2")
    page.filters._handle_msg({"key": key, "value": raw})
    assert shell.router.target["search"] == f"{MARKETS}&{said}"
    assert shell.router.target["replace"]


def test_what_cannot_be_read_is_refused_beside_its_input_and_changes_nothing(opened):
    shell, page = opened()
    page.filters._handle_msg({"key": "chance_min", "value": "forty"})
    assert page.filters.problems["chance_min"].startswith("“forty” is not a number from 0 to 100")
    assert shell.state.chance_min is None
    page.filters._handle_msg({"key": "chance_min", "value": "40"})
    assert page.filters.problems == {}
    assert shell.state.chance_min == Decimal(40)
    page.filters._handle_msg({"key": "chance_min", "value": ""})
    assert shell.state.chance_min is None


@pytest.mark.parametrize(
    ("key", "value"), [("sort", "drop"), ("columns", "all"), ("series", "a b"), ("status", "open,x")]
)
def test_a_made_up_message_changes_nothing(opened, key, value):
    shell, page = opened()
    page.filters._handle_msg({"key": key, "value": value})
    assert shell.state.link_values() == url.decode(MARKETS).values


def test_several_statuses_are_listed_together_and_old_links_of_one_or_any_are_read(context, opened):
    for number, status in enumerate(("active", "inactive", "closed", "finalized")):
        context.repository.rows[number]["status"] = status
    read = {
        said: url.decode(f"?page=markets&status={said}").values["status"] for said in ("open", "any", "paused,closed")
    }
    assert read == {"open": ("open",), "any": (), "paused,closed": ("paused", "closed")}
    _, page = opened(MARKETS + "&status=paused,settled")
    assert {row["status"] for row in page.model.answer.rows()} == {"inactive", "finalized"}
    assert chips(page) == ["Status: paused or settled"]
    _, page = opened(MARKETS + "&status=any")
    assert page.model.answer.total == 130
    assert chips(page) == ["Status: any"]


def test_chips_take_away_one_filter_or_all(opened):
    shell, page = opened(MARKETS + "&series=KXTEST,KXNOPE&pmin=10&v24=5")
    page.filters._handle_msg({"kind": "remove", "key": "series:KXNOPE"})
    assert shell.state.series == ("KXTEST",)
    page.filters._handle_msg({"kind": "remove", "key": "volume24h_min"})
    assert chips(page) == ["Series: KXTEST", "Chance ≥ 10%"]
    page.filters._handle_msg({"kind": "remove", "key": "page"})
    assert shell.state.page == "markets", "only chips that are there can be removed"
    page.filters._handle_msg({"kind": "remove", "key": ""})
    assert chips(page) == []
    assert shell.router.target["search"] == MARKETS


def test_typing_a_series_offers_what_is_stored(opened):
    _, page = opened()
    page.filters._handle_msg({"kind": "suggest", "key": "series", "value": "test"})
    assert page.filters.options["series"] == [["KXTEST", "Test numbers (130)"]]


def test_nothing_left_names_the_tightest_filter_and_leads_back(opened):
    shell, page = opened(MARKETS + "&category=Sports&pmin=99.5&cols=time&p=2")
    face = page.nothing.object
    assert "The tightest filter is Chance ≥ 99.5%." in face
    assert "Remove it (24 markets)" in face
    assert 'href="?page=markets&amp;category=Sports&amp;cols=time"' in face
    assert 'href="?page=markets&amp;cols=time"' in face
    assert not page.table.visible
    shell._on_browser({"kind": "click", "search": "?page=markets&category=Sports&cols=time"})
    assert page.table.total == 24
    assert page.nothing.object == ""


def test_two_filters_that_only_together_hide_everything_are_cleared_together(opened):
    _, page = opened(MARKETS + "&q=zzzz&series=KXNOPE")
    assert "whichever of the filters goes alone" in page.nothing.object
    assert "Clear all filters" in page.nothing.object


@pytest.mark.parametrize("name", link_words.COLUMN_SETS)
def test_every_set_of_columns_has_a_cell_for_each_and_keeps_a_phone_readable(opened, name):
    shell, page = opened(f"{MARKETS}&cols={name}&sort=ticker&dir=asc")
    columns = page.table.columns
    assert all(len(cells) == len(columns) for _, _, _, cells in page.table.rows)
    assert columns[0]["kind"] == "link"
    assert [column["key"] for column in columns if column["narrow"] == "second"]
    assert all(column["title"] for column in columns)
    assert len({column["key"] for column in columns}) == len(columns)
    assert {column["sort"] for column in columns} - {""} <= set(link_words.SORTS)
    shell.state.columns = "quote"
    assert len(page.table.rows[0][3]) == len(markets_columns.SETS["quote"])


def test_a_market_about_which_nothing_is_known_is_a_row_of_dashes(context, opened):
    row = context.repository.rows[0]
    row |= {name: None for name in row if name not in {"ticker", "status", "quote_quality"}}
    row["quote_quality"] = "none"
    for name in link_words.COLUMN_SETS:
        _, page = opened(f"{MARKETS}&cols={name}&sort=ticker&dir=asc")
        (cells,) = [cells for ticker, _, _, cells in page.table.rows if ticker == row["ticker"]]
        texts = [cell if isinstance(cell, str) else cell[0] for cell in cells]
        assert not [text for text in texts if "None" in text or text in {"0", "50.0"}]


def test_ties_and_their_order_are_on_the_head_of_the_table(opened):
    shell, page = opened()
    page.table._handle_msg({"kind": "sort", "sort": "category", "more": False})
    page.table._handle_msg({"kind": "sort", "sort": "volume", "more": True})
    assert (page.table.sort, page.table.ties) == ("category", ["-volume"])
    assert shell.router.target["search"] == f"{MARKETS}&sort=category&dir=asc&then=-volume"
    page.table._handle_msg({"kind": "sort", "sort": "bid"})
    assert page.table.ties == []


def test_the_export_asks_for_the_same_list_whatever_it_looks_like(opened):
    _, page = opened(MARKETS + "&q=number&pmin=10&sort=ends&dir=asc&then=-volume&p=2&cols=time&rows=dense&tz=utc")
    assert page.filters.values["export"] == "page=markets&q=number&pmin=10&sort=ends&dir=asc&then=-volume"
    _, page = opened()
    assert page.filters.values["export"] == "page=markets"


def test_hostile_words_are_clean_in_chips_and_faces(opened):
    for text in HOSTILE:
        _, page = opened(url.link("markets", text=text[:100], category=text[:80]))
        assert "\u202e" not in "".join(chips(page))
        for tag in ("<img", "<script", "<svg onload", "<a href=javascript"):
            assert tag not in page.nothing.object


def test_over_the_wire_a_filter_is_one_small_patch_and_one_question():
    async def visit(server, context):
        visitor = await Visitor.open(server.url("/" + MARKETS))
        context.repository.asked.clear()
        await visitor.say("FilterBar", {"key": "chance_min", "value": "60"}, lambda: visitor.last("chips"))
        assert visitor.last("chips") == [["chance_min", "Chance ≥ 60%"]]
        assert len(context.repository.asked) == 1
        (asked,) = context.repository.asked
        assert asked[1].probability_min == Decimal("0.6")
        assert [order.column for order in asked[2]] == [MarketColumn.VOLUME_24H, MarketColumn.TICKER]
        await visitor.say("FilterBar", {"kind": "remove", "key": ""}, lambda: visitor.last("chips") == [])
        await visitor.close()

    context = FakeContext()
    with Served(context) as server:
        run(visit(server, context))


def test_every_preset_is_a_link_that_shows_what_it_says_and_keeps_the_columns(opened):
    shell, page = opened(MARKETS + "&cols=time&q=number&tz=utc")
    presets = page.filters.presets
    assert [name for name, *_ in presets] == [preset.name for preset in markets_presets.PRESETS]
    assert not any(on for *_, on in presets)
    for name, link, _, _ in presets:
        decoded = url.decode(link)
        assert decoded.notes == ()
        assert (decoded.values["columns"], decoded.values["zone"], decoded.values["text"]) == ("time", "utc", "")
        shell.hear({"kind": "click", "search": link})
        assert [said for said, *_, on in page.filters.presets if on] == [name]
    assert page.model.answer is not None


@pytest.mark.parametrize("preset", markets_presets.PRESETS, ids=lambda preset: preset.name)
def test_a_preset_lists_what_it_promises(opened, preset):
    _, page = opened(url.link("markets", **preset.values))
    rows = page.model.answer.rows()
    assert page.model.answer.total <= 130
    for row in rows:
        if "spread_min" in preset.values:
            assert row["spread_dollars"] >= Decimal("0.05")
        if "chance_min" in preset.values:
            assert row["probability"] >= preset.values["chance_min"] / 100
        if "volume24h_min" in preset.values:
            assert row["volume_24h_contracts"] >= 10_000


def test_columns_are_picked_one_by_one_and_stand_in_the_link(opened):
    shell, page = opened()
    assert set(link_words.COLUMN_WORDS) | {"title"} == set(markets_columns.COLUMNS)
    page._on_filter("own_columns", "bid,ask")
    assert [c["key"] for c in page.table.columns] == ["title", "bid", "ask"]
    page._on_filter("own_columns", "chance,bid,ask")
    assert shell.state.own_columns == ("bid", "ask", "chance"), "what is added comes last"
    assert url.encode(shell.state.link_values()) == "?page=markets&show=bid%2Cask%2Cchance"
    assert page.filters.values["columns"] == "", "no set is pressed"
    page._on_filter("columns", "quote")
    assert shell.state.own_columns == ()
    page._on_filter("own_columns", ",".join(markets_columns.SETS["quote"][1:]))
    assert shell.state.own_columns == (), "a set stays a set"
    page._on_filter("own_columns", "")
    assert len(page.table.columns) == len(markets_columns.SETS["quote"])
    _, page = opened(MARKETS + "&show=tick,title,bid")
    assert page.filters.values["own_columns"] == ",".join(markets_columns.SETS["quote"][1:]), "the title is no choice"
