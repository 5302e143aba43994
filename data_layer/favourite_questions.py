"""Questions about favourites: sides that are likely to win, and what they pay net of fees if they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow.compute as pc

from data_layer.analytics.returns import COMPOUND_CAP
from data_layer.engine.named_sql import ordered, sql_text
from data_layer.questions import Answer, FavouriteColumn, FavouriteFilter, Order
from data_layer.view import Questions, View

#: A favourite is at least as likely as not.
FAVOURITE_BID_MIN = Decimal("0.50")
#: The bounds of the page: what the seed listed, net of the fee of 100 contracts.
SEED = FavouriteFilter()
BEST_FIRST = (Order(FavouriteColumn.SIMPLE),)
_COUNTS = ("total", "sides", "fee_unknown", "undated")


class FavouriteQuestions(Questions):
    """What is asked of favourites."""

    def favourites(
        self,
        filter: FavouriteFilter = SEED,
        order: Sequence[Order] = BEST_FIRST,
        offset: int = 0,
        limit: int = 50,
    ) -> Answer:
        """Return one page of the sides that pass `filter`, a row a side; `Answer.total` counts all that pass.

        Notes count the sides without net figures: those whose fee is not published, and those without an expected
        expiration; they are counted among the sides that pass all bounds but those two.
        """
        return self._favourites(self._view(), filter, order, offset, limit)

    def _favourites(
        self, view: View, filter: FavouriteFilter, order: Sequence[Order], offset: int, limit: int
    ) -> Answer:
        values = _values(filter, self._minute()) | {"offset": offset, "limit": limit}
        sql = ordered(sql_text("favourites"), order, "ticker, side")
        table = view.ask("favourites", values, sql, tuple(values.items()))
        total, *counts = (table[name][0].as_py() for name in _COUNTS)
        page = table.filter(pc.is_valid(table["ticker"])).drop_columns(list(_COUNTS))
        return view.answer("favourites", page, _left_out(*counts), total)

    def tightest_favourite_filter(self, filter: FavouriteFilter) -> tuple[str, int] | None:
        """Return the part of a filter that hides the most sides: its field, and how many pass without it.

        None where leaving out one part alone does not help.
        """
        view, best = self._view(), None
        for name, without in _OPEN.items():
            if getattr(filter, name) == without:
                continue
            found = self._favourites(view, replace(filter, **{name: without}), BEST_FIRST, 0, 1).total
            if found > (best[1] if best else 0):
                best = (name, found)
        return best


#: Parts of a filter that hide something, and what they are where they hide nothing.
_OPEN: dict[str, Any] = {
    field.name: {"side": "both", "category": ""}.get(field.name)
    for field in fields(FavouriteFilter)
    if field.name != "contracts"
}


def _left_out(sides: int, fee_unknown: int, undated: int) -> tuple[str, ...]:
    """Say how many of the sides have no net figures, and why."""
    said = []
    if fee_unknown:
        said.append(
            f"the fee of {fee_unknown:,} of {sides:,} sides is not published: unknown, so no return after fees"
        )
    if undated:
        said.append(f"{undated:,} of {sides:,} sides say no expected expiration: no annual return")
    return tuple(said)


def _values(filter: FavouriteFilter, now: datetime) -> dict[str, Any]:
    def after(days: Decimal | None) -> datetime | None:
        return None if days is None else now + timedelta(days=float(days))

    return {
        "now": now,
        "bid_min": max(filter.bid_min_dollars or FAVOURITE_BID_MIN, FAVOURITE_BID_MIN),
        "contracts": filter.contracts,
        "side": filter.side,
        "category": filter.category,
        "volume_min": filter.volume_min_contracts,
        "closes_from": after(filter.days_to_close_min),
        "expires_from": after(filter.days_to_expiration_min),
        "annual_min": None if filter.annual_min is None else float(filter.annual_min),
        "compound_cap": COMPOUND_CAP,
    }
