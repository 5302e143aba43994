"""Rules against two states of the world: the SQL says what a slow, obvious loop says, whatever the rules are."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.alert_questions import (
    METRICS,
    MOST_A_RULE,
    SILENCE,
    STATE,
    Condition,
    Told,
    evaluation_tables,
    evaluation_values,
)
from data_layer.engine.named_sql import sql_text
from data_layer.questions import MarketFilter, QuoteQuality
from tests.app.fakes import LIST_SCHEMA, market_row

NOW = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)
MEASURED = [name for name in METRICS if not name.startswith("size")]
ROWS = [
    market_row(
        n,
        category=("Sports", "Politics")[n % 2],
        status="active",
        quote_quality=("tight", "ok", "wide")[n % 3],
        volume_24h_contracts=Decimal(100 * n),
    )
    for n in range(6)
]
TICKERS = [row["ticker"] for row in ROWS]


@pytest.fixture(scope="module")
def connection():
    held = duckdb.connect()
    schema = LIST_SCHEMA.append(pa.field("search_text", pa.string()))
    rows = [row | {"search_text": f"{row['ticker']} {row['title']}".lower()} for row in ROWS]
    held.register("market_list", pa.Table.from_pylist(rows, schema=schema))
    yield held
    held.close()


def fast(connection, conditions, now_state, before, told) -> list[tuple[Any, ...]]:
    cursor = connection.cursor()
    tables = {"alert_now": state(now_state), "alert_before": state(before)}
    cursor.register("market_list", connection.sql("SELECT * FROM market_list").to_arrow_table())
    for name, table in (tables | evaluation_tables(conditions, told, NOW)).items():
        cursor.register(name, table)
    found = cursor.sql(sql_text("alert_firings"), params=evaluation_values(NOW)).to_arrow_table().to_pylist()
    return [(r["rule_key"], r["ticker"], r["value"], r["value_before"], r["matched"]) for r in found]


def state(rows: dict[str, dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{"ticker": ticker, **row} for ticker, row in rows.items()], schema=STATE)


def slow(conditions, now_state, before, told) -> list[tuple[Any, ...]]:
    """Say the same one rule and one market at a time, in words of the documentation."""
    found = defaultdict(list)
    last = {(item.key, item.ticker): item for item in told}
    for rule in conditions:
        for row in ROWS:
            ticker = row["ticker"]
            if ticker not in now_state or ticker not in before or not looks_at(rule, row):
                continue
            value, was = measure(now_state[ticker], rule.metric), measure(before[ticker], rule.metric)
            if value is None or value == was or not is_met(rule, value):
                continue
            said = last.get((rule.key, ticker))
            crossing = rule.metric != "price" if was is None else not is_met(rule, was)
            silent = said is not None and said.fired_time > NOW - SILENCE
            larger = said is not None and rule.growing and abs(value) >= Decimal("1.2") * abs(said.value)
            if larger or (crossing and not silent):
                found[rule.key].append((rule.key, ticker, value, was))
    return [
        (*item, len(items))
        for key in sorted(found)
        for items in [sorted(found[key], key=lambda item: (-abs(item[2]), item[1]))]
        for item in items[:MOST_A_RULE]
    ]


def measure(row, metric):
    if metric.startswith("size"):
        value = row[f"move{metric.removeprefix('size')}"]
        return None if value is None else abs(value)
    return row[metric]


def is_met(rule, value):
    return value >= rule.threshold if rule.rising else value <= rule.threshold


def looks_at(rule, row):
    if rule.tickers:
        return row["ticker"] in rule.tickers
    f = rule.filter
    return (
        all(word.lower() in f"{row['ticker']} {row['title']}".lower() for word in f.text.split())
        and (not f.categories or row["category"] in f.categories)
        and (not f.statuses or row["status"] in f.statuses)
        and (not f.qualities or row["quote_quality"] in {str(q) for q in f.qualities})
        and (f.volume_24h_min_contracts is None or row["volume_24h_contracts"] >= f.volume_24h_min_contracts)
        and (
            f.probability_min is None or (row["probability"] is not None and row["probability"] >= f.probability_min)
        )
    )


LEVELS = st.sampled_from([Decimal(n) for n in ("-12", "-10", "-2.5", "0", "2", "2.5", "10", "12", "15", "60")])
STATES = st.dictionaries(
    st.sampled_from(TICKERS), st.fixed_dictionaries({name: st.none() | LEVELS for name in MEASURED}), max_size=6
)
FILTERS = st.builds(
    MarketFilter,
    text=st.sampled_from(["", "number 1", "T2"]),
    categories=st.sampled_from([(), ("Sports",), ("Sports", "Politics")]),
    qualities=st.sampled_from([(), (QuoteQuality.TIGHT,)]),
    volume_24h_min_contracts=st.sampled_from([None, 200]),
    probability_min=st.sampled_from([None, Decimal("0.4")]),
)


@st.composite
def rules(draw):
    return [
        Condition(
            key=key,
            metric=draw(st.sampled_from(METRICS)),
            rising=draw(st.booleans()),
            threshold=draw(LEVELS),
            growing=draw(st.booleans()),
            tickers=tuple(draw(st.lists(st.sampled_from([*TICKERS, "KXNOPE"]), max_size=3))),
            filter=draw(FILTERS),
        )
        for key in range(1, draw(st.integers(1, 6)) + 1)
    ]


@st.composite
def memories(draw):
    pairs = draw(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(TICKERS)), max_size=8, unique=True))
    ages = st.sampled_from([timedelta(minutes=1), SILENCE, SILENCE + timedelta(seconds=1), timedelta(hours=9)])
    return [Told(key, ticker, draw(LEVELS), NOW - draw(ages)) for key, ticker in pairs]


@settings(max_examples=150)
@given(rules(), STATES, STATES, memories())
def test_the_set_says_what_a_slow_loop_says(connection, conditions, now_state, before, told):
    assert fast(connection, conditions, now_state, before, told) == slow(conditions, now_state, before, told)


A = TICKERS[0]
EMPTY = dict.fromkeys(MEASURED)


def fires(connection, condition, before, now, told=()):
    metric = condition.metric.replace("size", "move")
    rows = [{A: EMPTY | {metric: None if v is None else Decimal(v)}} for v in (before, now)]
    return [r[1:4] for r in fast(connection, [condition], rows[1], rows[0], told)]


@pytest.mark.parametrize(
    ("metric", "rising", "threshold", "before", "now", "does"),
    [
        ("price", True, "60", "59.5", "60", True),
        ("price", True, "60", "60", "61", False),
        ("price", True, "60", None, "61", False),
        ("price", False, "60", "60.5", "60", True),
        ("size_1", True, "10", "9", "-10", True),
        ("move_1", True, "10", "9", "-10", False),
        ("move_1", False, "-10", "-9", "-10", True),
        ("size_24", True, "10", None, "11", True),
        ("spread", False, "2", "3", "2", True),
        ("spread", True, "10", "11", "12", False),
        ("surge", True, "3", "2.99", "3", True),
        ("closing", False, "24", "24.01", "24", True),
    ],
)
def test_a_threshold_is_crossed_once(connection, metric, rising, threshold, before, now, does):
    rule = Condition(1, metric, rising, Decimal(threshold), tickers=(A,))
    assert bool(fires(connection, rule, before, now)) is does


def test_the_same_is_not_said_again_for_half_an_hour_unless_it_is_larger(connection):
    rule = Condition(1, "size_1", True, Decimal(10), growing=True, tickers=(A,))

    def told(minutes, value="12"):
        return [Told(1, A, Decimal(value), NOW - timedelta(minutes=minutes))]

    assert not fires(connection, rule, "9", "12.5", told(29))
    assert fires(connection, rule, "9", "12.5", told(30))
    assert fires(connection, rule, "9", "14.4", told(1))
    assert fires(connection, rule, "13", "14.4", told(1)), "still met, and 1.2 times what was said"
    assert not fires(connection, rule, "13", "14.39", told(600)), "still met, and said already"
    assert fires(connection, rule, "-9", "-14.4", told(1)), "as large downwards"


def test_one_rule_names_a_bounded_number_and_counts_the_rest(connection):
    rule = Condition(1, "price", True, Decimal(60))
    many = {f"T{n}": EMPTY | {"price": Decimal(70)} for n in range(40)}
    before = {ticker: EMPTY | {"price": Decimal(50)} for ticker in many}
    rows = [market_row(n, ticker=ticker) | {"search_text": ""} for n, ticker in enumerate(many)]
    held = duckdb.connect()
    held.register(
        "market_list", pa.Table.from_pylist(rows, schema=LIST_SCHEMA.append(pa.field("search_text", pa.string())))
    )
    found = fast(held, [rule], many, before, ())
    assert len(found) == MOST_A_RULE
    assert {matched for *_, matched in found} == {40}
