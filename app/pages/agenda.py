"""Calendar: what closes, expires, opens or starts, as a heat map of days and hours and as a list."""

from __future__ import annotations

from datetime import date
from typing import Any

import panel as pn

from app import link_words, page_keys, url
from app.models.agenda import MEASURES, PAGE_SIZE, AgendaModel
from app.pages import agenda_columns, agenda_filters
from app.pages.agenda_columns import Setting
from app.pages.agenda_filters import day_words, hour_words
from app.pages.base import PageView
from components import cards, filter_bar, formatting, heat_key
from components.charts import hour_heat
from components.charts.factory import look
from components.charts.hour_heat import HeatCell
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, face
from components.filter_bar import FilterBar
from components.live_chart import LiveChart
from components.markup_pane import markup_pane, show
from components.tables import PagedTable, row
from components.text import Markup, markup

_MEASURES = (
    ("entries", "Count", "How many markets, or milestones"),
    ("contracts", "Contracts 24 h", "Contracts that their markets traded in the last 24 hours"),
    ("interest", "Open interest", "Contracts outstanding in their markets"),
)
#: Of what one and several are counted, and what they do, by kind.
_NOUNS = {"milestones": ("milestone", "milestones")}
_TITLES = {
    "closes": "Markets that close",
    "expires": "Markets that are expected to expire",
    "opens": "Markets that open",
    "milestones": "Milestones that start",
}
#: What the list goes by where Markets goes by something else, by kind: their counts differ.
_UNLIKE_MARKETS = {
    "closes": "by when trading ends; “Ends” of Markets is when settlement is expected, where that is earlier",
    "expires": "by when they are expected to expire; “Ends” of Markets is when trading ends, where that is earlier",
}
_ASCENDING = "asc"


