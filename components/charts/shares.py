"""Contracts a day as stacked bars, one colour a category: spec built once, and its rows.

Colours are data, names of the palette resolved where the theme is known; the names of categories are data too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from components.charts.factory import ROWS, template
from components.charts.price_spec import AXIS_PIXELS, PADDING
from components.theme import palette

HEIGHT = 260
INSET = AXIS_PIXELS + PADDING["left"] + PADDING["right"] + 2
COLUMNS = ("day", "name", "contracts", "share", "rank", "colour", "label", "markets")


def _spec() -> dict[str, Any]:
    bars = (
        alt.Chart(ROWS)
        .mark_bar(cornerRadius=0, binSpacing=1)
        .encode(
            x=alt.X(
                "day:T",
                timeUnit="utcyearmonthdate",
                axis=alt.Axis(title=None, format="%-d %b", labelOverlap=True, tickCount=7),
            ),
            y=alt.Y(
                "contracts:Q",
                stack="zero",
                axis=alt.Axis(
                    orient="right",
                    title=None,
                    format="~s",
                    tickCount=5,
                    minExtent=AXIS_PIXELS,
                    maxExtent=AXIS_PIXELS,
                ),
            ),
            color=alt.Color("colour:N", scale=None),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("label:N", title="Day"),
                alt.Tooltip("name:N", title="Category"),
                alt.Tooltip("contracts:Q", title="Contracts", format=",.0f"),
                alt.Tooltip("share:Q", title="Of the day", format=".1%"),
                alt.Tooltip("markets:Q", title="Markets", format=",.0f"),
            ],
        )
    )
    return template(bars.properties(width="container", height=HEIGHT)) | {"width": "$width", "padding": PADDING}


SPEC = _spec()

TABLE: dict[str, Any] = {
    "kind": "day",
    "limit": 200,
    "columns": [["label", "Day"], ["name", "Category"], ["contracts", "Contracts"], ["markets", "Markets"]],
}


@dataclass(frozen=True)
class SharesView:
    """The chart's rows and what they show, in words."""

    frame: pd.DataFrame
    description: str


def shares_view(rows: Sequence[Mapping[str, Any]], colours: Mapping[str, str], dark: bool) -> SharesView:
    """Return the rows of the chart: `rows` have day, name, volume_contracts and markets.

    `colours` gives the name of a palette colour for each name, in the order they are stacked in.
    """
    ground, place = palette(dark), {name: number for number, name in enumerate(colours)}
    totals: dict[Any, float] = {}
    for row in rows:
        totals[row["day"]] = totals.get(row["day"], 0.0) + float(row["volume_contracts"])
    shown = [
        {
            "kind": "day",
            "day": pd.Timestamp(row["day"], tz="UTC"),
            "name": row["name"],
            "contracts": float(row["volume_contracts"]),
            "share": float(row["volume_contracts"]) / totals[row["day"]],
            "rank": place.get(row["name"], len(place)),
            "colour": ground[colours.get(row["name"], "category-13")],
            "label": f"{row['day']:%a} {row['day'].day} {row['day']:%b %Y}",
            "markets": row["markets"],
        }
        for row in rows
    ]
    frame = pd.DataFrame(shown, columns=["kind", *COLUMNS])
    said = f"Contracts a day by category over {len(totals)} days, {sum(totals.values()):,.0f} contracts in all."
    return SharesView(frame, said)
