"""The chart of a market with its controls, its faces when it has nothing to draw, and its rows as a table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import panel as pn

from app import link_words
from app.models.market import MarketModel
from app.pages import about, chart_windows
from app.pages.base import style_of
from app.pages.present import quote_of
from app.state import State
from components import cards, filter_bar, formatting
from components.charts import price, price_spec
from components.charts.factory import look
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import face
from components.filter_bar import FilterBar
from components.live_chart import LiveChart
from components.markup_pane import markup_pane, show
from components.quoting import UNITS, PriceStyle
from components.text import Markup

FIELDS = [
    chart_windows.SWITCH,
    filter_bar.segment(
        "period",
        "Period of one candlestick",
        [("1m", "1 min", "One minute"), ("1h", "1 h", "One hour"), ("1d", "1 day", "One day, US Eastern")],
    ),
    filter_bar.segment(
        "chart_style",
        "Prices as",
        [
            ("lines", "lines", "Last trade as a line, over the band from bid to ask"),
            ("candlesticks", "candles", "Trades as candlesticks: hollow where the price rose, filled where it fell"),
        ],
    ),
    filter_bar.segment(
        "open_interest",
        "Open interest",
        [("on", "OI", "Open interest as a line over the volume, its figures at the left")],
    ),
    filter_bar.segment(
        "axis",
        "Price axis",
        [("fit", "fit", "Price axis fitted to the prices"), ("full", "0–100¢", "Price axis from 0 to 100¢")],
    ),
]

_TRADES = {
    "lines": [("line", "Last trade")],
    "candlesticks": [("rise", "Rose"), ("fall", "Fell")],
}
_ALWAYS = [("band", "Bid to ask"), ("dash", "Carried over, no change seen"), ("bar", "Volume (contracts)")]
_INTEREST = [("step", "Open interest (left)")]
_PRESENT = {True: ("now", "Now: the present quote"), False: ("now", "The last quote")}


#: The table behind the chart: the newest candlesticks, as a page can only be read so far.
def table(style: PriceStyle) -> dict[str, Any]:
    """Return what `LiveChart.table` needs, in cents of the side."""
    return {
        "kind": ["candle", "now"],
        "limit": 200,
        "columns": [
            ["label", "Until"],
            ["bid", style.named("Bid ¢")],
            ["ask", style.named("Ask ¢")],
            ["last", style.named("Last ¢")],
            ["volume", "Volume"],
            ["interest", "Open interest"],
        ],
    }


_SAID = {"1m": "minute", "1h": "hour", "1d": "day"}
CHOICES = {
    "window": link_words.WINDOWS,
    "period": link_words.PERIODS,
    "chart_style": link_words.STYLES,
    "axis": link_words.AXES,
}


class MarketChart:
    """Draw a model's candlesticks; what a visitor chooses goes to the session's state."""

    def __init__(self, model: MarketModel, state: State, local_zone: Callable[[], str]) -> None:
        self._model, self._state, self._local_zone = model, state, local_zone
        self._controls = FilterBar(self._on_control, label="Chart", fields=FIELDS)
        self._legend = markup_pane(css=cards.CSS, margin=(6, 0, 0, 0))
        self._chart = LiveChart(
            spec=price_spec.SPEC,
            config=look(False),
            inset=price_spec.INSET,
            plot_height=price_spec.PRICE_HEIGHT + price_spec.VOLUME_HEIGHT + 46,
            table=table(style_of(state)),
        )
        self._face = markup_pane(css=FEEDBACK_CSS)
        self._chart.param.watch(self._on_failure, ["failure"])
        self.view = pn.Column(
            self._controls,
            self._legend,
            self._face,
            self._chart,
            sizing_mode="stretch_width",
            margin=0,
        )

    def follow_theme(self, dark: bool) -> None:
        """Give the chart the colours of a theme."""
        self._chart.config = look(dark)

    def _on_control(self, key: str, value: str) -> None:
        if key == "open_interest":
            self._state.open_interest = "off" if self._state.open_interest == "on" else "on"
        elif value in CHOICES.get(key, ()):
            self._state.param.update(**{key: value})

    def _on_failure(self, *_events: Any) -> None:
        self.update()

    def update(self) -> None:
        """Show the model's present candlesticks."""
        model, state, candles = self._model, self._state, self._model.candles
        if candles is None:
            return
        chosen = {key: getattr(state, key) for key in (*CHOICES, "open_interest")}
        self._controls.values = chosen | {"period": model.period}
        if candles.table.num_rows == 0:
            self._chart.visible = False
            show(self._face, self._nothing())
            show(self._legend, Markup())
            return
        zone, label = formatting.zone_of(state.zone, self._local_zone())
        frame, style = candles.frame, style_of(state)
        view = price.price_view(
            frame,
            _minutes(frame["end_time"].tolist(), link_words.PERIODS[model.period], merged=bool(candles.notes)),
            start=model.start,
            end=model.end,
            zone=zone,
            zone_label=label,
            full_axis=state.axis == "full",
            candlesticks=state.chart_style == "candlesticks",
            open_interest=state.open_interest == "on",
            style=style,
            present=quote_of(model.quote),
        )
        notes = [*candles.notes, *self._late(frame["end_time"].iloc[0]), f"times in {label}"]
        if model.period != state.period:
            notes.insert(0, f"by {_SAID[model.period]}: open for less than two {_SAID[state.period]}s")
        if style.flipped:
            notes.append("prices of NO")
        if style.in_odds:
            notes.append(f"axis and tooltip in {UNITS[style.unit][1]}")
        if view.zoomed:
            low, high = view.signals["y_low"], view.signals["y_high"]
            notes.append(f"price axis {low:g}–{high:g}¢" + (", not from 0" if low else ", not to 100¢"))
        keys = [*_TRADES[state.chart_style], *_ALWAYS, *(_INTEREST if state.open_interest == "on" else [])]
        if model.quote is not None and (view.frame["kind"] == "now").any():
            keys.append(_PRESENT[model.quote.is_now])
        show(self._legend, cards.legend(keys, " · ".join(notes)))
        failed = self._chart.failure
        reason = f"{failed}. Its values are in the table below."
        show(self._face, face("error", "The chart could not be drawn", reason) if failed else Markup())
        market = model.market or {}
        subject = f"{market.get('title') or state.ticker} — {market.get('yes_sub_title') or ''}".rstrip(" —")
        taken = about.menu(model, "candles", subject, self._moment, state.link_values())
        self._chart.param.update(
            file=self._file(),
            table=table(style),
            scope=f"{state.ticker} {state.window} {model.period} {label}",
            **taken,
        )
        self._chart.feed(view.frame, signals=view.signals, description=view.description)
        self._chart.visible = True

    def _moment(self, value: datetime | None) -> str:
        return formatting.moment(value, self._state.zone, self._local_zone())

    def _late(self, first: datetime) -> list[str]:
        """Return what to say where the stored candlesticks begin well after the window."""
        if self._model.start is None or first - self._model.start < timedelta(days=1, minutes=1):
            return []
        return [f"stored from {self._moment(first)}"]

    def _file(self) -> str:
        """Return the name of exported files: what they show, and as of when."""
        as_of = self._model.candles.as_of if self._model.candles is not None else None
        stamp = f"_as-of-{as_of.astimezone(UTC):%Y%m%dT%H%M%SZ}" if as_of is not None else ""
        side = "_no" if self._state.side == "no" else ""
        return f"{self._state.ticker}{side}_{self._model.period}_{self._state.window}{stamp}"

    def _nothing(self) -> Markup:
        if self._model.fetching:
            return face("loading", "Fetching candlesticks", "They appear by themselves.", tall=True)
        if self._model.fetch_problem:
            return face("error", "Candlesticks could not be fetched", self._model.fetch_problem, tall=True)
        reason = "Neither a trade nor a change of the quote is stored for it."
        return chart_windows.nothing(reason, self._state, with_all={"period": "1d"})


def _minutes(ends: list[datetime], period: int, *, merged: bool) -> int:
    """Return the minutes of one candlestick; merged ones are as wide as their usual distance."""
    steps = sorted(after - before for before, after in pairwise(ends))
    if not merged or not steps:
        return period
    return max(period, round(steps[len(steps) // 2] / timedelta(minutes=1)))
