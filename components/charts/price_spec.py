"""The Vega-Lite spec of the price chart, built once with Altair: two panels that share a time axis.

Rows have a `kind`: ``quote`` and ``trade`` are points of lines, with `carried` where nothing new was seen, ``candle``
is one candlestick, ``now`` the present quote after the last one. What a reader switches (`candlesticks`,
`with_interest`) are params, so that a zoom is kept.
"""

from __future__ import annotations

from typing import Any, Final

import altair as alt

from components.charts.factory import ROWS, template

#: Pixels of the right-hand axis, the same for both panels, so that their plots stand exactly under each other.
AXIS_PIXELS = 46
PADDING = {"left": 6, "right": 4, "top": 8, "bottom": 4}
INSET = AXIS_PIXELS + PADDING["left"] + PADDING["right"] + 2
PRICE_HEIGHT, VOLUME_HEIGHT = 340, 84
#: Lines step half way between two points. A candlestick tells what stood when it began and when it ended, not when
#: that changed: a step at its end would draw the quote of the day before under all the trades of a day.
STEPS: Final = "step"


def _expr(text: str) -> alt.ExprRef:
    return alt.ExprRef(text)


_DASHES = alt.condition("datum.carried === 1", alt.value([2, 3]), alt.value([1, 0]))
_RIGHT: dict[str, Any] = {"orient": "right", "title": None, "minExtent": AXIS_PIXELS, "maxExtent": AXIS_PIXELS}


#: A scale is described once; said again, equal domains would count as conflicting ones.
_TIME_SCALE = alt.Scale(type="utc", domain=[_expr("x_low"), _expr("x_high")], nice=False)
_PRICE_SCALE = alt.Scale(domain=[_expr("y_low"), _expr("y_high")], nice=False, zero=False)


#: Hours by the clock of 24, days and months by name, years with them: the zone is named beside the chart.
TIME_LABEL = (
    "utchours(datum.value) || utcminutes(datum.value) ? utcFormat(datum.value, '%H:%M')"
    " : utcFormat(datum.value, utcdate(datum.value) === 1 && utcmonth(datum.value) === 0 ? '%Y' : '%-d %b')"
)


def _time(labels: bool) -> alt.Axis:
    return alt.Axis(
        title=None,
        labels=labels,
        labelExpr=TIME_LABEL,
        labelFlush=True,
        labelOverlap=True,
        tickCount=7,
        domain=labels,
    )


def said(cents: str, plain: str, mark: str) -> str:
    """Return the expression that says a price in the unit of the param `price_unit`.

    `cents` is the expression of its cents (0 to 100), `plain` that of its text in cents, `mark` what follows it.
    """
    american = (
        f"{cents} >= 50 ? '\u2212' + format(100 * {cents} / (100 - {cents}), ',.0f')"
        f" : '+' + format(100 * (100 - {cents}) / {cents}, ',.0f')"
    )
    odds = f"price_unit === 1 ? format(100 / {cents}, {cents} > 99 ? '.3f' : '.2f') : {american}"
    return f"price_unit === 0 ? {plain} + '{mark}' : {cents} > 0 && {cents} < 100 ? ({odds}) : '—'"


#: A dot at the edge of a plot is whole, so it is not clipped; one that was moved out of it is not there. It never has
#: a place outside, as a first layout, made before the axes are known, would make room for it.
_IN_SIGHT = "inrange(toNumber(datum.time), [toNumber(domain('x')[0]), toNumber(domain('x')[1])]) ? 1 : 0"
_AT_TIME = "clamp(scale('x', datum.time), range('x')[0], range('x')[1])"


def present_dot(y: Any, **painted: Any) -> alt.Chart:
    """Return the layer that marks where lines end in the present quote: rows of kind ``now``."""
    dots = alt.Chart(ROWS).transform_filter("datum.kind === 'now'")
    mark = dots.mark_circle(size=64, stroke=_expr("c_ground"), strokeWidth=1.5, clip=False, opacity=_expr(_IN_SIGHT))
    return mark.encode(x=alt.value(_expr(_AT_TIME)), y=y, **painted)


#: What a reader can point at.
_POINTED = "datum.kind === 'candle' || datum.kind === 'now'"
_PRICE_AXIS = alt.Axis(**_RIGHT, labelExpr=said("datum.value", "datum.label", "¢"), tickCount=6)
#: Open interest has the left side, its figures inside the plot: both panels keep the same width.
_INTEREST_AXIS = alt.Axis(
    orient="left",
    title=None,
    grid=False,
    tickCount=2,
    labelExpr="with_interest ? format(datum.value, '~s') : ''",
    labelAlign="left",
    labelPadding=-4,
    labelBaseline="bottom",
)


