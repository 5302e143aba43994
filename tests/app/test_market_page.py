"""The page of one market: what it says of books, trades, days, results, links, and markets it does not have."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from app import link_words
from app.models.market import MarketModel, period_of
from app.pages import market_terms
from app.pages.market import MarketPage
from app.progress import Attempt
from tests.app.fakes import NOW, book_rows, market_row, trade_rows
from tests.app.protocol import Served, Visitor, run

TICKER = "KXTEST-26NOV005-T1"


@pytest.fixture
def opened(context, state, clock):
    """Open the page of a market after changes to the fake process."""

    def open_page(ticker=TICKER):
        state.param.update(page="market", ticker=ticker)
        page = MarketPage(MarketModel(context, state, clock), state, lambda: "", lambda: None)
        page.open()
        return page

    return open_page


def book_of(page):
    return page.book._book.object


def test_a_book_is_a_ladder_of_yes_prices_with_depth_and_what_lies_beyond(opened):
    said = book_of(opened())
    asks, bids = said.index('aria-label="Asks"'), said.index('aria-label="Bids"')
    assert asks < said.index("Spread 4¢") < bids
    assert said.index(">47<") < said.index(">43<")  # the worst ask stands highest
    assert "6 more prices down to 29¢" in said
    assert '"--share:100.0%"' in said
    assert "seen just now" in said


@pytest.mark.parametrize(
    ("rows", "attempt", "says"),
    [
        ([], None, "Fetching the order book"),
        ([], Attempt(NOW, 0), "The order book is empty"),
        ([], Attempt(NOW, 0, "Kalshi did not answer."), "Kalshi did not answer. Best bid and ask above are those of"),
        (book_rows(NOW, {"0.40": "5"}, {}), None, "Nobody sells YES"),
        (book_rows(NOW, {}, {"0.40": "5"}), None, "Nobody bids for YES"),
        (book_rows(NOW, {"0.40": "5"}, {}), Attempt(NOW, 0), "The order book is empty"),
        (book_rows(NOW, {"0.40": "5"}, {"0.60": "5"}), None, "Crossed by 0¢"),
        (book_rows(NOW - timedelta(minutes=12), {"0.40": "5"}, {"0.55": "5"}), None, "as it was 12 min ago"),
        (book_rows(NOW, {"0.40": "5"}, {"0.55": "5"}), Attempt(NOW, 0, "No answer."), "as it was just now"),
        (
            book_rows(NOW, {"0.40": "5"}, {"0.55": "5"}),
            Attempt(NOW, 0, "No answer."),
            "No answer. What is shown is the last one that came",
        ),
        (
            book_rows(NOW, {"0.40": "5"}, {"0.55": "5"}),
            Attempt(NOW, 2, refused=1),
            "1 impossible level is left out: not between 0 and 100¢",
        ),
    ],
)
def test_every_state_of_a_book_says_what_it_is(context, opened, rows, attempt, says):
    context.repository.books[TICKER] = rows
    if attempt is not None:
        context.book_attempts[TICKER] = attempt
    assert says in book_of(opened())


def test_a_books_age_grows_while_nothing_else_happens(context, opened, clock):
    page = opened()
    clock.now += timedelta(seconds=30)
    page.poll()
    assert "seen 37 s ago" in book_of(page)
    clock.now += timedelta(minutes=2)
    page.poll()
    assert "as it was 2 min ago" in book_of(page)


def test_trades_say_side_price_and_block(context, opened):
    context.repository.trade_rows[TICKER] = trade_rows(TICKER, NOW, 9)
    context.repository.trade_rows[TICKER][0]["created_time"] = NOW - timedelta(days=2)
    said = opened().book._trades.object
    assert said.count("▲ YES") == 4
    assert said.count("▼ NO") == 5
    assert said.count("· block") == 1
    assert "20 Nov, 12:05" in said
    assert "12:04:05" in said
    context.repository.trade_rows[TICKER] = []
    assert "No trade" in opened().book._trades.object


@pytest.mark.parametrize(("chance", "said"), [("0.004", "0.4%"), ("0.996", "99.6%"), ("0.383", "38%")])
def test_the_tab_calls_a_small_chance_neither_none_nor_certain(context, opened, chance, said):
    context.repository.about[TICKER] = {"probability": Decimal(chance)}
    assert opened().title.startswith(f"{said} ")


def test_days_without_a_trade_have_no_average(opened):
    said = opened().days.object
    assert "41.25" in said
    assert said.count(">—<") == 5
    assert "US Eastern" in said


def test_a_settled_market_shows_result_and_value_and_no_chance(context, opened):
    context.repository.about[TICKER] = {
        "status": "finalized",
        "result": "scalar",
        "settlement_value_dollars": Decimal("0.5"),
        "settlement_time": NOW - timedelta(days=3),
    }
    page = opened()
    said = page.head.object
    assert "SCALAR" in said
    assert "$0.50" in said
    assert "Middle of bid and ask" not in said
    assert ">Bid<" not in said
    assert "%" not in page.title
    assert "Trading is over" in book_of(page)
    assert context.watched == []


def test_a_market_that_is_not_stored_is_looked_for_then_explained(context, opened):
    context.attempts["KXNOPE"] = None
    page = opened("KXNOPE")
    assert "Looking for “KXNOPE” on Kalshi" in page.face.object
    context.attempts["KXNOPE"] = Attempt(NOW, 0, "<b>404</b>")
    page.poll()
    assert "No market “KXNOPE”" in page.face.object
    assert "&lt;b&gt;404" in page.face.object
    context.repository.rows.append(market_row(900, ticker="KXNOPE"))
    page.data_arrived()
    assert page.face.object == ""
    assert page.body.visible


@pytest.mark.parametrize(
    ("source", "series", "leads"),
    [
        ("live", "KXTEST", True),
        ("demo", "KXTEST", False),
        ("live", "../../evil", False),
        ("live", 'KX"onclick="x', False),
        ("live", None, False),
    ],
)
def test_the_link_to_kalshi_is_made_of_a_ticker_and_nothing_else(context, opened, source, series, leads):
    context.repository.source = source
    context.repository.about[TICKER] = {"series_ticker": series}
    said = opened().head.object
    link = '<a class="out" href="https://kalshi.com/markets/kxtest" target="_blank" rel="noopener noreferrer"'
    assert (link in said) is leads
    assert said.count("https://") == (2 if leads else 0)


def test_a_settlement_source_is_linked_only_where_it_is_plain_https(context, opened):
    addresses = [
        "https://www.bls.gov/cpi?a=1&b=2",
        "http://plain.example.com",
        "javascript:alert(1)",
        "https://user:secret@evil.example.com",
        'https://evil.example.com/"onmouseover=alert(1)',
        "https://evil.example.com/\n<script>",
        "//evil.example.com",
    ]
    listed = ", ".join(f'{{"name": "N", "url": {json.dumps(a)}}}' for a in addresses)
    context.repository.about[TICKER] = {"settlement_sources_json": f"[{listed}]"}
    said = opened().foot.object
    assert said.count("<a ") == 1
    assert 'href="https://www.bls.gov/cpi?a=1&amp;b=2" target="_blank" rel="noopener noreferrer"' in said
    assert "javascript:alert(1)" in said
    assert "<script" not in said


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"fee_type": "quadratic", "fee_multiplier": 0.5}, "Quadratic, makers free, × 0.5"),
        ({"fee_type": "quadratic_with_maker_fees", "fee_multiplier": 1.0}, "maker 0.0175"),
        ({"fee_type": "<b>new</b>", "fee_multiplier": None}, "&lt;b&gt;new&lt;/b&gt;, multiplier not sent"),
        ({"fee_type": None}, "unknown"),
        ({"fee_type": "flat", "fee_waiver_expiration_time": NOW + timedelta(days=1)}, "until 23 Nov 2026"),
        ({"tick_dollars": Decimal("0.001")}, "0.1¢"),
        (
            {
                "price_ranges": [
                    {"start": Decimal(0), "end": Decimal("0.1"), "step": Decimal("0.001")},
                    {"start": Decimal("0.1"), "end": Decimal(1), "step": Decimal("0.01")},
                ]
            },
            "0.1¢ from 0¢ to 10¢, 1¢ from 10¢ to 100¢",
        ),
        ({"settlement_timer_seconds": 5400}, "1 h 30 min"),
        ({"can_close_early": True, "early_close_condition": "<i>now</i>"}, "&lt;i&gt;now"),
    ],
)
def test_terms_say_fee_tick_and_payout(context, opened, row, says):
    context.repository.about[TICKER] = row
    assert says in opened().foot.object


def test_sources_that_cannot_be_read_are_none():
    for broken in ("{", "[" * 5000, '{"a": 1}', '["x"]', "null", None):
        assert market_terms.sources({"settlement_sources_json": broken}) == []


def test_a_reader_goes_to_another_outcome_with_the_chart_he_chose(opened, state):
    state.param.update(chart_style="candlesticks", open_interest="on", window="30d")
    links = [row[1] for row in opened().others.rows]
    assert links
    assert all("style=candlesticks" in link and "oi=on" in link and "window=30d" in link for link in links)


def test_no_candlesticks_are_told_from_candlesticks_that_could_not_be_fetched(context, opened):
    context.repository.candles[TICKER, 60] = []
    context.attempts[TICKER] = Attempt(NOW, 0)
    assert "No candlestick in this time" in opened().chart._face.object
    context.attempts[TICKER] = Attempt(NOW, 0, "Kalshi has a problem of its own (500).")
    page = opened()
    assert "Candlesticks could not be fetched" in page.chart._face.object
    assert "(500)" in page.chart._face.object


def test_a_window_without_candlesticks_offers_everything_stored_by_days(context, opened, state):
    context.repository.candles[TICKER, 60] = []
    context.attempts[TICKER] = Attempt(NOW, 0)
    state.param.update(window="30d", period="1h")
    face = opened().chart._face.object
    assert "Show all" in face
    assert "window=all" in face
    assert "period=1d" in face


@pytest.mark.parametrize(
    ("lived", "period", "drawn"),
    [
        (timedelta(minutes=10), "1h", "1m"),
        (timedelta(minutes=119), "1h", "1m"),
        (timedelta(hours=2), "1h", "1h"),
        (timedelta(hours=2), "1d", "1h"),
        (timedelta(days=2), "1d", "1d"),
        (timedelta(minutes=1), "1m", "1m"),
    ],
)
def test_a_young_market_is_drawn_finer_and_says_so(context, opened, state, lived, period, drawn):
    (row,) = [row for row in context.repository.rows if row["ticker"] == TICKER]
    row["open_time"] = NOW - lived
    state.period = period
    chart = opened().chart
    minutes = link_words.PERIODS[drawn]
    assert [asked[2] for asked in context.repository.asked if asked[0] == "candlesticks"][-1] == minutes
    assert chart._controls.values["period"] == drawn
    assert ("open for less than two" in chart._legend.object) == (period != drawn)
    assert f"_{drawn}_" in chart._chart.file


def test_an_hourly_market_of_long_ago_has_hours_since_its_minutes_are_no_longer_kept(context):
    (row,) = [row for row in context.repository.rows if row["ticker"] == TICKER]
    for days, drawn in ((12, "1m"), (14, "1h")):
        over = NOW - timedelta(days=days)
        times = {"open_time": over - timedelta(hours=1), "close_time": over, "settlement_time": over}
        settled = row | times | {"status": "finalized"}
        assert period_of(settled, {"period": "1h", "window": "7d"}, NOW) == drawn


def test_what_is_chosen_at_the_chart_is_checked(opened, state):
    chart = opened().chart
    chart._on_control("chart_style", "candlesticks")
    chart._on_control("open_interest", "anything")
    assert (state.chart_style, state.open_interest) == ("candlesticks", "on")
    chart._on_control("open_interest", "on")
    chart._on_control("chart_style", "pies")
    chart._on_control("ticker", "X")
    assert (state.chart_style, state.open_interest, state.ticker) == ("candlesticks", "off", TICKER)


def test_over_the_wire_the_page_has_its_book_and_keeps_it_fresh(context):
    async def visit(served):
        visitor = await Visitor.open(served.url(f"/?page=market&ticker={TICKER}&style=candlesticks&oi=on"))
        assert "Order book" in visitor.seen
        assert "Last trades" in visitor.seen
        rows = book_rows(context.repository.now, {"0.11": "5"}, {"0.77": "1234.50"})
        context.repository.books[TICKER] = rows
        context.repository.snapshot_id += 1
        served.call(context.hub.publish)
        await visitor.until(lambda: "1,234.50" in visitor.seen)
        await visitor.close()

    with Served(context) as served:
        run(visit(served))
