"""The movers: what moved beyond half its spread, how unusual that is, and how much is not known."""

from __future__ import annotations

from typing import Any

from app.models.list_model import PAGE_SIZE
from app.models.movers import Movers, MoversModel, sparkline_hours
from app.pages import doings, movers_columns, movers_filters
from app.pages.list_page import ListPage
from app.pages.movers_columns import Setting
from components import formatting
from components.doing import CSS as DOING_CSS
from components.doing import doing
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, band, face
from components.filter_bar import FilterBar
from components.markup_pane import markup_pane, show
from components.section_head import CSS as HEAD_CSS
from components.section_head import section_head
from components.tables import PagedTable, row
from components.text import Markup

_WINDOWS = {value: label for value, label, _ in movers_filters.WINDOWS}


class MoversPage(ListPage):
    """List what moved; window, ranking, direction and filters go to the session's state."""

    model: MoversModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return f"Movers {_WINDOWS[self.state.movers_window]}"

    def _build(self) -> list[Any]:
        self.heading = markup_pane(section_head("Movers", info_key="movers", level=1), css=f"{HEAD_CSS}{DOING_CSS}")
        self.filters = FilterBar(
            self._on_filter,
            self._on_remove,
            self._on_suggest,
            label="Window, ranking and filters of the movers",
            margin=(0, 0, 8, 0),
            fields=movers_filters.FIELDS,
        )
        self.fetching = markup_pane(css=FEEDBACK_CSS)
        self.table = PagedTable(
            self._on_page,
            self.model.sort_by,
            label="Movers",
            columns=self._columns(),
            size=PAGE_SIZE,
            starred=True,
        )
        self.nothing = markup_pane(css=FEEDBACK_CSS)
        return [self.heading, self.filters, self.fetching, self.table, self.nothing]

    def _columns(self) -> list[dict[str, Any]]:
        return movers_columns.columns(_WINDOWS[self.state.movers_window], self._span(), self.style)

    def _span(self) -> str:
        hours = sparkline_hours(self.state.movers_window)
        return f"{hours // 24} d" if hours > 24 else f"{hours} h"

    # What the visitor does

    def _on_filter(self, key: str, raw: str) -> None:
        if key in movers_filters.CHOICES and raw not in {word for word, _, _ in movers_filters.CHOICES[key]}:
            return
        value, readable = self._read(key, raw)
        if not readable:
            return
        if key == "series":
            self.model.add_series(*value[:1])
        elif key == "movers_sort":
            self.state.param.update(movers_sort=value, movers_order="desc", table_page=1)
        elif value != getattr(self.state, key):
            self.model.choose(**{key: value})

    # What the model says

    def poll(self) -> None:
        """Say how far the fetching of histories is."""
        if self.model.answer is not None:
            show(self.fetching, self._fetching())

    def _update(self) -> None:
        model, state = self.model, self.state
        answer = model.answer
        if answer is None:
            self.put(self.unanswered())
            return
        self.put(None)
        self._offer_categories()
        show(self.heading, self._heading(answer))
        show(self.fetching, self._fetching())
        self._update_filters(answer)
        items: list[dict[str, Any]] = answer.rows()
        width = max(
            (formatting.price_digits(item["spread_dollars"], item["tick_dollars"]) for item in items), default=0
        )
        window = _WINDOWS[state.movers_window]
        setting = Setting(window, self._span(), width, model.now, model.sparklines, self.style, self.times)
        rows = [
            row(str(item["ticker"]), self.link("market", ticker=item["ticker"]), movers_columns.cells(item, setting))
            for item in items
        ]
        self.table.param.update(
            columns=self._columns(),
            sort=state.movers_sort,
            descending=state.movers_order == "desc",
            page=model.page,
            total=answer.total,
            rows=rows,
        )
        self.table.visible = bool(rows)
        show(self.nothing, Markup() if rows else self._nothing(answer))

    def _update_filters(self, answer: Movers) -> None:
        state = self.state
        noun = "market" if state.movers_side == "unknown" else "mover"
        self.filters.param.update(
            values=movers_filters.values(state),
            count=f"{answer.total:,} {noun if answer.total == 1 else noun + 's'}",
        )
        self.filters.say(movers_filters.chips(state, self.model.filtering()))

    def _heading(self, answer: Movers) -> Markup:
        """Say how many moved, how many did not, and of how many nothing is known."""
        window = _WINDOWS[self.state.movers_window]
        beyond = answer.passing - answer.unknown - answer.within_spread
        said = f"{beyond:,} of {answer.passing:,} moved beyond half their spread in {window}"
        if answer.within_spread:
            said += f", {answer.within_spread:,} within it"
        if answer.unknown:
            verb = "has" if answer.unknown == 1 else "have"
            said += f"; {answer.unknown:,} of {answer.passing:,} {verb} no price {window} ago"
        about = (
            "Open markets that pass the filters. A move is measured middle with middle where both spreads are at "
            "most 20¢, else trade with trade, from the price that stood at "
            f"{self.moment(answer.then)}: of 24 hours ago as Kalshi sends it, else from the quotes this dashboard "
            "stored, else from hourly candlesticks of the most traded markets and of those on a screen. What has no "
            f"price then is n/a and counted, never 0. z is known for {answer.passing - answer.without_z:,} of them. "
            f"Received {self.moment(answer.as_of)}."
        )
        alert = doing(*doings.of_movers(self.state.link_values(), self.link))
        return section_head("Movers", said, hover=about, info_key="movers", level=1, tools=alert)

    def _fetching(self) -> Markup:
        """Say how far the hourly histories are that z, surges and some prices come from, while they are fetched."""
        fetched = self.model.fetching
        if fetched is None:
            return Markup()
        done, total = fetched
        far = f"{done:,} of {total:,} of the most traded markets." if total else ""
        return band(
            "loading",
            "Hourly history is being fetched.",
            f"{far} z, surges and missing prices fill in by themselves.",
            share=done / total if total else None,
        )

    def _nothing(self, answer: Movers) -> Markup:
        """Say why nothing is listed, and offer the one step that brings back the most."""
        model, window = self.model, _WINDOWS[self.state.movers_window]
        filtering = model.filtering()
        everything = action("Clear all filters", self.link("movers", **model.without(*filtering)))
        if answer.passing:
            return self._nothing_moved(answer, window, everything)
        if not filtering:
            return face("empty", "No market is open", "The exchange lists none at this moment.")
        if model.tightest is None:
            return face("empty", "Nothing left", "No market passes, whichever of the filters goes alone.", everything)
        return self._nothing_left("Nothing left", "", everything)

    def _nothing_moved(self, answer: Movers, window: str, everything: Markup) -> Markup:
        side = self.state.movers_side
        if side == "unknown":
            return face("empty", "Nothing is unknown", f"Every market that passes has a price of {window} ago.")
        if 2 * answer.unknown > answer.passing:
            return self._too_young(answer, window)
        way = {"up": "up ", "down": "down "}.get(side, "")
        title = f"Nothing moved {way}beyond half its spread in {window}"
        known = answer.passing - answer.unknown
        return self._nothing_left(
            title, f"{known:,} markets that pass the filters have a price then and now.", everything
        )

    def _too_young(self, answer: Movers, window: str) -> Markup:
        """Say that most of what passes has no price of then: whatever filters, that is why nothing is listed."""
        known = answer.passing - answer.unknown
        rest = f" The other {known:,}: no such move beyond half the spread." if known else ""
        reason = (
            f"No price of {window} ago is stored yet for {answer.unknown:,} of {answer.passing:,} markets that pass "
            f"the filters.{rest} History grows by itself; moves of 24 hours come from Kalshi at once."
        )
        held = self.model.without()
        day = action("Show 24 h", self.link("movers", **held | {"movers_window": "24h"}))
        return face(
            "empty",
            f"{'Little' if known else 'No'} history of {window} yet",
            reason,
            action(f"List the {answer.unknown:,} (n/a)", self.link("movers", **held | {"movers_side": "unknown"})),
            *([day] if window != "24 h" else []),
            action("Fill in history", self.link("status", status_part="backfill")),
        )

    def _nothing_left(self, title: str, reason: str, everything: Markup) -> Markup:
        tightest, filtering = self.model.tightest, self.model.filtering()
        if tightest is None:
            return face("empty", title, reason, *([everything] if filtering else []))
        name, count = tightest
        said = movers_filters.words(name, getattr(self.state, name))
        step = f"Remove it ({count:,} {'mover' if count == 1 else 'movers'})"
        one = action(step, self.link("movers", **self.model.without(name)))
        return face(
            "empty",
            title,
            f"{reason} The tightest filter is {said}.".strip(),
            one,
            *([everything] if filtering[1:] else []),
        )
