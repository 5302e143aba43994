"""Lines end in the present quote, which is no candlestick: a step from what is carried, a dot, its name beside it."""

from __future__ import annotations

import json
import math
from datetime import UTC, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from components.charts import comparison, line_ends, outcomes, outcomes_spec, price_spec
from components.charts.line_ends import Drawn, LineEnd, OutcomeLine
from components.charts.present import PresentQuote
from components.formatting import EASTERN
from components.quoting import PriceStyle
from tests.components.test_price_chart import START, candles, hours_of, view

NAN = math.nan
NO = PriceStyle(side="no")


def cents(value):
    return None if value is None else Decimal(value) / 100


def quote(hours=2.85, bid=8, ask=9, last=10, chance="8.5", **more):
    return PresentQuote(
        START + timedelta(hours=hours), *(cents(v) for v in (bid, ask, last, chance)), tick=Decimal("0.01"), **more
    )


def shown(present, hours=(1, 2), **options):
    frame = candles(list(hours), bid=[0.13] * len(hours), ask=[0.14] * len(hours), last=[0.14] * len(hours))
    return view(frame, end=START + timedelta(hours=3), present=present, **options)


def test_quote_and_trade_are_carried_to_the_present_quote_and_step_there():
    rows = shown(quote()).frame
    for kind, name, old, new in (("quote", "bid", 13, 8), ("quote", "ask", 14, 9), ("trade", "last", 14, 10)):
        line = rows[rows.kind == kind]
        carried = line[line.carried == 1]
        assert hours_of(carried) == [2, 2.85]
        assert carried[name].tolist() == pytest.approx([old, old])
        step = line[line.run == line.run.max()]
        assert hours_of(step) == [2.85, 2.85]
        assert step[name].tolist() == pytest.approx([old, new])
        assert set(step.carried) == {0}


def test_the_dot_is_the_chance_of_the_page_and_the_axes_reach_it():
    seen = shown(quote(bid=2, ask=3, chance="2.5"))
    (dot,) = seen.frame[seen.frame.kind == "now"].to_dict("records")
    assert (dot["chance"], dot["bid"], dot["ask"], dot["last"]) == (2.5, 2, 3, 10)
    assert math.isnan(dot["volume"])
    assert dot["label"] == "now, quote of 02:51:00 UTC"
    assert seen.signals["y_low"] < 2.5
    assert seen.signals["x_high"] == (START + timedelta(hours=3)).timestamp() * 1000
    assert "It ends now, quote of 02:51:00 UTC: bid 2¢, ask 3¢." in seen.description
    later = shown(quote(hours=3.1))  # received while the page was asked for
    assert later.signals["x_high"] == later.frame[later.frame.kind == "now"].time.iloc[0]


def test_no_turns_the_present_quote():
    seen = shown(quote(), style=NO)
    (dot,) = seen.frame[seen.frame.kind == "now"].to_dict("records")
    assert (dot["chance"], dot["bid"], dot["ask"], dot["last"]) == (91.5, 91, 92, 90)
    assert "bid 91¢, ask 92¢" in seen.description


def test_without_a_chance_there_is_no_dot_and_what_is_quoted_is_still_told():
    """The dots' layer takes valid chances alone; the row has what there is."""
    rows = shown(quote(ask=None, last=None, chance=None)).frame
    (dot,) = rows[rows.kind == "now"].to_dict("records")
    assert (dot["bid"], math.isnan(dot["chance"]), math.isnan(dot["ask"])) == (8, True, True)
    trades = rows[rows.kind == "trade"]
    assert max(hours_of(trades)) == 2
    (layer,) = [one for one in price_spec.SPEC["vconcat"][0]["layer"] if one["mark"]["type"] == "circle"]
    assert {"filter": "isValid(datum.chance)"} in layer["transform"]


@pytest.mark.parametrize("present", [None, quote(hours=2), quote(hours=1.5)])
def test_a_quote_that_is_not_newer_than_the_last_candlestick_ends_nothing(present):
    seen = shown(present)
    assert max(hours_of(seen.frame)) == 2
    assert set(seen.frame.kind) == {"quote", "trade", "candle"}
    assert "It ends" not in seen.description


def test_over_more_than_a_day_nothing_is_carried_and_the_dot_stands_alone():
    rows = shown(quote(hours=26.5)).frame
    assert not (rows.carried == 1).any()
    assert hours_of(rows[rows.kind == "now"]) == [26.5]


def test_a_stale_quote_has_its_own_time_and_is_not_called_now():
    seen = shown(quote(hours=2.25, is_now=False), zone=EASTERN, zone_label="ET")
    (dot,) = seen.frame[seen.frame.kind == "now"].to_dict("records")
    assert dot["label"] == "last quote, of 19 Nov 2026, 21:15:00 ET"
    assert dot["end"] == (START + timedelta(hours=2.25)).timestamp() * 1000


def test_what_is_missing_of_a_quote_is_said():
    assert quote(bid=None, ask=1).said(UTC, "UTC").endswith("UTC: no bid, ask 1¢, last 10¢")
    assert quote(bid=None, last=None).said(UTC, "UTC").endswith("UTC: no bid, ask 9¢, never traded")
    assert PresentQuote(START).said(UTC, "UTC") == "now, quote of 00:00:00 UTC"


HOURS = [0.0, 1.0, 2.0, 2.85, 3.0]
TIMES = np.array([(START + timedelta(hours=h)).timestamp() * 1000 for h in HOURS])


