"""A chart that is drawn once and then fed: zoom and selections are kept while the data moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import panel
import param
from panel.custom import JSComponent

from components import chart_menu, text
from components.chart_menu import TakenAway

_BUNDLED = Path(panel.__file__).parent / "dist" / "bundled" / "vegaplot"

#: Vega as it ships inside Panel, in the order it must be loaded; served from our own origin. Panel's own Vega model
#: is not imported for it: that alone would load the library on every page, charts or not.
SCRIPTS = [
    f"bundled/vegaplot/{next(_BUNDLED.glob(f'{name}@*')).name}" for name in ("vega", "vega-lite", "vega-embed")
]

#: Most rows a live chart is given; more must be bucketed where they are queried.
MAX_ROWS = 10_000


def columns_of(frame: pd.DataFrame) -> dict[str, Any]:
    """Return a frame's columns as the browser gets them: times as epoch milliseconds (UTC), numbers, texts."""
    columns: dict[str, Any] = {}
    for name in frame.columns:
        values = frame[name]
        if isinstance(values.dtype, pd.DatetimeTZDtype) or values.dtype.kind == "M":
            stamps = pd.DatetimeIndex(values).as_unit("ms")
            columns[name] = stamps.asi8.astype("float64")
        elif values.dtype.kind in "iuf":
            columns[name] = values.to_numpy(dtype="float64", na_value=np.nan)
        elif values.dtype.kind == "b":
            columns[name] = values.to_numpy(dtype="float64")
        else:
            # Most texts of a chart come many times: each is cleaned once.
            said = {v: None if pd.isna(v) else text.plain(v) for v in values.unique()}
            columns[name] = [said.get(v) for v in values]
    return columns


class LiveChart(TakenAway, JSComponent):
    """Show a Vega-Lite spec over the dataset ``rows``; change the data with `feed`, never the spec.

    Where the spec says ``"$width"`` the browser puts the room there is, less `inset` pixels for axes. Specs come from
    our own code alone; text from outside is data, never a field name or an expression.
    `on_pick` hears the text that the row of a clicked mark has as `pick`; only texts of the present rows are heard.
    """

    spec = param.Dict(default={}, doc="Vega-Lite spec without data, built once (see `charts`).")
    config = param.Dict(default={}, doc="Vega-Lite config of the present theme.")
    data = param.Dict(default={}, doc="Columns by name, as `columns_of` makes them.")
    signals = param.Dict(default={}, doc="Values of the spec's params, by name.")
    serial = param.Integer(default=0, doc="Grows with every change of the data: what the browser waits for.")
    length = param.Integer(default=0, doc="Rows in the data.")
    plot_height = param.Integer(default=320, doc="Pixels kept free until the chart is drawn, so that nothing jumps.")
    inset = param.Integer(default=64, doc="Pixels beside the plot that axes and padding need.")
    description = param.String(default="", doc="What the chart shows, in words, for those who cannot see it.")
    scripts = param.List(default=SCRIPTS, doc="Chart library, relative to the server framework's static files.")
    table = param.Dict(
        default={},
        doc="The chart as a table: `columns` as (field, label), first one text; `kind` of the rows, one or "
        "several; `limit`. "
        "A chart that has one has a menu.",
    )
    scope = param.String(default="", doc="What is looked at; when it changes, a zoom of the reader's is over.")
    pickable = param.Boolean(default=False, doc="Whether a click on a mark says its `pick` to `on_pick`.")
    failure = param.String(default="", doc="Why the browser could not draw; empty while it can.")

    _esm = chart_menu.script(Path(__file__).with_name("live_chart.js"))
    _stylesheets = [chart_menu.CSS, Path(__file__).with_name("live_chart.css").read_text(encoding="utf-8")]
    _rename = {"failure": None}

    def __init__(self, on_pick: Callable[[str], None] | None = None, **params: Any) -> None:
        more = {"sizing_mode": "stretch_width", "margin": 0, "pickable": on_pick is not None}
        super().__init__(**{**more, **params})
        self._on_pick = on_pick
        self._fed: pd.DataFrame | None = None

    def feed(self, frame: pd.DataFrame, *, signals: dict[str, Any] | None = None, description: str = "") -> None:
        """Replace all rows (at most `MAX_ROWS`, else ValueError) and the spec's params.

        Rows that did not change are not sent again.
        """
        if len(frame) > MAX_ROWS:
            raise ValueError(f"{len(frame)} rows are too many for a live chart")
        changes: dict[str, Any] = {"signals": signals or {}, "description": text.plain(description, 1_200)}
        if self._fed is None or not frame.equals(self._fed):
            self._fed = frame
            # `serial` comes last: it is what tells the browser that the rest is there.
            changes |= {"data": columns_of(frame), "length": len(frame), "serial": self.serial + 1}
        self.param.update(**changes)

    def _handle_msg(self, msg: Any) -> None:
        if not isinstance(msg, dict):
            return
        if msg.get("kind") == "failed":
            self.failure = text.plain(msg.get("message"), 200) or "unknown"
        elif msg.get("kind") == "drawn":
            self.failure = ""
        elif msg.get("kind") == "pick" and self._on_pick is not None:
            said, known = msg.get("pick"), self.data.get("pick", ())
            if isinstance(said, str) and said in known:
                self._on_pick(said)
