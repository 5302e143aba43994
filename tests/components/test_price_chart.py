"""The price chart shows what was quoted and traded, and nothing where nothing is known."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from components.charts.factory import look
from components.charts.price import price_view
from components.charts.price_spec import SPEC
from components.formatting import EASTERN
from components.live_chart import MAX_ROWS, LiveChart, columns_of

START = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
NAN = math.nan


def candles(hours: list[float], **columns: list[float]) -> pd.DataFrame:
    """Make hourly candlesticks that end at these hours after START; prices in dollars."""
    n = len(hours)
    frame = pd.DataFrame({"end_time": pd.DatetimeIndex([START + timedelta(hours=h) for h in hours], tz="UTC")})
    for name in ("yes_bid_close", "yes_bid_open"):
        frame[f"{name}_dollars"] = columns.get("bid", [0.40] * n)
    for name in ("yes_ask_close", "yes_ask_open"):
        frame[f"{name}_dollars"] = columns.get("ask", [0.42] * n)
    frame["price_close_dollars"] = columns.get("last", [0.41] * n)
    frame["price_open_dollars"] = columns.get("last", [0.41] * n)
    for name in ("high", "low"):
        frame[f"price_{name}_dollars"] = columns.get(name, columns.get("last", [0.41] * n))
    frame["price_previous_dollars"] = columns.get("previous", [NAN] * n)
    frame["volume_contracts"] = columns.get("volume", [10.0] * n)
    frame["open_interest_contracts"] = [5.0] * n
    return frame


def view(frame: pd.DataFrame, **options):
    settings = {"start": START, "end": START + timedelta(hours=60), "zone": UTC, "zone_label": "UTC"} | options
    return price_view(frame, settings.pop("period", 60), **settings)


def hours_of(frame: pd.DataFrame) -> list[float]:
    return [(t / 1000 - START.timestamp()) / 3600 for t in frame["time"]]


def test_neighbouring_candlesticks_are_one_run_that_begins_with_its_first_period():
    rows = view(candles([1, 2, 3])).frame
    quotes = rows[rows.kind == "quote"]
    assert hours_of(quotes) == [0, 1, 2, 3]
    assert quotes.run.nunique() == 1
    assert set(quotes.carried) == {0}


def test_a_short_gap_is_carried_and_marked_a_long_one_is_empty():
    rows = view(candles([1, 2, 10, 50])).frame
    quotes = rows[rows.kind == "quote"]
    carried = quotes[quotes.carried == 1]
    assert hours_of(carried) == [2, 9]
    assert set(carried.bid) == {40.0}
    between = [h for h in hours_of(quotes) if 10 < h < 49]
    assert between == []
    assert quotes[quotes.carried == 0].run.nunique() == 3


@pytest.mark.parametrize(("gap", "is_carried"), [(24, True), (24.1, False)])
def test_a_quote_is_carried_for_a_day_at_most(gap, is_carried):
    rows = view(candles([1, 2 + gap])).frame
    assert bool((rows.carried == 1).any()) is is_carried


def test_nothing_is_drawn_before_the_first_or_after_the_last_candlestick():
    rows = view(candles([20, 21])).frame
    assert min(hours_of(rows)) == 19
    assert max(hours_of(rows)) == 21


def test_the_last_trade_stands_until_the_next_and_volume_is_never_carried():
    frame = candles(
        [1, 2, 3, 9], last=[0.41, NAN, 0.45, NAN], volume=[10, 0, 7, 0], previous=[0.39, 0.41, 0.41, 0.45]
    )
    rows = view(frame).frame
    trades = rows[(rows.kind == "trade") & (rows.carried == 0)]
    assert trades["last"].tolist() == [39.0, 41.0, 41.0, 45.0, 45.0, 45.0]
    bars = rows[rows.kind == "candle"]
    assert bars.volume.tolist() == [10, 0, 7, 0]
    assert bars["last"].isna().tolist() == [False, True, False, True]


def test_an_absent_side_of_the_quote_stays_absent():
    rows = view(candles([1, 2], ask=[NAN, 0.42])).frame
    quotes = rows[rows.kind == "quote"]
    assert math.isnan(quotes.ask.iloc[1])
    assert quotes.bid.tolist() == [40.0, 40.0, 40.0]


def test_a_market_that_never_traded_has_no_line_of_trades():
    rows = view(candles([1, 2], last=[NAN, NAN])).frame
    assert (rows.kind == "trade").sum() == 0


def test_the_time_axis_is_the_window_and_the_price_axis_says_when_it_is_zoomed():
    seen = view(candles([1, 2]))
    assert seen.signals["x_low"] == START.timestamp() * 1000
    assert seen.signals["x_high"] == (START + timedelta(hours=60)).timestamp() * 1000
    assert seen.zoomed
    assert 0 < seen.signals["y_low"] < 40 < 42 < seen.signals["y_high"] < 100
    full = view(candles([1, 2]), full_axis=True)
    assert (full.signals["y_low"], full.signals["y_high"], full.zoomed) == (0, 100, False)


def test_prices_at_the_edge_stay_inside_0_and_100():
    seen = view(candles([1, 2], bid=[0.01, 0.01], ask=[0.99, 1.0], last=[0.02, 0.02]))
    assert (seen.signals["y_low"], seen.signals["y_high"]) == (0, 100)


def test_times_are_those_on_the_wall_in_the_chosen_zone():
    seen = view(candles([1]), zone=EASTERN, zone_label="ET")
    bar = seen.frame[seen.frame.kind == "candle"].iloc[0]
    assert bar.label == "19 Nov 2026, 20:00 ET"
    assert bar.time == datetime(2026, 11, 19, 20, tzinfo=UTC).timestamp() * 1000


def test_no_candlesticks_are_no_rows_and_still_a_view():
    seen = view(candles([]), start=None)
    assert seen.frame.empty
    assert "without data" in seen.description


def test_the_chart_can_be_read_in_words():
    said = view(candles([1, 2], last=[0.41, 0.45])).description
    assert "from 41 to 45 cents" in said
    assert "Volume 20 contracts" in said


def test_the_spec_holds_no_rows_and_loads_nothing():
    text = json.dumps(SPEC)
    assert "values" not in SPEC.get("data", {})
    assert all("data" not in panel for panel in SPEC["vconcat"])
    assert '"url"' not in text
    assert '"href"' not in text
    assert text.count("http") == 1  # the name of the schema, which nobody fetches
    assert [panel["width"] for panel in SPEC["vconcat"]] == ["$width", "$width"]
    assert SPEC["resolve"]["scale"]["x"] == "shared"


def test_no_mark_has_a_colour_of_its_own():
    marks = [layer["mark"] for panel in SPEC["vconcat"] for layer in panel["layer"]]
    named = {param["name"] for param in look(False)["params"]}
    painted = [mark[part]["expr"] for mark in marks for part in ("color", "fill", "stroke") if part in mark]
    assert len(painted) >= len(marks)
    assert set(painted) <= named
    assert look(True)["params"] != look(False)["params"]


def test_rows_reach_the_browser_as_numbers_and_cleaned_text():
    frame = pd.DataFrame(
        {
            "when": pd.DatetimeIndex([START], tz="UTC"),
            "price": pd.array([None], dtype="Float64"),
            "count": [3],
            "said": ["\u202e<b>"],
        }
    )
    columns = columns_of(frame)
    assert columns["when"][0] == START.timestamp() * 1000
    assert math.isnan(columns["price"][0])
    assert columns["count"][0] == 3.0
    assert columns["said"] == ["<b>"]


def test_a_chart_is_fed_in_one_step_and_bounded():
    chart = LiveChart(spec=SPEC)
    chart.feed(view(candles([1, 2])).frame, signals={"y_low": 1}, description="d")
    assert (chart.serial, chart.length, chart.signals) == (1, 8, {"y_low": 1})
    with pytest.raises(ValueError, match="too many"):
        chart.feed(pd.DataFrame({"a": range(MAX_ROWS + 1)}))


def test_unchanged_rows_are_not_sent_again():
    chart = LiveChart(spec=SPEC)
    frame = view(candles([1, 2])).frame
    chart.feed(frame, signals={"x_high": 1})
    sent = chart.data
    chart.feed(view(candles([1, 2])).frame, signals={"x_high": 2})
    assert chart.data is sent
    assert (chart.serial, chart.signals) == (1, {"x_high": 2})
    chart.feed(view(candles([1, 2], last=[0.41, 0.5])).frame)
    assert chart.serial == 2


def test_a_failure_in_the_browser_is_told_and_forgotten_when_it_draws_again():
    chart = LiveChart(spec=SPEC)
    chart._handle_msg({"kind": "failed", "message": "<b>no</b>\u202e"})
    assert chart.failure == "<b>no</b>"
    chart._handle_msg({"kind": "drawn"})
    assert chart.failure == ""


def test_candlesticks_reach_as_far_as_their_wicks_and_lines_as_their_ends():
    frame = candles([1, 2], last=[0.41, 0.42], high=[0.55, 0.42], low=[0.41, 0.30])
    lines, bodies = view(frame), view(frame, candlesticks=True)
    assert lines.signals["y_high"] < 55 <= bodies.signals["y_high"]
    assert bodies.signals["y_low"] <= 30 < lines.signals["y_low"]
    assert (lines.signals["candlesticks"], bodies.signals["candlesticks"]) == (0, 1)
    assert bodies.frame.equals(lines.frame)  # another style is another signal: a zoom is kept


def test_open_interest_is_carried_as_the_quote_is_and_no_longer():
    frame = candles([1, 9, 40])
    rows = view(frame, open_interest=True)
    quotes = rows.frame[rows.frame.kind == "quote"]
    assert set(quotes.interest) == {5.0}
    assert hours_of(quotes[quotes.carried == 1]) == [1, 8]
    assert rows.signals["with_interest"] == 1


def test_exports_have_the_end_of_a_candlestick_in_utc_whatever_the_zone():
    bar = view(candles([1]), zone=EASTERN, zone_label="ET").frame
    assert bar[bar.kind == "candle"].iloc[0].end == (START + timedelta(hours=1)).timestamp() * 1000


def test_without_a_trade_the_volume_axis_still_has_a_length():
    assert view(candles([1], volume=[0])).signals["v_high"] == 1
    assert view(candles([]), start=None).signals["v_high"] == 1


def days(ends: list[datetime], opened: list[tuple[float, float, float]]) -> pd.DataFrame:
    """Make daily candlesticks that end at these moments: bid, ask and last trade (dollars) at each one's begin.

    `opened` has one more than `ends`: what a day ends with is what the next one begins with.
    """
    frame = candles([0.0] * len(ends), volume=[10.0] * len(ends))
    frame["end_time"] = pd.DatetimeIndex(ends)
    for column, name in enumerate(("yes_bid", "yes_ask", "price")):
        frame[f"{name}_open_dollars"] = [values[column] for values in opened[:-1]]
        frame[f"{name}_close_dollars"] = [values[column] for values in opened[1:]]
    frame["price_previous_dollars"] = frame["price_open_dollars"]
    frame["price_low_dollars"] = frame[["price_open_dollars", "price_close_dollars"]].min(axis=1)
    frame["price_high_dollars"] = frame[["price_open_dollars", "price_close_dollars"]].max(axis=1)
    return frame


def drawn_at(rows: pd.DataFrame, kind: str, name: str, moment: datetime) -> float:
    """Return where a line is drawn at a moment, by what its mark does between two points."""
    steps = {
        layer["mark"]["interpolate"]
        for panel in SPEC["vconcat"]
        for layer in panel["layer"]
        if layer["mark"]["type"] in {"line", "area"}
    }
    (way,) = steps
    line = rows[(rows.kind == kind) & (rows.carried == 0)]
    at = moment.timestamp() * 1000
    before, after = line[line.time <= at].iloc[-1], line[line.time > at].iloc[0]
    part = {"step-after": 1.0, "step": 0.5, "step-before": 0.0}[way]
    return float((before if at < before.time + part * (after.time - before.time) else after)[name])


@pytest.mark.parametrize(
    ("kind", "name", "values"), [("quote", "bid", (28, 73, 87)), ("trade", "last", (29, 74, 88))]
)
def test_a_days_line_has_its_opening_at_its_begin_and_its_close_at_its_end_and_is_not_a_day_late(kind, name, values):
    midnights = [datetime(2026, 11, day, tzinfo=EASTERN) for day in (20, 21, 22)]
    frame = days(midnights[1:], [(0.28, 0.29, 0.29), (0.73, 0.75, 0.74), (0.87, 0.88, 0.88)])
    rows = view(frame, period=1440, zone=EASTERN, zone_label="ET", start=None).frame
    line = rows[rows.kind == kind]
    walls = [datetime(2026, 11, day, tzinfo=UTC) for day in (20, 21, 22)]
    assert line.time.tolist() == [wall.timestamp() * 1000 for wall in walls]
    assert line[name].tolist() == pytest.approx(values)
    # In the morning what the day began with, in the evening what it ended with: the middle is the body's middle.
    for wall, begun, ended in zip(walls[:-1], values[:-1], values[1:], strict=True):
        assert drawn_at(rows, kind, name, wall) == pytest.approx(begun)
        assert drawn_at(rows, kind, name, wall + timedelta(hours=11)) == pytest.approx(begun)
        assert drawn_at(rows, kind, name, wall + timedelta(hours=13)) == pytest.approx(ended)
    bodies = rows[rows.kind == "candle"]
    middles = ((bodies.start + bodies.time) / 2).tolist()
    assert middles == [(wall + timedelta(hours=12)).timestamp() * 1000 for wall in walls[:-1]]


@pytest.mark.parametrize(("month", "first", "hours"), [(10, 31, 25), (3, 7, 23)])
def test_a_day_on_which_clocks_change_begins_where_the_day_before_ended(month, first, hours):
    begin = datetime(2026, month, first, tzinfo=EASTERN)
    ends = [(begin + timedelta(days=n)).astimezone(UTC) for n in (1, 2)]
    assert ends[1] - ends[0] == timedelta(hours=hours)
    rows = view(days(ends, [(0.4, 0.42, 0.41)] * 3), period=1440, start=None).frame
    bars = rows[rows.kind == "candle"]
    assert bars.start.tolist() == [(ends[0] - timedelta(days=1)).timestamp() * 1000, bars.time.iloc[0]]
