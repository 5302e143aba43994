"""All series of the exchange, open or not: as a table or as cards, by category and tag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app import page_keys, url
from app.models.series import FILTERS, PAGE_SIZE, SeriesModel
from app.pages import about
from app.pages.base import PageView
from app.pages.market_terms import FEES
from components import filter_bar, formatting, series_cards
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, face
from components.filter_bar import FilterBar
from components.markup_pane import markup_pane, show
from components.series_cards import Card
from components.tables import PagedTable, cell, column, row
from components.text import Markup, join

Row = Mapping[str, Any]

_SORTS = [
    ("volume24h", "by volume 24 h"),
    ("interest", "by open interest"),
    ("markets", "by open markets"),
    ("events", "by open events"),
    ("volume", "by volume ever"),
    ("title", "by title"),
    ("category", "by category"),
    ("ticker", "by ticker"),
]
FIELDS = [
    filter_bar.search("series_text", "Search series", "Title, ticker or tag"),
    filter_bar.choice("series_category", "Category", [("", "all")]),
    filter_bar.choice("series_tag", "Tag", [("", "all")]),
    filter_bar.segment(
        "series_shown",
        "Series shown",
        [("all", "all", "Every series, open or not"), ("open", "open", "Series with open markets")],
    ),
    filter_bar.choice("series_sort", "Sorted", _SORTS, plain=True),
    filter_bar.SPACE,
    filter_bar.segment(
        "series_view", "Shown as", [("table", "table", "One row a series"), ("cards", "cards", "Cards")]
    ),
    about.downloads("series", "All series that pass, in this order"),
]
KEYS = (*FILTERS, "series_sort", "series_view")
#: What a file does not depend on.
_LOOKS = frozenset({"series_page", "series_view", *page_keys.SHARED})

_HELD = "of its stored open markets"
COLUMNS = [
    column("title", "Series", "Title of the series, and its ticker at the exchange", kind="link", sort="title"),
    column("category", "Category", "Category of the series", sort="category"),
    column("tags", "Tags", "What the exchange files it under"),
    column(
        "volume24h",
        "Volume 24 h",
        f"Contracts traded in the last 24 hours {_HELD}",
        align="right",
        sort="volume24h",
        narrow="second",
        short="vol",
        flash=True,
    ),
    column("interest", "Open interest", f"Contracts outstanding {_HELD}", align="right", sort="interest", flash=True),
    column(
        "markets",
        "Open markets",
        "Markets that trade now",
        align="right",
        sort="markets",
        narrow="second",
        short="open",
    ),
    column("events", "Open events", "Events with a market that trades now", align="right", sort="events"),
    column("volume", "Volume ever", "Contracts ever traded, as the exchange says", align="right", sort="volume"),
    column("frequency", "Recurs", "How often it recurs, in the exchange's words"),
    column("fee", "Fee", "How the fee is computed, and its multiplier"),
]


def fee_text(item: Row) -> str:
    """Return the kind of a series' fee and its multiplier, short."""
    kind = item["fee_type"]
    if not kind:
        return formatting.ABSENT
    name = FEES[kind][0] if kind in FEES else str(kind)
    times = item["fee_multiplier"]
    return name if times is None else f"{name} × {times:g}"


