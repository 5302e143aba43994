"""Trades of both history tiers."""

from __future__ import annotations

from data_layer.api import row_kinds, wire
from data_layer.api.calls import Calls, moment, optional_seconds, optional_ticker
from data_layer.api.page import Page
from data_layer.api.pagination import Leg, Walk

_EVER = "1970-01-01T00:00:00Z"


class TradeCalls(Calls):
    """Endpoints about trades."""

    def iter_trade_pages(
        self,
        *,
        ticker: str | None = None,
        min_ts: float | None = None,
        max_ts: float | None = None,
        is_block_trade: bool | None = None,
        limit: int = 1000,
        most_pages: int | None = None,
    ) -> Walk[Page[wire.Trade]]:
        """Walk over trades of the live tier (``/markets/trades``), newest first.

        Without a ticker this is the whole exchange with millions of trades a day: give `most_pages`.
        """
        params = _trade_params(ticker, min_ts, max_ts, is_block_trade, limit)
        return Walk(self._fetcher("trades", row_kinds.TRADE), [Leg("/markets/trades", params)], most_pages=most_pages)

    def iter_trade_pages_any_tier(
        self,
        ticker: str,
        *,
        min_ts: float | None = None,
        max_ts: float | None = None,
        limit: int = 1000,
        most_pages: int | None = None,
    ) -> Walk[Page[wire.Trade]]:
        """Walk over one market's trades, newest first, from the live tier on into the historical one.

        A trade at the very cutoff may come from both: `trade_id` tells.
        """
        params = _trade_params(ticker, min_ts, max_ts, None, limit)
        cutoff = moment(self._recent_cutoff().trades_created_ts or _EVER).timestamp()
        legs = []
        if max_ts is None or max_ts >= cutoff:
            legs.append(Leg("/markets/trades", params, may_be_absent=True))
        if min_ts is None or min_ts <= cutoff:
            legs.append(Leg("/historical/trades", params, may_be_absent=True))
        return Walk(self._fetcher("trades", row_kinds.TRADE), legs, most_pages=most_pages)


def _trade_params(
    ticker: str | None, min_ts: float | None, max_ts: float | None, is_block_trade: bool | None, limit: int
) -> dict[str, object]:
    return {
        "limit": limit,
        "ticker": optional_ticker(ticker),
        "min_ts": optional_seconds("min_ts", min_ts),
        "max_ts": optional_seconds("max_ts", max_ts),
        "is_block_trade": is_block_trade,
    }
