"""The Vega-Lite spec of an event's chart, built once with Altair: up to eleven lines, or the same stacked.

A row of kind ``moment`` holds the values of all lines where a candlestick of one ended: ``v0`` … what was seen,
``d0`` … what is carried, ``s0`` … what stands, for the stack. One of kind ``between`` holds them where something
begins, and nobody points at it. Rows of kind ``end`` label the newest end of a line, those of kind ``now`` mark the
present quote it ends in, one of kind ``zero`` draws where changes begin. What a reader switches, units and the names
of the lines are params, so that a zoom is kept and no text from outside is ever a field name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from components.charts.factory import ROWS, template
from components.charts.price_spec import AXIS_PIXELS, PADDING, TIME_LABEL, present_dot

#: Lines there can be: ten outcomes and the sum of the others, which has the last colour.
LINES = 11
HEIGHT = 360
INSET = AXIS_PIXELS + PADDING["left"] + PADDING["right"] + 2

DEFAULT_SIGNALS: dict[str, Any] = {
    "y_low": 0,
    "y_high": 100,
    "x_low": 0,
    "x_high": 1,
    "stacked": 0,
    "axis_mark": "%",
    "said_mark": " %",
    "said_as": ".1f",
    "x_mark": " h",
    **{f"n{rank}": "" for rank in range(LINES)},
}

_SEEN = [f"v{rank}" for rank in range(LINES)]
_CARRIED = [f"d{rank}" for rank in range(LINES)]
_STANDING = [f"s{rank}" for rank in range(LINES)]


def _expr(text: str) -> alt.ExprRef:
    return alt.ExprRef(text)


_CHANCE_SCALE = alt.Scale(domain=[_expr("y_low"), _expr("y_high")], nice=False, zero=False)
_COLOUR = alt.Color("rank:O", scale=alt.Scale(domain=list(range(LINES)), range="category"), legend=None)
_BY_CLOCK = alt.X(
    "time:T",
    scale=alt.Scale(type="utc", domain=[_expr("x_low"), _expr("x_high")], nice=False),
    axis=alt.Axis(title=None, labelExpr=TIME_LABEL, labelFlush=True, labelOverlap=True, tickCount=7),
)
#: Time left until the close, as negative hours or days: the close is at the right, at 0.
_BY_TIME_LEFT = alt.X(
    "time:Q",
    scale=alt.Scale(domain=[_expr("x_low"), _expr("x_high")], nice=False, zero=False),
    axis=alt.Axis(
        title="before trading closes",
        labelExpr="datum.value === 0 ? 'close'"
        " : (datum.value > 0 ? '+' : '') + format(abs(datum.value), '~r') + x_mark",
        labelFlush=True,
        labelOverlap=True,
        tickCount=7,
    ),
)
_Y_AXIS = alt.Axis(
    orient="right",
    title=None,
    minExtent=AXIS_PIXELS,
    maxExtent=AXIS_PIXELS,
    labelExpr="datum.label + axis_mark",
    tickCount=6,
)


def _folded(fields: Sequence[str]) -> alt.Chart:
    """Return one row a moment and line: its value, and its rank from the name of the field."""
    rows = alt.Chart(ROWS).transform_filter("datum.kind === 'moment' || datum.kind === 'between'")
    rows = rows.transform_fold(list(fields), as_=["line", "value"])
    return rows.transform_calculate(rank="toNumber(substring(datum.line, 1))")


def _tooltip() -> str:
    """Return the expression that says all lines at one moment, each on a line of its text."""
    said = ["datum.label"]
    for rank in range(LINES):
        value = f"(isValid(datum.v{rank}) ? datum.v{rank} : datum.s{rank})"
        mark = f"(isValid(datum.v{rank}) ? '' : ' (carried)')"
        shown = f"pad(format({value}, said_as), 5, '\u2007', 'left') + said_mark + '  ' + n{rank} + {mark}"
        said.append(f"(n{rank} && isValid(datum.s{rank}) ? '\\n' + {shown} : '')")
    return " + ".join(said)


#: The name of a line stands at its end, on the side that has room; where a reader moved the end out to the right, at
#: the edge.
_IS_LEFT = "datum.time < (x_low + x_high) / 2"
_PLACED = {"x": alt.value(_expr("min(width, scale('x', datum.time))")), "y": alt.Y("place:Q"), "text": "label:N"}
_WORDS: dict[str, Any] = {
    "align": _expr(f"{_IS_LEFT} ? 'left' : 'right'"),
    "dx": _expr(f"{_IS_LEFT} ? 6 : -6"),
    "baseline": "middle",
    "fontSize": 12,
    "limit": 220,
    "clip": True,
}


def _spec(x: alt.X) -> dict[str, Any]:
    """Return the spec over a time axis."""
    hover = alt.selection_point(
        name="hover", encodings=["x"], nearest=True, on="pointermove", clear="pointerout", empty=False
    )
    zoom = alt.selection_interval(
        name="zoom", bind="scales", encodings=["x"], zoom="wheel![event.ctrlKey || event.metaKey || event.shiftKey]"
    )
    stack = (
        _folded(_STANDING)
        .transform_filter("stacked")
        .mark_area(interpolate="step-after", opacity=0.75, clip=True)
        .encode(
            x=x,
            y=alt.Y("value:Q", stack="zero", scale=_CHANCE_SCALE, axis=_Y_AXIS),
            color=_COLOUR,
            order="rank:O",
        )
    )

    def lines(fields: Sequence[str], **mark: Any) -> alt.Chart:
        rows = _folded(fields).transform_filter("!stacked")
        drawn = rows.mark_line(interpolate="step-after", clip=True, **mark)
        return drawn.encode(x=x, y=alt.Y("value:Q", scale=_CHANCE_SCALE, axis=_Y_AXIS), color=_COLOUR)

    zero = alt.Chart(ROWS).transform_filter("datum.kind === 'zero'").mark_rule(color=_expr("c_rule"), opacity=0.6)
    ends = alt.Chart(ROWS).transform_filter("datum.kind === 'end' && !stacked")
    halo = ends.mark_text(**_WORDS, stroke=_expr("c_ground"), strokeWidth=4, strokeJoin="round").encode(**_PLACED)
    labels = ends.mark_text(**_WORDS, fontWeight=600).encode(**_PLACED, color=_COLOUR)
    # Where a carried value ends and the present quote begins, in one step.
    stepped = alt.Chart(ROWS).transform_filter(
        "datum.kind === 'now' && !stacked && isValid(datum.before) && isValid(datum.after)"
    )
    since = x.copy()
    since.shorthand = x.shorthand.replace("time", "since")
    steps = stepped.mark_rule(strokeWidth=1.8, clip=True).encode(
        x=since, y=alt.Y("before:Q"), y2="after:Q", color=_COLOUR
    )
    dots = present_dot(
        alt.value(_expr("clamp(scale('y', datum.place), 0, height)")), color=_COLOUR, tooltip=alt.Tooltip("label:N")
    )
    dots = dots.transform_filter("!stacked")
    moments = alt.Chart(ROWS).transform_filter("datum.kind === 'moment'")
    crosshair = (
        moments.transform_calculate(said=_tooltip())
        .mark_rule(color=_expr("c_rule"), strokeWidth=1)
        .encode(x=x, opacity=alt.condition(hover, alt.value(0.8), alt.value(0)), tooltip=alt.Tooltip("said:N"))
        .add_params(hover, zoom)
    )
    chart = (
        alt.layer(
            stack,
            zero.encode(y=alt.Y("place:Q")),
            lines(_CARRIED, strokeWidth=1.2, strokeDash=[2, 3]),
            lines(_SEEN, strokeWidth=1.8),
            steps,
            halo,
            labels,
            crosshair,
            dots,
        )
        .properties(height=HEIGHT, padding=PADDING)
        .add_params(*(alt.param(name=name, value=value) for name, value in DEFAULT_SIGNALS.items()))
    )
    return template(chart) | {"width": "$width"}


SPEC = _spec(_BY_CLOCK)
TIME_LEFT_SPEC = _spec(_BY_TIME_LEFT)
