"""The chart of compared markets with its legend, its notes, and its faces when it has nothing to draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import panel as pn

from app.models.compare import CompareModel
from app.models.compare_chart import Line, Picture
from app.pages import about, chart_windows, compare_names
from app.pages.base import style_of
from app.pages.present import dots, end_of
from app.state import State
from components import cards, formatting
from components.charts import comparison, outcomes, outcomes_spec
from components.charts.comparison import Across, Measure
from components.charts.factory import look
from components.charts.line_ends import DIRECT_LABELS, OutcomeLine
from components.charts.price import wall_clock
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import face
from components.line_switches import LineSwitches, entry
from components.live_chart import LiveChart
from components.markup_pane import markup_pane, show
from components.text import Markup

PERIODS = {5: "5 minutes", 60: "hours", 1440: "days"}
MEASURES = {"pp": comparison.POINTS, "odds": comparison.LOG_ODDS}
#: Names of markets without history that are said before the rest is counted.
MOST_NAMED = 3


class CompareChart:
    """Draw a model's lines; a line that is switched off goes to the session's state."""

    def __init__(self, model: CompareModel, state: State, local_zone: Callable[[], str]) -> None:
        self._model, self._state, self._local_zone = model, state, local_zone
        self._note = markup_pane(css=cards.CSS, margin=(2, 0, 0, 0))
        self._face = markup_pane(css=FEEDBACK_CSS)
        self._legend = LineSwitches(model.toggle)
        self._chart = LiveChart(
            spec=outcomes_spec.SPEC,
            config=look(False),
            inset=outcomes_spec.INSET,
            plot_height=outcomes_spec.HEIGHT + 40,
        )
        self._chart.param.watch(self._on_failure, ["failure"])
        self.view = pn.Column(
            self._note, self._face, self._legend, self._chart, sizing_mode="stretch_width", margin=0
        )

    def follow_theme(self, dark: bool) -> None:
        """Give the chart the colours of a theme."""
        self._chart.config = look(dark)

    def _on_failure(self, *_events: Any) -> None:
        self.update()

    def update(self) -> None:
        """Show the model's present lines."""
        picture, state = self._model.picture, self._state
        if picture is None or not picture.lines:
            self._chart.visible = False
            self._legend.lines = []
            show(self._note, Markup())
            show(self._face, self._nothing())
            return
        measure, aligned = self._measure(), state.compare_align == "close"
        zone, label = formatting.zone_of(state.zone, self._local_zone())
        # The last line that would be drawn stays, whatever a link says.
        kept = [at for at, line in enumerate(picture.lines) if line.key not in state.compare_hidden] or [0]
        shown = [picture.lines[at] for at in kept]
        called = compare_names.names(self._model.rows)
        full = compare_names.full_names(self._model.rows)
        view = comparison.comparison_view(
            [
                OutcomeLine(called[line.key], line.rank, line.value, end_of(line.ending), full[line.key])
                for line in shown
            ],
            self._across(picture, label),
            picture.times,
            picture.seen[:, kept],
            picture.carried[:, kept],
            np.asarray(picture.ends),
            measure,
            zone=zone,
            zone_label=label,
            style=style_of(state),
        )
        show(self._note, cards.legend([], " · ".join(self._notes(picture, measure, label))))
        failed = self._chart.failure
        reason = f"{failed}. Its values are in the table below."
        show(self._face, face("error", "The chart could not be drawn", reason) if failed else Markup())
        many = len(picture.lines) > DIRECT_LABELS or len(kept) < len(picture.lines)
        self._legend.lines = (
            [
                self._entry(line, called[line.key], full[line.key], measure, kept=line in shown)
                for line in picture.lines
            ]
            if many
            else []
        )
        with pn.io.hold():  # the axes and what is on them change together
            self._chart.param.update(
                spec=outcomes_spec.TIME_LEFT_SPEC if aligned else outcomes_spec.SPEC,
                table=_table(shown, called, measure, aligned=aligned),
                file=self._file(),
                scope=" ".join([state.window, state.compare_align, "" if aligned else label]),
                **about.menu(
                    self._model,
                    "chart",
                    self._subject([called[line.key] for line in shown]),
                    self._moment,
                    state.link_values(),
                ),
            )
            self._chart.feed(view.frame, signals=view.signals, description=view.description)
            self._chart.visible = True

    def _measure(self) -> Measure:
        if self._state.compare_measure == "level":
            return comparison.CENTS if self._state.unit == "cents" else comparison.LEVEL
        return MEASURES[self._state.compare_measure]

    def _across(self, picture: Picture, label: str) -> Across:
        if self._state.compare_align == "close":
            return comparison.by_time_left(picture.times, picture.low, picture.high)
        zone, _ = formatting.zone_of(self._state.zone, self._local_zone())
        places, labels = outcomes.by_clock(picture.times, zone, label)
        low, high = (
            wall_clock(datetime.fromtimestamp(value / 1000, UTC), zone) for value in (picture.low, picture.high)
        )
        return Across(places, labels, low, high)

    def _moment(self, value: datetime | None) -> str:
        return formatting.moment(value, self._state.zone, self._local_zone())

    def _entry(self, line: Line, name: str, full: str, measure: Measure, *, kept: bool) -> list[Any]:
        newest = formatting.ABSENT if line.value is None else measure.said(line.value)
        return entry(line.key, line.rank, name, newest, shown=kept, full=full)

    def _subject(self, called: Sequence[str]) -> str:
        what = {"level": "chance", "pp": "change in points", "odds": "change in log-odds"}
        return f"{what[self._state.compare_measure].capitalize()} of {self._state.side.upper()}: {', '.join(called)}"

    def _notes(self, picture: Picture, measure: Measure, label: str) -> list[str]:
        """Return what must be known to read the chart right, shortest first."""
        model, state = self._model, self._state
        notes = [f"{measure.name} of NO" if state.side == "no" else measure.name]
        if measure.signed:
            notes.append("since the window's start" if state.window != "all" else "since each one's first quote")
        if model.fetching:
            notes.append(f"fetching the history of {_count(len(model.fetching))}")
        if model.without:
            notes.append(f"{len(model.without)} of {len(model.rows)} without a candlestick: {self._named()}")
        if model.failed:
            notes.append(f"history of {_count(len(model.failed))} could not be fetched: {_first(model.failed)}")
        ended = dots(line.ending for line in picture.lines)
        notes.append(f"by {PERIODS[model.period]}, dashed where carried over (24 h at most){ended}")
        if state.compare_align == "close":
            notes.append("time to the close of trading: as it was, or as it is expected")
        else:
            notes.append(f"times in {label}")
        if measure.axis_mark == "%" and self._state.unit in {"decimal", "american"}:
            notes.append("the axis is in percent, as odds cannot be laid side by side")
        return notes

    def _named(self) -> str:
        without = self._model.without
        more = f" and {len(without) - MOST_NAMED} more" if len(without) > MOST_NAMED else ""
        return ", ".join(without[:MOST_NAMED]) + more

    def _file(self) -> str:
        """Return the name of exported files: what they show, and as of when."""
        state, as_of = self._state, self._model.about.as_of if self._model.about is not None else None
        stamp = f"_as-of-{as_of.astimezone(UTC):%Y%m%dT%H%M%SZ}" if as_of is not None else ""
        return f"compare-{len(self._model.rows)}_{state.compare_measure}_{state.compare_align}_{state.window}{stamp}"

    def _nothing(self) -> Markup:
        model, state = self._model, self._state
        if not model.rows:
            return Markup()
        if model.fetching:
            return face("loading", "Fetching the history of the markets", "Lines appear by themselves.", tall=True)
        if model.failed:
            return face("error", "The history could not be fetched", _first(model.failed), tall=True)
        return chart_windows.nothing(
            "Neither a trade nor a change of a quote is stored for any of the markets.", state
        )


def _count(markets: int) -> str:
    return "1 market" if markets == 1 else f"{markets} markets"


def _first(problems: dict[str, str]) -> str:
    ticker, why = next(iter(problems.items()))
    return f"{ticker}: {why.rstrip('.')}"


def _table(lines: Sequence[Line], called: Mapping[str, str], measure: Measure, *, aligned: bool) -> dict[str, Any]:
    """Return the table behind the chart: what was seen, the present quotes last, nothing that is carried."""
    head = "Time to the close" if aligned else "Until"
    unit = f" {measure.axis_mark}" if measure.axis_mark else " log-odds"
    columns = [["label", head], *([f"v{line.rank}", f"{called[line.key]}{unit}"] for line in lines)]
    return {"kind": "moment", "limit": 200, "columns": columns}
