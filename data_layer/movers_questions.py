"""Questions about what moved: over an hour, six, a day or a week, in points, in log-odds, against its own unrest."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

import pyarrow as pa

from data_layer.bound_values import month_of, mover_values
from data_layer.engine.named_sql import ordered, sql_text
from data_layer.memo import Memo
from data_layer.questions import Answer, MoverColumn, MoverFilter, MoverSide, Order
from data_layer.reproduction import Statement
from data_layer.view import Questions, View

LARGEST_MOVE = (Order(MoverColumn.POINTS), Order(MoverColumn.VOLUME_24H))
SEED_FILTER = MoverFilter()
#: What a window began with does not change any more; it is asked again after so many minutes, as the window moves on.
KEPT_MINUTES = 5
#: How far back the quote that stood at a moment is looked for: as far as the history names every quote again.
_STANDING_DAYS = 3
#: Hourly changes that a deviation needs, and for how many days before the window they are looked at.
_OBSERVATIONS_MIN, _OBSERVED_DAYS = 24, 7
#: The lake has to have looked this shortly before the window's beginning, of its length, and at most so many hours.
_LOOKED_SHARE, _LOOKED_HOURS = 0.5, 6.0
SPARKLINE_POINTS = 48
#: A surge needs this many whole days of the week before.
SURGE_DAYS, SURGE_DAYS_MIN = 7, 3
_COUNTS = ("passing_markets", "unknown_markets", "within_spread_markets", "without_z_markets", "total")


@dataclass(frozen=True)
class Movers(Answer):
    """What moved, and what could not be said: of `passing` markets, `unknown` had no price at the beginning.

    `within_spread` moved at most half their spread; `without_z` have no hourly history that a z needs. `then` is the
    beginning of the window (UTC).
    """

    passing: int = 0
    unknown: int = 0
    within_spread: int = 0
    without_z: int = 0
    then: datetime | None = None


class MoversQuestions(Questions):
    """What is asked about moves."""

    #: What windows began with, and mean days, across snapshots: the past does not change with every refresh.
    _past: Memo[Hashable, pa.Table]

    def movers(
        self,
        hours: int = 24,
        filter: MoverFilter = SEED_FILTER,
        side: MoverSide = MoverSide.BOTH,
        order: Sequence[Order] = LARGEST_MOVE,
        offset: int = 0,
        limit: int = 50,
    ) -> Movers:
        """Return one page of the open markets that moved over the last `hours` (1, 6, 24, 168) beyond half their
        spread.

        Per row: `price_then`, `price_now` (0–1) and whether they are of quotes or trades (`basis`), where the first
        is from (`then_source`: exchange, lake, candlesticks) and of when (`then_time`); `change_pp` in percentage
        points, `change_log_odds`, `z` (null with fewer than 24 hourly changes in the week before the window),
        `recent_share` and `surge`. A market without a price then is no mover; `MoverSide.UNKNOWN` lists those.
        """
        view = self._view()
        now = self._minute()
        past, past_key = self._then(view, hours, now)
        days, days_key = self._mean_days(view)
        values = mover_values(filter, now) | {"hours": hours, "side": str(side), "offset": offset, "limit": limit}
        sql = ordered(sql_text("movers"), order, "ticker")
        key = (hours, filter, side, tuple(order), offset, limit, now, past_key, days_key)
        table = view.ask("movers", values, sql, key, {"movers_then": past, "mean_days": days})
        counts = table.select(_COUNTS).slice(0, 1).to_pylist()[0]
        kept = table.drop_columns(list(_COUNTS)).filter(table["ticker"].is_valid())
        answer = view.answer("movers", kept, (), counts["total"])
        if not kept.num_rows and offset and counts["total"]:
            return self.movers(hours, filter, side, order, (counts["total"] - 1) // limit * limit, limit)
        return Movers(
            **{field.name: getattr(answer, field.name) for field in fields(Answer)},
            passing=counts["passing_markets"],
            unknown=counts["unknown_markets"],
            within_spread=counts["within_spread_markets"],
            without_z=counts["without_z_markets"],
            then=_begin(now) - timedelta(hours=hours),
        )

    def tightest_mover_filter(
        self, hours: int, filter: MoverFilter, side: MoverSide = MoverSide.BOTH
    ) -> tuple[str, int] | None:
        """Return the part of a filter that hides most movers: its field, and how many there are without it."""
        open_to_all, best = MoverFilter.everything(), None
        for part in fields(MoverFilter):
            if getattr(filter, part.name) == getattr(open_to_all, part.name):
                continue
            without = replace(filter, **{part.name: getattr(open_to_all, part.name)})
            total = self.movers(hours, without, side, limit=1).total
            if total > (best[1] if best else 0):
                best = (part.name, total)
        return best

    def sparklines(self, tickers: Sequence[str], hours: int) -> Answer:
        """Return where markets stood over the last `hours`: ticker, bucket (of 48), the last probability in it.

        A bucket without a row had no change, unless it is the first: what stood before is in bucket 0, if known.
        """
        now = self._minute()
        start = now - timedelta(hours=hours)
        values = {
            "tickers": sorted(tickers),
            "now": now,
            "start": start,
            "bucket_seconds": hours * 3600 / SPARKLINE_POINTS,
            "first_day": f"{start - timedelta(days=1):%Y-%m-%d}",
            "last_day": f"{now:%Y-%m-%d}",
            "first_month": month_of(start - timedelta(days=1)),
            "last_month": month_of(now),
        }
        view = self._view()
        key = (frozenset(tickers), hours, now)
        return view.answer("sparklines", view.ask("sparklines", values, key=key))

    def _then(self, view: View, hours: int, now: datetime) -> tuple[pa.Table, Hashable]:
        """Return what stood at the beginning of a window, and what it depends on."""
        then = _begin(now) - timedelta(hours=hours)
        looked = timedelta(hours=min(_LOOKED_SHARE * hours, _LOOKED_HOURS))
        values = {
            "then": then,
            "looked_from": then - looked,
            "first_day": f"{then - timedelta(days=_STANDING_DAYS):%Y-%m-%d}",
            "last_day": f"{then:%Y-%m-%d}",
            "day_before": then - timedelta(days=1),
            "week_before": then - timedelta(days=_OBSERVED_DAYS),
            "first_month": month_of(then - timedelta(days=_OBSERVED_DAYS)),
            "last_month": month_of(then),
            "observations_min": _OBSERVATIONS_MIN,
        }
        key = ("movers_then", hours, then, view.engine.reads("candlesticks"))

        view.statements["movers_then"] = Statement("movers_then", sql_text("movers_then"), values)

        def ask() -> pa.Table:
            # A row per open market: more than the answers that go to a screen may have.
            return view.engine.query("movers_then", sql_text("movers_then"), values, unbounded=True)

        return self._past.get(key, ask), key

    def _mean_days(self, view: View) -> tuple[pa.Table, Hashable]:
        """Return the mean days of the week before (`mean_days.sql`), and what they depend on."""
        today = self._minute().date()
        values = {
            "first_day": today - timedelta(days=SURGE_DAYS + 1),
            "last_day": today - timedelta(days=2),
            "days": SURGE_DAYS,
            "days_min": SURGE_DAYS_MIN,
        }
        key = ("mean_days", today, view.engine.reads("daily_rollup"))

        view.statements["mean_days"] = Statement("mean_days", sql_text("mean_days"), values)

        def ask() -> pa.Table:
            return view.engine.query("mean_days", sql_text("mean_days"), values, unbounded=True)

        return self._past.get(key, ask), key


def _begin(now: datetime) -> datetime:
    """Return the end of all windows: now, cut to minutes in which the beginning is kept."""
    return now.replace(minute=now.minute // KEPT_MINUTES * KEPT_MINUTES)


__all__ = ["LARGEST_MOVE", "Movers", "MoversQuestions"]
