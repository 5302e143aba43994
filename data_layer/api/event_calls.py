"""Series, events and what hangs on them: fee changes and milestones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from data_layer.api import decoding, row_kinds, wire
from data_layer.api.calls import (
    Calls,
    checked_segment,
    expect_asked,
    expect_tickers,
    legs_for,
    one_row,
    optional_seconds,
    optional_ticker,
)
from data_layer.api.page import EventPage, Page
from data_layer.api.pagination import Leg, Walk

EventFilter = Literal["unopened", "open", "closed", "settled"]


class EventCalls(Calls):
    """Endpoints about series and events."""

    def list_series(
        self,
        *,
        category: str | None = None,
        tags: Sequence[str] | None = None,
        include_volume: bool = False,
        include_product_metadata: bool = False,
        min_updated_ts: float | None = None,
    ) -> Page[wire.Series]:
        """Read all series that match, in one answer (``/series``; about 19 MB without a filter)."""
        params = {
            "category": category,
            "tags": ",".join(tags) if tags else None,
            "include_volume": include_volume or None,
            "include_product_metadata": include_product_metadata or None,
            "min_updated_ts": optional_seconds("min_updated_ts", min_updated_ts),
        }
        return self._page("/series", params, "series", row_kinds.SERIES)

    def get_series(self, series_ticker: str, *, include_volume: bool = False) -> wire.Series:
        """Read one series (``/series/{ticker}``)."""
        path = f"/series/{checked_segment(series_ticker)}"
        params = {"include_volume": include_volume or None}
        series = self._ask(path, params, lambda body: one_row(body, "series", row_kinds.SERIES))
        expect_tickers([series_ticker], [series.ticker], path)
        return series

    def list_series_fee_changes(
        self, *, series_ticker: str | None = None, show_historical: bool = False
    ) -> Page[wire.SeriesFeeChange]:
        """Read scheduled (and, if asked, past) changes of series' fees (``/series/fee_changes``)."""
        params = {"series_ticker": optional_ticker(series_ticker), "show_historical": show_historical or None}
        return self._page("/series/fee_changes", params, "series_fee_change_arr", row_kinds.SERIES_FEE_CHANGE)

    def iter_event_pages(
        self,
        *,
        status: EventFilter | None = None,
        with_nested_markets: bool = True,
        with_milestones: bool = False,
        series_ticker: str | None = None,
        tickers: Iterable[str] | None = None,
        min_close_ts: float | None = None,
        min_updated_ts: float | None = None,
        limit: int = 200,
        most_pages: int | None = None,
    ) -> Walk[EventPage]:
        """Walk over events, with their markets inside (``/events``; no combos).

        An event's markets include settled ones; `markets` is None where all are archived.
        """
        params = {
            "limit": limit,
            "status": status,
            "with_nested_markets": with_nested_markets or None,
            "with_milestones": with_milestones or None,
            "series_ticker": optional_ticker(series_ticker),
            "min_close_ts": optional_seconds("min_close_ts", min_close_ts),
            "min_updated_ts": optional_seconds("min_updated_ts", min_updated_ts),
        }
        return Walk(self._event_page, legs_for("/events", params, tickers), most_pages=most_pages)

    def get_event(self, event_ticker: str) -> wire.Event:
        """Read one event with its markets (``/events/{ticker}``); `get_event_page` also tells what was unreadable."""
        return self.get_event_page(event_ticker).items[0]

    def get_event_page(self, event_ticker: str) -> EventPage:
        """Read one event as a page of one (``/events/{ticker}``), with what was rejected and when."""
        path = f"/events/{checked_segment(event_ticker)}"
        params = {"with_nested_markets": True}

        def decode(body: bytes) -> EventPage:
            envelope = decoding.decode_envelope(body)
            rows = decoding.decode_single_event(envelope)
            return EventPage(rows.items, **self._about(path, params, {}, rows, len(body)))

        page = self._ask(path, params, decode)
        expect_tickers([event_ticker], [page.items[0].event_ticker], path)
        return page

    def iter_event_fee_changes(
        self, *, event_ticker: str | None = None, limit: int = 1000, most_pages: int | None = None
    ) -> Walk[Page[wire.EventFeeChange]]:
        """Walk over changes of events' fee overrides (``/events/fee_changes``)."""
        params = {"limit": limit, "event_ticker": optional_ticker(event_ticker)}
        fetch = self._fetcher("event_fee_changes", row_kinds.EVENT_FEE_CHANGE)
        return Walk(fetch, [Leg("/events/fee_changes", params)], most_pages=most_pages)

    def iter_milestone_pages(
        self,
        *,
        category: str | None = None,
        competition: str | None = None,
        type: str | None = None,
        related_event_ticker: str | None = None,
        minimum_start_date: str | None = None,
        min_updated_ts: float | None = None,
        limit: int = 500,
        most_pages: int | None = None,
    ) -> Walk[Page[wire.Milestone]]:
        """Walk over milestones, such as games with their true start (``/milestones``)."""
        params = {
            "limit": limit,
            "category": category,
            "competition": competition,
            "type": type,
            "related_event_ticker": optional_ticker(related_event_ticker),
            "minimum_start_date": minimum_start_date,
            "min_updated_ts": optional_seconds("min_updated_ts", min_updated_ts),
        }
        fetch = self._fetcher("milestones", row_kinds.MILESTONE)
        return Walk(fetch, [Leg("/milestones", params)], most_pages=most_pages)

    def _event_page(self, path: str, params: Mapping[str, object]) -> EventPage:
        def decode(body: bytes) -> EventPage:
            envelope = decoding.decode_envelope(body)
            rows = decoding.decode_events(decoding.container(envelope, "events"))
            expect_asked(params, rows.items, path)
            milestones: tuple[wire.Milestone, ...] = ()
            if params.get("with_milestones") and decoding.has(envelope, "milestones"):
                raws = decoding.container(envelope, "milestones")
                milestones = tuple(decoding.decode_rows(raws, row_kinds.MILESTONE).items)
            about = self._about(path, params, envelope, rows, len(body))
            return EventPage(rows.items, **about, milestones=milestones)

        return self._ask(path, params, decode)
