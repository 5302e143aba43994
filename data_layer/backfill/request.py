"""What a backfill is asked for, and how far one is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import msgspec

from data_layer.api.candlestick_plan import Period
from data_layer.store.settings import LakeSettings

KINDS = ("candles", "settled", "trades")
#: Which markets candles and trades are fetched of, unless they are named.
SCOPES = ("open", "settled")


@dataclass(frozen=True, slots=True)
class BackfillRequest:
    """What is to be in the lake afterwards.

    Args:
        kind: candles, settled (markets) or trades.
        days: how far back from now; whole days.
        period_minutes: of candles, 1, 60 or 1440.
        scope: open or settled markets (candles and trades).
        markets: how many of them, the most traded first.
        series: only of these series; empty is all.
        tickers: exactly these markets; `scope`, `markets` and `series` count no more.
    """

    kind: str
    days: int = 30
    period_minutes: Period = 60
    scope: str = "open"
    markets: int = 200
    series: tuple[str, ...] = ()
    tickers: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The request as canonical JSON: equal requests have equal texts."""
        return msgspec.json.encode(asdict(self), order="sorted").decode()

    def problem(self, settings: LakeSettings) -> str:
        """Say why the request cannot be fulfilled, for a person; empty when it can."""
        if self.kind not in KINDS:
            return f"There is no backfill of {self.kind!r}; there are {', '.join(KINDS)}."
        if self.scope not in SCOPES:
            return f"There are no {self.scope!r} markets; there are {' and '.join(SCOPES)} ones."
        if not 1 <= self.days <= 3650 or not 1 <= self.markets <= 200_000:
            return "A backfill reaches 1 to 3,650 days back, over 1 to 200,000 markets."
        kept = settings.retention_days.get("trades") if self.kind == "trades" else None
        if self.kind == "candles":
            kept = settings.candlestick_retention_days.get(self.period_minutes)
        if kept is not None and self.days > kept:
            what = "Trades" if self.kind == "trades" else f"{self.period_minutes}-minute candlesticks"
            return (
                f"{what} are kept for {kept:g} days; older ones would be dropped again at once. "
                f"Ask for at most {kept:g} days, or let the lake keep more (see the retention settings)."
            )
        return ""


@dataclass(frozen=True, slots=True)
class BackfillState:
    """How far a backfill is. `done` and `total` count markets, of settled markets days.

    `resumed` counts what an earlier run had done already; `unknown` markets the exchange has nothing of.
    `seconds_left` is an estimate at the present rate limit; `problem` says, for a person, why it stopped.
    """

    job: str
    request: BackfillRequest
    done: int
    total: int
    resumed: int
    requests: int
    rows: int
    unknown: int
    started_time: datetime
    seconds_left: float | None = None
    finished: bool = False
    problem: str = ""
