"""Contracts by day as bars: a day on which nothing was traded is 0, never the day before it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import altair as alt
import pandas as pd

from components.charts.factory import ROWS, template
from components.charts.price_spec import AXIS_PIXELS, PADDING, TIME_LABEL

HEIGHT = 120
INSET = AXIS_PIXELS + PADDING["left"] + PADDING["right"] + 2


def _spec() -> dict[str, Any]:
    # As a list, the two ends would be united with a text of themselves, which Vega-Lite complains of.
    scale = alt.Scale(type="utc", domainMin=alt.ExprRef("x_low"), domainMax=alt.ExprRef("x_high"), nice=False)
    axis = alt.Axis(
        title=None,
        tickCount=7,
        labelFlush=True,
        labelOverlap=True,
        labelExpr=TIME_LABEL,
    )
    right: dict[str, Any] = {"orient": "right", "title": None, "minExtent": AXIS_PIXELS, "maxExtent": AXIS_PIXELS}
    bars = (
        alt.Chart(ROWS)
        .transform_filter("datum.kind === 'day'")
        .mark_rect(color=alt.ExprRef("c_volume"), opacity=0.7, clip=True)
        .encode(
            x=alt.X("left:T", scale=scale, axis=axis),
            x2="right:T",
            y2=alt.datum(0),
            y=alt.Y(
                "volume:Q",
                scale=alt.Scale(domain=[0, alt.ExprRef("v_high")]),
                axis=alt.Axis(
                    **right,
                    tickCount=3,
                    labelExpr="datum.value % 1 ? '' : datum.value ? format(datum.value, '~s') : '0'",
                ),
            ),
            tooltip=[
                alt.Tooltip("label:N", title="Day (ET)"),
                alt.Tooltip("volume:Q", title="Contracts", format=",.2~f"),
            ],
        )
    )
    chart = bars.properties(height=HEIGHT, padding=PADDING).add_params(
        *(alt.param(name=name, value=value) for name, value in (("x_low", 0), ("x_high", 1), ("v_high", 1)))
    )
    return template(chart) | {"width": "$width"}


SPEC = _spec()

#: The table behind the chart.
TABLE = {
    "kind": "day",
    "limit": 400,
    "columns": [["label", "Day (ET)"], ["volume", "Contracts"]],
    "export": [["time", "day_utc_midnight", "time"], ["volume", "volume_contracts", "number"]],
}


def volume_view(days: Sequence[tuple[date, Decimal]]) -> tuple[pd.DataFrame, dict[str, float], str]:
    """Return rows, axes and a description of contracts by day (ascending, every day once)."""
    midnights = [datetime.combine(day, time(), UTC).timestamp() * 1000 for day, _ in days]
    whole = timedelta(days=1).total_seconds() * 1000
    frame = pd.DataFrame(
        {
            "kind": "day",
            "time": midnights,
            "left": [moment + 0.1 * whole for moment in midnights],
            "right": [moment + 0.9 * whole for moment in midnights],
            "volume": [float(contracts) for _, contracts in days],
            "label": [f"{day:%d %b %Y}" for day, _ in days],
        }
    )
    most = max((float(contracts) for _, contracts in days), default=0.0)
    # A few bars are not stretched over the whole width.
    first = min(midnights[0], midnights[-1] - 13 * whole) if midnights else 0.0
    signals = {"x_low": first, "x_high": midnights[-1] + whole if midnights else 1.0, "v_high": most or 1.0}
    if not days:
        return frame, signals, "Contracts by day, without data."
    total = sum((contracts for _, contracts in days), Decimal(0))
    said = f"Contracts by US-Eastern day from {days[0][0]:%d %b %Y} to {days[-1][0]:%d %b %Y}, {total:,.0f} in all, "
    return frame, signals, f"{said}{sum(1 for _, contracts in days if not contracts)} days without a trade."
