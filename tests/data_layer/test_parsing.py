"""Wire objects become rows of the lake, or rejects with a reason; what is absent is null, never 0 and never 50 %."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.api import wire
from data_layer.api.row_kinds import CANDLESTICK, EVENT, MARKET, SERIES, TRADE, RowKind
from data_layer.errors import SchemaDriftError
from data_layer.parsing import (
    parse_candlesticks,
    parse_events,
    parse_markets,
    parse_series,
    parse_settled_markets,
    parse_trades,
)
from data_layer.validation import Batch
from tests.data_layer.wire_samples import NOW, candlestick, event, market, market_json, series

FETCHED = datetime.fromtimestamp(NOW, UTC)
QUOTE = ("yes_bid_dollars", "yes_bid_size_contracts", "yes_ask_dollars", "yes_ask_size_contracts")


def parsed(**changes: Any) -> dict[str, Any]:
    """Parse one market that must not be refused, and return its row."""
    batch = parse_markets([market(**changes)], FETCHED, ["KXTEST"])
    (row,) = batch.table.to_pylist()
    return row


def refusal(**changes: Any) -> tuple[str, str]:
    """Parse one market that must be refused, and return the rule and the reason."""
    batch = parse_markets([market(**changes)], FETCHED)
    assert batch.table.num_rows == 0
    (reject,) = batch.rejects
    return reject.rule, reject.reason


def test_an_active_two_sided_market_is_kept_to_the_last_decimal() -> None:
    row = parsed()
    assert [row[name] for name in QUOTE] == [
        Decimal("0.5600"),
        Decimal("120.00"),
        Decimal("0.5800"),
        Decimal("75.50"),
    ]
    assert row["volume_contracts"] == Decimal("1234.56")
    assert row["series_ticker"] == "KXTEST"
    assert row["open_time"] == datetime(2027, 1, 1, 1, 0, 0, 500_000, tzinfo=UTC)
    assert row["tick_dollars"] == Decimal("0.0100")
    assert row["result"] is None
    assert row["fetched_time"] == FETCHED


@pytest.mark.parametrize(
    ("changes", "bid", "ask"),
    [
        ({"yes_bid_dollars": "0.0000"}, None, "0.58"),
        ({"yes_ask_dollars": "1.0000"}, "0.56", None),
        ({"yes_bid_dollars": "0.0000", "yes_ask_dollars": "1.0000"}, None, None),
        ({"yes_bid_dollars": "0.0000", "yes_ask_dollars": "0.0000"}, None, None),
        ({"yes_bid_size_fp": "0.00"}, None, "0.58"),
        ({"yes_ask_size_fp": "0.00"}, "0.56", None),
        ({"yes_bid_size_fp": None, "yes_ask_size_fp": None}, "0.56", "0.58"),
        ({"yes_bid_dollars": None}, None, "0.58"),
        ({"yes_bid_dollars": "1.0000", "yes_ask_dollars": "1.0000"}, None, None),
    ],
)
def test_a_side_nobody_quotes_is_null_with_its_size(
    changes: dict[str, Any], bid: str | None, ask: str | None
) -> None:
    row = parsed(**changes)
    for name, price in (("yes_bid", bid), ("yes_ask", ask)):
        assert row[f"{name}_dollars"] == (price and Decimal(price))
        assert price is not None or row[f"{name}_size_contracts"] is None


@pytest.mark.parametrize(
    "status", ["initialized", "inactive", "closed", "determined", "disputed", "finalized", "new"]
)
def test_only_an_active_market_has_a_quote(status: str) -> None:
    row = parsed(status=status)
    assert [row[name] for name in QUOTE] == [None] * 4
    assert row["last_price_dollars"] == Decimal("0.57")


@pytest.mark.parametrize("name", ["last_price", "previous_yes_bid", "previous_yes_ask", "previous_price"])
@pytest.mark.parametrize("sentinel", ["0.0000", "1.0000", None, ""])
def test_prices_that_never_were_are_null(name: str, sentinel: str | None) -> None:
    assert parsed(**{f"{name}_dollars": sentinel})[f"{name}_dollars"] is None


@pytest.mark.parametrize("sent", ["0.0000", "0.00"])
def test_a_count_of_zero_is_a_zero(sent: str) -> None:
    assert parsed(volume_24h_fp=sent)["volume_24h_contracts"] == 0
    assert parsed(volume_24h_fp=None)["volume_24h_contracts"] is None


def test_a_crossed_quote_is_not_shown_but_its_market_is() -> None:
    batch = parse_markets([market("A", yes_bid_dollars="0.6000"), market("B")], FETCHED)
    first, second = batch.table.to_pylist()
    assert [first[name] for name in QUOTE] == [None] * 4
    assert second["yes_bid_dollars"] == Decimal("0.56")
    (reject,) = batch.rejects
    assert (reject.key, reject.rule) == ("A", "bid_above_ask")
    assert "0.6000" in reject.reason


def test_a_locked_quote_is_a_quote() -> None:
    row = parsed(yes_bid_dollars="0.5800")
    assert row["yes_bid_dollars"] == row["yes_ask_dollars"] == Decimal("0.58")


@pytest.mark.parametrize(
    ("changes", "rule", "said"),
    [
        ({"yes_bid_dollars": "1.0100"}, "price_range", "1.0100 is outside 0 to 1"),
        ({"last_price_dollars": "-0.0100"}, "price_range", "outside 0 to 1"),
        ({"volume_fp": "-1.00"}, "negative", "below 0"),
        ({"settlement_value_dollars": "-1.0000"}, "negative", "below 0"),
        ({"status": None}, "missing", "status is missing"),
        ({"event_ticker": ""}, "missing", "event_ticker is missing"),
        ({"open_interest_fp": "lots"}, "type", "'lots' is not a decimal number"),
        ({"close_time": "tomorrow"}, "type", "'tomorrow' is not a time"),
        ({"price_ranges": [{"start": "0.0000", "end": "x", "step": "0.0100"}]}, "type", "no price grid"),
        ({"exchange_index": 2**70}, "type", "cannot be kept"),
        ({"yes_bid_dollars": "-99999.5", "yes_ask_dollars": "99999.5"}, "price_range", "outside 0 to 1"),
        ({"yes_bid_dollars": "0.9", "volume_fp": "x"}, "type", "'x' is not"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused_once_and_says_which(
    changes: dict[str, Any], rule: str, said: str
) -> None:
    found, reason = refusal(**changes)
    assert found == rule
    assert said in reason


def test_a_finer_scale_refuses_the_whole_batch() -> None:
    with pytest.raises(SchemaDriftError, match="more than 4 decimals") as caught:
        parse_markets([market("A"), market("B", yes_bid_dollars="0.56125")], FETCHED)
    assert caught.value.condition == "unknown_scale:yes_bid_dollars"


def test_an_excerpt_can_be_told_of_any_row() -> None:
    batch = parse_markets([market(exchange_index=10**30)], FETCHED)
    assert "KXTEST-27JAN15-A" in batch.rejects[0].excerpt


UNQUOTED = {
    "yes_bid_dollars": "0.0000",
    "yes_ask_dollars": "0.0000",
    "no_bid_dollars": "1.0000",
    "no_ask_dollars": "1.0000",
}
DISAGREEING = {"no_ask_dollars": "0.4500"}


@pytest.mark.parametrize(
    ("changes", "breaks"), [({}, 0), (DISAGREEING, 1), (DISAGREEING | {"status": "finalized"}, 0), (UNQUOTED, 0)]
)
def test_a_book_whose_sides_disagree_is_told_and_not_refused(changes: dict[str, Any], breaks: int) -> None:
    batch = parse_markets([market(**changes)], FETCHED)
    assert batch.table.num_rows == 1
    assert [condition.startswith("quote_identity: 1 ") for condition in batch.conditions] == [True] * breaks


def test_the_last_row_of_a_market_counts_and_the_others_are_counted() -> None:
    rows = [market("A", last_price_dollars=price) for price in ("0.1000", "0.2000", "0.3000")]
    batch = parse_markets([*rows, market("B")], FETCHED)
    assert dict(
        zip(batch.table["ticker"].to_pylist(), batch.table["last_price_dollars"].to_pylist(), strict=True)
    ) == {
        "A": Decimal("0.3"),
        "B": Decimal("0.57"),
    }
    assert batch.duplicates == 2


@pytest.mark.parametrize(("result", "value"), [("yes", 1), ("no", 0), ("scalar", None)])
def test_old_settlements_get_their_value_from_the_result(result: str, value: int | None) -> None:
    rows = parse_settled_markets([market(status="finalized", result=result)], FETCHED).table.to_pylist()
    assert rows[0]["settlement_value_dollars"] == value
    sent = market(status="finalized", result=result, settlement_value_dollars="0.5000")
    rows = parse_settled_markets([sent], FETCHED).table.to_pylist()
    assert rows[0]["settlement_value_dollars"] == Decimal("0.5")


def test_a_settled_market_lies_in_the_month_it_settled_or_else_closed() -> None:
    closed = {"status": "finalized", "close_time": "2026-11-30T23:59:59Z"}
    rows = [market("A", settlement_ts="2026-12-01T00:00:00Z", **closed), market("B", **closed)]
    assert parse_settled_markets(rows, FETCHED).table["month"].to_pylist() == ["2026-12", "2026-11"]
    nowhere = market("C", status="finalized", close_time=None)
    said = "neither the time of settlement nor that of the close was sent"
    assert parse_settled_markets([nowhere], FETCHED).rejects[0].reason == said


def test_events_and_series_keep_what_is_odd_about_them() -> None:
    rows = parse_events(
        [event(sub_title="", product_metadata={"competition": "Cup", "competition_scope": 7})], FETCHED
    )
    (row,) = rows.table.to_pylist()
    assert (row["sub_title"], row["last_updated_time"]) == (None, None)
    assert (row["competition"], row["competition_scope"]) == ("Cup", None)
    (row,) = parse_series(
        [series(fee_multiplier=0.5, tags=["a", "b"], volume_fp="12345678901.00")], FETCHED
    ).table.to_pylist()
    assert (row["fee_multiplier"], row["tags"], row["volume_contracts"]) == (0.5, ["a", "b"], Decimal("12345678901"))
    assert parse_events([event(series_ticker=None)], FETCHED).rejects[0].rule == "missing"


def trade(**changes: Any) -> wire.Trade:
    body = {
        "trade_id": "t-1",
        "ticker": "A",
        "count_fp": "0.01",
        "yes_price_dollars": "0.0430",
        "no_price_dollars": "0.9570",
        "taker_side": "yes",
        "created_time": "2027-01-14T23:59:59.999999Z",
    }
    return msgspec.convert(body | changes, wire.Trade)


def test_a_trade_lies_in_its_utc_day_and_knows_the_takers_side_by_either_name() -> None:
    (row,) = parse_trades([trade()]).table.to_pylist()
    assert (row["day"], row["taker_outcome_side"], row["count_contracts"]) == ("2027-01-14", "yes", Decimal("0.01"))
    assert row["yes_price_dollars"] == Decimal("0.0430")
    assert parse_trades([trade(created_time=None)]).rejects[0].rule == "missing"


def test_a_candlestick_without_a_trade_keeps_its_quotes_and_has_no_price() -> None:
    (row,) = parse_candlesticks("A", 60, [candlestick(int(NOW), price=None, volume_fp="0.00")]).table.to_pylist()
    assert row["price_close_dollars"] is None
    assert row["yes_bid_close_dollars"] == Decimal("0.56")


def test_a_candlestick_with_a_broken_volume_is_refused_even_where_it_says_nothing_else() -> None:
    empty = candlestick(int(NOW), price=None, yes_bid=None, yes_ask=None, volume_fp="lots")
    batch = parse_candlesticks("A", 60, [empty])
    assert (batch.table.num_rows, batch.rejects[0].rule) == (0, "type")


@pytest.mark.parametrize("parse", [parse_markets, parse_settled_markets, parse_events, parse_series])
def test_no_rows_are_an_empty_typed_batch(parse: Any) -> None:
    batch = parse([], FETCHED)
    assert (batch.table.num_rows, batch.table.schema) == (0, batch.schema.arrow)


def test_no_trades_and_no_candlesticks_either() -> None:
    assert parse_trades([]).table.num_rows == parse_candlesticks("A", 1, []).table.num_rows == 0


# Whatever the exchange sends

GARBAGE = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from(
        ["0.5", "1.0000", "-1", "7", "0.12345", "9" * 60, "2027-01-01T00:00:00Z", "0000-01-01T00:00:00Z"]
    ),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
SAMPLES: list[tuple[RowKind[Any], dict[str, Any], Any]] = [
    (MARKET, market_json(), lambda rows: parse_markets(rows, FETCHED)),
    (MARKET, market_json(status="finalized", result="yes"), lambda rows: parse_settled_markets(rows, FETCHED)),
    (EVENT, msgspec.to_builtins(event()), lambda rows: parse_events(rows, FETCHED)),
    (SERIES, msgspec.to_builtins(series()), lambda rows: parse_series(rows, FETCHED)),
    (TRADE, msgspec.to_builtins(trade()), parse_trades),
    (CANDLESTICK, msgspec.to_builtins(candlestick(int(NOW))), lambda rows: parse_candlesticks("A", 60, rows)),
]


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[Any, list[Any]]:
    """Rows of one kind with any keys missing or replaced by garbage, as far as the decoder lets them through."""
    kind, sample, parse = draw(st.sampled_from(SAMPLES))
    rows = []
    for number in range(draw(st.integers(1, 4))):
        row = {
            **sample,
            **draw(st.dictionaries(st.sampled_from(sorted(kind.struct.__struct_fields__)), GARBAGE, max_size=5)),
        }
        for name in draw(st.sets(st.sampled_from(sorted(sample)), max_size=6)):
            row.pop(name, None)
        if kind.identity in row and isinstance(row[kind.identity], str) and draw(st.booleans()):
            row[kind.identity] = f"K{number}"
        try:
            rows.append(kind.decode(msgspec.Raw(msgspec.json.encode(row))))
        except (msgspec.DecodeError, OverflowError):
            continue
    return parse, rows


@settings(max_examples=150)
@given(spoiled())
def test_whatever_is_missing_or_garbage_every_row_is_accounted_for(case: tuple[Any, list[Any]]) -> None:
    parse, rows = case
    try:
        batch: Batch = parse(rows)
    except SchemaDriftError as drift:
        assert "decimals" in str(drift)  # noqa: PT017 - any other exception is the failure that is looked for
        return
    refused = [reject for reject in batch.rejects if reject.rule != "bid_above_ask"]
    unobserved = _synthetic(rows) if batch.schema.name == "candlesticks" else 0
    assert len(rows) == batch.table.num_rows + len(refused) + batch.duplicates + unobserved
    assert batch.table.schema == batch.schema.arrow
    batch.table.validate(full=True)
    assert all(reject.reason and len(reject.reason) < 500 for reject in batch.rejects)


def _synthetic(rows: Sequence[wire.Candlestick]) -> int:
    """Count the candlesticks without any close and volume."""
    closes = [[side and side.close_dollars for side in (row.price, row.yes_bid, row.yes_ask)] for row in rows]
    return sum(
        not any(close) and not (row.volume_fp or "0").strip("0.") for row, close in zip(rows, closes, strict=True)
    )
