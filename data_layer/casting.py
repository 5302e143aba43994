"""Turn columns of wire strings into typed Arrow columns, exactly or not at all.

A value that cannot be cast becomes null and is reported with its row number; nothing is rounded. A price with more
decimals than the lake keeps is no bad row but a change of Kalshi's scale: it refuses the whole batch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from data_layer.errors import SchemaDriftError
from data_layer.schemas import TEXT, TIME

Problems = dict[int, str]

_DECIMAL = re.compile(r"-?(?:\d+\.?\d*|\.\d+)\Z", re.ASCII)
#: What may go through Arrow's cast, which wraps around beyond 38 digits and rounds `1e-40` to 0 (docs/adr/0070).
_SAFE_FOR_ARROW = r"^-?[0-9]{0,20}\.?[0-9]{0,12}$"
_ZERO_TIME_YEAR = 1
#: Kalshi's placeholders reach 2099; anything beyond 2200 is a wrong unit (milliseconds read as seconds).
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def text_column(values: Sequence[str | None]) -> tuple[pa.Array, Problems]:
    """Return text, the empty string as null."""
    return pa.array([value or None for value in values], TEXT), {}


def decimal_column(values: Sequence[str | None], kind: pa.Decimal128Type, name: str) -> tuple[pa.Array, Problems]:
    """Return exact decimals of `kind`; the empty string is null.

    Raises SchemaDriftError when a value has more decimals than `kind` keeps.
    """
    texts = pa.array(values, TEXT)
    if not pc.all(pc.match_substring_regex(texts, _SAFE_FOR_ARROW), min_count=0).as_py():
        return _decimals_one_by_one(values, kind, name)
    try:
        return texts.cast(kind), {}
    except pa.ArrowInvalid:
        return _decimals_one_by_one(values, kind, name)


def _decimals_one_by_one(
    values: Sequence[str | None], kind: pa.Decimal128Type, name: str
) -> tuple[pa.Array, Problems]:
    problems: Problems = {}
    decimals: list[Decimal | None] = []
    limit = Decimal(10) ** (kind.precision - kind.scale)
    for row, value in enumerate(values):
        decimals.append(None)
        if value is None or value == "":
            continue
        if not _DECIMAL.match(value):
            problems[row] = f"{name}: {value[:40]!r} is not a decimal number"
            continue
        number = Decimal(value)
        if abs(number) >= limit:
            problems[row] = f"{name}: {value[:40]!r} is too large"
            continue
        if number != round(number, kind.scale):
            raise SchemaDriftError(
                f"unknown_scale:{name}",
                f"{name} came with more than {kind.scale} decimals ({value[:40]}); the batch is refused "
                "rather than rounded.",
            )
        decimals[-1] = round(number, kind.scale)
    return pa.array(decimals, kind), problems


def time_column(values: Sequence[str | None], name: str) -> tuple[pa.Array, Problems]:
    """Return UTC times from RFC 3339 text (0 to 9 fractional digits); empty and the zero time are null."""
    try:
        array = pa.array([value or None for value in values], TEXT).cast(TIME)
    except pa.ArrowInvalid:
        return _times_one_by_one(values, name)
    odd = pc.or_(pc.less(array, pa.scalar(_EARLIEST, TIME)), pc.greater(array, pa.scalar(_LATEST, TIME)))
    if pc.any(odd).as_py():
        return _times_one_by_one(values, name)
    return array, {}


def _times_one_by_one(values: Sequence[str | None], name: str) -> tuple[pa.Array, Problems]:
    problems: Problems = {}
    times: list[datetime | None] = []
    for row, value in enumerate(values):
        times.append(None)
        if not value:
            continue
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            problems[row] = f"{name}: {value[:40]!r} is not a time"
            continue
        if moment.tzinfo is None:
            problems[row] = f"{name}: {value[:40]!r} has no time zone"
        elif moment.year == _ZERO_TIME_YEAR:
            continue
        elif not _EARLIEST <= moment <= _LATEST:
            problems[row] = f"{name}: {value[:40]!r} is not a plausible time"
        else:
            times[-1] = moment.astimezone(UTC)
    return pa.array(times, TIME), problems


def unix_time_column(values: Sequence[int | None], name: str) -> tuple[pa.Array, Problems]:
    """Return UTC times from Unix seconds; a value that can only be milliseconds is a problem, not a guess."""
    problems: Problems = {}
    micros: list[int | None] = []
    low, high = int(_EARLIEST.timestamp()), int(_LATEST.timestamp())
    for row, value in enumerate(values):
        if value is not None and not low <= value <= high:
            problems[row] = f"{name}: {value} is not a plausible time in Unix seconds"
            value = None
        micros.append(None if value is None else value * 1_000_000)
    return pa.array(micros, pa.int64()).cast(TIME), problems


def number_column(values: Sequence[int | float | None], kind: pa.DataType, name: str) -> tuple[pa.Array, Problems]:
    """Return integers or doubles; a number that `kind` cannot hold exactly is a problem."""
    try:
        return pa.array(values, kind), {}
    except (pa.ArrowInvalid, OverflowError):
        return _one_by_one(values, kind, lambda value: pa.scalar(value, kind).as_py(), name)


def json_column(values: Sequence[object], name: str) -> tuple[pa.Array, Problems]:
    """Return values as JSON text with sorted keys; absent values are null."""
    return _one_by_one(values, TEXT, lambda value: msgspec.json.encode(value, order="sorted").decode(), name)


def _one_by_one(
    values: Sequence[object], kind: pa.DataType, cast: Callable[[object], object], name: str
) -> tuple[pa.Array, Problems]:
    problems: Problems = {}
    found: list[object] = []
    for row, value in enumerate(values):
        found.append(None)
        if value is None:
            continue
        try:
            found[-1] = cast(value)
        except (pa.ArrowInvalid, OverflowError, ValueError, RecursionError):
            problems[row] = f"{name}: {str(value)[:40]!r} cannot be kept as {kind}"
    return pa.array(found, kind), problems


def out_of_range(array: pa.Array, low: Decimal, high: Decimal | None, name: str) -> Problems:
    """Report the rows whose value lies outside [low, high]; nulls are inside."""
    outside = pc.less(array, pa.scalar(low, array.type))
    if high is not None:
        outside = pc.or_(outside, pc.greater(array, pa.scalar(high, array.type)))
    rows = pc.indices_nonzero(pc.fill_null(outside, False)).to_pylist()
    bounds = f"below {low}" if high is None else f"outside {low} to {high}"
    return {row: f"{name}: {array[row].as_py()} is {bounds}" for row in rows}


def null_where(array: pa.Array, mask: pa.Array) -> pa.Array:
    """Return `array` with null where `mask` is true."""
    return pc.if_else(mask, pa.scalar(None, array.type), array)
