"""The chart of an event's outcomes with its controls, its legend, and its faces when it has nothing to draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import panel as pn

from app import link_words, url
from app.models.event import EventModel
from app.models.event_chart import Line, Picture
from app.pages import about, chart_windows
from app.pages.present import dots, end_of
from app.state import State
from components import cards, filter_bar, formatting
from components.charts import outcomes, outcomes_spec
from components.charts.factory import look
from components.charts.line_ends import DIRECT_LABELS, OutcomeLine
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, face
from components.filter_bar import FilterBar
from components.line_switches import LineSwitches, entry
from components.live_chart import LiveChart
from components.markup_pane import markup_pane, show
from components.text import Markup

FIELDS = [
    chart_windows.SWITCH,
    filter_bar.segment(
        "event_scale",
        "Chances",
        [
            ("raw", "raw", "As quoted: middle of bid and ask, else the last trade"),
            ("proportional", "sum 100 %", "Divided by their sum; only where outcomes exclude each other"),
            ("power", "power", "Raised to the power that makes them sum to 100 %: takes more from long shots"),
        ],
    ),
    filter_bar.segment(
        "event_drawn",
        "Drawn as",
        [("lines", "lines", "One line an outcome"), ("stacked", "stacked", "Chances on top of each other")],
    ),
    filter_bar.segment(
        "axis",
        "Axis",
        [("fit", "fit", "Axis fitted to the chances"), ("full", "0–100%", "Axis from 0 to 100 %")],
    ),
]

CHOICES = {
    "window": link_words.WINDOWS,
    "event_scale": link_words.SCALES,
    "event_drawn": link_words.DRAWN_AS,
    "axis": link_words.AXES,
}
PERIODS = {5: "5 minutes", 60: "hours", 1440: "days"}


class EventChart:
    """Draw a model's lines; what a visitor chooses goes to the session's state."""

    def __init__(
        self,
        model: EventModel,
        state: State,
        local_zone: Callable[[], str],
        days: tuple[str, str] | None = None,
    ) -> None:
        """Draw `model`; `days` names the state's first and last day, where a range of them can be chosen."""
        self._model, self._state, self._local_zone = model, state, local_zone
        self._days = days or ()
        fields = FIELDS
        if days is not None:
            title = "First and last US-Eastern day; a single one leaves the other end open"
            fields = [*FIELDS, filter_bar.days("Days", *days, title=title)]
        self._controls = FilterBar(self._on_control, label="Chart", fields=fields)
        self._note = markup_pane(css=cards.CSS, margin=(6, 0, 0, 0))
        self._face = markup_pane(css=FEEDBACK_CSS)
        self._chart = LiveChart(
            spec=outcomes_spec.SPEC,
            config=look(False),
            inset=outcomes_spec.INSET,
            plot_height=outcomes_spec.HEIGHT + 40,
        )
        self._legend = LineSwitches(model.toggle)
        self._chart.param.watch(self._on_failure, ["failure"])
        self.view = pn.Column(
            self._controls,
            self._note,
            self._face,
            self._legend,
            self._chart,
            sizing_mode="stretch_width",
            margin=0,
        )

    def follow_theme(self, dark: bool) -> None:
        """Give the chart the colours of a theme."""
        self._chart.config = look(dark)

    def _on_control(self, key: str, value: str) -> None:
        if key in self._days:
            day, problem = url.read("series_detail", key, value)
            if not problem:
                self._state.param.update(**{key: day})
        elif value in CHOICES.get(key, ()):
            # A window counts from now: it ends a range of days.
            whole = dict.fromkeys(self._days) if key == "window" else {}
            self._state.param.update(**whole, **{key: value})

    def _on_failure(self, *_events: Any) -> None:
        self.update()

    def update(self) -> None:
        """Show the model's present lines."""
        model, picture, state, values = self._model, self._model.picture, self._state, self._values()
        self._controls.values = values
        if picture is None or not picture.histories or picture.refused:
            self._chart.visible = False
            self._legend.lines = []
            refused = picture is not None and picture.refused and not model.fetching
            show(self._face, self._refusal(picture.unsummed) if picture and refused else self._nothing())
            show(self._note, Markup())
            return
        zone, label = formatting.zone_of(state.zone, self._local_zone())
        kept = [at for at, line in enumerate(picture.lines) if line.key not in state.event_hidden]
        lines = [
            OutcomeLine(line.name, line.rank, _percent(line.chance), end_of(line.ending)) for line in picture.lines
        ]
        view = outcomes.outcomes_view(
            [lines[at] for at in kept],
            picture.times,
            picture.seen[:, kept],
            picture.carried[:, kept],
            np.asarray(picture.ends),
            start=self._model.start,
            end=self._model.end,
            zone=zone,
            zone_label=label,
            full_axis=state.axis == "full",
            stacked=state.event_drawn == "stacked",
        )
        show(self._note, cards.legend([], " · ".join(self._notes(picture, view, label))))
        failed = self._chart.failure
        reason = f"{failed}. Its values are in the table below."
        show(self._face, face("error", "The chart could not be drawn", reason) if failed else Markup())
        many = len(picture.lines) > DIRECT_LABELS or bool(state.event_hidden)
        self._legend.lines = [self._entry(line) for line in picture.lines] if many else []
        self._chart.param.update(
            table=_table([picture.lines[at] for at in kept]),
            file=self._file(),
            scope=" ".join([model.selected, *(values[key] for key in ("window", *self._days)), label]),
            **about.menu(self._model, "chart", self._subject(), self._moment, state.link_values()),
        )
        self._chart.feed(view.frame, signals=view.signals, description=view.description)
        self._chart.visible = True

    def _values(self) -> dict[str, str]:
        """Return what the controls show; no window is pressed while a range of days is chosen."""
        values = {key: getattr(self._state, key) for key in CHOICES}
        days = {key: getattr(self._state, key) for key in self._days}
        if any(days.values()):
            values["window"] = ""
        return values | {key: day.isoformat() if day else "" for key, day in days.items()}

    def _subject(self) -> str:
        event = self._model.event or {}
        return str(event.get("title") or self._state.event)

    def _moment(self, value: datetime | None) -> str:
        return formatting.moment(value, self._state.zone, self._local_zone())

    def _entry(self, line: Line) -> list[Any]:
        newest = formatting.percent(line.chance, 1)
        return entry(line.key, line.rank, line.name, newest, shown=line.key not in self._state.event_hidden)

    def _notes(self, picture: Picture, view: outcomes.OutcomesView, label: str) -> list[str]:
        """Return what must be known to read the chart right, shortest first."""
        model, state = self._model, self._state
        book, exclusive = model.book, bool(model.event and model.event["mutually_exclusive"])
        notes = []
        if model.steps is not None:
            notes.append(f"fetching history, step {model.steps[0] + 1} of {model.steps[1]}")
        elif model.fetch_problem:
            notes.append(f"history could not be fetched: {model.fetch_problem.rstrip('.')}")
        if state.event_scale != "raw" and not exclusive:
            notes.append(f"as quoted: {book.reason if book else 'outcomes do not exclude each other'}")
        elif state.event_scale != "raw":
            notes.append(f"normalised over {picture.histories} of {len(model.outcomes)} outcomes")
            if picture.voids:
                notes.append(f"left out: {picture.voids:,} moments at which an outcome has no chance")
        if picture.others and not exclusive:
            notes.append(f"the {len(picture.lines)} most traded of {len(model.outcomes)}")
        elif picture.others > picture.summed:
            without = picture.others - picture.summed
            notes.append(f"{without:,} {'other has' if without == 1 else 'others have'} no stored history")
        if state.event_drawn == "stacked" and not exclusive:
            notes.append("outcomes do not exclude each other: the height of the stack has no meaning")
        elif state.event_drawn == "stacked" and picture.unsummed:
            notes.append("the stack is not the whole: its height is the sum of what is stored")
        ended = dots(line.ending for line in picture.lines)
        notes.append(f"by {PERIODS[model.period]}, dashed where carried over{ended}, times in {label}")
        if view.zoomed:
            low, high = view.signals["y_low"], view.signals["y_high"]
            notes.append(f"axis {low:g}–{high:g} %")
        return notes

    def _file(self) -> str:
        """Return the name of exported files: what they show, and as of when."""
        as_of = self._model.about.as_of if self._model.about is not None else None
        stamp = f"_as-of-{as_of.astimezone(UTC):%Y%m%dT%H%M%SZ}" if as_of is not None else ""
        return f"{self._model.selected}_{self._state.event_scale}_{self._state.window}{stamp}"

    def _nothing(self) -> Markup:
        model, state = self._model, self._state
        if model.fetching:
            done, total = model.steps or (0, 0)
            far = f"Step {done + 1} of {total}. " if total else ""
            return face(
                "loading", "Fetching the history of the outcomes", f"{far}Lines appear by themselves.", tall=True
            )
        if model.fetch_problem:
            return face("error", "The history could not be fetched", model.fetch_problem, tall=True)
        return chart_windows.nothing(
            "Neither a trade nor a change of a quote is stored for any of its outcomes.", state
        )

    def _refusal(self, missing: int) -> Markup:
        """Return why nothing is normalised, with the way back to what was quoted."""
        state, outcomes = self._state, len(self._model.outcomes)
        reason = "At no moment of this time is the chance of every outcome stored: the sum of some is not 100\u00a0%."
        if missing:
            has = "outcome has" if missing == 1 else "outcomes have"
            said = f"{missing:,} of {outcomes:,} {has} no stored history in this time"
            reason = f"{said}: what the others sum to is not 100\u00a0%."
        quoted = action("Show as quoted", url.encode({**state.link_values(), "event_scale": "raw"}))
        return face("empty", "Not normalised: the sum is incomplete", reason, quoted, tall=True)


def _percent(chance: float | None) -> float | None:
    return None if chance is None else chance * 100


def _table(lines: Sequence[Line]) -> dict[str, Any]:
    """Return the table behind the chart: what was seen, the present quotes last, nothing that is carried."""
    columns = [["label", "Until"], *([f"v{line.rank}", f"{line.name[:40]} %"] for line in lines)]
    return {"kind": "moment", "limit": 200, "columns": columns}
