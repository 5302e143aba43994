"""Answers about events."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from data_layer.demo.answering import Answer, ApiError, bad_request, encode_cursor, page_of
from data_layer.demo.combos import COLLECTION
from data_layer.demo.combos import SERIES as COMBO_SERIES
from data_layer.demo.events import Event
from data_layer.demo.payloads import rfc3339, sources_of
from data_layer.demo.randomness import Draws, seed_of
from data_layer.demo.reference import milestones_of

_EVENT_STATUS = {"unopened": 0, "open": 1, "closed": 2, "settled": 3}


class EventsPage(Answer):
    """GET /events."""

    def reply(self, *parts: str) -> bytes:
        """Return a page of events; combos are not among them."""
        limit = self.limit(200, 200)
        status = self.text("status")
        if status is not None and status not in _EVENT_STATUS:
            raise bad_request("invalid status filter")
        tickers, series = self.listed("tickers"), self.text("series_ticker")
        closing, updated = self.whole("min_close_ts"), self.whole("min_updated_ts")
        nested, stones = self.flag("with_nested_markets"), self.flag("with_milestones")
        world = self.exchange.world
        now = world.now()
        state = world.event_status(now)
        mask = state >= 0 if status is None else state == _EVENT_STATUS[status]
        if tickers is not None:
            mask &= np.isin(np.arange(len(mask)), [world.event_rows.get(name, -1) for name in tickers])
        if series is not None:
            mask &= np.isin(np.arange(len(mask)), world.series_events.get(series, []))
        after = self.cursor(1)
        rows = np.flatnonzero(mask)
        rows = rows[rows > (after[0] if after else -1)]
        events: list[Event] = []
        more = False
        for row in rows.tolist():
            event = world.events[row]
            if (closing is None or self._closes(event, now) > closing) and (
                updated is None or self._updated(event) > rfc3339(updated)
            ):
                if len(events) == limit:
                    more = True
                    break
                events.append(event)
        cursor = encode_cursor([events[-1].row]) if more else ""
        extra = b""
        if stones:
            extra = b'"milestones":' + msgspec.json.encode(milestones_of(world, events, now)) + b","
        return page_of(b"events", self._written(events, nested, now), cursor, extra)

    def _closes(self, event: Event, now: float) -> float:
        rows = np.arange(event.first, event.first + len(event.legs))
        return float(self.exchange.writer.close_times(rows, now).max())

    def _updated(self, event: Event) -> str:
        return str(self.exchange.writer.event_fields(event)["last_updated_ts"])

    def _written(self, events: list[Event], nested: bool, now: float) -> list[bytes]:
        writer = self.exchange.writer
        if not nested:
            return [writer.event(event) for event in events]
        kept = [live_rows(self.exchange.world, event, now) for event in events]
        markets = writer.markets(np.concatenate(kept) if kept else np.empty(0, np.int64), now)
        out, place = [], 0
        for event, rows in zip(events, kept, strict=True):
            out.append(writer.event(event, markets[place : place + len(rows)]))
            place += len(rows)
        return out


def live_rows(world: Any, event: Event, now: float) -> Any:
    """Return the rows of an event's markets that are on the live tier."""
    rows = np.arange(event.first, event.first + len(event.legs))
    c = world.columns
    gone = c.provisional[rows] & (c.trades[rows] == 0) & (c.settled[rows] + 86400 < now)
    return rows[(c.created[rows] <= now) & (c.settled[rows] >= world.cutoff(now)) & ~gone]


def _known(answer: Answer, ticker: str, now: float) -> Event:
    row = answer.exchange.world.event_rows.get(ticker)
    if row is None or answer.exchange.world.event_status(now)[row] < 0:
        raise ApiError(404, "not_found")
    return answer.exchange.world.events[row]


