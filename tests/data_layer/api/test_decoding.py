"""Bytes in, typed rows out: what is kept, what is refused, and what is called drift."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.api import decoding, row_kinds
from data_layer.api.row_kinds import RowKind
from data_layer.errors import KalshiConnectionError, KalshiPayloadError, SchemaDriftError
from tests.data_layer.api.scripted import candle, market


def raws(*rows: Any) -> list[msgspec.Raw]:
    return [msgspec.Raw(json.dumps(row).encode()) for row in rows]


def markets(*rows: Any) -> decoding.Rows[Any]:
    return decoding.decode_rows(raws(*rows), row_kinds.MARKET)


def test_absent_and_null_keys_are_none_never_zero() -> None:
    found = markets(market("KXA-1", yes_bid_dollars=None, settlement_ts=None), market("KXA-2"))
    null = decoding.decode_rows(raws({**market("KXA-1"), "yes_bid_dollars": None}, market("KXA-2")), row_kinds.MARKET)
    assert found.items[0].yes_bid_dollars is None
    assert null.items[0].yes_bid_dollars is None
    assert found.items[1].yes_bid_dollars == "0.4000"


def test_dollars_count_where_cents_stand_beside_them() -> None:
    both = markets(*(market(f"KXA-{n}", yes_bid=99, last_price=1, volume=7) for n in range(3)))
    assert [row.yes_bid_dollars for row in both.items] == ["0.4000"] * 3
    assert not hasattr(both.items[0], "yes_bid")
    assert both.unknown_fields == ()


def test_cents_without_dollars_are_drift_even_in_a_single_row() -> None:
    cents = market(yes_bid=40, yes_bid_dollars=None)
    for rows in ([cents], [cents] * 5):
        with pytest.raises(SchemaDriftError) as caught:
            markets(*rows)
        assert caught.value.condition == "cents_instead_of_dollars"


def test_candlesticks_in_cents_are_drift() -> None:
    cents = {"open": 40, "low": 40, "high": 40, "close": 40}
    for kind in (row_kinds.CANDLESTICK, row_kinds.HISTORICAL_CANDLESTICK):
        with pytest.raises(SchemaDriftError) as caught:
            decoding.decode_rows(raws(candle(60, yes_bid=cents), candle(120, yes_bid=cents)), kind)
        assert caught.value.condition == "cents_instead_of_dollars"


@pytest.mark.parametrize("name", row_kinds.MARKET.required)
def test_a_required_key_gone_from_every_row_is_drift_and_from_one_row_is_not(name: str) -> None:
    with pytest.raises(SchemaDriftError) as caught:
        markets(market("KXA-1", **{name: None}), market("KXA-2", **{name: None}))
    assert caught.value.condition == f"field_removed:{name}"
    assert getattr(markets(market("KXA-1", **{name: None}), market("KXA-2")).items[0], name) is None
    assert len(markets(market("KXA-1", **{name: None})).items) == 1, "a lone odd row must not stop a walk"


def test_a_price_as_a_number_is_drift_that_names_the_key() -> None:
    rows = [market(f"KXA-{n}", yes_bid_dollars=[0.5, 1][n % 2]) for n in range(12)]
    with pytest.raises(SchemaDriftError) as caught:
        markets(*rows)
    assert caught.value.condition == "type_changed:yes_bid_dollars"


def test_one_bad_row_is_rejected_with_its_reason_and_the_rest_kept() -> None:
    good = [market(f"KXA-{n}") for n in range(9)]
    bad = [market("KXB-1", price_ranges=[{"start": 1}]), {"title": "nobody"}, market(""), 5, None]
    found = markets(*good, *bad)
    assert [row.ticker for row in found.items] == [row["ticker"] for row in good]
    assert [row.key for row in found.rejected] == ["KXB-1", None, "", None, None]
    assert found.rejected[0].reason.startswith("price_ranges.start: Expected")
    assert found.rejected[1].reason == "'ticker' is missing"
    assert "nobody" in found.rejected[1].excerpt


def test_more_than_half_the_rows_bad_for_one_reason_is_drift_but_half_is_not() -> None:
    def page(bad: int) -> decoding.Rows[Any]:
        return markets(*(market(f"KXA-{n}", status=1 if n < bad else "active") for n in range(20)))

    assert len(page(10).rejected) == 10
    with pytest.raises(SchemaDriftError) as caught:
        page(11)
    assert caught.value.condition == "type_changed:status"


def test_unknown_keys_are_told_and_known_removed_ones_are_not() -> None:
    found = markets(market("KXA-1", brand_new=1, liquidity=0, tick_size=1), market("KXA-2"))
    assert found.unknown_fields == ("brand_new",)


@pytest.mark.parametrize("value", [b"null", b'{"KXA-1": {}}', b'"text"', b"3"])
def test_a_container_that_is_no_list_is_drift(value: bytes) -> None:
    envelope = decoding.decode_envelope(b'{"markets": ' + value + b"}")
    with pytest.raises(SchemaDriftError) as caught:
        decoding.container(envelope, "markets")
    assert caught.value.condition == "container_changed:markets"
    with pytest.raises(SchemaDriftError):
        decoding.container(envelope, "events")


@pytest.mark.parametrize(
    "body",
    [
        '{"title": "Caf\u00e9"}'.encode("latin-1"),
        b'\xef\xbb\xbf{"markets": []}',
        b'{"title": "\xed\xa0\x80"}',
        b'{"title": "\\ud800"}',
        b'{"x": NaN}',
        b'{"x": Infinity}',
        b"[]",
        b"",
        b"<html>please wait</html>",
        b'{"x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"markets": []} {}',
    ],
    ids=[
        "latin-1", "bom", "utf-8 surrogate", "escaped surrogate", "nan", "infinity", "list", "empty", "html", "deep",
        "two",
    ],
)  # fmt: skip
def test_what_is_no_strict_json_object_is_refused(body: bytes) -> None:
    with pytest.raises((KalshiPayloadError, KalshiConnectionError)):
        decoding.decode_envelope(body)


def test_a_lone_surrogate_is_not_mistaken_for_an_answer_cut_short() -> None:
    with pytest.raises(KalshiPayloadError) as caught:
        decoding.decode_envelope(b'{"title": "\\ud800"}')
    assert not caught.value.retryable


def test_json_cut_short_is_a_connection_error_which_is_worth_a_retry() -> None:
    with pytest.raises(KalshiConnectionError, match="cut short") as caught:
        decoding.decode_envelope(json.dumps({"markets": [market()]}).encode()[:-20])
    assert caught.value.retryable


def test_a_number_too_big_for_a_double_rejects_its_row_only() -> None:
    text = json.dumps(market("KXB-1", floor_strike=1)).replace('"floor_strike": 1', '"floor_strike": 1e400')
    found = decoding.decode_rows([*raws(market()), msgspec.Raw(text.encode())], row_kinds.MARKET)
    assert [row.key for row in found.rejected] == [None]
    assert len(found.items) == 1


def test_of_a_key_sent_twice_the_last_counts() -> None:
    text = json.dumps(market())[:-1] + ', "yes_bid_dollars": "0.1000"}'
    found = decoding.decode_rows([msgspec.Raw(text.encode())], row_kinds.MARKET)
    assert found.items[0].yes_bid_dollars == "0.1000"


def test_historical_candlesticks_come_out_spelt_as_the_live_ones() -> None:
    historical = {
        "end_period_ts": 3600,
        "yes_bid": {"open": "0.10", "low": "0.09", "high": "0.12", "close": "0.11"},
        "yes_ask": {"open": "0.20", "low": "0.19", "high": "0.22", "close": "0.21"},
        "price": {"open": None, "low": None, "high": None, "close": None, "mean": None, "previous": "0.15"},
        "volume": "3.00",
        "open_interest": "9.00",
    }
    found = decoding.decode_rows(raws(historical), row_kinds.HISTORICAL_CANDLESTICK).items[0]
    assert found.yes_bid is not None
    assert found.yes_ask is not None
    assert found.price is not None
    assert (found.yes_bid.close_dollars, found.yes_ask.low_dollars) == ("0.11", "0.19")
    assert (found.price.close_dollars, found.price.previous_dollars) == (None, "0.15")
    assert (found.volume_fp, found.open_interest_fp) == ("3.00", "9.00")
    live = decoding.decode_rows(raws(candle(3600)), row_kinds.HISTORICAL_CANDLESTICK).items[0]
    assert live == decoding.decode_rows(raws(candle(3600)), row_kinds.CANDLESTICK).items[0]


def test_a_candlestick_in_milliseconds_is_rejected() -> None:
    found = decoding.decode_rows(raws(candle(3600), candle(1_790_000_000_000)), row_kinds.CANDLESTICK)
    assert [row.reason for row in found.rejected] == ["end_period_ts is not in Unix seconds"]


def test_the_takers_side_falls_back_to_its_older_name() -> None:
    row = {"trade_id": "a", "ticker": "KXA-1", "count_fp": "1.00", "yes_price_dollars": "0.4", "created_time": "2026"}
    old, new = {**row, "taker_side": "no"}, {**row, "taker_side": "no", "taker_outcome_side": "yes"}
    found = decoding.decode_rows(raws(old, new), row_kinds.TRADE).items
    assert [trade.taker_outcome_side for trade in found] == ["no", "yes"]


def test_a_bad_market_inside_an_event_is_rejected_without_its_event() -> None:
    events = [
        {"event_ticker": "KXA", "series_ticker": "S", "title": "A", "markets": [market("KXA-1"), {"ticker": 5}]},
        {"event_ticker": "KXB", "series_ticker": "S", "title": "B"},
    ]
    found = decoding.decode_events(raws(*events))
    assert [[row.ticker for row in event.markets or ()] for event in found.items] == [["KXA-1"], []]
    assert found.items[1].markets is None
    assert len(found.rejected) == 1


def test_drift_inside_events_is_seen_across_the_whole_page() -> None:
    def event(name: str) -> dict[str, Any]:
        rows = [market(f"{name}-1", yes_bid=40, yes_bid_dollars=None)]
        return {"event_ticker": name, "series_ticker": "S", "title": "A", "markets": rows}

    with pytest.raises(SchemaDriftError) as caught:
        decoding.decode_events(raws(event("KXA"), event("KXB")))
    assert caught.value.condition == "cents_instead_of_dollars"


ODD_VALUES: list[Any] = [
    None, True, 0, -1, 1.5, 10**20, "", "x", "0.5", [], {}, [1], [None], [{}], {"a": 1}, [["0.1", "1"]], [[]],
    {"open": 1}, {"close": None, "close_dollars": 5}, {"open_dollars": "0.1", "open": "0.2"}, {"start": [1]},
]  # fmt: skip
KINDS: list[RowKind[Any]] = [
    row_kinds.MARKET,
    row_kinds.SERIES,
    row_kinds.TRADE,
    row_kinds.CANDLESTICK,
    row_kinds.HISTORICAL_CANDLESTICK,
]
WHOLE = {**market(), **candle(60), "trade_id": "t", "created_time": "x", "count_fp": "1", "yes_price_dollars": "0.4"}
odd_values = st.sampled_from(ODD_VALUES)
whole_rows = st.just(WHOLE)
broken_rows = st.builds(
    lambda gone, odd: {key: value for key, value in (WHOLE | odd).items() if key not in gone},
    st.sets(st.sampled_from(sorted(WHOLE)), max_size=8),
    st.dictionaries(
        st.sampled_from(sorted(set().union(*(kind.known_keys for kind in KINDS)))), odd_values, max_size=4
    ),
)


@given(st.sampled_from(KINDS), st.lists(whole_rows | broken_rows | odd_values, max_size=14))
def test_no_row_whatever_its_keys_and_types_raises_anything_but_drift(kind: RowKind[Any], rows: list[Any]) -> None:
    try:
        found = decoding.decode_rows(raws(*rows), kind)
    except SchemaDriftError:
        return
    assert len(found.items) + len(found.rejected) == len(rows)


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_but_a_payload_error(body: bytes) -> None:
    with contextlib.suppress(KalshiPayloadError, KalshiConnectionError):
        decoding.container(decoding.decode_envelope(body), "markets")
