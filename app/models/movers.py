"""What moved: window, ranking and filters in; one page of movers, their sparklines and what is unknown out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import param

from app import link_words
from app.models.base import now_utc
from app.models.exports import Export
from app.models.freshness import ReportingSource
from app.models.list_model import PAGE_SIZE, ListModel
from app.models.table import direction_after
from app.state import State
from data_layer.movers_questions import SPARKLINE_POINTS, Movers
from data_layer.questions import Answer, MoverColumn, MoverFilter, MoverSide, Order

#: Most rows of a file: more than ever moved beyond half their spreads.
EXPORTED_MOVERS = 50_000

#: Part of a `MoverFilter`, and the value of a link that it comes from; in the order the screen names them.
FILTERS: dict[str, str] = {
    "volume_24h_min_contracts": "movers_volume24h_min",
    "days_to_close_min": "movers_close_min",
    "days_to_close_max": "movers_close_max",
    "days_to_expiration_min": "movers_expires_min",
    "days_open_min": "movers_open_min",
    "categories": "category",
    "series": "series",
}

COLUMNS: dict[str, MoverColumn] = {
    "pp": MoverColumn.POINTS,
    "odds": MoverColumn.LOG_ODDS,
    "z": MoverColumn.Z,
    "title": MoverColumn.TITLE,
    "chance": MoverColumn.PROBABILITY,
    "spread": MoverColumn.SPREAD,
    "volume24h": MoverColumn.VOLUME_24H,
    "recent": MoverColumn.RECENT,
    "surge": MoverColumn.SURGE,
    "ends": MoverColumn.CLOSES,
}
#: Words and times are looked for from their beginning, numbers from their largest.
ASCENDING_FIRST = frozenset({"title", "spread", "ends"})
#: Sparklines show at least a day: an hour of a market that trades now and then is a straight line.
_SPARKLINE_HOURS_MIN = 24


def filter_of(values: Mapping[str, Any]) -> MoverFilter:
    """Return the filter that a link's values describe."""
    volume, category = values["movers_volume24h_min"], values["category"]
    return MoverFilter(
        categories=(category,) if category else (),
        series=values["series"],
        volume_24h_min_contracts=None if volume is None else int(volume),
        days_to_close_min=values["movers_close_min"],
        days_to_close_max=values["movers_close_max"],
        days_to_expiration_min=values["movers_expires_min"],
        days_open_min=values["movers_open_min"],
    )


def order_of(values: Mapping[str, Any]) -> tuple[Order, ...]:
    """Return the order that a link's values describe; what is equal stands by its volume."""
    chosen = Order(COLUMNS[values["movers_sort"]], values["movers_order"] == "desc")
    by_volume = Order(MoverColumn.VOLUME_24H)
    return (chosen,) if chosen.column is by_volume.column else (chosen, by_volume)


def side_of(values: Mapping[str, Any]) -> MoverSide:
    """Return which way markets of YES moved: where NO is shown, what fell has risen."""
    side = MoverSide(values["movers_side"])
    turned = {MoverSide.UP: MoverSide.DOWN, MoverSide.DOWN: MoverSide.UP}
    return turned.get(side, side) if values["side"] == "no" else side


def sparkline_hours(window: str) -> int:
    """Return how far back the sparklines of a window reach."""
    return max(_SPARKLINE_HOURS_MIN, link_words.MOVER_WINDOWS[window])


def sparkline(buckets: Mapping[int, Decimal], now: Decimal | None) -> list[int | None]:
    """Return a line of tenths of a percent: a bucket without a change stands where the one before stood.

    It begins with what stood when the span began, None where nothing was known; its last point is the chance now, or
    the last one known. Empty where no line can be drawn.
    """
    line: list[int | None] = []
    for bucket in range(SPARKLINE_POINTS):
        chance = buckets.get(bucket)
        if bucket == SPARKLINE_POINTS - 1:
            chance = buckets.get(SPARKLINE_POINTS, chance)
        line.append(line[-1] if chance is None and line else None if chance is None else round(1000 * chance))
    if now is not None:
        line[-1] = round(1000 * now)
    return line if sum(point is not None for point in line) > 1 else []


