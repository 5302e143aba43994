"""Combos (multivariate markets): far more of them than of anything else, made up while they are listed.

Combo number k comes into being every few seconds for ever, its legs are two to four markets that were open then, and
it pays if all of them go its way; so its price is the product of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_layer.demo.paths import brownian_at
from data_layer.demo.payloads import DOLLARS, contracts, rfc3339
from data_layer.demo.quotes import fair, ticks_at
from data_layer.demo.randomness import Draws, seed_of
from data_layer.demo.wording import label_of
from data_layer.demo.world import World

SERIES = "KXMVESPORTSMULTIGAMEEXTENDED"
COLLECTION = f"{SERIES}-R"
PER_MARKET = 20
TRADED_ABOVE = 0.97
_SCRAMBLE = 0x5DEECE66D1
_LIFE = 14 * 86400


@dataclass(frozen=True)
class Combo:
    """One combo: its number, its tickers and its legs (market rows and sides)."""

    number: int
    ticker: str
    event_ticker: str
    created: float
    legs: tuple[tuple[int, str], ...]


class Combos:
    """The combos of a world, newest first."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.count = PER_MARKET * world.size
        self.spacing = 1.8 * min(1.0, 6000 / world.size)  # seconds between two: 2,000 an hour and more

    def newest(self, now: float) -> int:
        """Return the number of the newest combo."""
        return int(now // self.spacing)

    def tickers(self, number: int) -> tuple[str, str]:
        """Return the ticker of a combo's event and its own; the number can be read back from it."""
        code = f"{number ^ _SCRAMBLE:011X}"
        event = f"{SERIES}-S2026{seed_of(self.world.seed, 'combo', number) & 0xFFFFFFFFFFF:011X}"
        return event, f"{event}-{code}"

    def find(self, ticker: str, now: float) -> int | None:
        """Return the number of the combo with this ticker, or with this event's ticker, if it exists."""
        try:
            number = int(ticker.rsplit("-", 1)[-1], 16) ^ _SCRAMBLE
        except ValueError:
            return None
        newest = self.newest(now)
        known = newest - self.count < number <= newest and self.tickers(number)[1] == ticker
        return number if known else None

    def make(self, number: int) -> Combo:
        """Return a combo."""
        world = self.world
        event_ticker, ticker = self.tickers(number)
        draws = Draws(seed_of(world.seed, "legs", number))
        created = round((number + draws.number()) * self.spacing, 6)
        legs: list[tuple[int, str]] = []
        used: set[int] = set()
        while len(legs) < 2 + number % 3 and len(used) < len(world.events):
            event = world.events[draws.whole(0, len(world.events) - 1)]
            if event.row in used or event.opens > created:
                used.add(event.row)
                continue
            used.add(event.row)
            if event.ends > created or len(used) > 40:
                legs.append(
                    (event.first + draws.whole(0, len(event.legs) - 1), "yes" if draws.number() < 0.8 else "no")
                )
        return Combo(number, ticker, event_ticker, created, tuple(legs))

    def _quote(self, combo: Combo, now: float) -> tuple[int, int, int, int]:
        """Return bid and ask in thousandths (0 and 0: unquoted), the resting size and the contracts traded."""
        world, c = self.world, self.world.columns
        rows = np.array([row for row, _ in combo.legs])
        draws = Draws(seed_of(world.seed, "quote", combo.number))
        quoted = draws.number()
        bid, ask = 0, 0
        if quoted > 0.7 and rows.size:
            tick = ticks_at(c, rows, now)
            chances = fair(c, rows, tick, brownian_at(c.life(rows), tick))
            sides = np.array([side == "yes" for _, side in combo.legs])
            chance = float(np.prod(np.where(sides, chances, 1 - chances)))
            ask = min(int(chance * 1080) + 12, 999)
            bid = max(int(chance * 930) - 4, 0) if quoted > 0.93 else 0
        traded = draws.whole(1, 900) if quoted > TRADED_ABOVE and ask else 0
        return bid, ask, draws.whole(50, 4000) * 100, traded * 100

    def book(self, combo: Combo, now: float) -> dict[str, list[list[str]]]:
        """Return a combo's book: at most one level a side."""
        bid, ask, size, _ = self._quote(combo, now)
        return {
            "yes_dollars": [[DOLLARS[bid], contracts(size)]] if bid else [],
            "no_dollars": [[DOLLARS[1000 - ask], contracts(size)]] if ask else [],
        }

    def trades(
        self, since: float, until: float, ticker: str | None, now: float
    ) -> list[tuple[float, dict[str, object]]]:
        """Return the combos' trades: each that trades does so once, a second after it was made.

        Only the newest 50,000 combos are looked at: older ones have left the tape.
        """
        newest = self.newest(now)
        oldest = newest - min(self.count, 50_000)
        numbers = range(
            min(newest, self.newest(until)), max(oldest, self.newest(since) - int(2 / self.spacing) - 1), -1
        )
        if ticker is not None:
            found = self.find(ticker, now)
            numbers = range(found, found - 1, -1) if found is not None else range(0)
        out = []
        for number in numbers:
            if Draws(seed_of(self.world.seed, "quote", number)).number() <= TRADED_ABOVE:
                continue
            combo = self.make(number)
            at = round(combo.created + 1, 6)
            _, ask, _, traded = self._quote(combo, at)
            if traded and since <= at <= until:
                out.append((at, self._fill(combo, at, ask, traded)))
        return out

    def _fill(self, combo: Combo, at: float, price: int, hundredths: int) -> dict[str, object]:
        return {
            "trade_id": Draws(seed_of(self.world.seed, "fill", combo.number)).uuid(),
            "ticker": combo.ticker,
            "count_fp": contracts(hundredths),
            "yes_price_dollars": DOLLARS[price],
            "no_price_dollars": DOLLARS[1000 - price],
            "taker_side": "yes",
            "taker_outcome_side": "yes",
            "taker_book_side": "bid",
            "created_time": rfc3339(at),
            "is_block_trade": False,
        }

    def market(self, combo: Combo, now: float) -> dict[str, object]:
        """Return a combo as a market object; most are unquoted, which looks like no market at all."""
        world = self.world
        bid, ask, size, traded = self._quote(combo, now)
        words = ",".join(f"{side} {_label(world, row)}" for row, side in combo.legs)
        sides_text = {
            "Associated Events": ",".join(world.event_of(row).ticker for row, _ in combo.legs),
            "Associated Market Sides": ",".join(side for _, side in combo.legs),
            "Associated Markets": ",".join(world.tickers[row] for row, _ in combo.legs),
            "Multivariate Event Ticker": combo.event_ticker,
        }
        created, close = rfc3339(combo.created), rfc3339(int(combo.created) + _LIFE)
        paid = self._quote(combo, round(combo.created + 1, 6))[1] if traded else 0
        return {
            "ticker": combo.ticker, "event_ticker": combo.event_ticker, "market_type": "binary", "title": words,
            "yes_sub_title": words, "no_sub_title": words, "created_time": created, "updated_time": created,
            "open_time": rfc3339(int(combo.created)), "close_time": close, "expiration_time": close,
            "expected_expiration_time": rfc3339(int(combo.created) + 86400), "latest_expiration_time": close,
            "settlement_timer_seconds": 5, "status": "active", "notional_value_dollars": "1.0000",
            "yes_bid_dollars": DOLLARS[bid], "yes_ask_dollars": DOLLARS[ask],
            "no_bid_dollars": DOLLARS[1000 - ask], "no_ask_dollars": DOLLARS[1000 - bid],
            "yes_bid_size_fp": contracts(size if bid else 0), "yes_ask_size_fp": contracts(size if ask else 0),
            "last_price_dollars": DOLLARS[paid], "previous_yes_bid_dollars": "0.0000",
            "previous_yes_ask_dollars": "0.0000", "previous_price_dollars": "0.0000", "volume_fp": contracts(traded),
            "volume_24h_fp": contracts(traded), "open_interest_fp": contracts(traded), "result": "",
            "can_close_early": True, "expiration_value": "", "rules_primary": "", "rules_secondary": "",
            "price_level_structure": "deci_cent", "settlement_bounds_type": "default", "is_provisional": True,
            "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0010"}], "exchange_index": 1,
            "strike_type": "custom", "custom_strike": sides_text, "mve_collection_ticker": COLLECTION,
            "mve_selected_legs": [
                {"event_ticker": world.event_of(row).ticker, "market_ticker": world.tickers[row], "side": side}
                for row, side in combo.legs
            ],
        }  # fmt: skip

    def event(self, combo: Combo) -> dict[str, object]:
        """Return the event a combo belongs to."""
        return {
            "event_ticker": combo.event_ticker, "series_ticker": SERIES, "title": "Combo", "sub_title": "MVE",
            "category": "Exotics", "collateral_return_type": "", "mutually_exclusive": False, "strike_period": "",
            "settlement_sources": None, "last_updated_ts": rfc3339(combo.created), "exchange_index": 1,
        }  # fmt: skip


def _label(world: World, row: int) -> str:
    event = world.event_of(row)
    return label_of(event, row - event.first)