class OneEvent(Answer):
    """GET /events/{ticker}."""

    def reply(self, *parts: str) -> bytes:
        """Return an event, its markets beside it (the old form) or nested in it."""
        nested, without = self.flag("with_nested_markets"), self.flag("exclude_markets")
        if nested and without:
            raise bad_request("exclude_markets cannot be combined with with_nested_markets")
        world, writer = self.exchange.world, self.exchange.writer
        now = world.now()
        event = _known(self, parts[0], now)
        if without:
            return b'{"event":' + writer.event(event) + b',"markets":[]}'
        markets = writer.markets(live_rows(world, event, now), now)
        if nested:
            return b'{"event":' + writer.event(event, markets) + b',"markets":[]}'
        return b'{"event":' + writer.event(event) + b',"markets":[' + b",".join(markets) + b"]}"


class EventMetadata(Answer):
    """GET /events/{ticker}/metadata."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return an event's pictures, colours and sources."""
        world = self.exchange.world
        event = _known(self, parts[0], world.now())
        draws = Draws(seed_of(event.seed, "metadata"))
        answer: dict[str, Any] = {
            "image_url": f"/series-images-webp/{event.slot.series_ticker}.webp" if draws.number() < 0.9 else "",
            "featured_image_url": "",
            "settlement_sources": sources_of(event.family.category),
            "market_details": [
                {
                    "market_ticker": event.ticker + leg.suffix,
                    "image_url": "",
                    "color_code": f"#{draws.whole(0, 0xFFFFFF):06X}",
                }
                for leg in event.legs
            ],
        }
        if event.family.league:
            answer["competition"] = event.family.league[1]
            answer["competition_scope"] = "Game" if event.family.live_hours else "Future"
        return answer


class ComboEvents(Answer):
    """GET /events/multivariate."""

    def reply(self, *parts: str) -> bytes:
        """Return a page of combo events, newest first."""
        limit = self.limit(100, 200)
        series, collection = self.text("series_ticker"), self.text("collection_ticker")
        nested, tickers = self.flag("with_nested_markets"), self.listed("tickers")
        if series and collection:
            raise bad_request("series_ticker cannot be used together with collection_ticker")
        combos = self.exchange.combos
        now = self.exchange.world.now()
        after = self.cursor(1)
        oldest = combos.newest(now) - combos.count
        number = int(after[0]) if after else combos.newest(now)
        out: list[bytes] = []
        if (series or COMBO_SERIES) == COMBO_SERIES and (collection or COLLECTION) == COLLECTION:
            while number > oldest and len(out) < limit:
                combo = combos.make(number)
                number -= 1
                if tickers is not None and combo.event_ticker not in tickers:
                    continue
                event = combos.event(combo)
                if nested:
                    event["markets"] = [combos.market(combo, now)]
                out.append(msgspec.json.encode(event))
        return page_of(b"events", out, encode_cursor([number]) if out and number > oldest else "")


class EventFeeChanges(Answer):
    """GET /events/fee_changes."""

    def reply(self, *parts: str) -> bytes:
        """Return a page of coming fee overrides; null means that an override is lifted."""
        limit, wanted = self.limit(100, 1000), self.text("event_ticker")
        after = self.cursor(1)
        world = self.exchange.world
        now = world.now()
        rows = np.flatnonzero(world.event_status(now) == 1)
        changes: list[dict[str, Any]] = []
        more = False
        for row in rows[rows > (after[0] if after else -1)].tolist():
            event = world.events[row]
            if event.seed % 23 or (wanted and event.ticker != wanted):
                continue
            if len(changes) == limit:
                more = True
                break
            draws = Draws(seed_of(event.seed, "fee"))
            lifted = draws.number() < 0.4
            changes.append({
                "id": draws.uuid(), "event_ticker": event.ticker, "series_ticker": event.slot.series_ticker,
                "fee_type_override": None if lifted else "quadratic_with_maker_fees",
                "fee_multiplier_override": None if lifted else 0.5,
                "scheduled_ts": rfc3339(event.opens + event.slot.length // 2),
            })  # fmt: skip
        cursor = encode_cursor([world.event_rows[changes[-1]["event_ticker"]]]) if more else ""
        return msgspec.json.encode({"event_fee_changes": changes, "cursor": cursor})