class SeriesPage(PageView):
    """List series; what a visitor types, sorts and turns goes to the session's state."""

    model: SeriesModel
    headed = False

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return f"“{self.state.series_text}” · Series" if self.state.series_text else "Series"

    def _build(self) -> list[Any]:
        self.filters = FilterBar(
            self._on_filter, self._on_remove, label="Filters of the list of series", fields=FIELDS
        )
        self.table = PagedTable(
            self._on_page, self.model.sort_by, label="Series", columns=COLUMNS, size=PAGE_SIZE, margin=(8, 0, 0, 0)
        )
        self.cards = markup_pane(css=series_cards.CSS, margin=(8, 0, 0, 0))
        self.nothing = markup_pane(css=FEEDBACK_CSS)
        self._offered: tuple[Any, ...] = ()
        return [self.filters, self.table, self.cards, self.nothing]

    # What the visitor does

    def _on_filter(self, key: str, raw: str) -> None:
        limit = 100 if key == "series_text" else 80
        value, problem = url.read("series", key, raw[:limit]) if key in KEYS else (None, "unknown")
        if problem or value is None or value == getattr(self.state, key):
            return
        if key == "series_view":
            self.state.series_view = value
        elif key == "series_sort":
            self.model.sort_by(value)
        else:
            self.model.choose(**{key: value})

    def _on_remove(self, identity: str) -> None:
        if not identity:
            self.model.clear()
        elif identity in FILTERS:
            self.model.choose(**{identity: page_keys.DEFAULTS[identity]})

    def _on_page(self, page: int) -> None:
        self.state.series_page = max(1, min(page, self.model.pages))

    # What the model says

    def _update(self) -> None:
        model, state, answer = self.model, self.state, self.model.answer
        if answer is None:
            self.put(self.unanswered())
            return
        self.put(None)
        self._offer()
        self.filters.param.update(
            values={key: getattr(state, key) for key in KEYS} | {"export": about.query(state.link_values(), _LOOKS)},
            count=f"{answer.total:,} series",
            note="",
        )
        self.filters.say(self._chips())
        items = answer.rows()
        as_cards = state.series_view == "cards"
        self.table.visible = bool(items) and not as_cards
        if as_cards:
            show(self.cards, join([self._cards(items), self._turning()]) if items else Markup())
        else:
            show(self.cards, Markup())
            self.table.param.update(
                sort=state.series_sort,
                descending=state.series_direction == "desc",
                page=model.page,
                total=answer.total,
                rows=[self._row(item) for item in items],
            )
        show(self.nothing, Markup() if items else self._nothing())

    def _offer(self) -> None:
        """Offer categories and tags, a chosen one among them even if the lake has none of it."""
        offered = (self.model.categories, self.model.tags, self.state.series_category, self.state.series_tag)
        if offered == self._offered:
            return
        self._offered = offered
        for key, found, chosen in (
            ("series_category", self.model.categories, self.state.series_category),
            ("series_tag", self.model.tags, self.state.series_tag),
        ):
            named = [(name, f"{name} ({count:,})") for name, count in found]
            if chosen and chosen not in {name for name, _ in found}:
                named.append((chosen, f"{chosen} (0)"))
            self.filters.offer(key, [("", "all"), *named])

    def _chips(self) -> list[tuple[str, str]]:
        state = self.state
        said = {
            "series_text": f"“{state.series_text}”",
            "series_category": state.series_category,
            "series_tag": f"tag {state.series_tag}",
            "series_shown": "with open markets",
        }
        return [(name, said[name]) for name in FILTERS if getattr(state, name) != page_keys.DEFAULTS[name]]

    def _href(self, item: Row) -> str:
        return self.link("series_detail", series_ticker=item["series_ticker"])

    def _row(self, item: Row) -> list[Any]:
        tags = ", ".join(item["tags"] or [])
        return row(
            item["series_ticker"],
            self._href(item),
            [
                cell(item["title"] or item["series_ticker"], sub=item["series_ticker"]),
                cell(item["category"] or formatting.ABSENT),
                cell(tags or formatting.ABSENT, title=tags),
                *(cell(formatting.count(item[name])) for name in ("volume_24h_contracts", "open_interest_contracts")),
                cell(f"{item['open_markets']:,}"),
                cell(f"{item['open_events']:,}"),
                cell(formatting.count(item["volume_contracts"])),
                cell((item["frequency"] or formatting.ABSENT).replace("_", " ")),
                cell(fee_text(item)),
            ],
        )

    def _cards(self, items: list[dict[str, Any]]) -> Markup:
        made = []
        for item in items:
            tags = ", ".join(item["tags"] or [])
            line = " · ".join(part for part in (item["category"], tags) if part)
            made.append(
                Card(
                    self._href(item),
                    item["title"] or item["series_ticker"],
                    item["series_ticker"],
                    line,
                    [
                        ("Volume 24 h", formatting.count(item["volume_24h_contracts"])),
                        ("Open interest", formatting.count(item["open_interest_contracts"])),
                        ("Open markets", f"{item['open_markets']:,}"),
                        ("Fee", fee_text(item)),
                    ],
                )
            )
        return series_cards.cards(made, label="Series")

    def _turning(self) -> Markup:
        page, pages = self.model.page, self.model.pages

        def at(number: int) -> str:
            return url.encode(self.state.link_values() | {"series_page": number})

        said = f"page {page:,} of {pages:,}"
        return series_cards.turning(said, at(page - 1) if page > 1 else "", at(page + 1) if page < pages else "")

    def _nothing(self) -> Markup:
        if not self._chips():
            reason = "They are fetched once a day; the list appears by itself."
            return face("empty", "No series is stored yet", reason)
        everything = action("Clear all filters", self.link("series", series_view=self.state.series_view))
        return face("empty", "Nothing left", "No series passes these filters.", everything)