def _spec() -> dict[str, Any]:
    x = alt.X("time:T")
    hover = alt.selection_point(
        name="hover", encodings=["x"], nearest=True, on="pointermove", clear="pointerout", empty=False
    )
    zoom = alt.selection_interval(
        name="zoom", bind="scales", encodings=["x"], zoom="wheel![event.ctrlKey || event.metaKey || event.shiftKey]"
    )
    base = alt.Chart(ROWS)
    quotes = base.transform_filter("datum.kind === 'quote'")
    solid = quotes.transform_filter("datum.carried === 0")
    band = solid.mark_area(
        interpolate=STEPS, opacity=_expr("candlesticks ? 0.12 : 0.2"), color=_expr("c_quote"), clip=True
    ).encode(
        x=alt.X("time:T", scale=_TIME_SCALE, axis=_time(labels=False)),
        y=alt.Y("ask:Q", scale=_PRICE_SCALE, axis=_PRICE_AXIS),
        y2="bid:Q",
        detail="run:N",
    )

    def line(rows: alt.Chart, field: str, colour: str, width: float, opacity: float | alt.ExprRef) -> alt.Chart:
        mark = rows.mark_line(interpolate=STEPS, strokeWidth=width, opacity=opacity, color=_expr(colour), clip=True)
        return mark.encode(x=x, y=alt.Y(f"{field}:Q"), detail="run:N", strokeDash=_DASHES)

    edges = [line(quotes, side, "c_quote", 1, _expr("candlesticks ? 0.3 : 0.65")) for side in ("ask", "bid")]
    last = line(base.transform_filter("datum.kind === 'trade' && !candlesticks"), "last", "c_last", 1.6, 1)
    candles = base.transform_filter("datum.kind === 'candle'")
    told = base.transform_filter(_POINTED).transform_calculate(
        said_label="(datum.kind === 'now' ? '' : 'until ') + datum.label"
    )
    for name in ("volume", "interest"):
        told = told.transform_calculate(
            **{f"said_{name}": f"isValid(datum.{name}) ? format(datum.{name}, ',.2~f') : '—'"}
        )
    for name in ("bid", "ask", "last"):
        priced = said(f"datum.{name}", f"format(datum.{name}, ',.2~f')", "¢")
        told = told.transform_calculate(**{f"said_{name}": f"isValid(datum.{name}) ? ({priced}) : '—'"})
    four = " + ' · ' + ".join(
        "(" + said(f"datum.{name}", f"format(datum.{name}, '.2~f')", "") + ")"
        for name in ("open", "high", "low", "last")
    )
    told = told.transform_calculate(
        said_traded=f"isValid(datum.high) ? {four} + (price_unit === 0 ? '¢' : '')"
        " : datum.kind === 'now' ? 'last ' + datum.said_last : 'no trade'"
    )
    crosshair = (
        told.mark_rule(color=_expr("c_rule"), strokeWidth=1)
        .encode(
            x=x,
            opacity=alt.condition(hover, alt.value(0.8), alt.value(0)),
            tooltip=[
                alt.Tooltip("said_label:N", title="Time"),
                alt.Tooltip("said_ask:N", title="Ask"),
                alt.Tooltip("said_bid:N", title="Bid"),
                alt.Tooltip("said_traded:N", title="Open · high · low · close"),
                alt.Tooltip("said_volume:N", title="Volume"),
                alt.Tooltip("said_interest:N", title="Open interest"),
            ],
        )
        .add_params(hover, zoom)
    )
    dot = present_dot(alt.Y("chance:Q"), color=alt.value(_expr("c_quote")))
    dot = dot.transform_filter("isValid(datum.chance)")
    price = alt.layer(band, *edges, last, *_bodies(candles), crosshair, dot)
    bars = candles.mark_rect(color=_expr("c_volume"), opacity=0.55, clip=True).encode(
        x=alt.X("start:T", axis=_time(labels=True)),
        x2="time:T",
        y2=alt.datum(0),
        y=alt.Y(
            "volume:Q",
            scale=alt.Scale(domain=[0, _expr("v_high")]),
            axis=alt.Axis(
                **_RIGHT,
                tickCount=2,
                labelExpr="datum.value % 1 ? '' : datum.value ? format(datum.value, '~s') : '0'",
            ),
        ),
    )
    interest = quotes.mark_line(
        interpolate=STEPS, strokeWidth=1.4, color=_expr("c_last"), opacity=_expr("with_interest"), clip=True
    ).encode(
        x="time:T",
        y=alt.Y("interest:Q", scale=alt.Scale(zero=False, nice=False, padding=6), axis=_INTEREST_AXIS),
        detail="run:N",
        strokeDash=_DASHES,
    )
    follow = (
        base.transform_filter(_POINTED)
        .mark_rule(color=_expr("c_rule"), strokeWidth=1)
        .encode(x="time:T", opacity=alt.condition(hover, alt.value(0.8), alt.value(0)))
    )
    chart = (
        alt.vconcat(
            price.properties(height=PRICE_HEIGHT),
            alt.layer(bars, interest, follow).resolve_scale(y="independent").properties(height=VOLUME_HEIGHT),
            spacing=6,
            padding=PADDING,
        )
        .resolve_scale(x="shared")
        .add_params(*(alt.param(name=name, value=value) for name, value in DEFAULT_SIGNALS.items()))
    )
    spec = template(chart)
    for panel in spec["vconcat"]:
        panel["width"] = "$width"
    return spec


def _bodies(candles: alt.Chart) -> list[alt.Chart]:
    """Return candlesticks of trades, hollow where the price rose and filled where it fell; none without a trade."""
    traded = candles.transform_filter("candlesticks && isValid(datum.high)").transform_calculate(
        middle="(datum.start + datum.time) / 2",
        left="datum.start + 0.15 * (datum.time - datum.start)",
        right="datum.time - 0.15 * (datum.time - datum.start)",
    )
    layers = []
    for way, colour, inside in (
        ("datum.last >= datum.open", "c_rise", "c_ground"),
        ("datum.last < datum.open", "c_fall", "c_fall"),
    ):
        moved = traded.transform_filter(way)
        wick = moved.mark_rule(color=_expr(colour), strokeWidth=1, clip=True)
        layers.append(wick.encode(x="middle:T", y="low:Q", y2="high:Q"))
        body = moved.mark_rect(fill=_expr(inside), stroke=_expr(colour), strokeWidth=1, clip=True)
        layers.append(body.encode(x="left:T", x2="right:T", y="open:Q", y2="last:Q"))
    return layers


DEFAULT_SIGNALS = {
    "y_low": 0,
    "y_high": 100,
    "x_low": 0,
    "x_high": 1,
    "v_high": 1,
    "candlesticks": 0,
    "with_interest": 0,
    "price_unit": 0,
}


SPEC = _spec()
