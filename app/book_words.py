"""Why an order book, or a part of it, could not be had, for a person.

The exchange's own words are for the log and for Status.
"""

from __future__ import annotations

from data_layer import errors
from data_layer.ingest import RefreshReport

_REASONS: tuple[tuple[type[errors.DataLayerError], str], ...] = (
    (errors.KalshiAuthError, "Kalshi gives this order book only to those who ask with an API key that it accepts."),
    (errors.KalshiNotFoundError, "Kalshi keeps no order book of this market."),
    (errors.KalshiPayloadError, "Kalshi’s answer could not be read as an order book, so nothing of it is used."),
    (errors.KalshiRateLimitError, "Kalshi answers no more requests for the moment."),
    (errors.KalshiCircuitOpenError, "Kalshi failed to answer several times in a row and is left alone for a while."),
    (errors.KalshiConnectionError, "Kalshi did not answer."),
    (errors.KalshiServerError, "Kalshi had a failure of its own."),
    (errors.KalshiError, "Kalshi refused to answer."),
)


def left_out(levels: int) -> str:
    """Return what is said of levels that came with a book and are not in it; empty for none."""
    if not levels:
        return ""
    return "1 impossible level is left out" if levels == 1 else f"{levels:,} impossible levels are left out"


def problem(report: RefreshReport) -> str:
    """Return why a fetch brought no level of a book; empty where it did, or where the book is empty."""
    if report.rows:
        return ""
    failure = report.failure
    if failure is not None:
        return next((said for kind, said in _REASONS if issubclass(failure, kind)), report.error)
    if count := report.rejected:
        sent = "the one level" if count == 1 else f"all {count:,} levels"
        return f"Of the order book {sent} that Kalshi sent had a price or a size that cannot be, and none is used."
    return ""
