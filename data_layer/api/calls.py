"""What all endpoint calls share: one question, one page, one walk, and checks of what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from data_layer.api import decoding, wire
from data_layer.api.connection import Connection
from data_layer.api.page import Page
from data_layer.api.pagination import Leg
from data_layer.api.row_kinds import RowKind
from data_layer.api.tickers import checked_seconds, checked_ticker, checked_tickers, chunks
from data_layer.errors import KalshiPayloadError

T = TypeVar("T")
R = TypeVar("R", bound=wire.Wire)

MOST_TICKERS = 100
CUTOFF_LIFETIME_SECONDS = 3600.0


class Calls:
    """Base of the endpoint families: asks through one connection and stamps pages with the wall clock."""

    def __init__(self, connection: Connection, clock: Callable[[], float], wall_clock: Callable[[], float]) -> None:
        self._connection = connection
        self._clock = clock
        self._wall_clock = wall_clock
        self._cutoff: tuple[float, wire.HistoricalCutoff] | None = None

    def get_exchange_status(self) -> wire.ExchangeStatus:
        """Read whether the exchange is open (``/exchange/status``)."""
        return self._ask("/exchange/status", {}, lambda body: decoding.decode_whole(body, wire.ExchangeStatus))

    def get_historical_cutoff(self) -> wire.HistoricalCutoff:
        """Read where the live tier ends (``/historical/cutoff``)."""
        return self._ask("/historical/cutoff", {}, lambda body: decoding.decode_whole(body, wire.HistoricalCutoff))

    def _recent_cutoff(self) -> wire.HistoricalCutoff:
        """Return the cutoff, asked at most once an hour: it only moves forward, by days."""
        if self._cutoff is None or self._clock() - self._cutoff[0] > CUTOFF_LIFETIME_SECONDS:
            self._cutoff = (self._clock(), self.get_historical_cutoff())
        return self._cutoff[1]

    def _ask(self, path: str, params: Mapping[str, object], decode: Callable[[bytes], T]) -> T:
        return self._connection.ask(path, params, decode)

    def _page(self, path: str, params: Mapping[str, object], container: str, kind: RowKind[R]) -> Page[R]:
        def decode(body: bytes) -> Page[R]:
            envelope = decoding.decode_envelope(body)
            rows = decoding.decode_rows(decoding.container(envelope, container), kind)
            expect_asked(params, rows.items, path)
            return Page(rows.items, **self._about(path, params, envelope, rows, len(body)))

        return self._ask(path, params, decode)

    def _fetcher(self, container: str, kind: RowKind[R]) -> Callable[[str, Mapping[str, object]], Page[R]]:
        return lambda path, params: self._page(path, params, container, kind)

    def _about(
        self,
        path: str,
        params: Mapping[str, object],
        envelope: decoding.Envelope,
        rows: decoding.Rows[Any],
        nbytes: int,
    ) -> dict[str, Any]:
        return {
            "cursor": decoding.text(envelope, "cursor"),
            "fetched_at": self._wall_clock(),
            "path": path,
            "request_params": {name: value for name, value in params.items() if value is not None},
            "rejected": rows.rejected,
            "unknown_fields": rows.unknown_fields,
            "nbytes": nbytes,
        }


def checked_segment(ticker: str) -> str:
    """Return a ticker as a path segment."""
    return quote(checked_ticker(ticker), safe="")


def optional_ticker(ticker: str | None) -> str | None:
    """Check a ticker that may be absent."""
    return None if ticker is None else checked_ticker(ticker)


def optional_seconds(name: str, value: float | None) -> int | None:
    """Check Unix seconds that may be absent."""
    return None if value is None else checked_seconds(name, value)


def legs_for(path: str, params: Mapping[str, object], tickers: Iterable[str] | None) -> list[Leg]:
    """Return the questions for `tickers`, 100 each; one question if there is no such filter."""
    if tickers is None:
        return [Leg(path, params)]
    return [
        Leg(path, {**params, "tickers": ",".join(some)}) for some in chunks(checked_tickers(tickers), MOST_TICKERS)
    ]


def one_row(body: bytes, name: str, kind: RowKind[R]) -> R:
    """Decode an answer that holds one object under `name`."""
    envelope = decoding.decode_envelope(body)
    return decoding.decode_object(envelope.get(name, msgspec.Raw(b"null")), kind)


def expect_asked(params: Mapping[str, object], rows: Sequence[Any], path: str) -> None:
    """Raise KalshiPayloadError if a row belongs to a ticker that was not among those asked for."""
    for name in ("ticker", "tickers", "event_ticker", "series_ticker"):
        asked = params.get(name)
        if isinstance(asked, str):
            key = name if name != "tickers" else "ticker"
            if rows and key == "ticker" and isinstance(rows[0], wire.Event):
                key = "event_ticker"
            expect_tickers(asked.split(","), [getattr(row, key, None) for row in rows], path)


def expect_tickers(asked: Iterable[str], found: Iterable[str | None], path: str) -> None:
    """Raise KalshiPayloadError if the exchange answered about something else than what was asked."""
    wanted = {ticker.upper() for ticker in asked}
    for ticker in found:
        if ticker is not None and ticker.upper() not in wanted:
            raise KalshiPayloadError(f"Kalshi answered about {ticker[:60]!r}, which was not asked.", path=path)


def moment(text: str) -> datetime:
    """Read an RFC 3339 time of the exchange's; raise KalshiPayloadError if it is none."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise KalshiPayloadError(f"{text[:40]!r} is not a time.") from error
    return read if read.tzinfo else read.replace(tzinfo=UTC)