EXPORTS: dict[str, Export] = {
    "movers": Export(
        "Movers",
        lambda source, values, now: source.repository.movers(
            link_words.MOVER_WINDOWS[values["movers_window"]],
            filter_of(values),
            side_of(values),
            order_of(values),
            limit=EXPORTED_MOVERS,
        ),
        (
            "Combinations are left out.",
            "A move of at most half the wider spread, now or then, is left out.",
            "A market without a price at the beginning of the window is no mover: it is counted.",
            "A file holds all rows, the screen one page.",
        ),
        method="change",
    )
}


class MoversModel(ListModel):
    """One page of what moved, as the session's window, ranking, filters and page number say."""

    answer = param.ClassSelector(class_=Movers, default=None, allow_None=True, doc="The page of rows; None at first.")
    sparklines = param.Dict(default={}, doc="Line of each listed market by ticker, as `sparkline` makes it.")

    page_name = "movers"
    exports = EXPORTS
    neutral = {**dict.fromkeys(FILTERS.values()), "category": "", "series": ()}
    inputs = (
        *FILTERS.values(),
        *("movers_window", "movers_side", "movers_sort", "movers_order", "table_page"),
    )

    def __init__(self, source: ReportingSource, state: State, now: Callable[[], datetime] = now_utc) -> None:
        super().__init__(source, state, now)
        self._reporting = source
        #: Lines of one window of one snapshot: most rows stay when a filter changes.
        self._lines: dict[str, dict[int, Decimal]] = {}
        self._lines_from: tuple[Any, ...] = ()

    @property
    def fetching(self) -> tuple[int, int] | None:
        """How many of how many hourly histories this round has fetched; None when none are being fetched."""
        progress = self._reporting.progress()
        return (progress.done, progress.total or 0) if progress.stage == "histories" else None

    @property
    def hours(self) -> int:
        """Length of the window."""
        return link_words.MOVER_WINDOWS[self.state.movers_window]

    def _ask(self) -> dict[str, Any]:
        repository, values = self._source.repository, self.state.link_values()
        wanted, order, side = filter_of(values), order_of(values), side_of(values)
        page = values["table_page"]
        answer = repository.movers(self.hours, wanted, side, order, (page - 1) * PAGE_SIZE, PAGE_SIZE)
        self.answer_of("movers", answer)
        tightest = None
        if not answer.total and self.filtering():
            found = repository.tightest_mover_filter(self.hours, wanted, side)
            tightest = (FILTERS[found[0]], found[1]) if found else None
        tickers = answer.table["ticker"].to_pylist()
        lines = self._lines_of(tickers, answer)
        self._source.show(tickers, lines=True)
        return {
            "answer": answer,
            "sparklines": {
                ticker: sparkline(lines.get(ticker, {}), chance)
                for ticker, chance in zip(tickers, answer.table["probability"].to_pylist(), strict=True)
            },
            "categories": self._categories(),
            "page": min(page, max(1, -(-answer.total // PAGE_SIZE))),
            "tightest": tightest,
            "now": self._now(),
        }

    def _lines_of(self, tickers: Sequence[str], answer: Movers) -> dict[str, dict[int, Decimal]]:
        """Return the known chances of markets by bucket; only those that were not asked for before are asked for."""
        hours = sparkline_hours(self.state.movers_window)
        beginning = (hours, answer.source, answer.snapshot_id, answer.then)
        if beginning != self._lines_from:
            self._lines, self._lines_from = {}, beginning
        missing = [ticker for ticker in tickers if ticker not in self._lines]
        if missing:
            found = by_ticker(self._source.repository.sparklines(missing, hours))
            self._lines |= {ticker: found.get(ticker, {}) for ticker in missing}
        return self._lines

    def sort_by(self, word: str) -> None:
        """Rank by a column, or turn its direction if it is ranked by already; back to the first page."""
        direction = direction_after(word, self.state.movers_sort, self.state.movers_order, ASCENDING_FIRST)
        self.state.param.update(movers_sort=word, movers_order=direction, table_page=1)


def by_ticker(answer: Answer) -> dict[str, dict[int, Decimal]]:
    """Return the known chances of each market by bucket."""
    lines: dict[str, dict[int, Decimal]] = {}
    for row in answer.table.to_pylist():
        if row["probability"] is not None:
            lines.setdefault(row["ticker"], {})[row["bucket"]] = row["probability"]
    return lines
