"""One series: its events, and the chosen one's outcomes and volume over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import panel as pn

from app import url
from app.models.series_detail import PAGE_SIZE, SeriesDetailModel
from app.pages import market_terms
from app.pages.base import PageView, failure, waiting
from app.pages.event_chart import EventChart
from app.pages.series import fee_text
from components import cards, formatting
from components.cards import Fact
from components.charts import daily_volume
from components.charts.factory import look
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, face
from components.live_chart import LiveChart
from components.markup_pane import markup_pane, show
from components.tables import PagedTable, cell, column, row
from components.text import Markup, join

Row = Mapping[str, Any]

EVENT_COLUMNS = [
    column("title", "Event", "Its name; a click shows its outcomes on this page", kind="link"),
    column("state", "State", "How many of its markets are open or decided", narrow="second", short=""),
    column(
        "volume24h",
        "Volume 24 h",
        "Contracts of its markets in 24 hours",
        align="right",
        narrow="second",
        short="vol",
    ),
    column("volume", "Volume", "Contracts of its markets ever", align="right"),
    column("interest", "Open interest", "Contracts outstanding over its open markets", align="right"),
    column("closes", "Closes", "When trading of its last market ends or ended"),
    column("fee", "Own fee", "Where the event's fee differs from the series'"),
    column("ticker", "Ticker", "Identity of the event at the exchange", kind="mono"),
]


class SeriesDetailPage(PageView):
    """Show the series the session has open."""

    model: SeriesDetailModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        series = self.model.series
        if series is None:
            return f"{self.state.series_ticker} not found" if self.model.series_missing else "Series"
        return str(series["title"] or series["series_ticker"])

    def _build(self) -> list[Any]:
        self.head = markup_pane(css=cards.CSS, margin=(0, 0, 14, 0))
        self.events_title = markup_pane(css=cards.CSS, margin=(4, 0, 8, 0))
        self.events = PagedTable(
            self._on_page, label="Events of the series", columns=EVENT_COLUMNS, size=PAGE_SIZE, tall=False
        )
        self.chosen_title = markup_pane(css=cards.CSS + FEEDBACK_CSS, margin=(18, 0, 8, 0))
        self.chart = EventChart(self.model, self.state, self.local_zone, days=("series_from", "series_to"))
        self.volume_title = markup_pane(css=cards.CSS, margin=(14, 0, 4, 0))
        self.volume = LiveChart(
            spec=daily_volume.SPEC,
            config=look(False),
            inset=daily_volume.INSET,
            plot_height=daily_volume.HEIGHT + 36,
            table=daily_volume.TABLE,
        )
        self.chosen = pn.Column(self.chart.view, sizing_mode="stretch_width", margin=0)
        self.nothing = markup_pane(css=FEEDBACK_CSS)
        self.foot = markup_pane(css=cards.CSS, margin=(10, 0, 24, 0))
        return [
            *(self.head, self.events_title, self.events, self.nothing, self.chosen_title, self.chosen),
            *(self.volume_title, self.volume, self.foot),
        ]

    def panels(self) -> dict[str, Any]:
        """Return the parts that can stand alone, each under its title: the events, the chart, the volume per day."""
        stretched: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 0}
        return {
            "events": pn.Column(self.events_title, self.events, **stretched),
            "chart": pn.Column(self.chosen_title, self.chosen, **stretched),
            "volume": pn.Column(self.volume_title, self.volume, **stretched),
        }

    def poll(self) -> None:
        """See whether a fetch has come further."""
        self.model.poll()

    def follow_theme(self, dark: bool) -> None:
        """Give the charts the colours of a theme."""
        self.chart.follow_theme(dark)
        self.volume.config = look(dark)

    def _on_page(self, page: int) -> None:
        self.state.series_events_page = max(1, min(page, -(-len(self.model.events) // PAGE_SIZE)))

    def _update(self) -> None:
        series = self.model.series
        if series is None:
            self.put(self._absent())
            return
        self.put(None)
        show(self.head, join([self._heading(series), self._facts(series)]))
        self._update_events()
        self._update_chosen()
        sources = cards.rules("", "", market_terms.sources(series)) if market_terms.sources(series) else Markup()
        show(self.foot, cards.columns(sources, cards.terms(self._terms(series))))

    # Parts

    def _heading(self, series: Row) -> Markup:
        category = series["category"] or ""
        simulated = self.model.about is not None and self.model.about.source == "demo"
        address = "" if simulated else market_terms.kalshi_page(series)
        way = cards.crumbs(
            [
                ("Series", self.link("series")),
                (category, self.link("series", series_category=category)),
                (series["series_ticker"], ""),
            ],
            elsewhere=cards.outward_link("Kalshi", address) if address else Markup(),
        )
        tags = [(tag, "") for tag in (series["tags"] or [])[:8]]
        # "custom" says nothing by itself; how it recurs stands among the terms.
        recurs = (series["frequency"] or "").replace("_", " ")
        return cards.heading(
            series["title"] or series["series_ticker"], "" if recurs == "custom" else recurs, way=way, tags=tags
        )

    def _facts(self, series: Row) -> Markup:
        events = self.model.events
        trading = [event for event in events if event["open_markets"]]

        def total(name: str) -> str:
            known = [event[name] for event in events if event[name] is not None]
            return formatting.count(sum(known)) if known else formatting.ABSENT

        over = sum(1 for event in events if event["decided_markets"] == event["markets"])
        return cards.facts(
            [
                Fact("Events", f"{self.model.events_total:,}", f"{len(trading):,} open, {over:,} settled, as stored"),
                Fact("Open markets", f"{sum(event['open_markets'] for event in events):,}", "trade now"),
                Fact("Volume 24 h", total("volume_24h_contracts"), "contracts", "Of its open events"),
                Fact("Open interest", total("open_interest_contracts"), "contracts", "Of its open events"),
                Fact(
                    "Volume ever", formatting.count(series["volume_contracts"]), "contracts", "As the exchange says"
                ),
                Fact(
                    "Fee", fee_text(series), "taker and maker: see below", "Of the series; an event can have its own"
                ),
            ],
            label="The series in sum",
        )

    def _update_events(self) -> None:
        model, state = self.model, self.state
        shown = model.events[(model.events_page - 1) * PAGE_SIZE : model.events_page * PAGE_SIZE]
        more = f"the {len(model.events):,} first of {model.events_total:,}"
        note = more if model.events_total > len(model.events) else f"{model.events_total:,} stored, open first"
        show(self.events_title, cards.section_title("Events", note, info_key="events"))
        self.events.visible = bool(shown)
        if not shown:
            reason = "None of its events is open, and none that settled is stored."
            show(self.nothing, face("empty", "No event is stored", reason))
            return
        show(self.nothing, Markup())
        kept = state.link_values() | {"series_events_page": model.events_page, "event_hidden": ()}
        self.events.param.update(
            rows=[self._event(event, kept) for event in shown],
            total=len(model.events),
            page=model.events_page,
            paged=len(model.events) > PAGE_SIZE,
        )

    def _event(self, event: Row, kept: Mapping[str, Any]) -> list[Any]:
        ticker, trading, decided = event["event_ticker"], event["open_markets"], event["decided_markets"]
        if trading:
            said, tone = f"{trading:,} of {event['markets']:,} open", ""
        elif decided == event["markets"]:
            said, tone = f"{decided:,} settled", "muted"
        else:
            said, tone = f"closed, {decided:,} of {event['markets']:,} decided", "amber"
        fee = formatting.ABSENT
        if event["fee_type_override"] or event["fee_multiplier_override"] is not None:
            fee = fee_text(
                {
                    "fee_type": event["fee_type_override"] or "as the series",
                    "fee_multiplier": event["fee_multiplier_override"],
                }
            )
        chosen = "● " if ticker == self.model.chosen else ""
        closes = event["close_time"]
        return row(
            ticker,
            url.encode({**kept, "event": ticker}),
            [
                cell(f"{chosen}{event['title'] or ticker}", sub=event["sub_title"] or ""),
                cell(said, tone=tone),
                cell(formatting.count(event["volume_24h_contracts"])),
                cell(formatting.count(event["volume_contracts"])),
                cell(formatting.count(event["open_interest_contracts"])),
                cell(self.times.short(closes, self.model.now), title=self.times.other(closes, self.model.now)),
                cell(fee),
                cell(ticker),
            ],
        )

    def _update_chosen(self) -> None:
        model, event = self.model, self.model.event
        there = event is not None and bool(model.outcomes)
        self.chart.view.visible = there
        self.volume.visible = there and bool(model.days)
        if event is None or not there:
            show(self.chosen_title, Markup())
            show(self.volume_title, Markup())
            return
        name = event["title"] or event["event_ticker"]
        page = action("Open the event", self.link("event", event=event["event_ticker"]))
        note = f"{model.totals.outcomes:,} outcomes" + (f" · {model.note}" if model.note else "")
        show(self.chosen_title, join([cards.section_title(name, note, info_key="outcomes"), page]))
        self.chart.update()
        show(
            self.volume_title,
            cards.section_title("Volume per day", self._volume_note(), about="US-Eastern days", info_key="volume"),
        )
        if model.days:
            frame, signals, said = daily_volume.volume_view(model.days)
            self.volume.param.update(
                file=f"{event['event_ticker']}_volume-per-day",
                scope=f"{model.chosen} {model.days[0][0]}",
                **self.menu("volume", f"Volume per day of {name}"),
            )
            self.volume.feed(frame, signals=signals, description=said)

    def _volume_note(self) -> str:
        model = self.model
        if not model.days:
            return "being fetched" if model.fetching else "no daily candlestick is stored in this time"
        part = f", the {model.counted:,} leading outcomes of {len(model.outcomes):,}"
        return "contracts, US-Eastern days" + (part if model.counted < len(model.outcomes) else "")

    def _terms(self, series: Row) -> list[Fact]:
        return [
            *market_terms.fee(series),
            *([Fact("Recurs", series["frequency"])] if series["frequency"] else []),
            *([Fact("Tags", ", ".join(series["tags"]))] if series["tags"] else []),
            Fact("Last changed", self.times.moment(series["last_updated_time"])),
        ]

    def _absent(self) -> Markup:
        model, ticker = self.model, self.state.series_ticker
        back = action("All series", self.link("series"))
        if model.empty_lake:
            return waiting()
        if not model.series_missing:
            return failure(model.problem, model.failing_since)
        if not ticker:
            return face("empty", "The link names no series", "A link to a series carries its ticker.", back)
        reason = "Series are fetched once a day. It may be misspelt, newer than that, or never have existed."
        find = action("Search for it", self.link("series", series_text=ticker[:100]))
        return face("empty", f"No series “{ticker}” is stored", reason, back, find)
