"""What all charts share: the dataset's name, one build per spec, and the look of each theme."""

from __future__ import annotations

from typing import Any

import altair as alt

from components.theme import FONT, SERIES, palette

#: Every chart reads one dataset of this name; layers and concatenations inherit it.
ROWS = alt.NamedData(name="rows")

#: The schema the bundled Vega-Lite speaks; Altair's own is one minor version ahead and only makes the console noisy.
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


def template(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """Return a chart's spec without data, checked by Altair; call once per chart, at import."""
    spec: dict[str, Any] = chart.to_dict()
    spec.pop("config", None)
    # The browser puts the one dataset at the top; a panel that names it again would get an empty one of its own.
    for part in (spec, *spec.get("vconcat", ())):
        part.pop("data", None)
    return spec | {"$schema": SCHEMA, "background": "transparent"}


def look(dark: bool) -> dict[str, Any]:
    """Return the Vega-Lite config of a theme: light grid, no border, no mark that is black by default."""
    c = palette(dark)
    axis = {
        "domain": False,
        "ticks": False,
        "grid": True,
        "gridColor": c["grid"],
        "labelColor": c["muted"],
        "titleColor": c["muted"],
        "labelFont": FONT,
        "titleFont": FONT,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelPadding": 6,
    }
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False, "tickColor": c["line"], "domain": True, "domainColor": c["line"]},
        "mark": {"color": c["up"]},
        "text": {"color": c["text"]},
        "rule": {"color": c["muted"]},
        "legend": {"labelColor": c["muted"], "titleColor": c["muted"]},
        "title": {"color": c["text"], "font": FONT},
        "range": {"category": [c[f"series-{n}"] for n in range(1, SERIES + 1)]},
        "params": [
            {"name": "c_quote", "value": c["up"]},
            {"name": "c_last", "value": c["text"]},
            {"name": "c_volume", "value": c["muted"]},
            {"name": "c_rule", "value": c["muted"]},
            {"name": "c_rise", "value": c["up"]},
            {"name": "c_fall", "value": c["down"]},
            {"name": "c_ground", "value": c["surface"]},
        ],
    }
