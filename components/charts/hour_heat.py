"""A heat map of days and hours: a column a day, a row an hour of the clock, darker where there is more.

Colours are data, mixed from the palette where the theme is known: five steps whose bounds are round numbers, so that
a few huge hours leave the others to be told apart. An hour that the clock skips is left out; one that comes twice has
a second row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from components.charts.factory import ROWS, template
from components.theme import palette

#: Pixels of one hour; the spec's height is fixed, so a day of 25 hours only makes rows a little lower.
HEIGHT = 24 * 15
_AXIS = 46
INSET = _AXIS + 26
#: How much of the strongest colour each step has.
STEPS = (0.16, 0.36, 0.56, 0.78, 1.0)
COLUMNS = ("day", "hour", "rank", "amount", "said", "when", "colour", "edge", "pick")

_HOUR_LABEL = "indexof(datum.value, 'again') > 0 || toNumber(slice(datum.value, 0, 2)) % 3 == 0 ? datum.value : ''"


def _spec() -> dict[str, Any]:
    x = alt.X(
        "day:N",
        sort=None,
        scale=alt.Scale(paddingInner=0.06, paddingOuter=0),
        axis=alt.Axis(
            title=None, orient="top", labelAngle=0, labelOverlap=True, domain=False, grid=False, labelFlush=False
        ),
    )
    y = alt.Y(
        "hour:N",
        sort=alt.EncodingSortField(field="rank", op="min", order="ascending"),
        scale=alt.Scale(paddingInner=0.1, paddingOuter=0),
        axis=alt.Axis(title=None, labelExpr=_HOUR_LABEL, minExtent=_AXIS, maxExtent=_AXIS, domain=False, grid=False),
    )
    cells = (
        alt.Chart(ROWS)
        .mark_rect(cornerRadius=2, cursor="pointer")
        .encode(
            x=x,
            y=y,
            color=alt.Color("colour:N", scale=None),
            stroke=alt.Stroke("edge:N", scale=None),
            strokeWidth=alt.value(2),
            tooltip=[
                alt.Tooltip("when:N", title="When"),
                alt.Tooltip("said:N", title="What"),
                alt.Tooltip("contracts:N", title="Contracts 24 h"),
                alt.Tooltip("interest:N", title="Open interest"),
            ],
        )
    )
    return template(cells.properties(width="container", height=HEIGHT)) | {
        "width": "$width",
        "padding": {"left": 4, "right": 12, "top": 6, "bottom": 4},
    }


SPEC = _spec()

#: The map as a table: the hours in which something happens.
TABLE: dict[str, Any] = {
    "kind": "some",
    "limit": 800,
    "columns": [
        ["when", "Hour"],
        ["said", "What"],
        ["contracts", "Contracts 24 h"],
        ["interest", "Open interest"],
    ],
}


@dataclass(frozen=True)
class HeatCell:
    """One hour: its column and row as they are labelled, its amount, and what is said of it.

    `rank` orders the rows, `pick` is said when the cell is clicked.
    """

    day: str
    hour: str
    rank: float
    amount: float
    when: str
    said: str
    contracts: str
    interest: str
    pick: str
    picked: bool


def bounds_of(amounts: Sequence[float]) -> list[float]:
    """Return the least amount of each step, ascending, round numbers (1, 2 or 5 times a power of ten).

    They lie evenly on a logarithmic scale between the least and the greatest; there are at most `len(STEPS)`.
    """
    some = sorted(amount for amount in amounts if amount > 0)
    if not some:
        return []
    least, most = max(some[0], some[-1] / 10_000), some[-1]
    return sorted({_round(least * (most / least) ** (n / len(STEPS))) for n in range(len(STEPS))})


def _round(value: float) -> float:
    """Return the greatest of 1, 2, 5, 10, … that is not above a value; what is below 1 becomes 1."""
    power = 1.0
    while power * 10 <= value:
        power *= 10
    return max(factor for factor in (power, 2 * power, 5 * power) if factor <= max(value, 1.0))


def colours(dark: bool, count: int) -> list[str]:
    """Return the colours of nothing and of `count` steps, the strongest last."""
    ground = palette(dark)
    strengths = STEPS[len(STEPS) - count :] if count else ()
    return [ground["grid"], *(_mixed(ground["surface"], ground["up"], share) for share in strengths)]


def _mixed(ground: str, colour: str, share: float) -> str:
    parts = [(int(ground[n : n + 2], 16), int(colour[n : n + 2], 16)) for n in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def heat_frame(cells: Sequence[HeatCell], dark: bool) -> tuple[pd.DataFrame, list[float]]:
    """Return the rows of the chart, and the bounds of its steps."""
    bounds = bounds_of([cell.amount for cell in cells])
    hues = colours(dark, len(bounds))
    rows: list[Mapping[str, Any]] = [
        {
            "kind": "some" if cell.amount else "none",
            **vars(cell),
            "edge": palette(dark)["text"] if cell.picked else "transparent",
            "colour": hues[sum(cell.amount >= bound for bound in bounds) or (1 if cell.amount and bounds else 0)],
        }
        for cell in cells
    ]
    return pd.DataFrame(rows, columns=["kind", *COLUMNS, "contracts", "interest"]), bounds
