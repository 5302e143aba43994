"""Compare: markets side by side in the link, how far they moved, their lines by the clock and by the time to close."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from app import link_words, url
from app.models.compare import CompareModel
from app.pages import compare_names
from app.pages.compare import ComparePage
from app.progress import Attempt
from components.charts import comparison, outcomes_spec
from data_layer.analytics import odds
from data_layer.errors import NoDataError, QueryError
from tests.app.fakes import NOW, market_row
from tests.app.protocol import Served, Visitor, run

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A, B, C = "KXONE-26NOV30-A", "KXTWO-26DEC05-B", "KXTHREE-26NOV20-C"


def compared(ticker, chance, **changes):
    """Make the row of a market that is quoted a cent around a chance."""
    mid = Decimal(chance)
    known = {
        "ticker": ticker,
        "event_ticker": ticker[:-2],
        "title": f"Will {ticker[2:5]} happen?",
        "outcome": "Yes",
        "yes_bid_dollars": mid - Decimal("0.01"),
        "yes_ask_dollars": mid + Decimal("0.01"),
        "spread_dollars": Decimal("0.02"),
        "probability": mid,
        "quote_quality": "tight",
        "quote_time": NOW - timedelta(minutes=1),
        "open_time": NOW - 90 * DAY,
        "tick_dollars": Decimal("0.01"),
    }
    return market_row(1, **known | changes)


def candle(ticker, end, chance):
    """Make an hourly candlestick that begins and ends at a chance."""
    bid, ask = Decimal(chance) - Decimal("0.01"), Decimal(chance) + Decimal("0.01")
    quotes = {
        f"yes_{side}_{word}_dollars": price
        for side, price in (("bid", bid), ("ask", ask))
        for word in ("open", "high", "low", "close")
    }
    return {"period_minutes": 60, "ticker": ticker, "end_time": end, "volume_contracts": Decimal(1)} | quotes


def at(hours_ago):
    return NOW.replace(minute=0) - hours_ago * HOUR


@pytest.fixture
def lake(context):
    """Two markets that trade and one that settled, with hours of candlesticks."""
    repository = context.repository
    over = {"status": "finalized", "result": "yes", "settlement_value_dollars": Decimal(1), "probability": None}
    times = {"close_time": at(48), "settlement_time": at(40), "expected_time": at(40)}
    repository.rows = [
        compared(A, "0.60", expected_time=NOW + 8 * DAY, close_time=NOW + 30 * DAY),
        compared(B, "0.02", expected_time=NOW + 13 * DAY, close_time=NOW + 13 * DAY),
        compared(C, "0.90", **over | times | {"quote_quality": "none", "spread_dollars": None}),
    ]
    repository.candles = {
        (A, 60): [candle(A, at(hours), "0.50") for hours in range(180, 30, -1)] + [candle(A, at(2), "0.55")],
        (B, 60): [candle(B, at(hours), "0.01") for hours in range(180, -1, -1)],
        (C, 60): [candle(C, at(hours), "0.80" if hours > 60 else "0.95") for hours in range(250, 47, -1)],
    }
    return context


@pytest.fixture
def opened(context, state, clock):
    """Open the page over some tickers."""

    def open_page(*tickers, **values):
        state.param.update(page="compare", compare_tickers=tickers, **values)
        page = ComparePage(CompareModel(context, state, clock), state, lambda: "", lambda: None)
        page.open()
        return page

    return open_page


def chart_of(page):
    return page.chart._chart


def cells(page, ticker):
    columns = [column["key"] for column in page.table.columns]
    found = {row[0]: row[3] for row in page.table.rows}[ticker]
    return {key: value[0] if isinstance(value, list) else value for key, value in zip(columns, found, strict=True)}


def line_of(page, ticker):
    """Return (times, seen values) of one line."""
    picture = page.model.picture
    place = [line.key for line in picture.lines].index(ticker)
    return picture.times, picture.seen[:, place], picture.carried[:, place]


def test_the_change_is_measured_from_the_windows_start_to_what_is_quoted_now(lake, opened):
    page = opened(A, B)
    told = page.model.picture.moved
    assert (told[A].then, told[A].now, told[A].change_pp) == (Decimal("0.5"), Decimal("0.60"), Decimal(10))
    assert told[A].since == NOW - 7 * DAY
    assert told[A].change_log_odds == pytest.approx(math.log(1.5))
    assert told[B].change_log_odds == pytest.approx(odds.change_log_odds(Decimal("0.02"), Decimal("0.01")))
    assert cells(page, A)["change"] == "▲ +10.0"
    assert cells(page, A)["odds"] == "+0.41"
    assert cells(page, A)["start"] == "50.0"
    assert cells(page, B)["odds"] == "+0.70"
    assert cells(page, B)["spread"] == "2"


def test_lines_in_points_and_log_odds_begin_at_zero_and_end_at_the_tables_figure(lake, opened):
    for measure, ends in (("pp", 10.0), ("odds", math.log(1.5))):
        times, seen, _ = line_of(opened(A, B, compare_measure=measure), A)
        inside = times >= (NOW - 7 * DAY).timestamp() * 1000
        assert np.isnan(seen[~inside]).all()
        known = seen[~np.isnan(seen)]
        assert known[0] == pytest.approx(0)
        assert known[-1] == pytest.approx(ends)


def test_a_gap_is_carried_for_a_day_at_most_and_dashed(lake, opened):
    times, seen, carried = line_of(opened(A), A)
    gap = (times > at(30).timestamp() * 1000) & (times < at(4).timestamp() * 1000)
    assert np.isnan(seen[gap]).all()
    assert np.isnan(carried[gap]).all()  # 28 hours: nobody knows
    lake.repository.candles[A, 60].append(candle(A, at(20), "0.52"))
    lake.repository.candles[A, 60].sort(key=lambda row: row["end_time"])
    times, seen, carried = line_of(opened(A), A)
    middle = (times > at(20).timestamp() * 1000) & (times < at(4).timestamp() * 1000)
    assert np.isnan(seen[middle]).all()
    assert not np.isnan(carried[middle]).all()


def test_what_opened_later_counts_from_its_first_quote_and_says_so(lake, opened):
    lake.repository.candles[B, 60] = [candle(B, at(hours), "0.03") for hours in range(30, -1, -1)]
    page = opened(A, B)
    told = page.model.picture.moved[B]
    assert (told.then, told.since) == (Decimal("0.03"), at(31))
    row = {row[0]: row[3] for row in page.table.rows}[B]
    assert row[2][3].startswith("from 21 Nov")
    assert "nothing was known at the start" in row[2][2]
    assert cells(page, B)["change"] == "▼ −1.0"


def test_a_market_without_candlesticks_says_so_is_counted_and_has_no_change(lake, opened):
    lake.repository.candles[B, 60] = []
    lake.attempts[B] = Attempt(NOW, 0)
    page = opened(A, B)
    assert [line.key for line in page.model.picture.lines] == [A]
    assert f"1 of 2 without a candlestick: {B}" in page.chart._note.object
    assert (cells(page, B)["change"], cells(page, B)["odds"], cells(page, B)["start"]) == ("—", "—", "—")
    assert cells(page, B)["chance"] == "2.0"
    assert cells(page, B)["history"] == "no candlestick"
    assert "1 of 2 drawn" in page.table_title.object


def test_a_settled_market_moves_to_its_last_quote_and_shows_what_it_paid(lake, opened):
    page = opened(A, C)
    told = page.model.picture.moved[C]
    assert (told.then, told.now) == (Decimal("0.8"), Decimal("0.95"))
    assert told.until == at(48)
    assert (cells(page, C)["chance"], cells(page, C)["closes"]) == ("100.0", "settled YES")
    assert "latest common time 20 Nov 2026, 12:00 ET" in page.table_title.object


def test_only_settled_markets_have_the_window_before_their_last_close(lake, opened):
    page = opened(C)
    assert page.model.spans[C].start == at(48) - 7 * DAY
    assert page.model.picture.high == at(48).timestamp() * 1000


def test_by_time_to_close_each_line_ends_where_its_own_life_does(lake, opened):
    page = opened(A, C, compare_align="close")
    hour = 3_600_000.0
    for ticker, last in ((A, -(8 * 24 + 1 / 60) * hour), (C, 0.0)):
        times, seen, _ = line_of(page, ticker)
        assert times[~np.isnan(seen)][-1] == pytest.approx(last, abs=hour)
    picture = page.model.picture
    assert picture.high == 0
    assert picture.low == pytest.approx(-15 * 24 * hour)  # a week before now, 8 days before its close
    chart = chart_of(page)
    assert chart.spec is outcomes_spec.TIME_LEFT_SPEC
    assert (chart.signals["x_low"], chart.signals["x_high"], chart.signals["x_mark"]) == (-15, 0, " d")
    assert "before the close" in chart.description
    page.state.compare_align = "clock"
    assert chart.spec is outcomes_spec.SPEC


def test_what_is_left_is_said_in_hours_or_days():
    short = comparison.by_time_left(np.array([-7_200_000.0, 0.0]), -7_200_000.0, 0.0)
    assert (short.mark, list(short.places), list(short.labels)) == (
        " h",
        [-2, 0],
        ["2 h before the close", "at the close"],
    )
    assert comparison.by_time_left(np.array([3_600_000.0]), 0.0, 1e9).labels == ["1 h after the close"]


def test_the_side_turns_levels_and_changes(lake, opened):
    page = opened(A, B, side="no")
    assert page.model.picture.lines[0].value == pytest.approx(40)
    assert cells(page, A)["change"] == "▼ −10.0"
    assert cells(page, A)["odds"] == "−0.41"
    page.state.compare_measure = "odds"
    assert page.model.picture.lines[0].value == pytest.approx(-math.log(1.5))
    assert "of NO" in page.chart._note.object


def test_units_change_the_axis_where_they_can(lake, opened):
    page = opened(A, unit="cents")
    assert chart_of(page).signals["axis_mark"] == "¢"
    page.state.unit = "american"
    assert chart_of(page).signals["axis_mark"] == "%"
    assert "odds cannot be laid side by side" in page.chart._note.object
    page.state.compare_measure = "pp"
    assert chart_of(page).signals["said_mark"] == " pp"


def named_row(ticker, title, outcome, event):
    return {"ticker": ticker, "title": title, "outcome": outcome, "event_ticker": event}


LONG = "Will the S&P 500 be between {} on 23 November 2026 at the close?"
RANGES = ("7,380 to 7,399.99", "7,400 to 7,419.99")


@pytest.mark.parametrize("title", ["Where does the S&P 500 close?", LONG])
def test_outcomes_of_one_question_are_called_by_their_outcome(title):
    rows = [named_row(f"KXINX-{n}", title.format(told), told, "KXINX") for n, told in enumerate(RANGES)]
    other = named_row("KXFED-1", "Will the Federal Reserve cut its rate?", "Cut by 25 bps", "KXFED")
    assert list(compare_names.names([*rows, other]).values()) == [*RANGES, "Will th… — Cut by 25 bps"]
    assert compare_names.full_names(rows)["KXINX-1"] == f"{title.format(RANGES[1])} — {RANGES[1]}"


def test_names_shorten_the_title_first_and_are_never_the_same():
    def row(ticker, title, outcome, event=None):
        return named_row(ticker, title, outcome, event or ticker)

    def called(*rows, **options):
        return list(compare_names.names(rows, **options).values())

    assert called(row("A", "Rain?", "Yes"), row("B", "Snow?", "Snow?")) == ["Rain?", "Snow?"]
    assert called(row("A", "Who?", "Ann"), limit=48) == ["Who? — Ann"]
    (name,) = called(row("A", "T" * 90, "Above 7,400 points at the very end of the day"))
    assert name == "TTTTTT… — Above 7,400 p…"
    assert len(name) <= compare_names.ON_CHART
    # Two events with the same outcomes: the title comes back.
    months = [row(f"{m}{n}", f"Cut in {m}?", f"{n} bps", m) for m in ("Sep", "Oct") for n in (25, 50)]
    assert called(*months)[0] == "Cut in Sep? — 25 bps"
    assert len(set(called(*months))) == 4
    same = [row("KXWHO-26NOV23-SOMEBODY-A", "Who?", "Bob"), row("KXWHO-26NOV23-SOMEBODY-BC", "Who?", "Bob")]
    assert called(*same) == ["KXWHO-26NOV23-SOMEBODY-A", "…WHO-26NOV23-SOMEBODY-BC"]


@pytest.mark.parametrize("count", [2, 6])
def test_label_legend_chip_and_caption_say_the_outcome_and_tooltips_all(context, opened, count):
    told = [f"{7380 + 20 * n:,} to {7399 + 20 * n:,}.99" for n in range(count)]
    rows = context.repository.rows = [
        compared(f"KX{n}INX-26NOV30-A", "0.50", title=LONG.format(words), outcome=words, event_ticker="KXINX")
        for n, words in enumerate(told)
    ]
    for item in rows:
        context.repository.candles[item["ticker"], 60] = [candle(item["ticker"], at(n), "0.50") for n in (3, 2, 1)]
    page = opened(*(item["ticker"] for item in rows))
    full = [f"{LONG.format(words)} — {words}" for words in told]
    data = chart_of(page).data
    labels = [label for kind, label in zip(data["kind"], data["label"], strict=True) if kind == "end"]
    assert sorted(labels) == (sorted(f"{words} 50.0 %" for words in told) if count == 2 else [])
    dots = [label for kind, label in zip(data["kind"], data["label"], strict=True) if kind == "now"]
    assert all(label.startswith(whole) for label, whole in zip(dots, full, strict=True))
    legend = page.chart._legend.lines
    assert [(line[2], line[5]) for line in legend] == (list(zip(told, full, strict=True)) if count == 6 else [])
    assert [chip[1] for chip in page.controls.chips] == told
    assert list(page.controls.full.values()) == full
    assert f"Chance of YES: {told[0]}, {told[1]}" in page.chart._chart.credit


def test_markets_are_added_by_ticker_or_by_name_and_no_ninth(lake, opened):
    page = opened()
    assert "Add a market to compare" in page.nothing.object
    assert not page.table.visible
    bar = page.controls
    bar._handle_msg({"kind": "suggest", "key": "add", "value": "two happn"})
    assert bar.options["add"][0][0] == B
    bar._handle_msg({"kind": "change", "key": "add", "value": A})
    bar._handle_msg({"kind": "change", "key": "add", "value": "Will TWO happen"})
    assert page.state.compare_tickers == (A, B)
    bar._handle_msg({"kind": "change", "key": "add", "value": A})
    assert "compared already" in bar.note
    bar._handle_msg({"kind": "change", "key": "add", "value": "zzqqxxww"})
    assert "No market is called like" in bar.problems["add"]
    lake.repository.failure = QueryError("The lake is on fire.")
    bar._handle_msg({"kind": "change", "key": "add", "value": "rain"})
    assert "The lake is on fire" in bar.note
    lake.repository.failure = None
    page.state.compare_tickers = tuple(f"KXNONE-{n}" for n in range(link_words.MAX_COMPARED))
    bar._handle_msg({"kind": "change", "key": "add", "value": A})
    assert "At most 8" in bar.note
    assert len(page.state.compare_tickers) == link_words.MAX_COMPARED


def test_chips_take_markets_away_one_by_one_or_all(lake, opened):
    page = opened(A, B, C, compare_hidden=(B,))
    assert [chip[0] for chip in page.controls.chips] == [A, B, C]
    page.controls._handle_msg({"kind": "remove", "key": B})
    assert (page.state.compare_tickers, page.state.compare_hidden) == ((A, C), ())
    page.controls._handle_msg({"kind": "remove", "key": ""})
    assert page.state.compare_tickers == ()
    assert page.title == "Compare"


def test_five_lines_carry_their_names_more_have_switches_and_one_stays(context, opened):
    rows = context.repository.rows = [compared(f"KX{n}ABC-26NOV30-A", "0.50") for n in range(8)]
    page = opened(*(row["ticker"] for row in rows[:5]))
    assert list(chart_of(page).data["kind"]).count("end") == 5
    assert page.chart._legend.lines == []
    page.state.compare_tickers = tuple(row["ticker"] for row in rows)
    assert "end" not in chart_of(page).data["kind"]
    switches = page.chart._legend
    assert len(switches.lines) == 8
    for row in rows:
        switches._handle_msg({"toggle": row["ticker"]})
    assert len(page.state.compare_hidden) == 7
    assert np.isnan(chart_of(page).data["v0"]).all()
    assert url.decode(url.encode(page.state.link_values())).values["compare_tickers"] == page.state.compare_tickers


@pytest.mark.parametrize("align", link_words.ALIGNED)
@pytest.mark.parametrize("window", link_words.WINDOWS)
def test_eight_markets_of_odd_closes_fit_into_a_chart(context, opened, window, align):
    context.repository.rows = [
        compared(f"KX{n}ABC-26NOV30-A", "0.50", expected_time=NOW + timedelta(minutes=61 * n + 7)) for n in range(8)
    ]
    for row in context.repository.rows:
        for period, count in ((1, 1440), (60, 720), (1440, 400)):
            context.repository.candles[row["ticker"], period] = [
                candle(row["ticker"], NOW - timedelta(minutes=period * n), "0.50") for n in range(count, -1, -1)
            ]
    page = opened(*(row["ticker"] for row in context.repository.rows), window=window, compare_align=align)
    assert page.model.problem == ""
    assert 100 < len(chart_of(page).data["kind"]) < 5_000


def test_histories_are_asked_for_once_and_extended_while_looked_at(lake, opened, clock):
    page = opened(A, C)
    assert lake.requested == [A, C]
    assert lake.shown == [A]  # what is over has no fresh quote
    page.model.refresh()
    page.poll()
    assert lake.requested == [A, C]
    clock.now = NOW + timedelta(minutes=3)
    page.poll()
    assert lake.requested == [A, C, A]
    page.state.compare_tickers = (A, C, B)
    assert lake.requested == [A, C, A, B]


def test_while_a_history_is_fetched_the_chart_says_so_and_comes_by_itself(lake, opened):
    held = lake.repository.candles.pop((A, 60))
    lake.repository.candles[A, 60] = []
    page = opened(A)
    assert "Fetching the history of the markets" in page.chart._face.object
    assert cells(page, A)["history"] == "being fetched"
    lake.repository.candles[A, 60], lake.attempts[A] = held, Attempt(NOW, 9)
    page.poll()
    assert chart_of(page).visible
    lake.repository.candles[A, 60], lake.attempts[A] = [], Attempt(NOW, 0, "Kalshi did not answer (503).")
    page.model.refresh()
    assert "Kalshi did not answer (503)" in page.chart._face.object


def test_markets_that_are_not_stored_are_named_with_the_reason(lake, opened):
    page = opened(A, "KXNOPE-1")
    assert "Not stored: 1 market" in page.missing.object
    assert "KXNOPE-1 (Kalshi does not know it (404))" in page.missing.object
    assert "None of these markets is stored" in opened("KXNOPE-2").nothing.object


def test_a_market_that_leaves_the_lake_while_it_is_compared_is_looked_for_once_more(lake, opened):
    page = opened(A, B)
    lake.attempts[B] = Attempt(NOW, 9)
    lake.repository.rows = [row for row in lake.repository.rows if row["ticker"] != B]
    asked = lake.requested.count(B)
    page.data_arrived()
    assert page.model.missing == [(B, "")]
    assert lake.requested.count(B) == asked + 1


def test_a_zoom_survives_news_and_new_markets_and_ends_with_the_window(lake, opened):
    page = opened(A)
    scope = chart_of(page).scope
    lake.repository.candles[A, 60].pop()
    page.data_arrived()
    assert chart_of(page).serial == 2
    page.state.compare_tickers = (A, B)
    assert chart_of(page).scope == scope
    page.state.window = "30d"
    assert chart_of(page).scope != scope


def test_an_empty_lake_and_a_failing_question_have_their_faces(lake, opened):
    lake.repository.failure = NoDataError("Nothing is stored.")
    page = opened(A)
    assert "for the first time" in page.face.object
    lake.repository.failure = None
    page.data_arrived()
    rows = page.table.rows
    lake.repository.failure = QueryError("The lake is on fire.")
    page.data_arrived()
    assert page.table.rows == rows
    assert page.model.problem


def test_hostile_text_stays_text(context, opened):
    tickers = [row["ticker"] for row in context.repository.rows[: 4 * link_words.MAX_COMPARED : 4]]
    page = opened(*tickers)
    for pane in (page.missing, page.nothing, page.table_title, page.chart._note, page.chart._face):
        assert "<script>window" not in str(pane.object)
        assert "<img src=x" not in str(pane.object)
    for chip in page.controls.chips:
        assert len(chip[1]) <= 80
        assert "\u202e" not in chip[1]
    assert all(len(chart_of(page).signals[f"n{rank}"]) <= 32 for rank in range(8))


def test_a_market_and_a_watchlist_lead_to_a_comparison(lake):
    async def visit(address):
        visitor = await Visitor.open(address)
        seen = visitor.seen
        await visitor.close()
        return seen

    with Served(lake) as server:
        market = run(visit(server.url(f"/?page=market&ticker={A}")))
        listed = run(visit(server.url(f"/?page=watchlists&list=x&tickers={A},{B}")))
        page = run(visit(server.url(f"/?page=compare&tickers={A},{B},{C}&y=odds&x=close")))
    assert re.search(rf"page=compare&(amp;)*tickers={A}", market)
    assert "Compare these" in listed
    assert f"tickers={A}%2C{B}" in listed
    assert "3 of 3 drawn" in page
    assert "changes in log-odds" in page


def test_a_file_has_what_the_screen_has(lake, clock, state):
    values = state.link_values() | {"compare_tickers": (A, C)}
    found = CompareModel.exports["markets"].ask(lake, values, clock()).table
    assert found["ticker"].to_pylist() == [A, C]
    assert found["change_pp"].to_pylist() == [Decimal(10), Decimal(15)]
    chances = CompareModel.exports["chart"].ask(lake, values, clock()).table
    assert set(pd.Series(chances["ticker"].to_pylist())) == {A, C}


@pytest.mark.parametrize("align", link_words.ALIGNED)
@pytest.mark.parametrize(("measure", "column"), [("pp", "change_pp"), ("odds", "change_log_odds")])
def test_a_file_of_the_chart_has_its_measures_beside_the_chance(lake, opened, clock, align, measure, column):
    page = opened(A, B, C, compare_measure=measure, compare_align=align)
    found = CompareModel.exports["chart"].ask(lake, page.state.link_values(), clock())
    rows = found.table.to_pylist()
    assert found.table.column_names[-2:] == ["change_pp", "change_log_odds"]
    for ticker in (A, B, C):
        times, seen, _ = line_of(page, ticker)
        own = [row for row in rows if row["ticker"] == ticker]
        told = {row["end_time"].timestamp() * 1000: float(row[column]) for row in own if row[column] is not None}
        if align == "clock":
            drawn = dict(zip(times, seen, strict=True))
            assert len(told) > 20
            assert told == pytest.approx({end: drawn[end] for end in told})
        else:
            assert {round(value, 6) for value in told.values()} <= {round(value, 6) for value in seen}
        start = page.model.spans[ticker].start
        assert {row[column] for row in own if row["end_time"] < start} <= {None}
    assert any(row[column] is None for row in rows), "what was before the window has no change"
