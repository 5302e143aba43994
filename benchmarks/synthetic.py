"""Large invented tables, made with numpy from one seed: 150,000 markets, 8.76 million hourly candlesticks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from data_layer import schemas

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = [
    "government",
    "shutdown",
    "federal",
    "rate",
    "temperature",
    "austin",
    "bitcoin",
    "price",
    "above",
    "team",
    "game",
    "total",
    "points",
    "senate",
    "control",
    "election",
    "governor",
    "rain",
    "snow",
    "inflation",
    "payrolls",
    "series",
    "final",
    "winner",
    "before",
    "december",
]


def decimals(units: np.ndarray, kind: pa.Decimal128Type, valid: np.ndarray | None = None) -> pa.Array:
    """Return decimals from integers in the last place of `kind` (56 -> 0.0056 for DECIMAL(9,4)), without text."""
    wide = np.empty((len(units), 2), dtype=np.int64)
    wide[:, 0] = units
    wide[:, 1] = units >> 63
    mask = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    return pa.Array.from_buffers(kind, len(units), [mask, pa.py_buffer(wide.tobytes())])


def times(moments: np.ndarray) -> pa.Array:
    """Return UTC times from Unix seconds."""
    return pa.array(moments * 1_000_000, pa.int64()).cast(schemas.TIME)


def tickers(count: int) -> list[str]:
    """Return the tickers of `count` markets; the first thousand are those with candlesticks."""
    return [f"KXB-{n:05d}" if n < 1_000 else f"KXS{n % 3000}-26DEC{n // 8}-T{n}" for n in range(count)]


def markets(count: int, seed: int = 1) -> pa.Table:
    """Return `count` open markets of MARKETS, eight to an event."""
    random = np.random.default_rng(seed)
    now = int(NOW.timestamp())
    bid, spread = random.integers(1, 97, count), random.integers(1, 12, count)
    quoted = random.random(count) > 0.35
    titles = [" ".join(part) for part in np.array(WORDS)[random.integers(0, len(WORDS), (count, 9))]]
    cents = {
        "yes_bid_dollars": bid,
        "yes_ask_dollars": np.minimum(bid + spread, 99),
        "previous_yes_bid_dollars": np.clip(bid + random.integers(-9, 9, count), 1, 97),
        "last_price_dollars": bid,
        "previous_price_dollars": bid,
    }
    cents["previous_yes_ask_dollars"] = cents["previous_yes_bid_dollars"] + 1
    texts = {
        "ticker": tickers(count),
        "event_ticker": [f"KXS{n % 3000}-26DEC{n // 8}" for n in range(count)],
        "series_ticker": [f"KXS{n % 3000}" for n in range(count)],
        "status": ["active"] * count,
        "title": titles,
        "yes_sub_title": [title[:24] for title in titles],
        "rules_primary": [f"If {title}, then the market resolves to Yes." for title in titles],
    }
    columns = []
    for column in schemas.MARKETS.fields:
        if column.name in cents:
            columns.append(decimals(cents[column.name].astype(np.int64) * 100, schemas.PRICE, quoted))
        elif column.name in texts:
            columns.append(pa.array(texts[column.name], pa.string()))
        elif column.type == schemas.COUNT:
            units = np.minimum(random.pareto(0.8, count) * 1_000, 1e12).astype(np.int64)
            columns.append(decimals(units, schemas.COUNT))
        elif column.name == "fetched_time":
            columns.append(times(np.full(count, now)))
        elif column.name in {"close_time", "expected_expiration_time"}:
            columns.append(times(now + random.integers(0, 86_400 * 90, count)))
        elif column.name == "open_time":
            columns.append(times(now - random.integers(0, 86_400 * 90, count)))
        else:
            columns.append(pa.nulls(count, column.type))
    return pa.Table.from_arrays(columns, schema=schemas.MARKETS.arrow)


def quote_days(markets: int, days: int = 9, changes: int = 8_000, seed: int = 3) -> Iterator[pa.Table]:
    """Yield QUOTES day by day: every quarter of an hour `changes` markets are seen to have changed."""
    random = np.random.default_rng(seed)
    names = np.array(tickers(markets))
    chosen_from = np.minimum(random.pareto(0.8, markets), 1e6)
    weights = chosen_from / chosen_from.sum()
    for back in range(days, 0, -1):
        first = int((NOW - timedelta(days=back)).timestamp())
        rows = [random.choice(markets, changes, replace=False, p=weights) for _ in range(96)]
        number = np.concatenate(rows)
        seen = np.repeat(first + 900 * np.arange(1, 97) - 1, changes)
        order = np.lexsort((seen, number))
        yield _quotes(names[number[order]], seen[order], f"{NOW - timedelta(days=back):%Y-%m-%d}", random)


def _quotes(names: np.ndarray, seen: np.ndarray, day: str, random: np.random.Generator) -> pa.Table:
    count = len(names)
    bid = random.integers(1, 97, count)
    cents = {"yes_bid_dollars": bid, "yes_ask_dollars": bid + random.integers(1, 3, count), "last_price_dollars": bid}
    columns: dict[str, pa.Array] = {
        "day": pa.repeat(pa.scalar(day), count),
        "ticker": pa.array(names),
        "observed_time": times(seen),
        "status": pa.repeat(pa.scalar("active"), count),
    }
    for column in schemas.QUOTES.fields:
        if column.name in cents:
            columns[column.name] = decimals(cents[column.name].astype(np.int64) * 100, schemas.PRICE)
        elif column.name not in columns:
            columns[column.name] = decimals(random.integers(1, 90_000, count), schemas.COUNT)
    return pa.table([columns[name] for name in schemas.QUOTES.names], schema=schemas.QUOTES.arrow)


def hourly_months(tickers: int = 1_000, hours: int = 8_760, seed: int = 2) -> Iterator[pa.Table]:
    """Yield CANDLESTICKS month by month, sorted by (ticker, end); 56 % of the hours have no trade."""
    random = np.random.default_rng(seed)
    first = int((NOW - timedelta(hours=hours)).timestamp())
    ends = first + 3600 * np.arange(1, hours + 1)
    names = np.array([datetime.fromtimestamp(end - 1, UTC).strftime("%Y-%m") for end in ends])
    walk = np.cumsum(random.normal(0, 0.08, (tickers, hours)), axis=1) + random.normal(0, 1.5, (tickers, 1))
    prices = np.clip((100 / (1 + np.exp(-walk))).astype(np.int64), 1, 98) * 100
    for month in sorted(set(names)):
        chosen = np.flatnonzero(names == month)
        yield _month(month, prices[:, chosen], ends[chosen], random)


def _month(month: str, prices: np.ndarray, ends: np.ndarray, random: np.random.Generator) -> pa.Table:
    tickers, hours = prices.shape
    count = tickers * hours
    price, traded = prices.reshape(-1), random.random(count) > 0.56
    jitter = random.integers(0, 200, count)
    columns: dict[str, pa.Array] = {
        "period_minutes": pa.repeat(pa.scalar(60, pa.int32()), count),
        "month": pa.repeat(pa.scalar(month), count),
        "ticker": pa.array(np.repeat([f"KXB-{n:05d}" for n in range(tickers)], hours)),
        "end_time": times(np.tile(ends, tickers)),
        "volume_contracts": decimals(np.where(traded, random.integers(1, 90_000, count), 0), schemas.COUNT),
        "open_interest_contracts": decimals(random.integers(1, 900_000, count), schemas.COUNT),
    }
    offsets = {"open": 0, "high": 100, "low": -100, "close": 0, "mean": 50, "previous": 0}
    for column in schemas.CANDLESTICKS.fields:
        if column.name in columns:
            continue
        word = column.name.split("_")[-2]
        side = 100 if column.name.startswith("yes_ask") else 0
        units = np.clip(price + offsets[word] + side + (jitter if word == "mean" else 0), 1, 9_999)
        valid = traded if column.name.startswith("price") and word != "previous" else None
        columns[column.name] = decimals(units, schemas.PRICE, valid)
    return pa.table([columns[name] for name in schemas.CANDLESTICKS.names], schema=schemas.CANDLESTICKS.arrow)
