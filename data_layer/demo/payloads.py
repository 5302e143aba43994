"""JSON of markets and events: text that never changes is encoded once a page, quotes are written in beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np

from data_layer.demo.columns import CENT, DECI, SCALAR, TAPERED, YES
from data_layer.demo.events import Event, Leg
from data_layer.demo.quotes import NO_ASK, NO_BID, Moment, moments
from data_layer.demo.randomness import F64, I64, Draws, seed_of
from data_layer.demo.vocabulary import DEFAULT_SOURCES, SOURCES
from data_layer.demo.wording import (
    bare,
    event_title,
    fill,
    hostile_text,
    label_of,
    participant,
    participant_key,
)
from data_layer.demo.world import ACTIVE, DETERMINED, FINALIZED, INACTIVE, STATUSES, World

ZERO_TIME = "0001-01-01T00:00:00Z"
DOLLARS = [f"{thousandths / 1000:.4f}" for thousandths in range(1001)]
_GRIDS = {
    CENT: ("linear_cent", [("0.0000", "1.0000", "0.0100")]),
    DECI: ("deci_cent", [("0.0000", "1.0000", "0.0010")]),
    TAPERED: (
        "tapered_deci_cent",
        [("0.0000", "0.1000", "0.0010"), ("0.1000", "0.9000", "0.0100"), ("0.9000", "1.0000", "0.0010")],
    ),
}
_RANGES = {
    grid: (name, [{"start": start, "end": end, "step": step} for start, end, step in ranges])
    for grid, (name, ranges) in _GRIDS.items()
}
_DISCLAIMER = (
    "This market belongs to a simulated exchange: nothing in it is real. If the event is postponed by more than two "
    "days, the market will resolve to a fair price in accordance with the rules.\n\nThe exchange is not affiliated, "
    "associated, authorized, endorsed by, or in any way officially connected with the Governing League. All "
    "trademarks, logos, and brand names are the property of their respective owners."
)
_encode = msgspec.json.encode


def rfc3339(at: float) -> str:
    """Return a Unix time as RFC 3339 in UTC, with the trailing zeros of the fraction trimmed."""
    moment = datetime.fromtimestamp(round(at, 6), UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{moment.microsecond:06d}".rstrip("0") + "Z" if moment.microsecond else text + "Z"


def contracts(hundredths: int) -> str:
    """Return a count of contracts with two decimals."""
    return f"{hundredths // 100}.{hundredths % 100:02d}"


class Writer:
    """Writes markets and events of one world as JSON."""

    def __init__(self, world: World) -> None:
        self.world = world

    # ---- markets -----------------------------------------------------------------------------------------------

    def markets(self, rows: I64, now: float, *, historical: bool = False) -> list[bytes]:
        """Return one JSON object a row, as seen at ``now`` (``historical``: no 24 h volume, no open interest)."""
        if rows.size == 0:
            return []
        today, yesterday = moments(self.world.columns, rows, [now, now - 86400])
        status = self.world.status(now, rows)
        updated = self.world.updated(now, rows)
        changing = self._changing(rows, now, status, updated, today, yesterday, historical)
        out = []
        columns = self.world.columns
        events = columns.event[rows].tolist()
        current, shared = -1, {}
        for row, number, tail in zip(rows.tolist(), events, changing, strict=True):
            if number != current:
                current = number
                event = self.world.events[number]
                shared = self._shared(event, row)
            out.append(_encode(shared | self._own(event, row - event.first, row))[:-1] + tail.encode())
        return out

    def _shared(self, event: Event, row: int) -> dict[str, Any]:
        """Return what all markets of an event have in common."""
        family, c = event.family, self.world.columns
        draws = Draws(seed_of(event.seed, "text"))
        structure, ranges = _RANGES[int(c.grid[row])]
        fields: dict[str, Any] = {
            "event_ticker": event.ticker,
            "market_type": "binary",
            "can_close_early": draws.number() < 0.98,
            "created_time": rfc3339(c.created[row]),
            "open_time": rfc3339(event.opens),
            "settlement_timer_seconds": int(c.timer[row]),
            "notional_value_dollars": "1.0000",
            "settlement_bounds_type": "default",
            "price_level_structure": structure,
            "price_ranges": ranges,
            "rules_secondary": _DISCLAIMER,
            "title": fill(family.market_title or family.event_title, event.words),
        }
        if draws.number() < 0.95:
            fields["exchange_index"] = 2 if family.category in ("Crypto", "Commodities") else 0
        if family.live_hours:
            fields["occurrence_datetime"] = rfc3339(event.ends)
        if fields["can_close_early"]:
            fields["early_close_condition"] = "This market will close and expire early if the event occurs."
        if draws.number() < 0.02:
            fields["fee_waiver_expiration_time"] = rfc3339(event.opens + 1.2 * event.slot.length)
        if draws.number() < 0.002:
            fields["settlement_bounds_type"] = "floor"
            fields["settlement_floor_dollars"] = "0.0000"
        return fields

    def _own(self, event: Event, place: int, row: int) -> dict[str, Any]:
        """Return what is one market's own and never changes.  Keys without a value are left out."""
        leg, family = event.legs[place], event.family
        label = label_of(event, place)
        strike = bare(label) if family.shape in ("ladder", "deadlines") else label
        own: dict[str, Any] = {
            "ticker": self.world.tickers[row],
            "title": fill(family.market_title or family.event_title, event.words, label=label, strike=strike,
                           event=fill(family.event_title, event.words)),
            "yes_sub_title": label,
            "no_sub_title": label,
            "rules_primary": hostile_text(event, 2) or fill(
                family.rules, event.words, label=label, strike=strike, event=fill(family.event_title, event.words)),
            "latest_expiration_time": rfc3339(self._listed_close(event, leg) + 7 * 86400),
            "expected_expiration_time": rfc3339(self._planned_end(event, leg) + 300),
        }  # fmt: skip
        own["expiration_time"] = own["latest_expiration_time"]
        if label == "Tie":
            own["subtitle"] = "Tie::"
        elif family.league:
            own["subtitle"] = f"{label}:: {event.words['home']}"
        kind = leg.strike_type or family.strike_type
        if kind:
            own["strike_type"] = kind
        if leg.floor is not None:
            own["floor_strike"] = int(leg.floor) if leg.floor == int(leg.floor) else leg.floor
        if leg.cap is not None:
            own["cap_strike"] = int(leg.cap) if leg.cap == int(leg.cap) else leg.cap
        if kind == "structured":
            key = participant_key(family)
            own["custom_strike"] = {key: target_id(participant(leg))}
            own["primary_participant_key"] = key
        elif kind == "custom":
            own["custom_strike"] = {"Word" if family.category == "Mentions" else "Outcome": label}
        elif kind == "functional":
            own["functional_strike"] = "max(0, min(1, x / 100))"
        if self.world.columns.provisional[row]:
            own["is_provisional"] = True
        return own

    @staticmethod
    def _planned_end(event: Event, leg: Leg) -> float:
        return event.opens + leg.life * event.slot.length if event.family.shape == "deadlines" else event.ends

    def _listed_close(self, event: Event, leg: Leg) -> float:
        family = event.family
        if family.far_year and family.far_year > datetime.fromtimestamp(event.ends, UTC).year:
            return datetime(family.far_year, 8, 1, 4, 59, tzinfo=UTC).timestamp()
        return self._planned_end(event, leg) + family.close_lag_days * 86400

    def close_times(self, rows: I64, now: float) -> F64:
        """Return the close times the markets show now: planned ones until trading has ended, real ones after."""
        c = self.world.columns
        times = c.ends[rows].astype(np.float64)
        for place in np.flatnonzero(now < c.ends[rows]).tolist():
            row = int(rows[place])
            event = self.world.event_of(row)
            times[place] = self._listed_close(event, event.legs[row - event.first])
        return times

    def _changing(self, rows: I64, now: float, status: Any, updated: F64, today: Moment, yesterday: Moment,
                  historical: bool) -> list[str]:  # fmt: skip
        c = self.world.columns
        trading = (status == ACTIVE) | (status == INACTIVE)
        bid = np.where(trading, today.bid, NO_BID)
        ask = np.where(trading, today.ask, NO_ASK)
        bid_size, ask_size = np.where(trading, today.bid_size, 0), np.where(trading, today.ask_size, 0)
        old = (c.opens[rows] <= now - 86400) & (status != 0)
        seen = status > 0
        last, volume = np.where(seen, today.last, 0), np.where(seen, today.volume, 0)
        day = volume - np.where(old, yesterday.volume, 0)
        interest = (volume // c.unit[rows] * c.held[rows]).astype(np.int64) * c.unit[rows]
        if historical:
            day, interest = np.zeros_like(day), np.zeros_like(day)
        before = [np.where(old, column, 0) for column in (yesterday.bid, yesterday.ask, yesterday.last)]
        closes = self.close_times(rows, now)
        columns = [column.tolist() for column in (
            status, bid, ask, bid_size, ask_size, last, volume, day, interest, *before, closes, updated)]  # fmt: skip
        return [
            f',"status":"{STATUSES[s]}","yes_bid_dollars":"{DOLLARS[b]}","yes_ask_dollars":"{DOLLARS[a]}"'
            f',"no_bid_dollars":"{DOLLARS[1000 - a]}","no_ask_dollars":"{DOLLARS[1000 - b]}"'
            f',"yes_bid_size_fp":"{contracts(bs)}","yes_ask_size_fp":"{contracts(as_)}"'
            f',"last_price_dollars":"{DOLLARS[p]}","volume_fp":"{contracts(v)}","volume_24h_fp":"{contracts(d)}"'
            f',"open_interest_fp":"{contracts(i)}","previous_yes_bid_dollars":"{DOLLARS[pb]}"'
            f',"previous_yes_ask_dollars":"{DOLLARS[pa]}","previous_price_dollars":"{DOLLARS[pl]}"'
            f',"close_time":"{rfc3339(close)}","updated_time":"{rfc3339(u)}"{self._settlement(row, s)}}}'
            for row, (s, b, a, bs, as_, p, v, d, i, pb, pa, pl, close, u) in zip(
                rows.tolist(), zip(*columns, strict=True), strict=True
            )
        ]

    def _settlement(self, row: int, status: int) -> str:
        if status < DETERMINED:
            return ',"result":"","expiration_value":""'
        c = self.world.columns
        result = int(c.result[row])
        value = {YES: "1.0000", SCALAR: "0.5000"}.get(result, "0.0000")
        word = {YES: "yes", SCALAR: "scalar"}.get(result, "no")
        text = f',"result":"{word}","expiration_value":{_encode(self._expiration_value(row)).decode()}'
        text += f',"settlement_value_dollars":"{value}"'
        if status == FINALIZED:
            text += f',"settlement_ts":"{rfc3339(c.settled[row])}"'
        return text

    def _expiration_value(self, row: int) -> str:
        event = self.world.event_of(row)
        first, last = event.first, event.first + len(event.legs)
        if event.exclusive:
            won = np.flatnonzero(self.world.columns.result[first:last] == YES)
            return event.legs[int(won[0])].label if won.size else ""
        return "" if row % 5 == 0 else str(10 + row % 83)

    # ---- events ------------------------------------------------------------------------------------------------

    def event(self, event: Event, markets: Sequence[bytes] | None = None) -> bytes:
        """Return an event; with ``markets`` (unless there are none) nested in it."""
        text = _encode(self.event_fields(event))
        if not markets:
            return text
        return text[:-1] + b',"markets":[' + b",".join(markets) + b"]}"

    def event_fields(self, event: Event) -> dict[str, Any]:
        """Return an event without its markets."""
        family = event.family
        draws = Draws(seed_of(event.seed, "event"))
        category = family.category if draws.number() > 0.015 else "World"
        ladder = family.shape in ("ladder", "props", "deadlines")
        fields: dict[str, Any] = {
            "event_ticker": event.ticker,
            "series_ticker": event.slot.series_ticker,
            "title": event_title(event),
            "sub_title": hostile_text(event, 3) or fill(family.sub_title, event.words),
            "category": category,
            "collateral_return_type": "MECNET" if event.exclusive else "DIRECNET" if ladder else "",
            "mutually_exclusive": event.exclusive,
            "settlement_sources": sources_of(family.category) if draws.number() > 0.03 else None,
            "last_updated_ts": ZERO_TIME if draws.number() < 0.04 else rfc3339(event.opens - 3600 * draws.number()),
            "exchange_index": 2 if category in ("Crypto", "Commodities") else 0,
        }
        if event.slot.length <= 8 * 86400 and not family.league:
            fields["strike_date"] = rfc3339(event.ends)
        else:
            fields["strike_period"] = family.frequency if family.frequency in ("weekly", "monthly", "annual") else ""
        if family.league:
            scope = {"game": "Game", "ladder": "Game", "props": "Player Props"}.get(family.shape, "Future")
            fields["product_metadata"] = {"competition": family.league[1], "competition_scope": scope}
        if draws.number() < 0.01:
            fields["fee_type_override"] = "quadratic_with_maker_fees"
            fields["fee_multiplier_override"] = (0, 0.5, 1)[draws.whole(0, 2)]
        return fields


def sources_of(category: str) -> list[dict[str, str]]:
    """Return the settlement sources of a category."""
    return [{"name": name, "url": url} for name, url in SOURCES.get(category, DEFAULT_SOURCES)]


def target_id(name: str) -> str:
    """Return the id of the structured target with this name."""
    return Draws(seed_of("target", name)).uuid()