def lines_view(end, **options):
    """A line that steps from 13.5 to 8.5 % at 2.85 and stands to 3.0."""
    seen = np.array([[0.135], [0.135], [0.135], [0.085], [0.085]])
    carried = np.array([[NAN], [NAN], [0.135], [0.135], [NAN]])
    ended = np.array([False, True, True, False, True])
    settings = {"start": START, "end": START + timedelta(hours=3), "zone": UTC, "zone_label": "UTC"} | options
    line = OutcomeLine("Rain", 0, 8.5, end)
    return outcomes.outcomes_view([line], TIMES, seen, carried, ended, **settings)


def test_a_line_of_chances_steps_to_its_dot_which_its_label_and_the_table_agree_with():
    seen = lines_view(LineEnd(quote(), TIMES[3], TIMES[4]))
    (dot,) = seen.frame[seen.frame.kind == "now"].to_dict("records")
    assert (dot["time"], dot["since"], dot["before"]) == (TIMES[4], TIMES[3], 13.5)
    assert (dot["place"], dot["after"]) == (8.5, 8.5)
    assert dot["label"] == "Rain: now, quote of 02:51:00 UTC: bid 8¢, ask 9¢"
    (label,) = seen.frame[seen.frame.kind == "end"].to_dict("records")
    assert (label["label"], label["time"]) == ("Rain 8.5 %", TIMES[4])
    table = seen.frame[seen.frame.kind == "moment"]
    assert table.label.tolist()[-1] == "now, quote of 02:51:00 UTC (no candlestick)"
    assert table.v0.tolist() == [13.5, 13.5, 8.5]  # what was never a candlestick's end has no row
    assert "Ends: Rain now, quote of 02:51:00 UTC: bid 8¢, ask 9¢." in seen.description


def test_a_line_that_ends_with_a_candlestick_has_no_dot():
    seen = lines_view(None)
    assert not (seen.frame.kind == "now").any()
    assert "no candlestick" not in " ".join(seen.frame.label.dropna())


def test_a_line_that_is_unknown_at_its_quote_has_no_dot():
    end = LineEnd(quote(), TIMES[4] + 1, TIMES[4] + 2)
    assert not (lines_view(end).frame.kind == "now").any()


def test_by_the_time_left_the_quote_is_named_beside_it():
    times = np.array([-3.0, -2.0, -1.0]) * 3_600_000
    across = comparison.by_time_left(times, times[0], 0.0)
    line = OutcomeLine("Rain", 0, 91.5, LineEnd(quote(), times[2], times[2]))
    seen = comparison.comparison_view(
        [line],
        across,
        times,
        np.array([[86.5], [86.5], [91.5]]),
        np.array([[NAN], [86.5], [86.5]]),
        np.array([True, True, True]),
        comparison.LEVEL,
        zone=UTC,
        zone_label="UTC",
        style=NO,
    )
    assert seen.frame.label[2] == "now, quote of 02:51:00 UTC (no candlestick), 1 h before the close"
    (dot,) = seen.frame[seen.frame.kind == "now"].to_dict("records")
    assert (dot["time"], dot["before"], dot["place"]) == (-1.0, 86.5, 91.5)
    assert dot["label"].endswith("bid 91¢, ask 92¢")


def drawn(*columns):
    values = np.array(columns).T
    places = np.arange(len(values), dtype=float)
    return Drawn(places, places, values, np.full(values.shape, NAN), (0.0, places[-1]), (0.0, 100.0))


@pytest.mark.parametrize("side", [-1, 1])
def test_a_label_stands_where_its_line_did_not_come_from(side):
    step = 100 / outcomes_spec.HEIGHT * line_ends.LABEL_PIXELS
    # The line came in just over or under the end: on that side a label would lie on it.
    path = [50 - side * step * line_ends.AWAY[0]] * 99 + [50]
    (label,) = line_ends.labels([OutcomeLine("Rain", 0, 50.0)], drawn(path), str)
    assert (label["place"] > 50) is (side > 0)


def test_labels_of_lines_that_end_together_stand_apart_in_their_order():
    lines = [OutcomeLine(f"L{n}", n, value) for n, value in enumerate([50.0, 50.5, 51.0, 99.9, 0.1])]
    labels = line_ends.labels(lines, drawn(*([line.percent] * 50 for line in lines)), str)
    places = [label["place"] for label in labels]
    step = 100 / outcomes_spec.HEIGHT * line_ends.LABEL_PIXELS
    assert [label["label"][:2] for label in labels] == ["L3", "L2", "L1", "L0", "L4"]
    assert all(above - below >= step - 1e-9 for above, below in pairwise(places))
    assert places[0] <= 100 - step / 2
    assert places[-1] >= step / 2


def test_each_spec_marks_the_present_quote_with_one_dot_that_is_whole_at_the_edge():
    for layers in (
        price_spec.SPEC["vconcat"][0]["layer"],
        outcomes_spec.SPEC["layer"],
        outcomes_spec.TIME_LEFT_SPEC["layer"],
    ):
        (dot,) = [layer for layer in layers if layer["mark"]["type"] == "circle"]
        assert dot["mark"]["clip"] is False
        # What is not clipped needs a place inside also before the axes are known: a first layout makes room for all.
        assert dot["encoding"]["x"]["value"]["expr"].startswith("clamp(")
        assert "datum.kind === 'now'" in json.dumps(dot["transform"])
