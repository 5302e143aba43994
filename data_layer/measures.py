"""Every number on the screen, with the code it comes from: the Method page prints what the code itself says.

Belongs here: which formula, query and stored column stand behind a number. Not here: a sentence about one, which is
the docstring of its function, the first comment of its query, or the meaning of its column.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from data_layer.analytics import (
    activity,
    concentration,
    fees,
    normalisation,
    odds,
    outcome_paths,
    overround,
    quotes,
    returns,
)
from data_layer.engine.named_sql import sql_text
from data_layer.schemas import TABLES

#: Heads of the parts of a formula's docstring that are printed, in the order they stand in.
PARTS = ("Formula", "Where", "Unit", "Excludes", "Source")
_PART = re.compile(rf"^({'|'.join((*PARTS, 'Raises'))}): ", re.MULTILINE)


@dataclass(frozen=True)
class Measure:
    """One topic: formulas (functions), queries (names under `queries`), columns (``table.column``)."""

    topic: str
    title: str
    group: str
    formulas: tuple[Callable[..., object], ...] = ()
    queries: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    #: Other words it is known by; links to them lead here.
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Said:
    """What a docstring says: what it is, then its parts as (head, text)."""

    about: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Explanation:
    """A measure in words: columns as (name, unit, meaning), queries as (name, meaning, SQL)."""

    measure: Measure
    formulas: tuple[Said, ...]
    columns: tuple[tuple[str, str, str], ...]
    queries: tuple[tuple[str, str, str], ...]


_PRICE, _TRADING, _CHANGE = "Prices and chances", "Trading", "Changes"
_EVENT, _COST, _DATA = "Events", "Costs and returns", "Data"

MEASURES = (
    Measure("probability", "Chance", _PRICE, (quotes.probability,), ("hot/market_list",), aliases=("chance",)),
    Measure(
        "quote",
        "Quality of a quote",
        _PRICE,
        (quotes.quote_quality,),
        ("hot/market_list",),
        ("markets.yes_bid_dollars", "markets.yes_ask_dollars", "markets.last_price_dollars"),
        aliases=("quality", "quality-of-a-quote"),
    ),
    Measure("spread", "Spread", _PRICE, (quotes.spread_dollars,), ("hot/market_list",)),
    Measure(
        "order-book",
        "Order book and depth",
        _PRICE,
        queries=("order_book",),
        columns=("order_books.side", "order_books.price_dollars", "order_books.count_contracts"),
        aliases=("depth", "book"),
    ),
    Measure(
        "candlesticks",
        "Candlesticks",
        _PRICE,
        queries=("candlesticks",),
        columns=(
            "candlesticks.end_time",
            "candlesticks.price_close_dollars",
            "candlesticks.price_mean_dollars",
            "candlesticks.yes_bid_close_dollars",
            "candlesticks.yes_ask_close_dollars",
            "candlesticks.volume_contracts",
        ),
        aliases=("candles", "price-chart", "chart"),
    ),
    Measure(
        "days",
        "Days of a market",
        _PRICE,
        queries=("daily_bars",),
        columns=("daily_rollup.day", "daily_rollup.vwap_dollars", "daily_rollup.hours"),
    ),
    Measure("vwap", "Average price (VWAP)", _PRICE, (activity.vwap_dollars,), ("daily_bars", "derive/daily_rollup")),
    Measure(
        "volume",
        "Volume",
        _TRADING,
        queries=("hot/market_list",),
        columns=("markets.volume_contracts", "markets.volume_24h_contracts"),
    ),
    Measure("recent-volume", "Share of recent volume", _TRADING, (activity.percent_recent_volume,)),
    Measure(
        "surge",
        "Volume surge",
        _TRADING,
        (activity.surge,),
        ("pulse_surges", "mean_days", "pulse_history"),
        aliases=("surges",),
    ),
    Measure(
        "open-interest",
        "Open interest",
        _TRADING,
        columns=("markets.open_interest_contracts", "candlesticks.open_interest_contracts"),
    ),
    Measure("dollars", "Estimated dollars", _TRADING, (quotes.estimated_dollars,), ("pulse_totals",)),
    Measure(
        "trades",
        "Trades",
        _TRADING,
        queries=("trades",),
        columns=(
            "trades.count_contracts",
            "trades.yes_price_dollars",
            "trades.taker_outcome_side",
            "trades.is_block_trade",
        ),
        aliases=("tape",),
    ),
    Measure(
        "totals",
        "The whole exchange",
        _TRADING,
        queries=("pulse_totals", "pulse_totals_then"),
        columns=("markets.status",),
        aliases=("pulse",),
    ),
    Measure(
        "shares",
        "Share of a category",
        _TRADING,
        (concentration.shares,),
        ("category_share",),
        ("series.category",),
        aliases=("categories", "category"),
    ),
    Measure("concentration", "Concentration", _TRADING, (concentration.herfindahl, concentration.effective_parts)),
    Measure("change", "Change in points", _CHANGE, (odds.change_pp,), ("movers",), aliases=("movers",)),
    Measure(
        "log-odds", "Change in log-odds", _CHANGE, (odds.change_log_odds, odds.log_odds), aliases=("change-log-odds",)
    ),
    Measure(
        "z", "Change in standard deviations (z)", _CHANGE, (odds.z_score, odds.hourly_deviation), ("movers_then",)
    ),
    Measure(
        "closing",
        "When a market ends",
        _CHANGE,
        queries=("pulse_closing",),
        columns=("markets.close_time", "markets.expected_expiration_time", "markets.settlement_timer_seconds"),
        aliases=("ends", "calendar"),
    ),
    Measure(
        "listings", "New listings", _CHANGE, queries=("pulse_new",), columns=("markets.open_time",), aliases=("new",)
    ),
    Measure(
        "overround",
        "Overround",
        _EVENT,
        (overround.overround,),
        ("event_outcomes",),
        columns=("events.mutually_exclusive",),
    ),
    Measure(
        "normalisation",
        "Chances that sum to one",
        _EVENT,
        (normalisation.proportional, normalisation.power, normalisation.method_gap),
        aliases=("normalise", "power", "proportional"),
    ),
    Measure(
        "event-chart",
        "Chart of an event",
        _EVENT,
        (outcome_paths.side_by_side,),
        ("event_candlesticks",),
        aliases=("outcomes",),
    ),
    Measure(
        "fees",
        "Fees",
        _COST,
        (fees.fee_dollars, fees.fee_terms),
        columns=(
            "series.fee_type",
            "series.fee_multiplier",
            "events.fee_type_override",
            "events.fee_multiplier_override",
            "markets.fee_waiver_expiration_time",
        ),
    ),
    Measure("cost", "Net cost", _COST, (returns.net_cost_dollars,), aliases=("net-cost",)),
    Measure(
        "returns",
        "Return if right",
        _COST,
        (returns.return_if_right, returns.days_to_settlement),
        aliases=("favourites",),
    ),
    Measure("break-even", "Break-even probability", _COST, (returns.break_even_probability,)),
    Measure(
        "annualised",
        "Annualised return",
        _COST,
        (returns.simple_annual_return, returns.compound_annual_return),
        aliases=("annual",),
    ),
    Measure(
        "freshness",
        "Age of the data",
        _DATA,
        queries=("table_ages", "refreshes", "conditions"),
        columns=("markets.fetched_time", "quotes.observed_time", "refresh_log.finished_time", "refresh_log.outcome"),
        aliases=("age", "status", "conditions", "refreshes"),
    ),
    Measure(
        "rejects",
        "Refused rows",
        _DATA,
        queries=("rejects",),
        columns=("rejects.rule", "rejects.reason", "rejects.excerpt"),
        aliases=("refused",),
    ),
)

#: Every word of a link to a topic -> the topic it leads to.
TOPICS: dict[str, str] = {word: measure.topic for measure in MEASURES for word in (measure.topic, *measure.aliases)}


@cache
def explanations() -> tuple[Explanation, ...]:
    """Return every measure in words, read from the code it comes from, in the order of the page."""
    return tuple(
        Explanation(
            measure,
            tuple(said(inspect.getdoc(formula) or "") for formula in measure.formulas),
            tuple(_column(name) for name in measure.columns),
            tuple((name, *_query(sql_text(name))) for name in measure.queries),
        )
        for measure in MEASURES
    )


def said(docstring: str) -> Said:
    """Take a formula's docstring apart; what only a programmer reads (Raises) is left out."""
    about, *rest = _PART.split(docstring)
    parts = zip(rest[::2], rest[1::2], strict=True)
    about = re.sub(r"^Return ", "", _line(about))
    return Said(
        _for_readers(about[:1].upper() + about[1:]),
        tuple((head, _for_readers(_line(text))) for head, text in parts if head in PARTS),
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _for_readers(text: str) -> str:
    """Say what the screen shows in place of what the function returns."""
    return re.sub(r"\b(None|NaN)\b", "“—”", text)


def _column(name: str) -> tuple[str, str, str]:
    table, column = name.split(".")
    (found,) = (field for field in TABLES[table].fields if field.name == column)
    return name, found.unit, found.meaning


def _query(sql: str) -> tuple[str, str]:
    """Return the comment a query begins with, and the query without it."""
    lines = sql.splitlines()
    comment = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    first = next(place for place, line in enumerate(lines) if not line.startswith("--"))
    return " ".join(comment[:first]), "\n".join(lines[first:]).strip()
