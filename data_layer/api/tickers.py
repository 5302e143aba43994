"""Tickers and times on their way into a request: checked before they reach a path or a query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from data_layer.api.row_kinds import SECONDS_CEILING
from data_layer.errors import KalshiRequestError

T = TypeVar("T")

_TICKER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def is_ticker(ticker: object) -> bool:
    """Tell whether a text can be a ticker: ASCII letters, digits, dots, dashes, underscores."""
    return isinstance(ticker, str) and _TICKER.fullmatch(ticker) is not None and ".." not in ticker


def checked_ticker(ticker: str) -> str:
    """Return `ticker` if it is one; raise KalshiRequestError, without asking, if it can not be."""
    if not is_ticker(ticker):
        raise KalshiRequestError(f"{str(ticker)[:60]!r} is not a ticker.")
    return ticker


def checked_tickers(tickers: Iterable[str]) -> list[str]:
    """Return the tickers, each once, in the order given."""
    if isinstance(tickers, str):
        raise KalshiRequestError("Tickers are a list, not one text.")
    return list(dict.fromkeys(checked_ticker(ticker) for ticker in tickers))


def checked_seconds(name: str, value: float) -> int:
    """Return whole Unix seconds; raise KalshiRequestError for milliseconds and for times before 1970."""
    if not 0 <= value < SECONDS_CEILING:
        raise KalshiRequestError(f"{name} must be Unix seconds, not {value!r}.")
    return int(value)


def chunks(values: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """Cut `values` into pieces of at most `most`."""
    for start in range(0, len(values), most):
        yield values[start : start + most]