class AgendaPage(PageView):
    """Show switches, a heat map and a list, all built once; what is picked goes to the session's state."""

    model: AgendaModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return "Calendar"

    def _build(self) -> list[Any]:
        self._dark = False
        self.model.local_zone = self.local_zone
        self.filters = FilterBar(
            self._on_filter,
            self._on_remove,
            label="What the calendar lists",
            margin=(0, 0, 8, 0),
            fields=agenda_filters.FIELDS,
        )
        self.name = markup_pane(markup("<h1>Calendar</h1>"), css=cards.CSS)
        self.head = markup_pane(css=cards.CSS, sizing_mode=None)
        self.measure = FilterBar(
            self._on_filter,
            label="What the heat map measures",
            sizing_mode=None,
            styles={"width": "auto"},
            fields=[filter_bar.segment("calendar_measure", "Measure", _MEASURES)],
        )
        self.chart = LiveChart(
            self._on_pick,
            spec=hour_heat.SPEC,
            config=look(False),
            inset=hour_heat.INSET,
            plot_height=hour_heat.HEIGHT + 42,
            table=hour_heat.TABLE,
        )
        self.key = markup_pane(css=heat_key.CSS)
        self.list_head = markup_pane(css=cards.CSS, margin=(20, 0, 4, 0))
        self.table = PagedTable(
            self._on_page,
            self.model.sort_by,
            label="Calendar",
            columns=agenda_columns.columns(self.state.calendar_kind, self.style),
            size=PAGE_SIZE,
            tall=False,
        )
        self.nothing = markup_pane(css=FEEDBACK_CSS)
        top = pn.FlexBox(
            self.head,
            self.measure,
            align_items="center",
            justify_content="space-between",
            gap="6px 20px",
            margin=(6, 0, 4, 0),
            sizing_mode="stretch_width",
        )
        return [self.name, self.filters, top, self.key, self.chart, self.list_head, self.table, self.nothing]

    def panels(self) -> dict[str, Any]:
        """Return the parts that can stand alone in a frame."""
        return {"hours": self.chart, "agenda": self.table}

    def follow_theme(self, dark: bool) -> None:
        """Give the heat map the colours of a theme: its cells have theirs in the data."""
        self._dark = dark
        self.chart.config = look(dark)
        if self.model.hours is not None:
            self._update_hours()

    # What the visitor does

    def _on_filter(self, key: str, raw: str) -> None:
        name = "calendar_sort" if key == "sort" else key
        value, problem = url.read("calendar", name, raw)
        if problem or value == getattr(self.state, name):
            return
        if key == "sort":
            self.model.sort_by(raw)
        elif key == "calendar_measure":
            self.state.calendar_measure = value
        elif key == "calendar_day":
            self.model.choose(calendar_day=value, calendar_hour="")
        elif key != "calendar_hour" or self.state.calendar_day:
            self.model.choose(**{key: value})

    def _on_remove(self, identity: str) -> None:
        gone: dict[str, Any] = {"category": ""} if identity in {"", "category"} else {}
        if identity in {"", "calendar_day"}:
            gone |= {"calendar_day": None}
        if identity in {"", "calendar_day", "calendar_hour"}:
            gone |= {"calendar_hour": ""}
        self.model.choose(**gone)

    def _on_pick(self, said: str) -> None:
        day, _, hour = said.partition(" ")
        self.model.pick(date.fromisoformat(day), hour)

    def _on_page(self, page: int) -> None:
        self.state.table_page = max(1, min(page, -(-self.table.total // PAGE_SIZE)))

    # What the model says

    def _update(self) -> None:
        model, state = self.model, self.state
        if model.answer is None or model.hours is None:
            self.put(self.unanswered())
            return
        self.put(None)
        offered = [("", "all"), *((name, f"{name} ({n:,} open)") for name, n in model.categories)]
        self.filters.offer("category", offered)
        self.filters.offer("calendar_day", agenda_filters.day_options(model.days()))
        self.filters.offer("calendar_hour", agenda_filters.hour_options(model.hours_of_day()))
        self.filters.param.update(
            values=agenda_filters.values(state), count=f"{model.answer.entries:,} {self._noun(model.answer.entries)}"
        )
        self.filters.say(agenda_filters.chips(state, self.times.zone_label))
        self.measure.values = {"calendar_measure": state.calendar_measure}
        self._update_hours()
        self._update_list()

    def _noun(self, count: int) -> str:
        return _NOUNS.get(self.state.calendar_kind, ("market", "markets"))[count != 1]

    def _update_hours(self) -> None:
        model, state = self.model, self.state
        if model.hours is None:
            return
        title = f"{_TITLES[state.calendar_kind]} by day and hour ({self.times.zone_label})"
        note = "; ".join(model.hours.notes[:-1])
        show(self.head, cards.section_title(title, note, info_key="hours"))
        cells = [self._cell(item) for item in model.hours.rows()]
        frame, bounds = hour_heat.heat_frame(cells, self._dark)
        label = {word: said for word, said, _ in _MEASURES}[state.calendar_measure]
        label = self._noun(2).capitalize() if state.calendar_measure == "entries" else label
        busiest = max(cells, key=lambda item: item.amount, default=None)
        most = f" Most: {busiest.when}, {busiest.said}." if busiest and busiest.amount else " Nothing in this range."
        self.chart.param.update(
            scope=f"{state.calendar_kind} {state.calendar_range} {state.zone}",
            file=f"kalshi-calendar-{model.now:%Y%m%dT%H%M%SZ}",
            **self.menu("hours", title),
        )
        self.chart.feed(frame, description=f"{title}, {label.lower()}, {len(cells)} hours.{most}")
        show(self.key, heat_key.heat_key(bounds, label))

    def _cell(self, item: dict[str, Any]) -> HeatCell:
        state, hour = self.state, item["hour"]
        entries = item["entries"]
        picked = state.calendar_day == item["day"] and state.calendar_hour in ("", hour)
        again = " again" if hour.endswith("b") else ""
        until = hour_words(str((int(hour.removesuffix("b")) + 1) % 24))
        return HeatCell(
            day=day_words(item["day"]),
            hour=hour_words(hour),
            rank=int(hour.removesuffix("b")) + (0.5 if again else 0),
            amount=float(item[MEASURES[state.calendar_measure]]),
            when=f"{day_words(item['day'])}, {hour_words(hour)}–{until} {self.times.zone_label}",
            said=f"{entries:,} {self._noun(entries)}",
            contracts=formatting.count(item["volume_24h_contracts"]),
            interest=formatting.count(item["open_interest_contracts"]),
            pick=f"{item['day']} {hour}",
            picked=picked,
        )

    def _update_list(self) -> None:
        model, state = self.model, self.state
        answer = model.answer
        assert answer is not None
        setting = Setting(state.calendar_kind, model.now, self.style, self.times)
        # The star of a row is that of its market, so rows that are milestones have none.
        starred = state.calendar_kind != "milestones"
        rows = [
            row(
                str(item["ticker"] if starred else item["entry"]),
                self._href(item),
                agenda_columns.cells(item, setting),
            )
            for item in answer.rows()
        ]
        self.table.param.update(
            columns=agenda_columns.columns(state.calendar_kind, self.style),
            starred=starred,
            sort=state.calendar_sort,
            descending=state.calendar_order != _ASCENDING,
            page=model.page,
            total=answer.total,
            rows=rows,
        )
        self.table.visible = bool(rows)
        unlike = _UNLIKE_MARKETS.get(state.calendar_kind, "")
        said = [*answer.notes[:-1], f"{answer.notes[-1]}, most traded outcome of each", *([unlike] if unlike else [])]
        note = "; ".join(said) if rows else ""
        show(self.list_head, cards.section_title(self._span_words(), note, info_key="agenda"))
        show(self.nothing, Markup() if rows else self._nothing())

    def _span_words(self) -> str:
        state = self.state
        if state.calendar_day is None:
            return f"The next {link_words.CALENDAR_RANGES[state.calendar_range]} days"
        hour = f", {hour_words(state.calendar_hour)} {self.times.zone_label}" if state.calendar_hour else ""
        return f"{day_words(state.calendar_day)} {state.calendar_day.year}{hour}"

    def _href(self, item: dict[str, Any]) -> str:
        """Lead to the market where there is one, to the event where there are more, nowhere without any."""
        if not item["ticker"]:
            return ""
        one = item["markets"] == 1
        return self.link("market", ticker=item["ticker"]) if one else self.link("event", event=item["event_ticker"])

    def _nothing(self) -> Markup:
        """Say that nothing happens, and offer the steps that bring something back."""
        state = self.state
        own = {key.name: getattr(state, key.name) for key in page_keys.PAGE_KEYS["calendar"]} | {"table_page": 1}
        steps = []
        if state.calendar_day:
            whole = own | {"calendar_day": None, "calendar_hour": ""}
            steps.append(action("The whole range", url.link("calendar", **whole)))
        if state.category:
            steps.append(action("All categories", url.link("calendar", **own | {"category": ""})))
        if state.calendar_range == "7d":
            steps.append(action("Look 30 days ahead", url.link("calendar", **own | {"calendar_range": "30d"})))
        words = {"closes": "closes", "expires": "is expected to expire", "opens": "opens", "milestones": "starts"}
        said = f"Nothing {words[state.calendar_kind]} then"
        about = ""
        if state.calendar_kind == "milestones":
            about = "Milestones are fetched once a day; those whose time has come are not listed."
        if state.calendar_kind == "opens":
            about = "Only markets of events that trade already are known before they open."
        return face("empty", said, about, *steps)
