"""Strings of the wire become exact columns, or a reason; never a rounded number, never an unexpected exception."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer import casting
from data_layer.errors import SchemaDriftError
from data_layer.schemas import COUNT, MONEY, PRICE

KINDS = {"price": PRICE, "count": COUNT, "money": MONEY}


@st.composite
def exact(draw: st.DrawFn) -> tuple[str, pa.Decimal128Type]:
    """A decimal that its column can hold, in some spelling the exchange may choose."""
    kind = KINDS[draw(st.sampled_from(sorted(KINDS)))]
    unscaled = draw(st.integers(-(10**kind.precision) + 1, 10**kind.precision - 1))
    text = format(Decimal(unscaled).scaleb(-kind.scale), "f")
    spelled = draw(st.sampled_from([text, text + "0" * draw(st.integers(0, 3)), text.replace("0.", ".", 1)]))
    return (spelled if "." in spelled else text), kind


@given(st.lists(exact(), min_size=1, max_size=20), st.sampled_from([None, "", "n/a"]))
def test_money_is_the_same_decimal_on_the_wire_and_in_arrow(
    spelled: list[tuple[str, pa.Decimal128Type]], odd: str | None
) -> None:
    """G8. Also where a neighbour in the column is absent or broken, which takes another path through the code."""
    for text, kind in spelled:
        column, problems = casting.decimal_column([text, odd], kind, "p")
        assert column.to_pylist() == [Decimal(text), None]
        assert column.type == kind
        assert set(problems) == ({1} if odd else set())


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.5", "0.5"), (".61", "0.61"), ("0.5000", "0.5"), ("0.560000", "0.56")],
)
@pytest.mark.parametrize("beside", [[], [""]])
def test_every_spelling_of_a_number_is_that_number_alone_or_in_company(
    text: str, value: str, beside: list[str]
) -> None:
    column, problems = casting.decimal_column([text, *beside], PRICE, "p")
    assert (column[0].as_py(), problems) == (Decimal(value), {})


@pytest.mark.parametrize("text", ["0.56005", "0.00001"])
def test_more_decimals_than_the_lake_keeps_are_a_change_of_scale_not_a_rounded_price(text: str) -> None:
    with pytest.raises(SchemaDriftError) as caught:
        casting.decimal_column(["0.5600", text], PRICE, "yes_bid_dollars")
    assert caught.value.condition == "unknown_scale:yes_bid_dollars"
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [" 0.5", "0.5 ", "0,5", "٠.٥", "nan", "Infinity", "0x1", "1_0", "0.5\n", "--1", ".", "1e-1", "+1", "9" * 5000],
)
def test_what_is_no_number_or_too_large_is_null_with_a_short_reason(text: str) -> None:
    column, problems = casting.decimal_column([text, "0.5000"], PRICE, "p")
    assert column.to_pylist() == [None, Decimal("0.5")]
    assert list(problems) == [0]
    assert len(problems[0]) < 120


@given(st.lists(st.one_of(st.none(), st.text(max_size=30), st.from_regex(r"\A-?[0-9.eE+]{1,40}\Z")), max_size=8))
def test_no_text_breaks_the_casting_of_decimals_and_times(values: list[str | None]) -> None:
    try:
        column, problems = casting.decimal_column(values, PRICE, "p")
    except SchemaDriftError:
        pass
    else:
        assert len(column) == len(values)
        for row, value in enumerate(values):
            kept = column[row].as_py()
            assert kept is None if row in problems or not value else kept == Decimal(value)
    column, problems = casting.time_column(values, "t")
    assert len(column) == len(values)
    assert all(column[row].as_py() is None for row in problems)


@pytest.mark.parametrize("text", [str(2**128 + 5600), "7." + "0" * 40 + "1", "61599.42084686E-225", "1e-40"])
def test_arrow_would_wrap_or_round_what_is_refused_here(text: str) -> None:
    """docs/adr/0070: Arrow casts these to 5600.0000 or 0.0000 without a word."""
    try:
        column, problems = casting.decimal_column([text], PRICE, "p")
    except SchemaDriftError:
        return
    assert (column.to_pylist(), list(problems)) == ([None], [0])


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-01-15T08:00:00Z", moment(2027, 1, 15, 8)),
        ("2027-01-15T08:00:00.1Z", moment(2027, 1, 15, 8, 0, 0, 100_000)),
        ("2027-01-15T08:00:00.1234Z", moment(2027, 1, 15, 8, 0, 0, 123_400)),
        ("2027-01-15T08:00:00.123456789Z", moment(2027, 1, 15, 8, 0, 0, 123_456)),
        ("2027-01-15T03:00:00-05:00", moment(2027, 1, 15, 8)),
        ("2099-12-31T00:00:00Z", moment(2099, 12, 31)),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("beside", [[], ["0001-01-01T00:00:00Z"]])
def test_times_with_any_number_of_fraction_digits_and_the_zero_time(
    text: str, expected: datetime | None, beside: list[str]
) -> None:
    column, problems = casting.time_column([text, *beside], "t")
    assert (column[0].as_py(), problems) == (expected, {})


@pytest.mark.parametrize(
    "text",
    ["0000-01-01T00:00:00Z", "2027-01-15T08:00:00", "2027-13-01T00:00:00Z", "1800000000", "57000-01-01T00:00:00Z"],
)
def test_what_is_no_plausible_time_has_a_reason(text: str) -> None:
    column, problems = casting.time_column([text, "2027-01-15T08:00:00Z"], "t")
    assert column.null_count == 1
    assert list(problems) == [0]


def test_milliseconds_are_a_problem_and_never_a_guess() -> None:
    column, problems = casting.unix_time_column([1_800_000_000, 1_800_000_000_000, -1], "end_period_ts")
    assert column.to_pylist() == [moment(2027, 1, 15, 8), None, None]
    assert set(problems) == {1, 2}


@pytest.mark.parametrize(("value", "kind"), [(2**63, pa.int64()), (10**400, pa.float64()), (2**53 + 1, pa.float64())])
def test_a_number_its_column_cannot_hold_exactly_is_a_problem(value: int, kind: pa.DataType) -> None:
    column, problems = casting.number_column([1, value, None], kind, "n")
    assert column.to_pylist() == [1, None, None]
    assert list(problems) == [1]


def test_json_has_sorted_keys_so_that_equal_strikes_are_equal_text() -> None:
    column, _ = casting.json_column([{"b": 1, "a": "x"}, None, {"a": "x", "b": 1}], "custom_strike")
    assert column.to_pylist() == ['{"a":"x","b":1}', None, '{"a":"x","b":1}']
